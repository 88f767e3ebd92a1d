"""The table of hops: what is known of calls that run a callable elsewhere or later.

This module decodes ``hops.toml`` (the standard library) and, when a name of a library is asked for,
``hops_libraries.toml``, adds what the project knows (``additions.py``), and looks names up; ``hop.py`` has the words of
a row. Names are the resolver's:
dotted, what calling X gives is ``X()``, its attribute ``X().attr``. One thing has many names; each is brought to its
canonical one by aliases, by factories (calls that give an instance of a known class) and by base classes. Which
argument a program hands over is not decided here.
"""

from __future__ import annotations

import functools
import importlib.resources
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

import msgspec.toml

from ctxlint.knowledge.additions import Additions, added, additions_of
from ctxlint.knowledge.hop import Hop

_NONE: frozenset[str] = frozenset()
_OURS, _THEIRS = "hops.toml", "hops_libraries.toml"


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table as it is written: canonical names first, then what comes down to them."""

    schema: int
    packages: frozenset[str]
    common: frozenset[str]
    aliases: dict[str, tuple[str, ...]]
    factories: dict[str, tuple[str, ...]]
    bases: dict[str, tuple[str, ...]]
    hop: tuple[Hop, ...]


_PART = re.compile(r"[^.()]+|\(\)")
_METHOD = re.compile(r"(.+)\(\)(\.[^.()]+)")


class Hops(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The table with its lookups."""

    rows: tuple[Hop, ...]
    aliases: dict[str, str]
    """Another spelling to the canonical name."""
    factories: dict[str, str]
    """A callable, by its canonical name, to the class of what it gives."""
    bases: dict[str, tuple[str, ...]]
    words: frozenset[str]
    """Identifiers one of which stands in every file that makes a hop, but for methods of common names on objects
    that another file made. Hops that are always ``shared`` are no reason to look.
    """
    packages: frozenset[str]
    """Names by which libraries are imported of whose hops something is known, too, in another table."""
    _named: dict[str, tuple[Hop, ...]]
    _roots: frozenset[str]

    def canonical(self, name: str) -> str:
        """The canonical name of what the resolver calls ``name``; itself if nothing is known of it."""
        known = self._knowing(name)
        return known.canonical(name) if known is not self else self._canonical(name)

    def _knowing(self, name: str) -> Hops:
        """The table that knows of ``name``: this one, or with those of libraries."""
        return with_libraries() if _root(name) in self.packages else self

    def _canonical(self, name: str) -> str:
        if _root(name) not in self._roots:
            return name
        now = ""
        for part in _PART.findall(name):
            now = self._settled(f"{now}()" if part == "()" else f"{now}.{part}" if now else part)
        return now

    def every(self, name: str) -> tuple[Hop, ...]:
        """The hops of a callable, for a call has several when it takes several workers (``callback=``)."""
        return self._knowing(name).rows_of(name, "call")

    def of(self, name: str) -> Hop | None:
        """The hop of a callable: its principal one, which starts what is not called initializer or callback."""
        return next(iter(self.every(name)), None)

    def decorating(self, name: str) -> Hop | None:
        """The hop that the decorator ``name`` makes of the function below it (``celery.shared_task``)."""
        return next(iter(self._knowing(name).rows_of(name.removesuffix("()"), "decorated")), None)

    def of_subclass(self, name: str) -> Hop | None:
        """The hop that a class derived from ``name`` makes by methods of its own (``run`` of a Thread)."""
        return next(iter(self._knowing(name).rows_of(name, "subclass")), None)

    def wrapping(self, name: str) -> Hop | None:
        """The hop that gave the callable ``name`` (``functools.partial()``), if that stands for its worker."""
        found = self.of(name[:-2]) if name.endswith("()") else None
        return found if found is not None and found.wraps else None

    def is_subclass(self, name: str, of: str) -> bool:
        """Is the class ``name`` the class ``of``, or derived from it?"""
        known = self._knowing(name)
        return known.canonical(of) in known.line(known.canonical(name))

    def rows_of(self, name: str, way: Literal["call", "subclass", "decorated"]) -> tuple[Hop, ...]:
        """The rows of a callable, or of the nearest base that has some."""
        for owner in self.line(self.canonical(name)):
            rows = self._named.get(owner, ())
            found = tuple(row for row in rows if _way(row) == way)
            if found:
                return found
        return ()

    def line(self, name: str) -> Iterator[str]:
        """The class and its bases, nearest first."""
        yield name
        for base in self.bases.get(name, ()):
            yield from self.line(base)

    def _settled(self, name: str) -> str:
        for _ in range(8):  # aliases of aliases end long before; a test looks
            found = self._step(name)
            if found is None:
                break
            name = found
        return name

    def _step(self, name: str) -> str | None:
        if name in self.aliases:
            return self.aliases[name]
        if name.endswith("()"):
            made = next((f for f in self._variants(name[:-2]) if f in self.factories), None)
            return f"{self.factories[made]}()" if made is not None else None
        found = next((other for other in self._variants(name) if self._known(other)), name)
        return found if found != name else None

    def _variants(self, name: str) -> Iterator[str]:
        """A callable; if it is a method, then the methods of this name of the bases."""
        method = _METHOD.fullmatch(name)
        if method is None:
            yield name
        else:
            yield from (f"{owner}(){method[2]}" for owner in self.line(method[1]))

    def _known(self, name: str) -> bool:
        return name in self._named or name in self.factories or name in self.aliases


