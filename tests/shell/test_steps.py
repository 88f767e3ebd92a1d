"""Baseline, changed lines, comments, standard input and listings through the command line: words and exit codes."""

from __future__ import annotations

import json
import subprocess
from inspect import signature
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from ctxlint.cli import main

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

# click before 8.2 mixes the two streams unless told not to
RUNNER = CliRunner(**({"mix_stderr": False} if "mix_stderr" in signature(CliRunner).parameters else {}))
WRONG = "from contextvars import ContextVar\nv = ContextVar('v', default=[])\n"
KNOWN = ("--baseline", "known.json")


def run(*words: str, stdin: str | None = None) -> Result:
    return RUNNER.invoke(main, words, input=stdin)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text('[tool.ctxlint]\nextend-exclude = ["gen"]\n')
    (tmp_path / "a.py").write_text(WRONG)
    return tmp_path


def test_a_baseline_from_its_first_to_its_last_day(here: Path) -> None:
    result = run(*KNOWN, "--write-baseline")
    assert (result.exit_code, result.stdout) == (0, "1 finding written to known.json\n")
    result = run(*KNOWN)
    assert (result.exit_code, result.stdout) == (0, "All checks passed: no findings in 1 file.\n")
    assert result.stderr == "ctxlint: 1 finding of the baseline known.json not shown\n"
    (here / "a.py").write_text(WRONG.replace("[]", "()"))
    result = run(*KNOWN)
    assert result.exit_code == 1
    assert result.stderr == (
        "ctxlint: stale in known.json: CTX201 in a.py\n"
        "ctxlint: error: 1 entry stale; --prune-baseline removes it\n"
    )
    assert run(*KNOWN, "--exit-zero").exit_code == 0
    result = run(*KNOWN, "--prune-baseline")
    assert (result.exit_code, result.stderr) == (0, "ctxlint: 1 entry removed from known.json\n")
    assert run(*KNOWN).stderr == ""


def test_a_document_is_one_beside_a_baseline() -> None:
    run(*KNOWN, "--write-baseline")
    assert json.loads(run(*KNOWN, "--output-format", "json").stdout) == []


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--write-baseline",), "--write-baseline needs --baseline FILE"),
        (("--prune-baseline",), "--prune-baseline needs --baseline FILE"),
        ((*KNOWN, "--write-baseline", "--since", "HEAD"), "--write-baseline makes all findings known"),
        (KNOWN, "no baseline at 'known.json': --write-baseline makes one"),
        (("--baseline", ".", "--write-baseline"), "cannot read the baseline '.': Is a directory"),
        (("--baseline", "no/known.json", "--write-baseline"), "cannot write the baseline 'no/known.json'"),
        (("--add-noqa", "-"), "--add-noqa changes files: name them"),
        (("-", "a.py"), "'-' stands alone: it is the text of one file"),
        (("a.py", "--stdin-filename", "b.py"), "--stdin-filename goes with '-' alone"),
        (("--stdin-filename", ".", "-"), "--stdin-filename is a folder: '.'"),
        (("--since", "HEAD"), "--since: no git checkout"),
        (("--per-file-ignores", "CTX1"), "--per-file-ignores: 'CTX1' is not PATTERN:CODE"),
        (("--per-file-ignores", "a:CTX999"), "--per-file-ignores: unknown rule 'CTX999'"),
        (("--target-version", "snake"), "--target-version: no version: 'snake'"),
        (("--extend-ignore", "CTX999"), "--extend-ignore: unknown rule 'CTX999'"),
    ],
)
def test_wrong_usage(words: tuple[str, ...], message: str) -> None:
    result = run(*words, stdin="")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"ctxlint: error: {message}")


def test_comments_are_added_once(here: Path) -> None:
    result = run("--add-noqa")
    assert (result.exit_code, result.stdout) == (0, "Suppressed 1 finding in 1 file.\n")
    assert (here / "a.py").read_text() == WRONG.replace("[])", "[])  # noqa: CTX201")
    assert run().exit_code == 0
    assert run("--add-noqa").stdout == "Suppressed 0 findings in 0 files.\n"


def test_what_no_comment_suppresses_is_told(here: Path) -> None:
    """By code, with what cures it; and by file, where a file cannot be written."""
    cell = {"cell_type": "code", "source": WRONG + WRONG.replace("v", "w")}
    (here / "book.ipynb").write_text(json.dumps({"cells": [cell]}))
    (here / "broken.py").write_text(f"{WRONG}def f(:\n")
    (here / "c.py").write_text("x = 1  # noqa: CTX104\ny = 1  # noqa: CTX104\n")
    why = "a notebook is not rewritten; put the comment into the cell"
    result = run("--add-noqa")
    assert (result.exit_code, result.stdout) == (2, "Suppressed 1 finding in 1 file.\n")
    assert result.stderr.splitlines() == [
        "ctxlint: 1 finding of CTX901 left: mend the file",
        "ctxlint: 2 findings of CTX902 left: remove the comments that it names",
        f"ctxlint: error: book.ipynb is left as it was, with 2 findings: {why}",
    ]


def entries(here: Path) -> list[str]:
    """The files of the entries of the baseline."""
    return [entry["file"] for entry in json.loads((here / "known.json").read_text())["findings"]]


