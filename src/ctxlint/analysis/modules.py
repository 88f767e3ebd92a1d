"""Which file an import names.

A module is its file. A dotted name is looked up from the source roots of the importing file, the innermost
first, so ``src/app/db.py`` is ``app.db`` for its neighbours and ``src.app.db`` for who starts at the project's
root. Nothing is read here: a path is a path. Namespace packages have no file, so a dotted name that ends in one
resolves to nothing, yet names below it do.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ctxlint.model.sources import SourceFile

_SUFFIXES = (".py", ".pyi")


def is_notebook(path: str) -> bool:
    """Is a file a notebook? Nothing imports one: what stands at its top runs when a person says so."""
    return path.endswith(".ipynb")


@dataclass(frozen=True, slots=True)
class ModuleTable:
    """Dotted names to files, for each root; and each file's roots and package."""

    by_root: dict[str, dict[str, str]]
    roots: dict[str, tuple[str, ...]]

    def resolve(self, importer: str, module: str, level: int) -> str | None:
        """The file that ``module`` (with ``level`` leading dots) names in the file ``importer``, or None."""
        for root in self.roots.get(importer, ()):
            name = self._absolute(importer, root, module, level)
            found = self.by_root.get(root, {}).get(name) if name is not None else None
            if found is not None:
                return found
        return None

    def within(self, path: str) -> str:
        """The path of a file within its project: below the outermost of its roots that holds it."""
        below = [_below(path, root) for root in self.roots.get(path, ()) if path.startswith(root)]
        return max(below, key=len, default=path)

    def anywhere(self, name: str) -> str | None:
        """The file that has the dotted name from any root."""
        for names in self.by_root.values():
            if name in names:
                return names[name]
        return None

    def absolute(self, importer: str, module: str, level: int) -> str | None:
        """The dotted name that a relative import means from the importer's innermost root."""
        if level == 0:
            return module
        for root in self.roots.get(importer, ()):
            return self._absolute(importer, root, module, level)
        return None

    def _absolute(self, importer: str, root: str, module: str, level: int) -> str | None:
        if level == 0:
            return module
        parts = _below(importer, root).split("/")[:-1]
        if level - 1 > len(parts):
            return None
        package = parts[: len(parts) - (level - 1)]
        return ".".join([*package, *([module] if module else [])])


def module_table(files: Iterable[SourceFile]) -> ModuleTable:
    """Index the files of a program by the names under which they can be imported. ``.py`` wins over ``.pyi``."""
    by_root: dict[str, dict[str, str]] = {}
    roots: dict[str, tuple[str, ...]] = {}
    for file in files:
        roots[file.path] = file.roots
        stem, dot, suffix = file.path.rpartition(".")
        if dot + suffix not in _SUFFIXES:
            continue
        for root in file.roots:
            parts = _below(stem, root).split("/")
            if parts[-1] == "__init__":
                parts.pop()
            names = by_root.setdefault(root, {})
            name = ".".join(parts)
            if suffix == "py" or name not in names:
                names[name] = file.path
    return ModuleTable(by_root, roots)


def _below(path: str, root: str) -> str:
    return path[len(root) :].replace("\\", "/").lstrip("/")
