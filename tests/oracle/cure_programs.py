"""Random programs that carry a Context to a worker, in a right or a wrong way.

One module: a variable, whose value is ``acme`` where the Context is copied and ``public`` by default; a worker that
reads it; a way to get a Context, a way to spell its ``run``, and a hop that happens once, several times, or several
times in turn. ``seen`` and ``meet`` come from outside (see ``cure_runs``): the first gets what the worker read, the
second makes it wait for company. What the pieces mean is left to CPython.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

_MADE = {
    "none": ("", ""),
    "inline": ("", "copy_context()"),
    "named": ("context = copy_context()", "context"),
    "alias": ("base = copy_context()\ncontext = base", "context"),
    "copied": ("base = copy_context()", "base.copy()"),
    "attribute": ("holder = Holder()", "holder.context"),
}
"""What stands before the hop, and the expression of the Context."""

_SPELLED = {
    "run": ("", "{context}.run", "{worker}"),
    "partial": ("", "functools.partial({context}.run, {worker})", ""),
    "lambda": ("", "lambda *_: {context}.run({worker})", ""),
    "default": ("", "lambda *_, own={context}: own.run({worker})", ""),
    "nested": ("def carried(*_):\n    return {context}.run({worker})\n", "carried", ""),
    "in_two_steps": ("def carried(*_):\n    own = {context}\n    return own.run({worker})\n", "carried", ""),
    "enter": ("", "enter", "{context}, {worker}"),
}
"""What stands before, what is handed over, and the arguments that go with it."""

_WITHOUT = {
    "plain": ("", "{worker}", ""),
    "lambda": ("", "lambda *_: {worker}()", ""),
    "carry": ("", "carry({worker})", ""),
    "carry_late": ("", "carry_late({worker})", ""),
    "carry_copies": ("", "carry_copies({worker})", ""),
    "carry_by_partial": ("", "carry_by_partial({worker})", ""),
    "instance": ("", "Carried({worker})", ""),
    "late_instance": ("", "CarriedLate({worker})", ""),
    "decorated": ("", "decorated", ""),
    "late_decorated": ("", "late_decorated", ""),
}
"""The same for what has or needs no Context of its own."""

_HOPS = {
    "one": "pool.submit({target}{args}).result()  # hop",
    "loop": (
        "futures = []\nfor _ in range(2):\n    futures.append(pool.submit({target}{args}))  # hop\n"
        "for future in futures:\n    future.result()"
    ),
    "comprehended": (
        "futures = [pool.submit({target}{args}) for _ in range(2)]  # hop\nfor future in futures:\n    future.result()"
    ),
    "in_turn": "for _ in range(2):\n    pool.submit({target}{args}).result()  # hop",
    "named_in_turn": "for _ in range(2):\n    future = pool.submit({target}{args})  # hop\n    future.result()",
    "threads": (
        "threads = []\nfor _ in range(2):\n    thread = threading.Thread(target={target}, args=({tuple}))  # hop\n"
        "    thread.start()\n    threads.append(thread)\nfor thread in threads:\n    thread.join()"
    ),
    "threads_in_turn": (
        "for _ in range(2):\n    thread = threading.Thread(target={target}, args=({tuple}))  # hop\n"
        "    thread.start()\n    thread.join()"
    ),
    "threads_comprehended": (
        "threads = [threading.Thread(target={target}, args=({tuple})) for _ in range(2)]  # hop\n"
        "for thread in threads:\n    thread.start()\nfor thread in threads:\n    thread.join()"
    ),
    "two": (
        "one = pool.submit({target}{args})  # hop\nother = pool.submit({target}{args})  # hop\n"
        "one.result()\nother.result()"
    ),
    "two_in_turn": (
        "one = pool.submit({target}{args})  # hop\none.result()\nother = pool.submit({target}{args})  # hop\n"
        "other.result()"
    ),
    "branches": (
        "if len(PLACES):\n    one = pool.submit({target}{args})  # hop\nelse:\n"
        "    one = pool.submit({target}{args})  # hop\none.result()"
    ),
    "pool_of_one": (
        "with ThreadPoolExecutor(1) as alone:\n    futures = [alone.submit({target}{args}) for _ in range(2)]  # hop\n"
        "for future in futures:\n    future.result()"
    ),
    "pool_each": (
        "for _ in range(2):\n    with ThreadPoolExecutor(2) as own_pool:\n"
        "        own_pool.submit({target}{args})  # hop"
    ),
    "map": "list(pool.map({target}, [{item}, {item}]))  # hop",
    "map_one": "list(pool.map({target}, [{item}]))  # hop",
    "map_of_one": "with ThreadPoolExecutor(1) as alone:\n    list(alone.map({target}, [{item}, {item}]))  # hop",
    "gather": (
        "async def hop():\n    loop = asyncio.get_running_loop()\n    await asyncio.gather(\n"
        "        *[loop.run_in_executor(None, {target}{args}) for _ in range(2)]  # hop\n    )\n\nasyncio.run(hop())"
    ),
    "awaited": (
        "async def hop():\n    loop = asyncio.get_running_loop()\n    for _ in range(2):\n"
        "        await loop.run_in_executor(None, {target}{args})  # hop\n\nasyncio.run(hop())"
    ),
    "to_threads": (
        "async def hop():\n"
        "    await asyncio.gather(*[asyncio.to_thread({target}{args}) for _ in range(2)])  # hop\n\nasyncio.run(hop())"
    ),
    "to_thread": "async def hop():\n    await asyncio.to_thread({target}{args})  # hop\n\nasyncio.run(hop())",
    "process": "with ProcessPoolExecutor(1) as processes:\n    processes.submit({target}{args}).result()  # hop",
    "processes": "with ProcessPoolExecutor(1) as processes:\n    list(processes.map({target}, [{item}]))  # hop",
    "direct": "({target})({plain})  # hop",
}

_DRIVEN = {
    "await": "async def drive():\n    await context.run({function})  # hop\n\nasyncio.run(drive())",
    "await_named": (
        "async def drive():\n    made = context.run({function})  # hop\n    await made\n\nasyncio.run(drive())"
    ),
    "task_of_it": (
        "async def drive():\n    await asyncio.create_task(context.run({function}))  # hop\n\nasyncio.run(drive())"
    ),
    "gathered": "async def drive():\n    await asyncio.gather(context.run({function}))  # hop\n\nasyncio.run(drive())",
    "run_of_it": "asyncio.run(context.run({function}))  # hop",
    "task_inside": (
        "async def drive():\n    await context.run(asyncio.create_task, ({function})())  # hop\n\nasyncio.run(drive())"
    ),
    "run_inside": "context.run(asyncio.run, ({function})())  # hop",
    "lambda_inside": "context.run(lambda: asyncio.run(({function})()))  # hop",
    "in_a_thread": "pool.submit(context.run, asyncio.run, ({function})()).result()  # hop",
}
_ITERATED = {
    "for": "for _ in context.run(steps):  # hop\n    pass",
    "list": "list(context.run(steps))  # hop",
    "comprehended": "[_ for _ in context.run(steps)]  # hop",
    "named": "made = context.run(steps)  # hop\nfor _ in made:\n    pass",
    "list_inside": "context.run(list, steps())  # hop",
    "next_inside": "made = context.run(steps)  # hop\ncontext.run(next, made)",
    "whole": "context.run(plain_steps)  # hop",
}
_ASYNC = {
    "name": "work",
    "lambda": "lambda: work()",
    "partial": "functools.partial(work)",
    "method": "Service().work",
    "static": "Service.static",
    "behind": "begin",
    "given": "work",
}

_TEXT = """import asyncio
import functools
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextvars import ContextVar, copy_context

