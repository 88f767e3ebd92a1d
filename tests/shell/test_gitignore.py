"""Ignore files: at every level, with git's meaning; git itself is the judge where it is installed."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from ctxlint.shell.discovery import Scope, discover
from ctxlint.shell.gitignore import IgnoreFile
from ctxlint.shell.patterns import Exclusion

if TYPE_CHECKING:
    from pathlib import Path

NOTHING_EXCLUDED = Exclusion([(".git", "/")])
GIT = shutil.which("git")


def found_below(top: Path, given: Path | None = None, *, respect_gitignore: bool = True) -> list[str]:
    scope = Scope(NOTHING_EXCLUDED, isolated=True, respect_gitignore=respect_gitignore)
    return [os.path.relpath(file.path, top) for file in discover([str(given or top)], scope).files]


def plant(top: Path, ignores: dict[str, str], *files: str) -> None:
    for name in files:
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).touch()
    for name, text in ignores.items():
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_text(text)


def test_every_level_speaks_and_the_inner_one_last(tmp_path: Path) -> None:
    plant(
        tmp_path,
        {".gitignore": "*_gen.py\n/top.py\n", "pkg/.gitignore": "!keep_gen.py\nlocal.py\n"},
        "top.py", "a.py", "a_gen.py", "local.py",
        "pkg/top.py", "pkg/keep_gen.py", "pkg/drop_gen.py", "pkg/local.py",
    )  # fmt: skip

    assert found_below(tmp_path) == ["a.py", "local.py", "pkg/keep_gen.py", "pkg/top.py"]


def test_an_ignored_folder_is_not_entered(tmp_path: Path) -> None:
    """Not even for what a later line keeps: git does not either."""
    plant(tmp_path, {".gitignore": "out/\n!out/keep.py\n"}, "out/keep.py", "out.py", "in/out/x.py")

    assert found_below(tmp_path) == ["out.py"]


def test_files_above_the_given_path_speak_up_to_the_git_root(tmp_path: Path) -> None:
    plant(
        tmp_path,
        {".gitignore": "never.py\n", "repo/.gitignore": "skip.py\n", "repo/.git/info/exclude": "mine.py\n"},
        "repo/a/skip.py", "repo/a/never.py", "repo/a/mine.py", "repo/a/x.py",
    )  # fmt: skip

    assert found_below(tmp_path, tmp_path / "repo/a") == ["repo/a/never.py", "repo/a/x.py"]


def test_a_given_path_that_is_ignored_is_read(tmp_path: Path) -> None:
    plant(tmp_path, {".git/info/exclude": "", ".gitignore": "out/\n"}, "out/deep/x.py")

    assert found_below(tmp_path, tmp_path / "out") == ["out/deep/x.py"]
    assert found_below(tmp_path, tmp_path / "out/deep") == ["out/deep/x.py"]


def test_another_checkout_below_is_its_own(tmp_path: Path) -> None:
    plant(
        tmp_path,
        {".git/info/exclude": "", ".gitignore": "skip.py\n", "sub/.git/info/exclude": "other.py\n"},
        "skip.py", "sub/skip.py", "sub/other.py",
    )  # fmt: skip

    assert found_below(tmp_path) == ["sub/skip.py"]


def test_ignore_files_can_be_left_aside(tmp_path: Path) -> None:
    plant(tmp_path, {".gitignore": "*.py\n"}, "a.py")

    assert found_below(tmp_path, respect_gitignore=False) == ["a.py"]
    assert found_below(tmp_path) == []


def test_an_ignore_file_that_is_no_text_does_not_end_the_walk(tmp_path: Path) -> None:
    plant(tmp_path, {}, "a.py", "b.py")
    (tmp_path / ".gitignore").write_bytes(b"\xef\xbb\xbfa.py\n\xff\xfe[\n")

    assert found_below(tmp_path) == ["b.py"]


def test_an_ignore_file_that_is_a_folder_says_nothing(tmp_path: Path) -> None:
    plant(tmp_path, {}, "a.py", ".gitignore/x.py")

    assert found_below(tmp_path) == [".gitignore/x.py", "a.py"]


LINES = (
    "a.py", "b.py", "*.py", "!a.py", "!b.py", "d/", "d", "/d", "!d/", "d/e", "d/e/", "/d/*.py", "d/**",
    "**/e", "!**/e/a.py", "d/**/a.py", "[ab].py", "[!a].py", "[^a].py", "?.py", "e/*", "!e/b.py",
    "\\a.py", "#a.py", "a.py ", "*", "!*/", "/*", "!/d", "d*", "*/e", "!*.py", "**", "**/", "/**/a.py",
    "[", "a.py/", "!",
)  # fmt: skip
TREE = (
    "a.py", "b.py", "c.py", "d/a.py", "d/b.py", "d/e/a.py", "d/e/c.py", "e/a.py", "e/b.py", "e/d/a.py",
    "f/d/e/b.py",
)  # fmt: skip


@pytest.mark.skipif(GIT is None, reason="git is the judge")
@pytest.mark.parametrize("seed", range(40))
def test_git_agrees(tmp_path: Path, seed: int) -> None:
    """Random ignore files at two levels leave in what ``git ls-files`` leaves in."""
    assert GIT is not None
    chance = random.Random(seed)  # noqa: S311 - no secret
    ignores = {
        name: "".join(f"{line}\n" for line in chance.sample(LINES, chance.randint(1, 5)))
        for name in (".gitignore", "d/.gitignore")
    }
    plant(tmp_path, ignores, *TREE)
    subprocess.run([GIT, "init", "-q", str(tmp_path)], check=True)
    command = [GIT, "-C", str(tmp_path), "ls-files", "-co", "--exclude-standard", "-z"]
    listed = subprocess.run(command, check=True, capture_output=True)
    theirs = sorted(name for name in os.fsdecode(listed.stdout).split("\0") if name.endswith(".py"))

    assert theirs == sorted(found_below(tmp_path)), ignores


def test_names_are_answered_without_pathspec() -> None:
    """Most lines need the standard library only; importing pathspec would cost a third of the start."""
    code = (
        "import sys; from ctxlint.shell.gitignore import IgnoreFile\n"
        "lines = ['build/', '*.py[cod]', '!keep.py', '/dist', 'docs/_build/']\n"
        "file = IgnoreFile('/x', lines)\n"
        "assert file.decide('/x/dist', 'dist', True) and not file.decide('/x/keep.py', 'keep.py', False)\n"
        "sys.exit('pathspec' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_an_empty_ignore_file_says_nothing() -> None:
    assert not IgnoreFile("/x", ["/", "!"])
    assert IgnoreFile("/x", ["a"])
