"""When the copy is taken, and what stays of a worker's set: run, against ``copied`` and ``kept`` of ``hops.toml``."""

from __future__ import annotations

import asyncio
import concurrent.futures as cf
import contextvars
import functools
import inspect
import multiprocessing.pool
import socket
import sys
import threading

import pytest
from hop_case import IN, OUT
from hop_loops import LOOP

from ctxlint.knowledge.hops import hops

VERSION = sys.version_info[:2]
INHERITS = bool(getattr(sys.flags, "thread_inherit_context", 0))


class Seen:
    """A worker that remembers what it saw."""

    def __init__(self) -> None:
        self.saw: list[str] = []

    def worker(self, *_args: object) -> str:
        self.saw.append(IN.get())
        return self.saw[-1]

    async def aworker(self) -> str:
        return self.worker()


async def _first(made: object) -> None:
    for one in made:  # type: ignore[attr-defined] - asyncio.as_completed
        await one


TASKS = {
    "asyncio.create_task": lambda s: asyncio.create_task(s.aworker()),
    f"{LOOP}.create_task": lambda s: asyncio.get_running_loop().create_task(s.aworker()),
    "asyncio.Task": lambda s: asyncio.Task(s.aworker()),
    "asyncio.ensure_future": lambda s: asyncio.ensure_future(s.aworker()),
    "asyncio.gather": lambda s: asyncio.gather(s.aworker()),
    "asyncio.shield": lambda s: asyncio.shield(s.aworker()),
    "asyncio.as_completed": lambda s: asyncio.as_completed([s.aworker()]),
    "asyncio.to_thread": lambda s: asyncio.to_thread(s.worker),
    f"{LOOP}.call_soon": lambda s: asyncio.get_running_loop().call_soon(s.worker) and asyncio.sleep(0.01),
    f"{LOOP}.call_later": lambda s: (
        asyncio.get_running_loop().call_later(0, s.worker) and asyncio.sleep(0.01)
    ),
}


@pytest.mark.parametrize("name", TASKS)
def test_a_set_after_the_call_is_seen_where_the_copy_is_taken_later(name):
    async def main() -> None:
        made = TASKS[name](seen)
        IN.set("late")
        await (made if inspect.isawaitable(made) else _first(made))

    seen = Seen()
    contextvars.Context().run(asyncio.run, main())
    hop = hops().of(name)
    assert hop is not None
    assert (
        hop.copied_at(VERSION, inherits=INHERITS)
        == {
            ("unset", "asyncio.as_completed"): "call",
            ("unset", name): "call",
            ("late", "asyncio.as_completed"): "iteration",
            ("late", "asyncio.to_thread"): "await",
        }[seen.saw[0], name]
    )


def test_wait_for_copies_when_it_is_awaited_where_it_copies():
    async def main() -> None:
        made = asyncio.wait_for(seen.aworker(), 5)
        IN.set("late")
        await made

    seen = Seen()
    contextvars.Context().run(asyncio.run, main())
    hop = hops().of("asyncio.wait_for")
    assert hop is not None
    assert seen.saw == ["late"]
    assert [hop.verdict(v, inherits=None) for v in ((3, 11), (3, 12))] == ["isolated-copy", "shared"]
    assert [hop.copied_at(v, inherits=None) for v in ((3, 11), (3, 12))] == ["await", "never"]


def _in_executor(set_, get):
    with cf.ThreadPoolExecutor(1) as pool:
        pool.submit(set_).result()
        return pool.submit(get).result()


def _in_pool(set_, get):
    with multiprocessing.pool.ThreadPool(1) as pool:
        pool.apply(set_)
        return pool.apply(get)


def _in_loop(set_, get):
    async def main():
        loop = asyncio.get_running_loop()
        with cf.ThreadPoolExecutor(1) as pool:
            await loop.run_in_executor(pool, set_)
            return await loop.run_in_executor(pool, get)

    return asyncio.run(main())


def _in_runner(set_, get):
    async def step(job):
        return job()

    with asyncio.Runner() as runner:
        runner.run(step(set_))
        return runner.run(step(get))


def _in_reader(set_, get):
    async def main():
        loop, found = asyncio.get_running_loop(), asyncio.get_running_loop().create_future()
        calls = [set_, lambda: found.set_result(get())]
        left, right = socket.socketpair()
        with left, right:
            right.send(b"xx")
            loop.add_reader(left, lambda: (left.recv(1), calls.pop(0)()))
            try:
                return await found
            finally:
                loop.remove_reader(left)

    return asyncio.run(main())


def _in_thread(set_, get):
    found: list[str] = []
    for job in (set_, lambda: found.append(get())):
        thread = threading.Thread(target=job)
        thread.start()
        thread.join()
    return found[0]


def _to_thread(set_, get):
    async def main():
        await asyncio.to_thread(set_)
        return await asyncio.to_thread(get)

    return asyncio.run(main())


def _called_soon(set_, get):
    async def main():
        loop, found = asyncio.get_running_loop(), asyncio.get_running_loop().create_future()
        loop.call_soon(set_)
        loop.call_soon(lambda: found.set_result(get()))
        return await found

    return asyncio.run(main())


KEEPING = {
    "concurrent.futures.ThreadPoolExecutor().submit": _in_executor,
    "multiprocessing.pool.ThreadPool().apply": _in_pool,
    f"{LOOP}.run_in_executor": _in_loop,
    f"{LOOP}.add_reader": _in_reader,
    "threading.Thread": _in_thread,
    "asyncio.to_thread": _to_thread,
    f"{LOOP}.call_soon": _called_soon,
}
if VERSION >= (3, 11):
    KEEPING["asyncio.Runner().run"] = _in_runner


@pytest.mark.parametrize("name", KEEPING)
def test_what_a_worker_sets_is_there_for_the_next_where_it_is_said_to_be_kept(name):
    hop = hops().of(name)
    assert hop is not None
    jobs = functools.partial(KEEPING[name], lambda: OUT.set("kept"), OUT.get)
    assert contextvars.Context().run(jobs) == ("kept" if hop.kept else "unset")
