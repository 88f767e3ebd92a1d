"""The baseline: findings that are known already and are not told again.

A finding is known by its rule, the scope that it stands in and the text that it marks (``reporting/fingerprint.py``),
not by its line, nor by its file: it may move within a file and between files. An entry stands for one finding. One in
the entry's own file takes it first; one in another file takes it only if the entry's file was looked at too, or
is gone, so that a copy of known code counts as new.

An entry that no finding takes is *stale*, if this run could have found it.
"""

from __future__ import annotations

import collections
import json
from typing import TYPE_CHECKING

import msgspec

from ctxlint.reporting.fingerprint import FINGERPRINT_VERSION, fingerprint, identity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ctxlint.model.diagnostics import Diagnostic, Report

FORMAT_VERSION = 1
UNKNOWABLE = frozenset({"CTX901", "CTX904"})
"""What says that something was not checked is never known already."""


class Known(msgspec.Struct, frozen=True, order=True):
    """One entry. ``file`` is relative to the folder of the baseline, with ``/``; it and ``scope`` are for people, and
    to choose among entries that are alike.
    """

    file: str
    code: str
    scope: str
    fingerprint: str


class Baseline(msgspec.Struct, frozen=True, kw_only=True):
    """A baseline as it is written. ``fingerprints`` is the version of their recipe."""

    version: int
    fingerprints: int
    findings: tuple[Known, ...]


class Compared(msgspec.Struct, frozen=True):
    """The findings that are new, how many are known, and the entries that were taken or not."""

    new: tuple[Diagnostic, ...]
    known: int
    taken: tuple[Known, ...]
    left: tuple[Known, ...]


def decode(content: bytes) -> Baseline:
    """Return the baseline in the bytes of a file; ``ValueError`` says what is wrong with it."""
    try:
        found = msgspec.convert(
            json.loads(content), Baseline
        )  # msgspec's own reader refuses names that are no text
    except (ValueError, RecursionError) as error:
        raise ValueError(f"is no baseline: {error}") from error
    if (found.version, found.fingerprints) != (FORMAT_VERSION, FINGERPRINT_VERSION):
        raise ValueError("is a baseline of another version of ctxlint; write it again with --write-baseline")
    return found


def encode(entries: Iterable[Known]) -> bytes:
    """Return the bytes of a baseline: one entry in a row, sorted, so that versions of it can be merged."""
    rows = [json.dumps(msgspec.structs.asdict(entry), ensure_ascii=True) for entry in sorted(entries)]
    body = "".join(f"\n    {row}{',' if at + 1 < len(rows) else ''}" for at, row in enumerate(rows))
    head = f'  "version": {FORMAT_VERSION},\n  "fingerprints": {FINGERPRINT_VERSION},\n'
    return f'{{\n{head}  "findings": [{body}{chr(10) + "  " if rows else ""}]\n}}\n'.encode()


def known_of(diagnostic: Diagnostic, text: str, file: str) -> Known:
    """Return the entry for a finding in ``file``, whose text is ``text``."""
    key = identity(diagnostic, text)
    return Known(file, diagnostic.code, key[1], fingerprint(key))


def entries_of(report: Report, file_of: Callable[[str], str]) -> tuple[Known | None, ...]:
    """Return the entry of each finding of a report; None for what can never be known."""
    return tuple(
        None
        if each.code in UNKNOWABLE
        else known_of(each, report.texts.get(each.location.filename, ""), file_of(each.location.filename))
        for each in report.diagnostics
    )


def compare(
    report: Report,
    entries: Sequence[Known],
    file_of: Callable[[str], str],
    may_have_moved: Callable[[str], bool],
) -> Compared:
    """Part the findings of a report into those that ``entries`` know and new ones.

    ``file_of`` names a file of the report as an entry does. ``may_have_moved`` says of an entry's file whether it was
    looked at or is gone.
    """
    pool = collections.Counter(entries)
    found = entries_of(report, file_of)
    taken: list[Known | None] = []
    for mine in found:
        takes = mine if mine is not None and pool[mine] > 0 else None
        if takes is not None:
            pool[takes] -= 1
        taken.append(takes)
    moved: dict[tuple[str, str], list[Known]] = {}
    for entry, count in sorted(pool.items()):
        if count > 0 and may_have_moved(entry.file):
            moved.setdefault((entry.code, entry.fingerprint), []).extend([entry] * count)
    for at, mine in enumerate(found):
        if mine is not None and taken[at] is None:
            choice = moved.get((mine.code, mine.fingerprint))
            if choice:
                entry = taken[at] = choice.pop(0)
                pool[entry] -= 1
    return Compared(
        tuple(each for each, entry in zip(report.diagnostics, taken, strict=True) if entry is None),
        sum(entry is not None for entry in taken),
        tuple(entry for entry in taken if entry is not None),
        tuple(sorted(pool.elements())),
    )
