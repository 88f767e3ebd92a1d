"""What is known in a run: the Pythons of a project, and the knowledge that it adds."""

from __future__ import annotations

import msgspec
import pytest

from ctxlint.knowledge.additions import Additions, added, additions_of
from ctxlint.knowledge.hops import hops
from ctxlint.knowledge.loader import calls, frames, token_calls
from ctxlint.knowledge.targets import judging_for, targets
from ctxlint.model.policy import Policy

ROW = {"callables": ["ourlib.go"], "worker": {"position": 0}, "form": "rest", "kind": "thread"}
DROPPING = {**ROW, "verdict": "drops", "copied": "never"}


def knowing(**table: object) -> Policy:
    return Policy(knowledge=msgspec.json.encode(table))


@pytest.mark.parametrize(
    ("policy", "first", "last"),
    [
        (Policy(), 10, 14),
        (Policy(target=(3, 12)), 12, 14),
        (Policy(newest=(3, 12)), 10, 12),
        (Policy(target=(3, 8), newest=(3, 11)), 10, 11),
        (Policy(target=(3, 14)), 14, 14),
        (Policy(target=(3, 15)), 15, 15),
        (Policy(newest=(3, 9)), 10, 10),
    ],
)
def test_the_pythons_of_a_project(policy, first, last):
    assert policy.versions == tuple((3, minor) for minor in range(first, last + 1))


def test_a_thread_drops_on_the_pythons_that_do_not_inherit():
    row = hops().of("threading.Thread")
    assert row is not None
    assert targets().dropping(row) == Policy().versions
    with judging_for(Policy(inherits=True)):
        assert targets().dropping(row) == ((3, 10), (3, 11), (3, 12), (3, 13))
        assert targets().told(targets().dropping(row)) == "on Python 3.10 to 3.13"
    with judging_for(Policy(inherits=True, target=(3, 14))):
        assert targets().dropping(row) == ()
    assert targets().dropping(row) == Policy().versions


def test_what_holds_on_all_pythons_is_not_told():
    assert targets().told(targets().versions) == ""
    assert targets().told([(3, 10), (3, 12)]) == "on Python 3.10 and 3.12"
    assert targets().told([(3, 14)]) == "on Python 3.14"


def test_knowledge_is_there_as_long_as_the_block_runs():
    assert hops().of("ourlib.go") is None
    with judging_for(knowing(hop=[DROPPING])):
        row = hops().of("ourlib.go")
        assert row is not None
        assert row.usual == "drops"
        assert "go" in hops().words
    assert hops().of("ourlib.go") is None
    assert added.get() == b""


def test_a_row_of_the_project_takes_the_place_of_a_shipped_one_for_that_callable_alone():
    carrying = {**ROW, "callables": ["gevent.spawn"], "verdict": "isolated-copy", "copied": "call"}
    with judging_for(knowing(hop=[carrying])):
        mine, other = hops().of("gevent.spawn"), hops().of("gevent.spawn_raw")
    assert mine is not None
    assert other is not None
    assert (mine.usual, other.usual) == ("isolated-copy", "drops")


def test_lists_and_tokens_are_added_to_the_shipped_ones():
    tokens = [{"variable": "ourlib session", "sets": ["ourlib.enter"], "resets": ["ourlib.leave"]}]
    with judging_for(knowing(tokens=tokens, task_starters=["ourlib.start"], quiet=["ourlib.note"])):
        assert {"ourlib.start", "asyncio.create_task"} <= frames().task_starters
        assert calls().is_quiet("ourlib.note")
        assert token_calls()["ourlib.enter"].role == "set"
        assert token_calls()["ourlib.leave"].library.undone("token") == "leave(token)"
        assert "opentelemetry.context.attach" in token_calls()
    assert "ourlib.start" not in frames().task_starters


def test_a_factory_of_the_project_gives_an_instance_of_a_shipped_class():
    factories = {"concurrent.futures.ThreadPoolExecutor": ["ourlib.pool"]}
    with judging_for(knowing(factories=factories)):
        assert hops().canonical("ourlib.pool().submit") == "concurrent.futures.ThreadPoolExecutor().submit"


def test_files_with_a_projects_tokens_are_found_by_a_word():
    additions = additions_of(
        b'{"tokens": [{"variable": "x", "sets": ["a.b.enter"], "clears": ["a.C().off"]}]}'
    )
    assert additions.markers == {"enter", "off"}
    assert Additions().markers == frozenset()


def test_a_manager_of_a_library_is_a_scope():
    assert {
        "dspy.context",
        "decimal.localcontext",
        "opentelemetry.trace.use_span",
    } <= frames().scoped_managers


def test_a_library_says_what_was_read_and_how_it_is_undone():
    for library in calls().tokens:
        assert library.evidence
        assert all(text.startswith(("source: ", "docs: ", "probes/")) for text in library.evidence)
        assert bool(library.package) == bool(library.release)
        assert bool(library.sets) == bool(library.undo)
        assert library.sets or library.holds or library.reads
