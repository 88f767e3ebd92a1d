"""The table of hops: its closure, its names against those of this Python, and its lookups."""

from __future__ import annotations

import sys

import msgspec
import pytest
from hop_names import found

from ctxlint.knowledge.hop import Hop, When, Worker
from ctxlint.knowledge.hops import hops

TABLE = hops()
FOREIGN = {"uvloop"}
"""Packages whose names stand in the table, and which need not be installed."""
NEW = {
    "asyncio.EventLoop": (3, 13),
    "asyncio.Runner().get_loop": (3, 11),
    "asyncio.TaskGroup().create_task": (3, 11),
    "asyncio.Task().get_context": (3, 12),
    "asyncio.eager_task_factory": (3, 12),
    "asyncio.taskgroups": (3, 11),
    "asyncio.timeouts": (3, 11),
    "asyncio.ProactorEventLoop": None,
    "asyncio.windows_events": None,
    "concurrent.futures.interpreter": (3, 14),
    "concurrent.futures.InterpreterPoolExecutor": (3, 14),
    "concurrent.interpreters.create": (3, 14),
    "concurrent.interpreters.get_current": (3, 14),
    "concurrent.interpreters.get_main": (3, 14),
    "concurrent.interpreters.Interpreter": (3, 14),
}
"""Since which Python a name is there; None for those of Windows."""


def names():
    for canonical, spelling in [(c, s) for s, c in TABLE.aliases.items()]:
        yield canonical
        yield spelling
    for made, cls in TABLE.factories.items():
        yield made
        yield cls
    for cls, bases in TABLE.bases.items():
        yield cls
        yield from bases


def test_every_name_is_there_or_said_to_be_of_a_later_python():
    missing = {name for name in names() if name.partition(".")[0] not in FOREIGN and found(name) is None}
    later = {name for name, since in NEW.items() if since is None or since > sys.version_info[:2]}
    windows = {name for name, since in NEW.items() if since is None}
    assert missing - windows == (later - windows) & set(names())


@pytest.mark.parametrize(("spelling", "canonical"), sorted(TABLE.aliases.items()))
def test_an_alias_is_the_same_thing(spelling, canonical):
    here, there = found(spelling), found(canonical)
    if here is None:
        assert spelling in NEW
    elif type(there).__name__ == "module":
        own = {hop for row in TABLE.rows for hop in row.callables if hop.startswith(f"{canonical}.")}
        tails = [name.removeprefix(f"{canonical}.").replace("()", "") for name in own]
        same = [t for t in tails if "." not in t and hasattr(here, t) and hasattr(there, t)]
        assert all(getattr(here, tail) is getattr(there, tail) for tail in same)
    elif spelling == "asyncio.BaseEventLoop":
        assert issubclass(
            here, there
        )  # every loop of the standard library has what the abstract one declares
    elif canonical == "multiprocessing.Process":
        assert issubclass(here, found("multiprocessing.process.BaseProcess"))  # one for each start method
    else:
        assert getattr(here, "__func__", here) is getattr(there, "__func__", there)


@pytest.mark.parametrize(("cls", "bases"), sorted(TABLE.bases.items()))
def test_a_base_is_a_base(cls, bases):
    here = found(cls)
    if here is None:
        assert cls in NEW or cls.partition(".")[0] in FOREIGN
    else:
        assert all(issubclass(here, found(base)) for base in bases)


def test_a_name_of_the_table_is_its_own_canonical_name():
    for hop in TABLE.rows:
        assert [TABLE.canonical(name) for name in hop.callables] == list(hop.callables)
        assert all(hop in (*TABLE.every(name), TABLE.of_subclass(name)) for name in hop.callables)
    ends = {*TABLE.aliases.values(), *(cls for cls in TABLE.factories.values()), *TABLE.bases}
    assert {name for name in ends if TABLE.canonical(name) != name} == set()


def test_what_names_come_down_to_is_known():
    methods = {name.partition("()")[0] for hop in TABLE.rows for name in hop.callables if "()" in name}
    known = {name for hop in TABLE.rows for name in hop.callables} | methods | TABLE.bases.keys()
    known |= {base for bases in TABLE.bases.values() for base in bases}
    known |= {made.partition("()")[0] for made in TABLE.factories}
    modules = {name for name in TABLE.aliases.values() if any(k.startswith(f"{name}.") for k in known)}
    assert {cls for cls in TABLE.factories.values() if cls not in known} == set()
    assert set(TABLE.aliases.values()) - known - modules == set()


def test_no_class_is_its_own_base():
    assert [
        cls for cls, bases in TABLE.bases.items() if any(TABLE.is_subclass(base, cls) for base in bases)
    ] == []


def test_every_row_has_evidence_and_a_worker_and_cures_that_fit():
    for hop in TABLE.rows:
        assert hop.record
        assert hop.evidence
        assert all(text.startswith(("probes/", "tests/knowledge/", "docs: ")) for text in hop.evidence)
        assert (hop.worker.stands == "subclass") == (hop.worker.position is None and not hop.worker.keyword)
        assert (hop.form in ("args-kwargs", "iterable", "starred")) == (hop.args is not None)
        assert ("context-argument" in hop.cures) == (hop.context is not None)
        assert ("carrying-api" in hop.cures) == bool(hop.carrying_api)
        assert "carrying-api" not in hop.cures or TABLE.of(hop.carrying_api) is not None
        assert len(set(hop.cures)) == len(hop.cures)


def test_a_key_that_no_row_has_is_refused():
    with pytest.raises(msgspec.ValidationError, match="unknown field `verdit`"):
        msgspec.convert({"position": 0, "verdit": "drops"}, Worker)


