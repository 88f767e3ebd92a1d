"""CTX301 and CTX302 against CPython, on random programs (see ``propagation_programs`` and ``propagation_runs``).

A long run: ``CTXLINT_ORACLE=20000 python -m pytest -k long_run tests/oracle``. Its seeds start at
``CTXLINT_ORACLE_FROM`` (1000000).
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import propagation_programs
import propagation_runs

_PARTS, _PART = 4, 40
pytestmark = pytest.mark.no_cover  # hundreds of programs: what they reach, the fixtures reach in seconds


def _differences(first: int, count: int) -> list[str]:
    programs = map(propagation_programs.program, range(first, first + count))
    return [found for made in programs if (found := propagation_runs.disagreement(made)) is not None]


def _told(found: list[str], count: int) -> str:
    return "\n\n".join([f"{len(found)} of {count} programs", *sorted(found, key=len)[:3]])


@pytest.mark.parametrize("part", range(_PARTS))
def test_a_hop_is_reported_exactly_when_its_worker_loses_the_value(part: int) -> None:
    found = _differences(part * _PART, _PART)
    assert not found, _told(found, _PART)


@pytest.mark.skipif("CTXLINT_ORACLE" not in os.environ, reason="a long run: CTXLINT_ORACLE=20000")
def test_they_agree_on_a_long_run() -> None:
    first, count = int(os.environ.get("CTXLINT_ORACLE_FROM", "1000000")), int(os.environ["CTXLINT_ORACLE"])
    found = _differences(first, count)
    assert not found, _told(found, count)


def test_the_programs_lose_and_keep_in_good_measure() -> None:
    """Neither verdict is rare: a rule that always speaks, or never, would not pass."""
    lost = sum(propagation_runs.observed(propagation_programs.program(seed)).lost for seed in range(100))
    assert 15 <= lost <= 85
