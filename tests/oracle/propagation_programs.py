"""Random programs with one hop: a variable, a way to set it, a worker, and a chain from it to a read.

A program is one to three modules. ``acme`` is the caller's value, ``own`` the worker's, ``public`` the default. The
line of the hop ends with ``# hop``. ``probe`` and ``seen`` come from outside (see ``propagation_runs``): the first
looks what is in force where the hop is made, the second gets what the worker read. What the pieces mean is left to
CPython: some lose the value, some carry it, some only look like a hop.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

_STEPS = {
    "call": "def {me}(*_):\n    return {next}()",
    "alias": "{me}_other = {next}\n\n\ndef {me}(*_):\n    {me}_other()",
    "two": "def {me}(*_):\n    def inner():\n        return {next}()\n\n    return inner()",
    "method": "class {Me}:\n    def go(self):\n        {next}()\n\n\ndef {me}(*_):\n    {Me}().go()",
    "self": (
        "class {Me}:\n    def go(self):\n        self.inner()\n\n    def inner(self):\n        {next}()\n\n\n"
        "def {me}(*_):\n    here = {Me}()\n    here.go()"
    ),
    "super": (
        "class {Me}Base:\n    def go(self):\n        {next}()\n\n\nclass {Me}({Me}Base):\n    def go(self):\n"
        "        super().go()\n\n\ndef {me}(*_):\n    {Me}().go()"
    ),
    "inherited": (
        "class {Me}Base:\n    def go(self):\n        {next}()\n\n\nclass {Me}({Me}Base):\n    pass\n\n\n"
        "def {me}(*_):\n    {Me}().go()"
    ),
    "overridden": (
        "class {Me}Base:\n    def go(self):\n        {next}()\n\n\nclass {Me}({Me}Base):\n    def go(self):\n"
        "        return 0\n\n\ndef {me}(*_):\n    {Me}().go()"
    ),
    "classmethod": (
        "class {Me}:\n    @classmethod\n    def go(cls):\n        {next}()\n\n\ndef {me}(*_):\n    {Me}.go()"
    ),
    "static": "class {Me}:\n    @staticmethod\n    def go():\n        {next}()\n\n\ndef {me}(*_):\n    {Me}.go()",
    "property": (
        "class {Me}:\n    @property\n    def go(self):\n"
        "        return {next}()\n\n\ndef {me}(*_):\n    return {Me}().go"
    ),
    "cached": (
        "class {Me}:\n    @functools.cached_property\n    def go(self):\n        return {next}()\n\n\n"
        "def {me}(*_):\n    return {Me}().go"
    ),
    "attribute": (
        "class {Me}:\n    def __init__(self):\n        self.go = {next}\n\n\ndef {me}(*_):\n    {Me}().go()"
    ),
    "instance": "class {Me}:\n    def __call__(self):\n        {next}()\n\n\ndef {me}(*_):\n    {Me}()()",
    "constructor": "class {Me}:\n    def __init__(self):\n        {next}()\n\n\ndef {me}(*_):\n    {Me}()",
    "enter": (
        "class {Me}:\n    def __enter__(self):\n        {next}()\n\n    def __exit__(self, *_):\n        pass\n\n\n"
        "def {me}(*_):\n    with {Me}():\n        pass"
    ),
    "exit": (
        "class {Me}:\n    def __enter__(self):\n        pass\n\n    def __exit__(self, *_):\n        {next}()\n\n\n"
        "def {me}(*_):\n    with {Me}():\n        pass"
    ),
    "manager": (
        "@contextlib.contextmanager\ndef {me}_manager():\n    {next}()\n    yield\n\n\n"
        "def {me}(*_):\n    with {me}_manager():\n        pass"
    ),
    "generator": "def {me}_each():\n    yield {next}()\n\n\ndef {me}(*_):\n    for _ in {me}_each():\n        pass",
    "list": "def {me}(*_):\n    return [{next}() for _ in range(2)]",
    "sum": "def {me}(*_):\n    return list({next}() for _ in range(2))",
    "map": "def {me}(*_):\n    return list(map({next}, [1]))",
    "filter": "def {me}(*_):\n    return list(filter({next}, [1]))",
    "sorted": "def {me}(*_):\n    return sorted([1], key=lambda item: {next}(item) or 0)",
    "lambda": "{me}_inner = lambda: {next}()\n\n\ndef {me}(*_):\n    return {me}_inner()",
    "partial": "{me}_inner = functools.partial({next}, 1)\n\n\ndef {me}(*_):\n    return {me}_inner()",
    "dict": 'JOBS_{me} = {{"a": {next}}}\n\n\ndef {me}(*_):\n    return JOBS_{me}["a"]()',
    "callback": "def {me}_runs(function):\n    return function()\n\n\ndef {me}(*_):\n    return {me}_runs({next})",
    "callback_twice": (
        "def {me}_runs(function, *args):\n    return function(*args)\n\n\n"
        "def {me}_forwards(function, *args):\n    return {me}_runs(function, *args)\n\n\n"
        "def {me}(*_):\n    return {me}_forwards({next}, 1)"
    ),
    "unused_callback": "def {me}_drops(function):\n    return 0\n\n\ndef {me}(*_):\n    return {me}_drops({next})",
    "decorated": (
        "def {me}_decorator(function):\n    @functools.wraps(function)\n    def wrapper(*args):\n"
        "        return function(*args)\n\n    return wrapper\n"
        "\n\n@{me}_decorator\ndef {me}(*_):\n    return {next}()"
    ),
    "decorator_reads": (
        "def {me}_decorator(function):\n    def wrapper(*args):\n        {next}()\n        return function(*args)\n\n"
        "    return wrapper\n\n\n@{me}_decorator\ndef {me}(*_):\n    return 0"
    ),
    "decorator_drops": (
        "def {me}_decorator(function):\n    def wrapper(*args):\n        return 0\n\n"
        "    return wrapper\n\n\n@{me}_decorator\ndef {me}(*_):\n    return {next}()"
    ),
    "factory": (
        "def {me}_times(times):\n    def decorator(function):\n        def wrapper(*args):\n"
        "            return [function(*args) for _ in range(times)]\n"
        "\n        return wrapper\n\n    return decorator\n\n\n"
        "@{me}_times(2)\ndef {me}(*_):\n    return {next}()"
    ),
    "recursion": "def {me}(*args):\n    return {me}() if args and args[0] == 1 else {next}()",
    "circle": (
        "def {me}_pong(depth):\n    return {me}_ping(depth)\n\n\n"
        "def {me}_ping(depth):\n    return {me}_pong(depth - 1) if depth else {next}()\n\n\n"
        "def {me}(*_):\n    return {me}_ping(2)"
    ),
    "coroutine": "async def {me}_main():\n    {next}()\n\n\ndef {me}(*_):\n    asyncio.run({me}_main())",
    "task": (
        "async def {me}_main():\n    {next}()\n\n\n"
        "async def {me}_all():\n    await asyncio.gather({me}_main(), {me}_main())\n"
        "\n\ndef {me}(*_):\n    asyncio.run({me}_all())"
    ),
    "to_thread": (
        "async def {me}_main():\n    await asyncio.to_thread({next})\n\n\ndef {me}(*_):\n    asyncio.run({me}_main())"
    ),
    "quiet": "def {me}(*_):\n    return 0",
    "unused": "def {me}(*_):\n    def inner():\n        {next}()\n\n    return 0",
    "sets": '{me}_var = {var}\n\n\ndef {me}(*_):\n    {var}.set("own")\n    {next}()',
    "scopes": (
        "@contextlib.contextmanager\ndef {me}_scope(value):\n    token = {var}.set(value)\n    try:\n        yield\n"
        '    finally:\n        {var}.reset(token)\n\n\ndef {me}(*_):\n    with {me}_scope("own"):\n        {next}()'
    ),
    "scoped_call": (
        "def {me}_within(value, function):\n    token = {var}.set(value)\n    try:\n        return function()\n"
        '    finally:\n        {var}.reset(token)\n\n\ndef {me}(*_):\n    return {me}_within("own", {next})'
    ),
    "scoped_decorator": (
        'def {me}_scoped(function):\n    def wrapper(*args):\n        token = {var}.set("own")\n        try:\n'
        "            return function(*args)\n        finally:\n"
        "            {var}.reset(token)\n\n    return wrapper\n\n\n"
        "@{me}_scoped\ndef {me}(*_):\n    return {next}()"
    ),
}
"""One link of the chain: ``{me}`` runs ``{next}``, or does not."""

_WORKERS = {
    "name": ("", "f0"),
    "lambda": ("", "lambda *_: f0()"),
    "partial": ("", "functools.partial(f0, 2)"),
    "partials": ("", "functools.partial(functools.partial(f0, 2), 3)"),
    "conditional": ("", "(f0 if len(PLACES) else f0)"),
    "method": ("class Job:\n    def run(self, *_):\n        f0()\n", "Job().run"),
    "static": ("class Job:\n    @staticmethod\n    def run(*_):\n        f0()\n", "Job.run"),
    "classmethod": ("class Job:\n    @classmethod\n    def run(cls, *_):\n        f0()\n", "Job.run"),
    "instance": ("class Job:\n    def __call__(self, *_):\n        f0()\n", "Job()"),
    "class": ("class Job:\n    def __init__(self, *_):\n        f0()\n", "Job"),
    "dict": ('JOBS = {"job": f0}\n', 'JOBS["job"]'),
    "factory": ("def factory():\n    def work(*_):\n        f0()\n\n    return work\n", "factory()"),
    "wrapped": (
        "def logged(function):\n    def wrapper(*args):\n        return function(*args)\n\n    return wrapper\n",
        "logged(f0)",
    ),
    "runs": ("def runs(function, *_):\n    return function()\n", "functools.partial(runs, f0)"),
    "bridge": ("async def main_of_worker():\n    f0()\n", "functools.partial(asyncio.run, main_of_worker())"),
}
"""What stands before, and the expression that is handed over."""

_CARRIES = {
    "none": ("", "{worker}", ""),
    "run": ("", "copy_context().run", "{worker}"),
    "named": ("context = copy_context()", "context.run", "{worker}"),
    "copied": ("context = copy_context()", "context.copy().run", "{worker}"),
    "lambda": ("context = copy_context()", "lambda *_: context.run({worker})", ""),
    "default": ("", "lambda context=copy_context(): context.run({worker})", ""),
    "partial": ("context = copy_context()", "functools.partial(context.run, {worker})", ""),
    "wrapper": ("", "carry({worker})", ""),
    "object": ("", "Carried({worker})", ""),
    "own_partial": ("work = {worker}", "functools.partial(work)", ""),
    "renamed": ("work = {worker}", "work", ""),
}
"""A line before the hop, what is handed over, and the arguments that go with it."""

_CARRYING = """
def carry(function):
    context = copy_context()

    def wrapper(*args):
        return context.run(function, *args)

    return wrapper


