"""Programs of the hops to tasks and to callbacks of an event loop."""

from __future__ import annotations

import asyncio
import contextvars
import functools
import os
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

from hop_case import Case, Program

LOOP = "asyncio.AbstractEventLoop()"
Steps = Callable[[Case], Awaitable[object]]


async def ran(c: Case) -> None:
    for _ in range(5000):
        if c.saw:
            return
        await asyncio.sleep(0 if len(c.saw) else 0.001)
    raise AssertionError("the worker never ran")


async def create_task(c: Case) -> None:
    c.set()
    await asyncio.create_task(c.aworker(), **c.kw)


async def loop_create_task(c: Case) -> None:
    c.set()
    await asyncio.get_running_loop().create_task(c.aworker(), **c.kw)


async def task_group(c: Case) -> None:
    c.set()
    async with asyncio.TaskGroup() as group:
        group.create_task(c.aworker(), **c.kw)


async def task(c: Case) -> None:
    c.set()
    await asyncio.Task(c.aworker(), **c.kw)


async def eager(c: Case) -> None:
    c.set()
    await asyncio.eager_task_factory(asyncio.get_running_loop(), c.aworker(), **c.kw)


async def ensure_future(c: Case) -> None:
    c.set()
    await asyncio.ensure_future(c.aworker())


async def gather(c: Case) -> None:
    c.set()
    await asyncio.gather(asyncio.sleep(0), c.aworker())


async def shield(c: Case) -> None:
    c.set()
    await asyncio.shield(c.aworker())


async def as_completed(c: Case) -> None:
    c.set()
    for first in asyncio.as_completed([c.aworker()]):
        await first


async def wait(c: Case) -> None:
    c.set()
    await asyncio.wait([c.aworker()])


async def wait_for(c: Case) -> None:
    c.set()
    await asyncio.wait_for(c.aworker(), 5)


async def to_thread(c: Case) -> None:
    c.set()
    await asyncio.to_thread(c.worker)


async def run_in_executor(c: Case) -> None:
    c.set()
    if c.cure == "carrying-api":
        await asyncio.to_thread(c.worker)
    else:
        await asyncio.get_running_loop().run_in_executor(None, c.fn, *c.args)


async def run_in_warm_executor(c: Case) -> None:
    loop = asyncio.get_running_loop()
    await contextvars.Context().run(loop.run_in_executor, None, int)
    await run_in_executor(c)


def run(c: Case) -> None:
    c.set()
    asyncio.run(c.aworker())


def runner(c: Case) -> None:
    c.set()
    with asyncio.Runner() as made:
        made.run(c.aworker(), **c.kw)


def runner_inside(c: Case) -> None:
    with asyncio.Runner() as made:
        c.set()
        made.run(c.aworker(), **c.kw)


def run_until_complete(c: Case) -> None:
    c.set()
    loop = asyncio.new_event_loop()
    loop.run_until_complete(c.aworker())
    loop.close()


def run_threadsafe(c: Case) -> None:
    c.set()
    loop = asyncio.new_event_loop()
    other = threading.Thread(target=loop.run_forever)
    other.start()
    asyncio.run_coroutine_threadsafe(c.aworker(), loop).result(5)
    loop.call_soon_threadsafe(loop.stop)
    other.join()
    loop.close()


async def called(method: str, c: Case) -> None:
    c.set()
    loop = asyncio.get_running_loop()
    when = {"call_later": (0,), "call_at": (loop.time(),)}.get(method, ())
    getattr(loop, method)(*when, c.worker, **c.kw)
    await ran(c)


async def polled(way: str, c: Case) -> None:
    c.set()
    loop = asyncio.get_running_loop()
    left, right = socket.socketpair()
    with left, right:
        right.send(b"x")
        getattr(loop, f"add_{way}")(left, c.worker)
        await ran(c)
        getattr(loop, f"remove_{way}")(left)


async def signalled(c: Case) -> None:
    c.set()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGUSR2, c.worker)
    os.kill(os.getpid(), signal.SIGUSR2)
    await ran(c)
    loop.remove_signal_handler(signal.SIGUSR2)


async def future_done(c: Case) -> None:
    c.set()
    future = asyncio.get_running_loop().create_future()
    future.add_done_callback(c.worker, **c.kw)
    contextvars.Context().run(future.set_result, None)
    await ran(c)


async def failing(c: Case, *, elsewhere: bool) -> None:
    c.set()
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(c.worker)
    where = contextvars.Context() if elsewhere else contextvars.copy_context()
    where.run(loop.call_soon, int, "x")
    await ran(c)


class Look(asyncio.SubprocessProtocol):
    """Any protocol: it looks when the connection is made, or when it is first written to."""

    def __init__(self, c: Case) -> None:
        self.case = c
        self.exited = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.case.worker()
        self.transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        del exc

    def process_exited(self) -> None:
        self.exited.set()


async def served(c: Case, *, unix: bool) -> None:
    c.set()
    loop = asyncio.get_running_loop()
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/socket"
        protocol = Look(c)
        if unix:
            server = await loop.create_unix_server(lambda: protocol, path)
        else:
            server = await loop.create_server(lambda: protocol, "127.0.0.1", 0)
        with socket.socket(server.sockets[0].family) as client:
            client.connect(server.sockets[0].getsockname())
            await ran(c)
        protocol.transport.abort()
        server.close()


