"""From candidates to the linked program: which files count, and who reads what of them.

A file is drafted by the standard library's ``ast``, which is ten times faster than libcst; the program is linked
from drafts. What is judged is read by libcst: ``Facts.confirm`` reads a unit and says whether the draft said the
same. Where it did not, libcst's word counts, and the program is linked anew.

What a run reads is decided here, by what earlier files showed; what a file says is the frontend's business. The
bytes come from the caller's ``read``, so nothing here touches the disk.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress

from ctxlint.analysis.demand import exported_words
from ctxlint.analysis.library import Library
from ctxlint.analysis.modules import ModuleTable, module_table
from ctxlint.analysis.neighbours import Neighbours
from ctxlint.analysis.program import Program
from ctxlint.analysis.resolve import Resolver
from ctxlint.frontend.gate import identifiers
from ctxlint.frontend.index import ImportRef, imports
from ctxlint.frontend.text import decode
from ctxlint.model.sources import SourceFile, Unreadable
from ctxlint.model.spans import Span
from ctxlint.supply import Facts, Memory

Read = Callable[[str], bytes]

_STAR = re.compile(rb"^[ \t]*from\s+\S+\s+import\s*\(?\s*\*", re.MULTILINE)
_ROUNDS = 8


class Vicinity:
    """The files of a run, and which of them imports join."""

    def __init__(self, files: Sequence[SourceFile], read: Read) -> None:
        """Nothing is read until asked."""
        self.files = files
        self._read = read
        self.table = module_table(files)
        self._importers: dict[str, list[str]] = {}

    @functools.cached_property
    def _groups(self) -> Neighbours:
        groups = Neighbours(self.table)
        for path, content in self.contents(self.files):
            with suppress(Unreadable):
                refs = imports(decode(content))
                groups.add(path, refs)
                for name in {ref.module.partition(".")[0] for ref in refs if ref.level == 0}:
                    self._importers.setdefault(name, []).append(path)
        return groups

    def of(self, paths: Iterable[str]) -> tuple[SourceFile, ...]:
        """The files that are joined to one of ``paths``, themselves included."""
        near = frozenset(self._groups.of(paths))
        return tuple(file for file in self.files if file.path in near)

    def importing(self, names: Iterable[str]) -> tuple[str, ...]:
        """The files that import something of the packages ``names``, or something below them."""
        _ = self._groups
        return tuple(path for name in names for path in self._importers.get(name, ()))

    def contents(self, files: Iterable[SourceFile]) -> Iterator[tuple[str, bytes]]:
        """Those of ``files`` that can be read, with their bytes."""
        for file in files:
            with suppress(OSError):
                yield file.path, self._read(file.path)


def read_program(
    files: Sequence[SourceFile],
    read: Read,
    candidates: dict[str, bytes],
    refused: dict[str, str],
    memory: Memory | None = None,
    vicinity: Vicinity | None = None,
) -> tuple[Program, Facts]:
    """Read what matters of ``files`` and link it."""
    vicinity = vicinity or Vicinity(files, read)
    facts = Facts(read, memory)
    for path, reason in refused.items():
        facts.unreadable[path] = Unreadable(reason, Span(0, 0))
    facts.give(candidates)
    counted = [*candidates]
    resolver = Resolver(Library(facts, vicinity.table))
    program = Program(resolver, counted)
    importers = _importers(program, vicinity, counted)
    if importers:
        program = Program(resolver, [*counted, *importers], program)
    return program, facts


def spawning_units(
    files: Iterable[SourceFile], vicinity: Vicinity, facts: Facts, more: frozenset[str] = frozenset()
) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """The units, by file, whose text names an API that runs a callable elsewhere, or holds one of ``more`` words. Words
    of a library's API count where one of ``files`` names the library.
    """
    from ctxlint.knowledge.hops import hops, words_of  # noqa: PLC0415 - only programs with variables need the table

    known = hops()
    always = known.words | more
    sought = {word.encode(): word for word in known.packages | always | words_of(known.packages)}
    held: dict[str, frozenset[str]] = {}
    for path, content in vicinity.contents(files):
        words = sought.keys() & identifiers(content)
        if words:
            held[path] = frozenset(sought[word] for word in words)
    wanted = always | words_of(known.packages & frozenset().union(*held.values()))
    named = {path: words & wanted for path, words in held.items() if not words.isdisjoint(wanted)}
    found = ((path, facts.units_with(path, words)) for path, words in named.items())
    return tuple((path, units) for path, units in found if units)


def relink(program: Program, facts: Facts) -> Program:
    """The program again, from what the facts say now."""
    return Program(Resolver(Library(facts, program.resolver.table)), program.modules)


# --- importers -----------------------------------------------------------------------------------------------


def _importers(program: Program, vicinity: Vicinity, counted: Sequence[str]) -> list[str]:
    """The files that use what the program's variables offer."""
    offered = exported_words(program)
    if not offered:
        return []
    table = vicinity.table
    words = frozenset(word.encode() for found in offered.values() for word in found)
    kept = _mentioning(vicinity, words, counted)
    index = {path: imports(text) for path, text in kept.items()}
    sources = {**offered}
    wanted: set[str] = set()
    for _ in range(_ROUNDS):
        found = {
            path: _passed(path, refs, sources, table) for path, refs in index.items() if path not in wanted
        }
        found = {path: names for path, names in found.items() if names is not None}
        if not found:
            break
        wanted |= found.keys()
        sources.update({path: names for path, names in found.items() if names})
    return sorted(wanted)


def _mentioning(vicinity: Vicinity, words: frozenset[bytes], counted: Sequence[str]) -> dict[str, str]:
    kept: dict[str, str] = {}
    known = frozenset(counted)
    near = [file for file in vicinity.of(counted) if file.path not in known]
    for path, content in vicinity.contents(near):
        if not words.isdisjoint(identifiers(content)) or _STAR.search(content):
            with suppress(Unreadable):
                kept[path] = decode(content)
    return kept


def _passed(
    path: str, refs: tuple[ImportRef, ...], sources: dict[str, frozenset[str]], table: ModuleTable
) -> frozenset[str] | None:
    """What a file imports of what the sources offer, and so offers in turn; None where it imports nothing of it."""
    found: set[str] = set()
    uses = False
    for ref in refs:
        offered = sources.get(table.resolve(path, ref.module, ref.level) or "")
        if offered is not None and (ref.star or not ref.names):
            uses = True
            found |= offered if ref.star else set()
        elif offered is not None:
            found |= offered.intersection(ref.names)
        for name in ref.names:  # `from package import module`
            if table.resolve(path, f"{ref.module}.{name}" if ref.module else name, ref.level) in sources:
                found.add(name)
    return frozenset(found) if uses or found else None