@pytest.mark.parametrize(
    ("name", "canonical"),
    [
        (
            "concurrent.futures.thread.ThreadPoolExecutor().submit",
            "concurrent.futures.ThreadPoolExecutor().submit",
        ),
        ("asyncio.get_running_loop().run_in_executor", "asyncio.AbstractEventLoop().run_in_executor"),
        ("uvloop.new_event_loop().call_soon", "asyncio.AbstractEventLoop().call_soon"),
        ("asyncio.tasks.create_task", "asyncio.create_task"),
        ("asyncio.create_task().add_done_callback", "asyncio.Future().add_done_callback"),
        ("asyncio.create_task().get_loop().call_soon", "asyncio.AbstractEventLoop().call_soon"),
        ("asyncio.Runner().get_loop().call_at", "asyncio.AbstractEventLoop().call_at"),
        ("multiprocessing.get_context().Pool().map", "multiprocessing.pool.Pool().map"),
        ("multiprocessing.context.SpawnContext().Process", "multiprocessing.Process"),
        ("multiprocessing.dummy.Pool().map", "multiprocessing.pool.ThreadPool().map"),
        (
            "concurrent.futures.ThreadPoolExecutor().submit().add_done_callback",
            "concurrent.futures.Future().add_done_callback",
        ),
        ("contextvars.copy_context().copy().run", "contextvars.Context().run"),
        ("threading.Thread().start", "threading.Thread().start"),
        ("elsewhere.Thread().start", "elsewhere.Thread().start"),
        ("", ""),
    ],
)
def test_many_names_come_down_to_one(name, canonical):
    assert TABLE.canonical(name) == canonical


def test_a_class_without_a_row_has_that_of_its_nearest_base():
    assert TABLE.of("multiprocessing.context.SpawnProcess") == TABLE.of("multiprocessing.Process")
    server = TABLE.of("socketserver.ThreadingTCPServer")
    assert server is not None
    assert server.kind == "thread"


def test_a_subclass_of_a_thread_is_told_from_a_call_of_it():
    subclass, call = TABLE.of_subclass("threading.Timer"), TABLE.of("threading.Thread")
    assert subclass is not None
    assert call is not None
    assert (subclass.worker.methods, call.worker.keyword) == (("run",), "target")
    assert TABLE.of_subclass("asyncio.Task") is None


def test_a_call_with_several_workers_has_several_hops_the_principal_one_first():
    rows = TABLE.every("multiprocessing.pool.ThreadPool().apply_async")
    assert [row.worker.keyword for row in rows] == ["func", "callback", "error_callback"]


def test_what_a_partial_gives_stands_for_its_worker():
    hop = TABLE.wrapping("functools.partial()")
    assert hop is not None
    assert hop.callables[0] == "functools.partial"
    assert TABLE.wrapping("functools.partial") is None
    assert TABLE.wrapping("threading.Thread()") is None


def test_is_subclass_knows_other_spellings_and_the_class_itself():
    assert TABLE.is_subclass(
        "concurrent.futures.thread.ThreadPoolExecutor", "concurrent.futures._base.Executor"
    )
    assert TABLE.is_subclass("threading.Thread", "threading.Thread")
    assert not TABLE.is_subclass("threading.Thread", "threading.Timer")


def _hop(*when: When) -> Hop:
    return Hop(("x",), Worker(0), "rest", "thread", "drops", "never", "r", ("e",), when)


def test_the_flag_counts_from_3_14_and_unknown_it_makes_the_verdict_depend():
    hop = _hop(When("isolated-copy", since=(3, 14), inherits=True))
    shown = [hop.verdict(v, inherits=i) for v in ((3, 13), (3, 14)) for i in (False, True, None)]
    assert shown == ["drops", "drops", "drops", "drops", "isolated-copy", "depends"]


def test_a_start_method_that_is_not_known_makes_the_verdict_depend():
    hop = _hop(When("isolated-copy", start_method="fork"))
    shown = [
        hop.verdict((3, 12), inherits=False, start_method=m) for m in ("fork", "spawn", "forkserver", "")
    ]
    assert shown == ["isolated-copy", "drops", "drops", "depends"]


def test_all_conditions_of_a_row_have_to_hold_and_the_first_row_wins():
    hop = _hop(When("shared", since=(3, 11), before=(3, 13)), When("depends", since=(3, 12)))
    shown = [hop.verdict((3, minor), inherits=False) for minor in (10, 11, 12, 13)]
    assert shown == ["drops", "shared", "shared", "depends"]


def test_a_copy_is_taken_at_another_moment_in_another_version():
    hop = TABLE.of("asyncio.as_completed")
    assert hop is not None
    assert [hop.copied_at((3, minor), inherits=False) for minor in (12, 13)] == ["iteration", "call"]


def test_a_cure_that_a_version_lacks_is_left_out():
    hop = TABLE.of("threading.Thread")
    assert hop is not None
    assert hop.cures_in((3, 13)) == ("copy-run", "pass-value")
    assert hop.cures_in((3, 14)) == ("context-argument", "copy-run", "pass-value")


def test_words_are_those_of_hops_that_lose_something():
    assert {"Thread", "Timer", "Process", "Pool", "submit", "run_in_executor", "create_task"} <= TABLE.words
    assert {"asyncio", "ThreadPoolExecutor", "ProcessPoolExecutor", "ThreadPool", "Executor"} <= TABLE.words
    assert not {"map", "run", "apply", "copy", "call", "sorted", "partial", "max", "sub", ""} & TABLE.words
