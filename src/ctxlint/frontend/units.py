"""Where the units of a module start and end.

A unit is one top-level statement with its decorators, by whole lines; statements that share a line are one
unit. Comments and blank lines between statements belong to no unit. The rows of the statements come from a
parser: the standard library's ``ast``, ten times faster than libcst, wherever it knows the syntax. What the
statements mean is left to the reader.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from ctxlint.model.lines import LineIndex

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Rows: TypeAlias = tuple[int, int]


class Piece(msgspec.Struct, frozen=True):
    """One unit: where it starts and ends in the text, and its statements where ``ast`` has read them."""

    start: int
    end: int
    statements: tuple[ast.stmt, ...] = ()


def split(text: str, tree: ast.Module) -> tuple[Piece, ...]:
    """Return the units of ``text``, which ``ast`` has parsed to ``tree``."""
    pieces = by_rows(text, map(_rows, tree.body))
    lines = LineIndex(text)
    held: list[list[ast.stmt]] = [[] for _ in pieces]
    index = 0
    for statement in tree.body:
        while lines.start_of(statement.lineno) >= pieces[index].end:
            index += 1
        held[index].append(statement)
    return tuple(
        Piece(piece.start, piece.end, tuple(statements))
        for piece, statements in zip(pieces, held, strict=True)
    )


def by_rows(text: str, statements: Iterable[Rows]) -> tuple[Piece, ...]:
    """Return the units of ``text``, from the first and last row of each top-level statement."""
    lines = LineIndex(text)
    return tuple(
        Piece(lines.start_of(first), lines.start_of(last + 1) if last < len(lines) else len(text))
        for first, last in _joined(lines, statements)
    )


def _joined(lines: LineIndex, statements: Iterable[Rows]) -> Iterator[Rows]:
    """Rows of units: statements that share a line joined, decorators whole."""
    current: Rows | None = None
    for first, last in statements:
        if current is not None and first <= current[1]:
            current = current[0], max(last, current[1])
            continue
        if current is not None:
            yield current
        current = _from_decorator(lines, first, current[1] if current else 0), last
    if current is not None:
        yield current


def _from_decorator(lines: LineIndex, first: int, before: int) -> int:
    """Return the row of the ``@`` before row ``first``: an expression in parentheses may start later."""
    if lines.line(first)[:1].strip() and lines.line(first)[:1] not in ")]}":
        return first
    row = first
    while row > before + 1 and not lines.line(row).lstrip(" \t\f").startswith("@"):
        row -= 1
    return row if lines.line(row).lstrip(" \t\f").startswith("@") else first


def _rows(statement: ast.stmt) -> Rows:
    """First and last row of a statement, decorators included."""
    first = statement.lineno
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        first = min([first, *(decorator.lineno for decorator in statement.decorator_list)])
    return first, statement.end_lineno or first
