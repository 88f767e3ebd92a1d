"""The flake8 door, through the real flake8 and by itself."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from ctxlint import engine
from ctxlint.flake8_plugin import Plugin
from ctxlint.model.sources import SourceFile
from ctxlint.rules.registry import all_rules

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WRONG = "from contextvars import ContextVar\n\nseen = ContextVar('seen', default=[])\n"
MUTABLE_DEFAULT = "CTX201"
LEAK = """\
from ids import request_id


async def handle(process, request):
    token = request_id.set(request)
    await process(request)
    request_id.reset(token)
"""
CODES = frozenset(rule.code for rule in all_rules())


def finds(code: str, *texts: str) -> bool:
    """Ask the engine itself; while it is not whole, the tests of what findings look like wait."""
    names = [f"/{chr(97 + number)}.py" for number in range(len(texts))]
    files = [SourceFile(name, name[1:], ("/",)) for name in names]
    found = engine.check(files, lambda path: texts[names.index(path)].encode(), CODES)
    return code in {entry.code for entry in found.diagnostics}


needs_rules = pytest.mark.skipif(
    not finds(MUTABLE_DEFAULT, WRONG), reason=f"{MUTABLE_DEFAULT} is not found yet"
)


def flake8(cwd: Path, *words: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run flake8 for our codes alone."""
    command = [sys.executable, "-m", "flake8", "--select", "CTX", *words]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, input=stdin, check=False)


def cli(cwd: Path, *words: str) -> list[tuple[str, int, int, str, str]]:
    """Run the command line: its findings as file, row, column, code and message."""
    command = [sys.executable, "-m", "ctxlint", "--output-format", "json", *words]
    result = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    return [
        (
            entry["filename"],
            entry["location"]["row"],
            entry["location"]["column"],
            entry["code"],
            entry["message"],
        )
        for entry in json.loads(result.stdout)
    ]


