"""The token rules against CPython, on random functions (see ``generate``, ``execute`` and ``compare``).

A long run, which takes minutes: ``CTXLINT_ORACLE=100000 python -m pytest -k long_run tests/oracle``. Its seeds start
at ``CTXLINT_ORACLE_FROM`` (1000000).
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import compare
import execute
import generate

from ctxlint.analysis import slimming, world_bounds

_PARTS, _PART = 8, 255
_PINNED = (
    5017895,  # a leak that five turns of a loop make
    704040,  # a newer value is reset past an older one of the same site, whose token is used
    7006010,  # a newer value is put back over it, or it is left: an exception skips nothing
    9089504,  # a question around the reset is a doubt on every way out, and a consumer sees the value
    1016467,  # one exception is raised again twice, and caught by its class the first time
)
pytestmark = pytest.mark.no_cover  # thousands of programs: what they reach, the fixtures reach in seconds


def _survey(first: int, count: int, progress: compare.Progress | None = None) -> compare.Tally:
    functions = (generate.function(_name(seed), f"f{seed}") for seed in range(first, first + count))
    return compare.survey(functions, progress=progress)


def _name(seed: int) -> str:
    """Every third of the functions may do more (see ``generate.function``)."""
    return f"m{seed}" if seed % 3 == 1 and seed not in _PINNED else str(seed)


def _told(tally: compare.Tally) -> str:
    smallest = sorted((function for function, _ in tally.failures), key=lambda each: len(each.lines()))
    return "\n\n".join([str(tally), *(compare.report(function) for function in smallest[:5])])


@pytest.mark.parametrize("part", range(_PARTS))
def test_verdicts_agree_with_what_cpython_does(part: int) -> None:
    tally = _survey(part * _PART, _PART)
    assert not tally.failures, _told(tally)
    assert tally.compared > 0.95 * tally.functions, str(tally)


def test_verdicts_agree_where_they_once_did_not() -> None:
    tally = compare.survey(generate.function(_name(seed), f"f{seed}") for seed in _PINNED)
    assert not tally.failures, _told(tally)
    assert tally.compared == len(_PINNED)


def test_verdicts_agree_where_every_function_counts_as_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is plain is one step (``slimming``): nothing that a path does is lost."""
    monkeypatch.setattr(slimming, "_LONG", 0)
    tally = _survey(20_000, 300)
    assert not tally.failures, _told(tally)
    assert tally.compared > 0.95 * tally.functions, str(tally)