from oracle_probe import meet, seen

tenant: ContextVar[str] = ContextVar("tenant", default="public")
pool = ThreadPoolExecutor(4)
PLACES = []


def read(*_):
    meet()
    seen(tenant.get())


class Holder:
    def __init__(self):
        self.context = copy_context()


def enter(context, function):
    return context.run(function)


def carry(function):
    context = copy_context()

    def wrapper(*args):
        return context.run(function, *args)

    return wrapper


def carry_late(function):
    def wrapper(*args):
        return copy_context().run(function, *args)

    return wrapper


def carry_copies(function):
    context = copy_context()
    return lambda *args: context.copy().run(function, *args)


def carry_by_partial(function):
    return functools.partial(copy_context().run, function)


class Carried:
    def __init__(self, function):
        self._function = function
        self._context = copy_context()

    def __call__(self, *args):
        return self._context.run(self._function, *args)


class CarriedLate:
    def __init__(self, function):
        self._function = function

    def __call__(self, *args):
        return copy_context().run(self._function, *args)


async def work(*_):
    seen(tenant.get())


def begin():
    return work()


class Service:
    async def work(self):
        seen(tenant.get())

    @staticmethod
    async def static():
        seen(tenant.get())


def steps():
    yield seen(tenant.get())


def plain_steps():
    for _ in steps():
        pass


