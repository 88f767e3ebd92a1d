"""From the given paths to the program: which files there are, and which of them are reported.

The program is every ``.py`` and ``.pyi`` file under the source roots of the project of each given path (the outermost
that is configured: ``layers.py``) that is not excluded; the files under the given paths are reported, the others
only read. In isolation, or where a path has no project, the given path alone is the program. A given path is never
excluded itself; what is below it may be. A given file is taken whatever its suffix. The order of the files is that of
their paths.

A given folder that the project leaves out (an environment, an ignored build, a linked folder) stands alone,
and its imports start at the closest folder that is no package.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple, Protocol

from ctxlint.model.sources import SourceFile
from ctxlint.shell.nearest import WrongUsage, did_you_mean
from ctxlint.shell.project import ancestors, default_roots, package_parent, project_root
from ctxlint.shell.walk import Walk

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from ctxlint.shell.patterns import Exclusion
    from ctxlint.shell.walk import Inner


_ALONE = ""  # the project of paths without one


class Governing(Protocol):
    """What the configurations of a run say of single folders and paths (absolute)."""

    def program_of(self, folder: str) -> str | None:
        """Return the folder at which the program of ``folder`` begins, or None."""
        ...

    def inner_in(self, folder: str) -> Inner | None:
        """Return what a configuration in ``folder`` itself says, or None."""
        ...

    def exclusion_in(self, folder: str) -> Exclusion:
        """Return what is left out of ``folder``."""
        ...

    def is_forced_out(self, path: str) -> bool:
        """Whether ``path`` is left out though it is given (``force-exclude``)."""
        ...


class Scope(NamedTuple):
    """What discovery is told of a program: see the options of the same names. ``src`` holds absolute folders.

    ``governing`` knows the configurations below it; with ``force_exclude`` it is asked about given paths.
    """

    exclusion: Exclusion
    isolated: bool = False
    src: tuple[str, ...] = ()
    respect_gitignore: bool = True
    governing: Governing | None = None
    force_exclude: bool = True

    def program_of(self, folder: str) -> str | None:
        """Return the folder at which the program of ``folder`` begins; None where the given paths are all of it."""
        if self.isolated:
            return None
        return project_root(folder) if self.governing is None else self.governing.program_of(folder)


class Unlisted(NamedTuple):
    """A folder (absolute) that cannot be listed, and why. ``reported``: it lies below a given path."""

    path: str
    reason: str
    reported: bool


class Discovery(NamedTuple):
    """The program, in the order of its paths, the folders that could not be seen, and those (absolute) that hold a
    ``pyproject.toml``, as far as a walk came to them.
    """

    files: tuple[SourceFile, ...]
    unlisted: tuple[Unlisted, ...] = ()
    projects: tuple[str, ...] = ()

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
    if scope.governing is not None and scope.force_exclude:
        given = [path for path in given if not scope.governing.is_forced_out(path)]
    projects = _by_project(given, scope)
    reported: dict[str, tuple[str, ...]] = {}
    others: dict[str, tuple[str, ...]] = {}
    unlisted: dict[str, str] = {}
    alone = projects.pop(_ALONE, [])
    left_out: list[str] = []
    met: list[str] = []
    for project, members in projects.items():
        walk = _walk_project(project, scope)
        unlisted |= walk.unlisted
        met += walk.projects
        others |= walk.files
        left_out += [path for path in members if not _report_member(path, walk, reported)]
    for paths_alone, inherit in ((alone, True), (left_out, False)):
        walk = _walk_alone(paths_alone, scope, inherit=inherit)
        unlisted |= walk.unlisted
        met += walk.projects
        reported = walk.files | reported
    closed = (Unlisted(path, reason, _is_given(path, given)) for path, reason in sorted(unlisted.items()))
    return Discovery(_sources(reported, others), tuple(closed), tuple(sorted(set(met))))


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
            known[folder] = scope.program_of(folder) or _ALONE
        projects.setdefault(known[folder], []).append(path)
    return projects


def _folder_of(path: str) -> str:
    return path if os.path.isdir(path) else os.path.dirname(path)


def _walk(scope: Scope) -> Walk:
    return Walk(
        scope.exclusion,
        respect_gitignore=scope.respect_gitignore,
        fixed_roots=scope.src,
        nested=scope.governing.inner_in if scope.governing is not None else None,
    )


def _walk_project(project: str, scope: Scope) -> Walk:
    walk = _walk(scope)
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
    walk = _walk(scope)
    tops = [package_parent(_folder_of(path)) for path in paths]
    shared = dict.fromkeys(root for top in tops for root in (scope.src or default_roots(top)))
    for path, top in zip(paths, tops, strict=True):
        folder = _folder_of(path)
        own = [place for place in ancestors(folder) if place in shared] or [top]
        roots = tuple(dict.fromkeys((*own, *shared)))
        if folder == path:
            exclusion = scope.governing.exclusion_in(path) if scope.governing is not None else None
            walk.below(path, roots, inherit=inherit, exclusion=exclusion)
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
