# ruff: noqa: PLC0415 - a library is imported where its program runs: it need not be installed
"""Programs that make the hops of libraries, by the callable. Each imports its library when it is run."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any

from hop_case import IN, Case

PROGRAMS: dict[str, Callable[[Case], object]] = {}


def program(*names: str) -> Callable[[Callable[[Case], object]], Callable[[Case], object]]:
    def register(made: Callable[[Case], object]) -> Callable[[Case], object]:
        PROGRAMS.update(dict.fromkeys(names, made))
        return made

    return register


def in_loop(*names: str) -> Callable[[Callable[[Case], Coroutine[Any, Any, object]]], None]:
    """A coroutine function, run as a task of its own; ``told`` is asked in there."""

    def register(made: Callable[[Case], Coroutine[Any, Any, object]]) -> None:
        async def main(case: Case) -> None:
            await made(case)
            case.told = case.verdict()

        program(*names)(lambda case: asyncio.run(main(case)))

    return register


def look() -> str:
    return IN.get()


# --- anyio and trio -------------------------------------------------------------------------------------------


@in_loop("anyio.to_thread.run_sync")
async def _(case: Case) -> None:
    import anyio.to_thread

    case.set()
    await anyio.to_thread.run_sync(case.worker)


@in_loop("anyio.abc.TaskGroup().start_soon")
async def _(case: Case) -> None:
    import anyio

    case.set()
    async with anyio.create_task_group() as group:
        group.start_soon(case.aworker)


@in_loop("anyio.abc.TaskGroup().start")
async def _(case: Case) -> None:
    import anyio

    async def started(*, task_status: Any) -> None:
        case.worker()
        task_status.started()

    case.set()
    async with anyio.create_task_group() as group:
        await group.start(started)


def _from_thread(name: str) -> Callable[[Case], None]:
    def run(case: Case) -> None:
        import anyio
        import anyio.from_thread
        import anyio.to_thread

        def thread() -> None:
            case.set()
            getattr(anyio.from_thread, name)(case.aworker if name == "run" else case.worker)
            case.told = case.verdict()

        async def main() -> None:
            await anyio.to_thread.run_sync(thread)

        anyio.run(main)

    return run


program("anyio.from_thread.run")(_from_thread("run"))
program("anyio.from_thread.run_sync")(_from_thread("run_sync"))


def _portal(name: str) -> Callable[[Case], None]:
    def run(case: Case) -> None:
        import anyio.from_thread

        with anyio.from_thread.start_blocking_portal() as portal:
            case.set()
            made = getattr(portal, name)(case.aworker)
            if name != "call":
                made.result()

    return run


program("anyio.abc.BlockingPortal().call")(_portal("call"))
program("anyio.abc.BlockingPortal().start_task_soon")(_portal("start_task_soon"))


@program("anyio.run")
def _(case: Case) -> None:
    import anyio

    case.set()
    anyio.run(case.aworker)


@program("trio.run")
def _(case: Case) -> None:
    import trio

    case.set()
    trio.run(case.aworker)


def _in_trio(name: str, made: Callable[[Case, Any], Coroutine[Any, Any, object]]) -> None:
    def run(case: Case) -> None:
        import trio
        import trio.testing

        async def main() -> None:
            await made(case, trio)
            case.told = case.verdict()

        trio.run(main)

    program(name)(run)


async def _soon(case: Case, trio: Any) -> None:
    case.set()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(case.aworker)


async def _to_thread(case: Case, trio: Any) -> None:
    case.set()
    await trio.to_thread.run_sync(case.worker)


async def _system(case: Case, trio: Any) -> None:
    case.set()
    trio.lowlevel.spawn_system_task(case.aworker, **case.kw)
    await trio.testing.wait_all_tasks_blocked()


async def _token(case: Case, trio: Any) -> None:
    case.set()
    trio.lowlevel.current_trio_token().run_sync_soon(case.fn, *case.args)
    await trio.testing.wait_all_tasks_blocked()


async def _raw_thread(case: Case, trio: Any) -> None:
    case.set()
    done = threading.Event()
    trio.lowlevel.start_thread_soon(case.fn, lambda _: done.set())
    done.wait(10)


_in_trio("trio.Nursery().start_soon", _soon)
_in_trio("trio.to_thread.run_sync", _to_thread)
_in_trio("trio.lowlevel.spawn_system_task", _system)
_in_trio("trio.lowlevel.TrioToken().run_sync_soon", _token)
_in_trio("trio.lowlevel.start_thread_soon", _raw_thread)


# --- the web --------------------------------------------------------------------------------------------------


@in_loop("asgiref.sync.sync_to_async")
async def _(case: Case) -> None:
    from asgiref.sync import sync_to_async

    case.set()
    await sync_to_async(case.worker)()


@program("asgiref.sync.async_to_sync")
def _(case: Case) -> None:
    from asgiref.sync import async_to_sync

    case.set()
    async_to_sync(case.aworker)()


@in_loop("starlette.concurrency.run_in_threadpool")
async def _(case: Case) -> None:
    from starlette.concurrency import run_in_threadpool

    case.set()
    await run_in_threadpool(case.worker)


@in_loop("starlette.background.BackgroundTask")
async def _(case: Case) -> None:
    from starlette.background import BackgroundTask

    case.set()
    await BackgroundTask(case.worker)()


@in_loop("quart.utils.run_sync")
async def _(case: Case) -> None:
    from quart.utils import run_sync

    case.set()
    await run_sync(case.worker)()


@program("flask.copy_current_request_context")
def _(case: Case) -> None:
    import flask

    with flask.Flask("app").test_request_context():
        case.set()
        flask.copy_current_request_context(case.worker)()


@in_loop("sqlalchemy.util.concurrency.greenlet_spawn")
async def _(case: Case) -> None:
    from sqlalchemy.util.concurrency import greenlet_spawn

    case.set()
    await greenlet_spawn(case.worker)


# --- greenlets ------------------------------------------------------------------------------------------------


@program("greenlet.greenlet")
def _(case: Case) -> None:
    from greenlet import greenlet

    case.set()
    greenlet(case.fn).switch()


def _gevent(name: str, start: Callable[[Case, Any], Any]) -> None:
    def run(case: Case) -> None:
        import gevent
        import gevent.pool
        import gevent.threadpool

        case.set()
        made = start(case, gevent)
        if made is not None:
            made.join() if hasattr(made, "join") else made.get()
        gevent.sleep(0.01)

    program(name)(run)


def _subclass(case: Case, gevent: Any) -> Any:
    class Job(gevent.Greenlet):
        def _run(self) -> None:
            case.worker()

    job = Job()
    job.start()
    return job


def _made(case: Case, gevent: Any) -> Any:
    job = gevent.Greenlet(case.fn, *case.args)
    job.start()
    return job


def _linked(case: Case, gevent: Any) -> Any:
    job = gevent.spawn(int)
    job.link(case.fn)
    return job


_gevent("gevent.spawn", lambda case, gevent: gevent.spawn(case.fn, *case.args))
_gevent("gevent.spawn_raw", lambda case, gevent: (gevent.spawn_raw(case.fn, *case.args), None)[1])
_gevent("gevent.spawn_later", lambda case, gevent: gevent.spawn_later(0, case.fn, *case.args))
_gevent("gevent.Greenlet", _made)
_gevent("gevent.Greenlet (subclass)", _subclass)
_gevent("gevent.pool.Group().spawn", lambda case, gevent: gevent.pool.Pool(1).spawn(case.fn, *case.args))
_gevent("gevent.pool.Group().map", lambda case, gevent: (gevent.pool.Pool(1).map(case.worker, [1]), None)[1])
_gevent("gevent.Greenlet().link", _linked)
_gevent(
    "gevent.threadpool.ThreadPool().spawn",
    lambda case, gevent: gevent.threadpool.ThreadPool(1).spawn(case.fn, *case.args),
)


# --- tornado, pools -------------------------------------------------------------------------------------------


@in_loop("tornado.ioloop.IOLoop().run_in_executor")
async def _(case: Case) -> None:
    from tornado.ioloop import IOLoop

    case.set()
    await IOLoop.current().run_in_executor(None, case.fn, *case.args)


@in_loop("tornado.concurrent.run_on_executor")
async def _(case: Case) -> None:
    from concurrent.futures import ThreadPoolExecutor

    from tornado.concurrent import run_on_executor

    class Service:
        executor = ThreadPoolExecutor(1)

        @run_on_executor
        def work(self) -> None:
            case.worker()

    case.set()
    await Service().work()


def _loop(name: str, *before: object) -> None:
    async def run(case: Case) -> None:
        from tornado.ioloop import IOLoop

        case.set()
        getattr(IOLoop.current(), name)(*before, case.worker)
        await asyncio.sleep(0.05)

    in_loop(f"tornado.ioloop.IOLoop().{name}")(run)


_loop("add_callback")
_loop("spawn_callback")
_loop("call_later", 0)


@in_loop("tornado.ioloop.PeriodicCallback")
async def _(case: Case) -> None:
    from tornado.ioloop import PeriodicCallback

    case.set()
    periodic = PeriodicCallback(case.worker, 1)
    periodic.start()
    await asyncio.sleep(0.05)
    periodic.stop()


@program("loky.ProcessPoolExecutor().submit")
def _(case: Case) -> None:
    from loky import get_reusable_executor

    case.set()
    case.report(get_reusable_executor(1).submit(look).result())


@program("apscheduler.schedulers.blocking.BlockingScheduler().add_job")
def _(case: Case) -> None:
    from apscheduler.schedulers.background import BackgroundScheduler

    done = threading.Event()
    scheduler = BackgroundScheduler()
    scheduler.add_listener(lambda _: done.set(), 1 << 12)
    scheduler.start()
    case.set()
    scheduler.add_job(case.worker)
    done.wait(10)
    scheduler.shutdown()


@program("langchain_core.runnables.config.ContextThreadPoolExecutor().submit")
def _(case: Case) -> None:
    from langchain_core.runnables.config import ContextThreadPoolExecutor

    with ContextThreadPoolExecutor(1) as pool:
        pool.submit(int).result()
        case.set()
        pool.submit(case.worker).result()


@program("langchain_core.runnables.config.ContextThreadPoolExecutor().map")
def _(case: Case) -> None:
    from langchain_core.runnables.config import ContextThreadPoolExecutor

    with ContextThreadPoolExecutor(1) as pool:
        case.set()
        list(pool.map(case.worker, [1]))


@in_loop("langchain_core.runnables.config.run_in_executor")
async def _(case: Case) -> None:
    from langchain_core.runnables.config import run_in_executor

    case.set()
    await run_in_executor(None, case.worker)


@program("tqdm.contrib.concurrent.thread_map")
def _(case: Case) -> None:
    from tqdm.contrib.concurrent import thread_map

    case.set()
    thread_map(case.worker, [1], disable=True)


@program("celery.shared_task")
def _(case: Case) -> None:
    """Through a broker in memory, and a consumer that reads the message as a worker does, in a thread of its own."""
    from celery import Celery

    app = Celery("app", broker="memory://", backend="cache+memory://")

    @app.task(name="work")
    def work() -> None:
        case.worker()

    def consume() -> None:
        with app.connection_for_read() as connection:
            queue = connection.SimpleQueue("celery")
            queue.get(timeout=10).ack()
            app.tasks["work"]()

    case.set()
    work.delay()
    worker = threading.Thread(target=consume)
    worker.start()
    worker.join()
