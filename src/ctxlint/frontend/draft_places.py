"""Where the parts of a statement stand that ``ast`` has no position for.

``ast`` gives rows, and columns in bytes of UTF-8; a ``Sheet`` turns them into offsets. Parentheses around an
expression, the name after ``def`` and the keyword ``case`` have no position at all: they are found in the text,
from a place that is known, over whitespace, comments and backslashes at line ends.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeAlias

from ctxlint.model.spans import Span

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable

    from ctxlint.model import facts as f

#: Offset of the first character of each row.
Starts: TypeAlias = dict[int, int]

Lower: TypeAlias = "Callable[[ast.expr, Sheet], f.Expr]"


_TRIVIA = re.compile(r"(?:[\s\\]+|#[^\r\n]*)*")
_WORD = re.compile(r"[^\s\\#,.:;=()\[\]{}]*")


class Undrafted(Exception):  # noqa: N818 - it names a state of the text
    """A kind of node that a draft has no words for, or a text that it cannot place."""


class Scope:
    """What the statements of one function have bound so far. Filled while they are read."""

    __slots__ = ("bound", "global_names", "nonlocal_names", "yields")

    def __init__(self) -> None:
        self.bound: set[str] = set()
        self.global_names: set[str] = set()
        self.nonlocal_names: set[str] = set()
        self.yields = False


class Sheet:
    """One parsed stretch of a text: how its nodes are placed, and the scope that is being read."""

    __slots__ = ("scope", "span", "text")

    def __init__(self, text: str, starts: Starts, end: int, scope: Scope) -> None:
        """Place the nodes of what was parsed from the first of ``starts`` to ``end``."""
        self.text = text
        self.scope = scope
        first = next(iter(starts.values()))
        if text.isascii() or text[first:end].isascii():
            self.span = _plain(starts)
        else:
            self.span = _wide(starts, _columns(text, starts, end))


def skip(text: str, at: int) -> int:
    """Return the offset of what follows at ``at``, whitespace and comments left out."""
    found = _TRIVIA.match(text, at)
    return found.end() if found else at


def closed(text: str, end: int, limit: int) -> int:
    """Return the end of an expression with the parentheses that close after ``end`` and before ``limit``."""
    if text[end : end + 1] == ":":
        return end
    while (after := skip(text, end)) < limit and text[after] == ")":
        end = after + 1
    return end


def openings(text: str, before: int, start: int) -> tuple[int, int]:
    """How many parentheses open between ``before`` and ``start``, and where the first does."""
    count, first = 0, start
    while (at := skip(text, before)) < start and text[at] == "(":
        first = first if count else at
        count += 1
        before = at + 1
    return count, first


def around(text: str, before: int, span: Span) -> Span:
    """Return ``span`` with the parentheses around it, of which none opens before ``before``."""
    count, start = openings(text, before, span.start)
    end = span.end
    for _ in range(count):
        end = skip(text, end) + 1
    return Span(start, end) if count else span


def unclosed(text: str, before: int, span: Span) -> bool:
    """Whether more parentheses open between ``before`` and ``span`` than close right after it."""
    end = span.end
    for _ in range(openings(text, before, span.start)[0]):
        end = skip(text, end)
        if text[end] != ")":
            return True
        end += 1
    return False


def word_end(text: str, start: int) -> int:
    """Return the end of the identifier at ``start``: as written, before it is normalised."""
    found = _WORD.match(text, start)
    return found.end() if found else start


def _plain(starts: Starts) -> Callable[[Any], Span]:
    """How nodes are placed where every character is one byte."""

    def span(node: Any) -> Span:  # noqa: ANN401 - six classes of ast have positions, and no base in common
        return Span(starts[node.lineno] + node.col_offset, starts[node.end_lineno] + node.end_col_offset)

    return span


def _wide(starts: Starts, columns: dict[int, list[int]]) -> Callable[[Any], Span]:
    """How nodes are placed where the rows in ``columns`` have longer characters."""

    def offset(row: int, column: int) -> int:
        return starts[row] + (columns[row][column] if row in columns else column)

    def span(node: Any) -> Span:  # noqa: ANN401 - likewise
        return Span(offset(node.lineno, node.col_offset), offset(node.end_lineno, node.end_col_offset))

    return span


def _columns(text: str, starts: Starts, end: int) -> dict[int, list[int]]:
    """Return, for each row that is not ASCII, the characters before each of its bytes."""
    found: dict[int, list[int]] = {}
    for row, start in starts.items():
        line = text[start : starts.get(row + 1, end)]
        if not line.isascii():
            columns = [index for index, character in enumerate(line) for _ in character.encode()]
            found[row] = [*columns, len(line)]
    return found