def hops() -> Hops:
    """What is known of hops. Raises ``msgspec.ValidationError`` when a table is not of its schema."""
    return _hops(added.get(), libraries=False)


def with_libraries() -> Hops:
    """The same with the rows of libraries, which ``hops`` looks up by itself when a name of one is asked for."""
    return _hops(added.get(), libraries=True)


def words_of(packages: frozenset[str]) -> frozenset[str]:
    """As ``Hops.words``, for the hops of libraries that are imported by these names."""
    table = _shipped(_THEIRS)
    rows = (msgspec.structs.replace(row, callables=_below(row.callables, packages)) for row in table.hop)
    return frozenset(word for row in rows for word in _words_of_row(row, table) if row.callables)


def _below(names: tuple[str, ...], packages: frozenset[str]) -> tuple[str, ...]:
    return tuple(name for name in names if _root(name) in packages)


@functools.lru_cache(maxsize=4)
def _hops(more: bytes, *, libraries: bool) -> Hops:
    ours = _shipped(_OURS)
    tables = [
        ours,
        *([_shipped(_THEIRS)] if libraries else []),
        *([_own(additions_of(more))] if more else []),
    ]
    table = _joined(tables)
    named: dict[str, tuple[Hop, ...]] = {}
    for row in table.hop:
        for name in row.callables:
            named[name] = (*named.get(name, ()), row)
    aliases, factories = _inverted(table.aliases), _inverted(table.factories)
    known = (*named, *aliases, *factories, *table.bases)
    roots = frozenset(map(_root, known))
    words = frozenset(word for row in table.hop for word in _words_of_row(row, table))
    packages = _NONE if libraries else ours.packages
    return Hops(table.hop, aliases, factories, table.bases, words, packages, named, roots)


@functools.cache
def _shipped(name: str) -> _Table:
    text = importlib.resources.files("ctxlint.knowledge").joinpath(name).read_text("utf-8")
    return msgspec.toml.decode(text, type=_Table)


def _own(more: Additions) -> _Table:
    return _Table(1, _NONE, _NONE, more.aliases, more.factories, more.bases, more.hop)


def _joined(tables: Sequence[_Table]) -> _Table:
    """One table of several. What a later one says of a callable, the project's last, replaces what is said before."""
    rows: list[Hop] = []
    for table in tables:
        mine = {name for row in table.hop for name in row.callables}
        kept = (
            msgspec.structs.replace(row, callables=tuple(c for c in row.callables if c not in mine))
            for row in rows
        )
        rows = [*(row for row in kept if row.callables), *table.hop]
    return _Table(
        1,
        _NONE,
        _NONE.union(*(table.common for table in tables)),
        _merged(table.aliases for table in tables),
        _merged(table.factories for table in tables),
        {cls: bases for table in tables for cls, bases in table.bases.items()},
        tuple(rows),
    )


def _merged(tables: Iterable[dict[str, tuple[str, ...]]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for table in tables:
        for name, others in table.items():
            found[name] = (*found.get(name, ()), *others)
    return found


def _root(name: str) -> str:
    return name.partition(".")[0].partition("(")[0]


def _way(row: Hop) -> Literal["call", "subclass", "decorated"]:
    stands = row.worker.stands
    return stands if stands in ("subclass", "decorated") else "call"


def _inverted(table: dict[str, tuple[str, ...]]) -> dict[str, str]:
    return {spelling: canonical for canonical, spellings in table.items() for spelling in spellings}


def _words_of_row(row: Hop, table: _Table) -> Iterator[str]:
    if {row.usual, *(other.verdict for other in row.when)} - {"shared", "explicit"}:
        if row.worker.stands == "decorated":
            yield from (method for method in row.worker.methods if method != "__call__")
        for name in row.callables:
            yield from _words(name, table)


def _words(name: str, table: _Table) -> Iterator[str]:
    """The last identifier of a callable, of its other spellings and of what is derived from it. Where that is a
    common word, the owner's: its module, or what stands in the file that makes the object.
    """
    derived = [sub for sub, bases in table.bases.items() if name in bases]
    for spelling in (name, *table.aliases.get(name, ()), *derived):
        owner, _, last = spelling.rpartition(".")
        if last not in table.common:
            yield last
        elif owner.endswith("()"):
            yield from _makers(owner[:-2], table)
        else:
            yield owner.rpartition(".")[2]


def _makers(cls: str, table: _Table) -> Iterator[str]:
    for maker in (cls, *table.factories.get(cls, ())):
        yield from _words(maker, table)
    for sub, bases in table.bases.items():
        if cls in bases:
            yield from _makers(sub, table)
