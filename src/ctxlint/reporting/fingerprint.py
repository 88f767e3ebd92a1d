"""What a finding is known by from run to run: its rule, the scope that it stands in, and the text that it marks.

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
_TARGET = re.compile(r"[ \t]*(?P<name>[A-Za-z_][\w.]*)[ \t]*(?::[^=\r\n]*)?=(?!=)")
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
    """Rule, scope and marked text of a diagnostic, the text without its layout.

    The name that is assigned comes before it: ``default=[]`` is told at the list, and is another in each declaration.
    ``text`` is that of the file, empty where it is not known. Where nothing is marked the message stands in.
    """
    span = diagnostic.location.span
    marked = " ".join(text[span.start : span.end].split())
    target = assigned_at(text, span.start) if marked else ""
    return (
        diagnostic.code,
        scope_at(text, span.start),
        f"{target}={marked}" if target else marked or diagnostic.message,
    )


def assigned_at(text: str, offset: int) -> str:
    """The name to which the statement at a place assigns; empty where it assigns to none, or to something else.

    Of a statement in several lines the first is the closest above that is indented less, and leaves a bracket open.
    """
    start = max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1
    line = _line(text, start)
    depth = _depth(line)
    above = start
    while depth and above > 0:
        above = max(text.rfind("\n", 0, above - 1), text.rfind("\r", 0, above - 1)) + 1
        head = _line(text, above)
        if head.strip() and _depth(head) < depth:
            if sum(map(head.count, "([{")) > sum(map(head.count, ")]}")):
                line, start, offset = head, above, above + len(head)
            break
    found = _TARGET.match(line)
    return found["name"] if found is not None and start + found.end() <= offset else ""


def _line(text: str, start: int) -> str:
    end = _LINE_END.search(text, start)
    return text[start : end.start() if end else len(text)]


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
