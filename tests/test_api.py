"""ctxlint from Python."""

from __future__ import annotations

import doctest
from typing import TYPE_CHECKING

import pytest

from ctxlint import api
from ctxlint.api import Place, WrongUsage, check_paths, check_source

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

WRONG = "from contextvars import ContextVar\nv = ContextVar('v', default=[])\n"
USE = "import state\ndef f():\n    state.v.get().append(1)\n"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text("[tool.ctxlint]\nextend-exclude = ['gen']\n")
    (tmp_path / "state.py").write_text(WRONG)
    return tmp_path


def test_the_example_runs() -> None:
    assert doctest.testmod(api) == (0, 3)


def test_paths_are_checked_as_on_the_command_line(here: Path) -> None:
    (here / "gen").mkdir()
    (here / "gen/a.py").write_text(WRONG)
    found = check_paths(here)
    (problem,) = found.problems
    assert (problem.code, problem.name, problem.severity) == ("CTX201", "mutable-default", "warning")
    assert problem.place == Place("state.py", 2, 29, 2, 31)
    assert found.files == (str(here / "state.py"),)
    assert (found.warnings, found.failures) == ((), ())
    assert check_paths() == found
    assert check_paths("state.py", ignore=["CTX2"]).problems == ()
    assert check_paths("state.py", config=["select=['CTX1']"]).problems == ()
    assert [each.code for each in check_paths("state.py", select=["mutable-default"]).problems] == ["CTX201"]


def test_the_story_has_places(here: Path) -> None:
    (here / "use.py").write_text(USE)
    (problem,) = check_paths("state.py").problems
    assert problem.code == "CTX202"
    assert Place("use.py", 3, 5, 3, 28) in [step.place for step in problem.story]


def test_a_source_alone_is_a_program_of_its_own(here: Path) -> None:
    (here / "use.py").write_text(USE)
    assert [each.code for each in check_source(WRONG).problems] == ["CTX201"]
    assert check_source(WRONG).problems[0].place.path == "<source>"
    assert not (here / ".ctxlint_cache").exists()


def test_a_source_with_a_path_stands_for_that_file(here: Path) -> None:
    (here / "use.py").write_text(USE)
    assert [each.code for each in check_source(WRONG, here / "state.py").problems] == ["CTX202"]
    assert check_source(WRONG.replace("[]", "()"), "state.py").problems == ()
    assert [each.code for each in check_source(WRONG, "new/unsaved.py").problems] == ["CTX201"]
    assert (here / "state.py").read_text() == WRONG


@pytest.mark.parametrize(
    "source",
    [
        "# coding: latin-1\nx = 'ä'\n" + WRONG,
        ("# coding: latin-1\nx = 'ä'\n" + WRONG).encode("latin-1"),
        "# coding: ascii\nx = 'ä'\n" + WRONG.replace("[]", "[]  # noqa"),
        "\ufeff" + WRONG,
    ],
)
def test_any_source_is_answered(source: str | bytes) -> None:
    (problem,) = check_source(source).problems
    assert problem.code in {"CTX201", "CTX901"}


@pytest.mark.usefixtures("here")
def test_wrong_usage_is_raised() -> None:
    with pytest.raises(WrongUsage, match="no such file or directory: 'nowhere'"):
        check_paths("nowhere")
    with pytest.raises(WrongUsage, match=r"^check_source: select: unknown rule 'CTX000'"):
        check_source(WRONG, select=["CTX000"])
    with pytest.raises(
        ValueError, match=r"^check_paths: ignore: unknown rule 'mutable-defalt'.*'mutable-default'"
    ):
        check_paths(ignore=["mutable-defalt"])
    with pytest.raises(WrongUsage, match=r"^--config: unknown key 'selct' — did you mean 'select'"):
        check_paths(config=["selct=[]"])
    with pytest.raises(WrongUsage, match=r"no such file or directory: 'stat.py' — did you mean 'state.py'"):
        check_paths("stat.py")
    with pytest.raises(WrongUsage, match=r"^check_source: path is a folder: '\.'$"):
        check_source(WRONG, ".")
    with pytest.raises(WrongUsage, match=r"^check_source: path is no file: ''$"):
        check_source(WRONG, "")


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: check_paths(["state.py"]), "a path is text or os.PathLike, not list: write check_paths(*paths)"),
        (lambda: check_paths(b"state.py"), "a path is text or os.PathLike, not bytes: write os.fsdecode(path)"),
        (lambda: check_paths(None), "a path is text or os.PathLike, not NoneType"),
        (lambda: check_paths(select="CTX1"), "select is a list of texts, not str: write select=['CTX1']"),
        (lambda: check_paths(ignore=1), "ignore is a list of texts, not int: write ignore=['CTX1']"),
        (lambda: check_paths(ignore=[1]), "ignore is a list of texts, as ignore=['CTX1']; 1 is int"),
        (lambda: check_source(WRONG, config="a=1"), "config is a list of texts, not str: write config=['a=1']"),
        (lambda: check_source(None), "source is text or bytes, not NoneType"),
        (lambda: check_source(["x"]), "source is text or bytes, not list"),
        (lambda: check_source(WRONG, 3), "a path is text or os.PathLike, not int"),
    ],
)  # fmt: skip
def test_another_type_is_answered_with_what_to_write(call: Callable[[], object], told: str) -> None:
    with pytest.raises(TypeError) as raised:
        call()
    assert str(raised.value) == told


def test_lists_may_be_any_iterable(here: Path) -> None:
    assert check_paths(here, select=iter(["CTX2"])) == check_paths(here, select={"CTX2"}, config=())
