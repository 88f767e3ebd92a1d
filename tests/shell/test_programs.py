"""Where the program of a file begins, and what the configurations inside it say."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ctxlint.shell.layers import Configurations, Request
from ctxlint.shell.nearest import WrongUsage
from ctxlint.shell.session import caches_of, found_by, plan, run
from ctxlint.shell.settings import Settings
from ctxlint.shell.showing import settings_of

OURS = "[tool.ctxlint]\n"
WRONG = "from contextvars import ContextVar\nv = ContextVar('v', default=[])\n"
IDS = "from contextvars import ContextVar\n\nrequest_id = ContextVar('request_id')\n"
WITH = "from contextvars import ContextVar\nv = ContextVar('v')\ndef f(g):\n    with v.set(2):\n        g()\n"
LEAK = """\
from ids import request_id


async def handle(process, request):
    token = request_id.set(request)
    await process(request)
    request_id.reset(token)
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def put(files: dict[str, str]) -> None:
    """Write files below the working directory."""
    for name, text in files.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text)


def begins(folder: str, **more: object) -> str | None:
    """Where the program of a folder begins, relative to the working directory."""
    found = Configurations(Request((), **more)).program_of(str(Path.cwd() / folder))  # type: ignore[arg-type]
    return None if found is None else os.path.relpath(found)


def checked(*paths: str, **more: object) -> list[tuple[str, str]]:
    """File name and code of each finding."""
    outcome = run(plan(Request(paths, no_cache=True, **more)))  # type: ignore[arg-type]
    assert outcome.report.failures == ()
    return [(entry.location.filename, entry.code) for entry in outcome.report.diagnostics]


# --- where a program begins ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["pyproject.toml", "ctxlint.toml", ".ctxlint.toml"])
def test_at_the_outermost_configuration(name: str) -> None:
    text = OURS if name.startswith("pyproject") else ""
    put({name: text, f"a/{name}": text, f"a/b/c/{name}": text})
    assert [begins(folder) for folder in (".", "a", "a/b", "a/b/c", "a/b/c/d")] == ["."] * 5


def test_not_above_the_root_of_the_checkout() -> None:
    put({"ctxlint.toml": "", "a/ctxlint.toml": "", "a/b/pyproject.toml": OURS})
    Path("a/.git").mkdir()
    assert [begins(folder) for folder in ("a/b", "a", ".")] == ["a", "a", "."]


def test_without_a_configuration_as_ever() -> None:
    put({"pyproject.toml": "[project]\n", "a/pyproject.toml": "[project]\n", "b/setup.cfg": ""})
    assert [begins(folder) for folder in ("a/x", "b/x", "c")] == ["a", ".", "."]


def test_an_outer_project_that_is_not_configured_is_no_beginning() -> None:
    put({"pyproject.toml": "[project]\n", "a/pyproject.toml": OURS, "a/b/pyproject.toml": OURS})
    assert [begins(folder) for folder in (".", "a", "a/b")] == [".", "a", "a"]


def test_an_inner_project_need_not_be_configured() -> None:
    put({"pyproject.toml": OURS, "a/pyproject.toml": "[project]\n", "b/setup.py": ""})
    assert [begins(folder) for folder in ("a", "b")] == [".", "."]


def test_a_project_that_the_outer_one_leaves_out_begins_by_itself() -> None:
    put(
        {
            "pyproject.toml": f"{OURS}extend-exclude = ['vendor', 'third/*']\n",
            "vendor/a/pyproject.toml": OURS,
            "vendor/b/pyproject.toml": "[project]\n",
            "third/c/ctxlint.toml": "extend-exclude = ['deep']\n",
            "third/c/deep/d/ctxlint.toml": "",
            "fourth/ctxlint.toml": "extend-exclude = ['deep']\n",
            "fourth/deep/d/ctxlint.toml": "",
        }
    )
    found = [begins(f"{folder}/x") for folder in ("vendor/a", "vendor/b", "third/c", "third/c/deep/d")]
    assert found == ["vendor/a", "vendor/b", "third/c", "third/c/deep/d"]
    assert [begins(folder) for folder in ("fourth", "fourth/deep/d")] == [".", "fourth/deep/d"]


