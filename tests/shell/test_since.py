"""``--since``: findings in what git says has changed. The repositories are real ones."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from ctxlint.shell.layers import Request
from ctxlint.shell.nearest import WrongUsage
from ctxlint.shell.session import plan, run
from ctxlint.shell.since import Changes

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "from contextvars import ContextVar\n"
V = "v = ContextVar('v', default=[])\n"
LEAK = f"""{HEAD}v = ContextVar('v', default=0)


def handle(work):
    token = v.set(1)
    try:
        work()
    finally:
        v.reset(token)


def other():
    pass
"""


def git(folder: Path, *words: str) -> None:
    command = ["git", "-C", str(folder), "-c", "user.name=n", "-c", "user.email=e@x", *words]
    subprocess.run(command, check=True, capture_output=True)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a checkout with one committed file that has a finding."""
    monkeypatch.chdir(tmp_path)
    git(tmp_path, "init", "-q")
    (tmp_path / "a.py").write_text(HEAD + V)
    commit(tmp_path)
    return tmp_path


def commit(here: Path) -> None:
    git(here, "add", "-A")
    git(here, "commit", "-qm", "x")


def found(*paths: str, revision: str = "HEAD") -> list[str]:
    """The places of the findings that touch a change."""
    paths = paths or (".",)
    outcome = run(plan(Request(paths, no_cache=True)))
    assert outcome.report.failures == ()
    entries = Changes(paths, revision).touched(outcome.report).diagnostics
    return [f"{entry.location.filename} {entry.code}" for entry in entries]


def test_only_changed_lines_count(here: Path) -> None:
    assert found() == []
    (here / "a.py").write_text(HEAD + "\n\n" + V + V.replace("v", "w"))
    assert found() == ["a.py CTX201"]
    commit(here)
    assert found() == []
    assert found(revision="HEAD~1") == ["a.py CTX201"]


def test_a_change_within_a_statement_counts(here: Path) -> None:
    (here / "a.py").write_text(HEAD + "v = ContextVar('v', default=[\n    1,\n    2,\n])\n")
    commit(here)
    (here / "a.py").write_text(HEAD + "v = ContextVar('v', default=[\n    1,\n    3,\n])\n")
    assert found() == ["a.py CTX201"]


def test_files_that_git_does_not_know_have_changed(here: Path) -> None:
    (here / "new.py").write_text(HEAD + V)
    assert found() == ["new.py CTX201"]
    git(here, "add", "new.py")
    assert found() == ["new.py CTX201"]
    assert found("a.py") == []


def test_a_renamed_file_has_not_changed(here: Path) -> None:
    git(here, "mv", "a.py", "b.py")
    assert found() == []


def test_a_deletion_changes_the_function_around_it(here: Path) -> None:
    (here / "a.py").write_text(LEAK)
    commit(here)
    assert found() == []
    (here / "a.py").write_text(
        LEAK.replace("    try:\n        work()\n    finally:\n        v.reset(token)\n", "")
    )
    assert [each.split()[0] for each in found()] == ["a.py"]
    commit(here)
    (here / "a.py").write_text((here / "a.py").read_text().replace("def other():\n    pass\n", ""))
    assert found() == []


def test_a_step_of_the_story_counts(here: Path) -> None:
    (here / "a.py").write_text(HEAD + V)
    (here / "use.py").write_text("import a\ndef f():\n    return a.v.get()\n")
    commit(here)
    (here / "use.py").write_text("import a\ndef f():\n    a.v.get().append(1)\n")
    assert found() == ["a.py CTX202"]


@pytest.mark.parametrize("name", ["with space.py", 'quo"te.py', "tab\t.py", "ümlaut.py", "back\\slash.py"])
def test_names_as_they_come(here: Path, name: str) -> None:
    (here / name).write_text(HEAD)
    commit(here)
    (here / name).write_text(HEAD + V)
    assert found() == [f"{name} CTX201"]


def test_lines_that_look_like_a_diff(here: Path) -> None:
    (here / "b.py").write_text('x = """\n"""\n' + HEAD + V)
    commit(here)
    (here / "b.py").write_text('x = """\n++ b/a.py\n@@ -1 +1,9 @@\n"""\n' + HEAD + V)
    assert found() == []


def test_the_users_settings_of_git_do_not_matter(here: Path) -> None:
    for key in ("diff.noprefix", "diff.mnemonicPrefix", "diff.relative", "color.ui"):
        git(here, "config", key, "always" if key == "color.ui" else "true")
    (here / "sub").mkdir()
    (here / "sub/b.py").write_text(HEAD)
    commit(here)
    (here / "sub/b.py").write_text(HEAD + V)
    assert found() == ["sub/b.py CTX201"]


def test_what_git_cannot_say_is_told(here: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    with pytest.raises(WrongUsage, match=r"no such revision in .*: 'nope'"):
        Changes((".",), "nope")
    with pytest.raises(WrongUsage, match="no such revision"):
        Changes((".",), "--output=x")
    assert not (here / "x").exists()
    outside = tmp_path_factory.mktemp("outside")
    with pytest.raises(WrongUsage, match="no git checkout"):
        Changes((str(outside),), "HEAD")


def test_without_git_that_is_told(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(here))
    with pytest.raises(WrongUsage, match="cannot start git"):
        Changes((".",), "HEAD")


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        (HEAD + V, []),
        (HEAD + V + "w = 1\n", [(3, 3)]),
        (HEAD + "\n" + V, [(2, 2)]),
        (HEAD, [(1, 2)]),
    ],
)
def test_a_text_that_an_editor_holds_is_compared_itself(
    here: Path, text: str, rows: list[tuple[int, int]]
) -> None:
    assert Changes([str(here)], "HEAD").within(str(here / "a.py"), text) == rows


def test_a_text_of_a_file_that_git_does_not_know_has_changed(here: Path) -> None:
    (here / "new.py").write_text(HEAD)
    [(first, last)] = Changes([str(here)], "HEAD").within(str(here / "new.py"), HEAD + V)
    assert (first, last > 2) == (1, True)
