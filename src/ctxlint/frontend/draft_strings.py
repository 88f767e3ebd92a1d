"""The replacement fields of f-strings, for Pythons before 3.12.

Their ``ast`` gives wrong positions inside f-strings. There a field is found in the text, by the rules that
those versions had: a string ends at its first quote, whatever the fields say; an expression has no backslash
and no comment.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ctxlint.frontend.draft_places import skip

if TYPE_CHECKING:
    from collections.abc import Iterator

_PART = re.compile(
    r"""
    ([A-Za-z]*)(?:
        "{3}([^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*)"{3}
      | '{3}([^'\\]*(?:(?:\\.|'(?!''))[^'\\]*)*)'{3}
      | "([^"\\\r\n]*(?:\\(?:\r\n|.)[^"\\\r\n]*)*)"
      | '([^'\\\r\n]*(?:\\(?:\r\n|.)[^'\\\r\n]*)*)'
    )
    """,
    re.VERBOSE | re.DOTALL,
)
_TEXT = re.compile(r"(?:[^{}\\]|\{\{|\}\}|\\N\{[^}]*\}|\\[^{}]|\\(?=[{}]))*", re.DOTALL)
_RAW_TEXT = re.compile(r"(?:[^{}]|\{\{|\}\})*")
_SPECIFIED = re.compile(r"[^{}]*")
_INSIDE = re.compile(r"""'{3}.*?'{3}|"{3}.*?"{3}|'[^']*'|"[^"]*"|[!=<>]=|[^'"]""", re.DOTALL)


def fields(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the ranges of the expressions of the f-string, or strings in a row, at ``text[start:end]``.

    In order of evaluation, those of format specifications too.
    """
    at = start
    while at < end:
        part = _PART.match(text, at, end)
        if part is None:
            return
        prefix = part[1].lower()
        if "f" in prefix:
            held = next(group for group in range(2, 6) if part[group] is not None)
            yield from _held(text, *part.span(held), _RAW_TEXT if "r" in prefix else _TEXT)
        at = skip(text, part.end())


def _held(text: str, at: int, end: int, literal: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    """Yield the expressions between the quotes of one f-string."""
    while at < end:
        found = literal.match(text, at, end)
        at = found.end() if found else end
        if at < end:
            found_fields, at = _field(text, at + 1, end)
            yield from found_fields


def _field(text: str, start: int, end: int) -> tuple[list[tuple[int, int]], int]:
    """Return the expressions of the field after the brace before ``start``, and where it ends."""
    at = _expression_end(text, start, end)
    found = [(start, at)]
    while at < end and text[at] not in ":}":
        at += 1
    if at < end and text[at] == ":":
        at += 1
        while at < end:
            match = _SPECIFIED.match(text, at, end)
            at = match.end() if match else end
            if at >= end or text[at] == "}":
                break
            inner, at = _field(text, at + 1, end)
            found += inner
    return found, at + 1


def _expression_end(text: str, at: int, end: int) -> int:
    """Return where the expression of a field ends: before ``=``, ``!``, ``:`` or the closing brace."""
    depth = 0
    while at < end:
        match = _INSIDE.match(text, at, end)
        mark = match[0] if match else text[at]
        if mark in "([{":
            depth += 1
        elif mark in "!=:}" and not depth:
            return at
        elif mark in ")]}":
            depth -= 1
        at += len(mark)
    return at
