"""The table of hops: what is known of calls that run a callable elsewhere or later.

This module decodes ``hops.toml`` and looks names up; ``hop.py`` has the words of a row. Names are the resolver's:
dotted, what calling X gives is ``X()``, its attribute ``X().attr``. One thing has many names; each is brought to its
canonical one by aliases, by factories (calls that give an instance of a known class) and by base classes. Which
argument a program hands over is not decided here.
"""

from __future__ import annotations

import functools
import importlib.resources
import re
from collections.abc import Iterator
from typing import Literal

import msgspec.toml

from ctxlint.knowledge.hop import Hop


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``hops.toml`` as it is written: canonical names first, then what comes down to them."""

    schema: int
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
    _named: dict[str, tuple[Hop, ...]]
    _roots: frozenset[str]

    def canonical(self, name: str) -> str:
        """The canonical name of what the resolver calls ``name``; itself if nothing is known of it."""
        if name.partition(".")[0].partition("(")[0] not in self._roots:
            return name
        now = ""
        for part in _PART.findall(name):
            now = self._settled(f"{now}()" if part == "()" else f"{now}.{part}" if now else part)
        return now

    def every(self, name: str) -> tuple[Hop, ...]:
        """The hops of a callable, for a call has several when it takes several workers (``callback=``)."""
        return self._rows(self.canonical(name), "call")

    def of(self, name: str) -> Hop | None:
        """The hop of a callable: its principal one, which starts what is not called initializer or callback."""
        return next(iter(self.every(name)), None)

    def of_subclass(self, name: str) -> Hop | None:
        """The hop that a class derived from ``name`` makes by methods of its own (``run`` of a Thread)."""
        return next(iter(self._rows(self.canonical(name), "subclass")), None)

    def wrapping(self, name: str) -> Hop | None:
        """The hop that gave the callable ``name`` (``functools.partial()``), if that stands for its worker."""
        found = self.of(name[:-2]) if name.endswith("()") else None
        return found if found is not None and found.wraps else None

    def is_subclass(self, name: str, of: str) -> bool:
        """Is the class ``name`` the class ``of``, or derived from it?"""
        return self.canonical(of) in self._line(self.canonical(name))

    def _rows(self, name: str, way: Literal["call", "subclass"]) -> tuple[Hop, ...]:
        for owner in self._line(name):
            rows = self._named.get(owner, ())
            found = tuple(row for row in rows if (row.worker.stands == "subclass") == (way == "subclass"))
            if found:
                return found
        return ()

    def _line(self, name: str) -> Iterator[str]:
        """The class and its bases, nearest first."""
        yield name
        for base in self.bases.get(name, ()):
            yield from self._line(base)

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
            yield from (f"{owner}(){method[2]}" for owner in self._line(method[1]))

    def _known(self, name: str) -> bool:
        return name in self._named or name in self.factories or name in self.aliases


@functools.cache
def hops() -> Hops:
    """What is known of hops. Raises ``msgspec.ValidationError`` when the table is not of its schema."""
    text = importlib.resources.files("ctxlint.knowledge").joinpath("hops.toml").read_text("utf-8")
    table = msgspec.toml.decode(text, type=_Table)
    named: dict[str, tuple[Hop, ...]] = {}
    for row in table.hop:
        for name in row.callables:
            named[name] = (*named.get(name, ()), row)
    aliases, factories = _inverted(table.aliases), _inverted(table.factories)
    known = (*named, *aliases, *factories, *table.bases)
    roots = frozenset(re.split(r"[.(]", name, maxsplit=1)[0] for name in known)
    words = frozenset(
        word
        for row in table.hop
        if {row.usual, *(other.verdict for other in row.when)} - {"shared", "explicit"}
        for name in row.callables
        for word in _words(name, table)
    )
    return Hops(table.hop, aliases, factories, table.bases, words, named, roots)


def _inverted(table: dict[str, tuple[str, ...]]) -> dict[str, str]:
    return {spelling: canonical for canonical, spellings in table.items() for spelling in spellings}


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