def test_what_git_ignores_begins_by_itself() -> None:
    put({"ctxlint.toml": "", "gen/a/ctxlint.toml": "", "kept/ctxlint.toml": "", "b/gen/ctxlint.toml": ""})
    Path(".git").mkdir()
    Path(".gitignore").write_text("/gen/\n")
    assert [begins(folder) for folder in ("gen/a", "kept", "b/gen")] == ["gen/a", ".", "."]
    put({"ctxlint.toml": "respect-gitignore = false\n"})
    assert begins("gen/a") == "."


def test_what_is_linked_begins_by_itself() -> None:
    put({"ctxlint.toml": "", "a/ctxlint.toml": ""})
    Path("link").symlink_to("a")
    assert [begins(folder) for folder in ("a", "link")] == [".", "link"]


def test_what_src_does_not_lead_to_begins_by_itself() -> None:
    put({"pyproject.toml": f"{OURS}src = ['lib', 'a/src']\n", "lib/x/pyproject.toml": OURS})
    put({"a/pyproject.toml": OURS, "tools/pyproject.toml": OURS})
    found = {folder: begins(folder) for folder in ("lib/x/y", "a", "a/src/a", "tools")}
    assert found == {"lib/x/y": ".", "a": ".", "a/src/a": ".", "tools": "tools"}


def test_a_named_configuration_governs_and_the_program_begins_where_it_did() -> None:
    put({"pyproject.toml": OURS, "a/pyproject.toml": OURS, "other.toml": ""})
    assert begins("a", config=("other.toml",)) == "."
    assert begins("a", isolated=True) == "a"
    put({"pyproject.toml": "[tool.ctxlint\n"})
    assert begins("a", config=("other.toml",)) == "."
    with pytest.raises(WrongUsage, match=r"^pyproject.toml:1:14: no TOML: expected"):
        begins("a")


# --- what is said inside it ----------------------------------------------------------------------------------


def test_files_of_one_program_are_linked_whichever_are_named() -> None:
    put(
        {
            "ctxlint.toml": "",
            "a/ids.py": IDS,
            "b/ctxlint.toml": "",
            "b/handle.py": LEAK.replace("ids", "a.ids"),
        }
    )
    for paths in ((".",), ("b",), ("b/handle.py",), ("b/handle.py", "a/ids.py")):
        assert checked(*paths) == [("b/handle.py", "CTX104")]
        ((_, _, found),) = found_by(plan(Request(paths)))
        assert len(found.files) == 2


@pytest.mark.parametrize("outer", ["", "src = ['.']\n"])
@pytest.mark.parametrize(
    ("config", "home"), [("", "b"), ("", "b/src"), ("src = ['lib']\n", "b/lib"), ("src = ['..']\n", ".")]
)
def test_imports_start_where_a_nested_configuration_says(outer: str, config: str, home: str) -> None:
    put({"ctxlint.toml": outer, "b/ctxlint.toml": config})
    put({f"{home}/ids.py": IDS, f"{home}/handle.py": LEAK})
    file = os.path.normpath(f"{home}/handle.py")
    assert checked(".") == checked(file) == [(file, "CTX104")]


def test_a_package_that_is_configured_is_no_place_where_imports_start() -> None:
    """``import ids`` in a package is not its own module ``ids``."""
    put({"ctxlint.toml": "", "b/ctxlint.toml": "", "b/ids.py": IDS, "b/handle.py": LEAK})
    put({"b/__init__.py": ""})
    assert checked(".") == checked("b/handle.py") == []