def test_verdicts_agree_where_the_bound_is_tight(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is forgotten, taken for one and followed apart before the bound counts as passed loses no path."""
    monkeypatch.setattr(world_bounds, "MAX_WORLDS", 8)
    tally = _survey(30_000, 300)
    assert not tally.failures, _told(tally)
    assert tally.compared > 0.5 * tally.functions, str(tally)


@pytest.mark.skipif("CTXLINT_ORACLE" not in os.environ, reason="a long run: CTXLINT_ORACLE=100000")
def test_verdicts_agree_on_a_long_run(capsys: pytest.CaptureFixture[str]) -> None:
    def tell(tally: compare.Tally) -> None:
        if tally.functions % 4000 == 0:
            with capsys.disabled():
                print(f"\n{tally}", end="", flush=True)  # noqa: T201 - a run of minutes says how far it is

    first = int(os.environ.get("CTXLINT_ORACLE_FROM", "1000000"))
    tally = _survey(first, int(os.environ["CTXLINT_ORACLE"]), tell)
    with capsys.disabled():
        print(f"\n{tally}")  # noqa: T201 - its figures are what the run is for
    assert not tally.failures, _told(tally)


def _function(*lines: str, kind: str = "plain") -> generate.Function:
    return generate.Function("f", kind, (), tuple(generate.Line(line) for line in lines))


def _seen(function: generate.Function) -> list[set[execute.Leaving]]:
    facts = execute.facts(execute.load(generate.module((function,))), function)
    return [set(exits) for _, exits in sorted(facts.exits.items())]


LEAK, UNDONE = execute.Leaving("normal", "leak"), execute.Leaving("normal", "undone")


def test_a_call_between_set_and_reset_is_seen_to_raise() -> None:
    function = _function("t = v.set(script.x1)", "work(1)", "v.reset(t)")
    assert _seen(function) == [{UNDONE, execute.Leaving("raise", "leak")}]


def test_the_reset_of_an_older_token_undoes_what_is_above_it() -> None:
    function = _function("t = v.set(script.x1)", "v.set(script.x2)", "v.reset(t)")
    assert _seen(function) == [{UNDONE}, {UNDONE}]


def test_the_reset_of_a_newer_token_leaves_what_is_below_it() -> None:
    function = _function("t = v.set(script.x1)", "t = v.set(script.x2)", "v.reset(t)")
    assert _seen(function) == [{LEAK}, {UNDONE}]


def test_tokens_reset_in_the_wrong_order_bring_a_value_back() -> None:
    function = _function("t = v.set(script.x1)", "u = v.set(script.x2)", "v.reset(t)", "v.reset(u)")
    assert _seen(function) == [{execute.Leaving("normal", "stale")}, {UNDONE}]


def test_a_suspension_is_cancelled_as_well() -> None:
    function = generate.Function(
        "f",
        "async",
        (),
        (
            generate.Line("t = v.set(script.x1)"),
            generate.Compound(
                (
                    generate.Clause("try:", (generate.Line("await step(1)"),)),
                    generate.Clause("except Exception:", (generate.Line("pass"),)),
                )
            ),
            generate.Line("v.reset(t)"),
        ),
    )
    assert _seen(function) == [{UNDONE, execute.Leaving("raise", "leak", grave=True)}]


def _facts(function: generate.Function) -> execute.Facts:
    return execute.facts(execute.load(generate.module((function,))), function)


def _rows(function: generate.Function, text: str) -> list[int]:
    lines = generate.module((function,)).split("\n")
    return [number for number, line in enumerate(lines, 1) if line.strip() == text]


def test_a_token_of_another_variable_is_refused() -> None:
    function = _function("t = v.set(script.x1)", "w.reset(t)")
    assert list(_facts(function).foreign) == _rows(function, "w.reset(t)")


def test_a_reset_without_a_token_is_seen_even_if_its_error_is_swallowed() -> None:
    reset, clause = generate.Line("v.reset(t)"), generate.Clause
    tried = generate.Compound(
        (clause("try:", (reset,)), clause("except Exception:", (generate.Line("pass"),)))
    )
    maybe = generate.Compound((clause("if script.c1 > 0:", (generate.Line("t = v.set(script.x1)"),)),))
    unbound = generate.Function("f", "plain", (), (maybe, tried))
    none = generate.Function("f", "plain", (generate.Line("t = None"),), (maybe, tried))
    for function in (unbound, none):
        assert list(_facts(function).missing) == _rows(function, "v.reset(t)")


def test_a_token_that_is_pushed_out_of_its_only_name_is_seen() -> None:
    function = _function("t = v.set(script.x1)", "t = v.set(script.x2)", "v.reset(t)")
    kept = _function("t = v.set(script.x1)", "u = t", "t = v.set(script.x2)", "v.reset(t)", "v.reset(u)")
    assert list(_facts(function).replaced) == [(_rows(function, "t = v.set(script.x1)")[0], "v")]
    assert _facts(kept).replaced == {}


@pytest.mark.parametrize("kind", ["generator", "async generator"])
def test_a_token_is_refused_after_a_yield_and_the_consumer_sees_the_value(kind: str) -> None:
    function = _function("t = v.set(script.x1)", "yield", "v.reset(t)", "yield", kind=kind)
    site = (_rows(function, "t = v.set(script.x1)")[0], "v")
    facts = _facts(function)
    assert list(facts.crossed) == list(facts.yielded) == [site]
    assert list(facts.crossed[site]) == _rows(function, "v.reset(t)")


def test_a_token_that_is_reset_before_the_yield_is_not_refused() -> None:
    function = _function("t = v.set(script.x1)", "v.reset(t)", "yield", "yield", kind="generator")
    assert (_facts(function).crossed, _facts(function).yielded) == ({}, {})


@pytest.mark.parametrize(
    ("lines", "kind", "code"),
    [
        (("t = v.set(script.x1)", "w.reset(t)"), "plain", "CTX106"),
        (("t = v.set(script.x1)", "t = v.set(script.x2)", "v.reset(t)"), "plain", "CTX108"),
        (("t = v.set(script.x1)", "yield", "v.reset(t)", "yield"), "generator", "CTX109"),
        (("t = v.set(script.x1)", "yield", "yield"), "async generator", "CTX110"),
    ],
)
def test_silence_and_a_code_too_many_are_disagreements(lines: tuple[str, ...], kind: str, code: str) -> None:
    function = _function(*lines, kind=kind)
    found, index = compare.verdicts(generate.module((function,)))
    facts, verdict = _facts(function), found["f"]
    told = {row: said for row, said in verdict.findings if said == code}
    assert (list(told.values()), compare.disagreements(facts, verdict, index)) == ([code], [])
    silent = compare.Verdict(verdict.outcome, frozenset())
    shifted = compare.Verdict(verdict.outcome, frozenset((row + 1, said) for row, said in verdict.findings))
    assert compare.disagreements(facts, silent, index)
    assert compare.disagreements(facts, shifted, index)


def test_a_wrong_verdict_is_found() -> None:
    function = _function("t = v.set(script.x1)", "work(1)", "v.reset(t)")
    text = generate.module((function,))
    verdicts, lines = compare.verdicts(text)
    facts = execute.facts(execute.load(text), function)
    verdict = verdicts["f"]
    row = text.split("\n").index("    t = v.set(script.x1)") + 1
    assert compare.disagreements(facts, verdict, lines) == []
    for wrong in ({(row, "CTX103")}, {(row, "CTX104"), (row + 2, "CTX105")}, set[tuple[int, str]]()):
        assert compare.disagreements(facts, compare.Verdict(verdict.outcome, frozenset(wrong)), lines)
    assert compare.disagreements(facts, compare.Verdict(None, verdict.findings), lines)