def go():
{go}


{main}
"""
_DECORATED = """
    @{decorator}
    def {name}(*_):
        meet()
        seen(tenant.get())

"""
_MAIN = """def main():
    token = tenant.set("acme")
    try:
        go()
    finally:
        tenant.reset(token)
"""
_MAIN_OF_COROUTINES = """def main():
    go()
"""


@dataclass(frozen=True, slots=True)
class Made:
    """A program, by its name, its text and its choices."""

    name: str
    text: str
    choices: tuple[str, ...]

    def __str__(self) -> str:
        """The choices and the text of what varies."""
        return f"# {self.name}: {', '.join(self.choices)}\n" + self.text[self.text.index("def go():") :]


def program(seed: int) -> Made:
    """The program of a seed."""
    rng = random.Random(seed)  # noqa: S311 - reproducible programs, no secrets
    if rng.random() < 0.2:
        return _of_coroutine(rng, f"c{seed}")
    made = rng.choice([*_MADE])
    spelled = rng.choice([*(_WITHOUT if made == "none" else _SPELLED)])
    hop = rng.choice([*_HOPS])
    before, context = _MADE[made]
    first, target, args = (
        part.format(context=context, worker="read")
        for part in (_WITHOUT if made == "none" else _SPELLED)[spelled]
    )
    item = args.rpartition(", ")[2] if args else "1"
    if hop.startswith(("map", "processes")) and spelled == "enter":  # two iterables
        spelled, target, item = "run", f"{context}.run", "read"
    once = rng.random() < 0.3
    lines = [before, first, f"target = {target}" if once else ""]
    text = _HOPS[hop].format(
        target="target" if once else target,
        args=f", {args}" if args else "",
        tuple=f"{args}," if args else "",
        plain=args,
        item=item,
    )
    decorated = ""
    if spelled.endswith("decorated"):
        decorator = "carry_late" if spelled.startswith("late") else "carry"
        decorated = _DECORATED.format(decorator=decorator, name=spelled).strip("\n") + "\n"
    body = decorated + "\n".join(_indented(line) for line in (*lines, text) if line)
    return Made(
        f"c{seed}",
        _TEXT.replace("{go}", body).replace("{main}", _MAIN),
        (made, spelled, hop, "once" if once else "each"),
    )


def _of_coroutine(rng: random.Random, name: str) -> Made:
    function, driven = rng.choice([*_ASYNC]), rng.choice([*_DRIVEN])
    text = _DRIVEN[driven].format(function=_ASYNC[function])
    choices: tuple[str, ...] = ("coroutine", function, driven)
    if rng.random() < 0.3:
        driven = rng.choice([*_ITERATED])
        text, choices = _ITERATED[driven], ("generator", driven)
    body = _indented(f'context = copy_context()\ncontext.run(tenant.set, "acme")\n{text}')
    return Made(name, _TEXT.replace("{go}", body).replace("{main}", _MAIN_OF_COROUTINES), choices)


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" if line else line for line in text.rstrip("\n").split("\n"))
