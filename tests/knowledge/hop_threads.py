"""Programs of the hops to threads, pools of threads, and hooks."""

from __future__ import annotations

import _thread
import atexit
import concurrent.futures as cf
import contextvars
import functools
import http.server
import logging
import logging.handlers
import multiprocessing.dummy
import multiprocessing.pool
import queue
import signal
import socket
import socketserver
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable, Iterator

from hop_case import Case, Program

POOL = "multiprocessing.pool.ThreadPool()"


def joined(thread: threading.Thread) -> None:
    thread.start()
    thread.join()


def thread(c: Case) -> None:
    c.set()
    joined(threading.Thread(target=c.fn, args=c.args, **c.kw))


def subclassed(c: Case) -> None:
    class Worker(threading.Thread):
        def run(self) -> None:
            c.worker()

    class Copying(threading.Thread):
        def __init__(self) -> None:
            super().__init__()
            self.copied = contextvars.copy_context()

        def run(self) -> None:
            self.copied.run(c.worker)

    c.set()
    joined(Copying() if c.cure == "copy-in-init" else Worker(**c.kw))


def timer(c: Case) -> None:
    c.set()
    joined(threading.Timer(0, c.fn, c.args))


def raw_thread(c: Case) -> None:
    c.set()
    done = threading.Event()
    fn, args = c.fn, c.args
    _thread.start_new_thread(lambda *a: (fn(*a), done.set()), args)
    assert done.wait(5)


def traced(install: Callable[[object], None], before: Callable[[], object], c: Case) -> None:
    c.set()
    old = before()
    install(c.worker)
    try:
        joined(threading.Thread(target=int))
    finally:
        install(old)


