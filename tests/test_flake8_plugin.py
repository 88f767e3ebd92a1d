"""The flake8 door, through the real flake8 and by itself."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from ctxlint.flake8_plugin import Plugin
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
OPT_IN = """\
from contextvars import ContextVar

tenant = ContextVar("tenant", default="nobody")
tenant.set("somebody")


def set_tenant(name):
    tenant.set(name)
"""


def flake8(cwd: Path, *words: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run flake8 and see our codes alone, those that are on by default."""
    command = [sys.executable, "-m", "flake8", "--extend-ignore", "E,F,W,C9", *words]
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


@pytest.mark.parametrize("words", [(".",), (".", "-j2"), (".", "-j1")])
def test_findings_are_those_of_the_command_line(project: Path, words: tuple[str, ...]) -> None:
    result = flake8(project, *words)

    assert as_flake8(project, cli(project, ".")) == sorted(result.stdout.splitlines())
    assert 1 == len(result.stdout.splitlines()) == result.returncode


def test_a_single_file_is_judged_with_its_project(project: Path) -> None:
    result = flake8(project, "src/wrong.py")

    assert "src/wrong.py:3:" in result.stdout
    assert f" {MUTABLE_DEFAULT} " in result.stdout


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


def test_standard_input_is_laid_over_the_file(project: Path) -> None:
    fixed = WRONG.replace("[]", "()")

    assert flake8(project, "-", "--stdin-display-name", "src/wrong.py", stdin=fixed).stdout == ""
    assert (
        "src/clean.py:3:" in flake8(project, "-", "--stdin-display-name", "src/clean.py", stdin=WRONG).stdout
    )
    assert "src/new.py:3:" in flake8(project, "-", "--stdin-display-name", "src/new.py", stdin=WRONG).stdout
    assert "stdin:3:" in flake8(project, "-", stdin=WRONG).stdout


def test_noqa_is_flake8s_own(project: Path) -> None:
    marked = WRONG.replace("[])", "[])  # noqa: CTX201")
    (project / "src/wrong.py").write_text(marked)

    assert flake8(project).stdout == ""
    assert f" {MUTABLE_DEFAULT} " in flake8(project, "--disable-noqa").stdout


def test_the_configuration_says_what_the_program_is(project: Path) -> None:
    (project / "ctxlint.toml").write_text("exclude = ['wrong.py']\n")

    assert flake8(project).stdout == ""
    assert f" {MUTABLE_DEFAULT} " in flake8(project, "src/wrong.py").stdout


def test_opt_in_codes_are_ignored_by_default() -> None:
    """flake8 shows its default ignores only in its help and by what it does; ask its option manager."""

    class Manager:
        ignored: tuple[str, ...] = ()
        options: tuple[str, ...] = ()

        def extend_default_ignore(self, codes: list[str]) -> None:
            self.ignored = tuple(codes)

        def add_option(self, name: str, **_kwargs: object) -> None:
            self.options += (name,)

    manager = Manager()
    Plugin.add_options(manager)

    assert tuple(rule.code for rule in all_rules() if not rule.default) == manager.ignored
    assert all(name.startswith("--ctxlint-") for name in manager.options)


@pytest.mark.parametrize("jobs", ["-j1", "-j2"])
def test_a_wrong_configuration_is_said_and_flake8_goes_on(project: Path, jobs: str) -> None:
    (project / "ctxlint.toml").write_text("selekt = []\n")
    (project / "src/f.py").write_text("import os\nos = 2\n")
    (project / "src/clean.py").write_text("x = 1\n")
    command = [sys.executable, "-m", "flake8", jobs, "src/clean.py", "src/wrong.py", "src/f.py"]
    result = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    told = "unknown key 'selekt' — did you mean 'select'?"

    assert result.returncode == 1
    assert "src/f.py:2:1: F811" in result.stdout
    assert f"py:1:1: CTX900 ctxlint.toml:1: {told}\n" in result.stdout
    assert f"ctxlint: ctxlint.toml:1: {told}\n" in result.stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), ["CTX900"]),
        (("--select", "CTX"), ["CTX900"]),
        (("--select", "F,CTX201"), ["CTX900"]),
        (("--select", "F", "--extend-select", "CTX115"), ["CTX900"]),
        (("--select", "CTX104", "--ignore", "CTX"), ["CTX900"]),
        (("--select", "F"), []),
        (("--extend-ignore", "CTX"), []),
        (("--select", "CTX,F", "--ignore", "CTX"), []),
        (("--ignore", "C"), []),
    ],
)
def test_a_wrong_configuration_is_a_finding_where_one_of_ours_is_asked_for(
    project: Path, words: tuple[str, ...], told: list[str]
) -> None:
    """Whatever else is selected: what was not looked for is not clean. Who asks for none of ours hears nothing."""
    (project / "ctxlint.toml").write_text("selekt = []\n")
    result = subprocess.run(
        [sys.executable, "-m", "flake8", "-j1", *words, "src"],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )

    assert [line.split(" ")[1] for line in result.stdout.splitlines()] == told
    assert (bool(result.stderr), result.returncode) == (bool(told), len(told))