class Carried:
    def __init__(self, function):
        self._function = function
        self._context = copy_context()

    def __call__(self, *args):
        return self._context.run(self._function, *args)


class CarryingThread(threading.Thread):
    def __init__(self, target, args=()):
        super().__init__(target=copy_context().run, args=(target, *args))


class CarryingPool(ThreadPoolExecutor):
    def submit(self, fn, /, *args, **kwargs):
        return super().submit(copy_context().run, fn, *args, **kwargs)


class PlainThread(threading.Thread):
    pass


class PlainPool(ThreadPoolExecutor):
    pass


class HereThread:
    def __init__(self, target, args=()):
        self._call = functools.partial(target, *args)

    def start(self):
        self._call()

    def join(self):
        pass


class HerePool:
    def submit(self, function, *args):
        return function(*args)


class Service:
    def __init__(self, pool=None):
        self._pool = pool or ThreadPoolExecutor(1)

    def start(self, function, *args):
        with self._pool:
            self._pool.submit(function, *args).result(){mark}


def spawn(function, *args):
    thread = threading.Thread(target=function, args=args){mark_of_spawn}
    thread.start()
    thread.join()
"""

_HOPS = {
    "thread": "thread = threading.Thread(target={target}, args=({args}))  # hop\nthread.start()\nthread.join()",
    "timer": "thread = threading.Timer(0.0001, {target}, ({args}))  # hop\nthread.start()\nthread.join()",
    "plain_thread": "thread = PlainThread(target={target}, args=({args}))  # hop\nthread.start()\nthread.join()",
    "carrying_thread": "thread = CarryingThread({target}, ({args}))  # hop\nthread.start()\nthread.join()",
    "here_thread": "thread = HereThread({target}, ({args}))  # hop\nthread.start()\nthread.join()",
    "submit": "with ThreadPoolExecutor(1) as pool:\n    pool.submit({target}{comma}{args}).result()  # hop",
    "plain_pool": "with PlainPool(1) as pool:\n    pool.submit({target}{comma}{args}).result()  # hop",
    "carrying_pool": "with CarryingPool(1) as pool:\n    pool.submit({target}{comma}{args}).result()  # hop",
    "carrying_map": "with CarryingPool(1) as pool:\n    list(pool.map({target}, [{args}] or [1]))  # hop",
    "here_pool": "HerePool().submit({target}{comma}{args})  # hop",
    "pool": "with ThreadPool(1) as pool:\n    pool.apply({target}, ({args}))  # hop",
    "service": "Service().start({target}{comma}{args})",
    "spawn": "spawn({target}{comma}{args})",
    "direct": "({target})({args})  # hop",
    "executor": (
        "async def hop():\n    loop = asyncio.get_running_loop()\n"
        "    await loop.run_in_executor(None, {target}{comma}{args})  # hop\n\nasyncio.run(hop())"
    ),
    "carrying_executor": (
        "async def hop():\n    loop = asyncio.get_running_loop()\n    with CarryingPool(1) as pool:\n"
        "        await loop.run_in_executor(pool, {target}{comma}{args})  # hop\n\nasyncio.run(hop())"
    ),
    "to_thread": "async def hop():\n    await asyncio.to_thread({target}{comma}{args})  # hop\n\nasyncio.run(hop())",
    "looped": (
        "for each in ({target},):\n    thread = threading.Thread(target=each, args=({args}))  # hop\n"
        "    thread.start()\n    thread.join()"
    ),
    "comprehended": (
        "for thread in [threading.Thread(target=each, args=({args})) for each in ({target},)]:  # hop\n"
        "    thread.start()\n    thread.join()"
    ),
}

_SETS = {
    "none": "def main():\n    go()",
    "own": None,
    "caller": (
        'def main():\n    token = {var}.set("acme")\n    try:\n        go()\n    finally:\n'
        "        {var}.reset(token)"
    ),
    "far": (
        'def middle():\n    go()\n\n\ndef main():\n    token = {var}.set("acme")\n    try:\n        middle()\n'
        "    finally:\n        {var}.reset(token)"
    ),
    "setter": 'def bind(value):\n    {var}.set(value)\n\n\ndef main():\n    bind("acme")\n    go()',
    "token": (
        'def bind(value):\n    return {var}.set(value)\n\n\ndef main():\n    token = bind("acme")\n    go()\n'
        "    {var}.reset(token)"
    ),
    "scope": (
        "@contextlib.contextmanager\ndef scope(value):\n    token = {var}.set(value)\n    try:\n        yield\n"
        '    finally:\n        {var}.reset(token)\n\n\ndef main():\n    with scope("acme"):\n        go()'
    ),
    "ended_scope": (
        "@contextlib.contextmanager\ndef scope(value):\n    token = {var}.set(value)\n    try:\n        yield\n"
        '    finally:\n        {var}.reset(token)\n\n\ndef main():\n    with scope("acme"):\n        pass\n    go()'
    ),
    "class_scope": (
        'class Scope:\n    def __enter__(self):\n        self.token = {var}.set("acme")\n\n'
        "    def __exit__(self, *_):\n        {var}.reset(self.token)\n"
        "\n\ndef main():\n    with Scope():\n        go()"
    ),
    "ended_class_scope": (
        'class Scope:\n    def __enter__(self):\n        self.token = {var}.set("acme")\n\n'
        "    def __exit__(self, *_):\n        {var}.reset(self.token)\n\n\n"
        "def main():\n    with Scope():\n        pass\n    go()"
    ),
    "wrapper": (
        'def scoped(function):\n    def wrapper(*args):\n        token = {var}.set("acme")\n        try:\n'
        "            return function(*args)\n        finally:\n"
        "            {var}.reset(token)\n\n    return wrapper\n\n\n"
        "@scoped\ndef main():\n    go()"
    ),
    "within": (
        "def within(value, function):\n    token = {var}.set(value)\n    try:\n        return function()\n"
        '    finally:\n        {var}.reset(token)\n\n\ndef main():\n    within("acme", go)'
    ),
    "ended": 'def main():\n    token = {var}.set("acme")\n    {var}.reset(token)\n    go()',
    "late": 'def main():\n    go()\n    token = {var}.set("acme")\n    {var}.reset(token)',
    "undone_by": (
        "def bind(value):\n    return {var}.set(value)\n\n\ndef unbind(token):\n    {var}.reset(token)\n\n\n"
        'def main():\n    token = bind("acme")\n    unbind(token)\n    go()'
    ),
    "in_a_copy": 'def main():\n    copy_context().run({var}.set, "acme")\n    go()',
    "in_a_task": (
        'async def other():\n    {var}.set("acme")\n'
        "\n\nasync def both():\n    await asyncio.create_task(other())\n\n\n"
        "def main():\n    asyncio.run(both())\n    go()"
    ),
    "by_a_worker": (
        'def other():\n    {var}.set("acme")\n\n\ndef main():\n    thread = threading.Thread(target=other)\n'
        "    thread.start()\n    thread.join()\n    go()"
    ),
    "turns": ('def main():\n    for _ in range(2):\n        go()\n        {var}.set("acme")'),
}
"""Who sets the caller's value; ``go`` makes the hop."""

