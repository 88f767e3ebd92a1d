"""CTX301 to CTX306 against CPython, on random programs that carry a Context (see ``cure_programs``, ``cure_runs``).

A long run: ``CTXLINT_ORACLE=5000 python -m pytest -k long_run tests/oracle/test_cure_oracle.py``; its seeds start at
``CTXLINT_ORACLE_FROM`` (1000000).
"""

from __future__ import annotations

import collections
import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import cure_programs
import cure_runs

_PARTS, _PART = 3, 50
pytestmark = pytest.mark.no_cover  # hundreds of programs: what they reach, the fixtures reach in seconds


def _differences(first: int, count: int) -> list[str]:
    programs = map(cure_programs.program, range(first, first + count))
    return [found for made in programs if (found := cure_runs.disagreement(made)) is not None]


def _told(found: list[str], count: int) -> str:
    return "\n\n".join([f"{len(found)} of {count} programs", *sorted(found, key=len)[:3]])


@pytest.mark.parametrize("part", range(_PARTS))
def test_a_cure_is_reported_exactly_when_it_does_not_cure(part: int) -> None:
    found = _differences(part * _PART, _PART)
    assert not found, _told(found, _PART)


@pytest.mark.skipif("CTXLINT_ORACLE" not in os.environ, reason="a long run: CTXLINT_ORACLE=5000")
def test_they_agree_on_a_long_run() -> None:
    first, count = int(os.environ.get("CTXLINT_ORACLE_FROM", "1000000")), int(os.environ["CTXLINT_ORACLE"])
    found = _differences(first, count)
    assert not found, _told(found, count)


def test_no_verdict_is_rare() -> None:
    """A rule that always speaks, or never, would not pass."""
    verdicts = collections.Counter(
        cure_runs.observed(cure_programs.program(seed)).verdict for seed in range(150)
    )

    assert verdicts["fine"] >= 30
    assert verdicts["lost"] >= 20
    assert verdicts["clash"] >= 15
    assert verdicts["pickled"] >= 1
