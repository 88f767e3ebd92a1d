"""Strings of a draft that evaluate something: f-strings, and t-strings.

Before Python 3.12 ``ast`` gives wrong positions inside f-strings. There a replacement field is found in the
text, by the rules that those versions have (a string ends at its first quote, whatever the fields say; an
expression has no backslash and no comment), and its expression is parsed again where it stands.
"""

from __future__ import annotations

import ast
import keyword
import re
import sys
import warnings
from typing import TYPE_CHECKING, Any

from ctxlint.frontend.draft_places import Sheet, Undrafted, skip
from ctxlint.model import facts as f
from ctxlint.model.spans import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ctxlint.frontend.draft_places import Lower

#: Whether ``ast`` tells where the expressions of an f-string stand.
_PLACED_FIELDS = sys.version_info >= (3, 12)
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


def interpolated(node: Any, at: Sheet, lower: Lower) -> f.Expr:  # noqa: ANN401 - a t-string has no class before 3.14
    """Read an f-string or t-string: the expressions in it, in order of evaluation."""
    span = at.span(node)
    if not _PLACED_FIELDS:
        return f.Interpolated(span, tuple(_fields(span, at, lower)))
    return f.Interpolated(span, tuple(_values(node, at, lower)))


def _values(node: Any, at: Sheet, lower: Lower) -> Iterator[f.Expr]:  # noqa: ANN401 - likewise
    """Yield the expressions of a string in order of evaluation, those of format specifications too."""
    for part in node.values:
        if not isinstance(part, ast.Constant):
            yield lower(part.value, at)
            if part.format_spec is not None:
                yield from _values(part.format_spec, at, lower)


def _fields(span: Span, at: Sheet, lower: Lower) -> Iterator[f.Expr]:
    """Yield the same where ``ast`` has no positions: each expression is parsed again where it stands."""
    for start, end in _ranges(at.text, span.start, span.end):
        code = at.text[start:end]
        word = code.strip(" ")
        if word.isidentifier() and word.isascii() and not keyword.iskeyword(word):
            name = start + code.index(word)
            yield f.Name(Span(name, name + len(word)), word)
            continue
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                inner = ast.parse(f"({code})", mode="eval").body
        except (SyntaxError, ValueError) as error:
            raise Undrafted("f-string") from error
        # The brace stands where the parenthesis does.
        starts = {1: start - 1}
        for offset, line in _rows(code):
            starts[line] = start + offset
        value = lower(inner, Sheet(at.text, starts, end + 1, at.scope))
        if isinstance(value, f.Display) and value.span.start < start:
            # ``{a, b}``: the parentheses are not in the text.
            value = f.Display(Span(skip(at.text, start), start + len(code.rstrip())), value.kind, value.items)
        yield value


def _rows(code: str) -> Iterator[tuple[int, int]]:
    """Yield offset and number, from 2, of each further row of ``code``."""
    rows = code.replace("\r\n", " \n").replace("\r", "\n").split("\n")
    offset = 0
    for number, row in enumerate(rows[:-1], 2):
        offset += len(row) + 1
        yield offset, number


def _ranges(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the ranges of the expressions of the f-string, or strings in a row, at ``text[start:end]``.

    In order of evaluation, those of format specifications too.
    """
    at = start
    while at < end:
        part = _PART.match(text, at, end)
        if part is None:
            raise Undrafted("f-string")
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
        if mark in {"(", "[", "{"}:
            depth += 1
        elif mark in {"!", "=", ":", "}"} and not depth:
            return at
        elif mark in {")", "]", "}"}:
            depth -= 1
        at += len(mark)
    return at