async def connected(c: Case, *, unix: bool) -> None:
    c.set()
    loop = asyncio.get_running_loop()
    with (
        tempfile.TemporaryDirectory() as folder,
        socket.socket(socket.AF_UNIX if unix else socket.AF_INET) as server,
    ):
        server.bind(f"{folder}/socket" if unix else ("127.0.0.1", 0))
        server.listen()
        name = server.getsockname()
        if unix:
            made = loop.create_unix_connection(lambda: Look(c), name)
        else:
            made = loop.create_connection(lambda: Look(c), *name)
        transport, _ = await made
        await ran(c)
        transport.abort()


async def datagram(c: Case) -> None:
    c.set()
    made = asyncio.get_running_loop().create_datagram_endpoint(lambda: Look(c), ("127.0.0.1", 0))
    transport, _ = await made
    await ran(c)
    transport.abort()


async def spawned(c: Case, *, by_shell: bool) -> None:
    c.set()
    loop = asyncio.get_running_loop()
    start = loop.subprocess_shell if by_shell else loop.subprocess_exec
    transport, protocol = await start(lambda: Look(c), "true", stdin=None, stdout=None, stderr=None)
    await ran(c)
    await protocol.exited.wait()
    transport.close()


async def accepted(c: Case, *, unix: bool) -> None:
    async def worker(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        c.worker()
        writer.close()

    c.set()
    with tempfile.TemporaryDirectory() as folder:
        if unix:
            server = await asyncio.start_unix_server(worker, Path(folder) / "socket")
        else:
            server = await asyncio.start_server(worker, "127.0.0.1", 0)
        with socket.socket(server.sockets[0].family) as client:
            client.connect(server.sockets[0].getsockname())
            await ran(c)
        server.close()
        await asyncio.sleep(0.01)


def driven(steps: Steps, c: Case) -> None:
    """The main task is the caller; its Context ends with it, so the verdict is taken in it."""

    async def main() -> None:
        await steps(c)
        c.told = c.verdict()

    asyncio.run(main())


def programs() -> Iterator[tuple[str, str, tuple[Program, ...]]]:
    """Callable, worker's parameter, and the programs; more than one where the verdict can depend."""
    part = functools.partial
    steps: dict[tuple[str, str], tuple[Steps, ...]] = {
        ("asyncio.create_task", "coro"): (create_task,),
        (f"{LOOP}.create_task", "coro"): (loop_create_task,),
        ("asyncio.Task", "coro"): (task,),
        ("asyncio.ensure_future", "coro_or_future"): (ensure_future,),
        ("asyncio.gather", "0"): (gather,),
        ("asyncio.shield", "arg"): (shield,),
        ("asyncio.as_completed", "fs"): (as_completed,),
        ("asyncio.wait_for", "fut"): (wait_for,),
        ("asyncio.to_thread", "0"): (to_thread,),
        (f"{LOOP}.run_in_executor", "func"): (run_in_executor, run_in_warm_executor),
        (f"{LOOP}.add_reader", "callback"): (part(polled, "reader"),),
        (f"{LOOP}.add_writer", "callback"): (part(polled, "writer"),),
        (f"{LOOP}.add_signal_handler", "callback"): (signalled,),
        ("asyncio.Future().add_done_callback", "0"): (future_done,),
        (f"{LOOP}.set_exception_handler", "handler"): (
            part(failing, elsewhere=False),
            part(failing, elsewhere=True),
        ),
        (f"{LOOP}.create_server", "protocol_factory"): (part(served, unix=False),),
        (f"{LOOP}.create_unix_server", "protocol_factory"): (part(served, unix=True),),
        (f"{LOOP}.create_connection", "protocol_factory"): (part(connected, unix=False),),
        (f"{LOOP}.create_unix_connection", "protocol_factory"): (part(connected, unix=True),),
        (f"{LOOP}.create_datagram_endpoint", "protocol_factory"): (datagram,),
        (f"{LOOP}.subprocess_exec", "protocol_factory"): (part(spawned, by_shell=False),),
        (f"{LOOP}.subprocess_shell", "protocol_factory"): (part(spawned, by_shell=True),),
        ("asyncio.start_server", "client_connected_cb"): (part(accepted, unix=False),),
        ("asyncio.start_unix_server", "client_connected_cb"): (part(accepted, unix=True),),
    }
    for method in ("call_soon", "call_later", "call_at", "call_soon_threadsafe"):
        steps[f"{LOOP}.{method}", "callback"] = (part(called, method),)
    if sys.version_info < (3, 11):
        steps["asyncio.wait", "fs"] = (wait,)
    else:
        steps["asyncio.TaskGroup().create_task", "coro"] = (task_group,)
        yield "asyncio.Runner().run", "coro", (runner, runner_inside)
    if sys.version_info >= (3, 12):
        steps["asyncio.eager_task_factory", "coro"] = (eager,)
    for (name, slot), ways in steps.items():
        yield name, slot, tuple(part(driven, way) for way in ways)
    yield "asyncio.run", "main", (run,)
    yield f"{LOOP}.run_until_complete", "future", (run_until_complete,)
    yield "asyncio.run_coroutine_threadsafe", "coro", (run_threadsafe,)