_RUNS_LOOP = {"coroutine", "task", "to_thread"}

_IMPORTS = """import asyncio
import contextlib
import functools
import threading
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar, copy_context
from multiprocessing.pool import ThreadPool

from oracle_probe import probe, seen
"""


@dataclass(frozen=True, slots=True)
class Made:
    """A program: its modules' texts by dotted name, in the order in which they can be imported, and its choices."""

    name: str
    modules: tuple[tuple[str, str], ...]
    choices: tuple[str, ...]

    def __str__(self) -> str:
        """The choices and the texts."""
        texts = (f"# --- {name}\n{text}" for name, text in self.modules)
        return "\n".join([f"# {self.name}: {', '.join(self.choices)}", *texts])


def program(seed: int) -> Made:
    """The program of a seed."""
    rng = random.Random(seed)  # noqa: S311 - reproducible programs, no secrets
    name = f"o{seed}"
    count = rng.choice((1, 1, 2, 3, 3))
    spelled = rng.choice(("tenant", "tenant", "Vars.tenant"))
    getter = rng.choice(("", "", "def current():\n    return {var}.get()", "current = {var}.get"))
    declared = 'tenant: ContextVar[str] = ContextVar("tenant", default="public")'
    state = f"class Vars:\n    {declared}\n" if "." in spelled else f"{declared}\n"
    state += f"\n\n{getter.format(var=spelled)}\n" if getter else ""
    passed_on, prefix, importing = _access(rng, name, spelled, getter) if count > 1 else ((), "", "")
    var = f"{prefix}{spelled}"
    reads = [f"{var}.get()", f'{var}.get("public")', *([f"{prefix}current()"] * 2 if getter else [])]

    steps = _steps(rng)
    worker = rng.choice([each for each in _WORKERS if each != "bridge" or not _RUNS_LOOP & {*steps}])
    chain = [f"def f{len(steps)}(*_):\n    seen({rng.choice(reads)})\n    return 0"]
    for index in reversed(range(len(steps))):
        names = {"me": f"f{index}", "Me": f"F{index}", "next": f"f{index + 1}", "var": var}
        chain.append(_STEPS[steps[index]].format(**names))
    reading = "\n\n\n".join(chain) + "\n"

    hop, carry, force = rng.choice([*_HOPS]), rng.choice([*_CARRIES, *["none"] * 9]), rng.choice([*_SETS])
    force = rng.choice((force, force, "caller"))
    if hop == "carrying_map":  # it hands an item to what it runs
        carry, worker = "none", "name" if worker in ("bridge", "instance", "class") else worker
    if hop == "carrying_executor" and (worker == "bridge" or _RUNS_LOOP & {*steps}):
        hop = "submit"
    hops = _hopping(hop, carry, worker, force, spelled)
    choices = (*steps, hop, carry, worker, force)
    if count == 1:
        return Made(name, ((f"{name}.state", f"{_IMPORTS}\n{state}\n\n{reading}\n\n{hops}"),), choices)
    own = f"from {name}.state import {spelled.partition('.')[0]}\n"
    pieces = [(f"{name}.state", f"{_IMPORTS}\n{state}"), *passed_on]
    if count == 2:  # the state, and the rest
        pieces.append((f"{name}.work", f"{_IMPORTS}{importing}{own}\n\n{reading}\n\n{hops}"))
    else:
        pieces.append((f"{name}.reading", f"{_IMPORTS}{importing}\n\n{reading}"))
        pieces.append((f"{name}.work", f"{_IMPORTS}from {name}.reading import f0\n{own}\n\n{hops}"))
    return Made(name, tuple(pieces), choices)


