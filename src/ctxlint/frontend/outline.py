"""The outline of a file: its units and the names that each binds, by the standard library's ``ast``.

With it a name is looked for in the units that bind it, and the others are left alone. Where the syntax is newer
than this Python's, libcst finds the units and each is taken to bind every name.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ctxlint.frontend import bounds
from ctxlint.frontend.room import with_room
from ctxlint.frontend.units import Piece, split
from ctxlint.model.facts import ANY_NAME, Heading, Limit
from ctxlint.model.spans import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def outline(text: str) -> tuple[Piece, ...] | Limit:
    """Return the units of a text, with their statements where ``ast`` knows the syntax; or why it is not read.

    Raises ``Unreadable`` for a text that is not Python.
    """
    limit = bounds.operator_limit(text)
    if limit is not None:
        return limit
    try:
        return with_room(lambda: _outline(text))
    except (RecursionError, MemoryError):
        return Limit("nested too deeply to be parsed: file not read", Span(0, len(text)))


def _outline(text: str) -> tuple[Piece, ...] | Limit:
    try:
        return split(text, bounds.parse(text))
    except (SyntaxError, ValueError) as refusal:
        limit = bounds.bracket_limit(text)
        if limit is not None:
            return limit
        from ctxlint.frontend.reader import units_of  # noqa: PLC0415 - libcst is imported only where ast refuses

        return units_of(text, refusal)


def headings(text: str, pieces: Iterable[Piece]) -> tuple[Heading, ...]:
    """The headings of the units of ``text``."""
    return tuple(_heading(text, piece) for piece in pieces)


def _heading(text: str, piece: Piece) -> Heading:
    if not piece.statements:
        return Heading(piece.start, piece.end, (ANY_NAME,), star=True)
    has_global = text.find("global", piece.start, piece.end) >= 0
    names = dict.fromkeys(name for part in piece.statements for name in _bound(part, has_global=has_global))
    star = ANY_NAME in names
    names.pop(ANY_NAME, None)
    return Heading(piece.start, piece.end, tuple(names), star)


def _bound(statement: ast.stmt, *, has_global: bool) -> Iterator[str]:
    """The names that a statement binds in its scope; ``*`` for a star import."""
    stack: list[ast.AST] = [statement]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Name):
            if not isinstance(node.ctx, ast.Load):
                yield node.id
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name
            if has_global:
                yield from _declared_global(node)
        elif isinstance(node, ast.alias):
            yield node.asname or node.name.partition(".")[0]
        else:
            if isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)) and node.name:
                yield node.name
            elif isinstance(node, ast.MatchMapping) and node.rest:
                yield node.rest
            stack.extend(ast.iter_child_nodes(node))


def _declared_global(definition: ast.AST) -> Iterator[str]:
    for node in ast.walk(definition):
        if isinstance(node, ast.Global):
            yield from node.names
