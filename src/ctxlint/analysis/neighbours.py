"""Which files can have to do with each other: those that are joined by imports that resolve, whoever imports whom.

What is called, handed over or derived from is reached by a name, and a name of another file comes by an import. So a
file that no chain of imports joins to a variable can do nothing to it. A module that is imported as a whole gives its
submodules, too, for they may have been imported elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ctxlint.analysis.modules import ModuleTable
from ctxlint.frontend.index import ImportRef


class Neighbours:
    """The files of a program in groups that imports join. A group grows as files are added."""

    def __init__(self, table: ModuleTable) -> None:
        """Every file is alone."""
        self._table = table
        self._above: dict[object, object] = {}
        self._packages = _packages(table)
        self._opened: set[tuple[str, str]] = set()
        self._strange: dict[
            tuple[str, ...], set[str]
        ] = {}  # what is not of the program, by the roots that were asked

    def add(self, path: str, refs: Iterable[ImportRef]) -> None:
        """Join a file to what it imports."""
        roots = self._table.roots.get(path, ())
        if roots not in self._strange:
            self._strange[roots] = set()
        strange = self._strange[roots]
        for level, name, whole in dict.fromkeys(_wanted(refs)):
            if (
                (level or name not in strange)
                and not self._join(path, level, name, whole=whole)
                and not level
            ):
                strange.add(name)

    def of(self, paths: Iterable[str]) -> Iterator[str]:
        """The files that are joined to one of ``paths``, themselves included."""
        tops = {self._top(path) for path in paths}
        return (path for path in self._table.roots if self._top(path) in tops)

    def _join(self, path: str, level: int, name: str, *, whole: bool) -> bool:
        """Join a file to a module, and to what is below a module that is had as a whole. False where nothing is known
        of it.
        """
        found = self._table.resolve(path, name, level)
        if found is not None:
            self._above[self._top(path)] = self._top(found)
        absolute = name if level == 0 else self._table.absolute(path, name, level)
        packages = [(root, absolute) for root, names in self._packages.items() if absolute in names]
        for root, package in packages if whole else ():
            self._open(path, root, package or "")
        return found is not None or bool(packages)

    def _open(self, path: str, root: str, name: str) -> None:
        """Join a file to everything below a package."""
        package = (root, name)
        self._above[self._top(path)] = self._top(package)
        if package not in self._opened:
            self._opened.add(package)
            for each in self._packages[root][name]:
                self._above[self._top(each)] = self._top(package)

    def _top(self, node: object) -> object:
        """What stands for the group of a file or package."""
        top = node
        while (above := self._above.get(top, top)) != top:
            top = above
        while node != top:
            self._above[node], node = top, self._above.get(node, top)
        return top


def _packages(table: ModuleTable) -> dict[str, dict[str, list[str]]]:
    """For each root, the files below each package, by its dotted name; of one without a file, too."""
    found: dict[str, dict[str, list[str]]] = {}
    for root, names in table.by_root.items():
        below = found.setdefault(root, {})
        for name, path in names.items():
            end = name.find(".")
            while end >= 0:
                below.setdefault(name[:end], []).append(path)
                end = name.find(".", end + 1)
    return found


def _wanted(refs: Iterable[ImportRef]) -> Iterator[tuple[int, str, bool]]:
    """What is imported: level, dotted name, and whether the module itself can be had by it."""
    for ref in refs:
        if not ref.names and not ref.star:  # `import a.b.c` gives `a`
            end = ref.module.find(".")
            while end >= 0:
                yield 0, ref.module[:end], True
                end = ref.module.find(".", end + 1)
            yield 0, ref.module, True
            continue
        yield ref.level, ref.module, False
        for name in ref.names:
            yield ref.level, f"{ref.module}.{name}" if ref.module else name, True
