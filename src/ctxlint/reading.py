"""From candidates to the linked program: the reader, and the demand for more files.

What a run reads is decided here, by what earlier files showed; what a file says is the frontend's business. The
bytes come from the caller's ``read``, so nothing here touches the disk.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from ctxlint.analysis.demand import exported_words
from ctxlint.analysis.modules import ModuleTable, module_table
from ctxlint.analysis.program import Program
from ctxlint.analysis.resolve import Load
from ctxlint.analysis.scopes import Scope, collect
from ctxlint.frontend.gate import mentions
from ctxlint.frontend.index import ImportRef, imports
from ctxlint.frontend.text import decode
from ctxlint.model.facts import Limit
from ctxlint.model.sources import SourceFile, Unreadable
from ctxlint.model.spans import Span

Read = Callable[[str], bytes]

_FUNCTION = re.compile(r"^(?:async\s+def|def)\b", re.MULTILINE)
_CLASS = re.compile(r"^class\b", re.MULTILINE)
_STAR = re.compile(rb"^[ \t]*from\s+\S+\s+import\s*\(?\s*\*", re.MULTILINE)
_ROUNDS = 8


@dataclass(slots=True)
class Readings:
    """What has been read so far. Grows while one run reads, and is only looked at afterwards."""

    scopes: dict[str, Scope] = field(default_factory=dict[str, Scope])
    texts: dict[str, str] = field(default_factory=dict[str, str])
    unreadable: dict[str, Unreadable] = field(default_factory=dict[str, Unreadable])
    limits: dict[str, tuple[Limit, ...]] = field(default_factory=dict[str, tuple[Limit, ...]])
    passing: dict[str, Scope] = field(default_factory=dict[str, Scope])
    units: int = 0
    size: int = 0


def read_program(
    files: Sequence[SourceFile], read: Read, candidates: dict[str, bytes], refused: dict[str, str]
) -> tuple[Program, Readings]:
    """Read what matters of ``files`` and link it."""
    table = module_table(files)
    readings = Readings()
    for path, reason in refused.items():
        readings.unreadable[path] = Unreadable(reason, Span(0, 0))
    for path, data in candidates.items():
        _read_whole(path, data, readings)
    load = _loader(table, read, readings)
    program = Program(readings.scopes, table, load)
    if program.declarations and _read_importers(program, files, table, read, readings):
        program = Program(readings.scopes, table, load)
    return program, readings


def _read_whole(path: str, data: bytes, readings: Readings) -> None:
    try:
        text = decode(data)
        scope = _scope(path, text, readings, None)
    except Unreadable as problem:
        readings.unreadable[path] = problem
        readings.texts[path] = problem.text
        return
    readings.texts[path] = text
    readings.scopes[path] = scope


def _scope(path: str, text: str, readings: Readings, wanted: Callable[[str], bool] | None) -> Scope:
    from ctxlint.frontend.reader import read_module  # noqa: PLC0415 - libcst is imported only for who needs it

    reading = read_module(text, wanted)
    readings.units += reading.units_read
    readings.size += reading.characters_read if text.isascii() else len(text.encode("utf-8", "replace"))
    if wanted is None:
        readings.limits[path] = reading.facts.limits
    return collect(path, reading.facts)


def _loader(table: ModuleTable, read: Read, readings: Readings) -> Load:
    """Reads, when a name is looked for in a file that was not read, the imports, assignments and classes of that
    file, if the name may come from one of them. Its functions can do nothing to variables that it does not name.
    """

    def load(path: str, name: str) -> Scope | None:
        if path in readings.passing:
            return readings.passing[path]
        if path in readings.unreadable or path not in table.roots:
            return None
        try:
            data = read(path)
            if not (_passes_on(data, name) or _STAR.search(data)):
                return None
            text = decode(data)
            scope = _scope(path, text, readings, _is_no_function)
        except (
            OSError,
            Unreadable,
        ):  # nobody asked for this file: what is wrong in it is not this run's business
            return None
        readings.passing[path] = scope
        return scope

    return functools.cache(load)


def _is_no_function(code: str) -> bool:
    """Is a top-level statement anything but a function?"""
    return _FUNCTION.search(code) is None or _CLASS.search(code) is not None


def _passes_on(data: bytes, name: str) -> bool:
    """Does a file name what is wanted of it otherwise than as a function of its own?"""
    defines = rb"^(?:async\s+def|def)\s+" + re.escape(name.encode()) + rb"\b"
    return mentions(data, frozenset({name})) and re.search(defines, data, re.MULTILINE) is None


# --- importers -----------------------------------------------------------------------------------------------


def _read_importers(
    program: Program, files: Sequence[SourceFile], table: ModuleTable, read: Read, readings: Readings
) -> bool:
    """Read the files that use what the program's variables offer; say whether there were any."""
    offered = exported_words(program)
    words = frozenset(word for found in offered.values() for word in found)
    kept = _mentioning(files, words, read, readings)
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
    for path in sorted(wanted):
        _read_whole(path, read(path), readings)
    return bool(wanted)


def _mentioning(
    files: Iterable[SourceFile], words: frozenset[str], read: Read, readings: Readings
) -> dict[str, str]:
    kept: dict[str, str] = {}
    for file in files:
        if file.path in readings.scopes or file.path in readings.unreadable:
            continue
        try:
            data = read(file.path)
            if mentions(data, words) or _STAR.search(data):
                kept[file.path] = decode(data)
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
