"""Programs of the hops to other processes, for a start method."""

from __future__ import annotations

import asyncio
import concurrent.futures as cf
import contextlib
import contextvars
import functools
import multiprocessing
import multiprocessing.pool
from collections.abc import Iterator

import hop_threads
import hop_workers
from hop_case import IN, Case, Program

POOL = "multiprocessing.pool.Pool()"
METHODS = ("apply", "apply_async", "map", "map_async", "imap", "imap_unordered", "starmap", "starmap_async")


class Pools:
    """Pools that several programs share, for a process takes long to start; to be closed at the end."""

    def __init__(self) -> None:
        self.stack = contextlib.ExitStack()
        self.made: dict[tuple[str, str, bool], object] = {}

    def pool(self, kind: str, method: str, *, early: bool) -> object:
        """One whose worker started while the caller's value was set (``early``), or not."""
        key = kind, method, early
        if key not in self.made:
            where = contextvars.Context()
            where.run(IN.set, "caller" if early else "unset")
            self.made[key] = where.run(self._start, kind, method)
        return self.made[key]

    def _start(self, kind: str, method: str) -> object:
        context = multiprocessing.get_context(method)
        if kind == "pool":
            return self.stack.enter_context(context.Pool(1))
        made = self.stack.enter_context(cf.ProcessPoolExecutor(1, context))
        made.submit(int).result()
        return made


def process(method: str, c: Case, *, subclass: bool) -> None:
    context = multiprocessing.get_context(method)
    c.set()
    results = context.SimpleQueue()
    if subclass:
        made = {"fork": Forked, "spawn": Spawned}[method](results)
    else:
        made = context.Process(target=hop_workers.send, args=(results,))
    made.start()
    c.report(results.get())
    made.join()
    made.close()
    results.close()


class Sending:
    """A process whose ``run`` is its own."""

    def __init__(self, results) -> None:
        super().__init__()
        self.results = results

    def run(self) -> None:
        hop_workers.send(self.results)


class Forked(Sending, multiprocessing.get_context("fork").Process):
    """By fork."""


class Spawned(Sending, multiprocessing.get_context("spawn").Process):
    """By spawn."""


def pooled(pools: Pools, method: str, name: str, c: Case, *, early: bool) -> None:
    c.set()
    pool = pools.pool("pool", method, early=early)
    items = () if name.startswith("apply") else ([(1,)] if name.startswith("star") else [1],)
    found = getattr(pool, name)(hop_workers.look, *items)
    found = found.get(30) if name.endswith("_async") else found
    c.report(found if name.startswith("apply") else next(iter(found)))


def called_back(pools: Pools, name: str, keyword: str, c: Case, *, early: bool) -> None:
    c.set()
    job = int if keyword == "callback" else divmod
    items = () if name == "apply_async" else ([()] if name.startswith("star") else ["x"],)
    job = len if name == "map_async" and keyword == "callback" else job
    getattr(pools.pool("pool", "fork", early=early), name)(job, *items, **{keyword: c.fn}).wait(30)


def initialized(kind: str, method: str, c: Case, *, late: bool) -> None:
    context = multiprocessing.get_context(method)
    c.set()
    if kind == "pool":
        with context.Pool(1, hop_workers.keep) as pool:
            c.report(pool.apply(hop_workers.kept))
        return
    with cf.ProcessPoolExecutor(1, context, hop_workers.keep) as made:
        if late:
            contextvars.Context().run(made.submit, int).result()
        c.report(made.submit(hop_workers.kept).result())


def submitted(pools: Pools, method: str, c: Case, *, early: bool) -> None:
    c.set()
    c.report(pools.pool("executor", method, early=early).submit(hop_workers.look).result())


def mapped(pools: Pools, method: str, c: Case, *, early: bool) -> None:
    c.set()
    c.report(next(iter(pools.pool("executor", method, early=early).map(hop_workers.look, [1]))))


def in_executor(pools: Pools, method: str, c: Case, *, early: bool) -> None:
    """``loop.run_in_executor`` with a pool of processes."""

    async def main() -> None:
        c.set()
        pool = pools.pool("executor", method, early=early)
        c.report(await asyncio.get_running_loop().run_in_executor(pool, hop_workers.look))

    asyncio.run(main())


def programs(pools: Pools, method: str) -> Iterator[tuple[str, str, tuple[Program, ...]]]:
    """Callable, worker's parameter, and the programs under ``method``. A process shares nothing, so a worker that
    starts before or after the set shows all that can be seen.
    """
    part = functools.partial
    both = (True, False)
    quick = method == "fork"  # two names of one thing are worth two processes only where these are cheap
    for name in ("multiprocessing.Process", *(["multiprocessing.process.BaseProcess"] if quick else [])):
        yield name, "target", (part(process, method, subclass=False),)
        yield name, "subclass", (part(process, method, subclass=True),)
    for name in METHODS:
        yield (
            f"{POOL}.{name}",
            "func",
            tuple(part(pooled, pools, method, name, early=early) for early in both),
        )
    for name in ("multiprocessing.Pool", *(["multiprocessing.pool.Pool"] if quick else [])):
        yield name, "initializer", (part(initialized, "pool", method, late=False),)
    executor = "concurrent.futures.ProcessPoolExecutor"
    yield executor, "initializer", tuple(part(initialized, "executor", method, late=late) for late in both)
    submits = tuple(part(submitted, pools, method, early=early) for early in both)
    maps = tuple(part(mapped, pools, method, early=early) for early in both)
    yield f"{executor}().submit", "0", submits
    yield f"{executor}().map", "fn", maps
    yield "concurrent.futures.Executor().submit", "0", (*submits, hop_threads.cold, hop_threads.warm)
    yield (
        "concurrent.futures.Executor().map",
        "fn",
        (*maps, hop_threads.mapped, part(hop_threads.mapped, warm=True)),
    )
    for name in ("apply_async", "map_async", "starmap_async"):
        for keyword in ("callback", "error_callback"):
            ways = tuple(part(called_back, pools, name, keyword, early=early) for early in both)
            yield f"{POOL}.{name}", keyword, ways
