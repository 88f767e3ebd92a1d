"""Programs of the hops that stay in the caller, now or when the result is used."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import itertools
import re
import sched
from collections.abc import Callable, Iterator

from hop_case import Case, Program


def over(use: Callable[[Case], object], c: Case) -> None:
    c.set()
    use(c)


def wrapped(wrap: Callable[..., Callable[..., object]], c: Case) -> None:
    c.set()
    wrap(c.worker)()


def method(c: Case) -> None:
    class Look:
        part = functools.partialmethod(lambda _self, worker: worker(), c.worker)

    c.set()
    Look().part()


def cached_property(c: Case) -> None:
    class Look:
        seen = functools.cached_property(c.worker)

    c.set()
    _ = Look().seen


def entered(c: Case) -> None:
    @contextlib.contextmanager
    def scope() -> Iterator[None]:
        c.worker()
        yield

    c.set()
    with scope():
        pass


def entered_async(c: Case) -> None:
    @contextlib.asynccontextmanager
    async def scope():
        c.worker()
        yield

    async def main() -> None:
        c.set()
        async with scope():
            c.told = c.verdict()

    asyncio.run(main())


def stacked(name: str, c: Case) -> None:
    c.set()
    with contextlib.ExitStack() as stack:
        getattr(stack, name)(c.worker)


def stacked_async(name: str, c: Case) -> None:
    async def main() -> None:
        c.set()
        async with contextlib.AsyncExitStack() as stack:
            getattr(stack, name)(c.aworker if "async" in name else c.worker)
        c.told = c.verdict()

    asyncio.run(main())


def scheduled(name: str, c: Case) -> None:
    c.set()
    made = sched.scheduler()
    getattr(made, name)(0, 1, c.worker)
    made.run()


def programs() -> Iterator[tuple[str, str, tuple[Program, ...]]]:
    """Callable, worker's parameter, and its program."""
    uses: dict[tuple[str, str], Callable[[Case], object]] = {
        ("builtins.map", "0"): lambda c: list(map(c.worker, [1])),
        ("builtins.filter", "0"): lambda c: list(filter(c.worker, [1])),
        ("itertools.dropwhile", "0"): lambda c: list(itertools.dropwhile(c.worker, [1])),
        ("itertools.filterfalse", "0"): lambda c: list(itertools.filterfalse(c.worker, [1])),
        ("itertools.takewhile", "0"): lambda c: list(itertools.takewhile(c.worker, [1])),
        ("itertools.starmap", "0"): lambda c: list(itertools.starmap(c.worker, [(1, 2)])),
        ("builtins.max", "key"): lambda c: max([1], key=c.worker),
        ("builtins.min", "key"): lambda c: min([1], key=c.worker),
        ("builtins.list().sort", "key"): lambda c: [1].sort(key=c.worker),
        ("builtins.sorted", "key"): lambda c: sorted([1], key=c.worker),
        ("functools.reduce", "0"): lambda c: functools.reduce(c.worker, [1, 2]),
        ("itertools.accumulate", "func"): lambda c: list(itertools.accumulate([1, 2], c.worker)),
        ("itertools.groupby", "key"): lambda c: list(itertools.groupby([1], c.worker)),
        ("re.sub", "repl"): lambda c: re.sub("a", lambda _: c.worker() or "", "a"),
        ("re.subn", "repl"): lambda c: re.subn("a", lambda _: c.worker() or "", "a"),
    }
    for (name, slot), use in uses.items():
        yield name, slot, (functools.partial(over, use),)
    yield "functools.partial", "0", (functools.partial(wrapped, functools.partial),)
    yield "functools.partialmethod", "0", (method,)
    yield (
        "functools.singledispatch",
        "func",
        (functools.partial(wrapped, lambda worker: functools.partial(functools.singledispatch(worker), 1)),),
    )
    yield "functools.cache", "0", (functools.partial(wrapped, functools.cache),)
    yield "functools.lru_cache", "maxsize", (functools.partial(wrapped, functools.lru_cache),)
    yield "functools.cached_property", "func", (cached_property,)
    yield "contextlib.contextmanager", "func", (entered,)
    yield "contextlib.asynccontextmanager", "func", (entered_async,)
    for name, slot in (("callback", "0"), ("push", "exit")):
        yield f"contextlib.ExitStack().{name}", slot, (functools.partial(stacked, name),)
    for name, slot in (
        ("callback", "0"),
        ("push", "exit"),
        ("push_async_callback", "0"),
        ("push_async_exit", "exit"),
    ):
        yield f"contextlib.AsyncExitStack().{name}", slot, (functools.partial(stacked_async, name),)
    for name in ("enter", "enterabs"):
        yield f"sched.scheduler().{name}", "action", (functools.partial(scheduled, name),)
