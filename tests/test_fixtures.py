"""Every annotated source below ``fixtures``: exactly the findings that are marked, at exactly their places.

A folder below ``fixtures`` is named after a rule. A file in it is a program of its own; a folder in it is a
program of several modules.
"""

from __future__ import annotations

from pathlib import Path

import marks
import pytest

from ctxlint.rules.registry import all_rules

FIXTURES = Path(__file__).parent / "fixtures"
PROGRAMS = sorted(
    path for rule in FIXTURES.iterdir() for path in rule.iterdir() if path.name != "__pycache__"
)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.relative_to(FIXTURES).as_posix())
def test_a_fixture_gives_what_it_marks_and_nothing_else(program: Path) -> None:
    """Line, column and code agree in both directions."""
    assert marks.reported(program) == marks.expected(program)


def test_every_folder_is_named_after_a_rule() -> None:
    """A folder that no rule knows would hide a rule that was renamed."""
    known = {rule.name for rule in all_rules()}
    assert {path.name for path in FIXTURES.iterdir()} <= known


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.code)
def test_every_rule_has_a_fixture_that_fires_and_one_that_does_not(rule) -> None:
    """A rule without a wrong example could be dead, one without a right one could fire always."""
    programs = [path for path in PROGRAMS if path.parent.name == rule.name]
    fires = [any(code == rule.code for _, _, code, _ in marks.expected(path)) for path in programs]
    assert (any(fires), not all(fires)) == (True, True)
