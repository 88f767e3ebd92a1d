"""Each example of ``docs/knowledge.md``: what is reported with its table, and what only without."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from ctxlint.cli import main

PAGE = Path(__file__).parents[1] / "docs" / "knowledge.md"
EXAMPLE = re.compile(
    r"^## (?P<title>[^\n]+)\n(?:(?!^## ).)*?```toml\n(?P<toml>.*?)```\n+```python\n(?P<code>.*?)```",
    re.DOTALL | re.MULTILINE,
)
EXAMPLES = [match.groups() for match in EXAMPLE.finditer(PAGE.read_text("utf-8"))]


def reported(folder: Path, config: str, code: str) -> set[tuple[int, str]]:
    (folder / "app.py").write_text(code, "utf-8")
    (folder / "pyproject.toml").write_text(config or "[tool.ctxlint]\n", "utf-8")
    shown = CliRunner().invoke(main, ["check", "--no-cache", "--output-format", "concise", str(folder)])
    assert shown.exit_code in (0, 1), shown.output
    return {(int(row), name) for row, name in re.findall(r"app\.py:(\d+):\d+: (CTX\d+)", shown.output)}


def marked(code: str, word: str) -> set[tuple[int, str]]:
    lines = enumerate(code.splitlines(), 1)
    return {(row, name) for row, text in lines for name in re.findall(rf"# {word}: (CTX\d+)", text)}


def test_the_page_has_an_example_for_each_kind_of_row():
    assert len(EXAMPLES) == PAGE.read_text("utf-8").count("```toml") >= 8


@pytest.mark.parametrize(("title", "config", "code"), EXAMPLES, ids=[title for title, *_ in EXAMPLES])
def test_an_example_says_what_the_table_changes(title, config, code, tmp_path):
    with_it = reported(tmp_path, config, code)
    without = reported(tmp_path, "", code)
    assert with_it == marked(code, "expect"), title
    assert without - with_it == marked(code, "without"), title
    assert not without & marked(code, "expect"), title