def test_nested_declarations_hold_for_a_named_file() -> None:
    put({"pyproject.toml": "[project]\nrequires-python = '>=3.14'\n[tool.ctxlint]\n", "a.py": WITH})
    put({"old/pyproject.toml": "[project]\nrequires-python = '>=3.10'\n[tool.ctxlint]\n", "old/b.py": WITH})
    put(
        {
            "new/ctxlint.toml": "",
            "new/c.py": WITH,
            "plain/pyproject.toml": "[project]\nrequires-python = '>=3.10'\n",
        }
    )
    put({"plain/d.py": WITH})
    assert checked(".") == checked("old/b.py", "a.py", "new", "plain") == [("old/b.py", "CTX120")]
    assert checked("a.py") == checked("plain/d.py") == []
    assert checked("old") == [("old/b.py", "CTX120")]


def test_each_of_several_projects_is_judged_for_its_own_python() -> None:
    """Projects without a configuration that are given together are one program."""
    put({"new/pyproject.toml": "[project]\nrequires-python = '>=3.14'\n", "new/a.py": WITH})
    put({"old/pyproject.toml": "[project]\nrequires-python = '>=3.10'\n", "old/b.py": WITH})
    assert checked("new") == []
    assert checked("old") == checked("new", "old") == checked("old", "new") == [("old/b.py", "CTX120")]


@pytest.mark.parametrize(
    "above", ["", "[project]\nname = 'all'\n", "[project]\nrequires-python = '>=3.14'\n"]
)
def test_projects_without_a_configuration_have_their_own_python_from_above_too(above: str) -> None:
    put({"pyproject.toml": above} if above else {})
    put({"new/pyproject.toml": "[project]\nrequires-python = '>=3.14'\n", "new/a.py": WITH})
    put({"old/pyproject.toml": "[project]\nrequires-python = '>=3.10'\n", "old/in/b.py": WITH})
    put({"mute/pyproject.toml": "[project]\nname = 'mute'\n", "mute/c.py": WITH, "loose.py": WITH})
    found = [("old/in/b.py", "CTX120")]
    assert checked(".") == checked("old", ".") == checked("new", "old", "mute", "loose.py") == found
    assert checked("old/in/b.py") == checked("mute", "old") == found
    assert checked("new") == checked("mute/c.py") == checked("loose.py", "new") == []


def test_a_project_that_says_no_python_has_that_of_the_one_around_it() -> None:
    """As in ruff: the closest ``pyproject.toml`` that says one, unless a configuration speaks."""
    put({"pyproject.toml": "[project]\nrequires-python = '>=3.10'\n", "a.py": WITH})
    put({"in/pyproject.toml": "[project]\nname = 'in'\n", "in/b.py": WITH})
    put({"own/ctxlint.toml": "", "own/c.py": WITH})
    Path(".git").mkdir()
    assert checked(".") == checked("a.py", "in", "own") == [("a.py", "CTX120"), ("in/b.py", "CTX120")]
    assert checked("in") == [("in/b.py", "CTX120")]
    assert checked("own") == []


def test_a_configuration_below_projects_without_one_keeps_to_itself() -> None:
    put({"old/pyproject.toml": "[project]\nrequires-python = '>=3.10'\n", "old/a.py": WITH})
    put({"old/in/ctxlint.toml": "target-version = 'py314'\n", "old/in/b.py": WITH})
    put({"new/pyproject.toml": "[project]\nrequires-python = '>=3.14'\n", "new/c.py": WITH})
    assert checked(".") == checked("new", "old") == [("old/a.py", "CTX120")]