def _steps(rng: random.Random) -> list[str]:
    """The links of the chain; one of them at most starts an event loop, which cannot be done twice."""
    found: list[str] = []
    for step in rng.choices(list(_STEPS), k=rng.choice((0, 1, 1, 2, 2, 3))):
        found.append("call" if step in _RUNS_LOOP and _RUNS_LOOP & {*found} else step)
    return found


def _access(
    rng: random.Random, name: str, spelled: str, getter: str
) -> tuple[tuple[tuple[str, str], ...], str, str]:
    """The modules in between, what the reader puts before a name, and what it imports."""
    names = f"current, {spelled.partition('.')[0]}" if getter else spelled.partition(".")[0]
    match rng.choice(("from", "module", "alias", "facade", "star")):
        case "from":
            return (), "", f"from {name}.state import {names}\n"
        case "module":
            return (), "state.", f"from {name} import state\n"
        case "alias":
            return (), "st.", f"import {name}.state as st\n"
        case "facade":
            facade = ((f"{name}.api", f"from {name}.state import {names}\n"),)
        case _:
            facade = ((f"{name}.api", f"from {name}.state import *\n"),)
    return facade, "", f"from {name}.api import {names}\n"


def _hopping(hop: str, carry: str, worker: str, force: str, var: str) -> str:
    """The helpers, the worker, ``go`` with the hop, and ``main``."""
    before, expr = _WORKERS[worker]
    line, target, args = (part.format(worker=expr) for part in _CARRIES[carry])
    args = f"{args}," if args and hop != "carrying_map" else args
    comma = ", " if args else ""
    text = _HOPS[hop].format(target=target, args=args, comma=comma)
    body = [*([line] if line else []), "probe()", text]
    inner = "\n".join(body)
    if _SETS[force] is None:
        inner = (
            f'token = {var}.set("acme")\ntry:\n' + _indented(inner) + f"\nfinally:\n    {var}.reset(token)"
        )
    main = _SETS[force] or "def main():\n    go()"
    marks = {
        "{mark}": "  # hop" if hop == "service" else "",
        "{mark_of_spawn}": "  # hop" if hop == "spawn" else "",
    }
    shared = _CARRYING
    for mark, value in marks.items():
        shared = shared.replace(mark, value)
    return "\n".join([
        "PLACES = []\n",
        shared,
        f"\n{before}\n" if before else "",
        f"def go():\n{_indented(inner)}\n\n",
        main.format(var=var),
        "",
    ])  # fmt: skip


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" if line else line for line in text.split("\n"))