def as_flake8(cwd: Path, findings: list[tuple[str, int, int, str, str]]) -> list[str]:
    return sorted(
        f"./{os.path.relpath(name, cwd)}:{row}:{column}: {code} {text}"
        for name, row, column, code, text in findings
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Make a project of two modules, of which one is wrong."""
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "src").mkdir()
    (tmp_path / "src/clean.py").write_text("x = 1\n")
    (tmp_path / "src/wrong.py").write_text(WRONG)
    return tmp_path


@pytest.fixture
def fresh_process() -> Iterator[None]:
    """Forget what was judged, before and after."""
    Plugin.forget()
    yield
    Plugin.forget()


def own_lines(text: str, filename: str) -> list[tuple[int, int, str]]:
    plugin = Plugin(ast.parse(text), text.splitlines(keepends=True), filename)
    return [(row, column, line) for row, column, line, _kind in plugin.run()]


def test_flake8_knows_the_plugin(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "flake8", "--version"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )

    assert "ctxlint: " in result.stdout


@pytest.mark.parametrize("words", [(), ("src",), ("src/clean.py",), ("-j2",), ("-j1", "src", "src/clean.py")])
def test_clean_files_are_quiet(project: Path, words: tuple[str, ...]) -> None:
    (project / "src/wrong.py").unlink()

    result = flake8(project, *words)

    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


@needs_rules
@pytest.mark.parametrize("words", [(".",), (".", "-j2"), (".", "-j1")])
def test_findings_are_those_of_the_command_line(project: Path, words: tuple[str, ...]) -> None:
    result = flake8(project, *words)

    assert as_flake8(project, cli(project, ".")) == sorted(result.stdout.splitlines())
    assert 1 == len(result.stdout.splitlines()) == result.returncode


@needs_rules
def test_a_single_file_is_judged_with_its_project(project: Path) -> None:
    result = flake8(project, "src/wrong.py")

    assert "src/wrong.py:3:" in result.stdout
    assert f" {MUTABLE_DEFAULT} " in result.stdout


@needs_rules
def test_a_finding_may_need_another_module(project: Path) -> None:
    """The name that is set is known to be a ContextVar only through the other file."""
    (project / "src/wrong.py").write_text(LEAK)
    (project / "src/ids.py").write_text(
        "from contextvars import ContextVar\n\nrequest_id = ContextVar('r')\n"
    )
    findings = cli(project, "src/wrong.py")

    assert [code for _name, _row, _column, code, _text in findings] == ["CTX104"]
    assert as_flake8(project, findings) == [
        f"./{line}" for line in flake8(project, "src/wrong.py").stdout.splitlines()
    ]


@needs_rules
def test_standard_input_is_laid_over_the_file(project: Path) -> None:
    fixed = WRONG.replace("[]", "()")

    assert flake8(project, "-", "--stdin-display-name", "src/wrong.py", stdin=fixed).stdout == ""
    assert (
        "src/clean.py:3:" in flake8(project, "-", "--stdin-display-name", "src/clean.py", stdin=WRONG).stdout
    )
    assert "src/new.py:3:" in flake8(project, "-", "--stdin-display-name", "src/new.py", stdin=WRONG).stdout
    assert "stdin:3:" in flake8(project, "-", stdin=WRONG).stdout


@needs_rules
def test_noqa_is_flake8s_own(project: Path) -> None:
    marked = WRONG.replace("[])", "[])  # noqa: CTX201")
    (project / "src/wrong.py").write_text(marked)

    assert flake8(project).stdout == ""
    assert f" {MUTABLE_DEFAULT} " in flake8(project, "--disable-noqa").stdout


@needs_rules
def test_the_configuration_says_what_the_program_is(project: Path) -> None:
    (project / "ctxlint.toml").write_text("exclude = ['wrong.py']\n")

    assert flake8(project).stdout == ""
    assert f" {MUTABLE_DEFAULT} " in flake8(project, "src/wrong.py").stdout


def test_opt_in_codes_are_ignored_by_default() -> None:
    """flake8 shows its default ignores only in its help and by what it does; ask its option manager."""

    class Manager:
        ignored: tuple[str, ...] = ()

        def extend_default_ignore(self, codes: list[str]) -> None:
            self.ignored = tuple(codes)

    manager = Manager()
    Plugin.add_options(manager)

    assert tuple(rule.code for rule in all_rules() if not rule.default) == manager.ignored


@pytest.mark.parametrize("jobs", ["-j1", "-j2"])
def test_a_wrong_configuration_is_said_and_flake8_goes_on(project: Path, jobs: str) -> None:
    (project / "ctxlint.toml").write_text("selekt = []\n")
    command = [
        sys.executable,
        "-m",
        "flake8",
        jobs,
        "--select",
        "CTX,F",
        "src/clean.py",
        "src/wrong.py",
        "src/f.py",
    ]
    (project / "src/f.py").write_text("import os\n")
    result = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    told = "unknown key 'selekt' — did you mean 'select'?"

    assert result.returncode == 1
    assert "src/f.py:1:1: F401" in result.stdout
    assert (
        f"1:1: CTX901 ctxlint could not check the program: {project}/ctxlint.toml: {told}\n".replace(
            f"{project}/", ""
        )
        in result.stdout
    )
    assert f"ctxlint: ctxlint.toml: {told}\n" in result.stderr


@pytest.mark.usefixtures("fresh_process")
def test_an_error_inside_is_said_once(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever happens below, flake8 goes on; a configuration that is no file stands for it."""
    (project / "ctxlint.toml").write_bytes(b"\xff")
    (project / "src/b.py").touch()

    first, second = (
        own_lines("x\n", str(project / "src/clean.py")),
        own_lines("x\n", str(project / "src/b.py")),
    )

    assert [(row, column, text.split()[0]) for row, column, text in first] == [(1, 0, "CTX901")]
    assert second == []
    assert capsys.readouterr().err.count("is not UTF-8") == 1


@pytest.mark.usefixtures("fresh_process")
def test_a_file_flake8_reads_and_the_disk_lacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    assert own_lines("x = 1\n", "nowhere/at/all.py") == []
    assert own_lines("x = 1\n", "stdin") == []
    assert own_lines("", "empty.py") == []


@needs_rules
@pytest.mark.usefixtures("fresh_process")
@pytest.mark.parametrize("head", ["", "# coding: latin-1\n"])
def test_the_text_flake8_holds_counts(project: Path, head: str) -> None:
    text = head + WRONG.replace("'seen'", "'größe'")
    name = str(project / "src/clean.py")

    assert [3 + head.count("\n")] == [row for row, _column, line in own_lines(text, name) if "CTX201" in line]


@needs_rules
@pytest.mark.usefixtures("fresh_process")
def test_columns_count_from_zero(project: Path) -> None:
    lines = own_lines(WRONG, str(project / "src/wrong.py"))
    [(_name, row, column, code, text)] = cli(project, "src/wrong.py")

    assert [(row, column - 1, f"{code} {text}")] == lines
