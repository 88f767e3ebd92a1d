"""A project configured inside a configured one: whatever door a file is asked for by, it belongs to the outer program,
and its own configuration says what is shown.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import project

from ctxlint.api import check_paths, check_source

IDS = "from contextvars import ContextVar\n\nrequest_id = ContextVar('request_id')\n"
#: CTX104 needs ``core/ids.py``; CTX201 is ignored by the nested configuration, CTX211 is selected there alone.
HANDLE = """\
from contextvars import ContextVar

from core.ids import request_id

seen = ContextVar("seen", default=[])
other = ContextVar("another", default="")


async def handle(process, request):
    token = request_id.set(request)
    await process(request)
    request_id.reset(token)
"""
PLACES = {("billing/handle.py", 6, "CTX211"), ("billing/handle.py", 10, "CTX104")}
BESIDE = {("main.py", 5, "CTX201"), ("main.py", 10, "CTX104")}
Places = set[tuple[str, int, str]]


@pytest.fixture
def nest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a project with a nested one, in a git repository, as the working directory."""
    top = tmp_path / "shop"
    for name, text in {
        "pyproject.toml": "[tool.ctxlint]\n",
        ".gitignore": ".ctxlint_cache\n",
        "main.py": HANDLE,
        "core/ids.py": IDS,
        "billing/pyproject.toml": "[tool.ctxlint]\nignore = ['CTX201']\nextend-select = ['CTX211']\n",
        "billing/handle.py": HANDLE,
        "billing/other.py": "x = 1\n",
    }.items():
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_text(text)
    project.git(top, "init", "-q")
    project.git(top, "add", "-A")
    project.git(top, "commit", "-q", "-m", "A project")
    monkeypatch.chdir(top)
    return top


def cli(folder: Path, top: Path, *words: str, stdin: str | None = None) -> Places:
    """What the command line finds, run in ``folder``."""
    done = project.run(folder, "ctxlint", "--output-format", "json", *words, stdin=stdin)
    assert done.returncode in (0, 1), done.stderr
    return {(found.path, found.row, found.code) for found in project.from_json(done.stdout, top)}


def flake8(folder: Path, *words: str, stdin: str | None = None) -> Places:
    done = project.run(folder, "flake8", *project.OURS, *words, stdin=stdin)
    assert done.stderr == ""
    return {(found.path, found.row, found.code) for found in project.from_lines(done.stdout)}


def test_the_project_from_above(nest: Path) -> None:
    assert cli(nest, nest, ".") == PLACES | BESIDE


@pytest.mark.parametrize("given", ["billing", "billing/handle.py", "billing/../billing/handle.py"])
def test_a_path_at_the_command_line(nest: Path, given: str) -> None:
    assert cli(nest, nest, given) == PLACES


def test_paths_of_both(nest: Path) -> None:
    assert cli(nest, nest, "billing/handle.py", "main.py") == PLACES | BESIDE
    assert cli(nest, nest, "main.py", "billing/other.py") == BESIDE


@pytest.mark.parametrize("given", [(), (".",), ("handle.py",)])
def test_the_command_line_inside_the_nested_project(nest: Path, given: tuple[str, ...]) -> None:
    assert cli(nest / "billing", nest, *given) == PLACES


def test_the_standard_input(nest: Path) -> None:
    (nest / "billing/handle.py").write_text("")
    assert cli(nest, nest, "-", "--stdin-filename", "billing/handle.py", stdin=HANDLE) == PLACES
    assert {(name.replace("handle", "new"), row, code) for name, row, code in PLACES} == cli(
        nest, nest, "-", "--stdin-filename", "billing/new.py", stdin=HANDLE
    )


@pytest.mark.parametrize("given", ["billing", "billing/handle.py"])
def test_a_path_for_flake8(nest: Path, given: str) -> None:
    assert flake8(nest, given) == PLACES


def test_flake8_in_all_its_ways(nest: Path) -> None:
    assert flake8(nest) == PLACES | BESIDE
    assert flake8(nest, "main.py", "billing/handle.py", "billing/other.py") == PLACES | BESIDE
    assert flake8(nest / "billing") == {(name.removeprefix("billing/"), *rest) for name, *rest in PLACES}
    assert flake8(nest, "-", "--stdin-display-name", "billing/handle.py", stdin=HANDLE) == PLACES