def test_settings_are_shown_for_each_project() -> None:
    put({"old/pyproject.toml": "[project]\nrequires-python = '>=3.10'\n", "old/a.py": "", "old/b.py": ""})
    put({"new/pyproject.toml": "[project]\nrequires-python = '>=3.14'\n", "new/c.py": "", "d.py": ""})
    blocks = settings_of(plan(Request(("old", "new/c.py", "old/b.py", "d.py")))).split("\n\n# ")
    heads = [block.splitlines()[0].removeprefix("# ") for block in blocks if "configuration: " in block]
    assert heads == ["old, old/b.py", "new/c.py", "d.py"]
    shown = settings_of(plan(Request(("old", "new/c.py", "old/b.py", "d.py"))))
    for line in ("target-version: py310", "target-version: py314", "target-version: unknown"):
        assert shown.count(f"#   {line}\n") == 1
    put({"own/pyproject.toml": "[project]\nrequires-python = '>=3.11'\n[tool.ctxlint]\n"})
    above = settings_of(plan(Request((".",))))
    assert "py311" not in above
    assert "#   target-version: unknown\n" in above
    assert "#   target-version in new: py314\n#   target-version in old: py310\n" in above
    for project in (f"{Path.cwd()}/old", f"{Path.cwd()}/new", "none"):
        assert shown.count(f"# project: {project}\n") == 1


def test_an_option_speaks_for_all_projects() -> None:
    put({"old/pyproject.toml": "[project]\nrequires-python = '>=3.10'\n", "old/a.py": WITH})
    put({"new/pyproject.toml": "[project]\nrequires-python = '>=3.14'\n", "new/c.py": WITH, "no.toml": ""})
    assert checked(".", options=Settings(target_version="py314")) == []
    assert checked(".", isolated=True) == []
    assert checked(".", config=("no.toml",)) == [("old/a.py", "CTX120")]


def test_force_exclude_is_asked_of_the_closest_configuration() -> None:
    put(
        {
            "ctxlint.toml": "extend-exclude = ['gen']\n",
            "gen/a.py": WRONG,
            "b/gen/a.py": WRONG,
            "b/own/a.py": WRONG,
        }
    )
    put(
        {
            "b/ctxlint.toml": "extend-exclude = ['own']\nforce-exclude = true\n",
            "gen/c/ctxlint.toml": "",
            "gen/c/a.py": WRONG,
        }
    )
    given = ("gen/a.py", "b/gen/a.py", "b/own/a.py", "gen/c/a.py")
    named = [("b/gen/a.py", "CTX201"), ("gen/a.py", "CTX201"), ("gen/c/a.py", "CTX201")]
    assert checked(*given) == named
    assert checked(*given, options=Settings(force_exclude=True)) == named[:1]
    assert checked(".") == named[:1]


def test_a_folder_that_is_left_out_is_walked_by_its_own_excludes() -> None:
    put({"ctxlint.toml": "extend-exclude = ['x.py']\n", "b/ctxlint.toml": "extend-exclude = ['y.py']\n"})
    put({"b/build/x.py": WRONG, "b/build/y.py": WRONG})
    assert checked("b/build") == [("b/build/x.py", "CTX201")]


def test_format_and_cache_are_those_of_the_program(here: Path) -> None:
    put({"ctxlint.toml": "output-format = 'github'\n", "a.py": WRONG})
    put({"b/ctxlint.toml": "output-format = 'json'\ncache-dir = 'c'\nignore = ['CTX1']\n", "b/a.py": WRONG})
    planned = plan(Request(("b/a.py",)))
    assert planned.output_format() == ("github", "ctxlint.toml:1: output-format")
    run(planned)
    assert caches_of(("b",)) == [str(here / ".ctxlint_cache")]
    shown = settings_of(plan(Request(("b/a.py", "a.py"))))
    assert "# configuration: b/ctxlint.toml\n" in shown
    assert shown.count(f"# project: {here}\n") == 2
    assert "json" not in shown
    assert shown.count(f"#   cache-dir: {here / '.ctxlint_cache'}\n") == 2
    assert f"#   src: {here / 'b'}, {here}\n" in shown
    assert 'ignore = ["CTX1"]  # b/ctxlint.toml:3: ignore\n' in shown
