"""What a finding is known by from run to run: its rule, the scope that it stands in, and the text of its lines.

Neither lines nor file names count, so a fingerprint survives code that is moved, within a file or between files, and
lines that are reflowed or indented anew. Findings that agree in all three are numbered in the order of the report: of
two, one is left when the other is repaired, and it is the first.

Code scanning (SARIF's ``partialFingerprints``, GitLab) and the baseline know findings by this.
"""

from __future__ import annotations

import collections
import hashlib
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ctxlint.model.diagnostics import Diagnostic, Report

#: Changes when the recipe does: fingerprints of two versions say nothing of each other.
FINGERPRINT_VERSION = 1

_HEAD = re.compile(r"(?P<indent>[ \t]*)(?:async[ \t]+def|def|class)[ \t]+(?P<name>\w+)")
_LINE_END = re.compile(r"\r\n|\n|\r")


def fingerprints(report: Report) -> tuple[str, ...]:
    """The fingerprint of each diagnostic of a report, in its order; no two are the same."""
    seen: collections.Counter[tuple[str, str, str]] = collections.Counter()
    found: list[str] = []
    for diagnostic in report.diagnostics:
        key = identity(diagnostic, report.texts.get(diagnostic.location.filename, ""))
        found.append(fingerprint(key, seen[key]))
        seen[key] += 1
    return tuple(found)


def fingerprint(key: tuple[str, str, str], number: int = 0) -> str:
    """32 hexadecimal digits for an identity; ``number`` tells apart those that are alike, from 0."""
    parts = (str(FINGERPRINT_VERSION), *key, str(number))
    said = "\0".join(parts).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(said, digest_size=16).hexdigest()


def identity(diagnostic: Diagnostic, text: str) -> tuple[str, str, str]:
    """Rule, scope and text of a diagnostic: the lines that it marks a part of, without their layout.

    The part alone would not do: ``default=[]`` is told at the list. ``text`` is that of the file, empty where it is
    not known; there, and where the lines are empty, the message stands in.
    """
    span = diagnostic.location.span
    first = max(text.rfind("\n", 0, span.start), text.rfind("\r", 0, span.start)) + 1
    after = _LINE_END.search(text, max(span.end - 1, span.start))
    lines = " ".join(text[first : after.start() if after else len(text)].split())
    return diagnostic.code, scope_at(text, span.start), lines or diagnostic.message


def scope_at(text: str, offset: int) -> str:
    """The functions and classes around a place, by name and dotted; empty at the top of a module.

    Read off the indentation, not parsed: a file that no parser takes has findings too, and what a string of several
    lines may hide is the same in every run.
    """
    ends = [match.end() for match in _LINE_END.finditer(text, 0, offset)]
    starts = [0, *ends]
    row = len(starts) - 1
    end = _LINE_END.search(text, offset)
    line = text[starts[row] : end.start() if end else len(text)]
    depth = _depth(line)
    head = _HEAD.match(line)
    names = [head["name"]] if head and offset >= starts[row] + head.start("name") else []
    for start in reversed(starts[:row]):
        if depth == 0:
            break
        head = _HEAD.match(text, start)
        if head is not None and _depth(head["indent"]) < depth:
            names.append(head["name"])
            depth = _depth(head["indent"])
    return ".".join(reversed(names))


def _depth(line: str) -> int:
    return len(line.expandtabs()) - len(line.expandtabs().lstrip(" \f"))
