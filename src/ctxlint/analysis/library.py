"""The scopes of the program's files, filled unit by unit as names are asked for.

A module's scope starts empty. ``named`` adds the units that bind a name, ``whole`` all of them; star imports come
with the first opening. The result does not depend on the order of questions: whoever looks at a name has first
had every unit loaded that binds it, and bindings stand in the order of the text.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Iterator
from typing import Protocol

from ctxlint.analysis import scopes as sc
from ctxlint.analysis.modules import ModuleTable
from ctxlint.analysis.scopes import Scope
from ctxlint.model.facts import ANY_NAME, Heading, Stmt, Unit

_COMMON = 40  # a word in more files than that is not looked for


class Source(Protocol):
    """Where facts come from."""

    def headings(self, path: str) -> tuple[Heading, ...] | None:
        """The units of a file; None for one that is not of the program or cannot be read."""
        ...

    def unit(self, path: str, index: int) -> tuple[Stmt, ...]:
        """The facts of one unit; nothing where it was given up."""
        ...

    def names(self, path: str, word: str) -> bool:
        """Has the text of a file a word?"""
        ...

    def units_with(self, path: str, words: Iterable[str]) -> tuple[int, ...]:
        """The units of a file whose text has one of the words."""
        ...


class _Shelf:
    """One opened file: its scope, its headings, which units are in, and who binds what."""

    __slots__ = ("anywhere", "binders", "filled", "headings", "scope", "sources", "starts")

    def __init__(self, scope: Scope, headings: tuple[Heading, ...]) -> None:
        self.scope = scope
        self.headings = headings
        self.starts = [heading.start for heading in headings]
        self.filled: list[int] = []
        self.sources: dict[str, list[int]] = {}
        self.binders: dict[str, list[int]] = {}
        self.anywhere: list[int] = []
        for index, heading in enumerate(headings):
            if heading.binds == (ANY_NAME,):
                self.anywhere.append(index)
                continue
            for name in heading.binds:
                self.binders.setdefault(name, []).append(index)


class Library:
    """Every file of the program that somebody asked for."""

    def __init__(self, source: Source, table: ModuleTable) -> None:
        """Nothing is opened until asked."""
        self.table = table
        self._source = source
        self._shelves: dict[str, _Shelf | None] = {}

    def opened(self, path: str) -> Scope | None:
        """The scope of a file, whatever of it is loaded; None where it cannot be had."""
        shelf = self._shelf(path)
        return shelf.scope if shelf is not None else None

    def named(self, path: str, name: str) -> Scope | None:
        """The scope of a file, with every unit that binds ``name``."""
        shelf = self._shelf(path)
        if shelf is None:
            return None
        if len(shelf.filled) < len(shelf.headings):
            wanted = shelf.binders.get(name, ())
            self._fill(path, shelf, (*wanted, *shelf.anywhere))
        return shelf.scope

    def whole(self, path: str) -> Scope | None:
        """The scope of a file, complete."""
        shelf = self._shelf(path)
        if shelf is None:
            return None
        self._fill(path, shelf, range(len(shelf.headings)))
        return shelf.scope

    def part(self, path: str, indexes: Iterable[int]) -> Scope | None:
        """The scope of a file, with at least the units ``indexes``."""
        shelf = self._shelf(path)
        if shelf is None:
            return None
        self._fill(path, shelf, indexes)
        return shelf.scope

    def naming(self, word: str) -> Iterator[Scope]:
        """The scopes of the files whose text has a word, each with at least the units that do; none where many have it,
        for then it hardly means one thing.
        """
        named = [path for path in self.table.roots if self._source.names(path, word)]
        for path in named if len(named) <= _COMMON else ():
            scope = self.part(path, self._source.units_with(path, (word,)))
            if scope is not None:
                yield scope

    def unit_at(self, path: str, offset: int) -> int | None:
        """The index of the unit that holds a character of a file; None between units."""
        shelf = self._shelf(path)
        if shelf is None:
            return None
        index = bisect.bisect_right(shelf.starts, offset) - 1
        return index if index >= 0 and offset < shelf.headings[index].end else None

    def _shelf(self, path: str) -> _Shelf | None:
        if path not in self._shelves:
            headings = self._source.headings(path) if path in self.table.roots else None
            shelf = None
            if headings is not None:
                shelf = _Shelf(Scope("module", path, "", None, None), headings)
            self._shelves[path] = shelf
            if shelf is not None:
                self._fill(path, shelf, [i for i, heading in enumerate(shelf.headings) if heading.star])
        return self._shelves[path]

    def _fill(self, path: str, shelf: _Shelf, indexes: Iterable[int]) -> None:
        for index in indexes:
            place = bisect.bisect_left(shelf.filled, index)
            if place < len(shelf.filled) and shelf.filled[place] == index:
                continue
            shelf.filled.insert(place, index)
            unit = Unit(shelf.headings[index].start, self._source.unit(path, index))
            _add(shelf, place, index, unit)


def _add(shelf: _Shelf, place: int, index: int, unit: Unit) -> None:
    """Add a unit to a scope, keeping the order of the text whatever came before."""
    scope = shelf.scope
    scope.units.insert(place, unit)
    sc.fill(scope, unit.body)
    late = place < len(shelf.filled) - 1
    for name in shelf.headings[index].binds:
        bindings = scope.bindings.get(name, [])
        sources = shelf.sources.setdefault(name, [])
        sources += [index] * (len(bindings) - len(sources))
        if late and len(bindings) > 1:
            pairs = sorted(zip(sources, bindings, strict=True), key=lambda pair: pair[0])
            sources[:] = [source for source, _ in pairs]
            bindings[:] = [binding for _, binding in pairs]
    if late:
        scope.children.sort(key=lambda child: child.start)