def test_suppressions_without_a_reason_are_told(project: Path) -> None:
    (project / "ctxlint.toml").write_text("require-suppression-reason = true\n")
    noqa = WRONG.replace("default=[])", "default=[])  # noqa: CTX201")
    assert noqa != WRONG
    (project / "src/wrong.py").write_text(noqa)
    (project / "src/own.py").write_text("x = 1  # ctxlint: ignore[token-discarded]\nprint(x)\n")
    narrow = ("--select", "CTX9")

    assert [line.partition(": ")[2] for line in sorted(flake8(project, *narrow).stdout.splitlines())] == [
        "CTX903 `# ctxlint: ignore[token-discarded]` gives no reason.",
        "CTX903 `# noqa: CTX201` gives no reason.",
    ]
    reasoned = noqa.replace("noqa: CTX201", "noqa: CTX201 - the process ends here")
    (project / "src/wrong.py").write_text(reasoned)
    assert codes(flake8(project, *narrow).stdout) == ["CTX903"]
    assert "CTX903" not in codes(flake8(project, "--extend-ignore", "CTX903").stdout)
    (project / "ctxlint.toml").unlink()
    assert "CTX903" not in codes(flake8(project).stdout)
    (project / "src/wrong.py").write_text(noqa)
    assert codes(flake8(project, "--extend-select", "CTX903").stdout).count("CTX903") == 2


def test_suppressions_without_a_reason_are_told_where_nothing_else_is(project: Path) -> None:
    """In a program without variables, too."""
    (project / "ctxlint.toml").write_text("require-suppression-reason = true\n")
    (project / "src/wrong.py").write_text("x = 1  # noqa: CTX101\nprint(x)\n")

    assert codes(flake8(project).stdout) == ["CTX903"]


