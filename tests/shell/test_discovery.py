"""From paths to the program: projects, roots, excludes, links, and what cannot be seen."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from ctxlint.shell.discovery import Discovery, Scope, discover
from ctxlint.shell.layers import Configurations, Request
from ctxlint.shell.nearest import WrongUsage
from ctxlint.shell.patterns import DEFAULT_EXCLUDES, Exclusion
from ctxlint.shell.settings import Settings
from ctxlint.shell.walk import Walk

if TYPE_CHECKING:
    from pathlib import Path


def plant(top: Path, *files: str, **contents: str) -> Path:
    """Make empty files (and folders, for names that end with a slash) below ``top``."""
    for name in files:
        path = top / name
        if name.endswith("/"):
            path.mkdir(parents=True, exist_ok=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(contents.get(name, ""))
    return top


def scope(top: Path, *exclude: str, **conditions: object) -> Scope:
    patterns = [(pattern, str(top)) for pattern in (*DEFAULT_EXCLUDES, *exclude)]
    return Scope(Exclusion(patterns))._replace(**conditions)


def reported(found: Discovery, top: Path) -> list[str]:
    return [os.path.relpath(file.path, top) for file in found.files if file.reported]


def others(found: Discovery, top: Path) -> list[str]:
    return [os.path.relpath(file.path, top) for file in found.files if not file.reported]


def roots_of(found: Discovery, top: Path, name: str) -> list[str]:
    file = next(file for file in found.files if file.path == str(top / name))
    return [os.path.relpath(root, top) for root in file.roots]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return plant(
        tmp_path, "pyproject.toml", "src/pkg/__init__.py", "src/pkg/a.py", "src/pkg/b.pyi", "tests/test_a.py",
        "setup.txt",
    )  # fmt: skip


def test_a_file_is_reported_and_its_project_is_read(project: Path) -> None:
    """Paths choose what is reported; the program stays the whole project."""
    found = discover([str(project / "src/pkg/a.py")], scope(project))

    assert reported(found, project) == ["src/pkg/a.py"]
    assert others(found, project) == ["src/pkg/__init__.py", "src/pkg/b.pyi", "tests/test_a.py"]


def test_a_folder_reports_what_is_below_it(project: Path) -> None:
    found = discover([str(project / "src")], scope(project))

    assert reported(found, project) == ["src/pkg/__init__.py", "src/pkg/a.py", "src/pkg/b.pyi"]
    assert others(found, project) == ["tests/test_a.py"]


def test_roots_are_innermost_first_and_all_of_the_project(project: Path) -> None:
    """A test imports the package from ``src``; a module of ``src`` finds its neighbours there first."""
    found = discover([str(project)], scope(project))

    assert roots_of(found, project, "src/pkg/a.py") == ["src", "."]
    assert roots_of(found, project, "tests/test_a.py") == [".", "src"]


def test_a_project_inside_a_project_has_roots_of_its_own(tmp_path: Path) -> None:
    plant(tmp_path, "pyproject.toml", "apps/one/pyproject.toml", "apps/one/src/one.py", "apps/one/run.py")

    found = discover([str(tmp_path)], scope(tmp_path))

    assert roots_of(found, tmp_path, "apps/one/src/one.py") == ["apps/one/src", "apps/one", "."]
    assert roots_of(found, tmp_path, "apps/one/run.py") == ["apps/one", "apps/one/src", "."]


def test_in_isolation_the_given_paths_are_the_program(project: Path) -> None:
    found = discover([str(project / "src/pkg")], scope(project, isolated=True))

    assert reported(found, project) == ["src/pkg/__init__.py", "src/pkg/a.py", "src/pkg/b.pyi"]
    assert not others(found, project)
    assert roots_of(found, project, "src/pkg/a.py") == ["src"]


def test_in_isolation_a_folder_of_packages_is_their_root(tmp_path: Path) -> None:
    plant(tmp_path, "one/__init__.py", "one/sub/__init__.py", "two/__init__.py", "src/three.py")

    found = discover([str(tmp_path)], scope(tmp_path, isolated=True))

    assert roots_of(found, tmp_path, "one/sub/__init__.py") == [".", "src"]
    assert roots_of(found, tmp_path, "src/three.py") == ["src", "."]


def test_in_isolation_the_root_of_a_file_is_its_packages_parent(tmp_path: Path) -> None:
    plant(tmp_path, "lib/one/__init__.py", "lib/one/sub/__init__.py", "lib/one/sub/deep.py")

    found = discover([str(tmp_path / "lib/one/sub/deep.py")], scope(tmp_path, isolated=True))

    assert reported(found, tmp_path) == ["lib/one/sub/deep.py"]
    assert roots_of(found, tmp_path, "lib/one/sub/deep.py") == ["lib"]


def test_two_isolated_packages_see_each_other(tmp_path: Path) -> None:
    plant(tmp_path, "x/one/__init__.py", "y/two/__init__.py")

    found = discover([str(tmp_path / "x/one"), str(tmp_path / "y/two")], scope(tmp_path, isolated=True))

    assert roots_of(found, tmp_path, "x/one/__init__.py") == ["x", "y"]
    assert roots_of(found, tmp_path, "y/two/__init__.py") == ["y", "x"]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (("pyproject.toml", "a/setup.py", "a/b/x.py"), "."),
        (("setup.cfg", "a/b/x.py"), "."),
        ((".git/", "a/setup.py", "a/b/x.py"), "a"),
        ((".git/", "a/b/x.py"), "."),
        (("pyproject.toml", "a/.git/", "a/b/x.py"), "a"),
        (("pyproject.toml", "a/ctxlint.toml", "a/b/x.py"), "a"),
    ],
)
def test_the_project_of_a_path(tmp_path: Path, files: tuple[str, ...], expected: str) -> None:
    """The closest project file counts, then a setup file, then the git root, where the search ends."""
    plant(tmp_path, *files)

    found = discover([str(tmp_path / "a/b/x.py")], scope(tmp_path))

    assert expected == roots_of(found, tmp_path, "a/b/x.py")[-1]


def test_configured_roots_replace_the_default_ones(tmp_path: Path) -> None:
    plant(tmp_path, "pyproject.toml", "lib/one.py", "stray.py", "tools/two.py")

    found = discover([str(tmp_path / "tools")], scope(tmp_path, src=(str(tmp_path / "lib"),)))

    assert reported(found, tmp_path) == ["tools/two.py"]
    assert others(found, tmp_path) == ["lib/one.py"]
    assert roots_of(found, tmp_path, "lib/one.py") == ["lib"]


def test_default_excludes_hold_below_a_given_path_only(tmp_path: Path) -> None:
    plant(
        tmp_path,
        "a.py",
        "build/b.py",
        ".venv/lib/site-packages/c.py",
        "deep/node_modules/d.py",
        "builder/e.py",
    )

    assert reported(discover([str(tmp_path)], scope(tmp_path)), tmp_path) == ["a.py", "builder/e.py"]
    assert reported(discover([str(tmp_path / "build")], scope(tmp_path)), tmp_path) == ["build/b.py"]
    assert reported(discover([str(tmp_path / "build/b.py")], scope(tmp_path)), tmp_path) == ["build/b.py"]


def test_a_given_folder_that_its_project_leaves_out_stands_alone(tmp_path: Path) -> None:
    """An installed package is judged with imports of its own, not as a part of the project around it."""
    plant(tmp_path, "pyproject.toml", "a.py", ".venv/lib/site-packages/dep/__init__.py")

    found = discover([str(tmp_path / ".venv/lib/site-packages/dep")], scope(tmp_path))

    assert reported(found, tmp_path) == [".venv/lib/site-packages/dep/__init__.py"]
    assert roots_of(found, tmp_path, ".venv/lib/site-packages/dep/__init__.py") == [".venv/lib/site-packages"]


def test_force_exclude_reaches_given_paths(tmp_path: Path) -> None:
    plant(tmp_path, "pyproject.toml", "a.py", "build/deep/b.py")
    given = [str(tmp_path / "a.py"), str(tmp_path / "build/deep/b.py")]
    governing = Configurations(Request((), Settings(force_exclude=True)))
    forcing = scope(tmp_path, governing=governing)

    assert reported(discover(given, forcing), tmp_path) == ["a.py"]
    assert reported(discover(given, scope(tmp_path)), tmp_path) == ["a.py", "build/deep/b.py"]
    assert len(reported(discover(given, forcing._replace(force_exclude=False)), tmp_path)) == 2


def test_a_given_file_is_taken_whatever_its_suffix(tmp_path: Path) -> None:
    plant(tmp_path, "pyproject.toml", "script", "notes.txt", "pkg/tool.pyw")

    found = discover([str(tmp_path / "script"), str(tmp_path / "pkg/tool.pyw")], scope(tmp_path))

    assert reported(found, tmp_path) == ["pkg/tool.pyw", "script"]


def test_a_folder_named_like_a_module_is_entered(tmp_path: Path) -> None:
    plant(tmp_path, "odd.py/inner.py", "odd.pyi/")

    assert reported(discover([str(tmp_path)], scope(tmp_path)), tmp_path) == ["odd.py/inner.py"]


def test_links_to_folders_are_not_followed(tmp_path: Path) -> None:
    """So a loop cannot be entered. Links to files are read; broken ones are no files."""
    plant(tmp_path, "real/a.py")
    (tmp_path / "real/loop").symlink_to(tmp_path)
    (tmp_path / "linked").symlink_to(tmp_path / "real")
    (tmp_path / "link.py").symlink_to(tmp_path / "real/a.py")
    (tmp_path / "broken.py").symlink_to(tmp_path / "nowhere.py")
    (tmp_path / "itself.py").symlink_to(tmp_path / "itself.py")

    found = discover([str(tmp_path)], scope(tmp_path))

    assert reported(found, tmp_path) == ["link.py", "real/a.py"]


@pytest.mark.parametrize("isolated", [True, False])
def test_a_given_link_is_followed(tmp_path: Path, isolated: bool) -> None:  # noqa: FBT001 - a parameter of pytest
    plant(tmp_path, "pyproject.toml", "real/a.py")
    (tmp_path / "linked").symlink_to(tmp_path / "real")

    found = discover([str(tmp_path / "linked")], scope(tmp_path, isolated=isolated))

    assert reported(found, tmp_path) == ["linked/a.py"]


def test_a_path_given_twice_is_reported_once(project: Path) -> None:
    given = [str(project / "src/pkg/a.py"), str(project / "src"), f"{project}/src/../src/"]

    found = discover(given, scope(project))

    assert reported(found, project) == ["src/pkg/__init__.py", "src/pkg/a.py", "src/pkg/b.pyi"]


def test_files_of_several_projects_keep_their_roots(tmp_path: Path) -> None:
    plant(tmp_path, "one/pyproject.toml", "one/a.py", "two/pyproject.toml", "two/src/b.py")

    found = discover([str(tmp_path / "one"), str(tmp_path / "two/src/b.py")], scope(tmp_path))

    assert reported(found, tmp_path) == ["one/a.py", "two/src/b.py"]
    assert roots_of(found, tmp_path, "one/a.py") == ["one"]
    assert roots_of(found, tmp_path, "two/src/b.py") == ["two/src", "two"]


def test_names_are_shown_relative_to_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(tmp_path, "here/a.py", "there/b.py")
    monkeypatch.chdir(tmp_path / "here")

    found = discover([".", "../there"], scope(tmp_path))

    assert ["a.py", str(tmp_path / "there/b.py")] == [file.display for file in found.files]


def test_a_missing_path_is_named_with_the_nearest_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(tmp_path, "src/pkg/a.py")
    monkeypatch.chdir(tmp_path)

    with pytest.raises(WrongUsage) as first:
        discover(["sr"], scope(tmp_path))
    with pytest.raises(WrongUsage) as inner:
        discover(["scr/pkg/a.py"], scope(tmp_path))
    with pytest.raises(WrongUsage) as far:
        discover(["zzz"], scope(tmp_path))

    assert str(first.value) == "no such file or directory: 'sr' — did you mean 'src'?"
    assert str(inner.value) == "no such file or directory: 'scr/pkg/a.py' — did you mean 'src/pkg/a.py'?"
    assert str(far.value) == "no such file or directory: 'zzz'"


def test_a_broken_link_that_is_given_is_named_so(tmp_path: Path) -> None:
    (tmp_path / "broken.py").symlink_to(tmp_path / "nowhere.py")

    with pytest.raises(WrongUsage, match="broken link"):
        discover([str(tmp_path / "broken.py")], scope(tmp_path))


def test_a_folder_that_cannot_be_listed_is_said(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("the superuser may list everything")
    plant(tmp_path, "a.py", "closed/b.py")
    (tmp_path / "closed").chmod(0)

    found = discover([str(tmp_path)], scope(tmp_path))
    (tmp_path / "closed").chmod(0o700)

    assert reported(found, tmp_path) == ["a.py"]
    assert ((str(tmp_path / "closed"), "Permission denied", True),) == found.unlisted


def test_a_folder_that_vanishes_meanwhile_is_said(tmp_path: Path) -> None:
    walk = Walk(Exclusion([]), respect_gitignore=True)

    walk.below(str(tmp_path / "gone"), (str(tmp_path),))

    assert {str(tmp_path / "gone"): "No such file or directory"} == walk.unlisted


def test_names_that_are_no_text_are_kept(tmp_path: Path) -> None:
    raw = os.path.join(os.fsencode(tmp_path), b"caf\xe9.py")  # noqa: PTH118 - pathlib refuses bytes
    try:
        with open(raw, "wb"):  # noqa: PTH123
            pass
    except OSError:
        pytest.skip("this file system wants text")

    found = discover([str(tmp_path)], scope(tmp_path))

    assert [raw] == [os.fsencode(file.path) for file in found.files]


def test_the_order_is_that_of_the_paths(tmp_path: Path) -> None:
    plant(tmp_path, "b.py", "a/z.py", "a.py", "B.py", "a/b/c.py")

    paths = [file.path for file in discover([str(tmp_path)], scope(tmp_path)).files]

    assert sorted(paths) == paths


def test_an_unsaved_file_belongs_to_its_project(project: Path) -> None:
    """A file that only an editor has is placed as if it were saved."""
    path = str(project / "src/pkg/new.py")

    found = discover([path], scope(project), unsaved={path})

    assert reported(found, project) == ["src/pkg/new.py"]
    assert roots_of(found, project, "src/pkg/new.py") == ["src", "."]