def test_why(nest: Path) -> None:
    def verdicts(place: str) -> list[tuple[str, str]]:
        done = project.run(nest, "ctxlint", "why", "--output-format", "json", place)
        assert done.returncode == 0, done.stderr
        return [(entry["code"], entry["verdict"]) for entry in json.loads(done.stdout)]

    assert ("CTX104", "reported") in verdicts("billing/handle.py:10")
    assert ("CTX201", "reported") in verdicts("main.py:5")
    assert ("CTX201", "reported") not in verdicts("billing/handle.py:5")
    assert ("CTX211", "reported") in verdicts("billing/handle.py:6")
    assert ("CTX211", "reported") not in verdicts("main.py:6")


def test_what_has_changed(nest: Path) -> None:
    path = nest / "billing/handle.py"
    path.write_text(HANDLE.replace("set(request)", "set( request)"))
    changed = {("billing/handle.py", 10, "CTX104")}
    for given in (".", "billing", "billing/handle.py"):
        assert cli(nest, nest, "--since", "HEAD", given) == changed


def test_a_baseline_of_the_whole_knows_the_findings_of_a_part(nest: Path) -> None:
    known = ("--baseline", str(nest / "known.json"))
    project.run(nest, "ctxlint", *known, "--write-baseline", ".")
    for given in (".", "billing", "billing/handle.py", "main.py"):
        done = project.run(nest, "ctxlint", *known, given)
        assert (done.returncode, "stale" in done.stderr) == (0, False), (given, done.stderr)


def test_a_baseline_of_a_part_is_that_of_the_whole(nest: Path) -> None:
    whole, part = nest / "whole.json", nest / "part.json"
    project.run(nest, "ctxlint", "--baseline", str(whole), "--write-baseline", ".")
    for given in ("main.py", "billing/handle.py"):
        project.run(nest, "ctxlint", "--baseline", str(part), "--write-baseline", given)
    assert part.read_bytes() == whole.read_bytes()


def test_python(nest: Path) -> None:
    for given in ("billing", "billing/handle.py", str(nest / "billing/handle.py")):
        found = check_paths(given).problems
        assert {(each.place.path, each.place.row, each.code) for each in found} == PLACES
    found = check_source(HANDLE, "billing/handle.py").problems
    assert {(each.place.path, each.place.row, each.code) for each in found} == PLACES


def test_pre_commit_names_files(nest: Path) -> None:
    """The hook's words: files by name, with ``--force-exclude``."""
    (nest / "billing/gen").mkdir()
    (nest / "billing/gen/handle.py").write_text(HANDLE)
    (nest / "billing/pyproject.toml").write_text(
        "[tool.ctxlint]\nignore = ['CTX201']\nextend-select = ['CTX211']\nextend-exclude = ['gen']\n"
    )
    given = ("billing/gen/handle.py", "billing/handle.py")
    assert cli(nest, nest, ".") == PLACES | BESIDE
    assert cli(nest, nest, "--force-exclude", *given) == PLACES
    assert cli(nest, nest, *given) == PLACES | {("billing/gen/handle.py", 6, "CTX211")}


WITH = "from contextvars import ContextVar\nv = ContextVar('v')\ndef f(g):\n    with v.set(2):\n        g()\n"


def test_projects_beside_each_other_are_judged_for_their_own_python(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when what they say changes, with the findings of the run before in the cache."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    for name, version in (("p10", "3.10"), ("p14", "3.14")):
        Path(name).mkdir()
        Path(name, "pyproject.toml").write_text(f"[project]\nrequires-python = '>={version}'\n")
        Path(name, "app.py").write_text(WITH)
    old, new = ("p10/app.py", 4, "CTX120"), ("p14/app.py", 4, "CTX120")
    for paths in ((".",), ("p10", "p14"), ("p14", "p10")):
        assert cli(tmp_path, tmp_path, *paths) == flake8(tmp_path, *paths) == {old}
    Path("p14", "pyproject.toml").write_text("[project]\nrequires-python = '>=3.12'\n")
    assert cli(tmp_path, tmp_path, ".") == flake8(tmp_path, ".") == {old, new}