@pytest.mark.usefixtures("fresh_process")
def test_an_error_inside_is_said_once(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever happens below, flake8 goes on; a configuration that is no text stands for it."""
    (project / "ctxlint.toml").write_bytes(b"\xff")
    (project / "src/b.py").write_text("x\n")

    first, second = (
        own_lines("x\n", str(project / "src/clean.py")),
        own_lines("x\n", str(project / "src/b.py")),
    )

    assert [(row, column, text.split()[0]) for row, column, text in first] == [(1, 0, "CTX900")]
    assert second == []
    assert capsys.readouterr().err.count("is not UTF-8") == 1


@pytest.mark.usefixtures("fresh_process")
def test_a_file_flake8_reads_and_the_disk_lacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    assert own_lines("x = 1\n", "nowhere/at/all.py") == []
    assert own_lines("x = 1\n", "stdin") == []
    assert own_lines("", "empty.py") == []


@pytest.mark.usefixtures("fresh_process")
@pytest.mark.parametrize("head", ["", "# coding: latin-1\n"])
def test_the_text_flake8_holds_counts(project: Path, head: str) -> None:
    text = head + WRONG.replace("'seen'", "'größe'")
    name = str(project / "src/clean.py")

    assert [3 + head.count("\n")] == [row for row, _column, line in own_lines(text, name) if "CTX201" in line]


@pytest.mark.usefixtures("fresh_process")
def test_columns_count_from_zero(project: Path) -> None:
    lines = own_lines(WRONG, str(project / "src/wrong.py"))
    [(_name, row, column, code, text)] = cli(project, "src/wrong.py")

    assert [(row, column - 1, f"{code} {text}")] == lines


def test_our_own_suppressions_count(project: Path) -> None:
    """``# noqa`` is flake8's, so ``--disable-noqa`` does not bring them up; and none is called unused here."""
    (project / "src/wrong.py").write_text(
        WRONG.replace("[])", "[])  # ctxlint: ignore[mutable-default] shared on purpose")
    )
    (project / "src/unused.py").write_text("x = len('')  # ctxlint: ignore[CTX104] nothing\n")

    assert cli(project, "src/wrong.py") == []
    assert flake8(project, "--disable-noqa", ".").stdout == ""
    assert [code for _name, _row, _column, code, _text in cli(project, ".")] == ["CTX902"]


# --- which codes -------------------------------------------------------------------------------------------


def codes(output: str) -> list[str]:
    return sorted(line.split()[1] for line in output.splitlines())


@pytest.fixture
def optional(project: Path) -> Path:
    """Make a project that only opt-in rules, and opt-in parts of one that is on, have a word for."""
    (project / "src/wrong.py").write_text(OPT_IN)
    return project


def test_opt_in_codes_are_asked_for_by_name(optional: Path) -> None:
    assert codes(flake8(optional).stdout) == []
    assert "CTX115" in codes(flake8(optional, "--extend-select", "CTX115").stdout)
    assert codes(flake8(optional, "--select", "CTX115").stdout) == ["CTX115"]
    assert codes(flake8(optional, "--select", "E1,F").stdout) == []


def test_opt_in_parts_of_a_rule_that_is_on_are_asked_for_by_name(optional: Path) -> None:
    assert codes(flake8(optional, "--extend-select", "CTX116").stdout) == ["CTX116"]


def test_selecting_all_of_ours_is_what_it_is_at_the_command_line(optional: Path) -> None:
    shown = flake8(optional, "--select", "CTX").stdout

    assert len(shown.splitlines()) > 1
    assert as_flake8(optional, cli(optional, "--select", "CTX", ".")) == sorted(shown.splitlines())


def test_ignore_does_not_bring_up_opt_in_codes(optional: Path) -> None:
    """In flake8 at large ``ignore`` replaces the default ignores, and so turns on what they hide."""
    result = subprocess.run(
        [sys.executable, "-m", "flake8", "--ignore", "E,F,W"],
        cwd=optional,
        capture_output=True,
        text=True,
        check=False,
    )

    assert codes(result.stdout) == []


def test_ignored_codes_are_flake8s_business(project: Path) -> None:
    assert flake8(project, "--extend-ignore", "E,F,W,CTX2").stdout == ""
    assert flake8(project, "--per-file-ignores", "wrong.py:CTX201").stdout == ""


def test_our_configuration_selects_and_flake8s_wins(optional: Path) -> None:
    (optional / "ctxlint.toml").write_text("extend-select = ['CTX115', 'CTX116']\n")
    both = ["CTX115", "CTX116"]

    assert sorted(set(codes(flake8(optional).stdout))) == both
    assert codes(flake8(optional, "-j2", ".").stdout) == codes(flake8(optional).stdout)
    assert set(codes(flake8(optional, "--extend-ignore", "E,F,W,CTX115").stdout)) == {"CTX116"}
    (optional / "ctxlint.toml").write_text("ignore = ['CTX116']\nextend-select = ['CTX115']\n")
    assert set(codes(flake8(optional).stdout)) == {"CTX115"}
    assert set(codes(flake8(optional, "--extend-select", "CTX116").stdout)) == set(both)


def test_what_our_configuration_ignores_is_not_shown(project: Path) -> None:
    (project / "ctxlint.toml").write_text("ignore = ['mutable-default']\n")

    assert flake8(project).stdout == ""
    assert codes(flake8(project, "--extend-select", "CTX2").stdout) == [MUTABLE_DEFAULT]


def test_options_may_stand_in_flake8s_configuration(project: Path) -> None:
    (project / "other.toml").write_text("ignore = ['CTX201']\n")
    (project / ".flake8").write_text("[flake8]\nctxlint-config = ./other.toml\nctxlint-no-cache = true\n")

    assert flake8(project).stdout == ""
    assert not (project / ".ctxlint_cache").exists()
    assert codes(flake8(project, "--ctxlint-config", "pyproject.toml").stdout) == [MUTABLE_DEFAULT]


def test_the_target_version_of_flake8_wins(project: Path) -> None:
    """``with var.set(...)`` is an error below 3.14 only."""
    (project / "ctxlint.toml").write_text("target-version = 'py314'\n")
    (project / "src/wrong.py").write_text(
        "from contextvars import ContextVar\n\nv = ContextVar('v')\n\n\ndef f(g):\n    with v.set(1):\n        g()\n"
    )

    assert codes(flake8(project).stdout) == []
    assert codes(flake8(project, "--ctxlint-target-version", "py312").stdout) == ["CTX120"]


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [
        ("target-version", "2.7", "no version: '2.7' — did you mean '3.7'?"),
        ("cache-dir", "ctxlint.toml", "no folder"),
    ],
)
def test_a_wrong_option_is_told_by_the_name_that_it_has_in_flake8(
    project: Path, option: str, value: str, told: str
) -> None:
    (project / "ctxlint.toml").touch()
    (project / ".flake8").write_text(f"[flake8]\nctxlint-{option} = {value}\n")
    result = flake8(project)
    assert f":1:1: CTX900 --ctxlint-{option}: {told}" in result.stdout
    assert result.stderr.startswith(f"ctxlint: --ctxlint-{option}: ")


