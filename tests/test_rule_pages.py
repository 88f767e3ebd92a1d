"""The page of every rule: its examples run, and mean what they say."""

from __future__ import annotations

import re
from pathlib import Path

import marks
import pytest

from ctxlint.rules.precedence import cycle
from ctxlint.rules.registry import all_rules

HEADINGS = ("What it does", "Why is this bad?", "Example", "Use instead")
BLOCK = re.compile(r"^## (?P<heading>[^\n]+)\n(?P<body>.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"```python\n(?P<code>.*?)```", re.DOTALL)


def sections(page: str) -> dict[str, str]:
    return {match["heading"].strip(): match["body"] for match in BLOCK.finditer(page)}


def examples() -> list[tuple[str, str, str]]:
    return [
        (rule.code, heading, block["code"])
        for rule in all_rules()
        for heading, body in sections(rule.page).items()
        for block in CODE.finditer(body)
    ]


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.code)
def test_a_page_has_every_heading(rule) -> None:
    """What, why, an example and a cure: a reader needs all four."""
    found = sections(rule.page)
    assert [heading for heading in HEADINGS if not found.get(heading, "").strip()] == []


@pytest.mark.parametrize(
    ("code", "heading", "source"), examples(), ids=lambda value: value[:24].split("\n")[0]
)
def test_an_example_gives_what_it_marks(code: str, heading: str, source: str, tmp_path: Path) -> None:
    """The wrong example fires where it is marked, the right one is silent; both under every default rule."""
    path = tmp_path / "example.py"
    path.write_text(source, "utf-8")
    compile(source, str(path), "exec")
    found = marks.reported(path, columns=False)
    assert found == marks.expected(path, columns=False)
    assert bool([item for item in found if item[2] == code]) == (heading == "Example")


def test_codes_and_names_are_unique() -> None:
    """Both select a rule."""
    rules = all_rules()
    assert len({rule.code for rule in rules}) == len({rule.name for rule in rules}) == len(rules)


def test_precedence_has_no_circle() -> None:
    """Of two findings on one site one must win."""
    assert cycle(all_rules()) == ()


def test_rules_yield_to_rules_only() -> None:
    """A code that does not exist can silence nothing; codes of rules to come are not named early."""
    known = {rule.code for rule in all_rules()}
    assert [rule.code for rule in all_rules() if not set(rule.yields_to) <= known] == []
