"""From a folder to the Python files below it, each with the roots that its imports start from.

One ``os.scandir`` a folder, no recursion, no ``pathlib``. Links to folders are not followed (as in ruff), so
loops are impossible; links to files are. What cannot be listed is noted with the reason and left out. A folder
with a ``.git`` of its own is another checkout: ignore files above it do not reach into it.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from ctxlint.shell.gitignore import IgnoreFile, read_ignore_file
from ctxlint.shell.project import CONFIG_FILES, PROJECT_FILE, ancestors, default_roots, git_root

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ctxlint.shell.patterns import Exclusion

    Nested = Callable[[str], "Inner | None"]

SUFFIXES = (".py", ".pyi", ".ipynb")
BYTECODE = "__pycache__"  # half of the folders of a tree that has run, and never a source


class Inner(NamedTuple):
    """What a configuration on the way says of its folder and what is below: what is left out there, and the folders
    (absolute) at which its imports start; empty where it does not say.
    """

    exclusion: Exclusion
    src: tuple[str, ...] = ()


class Walk:
    """What walks found so far: files and folders by absolute path, each with its roots; folders that cannot be
    listed, with the reason; and those with a ``pyproject.toml``.
    """

    def __init__(
        self,
        exclusion: Exclusion,
        *,
        respect_gitignore: bool,
        fixed_roots: tuple[str, ...] = (),
        nested: Nested | None = None,
    ) -> None:
        """Set the conditions. With ``fixed_roots`` (the key ``src``) no others are found on the way."""
        self.files: dict[str, tuple[str, ...]] = {}
        self.folders: dict[str, tuple[str, ...]] = {}
        self.unlisted: dict[str, str] = {}
        self.projects: list[str] = []
        self._exclusion = exclusion
        self._respect_gitignore = respect_gitignore
        self._fixed_roots = fixed_roots
        self._nested = nested

    def below(
        self, top: str, roots: tuple[str, ...], *, inherit: bool = True, exclusion: Exclusion | None = None
    ) -> None:
        """Add everything below ``top``, less ``exclusion`` (else the walk's own). ``inherit`` lets the ignore files
        above it speak.
        """
        ignores = ignores_above(top) if inherit and self._respect_gitignore else ()
        pending: list[_Pending] = [_Pending(top, roots, ignores, exclusion or self._exclusion, top=True)]
        while pending:
            folder = pending.pop()
            if folder.path not in self.folders:
                pending += self._enter(folder)

    def _enter(self, folder: _Pending) -> list[_Pending]:
        """Note the files of one folder; the folders to enter next."""
        try:
            with os.scandir(folder.path) as entries:
                listing = _listing(entries)
        except OSError as error:
            self.unlisted[folder.path] = error.strerror or str(error)
            self.folders[folder.path] = folder.roots
            return []
        ignores = self._ignores_inside(folder, listing.marks)
        if PROJECT_FILE in listing.marks:
            self.projects.append(folder.path)
        inner = None
        if self._nested and not folder.top and not listing.marks.isdisjoint(_CONFIGURED):
            inner = self._nested(folder.path)
        roots = folder.roots if folder.top else tuple(dict.fromkeys(self._starts(folder, listing, inner)))
        self.folders[folder.path] = roots
        exclusion = inner.exclusion if inner is not None else folder.exclusion
        wanted = self._wanted(ignores, exclusion)
        inside = os.path.join(folder.path, "")
        for name in listing.files:
            path = inside + name
            if wanted(name, path, False):
                self.files[path] = roots
        return [
            _Pending(path, _roots_inside(path, roots), ignores, exclusion)
            for name in listing.folders
            if wanted(name, path := inside + name, True)
        ]

    def _starts(self, folder: _Pending, listing: _Listing, inner: Inner | None) -> tuple[str, ...]:
        """Where imports start in a folder: besides where they did above, as its configuration says, or where a project
        has its own. A package that is configured is no project for that.
        """
        if inner is not None and inner.src:
            return (*inner.src, *folder.roots)
        project = PROJECT_FILE in listing.marks and not (self._fixed_roots and inner is None)
        if project or (inner is not None and "__init__.py" not in listing.files):
            return (*default_roots(folder.path), *folder.roots)
        return folder.roots

    def _ignores_inside(self, folder: _Pending, marks: set[str]) -> tuple[IgnoreFile, ...]:
        ignores = folder.ignores
        if not self._respect_gitignore:
            return ()
        if ".git" in marks and not folder.top:
            ignores = _checkout_excludes(folder.path)
        if ".gitignore" in marks:
            own = read_ignore_file(os.path.join(folder.path, ".gitignore"), folder.path)
            ignores = (own, *ignores) if own else ignores
        return ignores

    @staticmethod
    def _wanted(ignores: tuple[IgnoreFile, ...], exclusion: Exclusion) -> Callable[[str, str, bool], bool]:
        excludes = exclusion.excludes
        return lambda name, path, is_folder: (
            not excludes(name, path) and not (ignores and _ignored(ignores, path, name, is_folder))
        )


class _Pending(NamedTuple):
    """A folder to enter: with the roots, the ignore files (innermost first) and the excludes that hold in it."""

    path: str
    roots: tuple[str, ...]
    ignores: tuple[IgnoreFile, ...]
    exclusion: Exclusion
    top: bool = False


class _Listing(NamedTuple):
    """The part of a folder's entries that matters."""

    files: list[str]
    folders: list[str]
    marks: set[str]


_CONFIGURED = frozenset((PROJECT_FILE, *CONFIG_FILES))
_MARKS = frozenset((".git", ".gitignore", *_CONFIGURED))


def _listing(entries: Iterable[os.DirEntry[str]]) -> _Listing:
    found = _Listing([], [], set())
    for entry in entries:
        name = entry.name
        if name in _MARKS:
            found.marks.add(name)
        if entry.is_dir(follow_symlinks=False):
            if name != BYTECODE:
                found.folders.append(name)
        elif name.endswith(SUFFIXES) and _is_file(entry):
            found.files.append(name)
    return found


def _is_file(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_file()
    except OSError:  # a link to itself
        return False


def _roots_inside(path: str, roots: tuple[str, ...]) -> tuple[str, ...]:
    """Return the same roots with the one that ``path`` enters first."""
    return (path, *(root for root in roots if root != path)) if path in roots else roots


def _ignored(ignores: tuple[IgnoreFile, ...], path: str, name: str, is_folder: bool) -> bool:  # noqa: FBT001
    for file in ignores:
        decision = file.decide(path, name, is_folder)
        if decision is not None:
            return decision
    return False


def ignores_above(top: str) -> tuple[IgnoreFile, ...]:
    """Return the ignore files between ``top`` and its git root, innermost first; none if they ignore ``top``.

    Who names an ignored folder wants it read, as with excludes.
    """
    root = git_root(top)
    if root is None or root == top:
        return _checkout_excludes(top) if root else ()
    above = ancestors(os.path.dirname(top))
    ignores = _checkout_excludes(root)
    for folder in reversed(above[: above.index(root) + 1]):
        own = read_ignore_file(os.path.join(folder, ".gitignore"), folder)
        ignores = (own, *ignores) if own else ignores
        below = _step_towards(folder, top)
        if _ignored(ignores, below, os.path.basename(below), is_folder=True):
            return ()
    return ignores


def is_ignored(path: str, top: str) -> bool:
    """Whether git ignores the folder ``path``, or one between it and ``top``, as a walk from ``top`` has it."""
    ignores, place = ignores_above(top), top
    while place != path:
        own = read_ignore_file(os.path.join(place, ".gitignore"), place)
        ignores = (own, *ignores) if own else ignores
        place = _step_towards(place, path)
        if _ignored(ignores, place, os.path.basename(place), is_folder=True):
            return True
    return False


def _step_towards(folder: str, target: str) -> str:
    start = len(folder.rstrip(os.sep)) + 1
    end = target.find(os.sep, start)
    return target if end < 0 else target[:end]


def _checkout_excludes(root: str) -> tuple[IgnoreFile, ...]:
    own = read_ignore_file(os.path.join(root, ".git", "info", "exclude"), root)
    return (own,) if own else ()