def server(cls: type[socketserver.TCPServer], c: Case) -> None:
    done = threading.Event()

    class Look(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            c.worker()
            done.set()

    c.set()
    with cls(("127.0.0.1", 0), Look) as made, socket.create_connection(made.server_address[:2]):
        made.handle_request()
        assert done.wait(5)


class Threading(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """A thread for each request."""


def listener(c: Case) -> None:
    class Look(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            del record
            c.worker()

    c.set()
    records: queue.SimpleQueue[object] = queue.SimpleQueue()
    made = logging.handlers.QueueListener(records, Look())
    made.start()
    records.put(logging.makeLogRecord({}))
    made.stop()


def cold(c: Case) -> None:
    c.set()
    with cf.ThreadPoolExecutor(1) as pool:
        pool.submit(c.fn, *c.args).result()


def warm(c: Case) -> None:
    with cf.ThreadPoolExecutor(1) as pool:
        pool.submit(int).result()
        c.set()
        pool.submit(c.fn, *c.args).result()


def mapped(c: Case, *, warm: bool = False) -> None:
    with cf.ThreadPoolExecutor(1) as pool:
        if warm:
            pool.submit(int).result()
        c.set()
        if c.cure == "copy-run-per-item":
            for future in [pool.submit(contextvars.copy_context().run, c.worker, item) for item in range(3)]:
                future.result()
        else:
            list(pool.map(c.worker, range(3)))


def initialized(c: Case) -> None:
    c.set()
    with cf.ThreadPoolExecutor(1, initializer=c.worker) as pool:
        pool.submit(int).result()


def initialized_by_another(c: Case) -> None:
    c.set()
    with cf.ThreadPoolExecutor(1, initializer=c.worker) as pool:
        contextvars.Context().run(pool.submit, int).result()


def _applied(pool: multiprocessing.pool.ThreadPool, method: str, c: Case) -> None:
    result = getattr(pool, method)(c.fn, c.args)
    if method == "apply_async":
        result.get(5)


def _mapped(pool: multiprocessing.pool.ThreadPool, method: str, c: Case) -> None:
    items = [(1,), (2,)] if method.startswith("starmap") else [1, 2]
    if c.cure == "copy-run-per-item":
        for result in [pool.apply_async(contextvars.copy_context().run, (c.worker, item)) for item in items]:
            result.get(5)
        return
    result = getattr(pool, method)(c.worker, items)
    if method.endswith("_async"):
        result.get(5)
    list(result if method.startswith("imap") else ())


def pooled(method: str, c: Case) -> None:
    c.set()
    with multiprocessing.pool.ThreadPool(1) as pool:
        (_applied if method.startswith("apply") else _mapped)(pool, method, c)


def pooled_late(method: str, c: Case) -> None:
    with multiprocessing.pool.ThreadPool(1) as pool:
        c.set()
        (_applied if method.startswith("apply") else _mapped)(pool, method, c)


def pool_initialized(make: Callable[..., multiprocessing.pool.ThreadPool], c: Case) -> None:
    c.set()
    with make(1, c.worker) as pool:
        pool.apply(int)


def called_back(method: str, keyword: str, c: Case, *, late: bool) -> None:
    c.set()
    make = functools.partial(multiprocessing.pool.ThreadPool, 1)
    with contextvars.Context().run(make) if late else make() as pool:
        job = int if keyword == "callback" else divmod
        items = () if method == "apply_async" else ([()] if method.startswith("star") else ["1"])
        if method == "map_async" and keyword == "error_callback":
            items = ["x"]
        getattr(pool, method)(job, items, **{keyword: c.fn}).wait(5)


def completed_before(c: Case) -> None:
    c.set()
    future: cf.Future[None] = cf.Future()
    future.set_result(None)
    future.add_done_callback(c.fn)


def completed_elsewhere(c: Case) -> None:
    c.set()
    future: cf.Future[None] = cf.Future()
    future.add_done_callback(c.fn)
    joined(threading.Thread(target=future.set_result, args=(None,)))


def signalled(c: Case) -> None:
    c.set()
    old = signal.signal(signal.SIGUSR1, c.worker)
    try:
        signal.raise_signal(signal.SIGUSR1)
    finally:
        signal.signal(signal.SIGUSR1, old)


def at_exit(inside: str, c: Case) -> None:
    """Registered in the outermost Context or in another; the interpreter's exit is a program of its own."""
    hand = "contextvars.copy_context().run, look" if c.cure else "look"
    text = f"""
import atexit, contextvars
var = contextvars.ContextVar("var", default="unset")
back = contextvars.ContextVar("back", default="unset")
def look():
    back.set("worker")
    print(var.get())
def caller():
    var.set("caller")
    atexit.register(lambda: print(back.get()))
    atexit.register({hand})
{inside}(caller)
"""
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)
    saw, back = done.stdout.split()
    c.report(saw)
    c.told = {"callerworker": "shared", "callerunset": "isolated-copy"}.get(saw + back, "drops")


class Thing:
    """To be dropped."""


def dropped(make: Callable[..., object], c: Case, *, elsewhere: bool) -> None:
    c.set()
    things = [Thing()]
    kept = make(things[0], c.fn, *c.args)
    if elsewhere:
        contextvars.Context().run(things.clear)
    else:
        things.clear()
    del kept


def stepped() -> None:
    """A Python function: calling it is an event."""


def interpreted(install: Callable[[object], None], before: Callable[[], object], c: Case) -> None:
    c.set()
    old = before()
    install(c.worker)
    try:
        stepped()
    finally:
        install(old)


def programs() -> Iterator[tuple[str, str, tuple[Program, ...]]]:
    """Callable, worker's parameter, and the programs; more than one where the verdict can depend."""
    part = functools.partial
    yield "threading.Thread", "target", (thread,)
    yield "threading.Thread", "subclass", (subclassed,)
    yield "threading.Timer", "function", (timer,)
    yield "_thread.start_new_thread", "0", (raw_thread,)
    yield "threading.settrace", "func", (part(traced, threading.settrace, threading.gettrace),)
    yield "threading.setprofile", "func", (part(traced, threading.setprofile, threading.getprofile),)
    for cls in (http.server.ThreadingHTTPServer, http.server.HTTPServer, socketserver.TCPServer):
        yield f"{cls.__module__}.{cls.__name__}", "RequestHandlerClass", (part(server, cls),)
    yield "socketserver.ThreadingMixIn", "RequestHandlerClass", (part(server, Threading),)
    yield "logging.handlers.QueueListener", "1", (listener,)
    yield "concurrent.futures.ThreadPoolExecutor().submit", "0", (cold, warm)
    yield "concurrent.futures.ThreadPoolExecutor().map", "fn", (mapped, part(mapped, warm=True))
    yield "concurrent.futures.ThreadPoolExecutor", "initializer", (initialized, initialized_by_another)
    for method in (
        "apply",
        "apply_async",
        "map",
        "map_async",
        "imap",
        "imap_unordered",
        "starmap",
        "starmap_async",
    ):
        yield f"{POOL}.{method}", "func", (part(pooled, method), part(pooled_late, method))
    for method in ("apply_async", "map_async", "starmap_async"):
        for keyword in ("callback", "error_callback"):
            ways = tuple(part(called_back, method, keyword, late=late) for late in (False, True))
            yield f"{POOL}.{method}", keyword, ways
    yield (
        "multiprocessing.pool.ThreadPool",
        "initializer",
        (part(pool_initialized, multiprocessing.pool.ThreadPool),),
    )
    yield "multiprocessing.dummy.Pool", "initializer", (part(pool_initialized, multiprocessing.dummy.Pool),)
    yield "concurrent.futures.Future().add_done_callback", "fn", (completed_before, completed_elsewhere)
    yield "signal.signal", "handler", (signalled,)
    inside = ("(lambda f: f())", "contextvars.Context().run")
    yield f"{atexit.__name__}.register", "0", tuple(part(at_exit, way) for way in inside)
    for make in (weakref.finalize, weakref.ref, weakref.proxy):
        yield (
            f"weakref.{make.__name__.replace('ReferenceType', 'ref')}",
            "1",
            (
                part(dropped, make, elsewhere=False),
                part(dropped, make, elsewhere=True),
            ),
        )
    yield "sys.settrace", "0", (part(interpreted, sys.settrace, sys.gettrace),)
    yield "sys.setprofile", "0", (part(interpreted, sys.setprofile, sys.getprofile),)
