"""What CTX121 says of functions that are started by way of names, lists, partials and lambdas, executed."""

from __future__ import annotations

import asyncio
import functools
import threading
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar, copy_context

job_id: ContextVar[str] = ContextVar("job_id", default="-")


async def _work(name: str) -> str:
    job_id.set(name)
    await asyncio.sleep(0)
    return job_id.get()


def _crunch(name: str) -> str:
    job_id.set(name)
    return job_id.get()


def test_gathered_coroutines_of_a_list_leave_nothing_and_awaited_ones_their_value() -> None:
    async def gathered() -> str:
        coroutines = [_work(name) for name in "ab"]
        assert await asyncio.gather(*coroutines) == ["a", "b"]
        return job_id.get()

    async def awaited() -> str:
        for coroutine in [_work(name) for name in "ab"]:
            await coroutine
        return job_id.get()

    assert asyncio.run(gathered()) == "-"
    assert asyncio.run(awaited()) == "b"


def test_a_coroutine_under_a_name_is_a_task_or_runs_in_place() -> None:
    async def as_a_task() -> str:
        later = _work("task")
        await asyncio.create_task(later)
        return job_id.get()

    async def in_place() -> str:
        now = _work("in place")
        await now
        return job_id.get()

    assert asyncio.run(as_a_task()) == "-"
    assert asyncio.run(in_place()) == "in place"


def test_a_partial_or_a_lambda_in_a_thread_leaves_nothing_and_called_here_its_value() -> None:
    def run(*, here: bool) -> str:
        prepared = functools.partial(_crunch, "crunched")
        if here:
            prepared()
        else:
            for target in (prepared, lambda: _crunch("by a lambda")):
                thread = threading.Thread(target=target)
                thread.start()
                thread.join()
        return job_id.get()

    assert copy_context().run(run, here=False) == "-"
    assert copy_context().run(run, here=True) == "crunched"


def test_a_callback_of_the_loop_or_of_a_task_leaves_nothing() -> None:
    async def run() -> str:
        loop = asyncio.get_running_loop()
        loop.call_soon(_crunch, "soon")
        loop.call_later(0, _crunch, "later")
        task = asyncio.create_task(asyncio.sleep(0))
        task.add_done_callback(lambda _: _crunch("done"))
        await asyncio.sleep(0.01)
        return job_id.get()

    assert asyncio.run(run()) == "-"


def test_each_connection_of_a_server_has_a_context_of_its_own() -> None:
    async def run() -> tuple[list[str], str]:
        seen: list[str] = []

        async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            seen.append(job_id.get())
            job_id.set("connection")
            writer.close()

        server = await asyncio.start_server(talk, "127.0.0.1", 0)
        host, port = server.sockets[0].getsockname()[:2]
        for _ in range(2):
            reader, writer = await asyncio.open_connection(host, port)
            await reader.read()
            writer.close()
        server.close()
        return seen, job_id.get()

    assert asyncio.run(run()) == (["-", "-"], "-")


def test_what_an_initializer_sets_is_there_for_every_job_of_the_worker() -> None:
    with ThreadPoolExecutor(1, initializer=job_id.set, initargs=("worker",)) as pool:
        assert [pool.submit(job_id.get).result() for _ in range(2)] == ["worker", "worker"]