def test_what_is_written_is_counted(here: Path) -> None:
    """Findings of this run, and entries that it keeps: together what is in the file."""
    for name in ("b.py", "sub/c.py", "sub/d.py"):
        (here / name).parent.mkdir(exist_ok=True)
        (here / name).write_text(WRONG)
    assert run(*KNOWN, "--write-baseline").stdout == "4 findings written to known.json\n"
    for name in ("b.py", "sub/d.py"):
        (here / name).unlink()
    result = run(*KNOWN, "--write-baseline", "sub")
    beside = "beside 2 entries for what this run did not look for"
    assert (result.stdout, result.stderr) == (f"1 finding written to known.json, {beside}\n", "")
    assert entries(here) == ["a.py", "b.py", "sub/c.py"]
    assert run(*KNOWN, "--write-baseline").stdout == "2 findings written to known.json\n"
    assert entries(here) == ["a.py", "sub/c.py"]
    result = run(*KNOWN, "--write-baseline", "--select", "CTX1")
    assert result.stdout == f"0 findings written to known.json, {beside}\n"
    assert entries(here) == ["a.py", "sub/c.py"]


def test_what_is_not_written_is_told(here: Path) -> None:
    (here / "broken.py").write_text(f"{WRONG}def f(:\n")
    result = run(*KNOWN, "--write-baseline")
    assert (result.exit_code, result.stdout) == (0, "1 finding written to known.json\n")
    why = "that something was not checked (CTX901, CTX904) is never known"
    assert result.stderr == f"ctxlint: 1 finding not written: {why}\n"
    assert entries(here) == ["a.py"]


def test_since_counts_for_the_exit_code(here: Path) -> None:
    git = ["git", "-c", "user.name=n", "-c", "user.email=e@x"]
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "x"]):
        subprocess.run([*git, *words], check=True, cwd=here)
    assert run("--since", "HEAD").exit_code == 0
    (here / "b.py").write_text(WRONG)
    result = run("--since", "HEAD")
    assert (result.exit_code, result.stdout.splitlines()[0][:10]) == (1, "b.py:2:29:")


def test_codes_by_file_on_the_command_line(here: Path) -> None:
    (here / "b.py").write_text(WRONG)
    assert run("--per-file-ignores", "a.py:CTX1,CTX2,b.py:CTX1").stdout.startswith("b.py:2:29")
    assert run("--per-file-ignores", "a.py:CTX2", "--per-file-ignores", "b.py:mutable-default").exit_code == 0
    assert run("--extend-ignore", "CTX2").exit_code == 0


def test_a_reason_can_be_required(here: Path) -> None:
    (here / "a.py").write_text(WRONG.replace("[])", "[])  # noqa: CTX201"))
    assert run().exit_code == 0
    assert "CTX903" in run("--config", "require-suppression-reason=true").stdout
    words = ("--config", "require-suppression-reason=true", "--select", "CTX1")
    assert "CTX903" in run(*words).stdout
    assert run(*words, "--ignore", "CTX903").exit_code == 0


def test_a_code_that_is_not_selected_is_not_called_unused(here: Path) -> None:
    (here / "a.py").write_text("x = 1  # noqa: CTX201\n")
    assert "CTX902" in run().stdout
    assert run("--select", "CTX1,CTX902").exit_code == 0
    assert run("--per-file-ignores", "a.py:CTX201").exit_code == 0


def test_a_name_in_a_noqa_is_told(here: Path) -> None:
    """flake8 and ruff know codes there, and so does ctxlint."""
    (here / "a.py").write_text(WRONG.replace("[])", "[])  # noqa: mutable-default"))
    found = [(each["code"], each["help"]) for each in json.loads(run("--output-format", "json").stdout)]
    assert [code for code, _help in found] == ["CTX201", "CTX902"]
    assert found[1][1] == "Write `# noqa: CTX201`, or `# ctxlint: ignore[mutable-default]`."
    (here / "a.py").write_text(WRONG.replace("[])", "()  # noqa: some-check"))
    assert "CTX902" not in run().stdout


def test_files_are_shown(here: Path) -> None:
    (here / "gen").mkdir()
    (here / "gen/b.py").touch()
    (here / "sub").mkdir()
    (here / "sub/c.pyi").touch()
    result = run("--show-files")
    assert (result.exit_code, result.stdout) == (0, f"{here}/a.py\n{here}/sub/c.pyi\n")


def test_settings_are_shown_with_their_places(here: Path) -> None:
    (here / "base.toml").write_text('ignore = ["CTX1"]\ntarget-version = "py311"\nextend-exclude = ["old"]\n')
    (here / "pyproject.toml").write_text(
        '[project]\n[tool.ctxlint]\nextend = "base.toml"\nignore = ["CTX3"]\nextend-exclude = ["gen"]\n'
        '[tool.ctxlint.per-file-ignores]\n"tests/*" = ["CTX2"]\n'
    )
    result = run("--show-settings", "--select", "CTX2,CTX3", "--no-cache")
    assert result.exit_code == 0
    *lines, rules = result.stdout.splitlines(keepends=True)
    assert "".join(lines) == (
        "# .\n"
        "# configuration: base.toml, pyproject.toml\n"
        f"# project: {here}\n"
        'extend = "base.toml"  # pyproject.toml:3: tool.ctxlint.extend\n'
        'select = ["CTX2", "CTX3"]  # --select\n'
        'ignore = ["CTX3"]  # pyproject.toml:4: tool.ctxlint.ignore\n'
        'per-file-ignores = {"tests/*" = ["CTX2"]}  # pyproject.toml:6: tool.ctxlint.per-file-ignores\n'
        'extend-exclude = ["old"]  # base.toml:3: extend-exclude\n'
        'extend-exclude = ["gen"]  # pyproject.toml:5: tool.ctxlint.extend-exclude\n'
        'target-version = "py311"  # base.toml:2: target-version\n'
        "\n"
        "# What follows from them and from the defaults:\n"
        f"#   src: {here}\n"
        "#   target-version: py311\n"
        "#   cache-dir: none\n"
    )
    assert rules.startswith("#   rules: CTX201, CTX202, ")
    assert "CTX301" in rules  # an option wins over a file
    assert "CTX1" not in rules
