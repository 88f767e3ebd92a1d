"""Which configuration governs which file, and what files that build on each other say together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ctxlint.shell.config import find_config, read_chain
from ctxlint.shell.layers import Request
from ctxlint.shell.nearest import WrongUsage
from ctxlint.shell.session import found_by, plan, run
from ctxlint.shell.settings import Settings
from ctxlint.shell.toml_lines import line_of

if TYPE_CHECKING:
    from pathlib import Path

WRONG = "from contextvars import ContextVar\nv = ContextVar('v', default=[])\n"
SET = "from contextvars import ContextVar\nv = ContextVar('v', default=1)\ndef f(g):\n    with v.set(2):\n        g()\n"


def put(folder: Path, **texts: str) -> None:
    """Write files: ``a__b_py`` is ``a/b.py``."""
    for name, text in texts.items():
        stem, _, suffix = name.replace("__", "/").rpartition("_")
        path = folder / f"{'.' * stem.startswith('dot')}{stem.removeprefix('dot')}.{suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def checked(*paths: object, **more: object) -> list[tuple[str, str]]:
    """File name and code of each finding."""
    outcome = run(plan(Request(tuple(map(str, paths)), no_cache=True, **more)))  # type: ignore[arg-type]
    assert outcome.report.failures == ()
    return [(entry.location.filename, entry.code) for entry in outcome.report.diagnostics]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


# --- one configuration ---------------------------------------------------------------------------------------


def test_of_one_folder_the_hidden_file_comes_first(here: Path) -> None:
    put(here, pyproject_toml="[tool.ctxlint]\n")
    assert find_config(str(here)) == str(here / "pyproject.toml")
    put(here, ctxlint_toml="")
    assert find_config(str(here)) == str(here / "ctxlint.toml")
    put(here, dotctxlint_toml="")
    assert find_config(str(here)) == str(here / ".ctxlint.toml")


def test_extended_files_come_first_with_their_own_folders(here: Path) -> None:
    put(
        here,
        base__pyproject_toml="[tool.ctxlint]\nsrc = ['lib']\nignore = ['CTX2']\n",
        a__ctxlint_toml="extend = '../base/pyproject.toml'\nignore = ['CTX1']\n",
    )
    weak, strong = read_chain(str(here / "a/ctxlint.toml"))
    assert (weak.base, weak.settings.src) == (str(here / "base"), ("lib",))
    assert (strong.base, strong.settings.ignore) == (str(here / "a"), ("CTX1",))


def test_a_select_starts_anew_and_other_keys_go_on(here: Path) -> None:
    put(
        here,
        base_toml="extend-select = ['CTX203']\nextend-exclude = ['gen']\n",
        p__ctxlint_toml="extend = '../base.toml'\nignore = ['CTX201']\n",
        p__a_py=WRONG + "import time\nw = ContextVar('w', default=time.time())\n",
        p__gen__b_py=WRONG,
    )
    (here / "p/gen").rename(here / "gen")
    (here / "gen").rename(here / "p/gen")
    # ``extend-exclude`` is relative to the file that says it, a bare name holds everywhere
    assert checked("p") == [("p/a.py", "CTX203")]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"a_toml": "extend = 'a.toml'"}, "a.toml:1: extend: the files extend each other in a circle"),
        (
            {"a_toml": "\nextend = 'b.toml'", "b_toml": "extend = 'a.toml'"},
            "b.toml:1: extend: the files extend each other in a circle",
        ),
        (
            {"a_toml": "extend = 'no.toml'"},
            "a.toml:1: extend: cannot read no.toml: No such file or directory",
        ),
        (
            {"a_toml": "extend = 'b.toml'", "b_toml": "\nselekt = []"},
            "a.toml:1: extend: b.toml:2: unknown key 'selekt' — did you mean 'select'?",
        ),
    ],
)
def test_what_cannot_be_extended_is_told_with_both_files(
    here: Path, files: dict[str, str], message: str
) -> None:
    put(here, **files)
    with pytest.raises(WrongUsage) as raised:
        read_chain("a.toml")
    assert str(raised.value) == message


# --- several -------------------------------------------------------------------------------------------------


def test_each_file_is_governed_by_its_closest_configuration(here: Path) -> None:
    put(here, pyproject_toml="[tool.ctxlint]\nignore = ['CTX201']\n", a_py=WRONG, sub__b_py=WRONG)
    put(here, sub__ctxlint_toml="", sub__deep__c_py=WRONG, sub__deep__pyproject_toml="[tool.other]\n")
    assert checked(".") == [("sub/b.py", "CTX201"), ("sub/deep/c.py", "CTX201")]
    assert checked("sub/b.py", "a.py") == [("sub/b.py", "CTX201")]
    assert checked(".", isolated=True) == [
        ("a.py", "CTX201"),
        ("sub/b.py", "CTX201"),
        ("sub/deep/c.py", "CTX201"),
    ]


def test_a_named_file_and_options_hold_for_nested_folders_too(here: Path) -> None:
    put(here, pyproject_toml="", a_py=WRONG, sub__ctxlint_toml="ignore = ['CTX201']\n", sub__b_py=WRONG)
    put(here, all_toml="ignore = ['CTX2']")
    assert checked(".") == [("a.py", "CTX201")]
    assert checked(".", config=("all.toml",)) == []
    options = Settings(select=("CTX2",))
    assert checked(".", options=options) == [("a.py", "CTX201"), ("sub/b.py", "CTX201")]


def test_nested_excludes_hold_where_they_are_written(here: Path) -> None:
    put(here, pyproject_toml="[tool.ctxlint]\nextend-exclude = ['x.py']\n", x_py=WRONG, y_py=WRONG)
    put(here, sub__ctxlint_toml="extend-exclude = ['y.py']\n", sub__x_py=WRONG, sub__y_py=WRONG)
    assert checked(".") == [("sub/x.py", "CTX201"), ("y.py", "CTX201")]


def test_nested_declarations_judge_their_own_files(here: Path) -> None:
    put(here, pyproject_toml="[tool.ctxlint]\ntarget-version = '3.14'\n", a_py=SET)
    put(here, old__ctxlint_toml="target-version = '3.10'\n", old__b_py=SET)
    assert checked(".") == [("old/b.py", "CTX120")]


def test_a_nested_mistake_is_told(here: Path) -> None:
    put(here, pyproject_toml="", a_py=WRONG, sub__ctxlint_toml="\nignore = ['CTX999']\n", sub__b_py=WRONG)
    with pytest.raises(WrongUsage, match=r"sub/ctxlint.toml:2: ignore: unknown rule 'CTX999'"):
        checked(".")


# --- per file ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "left"),
    [
        ("b.py", ["a.py"]),
        ("tests/*", ["a.py"]),
        ("tests", ["a.py", "tests/b.py"]),
        ("**/b.py", ["a.py"]),
        ("!tests/*", ["tests/b.py"]),
    ],
)
def test_per_file_ignores(here: Path, pattern: str, left: list[str]) -> None:
    put(here, ctxlint_toml=f"per-file-ignores = {{'{pattern}' = ['mutable-default']}}\n")
    put(here, a_py=WRONG, tests__b_py=WRONG)
    assert [name for name, _ in checked(".")] == left


def test_per_file_ignores_name_what_they_do_not_know(here: Path) -> None:
    put(here, pyproject_toml="[tool.ctxlint.per-file-ignores]\n'a' = []\n'b.py' = ['CTX9999']\n", a_py=WRONG)
    with pytest.raises(WrongUsage) as raised:
        checked(".")
    assert str(raised.value).startswith(
        "pyproject.toml:3: tool.ctxlint.per-file-ignores: unknown rule 'CTX9999'"
    )


def test_force_exclude_is_a_key_too(here: Path) -> None:
    put(here, ctxlint_toml="extend-exclude = ['a.py']\n", a_py=WRONG)
    assert checked("a.py") == [("a.py", "CTX201")]
    put(here, ctxlint_toml="extend-exclude = ['a.py']\nforce-exclude = true\n")
    assert checked("a.py") == []
    assert [found.files for _, _, found in found_by(plan(Request(("a.py",))))] == [()]


def test_extend_ignore_adds_to_ignore(here: Path) -> None:
    put(here, ctxlint_toml="ignore = ['CTX1']\nextend-ignore = ['CTX201']\n", a_py=WRONG)
    assert checked(".") == []


# --- lines ---------------------------------------------------------------------------------------------------

TOML = """[project]
name = "x"
select = 1
[tool.ctxlint]
select = [
  "A",
]
owners."a.b" = []
[tool.ctxlint.per-file-ignores]
'x' = []
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("select", 5),
        ("owners", 8),
        ("per-file-ignores", 9),
        (("per-file-ignores", "x"), 10),
        (("per-file-ignores", "y"), 9),
        ("other", 4),
    ],
)
def test_a_key_is_found(path: str | tuple[str, ...], line: int) -> None:
    parts = (path,) if isinstance(path, str) else path
    assert line_of(TOML, ("tool", "ctxlint", *parts)) == line
