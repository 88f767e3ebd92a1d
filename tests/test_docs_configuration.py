"""The pages on configuration, suppression and baseline say what is so."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from ctxlint import api
from ctxlint.cli import main
from ctxlint.frontend.directives import suppressions
from ctxlint.shell.baseline import BaselineFile
from ctxlint.shell.layers import Request
from ctxlint.shell.session import plan, run
from ctxlint.shell.settings import KEYS, Settings
from ctxlint.suppression.baseline import decode

DOCS = Path(__file__).parent.parent / "docs"
PAGES = {
    name: (DOCS / f"{name}.md").read_text("utf-8") for name in ("configuration", "suppression", "baseline")
}


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGES[page], re.MULTILINE | re.DOTALL)


def test_every_key_has_its_row() -> None:
    assert tuple(re.findall(r"^\| `([a-z-]+)` \|", PAGES["configuration"], re.MULTILINE)) == KEYS


@pytest.mark.parametrize("text", blocks("configuration", "toml"))
def test_the_examples_are_accepted(text: str) -> None:
    found = msgspec.toml.decode(text)
    assert msgspec.convert(found.get("tool", {}).get("ctxlint", found), Settings) != Settings()


def test_the_settings_are_shown_as_they_stand_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The head of the output; only the folder of the project is another one."""
    shown = next(block for block in blocks("configuration", "console") if "--show-settings" in block)
    shop = tmp_path / "shop"
    (shop / "src").mkdir(parents=True)
    (shop / "src" / "a.py").write_text("value = 1\n")
    (shop / "pyproject.toml").write_text('[project]\nname = "shop"\n[tool.ctxlint]\nignore = ["CTX206"]\n')
    monkeypatch.chdir(shop)
    printed = CliRunner().invoke(main, ["--show-settings", "src"]).output
    command, *lines, more = shown.splitlines()
    assert (command, more) == ("$ ctxlint --show-settings src", "…")
    assert printed.replace(str(shop), "/home/me/shop").startswith("\n".join(lines))


def test_the_example_of_the_interface_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "src").mkdir()
    (code,) = blocks("configuration", "python")
    names: dict[str, object] = {}
    exec(code, names)  # noqa: S102 - our own page
    assert isinstance(names["checked"], api.Checked)


def test_a_suppressed_function_is_silent() -> None:
    code = blocks("suppression", "python")[0]
    assert api.check_source(code).problems == ()
    bare = re.sub(r"  # ctxlint[^\n]*", "", code)
    assert [problem.code for problem in api.check_source(bare).problems] == ["CTX104"]


def test_reasons_are_what_the_page_says() -> None:
    found = suppressions(blocks("suppression", "python")[1]).directives
    assert [each.reason for each in found] == ["the process ends here", ""]


def test_the_baseline_is_what_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a program with one mutable default; what is said on the way is in ``shell/test_steps.py``."""
    (text,) = blocks("baseline", "json")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.py").write_text("from contextvars import ContextVar\nv = ContextVar('v', default=[])\n")
    BaselineFile("known.json", (".",)).write(run(plan(Request((".",), no_cache=True))))
    assert (tmp_path / "known.json").read_text() == text
    assert [entry.code for entry in decode(text.encode()).findings] == ["CTX201"]
