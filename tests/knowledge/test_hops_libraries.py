"""The hops of libraries: their names, slots and verdicts against the packages that are installed.

A package that is not installed is left out, so a run says as much as its environment allows.
"""

from __future__ import annotations

import contextvars
import importlib
import importlib.metadata
import importlib.util
import inspect
import sys

import pytest
from hop_case import Case
from hop_libraries import PROGRAMS

from ctxlint.knowledge.hop import Slot
from ctxlint.knowledge.hops import hops, with_libraries, words_of

TABLE = with_libraries()
ROWS = [(name, hop) for hop in TABLE.rows if hop.package for name in hop.callables]


def installed(package: str) -> bool:
    try:
        importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def found(name: str) -> object:
    """The object, a method through its class; raises where the package has none of that name."""
    parts = name.replace("()", "").split(".")
    if name.startswith("twisted.internet.reactor."):
        return getattr(importlib.import_module("twisted.internet.base").ReactorBase, parts[-1])
    for cut in range(len(parts), 0, -1):
        try:
            value: object = importlib.import_module(".".join(parts[:cut]))
        except ImportError:
            continue
        for part in parts[cut:]:
            value = getattr(value, part)
        return value
    raise ImportError(name)


def parameters(name: str) -> list[inspect.Parameter] | None:
    """Without ``self``; None where there is no signature."""
    made = found(name)
    try:
        signature = list(inspect.signature(made).parameters.values())
    except (TypeError, ValueError):
        return None
    unbound = name.rpartition(".")[0].endswith("()") or name.startswith("twisted.internet.reactor.")
    return signature[1:] if unbound and signature[:1] and signature[0].name == "self" else signature


def takes(slot: Slot, signature: list[inspect.Parameter]) -> bool:
    by_name = {parameter.name: parameter for parameter in signature}
    kinds = {parameter.kind for parameter in signature}
    if slot.keyword and slot.keyword not in by_name:
        return False
    if slot.position is None or (
        inspect.Parameter.VAR_POSITIONAL in kinds and slot.position >= len(by_name) - 2
    ):
        return True
    return not slot.keyword or signature[slot.position].name == slot.keyword


@pytest.mark.parametrize(("name", "hop"), ROWS, ids=lambda v: v if isinstance(v, str) else "")
def test_a_worker_stands_where_the_library_takes_it(name, hop):
    if not installed(hop.package):
        pytest.skip(f"{hop.package} is not installed")
    if hop.worker.stands in ("decorated", "subclass"):
        assert found(name) is not None
        return
    signature = parameters(name)
    slots = [Slot(hop.worker.position, hop.worker.keyword), hop.args, hop.kwargs, hop.governed_by]
    assert signature is None or all(takes(slot, signature) for slot in slots if slot is not None)


@pytest.mark.parametrize(("spelling", "canonical"), sorted(TABLE.aliases.items()))
def test_another_spelling_is_the_same_thing(spelling, canonical):
    package = spelling.partition(".")[0]
    if package not in hops().packages or importlib.util.find_spec(package) is None:
        pytest.skip(f"{package} is not installed, or of the standard library")
    here, there = found(spelling), found(canonical)
    bound = [getattr(each, "__func__", each) for each in (here, there)]
    derives = isinstance(here, type) and isinstance(there, type) and issubclass(here, there)
    assert bound[0] is bound[1] or derives or spelling in MADE_FROM


MADE_FROM = {
    "asgiref.sync.SyncToAsync": "what sync_to_async makes",
    "asgiref.sync.AsyncToSync": "what async_to_sync makes",
}


OURS = {
    "_contextvars",
    "_functools",
    "asyncio",
    "concurrent",
    "contextvars",
    "http",
    "multiprocessing",
    "socketserver",
}
OURS |= {"_thread", "threading", "uvloop"}


def test_the_names_under_which_libraries_are_imported_are_those_of_the_table():
    names = {*TABLE.aliases, *TABLE.factories, *TABLE.bases, *(name for name, _ in ROWS)}
    assert hops().packages == {name.partition(".")[0] for name in names} - OURS


def test_a_row_of_a_library_says_what_was_run_or_read():
    for hop in TABLE.rows:
        if hop.package:
            assert hop.release
            assert hop.record
            assert hop.evidence
            kinds = ("probes/", "source: ", "docs: ", "tests/knowledge/test_hops_libraries.py")
            assert all(text.startswith(kinds) for text in hop.evidence)
            assert not hop.carrying_api


def test_libraries_are_looked_up_only_where_one_is_named():
    assert all(not row.package for row in hops().rows)
    assert hops().of("gevent.pool.Pool().spawn") == TABLE.of("gevent.pool.Group().spawn")
    assert hops().of("elsewhere.spawn") is None
    assert words_of(frozenset()) == frozenset()
    assert words_of(frozenset({"trio"})) >= {"open_nursery", "spawn_system_task"}
    assert "callLater" not in words_of(frozenset({"trio"}))


@pytest.mark.parametrize(
    ("name", "canonical"),
    [
        ("anyio.create_task_group().start_soon", "anyio.abc.TaskGroup().start_soon"),
        ("anyio.from_thread.start_blocking_portal().call", "anyio.abc.BlockingPortal().call"),
        ("fastapi.BackgroundTasks().add_task", "starlette.background.BackgroundTasks().add_task"),
        ("fastapi.concurrency.run_in_threadpool", "starlette.concurrency.run_in_threadpool"),
        ("gevent.Greenlet.spawn", "gevent.spawn"),
        ("gevent.pool.Pool().map", "gevent.pool.Group().map"),
        ("gevent.spawn().link", "gevent.Greenlet().link"),
        (
            "sqlalchemy.ext.asyncio.create_async_engine().begin().run_sync",
            "sqlalchemy.ext.asyncio.AsyncConnection().run_sync",
        ),
        (
            "sqlalchemy.ext.asyncio.async_sessionmaker()().run_sync",
            "sqlalchemy.ext.asyncio.AsyncSession().run_sync",
        ),
        ("tornado.ioloop.IOLoop.current().call_later", "tornado.ioloop.IOLoop().call_later"),
        ("trio.open_nursery().start_soon", "trio.Nursery().start_soon"),
    ],
)
def test_a_factory_gives_an_instance_of_its_class(name, canonical):
    assert TABLE.canonical(name) == canonical
    assert hops().canonical(name) == canonical


def test_a_decorator_is_known_with_and_without_arguments():
    for name in ("celery.shared_task", "celery.shared_task()", "celery.app.shared_task()"):
        hop = hops().decorating(name)
        assert hop is not None
        assert hop.worker.methods == ("apply_async", "delay")
        assert hops().every(name) == ()
    assert hops().decorating("functools.cache") is None


SUBCLASS = " (subclass)"


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_verdict_is_what_the_library_shows(name):
    rows = [hop for callable_, hop in ROWS if callable_ == name.removesuffix(SUBCLASS)]
    hop = next(row for row in rows if (row.worker.stands == "subclass") == name.endswith(SUBCLASS))
    if not installed(hop.package):
        pytest.skip(f"{hop.package} is not installed")
    verdict = hop.verdict(sys.version_info[:2], inherits=False)
    assert verdict_of(name, "") == {"carries-back": "shared"}.get(verdict, verdict)
    for cure in {"copy-run", "copy-run-partial", "context-argument"}.intersection(hop.cures):
        assert verdict_of(name, cure) == "isolated-copy"


def verdict_of(name: str, cure: str) -> str:
    def caller() -> str:
        case = Case(cure)
        PROGRAMS[name](case)
        return case.verdict()

    return contextvars.Context().run(caller)