def test_isolated_reads_no_configuration_of_ours(project: Path) -> None:
    (project / "ctxlint.toml").write_text("ignore = ['CTX201']\n")

    assert codes(flake8(project, "--ctxlint-isolated").stdout) == [MUTABLE_DEFAULT]


# --- one judgement a program ---------------------------------------------------------------------------------


COUNTING = """\
import multiprocessing
import sys

from ctxlint import engine
from flake8.main.cli import main

check = engine.check


def counted(*args, **kwargs):
    with open("judged.txt", "a") as file:
        file.write("judged\\n")
    return check(*args, **kwargs)


engine.check = counted
if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv.pop(1))
    sys.exit(main(sys.argv[1:]))
"""


def started(cwd: Path, method: str, *words: str) -> tuple[str, int]:
    """Run flake8 with workers that are started so; what it printed and how often the engine ran."""
    script = cwd / "run_flake8.py"
    script.write_text(COUNTING)
    command = [sys.executable, str(script), method, "--extend-ignore", "E,F,W,C9", *words]
    result = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert "Traceback" not in result.stderr, result.stderr
    runs = cwd / "judged.txt"
    return result.stdout, len(runs.read_text().splitlines()) if runs.exists() else 0


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_processes_share_one_judgement(project: Path, method: str) -> None:
    for number in range(20):
        (project / f"src/m{number}.py").write_text(f"x = {number}\n")
    (project / "src/also.py").write_text(WRONG)
    expected = ["./src/also.py", "./src/wrong.py"]

    first, runs = started(project, method, "-j4", ".")
    again, runs_again = started(project, method, "-j4", ".")

    assert sorted(line.split(":")[0] for line in first.splitlines()) == expected
    assert again == first
    assert runs == runs_again == 1


def test_another_text_is_another_program(project: Path) -> None:
    _, runs = started(project, "fork", "-j1", ".")
    (project / "src/clean.py").write_text("x = 2\n")
    _, more = started(project, "fork", "-j1", "src/wrong.py")
    _, same = started(project, "fork", "-j1", "src")

    assert (runs, more, same) == (1, 2, 2)


def test_what_is_declared_counts_too(project: Path) -> None:
    """The project's ``requires-python`` and our configuration are part of what was judged."""
    (project / "src/wrong.py").write_text(
        "from contextvars import ContextVar\n\nv = ContextVar('v')\n\n\ndef f(g):\n    with v.set(1):\n        g()\n"
    )
    (project / "pyproject.toml").write_text("[project]\nrequires-python = '>=3.14'\n")
    assert codes(flake8(project).stdout) == []
    (project / "pyproject.toml").write_text("[project]\nrequires-python = '>=3.10'\n")
    assert codes(flake8(project).stdout) == ["CTX120"]
    (project / "ctxlint.toml").write_text("ignore = ['CTX120']\n")
    assert codes(flake8(project).stdout) == []


