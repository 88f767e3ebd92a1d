"""Every row of ``hops.toml`` that this Python has, run: what the worker saw, what came back, and what cures it."""

from __future__ import annotations

import asyncio
import contextvars
import functools
import pickle
import sys
from collections.abc import Iterator

import hop_here
import hop_loops
import hop_processes
import hop_threads
import pytest
from hop_case import IN, OUT, Case, Program
from hop_names import found

from ctxlint.knowledge.hop import Hop
from ctxlint.knowledge.hops import hops

VERSION = sys.version_info[:2]
INHERITS = bool(getattr(sys.flags, "thread_inherit_context", 0))
HERE = [*hop_threads.programs(), *hop_loops.programs(), *hop_here.programs()]
POOLS = hop_processes.Pools()
PROCESSES = [(method, row) for method in ("fork", "spawn") for row in hop_processes.programs(POOLS, method)]
HANDED = (
    "context-argument",
    "copy-in-init",
    "copy-run",
    "copy-run-partial",
    "copy-run-per-item",
    "carrying-api",
)
"""The cures that change how the worker is handed over; the others change the worker or the caller."""

pytestmark = [
    pytest.mark.filterwarnings("ignore:This process.*multi-threaded:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:The explicit passing of coroutine:DeprecationWarning"),
]


@pytest.fixture(autouse=True, scope="module")
def _closed() -> Iterator[None]:
    yield
    POOLS.stack.close()


def slot(hop: Hop) -> str:
    worker = hop.worker
    if worker.stands == "subclass":
        return "subclass"
    return worker.keyword or str(worker.position)


def row(name: str, parameter: str) -> Hop:
    (found,) = [hop for hop in hops().rows if name in hop.callables and slot(hop) == parameter]
    return found


def verdicts(programs: tuple[Program, ...], cure: str = "") -> set[str]:
    return {verdict(program, Case(cure)) for program in programs}


def verdict(program: Program, case: Case) -> str:
    """As one who is new to every Context: the program is the caller."""

    def caller() -> str:
        program(case)
        return case.verdict()

    return contextvars.Context().run(caller)


def expected(found: set[str]) -> str:
    return found.pop() if len(found) == 1 else "depends"


def named(case: tuple[str, str, object]) -> str:
    return f"{case[0]}-{case[1]}"


@pytest.mark.parametrize("case", HERE, ids=named)
def test_the_verdict_is_what_cpython_shows(case):
    name, parameter, programs = case
    hop = row(name, parameter)
    assert hop.exists(VERSION)
    assert expected(verdicts(programs)) == hop.verdict(VERSION, inherits=INHERITS)


@pytest.mark.no_cover
@pytest.mark.parametrize(("method", "case"), PROCESSES, ids=lambda v: v if isinstance(v, str) else named(v))
def test_the_verdict_for_a_process_is_what_cpython_shows(method, case):
    name, parameter, programs = case
    found = row(name, parameter).verdict(VERSION, inherits=INHERITS, start_method=method)
    assert expected(verdicts(programs)) == found


CURED = [
    (cure, (name, parameter, programs))
    for name, parameter, programs in HERE
    for cure in row(name, parameter).cures_in(VERSION)
    if cure in HANDED
]


@pytest.mark.parametrize(("cure", "case"), CURED, ids=lambda v: v if isinstance(v, str) else named(v))
def test_a_cure_brings_the_callers_value_there(cure, case):
    for program in case[2]:
        made = Case(cure)
        assert verdict(program, made) == "isolated-copy"
        if made.given is not None:
            assert made.given[OUT] == "worker"  # it ran in the Context that was named, in no copy


OWN_TESTS = {("contextvars.Context().run", "0")}


def test_every_row_that_this_python_has_is_run():
    rows = {(name, slot(hop)) for hop in hops().rows for name in hop.callables if hop.exists(VERSION)}
    run = {case[:2] for case in HERE} | {case[:2] for _, case in PROCESSES} | OWN_TESTS
    interpreters = {pair for pair in rows if "nterpreter" in pair[0]}
    assert interpreters == set() or VERSION >= (3, 14)  # these are from the documentation
    assert rows - interpreters == run


def test_a_row_that_this_python_lacks_is_of_something_that_is_not_there_or_refuses():
    lacking = {name for hop in hops().rows for name in hop.callables if not hop.exists(VERSION)}
    refused = {"asyncio.wait"} if VERSION >= (3, 11) else set()
    assert {name for name in lacking if found(name) is not None} == refused
    if refused:

        async def main() -> None:
            coroutine = Case().aworker()
            try:
                await asyncio.wait([coroutine])
            finally:
                coroutine.close()

        with pytest.raises(TypeError, match="coroutines is forbidden"):
            asyncio.run(main())


def test_a_forkserver_starts_empty_too():
    case = Case()
    hop = row("multiprocessing.Process", "target")
    shown = verdict(functools.partial(hop_processes.process, "forkserver", subclass=False), case)
    assert shown == hop.verdict(VERSION, inherits=INHERITS, start_method="forkserver") == "drops"


def test_wait_for_without_a_timeout_runs_in_the_callers_task():
    async def steps(case: Case) -> None:
        case.set()
        await asyncio.wait_for(case.aworker(), None)

    shown = verdict(functools.partial(hop_loops.driven, steps), Case())
    hop = row("asyncio.wait_for", "fut")
    assert shown == hop.verdict(VERSION, inherits=INHERITS, none=frozenset({"timeout"})) == "shared"


def test_run_runs_in_the_context_that_is_named_and_keeps_what_it_sets():
    named = contextvars.Context()
    named.run(IN.set, "named")
    case = Case()

    def caller() -> str:
        case.set()
        named.run(case.worker)
        return case.verdict()

    assert contextvars.Context().run(caller) == "drops"  # of the caller's
    assert (case.saw, named[OUT]) == (["named"], "worker")
    hop = row("contextvars.Context().run", "0")
    assert (hop.verdict(VERSION, inherits=INHERITS), hop.copied, hop.kept) == ("explicit", "given", True)


def test_an_executor_of_processes_governs_run_in_executor():
    hop = row("asyncio.AbstractEventLoop().run_in_executor", "func")
    assert hop.governed_by is not None
    programs = [
        functools.partial(hop_processes.in_executor, POOLS, "fork", early=early) for early in (True, False)
    ]
    submit = hops().of("concurrent.futures.ProcessPoolExecutor().submit")
    assert submit is not None
    shown = expected(verdicts(tuple(programs)))
    assert shown == submit.verdict(VERSION, inherits=INHERITS, start_method="fork") == "depends"


def test_copy_run_cannot_be_sent_to_a_process():
    """Why no row of a process has a cure but to pass the value."""
    with pytest.raises(TypeError, match="pickle"):
        pickle.dumps(contextvars.copy_context().run)
    cures = {hop.cures for hop in hops().rows if hop.kind == "process"}
    assert cures == {("pass-value",)}


def test_one_copy_for_two_workers_at_once_is_an_error():
    """Why ``map`` needs a copy for each item."""
    copied = contextvars.copy_context()
    with pytest.raises(RuntimeError, match="already entered"):
        copied.run(copied.run, int)
