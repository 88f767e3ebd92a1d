"""Text to facts: the only place where code is parsed for its meaning.

``read_module`` checks the lexical bounds, splits the text into units, has libcst parse each wanted unit on
its own, and lowers it by tables from node type to function (``statements``, ``expressions``): a walk over the
fields that matter, since libcst's own visitors rebuild what they visit.

Decides what is given up on inputs too deep for the parsers: a ``Limit``, and the other units are still read.
All parsing happens on a thread with a large stack: an overflow inside libcst's parser ends the process.
Caching and the choice of units are left to the caller.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeAlias

import libcst as cst
import msgspec

from ctxlint.frontend import bounds, units
from ctxlint.frontend.expressions import Unknown
from ctxlint.frontend.outline import outline
from ctxlint.frontend.positions import Mismeasured, Source
from ctxlint.frontend.room import with_room
from ctxlint.frontend.statements import statements
from ctxlint.model.facts import Limit, ModuleFacts, Stmt, Unit
from ctxlint.model.lines import LineIndex
from ctxlint.model.sources import Unreadable
from ctxlint.model.spans import Span

if TYPE_CHECKING:
    import ast

Wanted: TypeAlias = Callable[[str], bool]


class Reading(msgspec.Struct, frozen=True):
    """What was read of one text, and how much of it reached libcst."""

    facts: ModuleFacts
    units_read: int
    characters_read: int


def read_module(text: str, wanted: Wanted | None = None) -> Reading:
    """Return the facts of a module; of those units only whose text is ``wanted``, if it is given.

    Raises ``Unreadable`` for a text that is not Python.
    """
    pieces = outline(text)
    if isinstance(pieces, Limit):
        return Reading(ModuleFacts((), (pieces,)), 0, 0)
    return with_room(lambda: _read(text, pieces, wanted))


def read_unit(text: str, start: int, end: int) -> tuple[Stmt, ...] | Limit:
    """Return the facts of one unit of a text that has an outline, or why it was given up."""
    code = text[start:end]
    held: tuple[ast.stmt, ...] = ()
    if len(code) >= 2 * bounds.EXPRESSION_DEPTH:
        with contextlib.suppress(SyntaxError, ValueError, RecursionError, MemoryError):
            held = tuple(bounds.parse(code).body)
    return with_room(lambda: _unit(text, units.Piece(start, end, held)))


def _read(text: str, pieces: tuple[units.Piece, ...], wanted: Wanted | None) -> Reading:
    """``read_module`` within the bounds."""
    found: list[Unit] = []
    limits: list[Limit] = []
    characters = 0
    for piece in pieces:
        code = text[piece.start : piece.end]
        if wanted is not None and not wanted(code):
            continue
        characters += len(code)
        body = _unit(text, piece)
        if isinstance(body, Limit):
            limits.append(body)
        else:
            found.append(Unit(piece.start, body))
    return Reading(ModuleFacts(tuple(found), tuple(limits)), len(found) + len(limits), characters)


def units_of(text: str, refusal: SyntaxError | ValueError) -> tuple[units.Piece, ...]:
    """Return the units of a text whose syntax ``ast`` refuses, as libcst sees them; ``Unreadable`` if it cannot."""
    try:
        tree = _parse(text, 0, len(text))
    except (_Refused, Mismeasured):
        raise _unreadable(text, refusal) from refusal
    return units.by_rows(text, _rows(text, tree))


def _unit(text: str, piece: units.Piece) -> tuple[Stmt, ...] | Limit:
    """Return the facts of one unit, or why it was given up."""
    code = text[piece.start : piece.end]
    if bounds.too_deep(code, piece.statements):
        message = f"an expression nested more than {bounds.EXPRESSION_DEPTH} deep: statement not read"
        return Limit(message, Span(piece.start, piece.end))
    try:
        source = _parse(text, piece.start, piece.end)
        return statements(source.tree.body, source)
    except (RecursionError, MemoryError):
        message = "nested too deeply: statement not read"
    except Unknown as unknown:
        message = f"{unknown} is not known to this version: statement not read"
    except Mismeasured:
        message = "libcst does not reproduce this statement: statement not read"
    except _Refused as refused:
        # Of a file that Python accepts, the rest can still be judged.
        return Limit("libcst refuses this statement: statement not read", refused.span)
    return Limit(message, Span(piece.start, piece.end))


class _Refused(Exception):  # noqa: N818 - a state of the text
    """libcst's parser did not accept a text; its own words speak of tokens, not of what is wrong."""

    def __init__(self, span: Span) -> None:
        super().__init__()
        self.span = span


def _parse(text: str, start: int, end: int) -> Source:
    """``text[start:end]``, parsed and measured. libcst forgets a form feed before a statement: it comes off first."""
    while start < end and text[start] == "\f":
        start += 1
    code = text[start:end]
    try:
        return Source(text, cst.parse_module(code), start, end)
    except cst.ParserSyntaxError as error:
        at = _place(code, error.raw_line, error.raw_column + 1)
        raise _Refused(Span(at.start + start, at.end + start)) from error
    except (ValueError, cst.CSTLogicError, cst.CSTValidationError) as error:
        raise _Refused(Span(start, end)) from error
    except BaseException as error:
        # A panic of the Rust parser derives from BaseException and has no importable class.
        if type(error).__name__ != "PanicException":
            raise
        raise _Refused(Span(start, end)) from error


def _rows(text: str, source: Source) -> Iterator[tuple[int, int]]:
    """First and last row of every top-level statement."""
    lines = LineIndex(text)
    for statement in source.tree.body:
        span = source.span(statement)
        first = span.start
        if isinstance(statement, (cst.FunctionDef, cst.ClassDef)) and statement.decorators:
            first = source.span(statement.decorators[0].decorator).start
        yield lines.position(first)[0], lines.position(max(span.end - 1, first))[0]


def _unreadable(text: str, refusal: SyntaxError | ValueError) -> Unreadable:
    """Return what this Python's own parser says of a text that no parser accepts."""
    if not isinstance(refusal, SyntaxError):
        return Unreadable(f"cannot be parsed: {refusal}", Span(0, 0), text)
    start = _place(text, refusal.lineno or 1, refusal.offset or 1)
    end = _place(text, refusal.end_lineno or 1, refusal.end_offset or 1).start
    return Unreadable(f"syntax error: {refusal.msg}", Span(start.start, max(start.end, end)), text)


def _place(text: str, row: int, column: int) -> Span:
    """One character, from a row and column (both from 1) that may lie outside of the text."""
    lines = LineIndex(text)
    row = min(max(row, 1), len(lines))
    start = min(lines.start_of(row) + min(max(column - 1, 0), len(lines.line(row))), max(len(text) - 1, 0))
    return Span(start, min(start + 1, len(text)))