def test_a_program_without_variables_is_not_judged(project: Path) -> None:
    (project / "src/wrong.py").write_text("import threading\n\nthreading.Thread(target=print).start()\n")

    assert started(project, "fork", "-j1", ".") == ("", 0)
    assert not (project / ".ctxlint_cache").exists()


def test_a_file_of_imports_asks_nothing(project: Path) -> None:
    (project / "src/names.py").write_text('"""Names."""\nfrom wrong import seen  # noqa: F401\n')

    assert started(project, "fork", "-j1", "src/names.py") == ("", 0)


def test_a_hops_file_may_name_no_variable(project: Path) -> None:
    (project / "src/wrong.py").write_text(
        "from contextvars import ContextVar\n\nuser = ContextVar('user')\n\n\ndef read():\n    return user.get()\n\n\n"
        "def enter(name):\n    user.set(name)\n"
    )
    (project / "src/hop.py").write_text(
        "import threading\n\nfrom wrong import enter, read\n\n\ndef serve(name):\n    enter(name)\n"
        "    threading.Thread(target=read).start()\n"
    )
    shown = flake8(project, "src/hop.py").stdout

    assert codes(shown) == ["CTX301"]
    assert as_flake8(project, cli(project, "src/hop.py")) == [f"./{line}" for line in shown.splitlines()]


def test_other_plugins_and_checks_run_beside(project: Path) -> None:
    (project / "src/wrong.py").write_text(
        WRONG + "\n\ndef f(a):\n    if a:\n        return 1\n    return 2\n"
    )
    command = [sys.executable, "-m", "flake8", "--max-complexity", "1"]
    result = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)

    assert codes(result.stdout) == ["C901", "CTX201"]


def test_a_nested_project_is_judged_as_the_command_line_does(project: Path) -> None:
    (project / "inner").mkdir()
    (project / "inner/pyproject.toml").touch()
    (project / "inner/a.py").write_text(LEAK)
    (project / "inner/ids.py").write_text(
        "from contextvars import ContextVar\n\nrequest_id = ContextVar('r')\n"
    )

    for words in ((".",), ("inner",), ("inner/a.py", "src")):
        shown = {line.removeprefix("./") for line in flake8(project, *words).stdout.splitlines()}
        assert shown == {line.removeprefix("./") for line in as_flake8(project, cli(project, *words))}
        assert any("CTX104" in line for line in shown)


def test_a_nested_configuration_selects_for_its_folder(tmp_path: Path) -> None:
    """CTX211 is opt-in: below ``sub`` it is asked for, beside it it is not."""
    text = 'from contextvars import ContextVar\n\nv = ContextVar("other", default="")\n'
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "shop"\n[tool.ctxlint]\n')
    (tmp_path / "beside.py").write_text(text)
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "pyproject.toml").write_text('[tool.ctxlint]\nextend-select = ["CTX211"]\n')
    (tmp_path / "sub" / "m.py").write_text(text)
    found = flake8(tmp_path, ".").stdout.splitlines()
    assert [line.partition(" CTX211 ")[0] for line in found] == ["./sub/m.py:3:16:"]


def test_a_folder_that_the_project_leaves_out_is_judged_when_named(project: Path) -> None:
    (project / "ctxlint.toml").write_text("exclude = ['src']\n")

    assert flake8(project).stdout == ""
    assert codes(flake8(project, "src").stdout) == [MUTABLE_DEFAULT]


def test_without_a_project_the_given_paths_are_the_program(tmp_path: Path) -> None:
    (tmp_path / "ids.py").write_text("from contextvars import ContextVar\n\nrequest_id = ContextVar('r')\n")
    (tmp_path / "a.py").write_text(LEAK)

    assert codes(flake8(tmp_path, "a.py", "ids.py").stdout) == ["CTX104"]
    assert codes(flake8(tmp_path, "a.py").stdout) == []
