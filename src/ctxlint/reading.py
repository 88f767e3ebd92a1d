"""From candidates to the linked program: which files count, and who reads what of them.

A file is drafted by the standard library's ``ast``, which is ten times faster than libcst; the program is linked
from drafts. What is judged is read by libcst: ``Facts.confirm`` reads a unit and says whether the draft said the
same. Where it did not, libcst's word counts, and the program is linked anew.

What a run reads is decided here, by what earlier files showed; what a file says is the frontend's business. The
bytes come from the caller's ``read``, so nothing here touches the disk.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress

from ctxlint.analysis.demand import exported_words
from ctxlint.analysis.library import Library
from ctxlint.analysis.modules import ModuleTable, module_table
from ctxlint.analysis.program import Program
from ctxlint.analysis.resolve import Resolver
from ctxlint.frontend.gate import mentions
from ctxlint.frontend.index import ImportRef, imports
from ctxlint.frontend.text import decode
from ctxlint.model.sources import SourceFile, Unreadable
from ctxlint.model.spans import Span
from ctxlint.supply import Facts, Memory

Read = Callable[[str], bytes]

_STAR = re.compile(rb"^[ \t]*from\s+\S+\s+import\s*\(?\s*\*", re.MULTILINE)
_ROUNDS = 8


def read_program(
    files: Sequence[SourceFile],
    read: Read,
    candidates: dict[str, bytes],
    refused: dict[str, str],
    memory: Memory | None = None,
) -> tuple[Program, Facts]:
    """Read what matters of ``files`` and link it."""
    table = module_table(files)
    facts = Facts(read, memory)
    for path, reason in refused.items():
        facts.unreadable[path] = Unreadable(reason, Span(0, 0))
    facts.give(candidates)
    counted = [*candidates]
    resolver = Resolver(Library(facts, table))
    program = Program(resolver, counted)
    importers = _importers(program, files, table, read, counted)
    if importers:
        program = Program(resolver, [*counted, *importers], program)
    return program, facts


def spawning_units(
    files: Sequence[SourceFile], read: Read, facts: Facts, more: frozenset[str] = frozenset()
) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """The units, by file, whose text names an API that runs a callable elsewhere, or holds one of ``more`` words. Words
    of a library's API count in programs that name the library somewhere.
    """
    from ctxlint.knowledge.hops import hops, words_of  # noqa: PLC0415 - only programs with variables need the table

    known = hops()
    unseen = {name: name.encode() for name in sorted(known.packages)}
    always = known.words | more
    pattern = _any_of(always)
    found: dict[str, tuple[int, ...]] = {}
    for path, content in _contents(files, read):
        for name in [name for name, word in unseen.items() if word in content]:
            del unseen[name]
        if pattern[0].search(content):
            found[path] = facts.units_with(path, pattern[1])
    words = words_of(known.packages.difference(unseen)) - always
    if words:
        both, pattern = _any_of(words | always), _any_of(words)
        for path, content in _contents(files, read):
            if pattern[0].search(content):
                found[path] = facts.units_with(path, both[1])
    return tuple((file.path, found[file.path]) for file in files if found.get(file.path))


def _any_of(words: frozenset[str]) -> tuple[re.Pattern[bytes], re.Pattern[str]]:
    """Patterns that find one of the words, in bytes and in text."""
    text = r"\b(?:" + "|".join(sorted(words)) + r")\b"
    return re.compile(text.encode()), re.compile(text)


def _contents(files: Iterable[SourceFile], read: Read) -> Iterator[tuple[str, bytes]]:
    """The files that can be read, with their bytes."""
    for file in files:
        with suppress(OSError):
            yield file.path, read(file.path)


def relink(program: Program, facts: Facts) -> Program:
    """The program again, from what the facts say now."""
    return Program(Resolver(Library(facts, program.resolver.table)), program.modules)


# --- importers -----------------------------------------------------------------------------------------------


def _importers(
    program: Program, files: Sequence[SourceFile], table: ModuleTable, read: Read, counted: Sequence[str]
) -> list[str]:
    """The files that use what the program's variables offer."""
    offered = exported_words(program)
    if not offered:
        return []
    words = frozenset(word for found in offered.values() for word in found)
    kept = _mentioning(files, words, read, frozenset(counted))
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


def _mentioning(
    files: Iterable[SourceFile], words: frozenset[str], read: Read, counted: frozenset[str]
) -> dict[str, str]:
    kept: dict[str, str] = {}
    for file in files:
        if file.path in counted:
            continue
        try:
            content = read(file.path)
            if mentions(content, words) or _STAR.search(content):
                kept[file.path] = decode(content)
        except (OSError, Unreadable):
            continue
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
