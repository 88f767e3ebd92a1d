"""From the given paths to the program: which files there are, and which of them are reported.

The program is every ``.py`` and ``.pyi`` file under the source roots of the project of each given path that
is not excluded; the files under the given paths are reported, the others only read. In isolation, or where a
path has no project, the given path alone is the program. A given path is never excluded itself; what is below
it may be. A given file is taken whatever its suffix. The order of the files is that of their paths.

A given folder that the project leaves out (an environment, an ignored build, a linked folder) stands alone,
and its imports start at the closest folder that is no package.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from ctxlint.model.sources import SourceFile
from ctxlint.shell.nearest import WrongUsage, did_you_mean
from ctxlint.shell.project import ancestors, default_roots, package_parent, project_root
from ctxlint.shell.walk import Walk

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from ctxlint.shell.patterns import Exclusion
    from ctxlint.shell.walk import Nested


_ALONE = ""  # the project of paths without one


class Scope(NamedTuple):
    """What discovery is told: see the options of the same names. ``src`` holds absolute folders.

    ``nested`` gives what is left out of a folder that has a configuration of its own, and below it.
    """

    exclusion: Exclusion
    isolated: bool = False
    src: tuple[str, ...] = ()
    respect_gitignore: bool = True
    force_exclude: bool = False
    nested: Nested | None = None


class Unlisted(NamedTuple):
    """A folder (absolute) that cannot be listed, and why. ``reported``: it lies below a given path."""

    path: str
    reason: str
    reported: bool


class Discovery(NamedTuple):
    """The program, in the order of its paths, and the folders that could not be seen."""

    files: tuple[SourceFile, ...]
    unlisted: tuple[Unlisted, ...] = ()

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is to be said of folders that only belong to the program."""
        return tuple(
            f"cannot list {path}: {reason}" for path, reason, reported in self.unlisted if not reported
        )


def discover(paths: Sequence[str], scope: Scope, unsaved: Container[str] = ()) -> Discovery:
    """Return the program of ``paths``. One that neither exists nor is ``unsaved`` is ``WrongUsage``."""
    given = [os.path.abspath(path) for path in paths]
    require_existing([path for path, place in zip(paths, given, strict=True) if place not in unsaved])
    if scope.force_exclude:
        given = [path for path in given if not scope.exclusion.excludes_within(path, _top_of(path, scope))]
    projects = _by_project(given, scope)
    reported: dict[str, tuple[str, ...]] = {}
    others: dict[str, tuple[str, ...]] = {}
    unlisted: dict[str, str] = {}
    alone = projects.pop(_ALONE, [])
    left_out: list[str] = []
    for project, members in projects.items():
        walk = _walk_project(project, scope)
        unlisted |= walk.unlisted
        others |= walk.files
        left_out += [path for path in members if not _report_member(path, walk, reported)]
    for paths_alone, inherit in ((alone, True), (left_out, False)):
        walk = _walk_alone(paths_alone, scope, inherit=inherit)
        unlisted |= walk.unlisted
        reported = walk.files | reported
    closed = (Unlisted(path, reason, _is_given(path, given)) for path, reason in sorted(unlisted.items()))
    return Discovery(_sources(reported, others), tuple(closed))


def _is_given(path: str, given: Sequence[str]) -> bool:
    """Whether a path is a given one, or lies below one."""
    return any(path == top or path.startswith(os.path.join(top, "")) for top in given)


def require_existing(paths: Sequence[str]) -> Sequence[str]:
    """``paths``, or ``WrongUsage`` that names the first missing one and its nearest existing sibling."""
    for path in paths:
        if not os.path.exists(path):
            if os.path.islink(path):
                raise WrongUsage(f"broken link: '{path}'")
            raise WrongUsage(f"no such file or directory: '{path}'{did_you_mean_sibling(path)}")
    return paths


def did_you_mean_sibling(path: str) -> str:
    """Suggest the nearest entry beside the first part of ``path`` that is missing."""
    missing = path.rstrip("/" + os.sep) or path
    while (parent := os.path.dirname(missing)) and parent != missing and not os.path.exists(parent):
        missing = parent
    try:
        siblings = os.listdir(parent or os.curdir)
    except OSError:
        return ""
    tail = path[len(missing) :]
    return did_you_mean(missing + tail, [os.path.join(parent, name) + tail for name in siblings])


def _by_project(paths: Sequence[str], scope: Scope) -> dict[str, list[str]]:
    known: dict[str, str] = {}
    projects: dict[str, list[str]] = {}
    for path in paths:
        folder = _folder_of(path)
        if folder not in known:
            known[folder] = (None if scope.isolated else project_root(folder)) or _ALONE
        projects.setdefault(known[folder], []).append(path)
    return projects


def _folder_of(path: str) -> str:
    return path if os.path.isdir(path) else os.path.dirname(path)


def _top_of(path: str, scope: Scope) -> str:
    """Where ``--force-exclude`` stops to look upwards: the project, or the working directory."""
    project = None if scope.isolated else project_root(_folder_of(path))
    return project or (
        os.getcwd() if path.startswith(os.path.join(os.getcwd(), "")) else os.path.dirname(path)
    )


def _walk_project(project: str, scope: Scope) -> Walk:
    walk = Walk(
        scope.exclusion, respect_gitignore=scope.respect_gitignore, fixed_roots=scope.src, nested=scope.nested
    )
    roots = scope.src or default_roots(project)
    for top in roots if scope.src else (project,):
        if os.path.isdir(top):
            walk.below(top, (top, *(root for root in roots if root != top)))
    return walk


def _report_member(path: str, walk: Walk, reported: dict[str, tuple[str, ...]]) -> bool:
    """Take ``path``, a part of the walked project, into ``reported``; False if the walk left it out."""
    if path in walk.folders:
        prefix = os.path.join(path, "")
        reported |= {file: roots for file, roots in walk.files.items() if file.startswith(prefix)}
        return True
    folder = os.path.dirname(path)
    if folder in walk.folders and not os.path.isdir(path):
        reported[path] = walk.folders[folder]
        return True
    return False


def _walk_alone(paths: Sequence[str], scope: Scope, *, inherit: bool) -> Walk:
    """Read given paths that have no project; every one's roots serve the others after its own."""
    walk = Walk(
        scope.exclusion, respect_gitignore=scope.respect_gitignore, fixed_roots=scope.src, nested=scope.nested
    )
    tops = [package_parent(_folder_of(path)) for path in paths]
    shared = dict.fromkeys(root for top in tops for root in (scope.src or default_roots(top)))
    for path, top in zip(paths, tops, strict=True):
        folder = _folder_of(path)
        own = [place for place in ancestors(folder) if place in shared] or [top]
        roots = tuple(dict.fromkeys((*own, *shared)))
        if folder == path:
            walk.below(path, roots, inherit=inherit)
        else:
            walk.files[path] = walk.folders.get(folder, roots)
    return walk


def _sources(
    reported: dict[str, tuple[str, ...]], others: dict[str, tuple[str, ...]]
) -> tuple[SourceFile, ...]:
    """Order the files and name them as they are shown: relative to the working directory when below it."""
    here = os.path.join(os.getcwd(), "")
    return tuple(
        SourceFile(
            path, path.removeprefix(here), reported.get(path) or others[path], reported=path in reported
        )
        for path in sorted({**others, **reported})
    )
