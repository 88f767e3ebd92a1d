"""CTX307 and CTX313 against CPython, on random programs (see ``return_programs``).

A long run: ``CTXLINT_ORACLE=20000 python -m pytest -k long_run tests/oracle``.
"""

from __future__ import annotations

import contextvars
import os
import sys
import threading
import types
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import propagation_runs
import return_programs
from propagation_programs import Made

_PARTS, _PART = 4, 40
pytestmark = pytest.mark.no_cover  # hundreds of programs: what they reach, the fixtures reach in seconds


def _noted(made: Made) -> list[str]:
    """What happened in the program, in order."""
    found: list[str] = []
    outside = types.ModuleType("oracle_probe")
    outside.note = found.append
    outside.goes_on = threading.Event()
    package = types.ModuleType(made.name)
    package.__path__ = []
    names = ["oracle_probe", made.name, *(name for name, _ in made.modules)]
    sys.modules.update({"oracle_probe": outside, made.name: package})
    try:
        for name, text in made.modules:
            module = types.ModuleType(name)
            sys.modules[name] = module
            exec(compile(text, name, "exec"), module.__dict__)  # noqa: S102 - what this module is for
        main = sys.modules[made.modules[-1][0]].main
        contextvars.Context().run(main)
    finally:
        for name in names:
            sys.modules.pop(name, None)
    return found


def _is_return_lost(made: Made) -> bool:
    """Did the child set its value and leave it, and did who waited for it then read the default?"""
    child, _, _, _, _ = made.choices
    noted = _noted(made)
    left = child in ("sets", "by_helper", "sometimes")
    return left and "child" in noted and noted[-1] in ("public", "") and len(noted) > 1


def _is_set_late(made: Made) -> bool:
    """Did the worker start without a value, and read the default after one was set?"""
    noted = _noted(made)
    starts = [index for index, each in enumerate(noted) if each in ("start public", "start ")]
    sets = [index for index, each in enumerate(noted) if each == "set" and starts and index > starts[0]]
    return bool(sets) and any(each in ("public", "") for each in noted[sets[0] :])


def _differences(
    make: Callable[[int], Made], lost: Callable[[Made], bool], code: str, first: int, count: int
) -> list[str]:
    found: list[str] = []
    for made in map(make, range(first, first + count)):
        said = [
            (name, at_hop) for name, at_hop in propagation_runs.said(made, frozenset({code})) if name == code
        ]
        verdict = lost(made)
        if bool(said) != verdict or not all(at_hop for _, at_hop in said):
            found.append(f"CPython: {'lost' if verdict else 'not lost'}; ctxlint: {said}\n{made}")
    return found


_KINDS = {
    "CTX307": (return_programs.lost_return, _is_return_lost),
    "CTX313": (return_programs.late_set, _is_set_late),
}


def _told(found: list[str], count: int) -> str:
    return "\n\n".join([f"{len(found)} of {count} programs", *sorted(found, key=len)[:3]])


@pytest.mark.parametrize("part", range(_PARTS))
@pytest.mark.parametrize("code", _KINDS)
def test_a_start_is_reported_exactly_when_a_value_is_lost(code: str, part: int) -> None:
    found = _differences(*_KINDS[code], code, part * _PART, _PART)
    assert not found, _told(found, _PART)


@pytest.mark.skipif("CTXLINT_ORACLE" not in os.environ, reason="a long run: CTXLINT_ORACLE=20000")
@pytest.mark.parametrize("code", _KINDS)
def test_they_agree_on_a_long_run(code: str) -> None:
    first, count = int(os.environ.get("CTXLINT_ORACLE_FROM", "1000000")), int(os.environ["CTXLINT_ORACLE"])
    found = _differences(*_KINDS[code], code, first, count)
    assert not found, _told(found, count)


@pytest.mark.parametrize("code", _KINDS)
def test_the_programs_lose_and_keep_in_good_measure(code: str) -> None:
    """Neither verdict is rare: a rule that always speaks, or never, would not pass."""
    make, is_lost = _KINDS[code]
    assert 10 <= sum(is_lost(make(seed)) for seed in range(100)) <= 85
