"""Exact positions of libcst nodes, without a metadata provider.

libcst nodes do not know where they stand: a position is what had been written when the node's code was
generated. ``measure`` generates the code but only counts its characters, and notes the range of each
expression, statement and item at a fraction of ``PositionProvider``'s cost.

The range of an expression leaves out the parentheses around it; those that a tuple or a generator expression
is written with belong to it. Whitespace and comments around a node never belong to it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

import libcst as cst

# The hook that libcst's own position providers use; it is exported under no public name.
from libcst._nodes.internal import CodegenState

from ctxlint.model.spans import Span

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

#: Ranges by identity of the node: valid as long as the tree is held.
Ranges: TypeAlias = dict[int, tuple[int, int]]

_OWN_PARENTHESES = frozenset({cst.Tuple, cst.GeneratorExp})
_CLOSING = re.compile(r"(?:[\s\\]|#[^\r\n]*)*\)")


class Source:
    """One parsed piece of a text: its tree, and where its nodes stand in the whole text. Immutable."""

    __slots__ = ("_base", "_ranges", "text", "tree")

    def __init__(self, text: str, tree: cst.Module, start: int, end: int) -> None:
        """Measure ``tree``, which was parsed from ``text[start:end]``."""
        self.text = text
        self.tree = tree  # held, so that the identities in ``_ranges`` stay unique
        self._base = start
        self._ranges = measure(tree, end - start)

    def span(self, node: cst.CSTNode) -> Span:
        """Where ``node`` stands."""
        start, end = self._ranges[id(node)]
        return Span(start + self._base, end + self._base)

    def closed(self, node: cst.BaseExpression | cst.MatchPattern) -> int:
        """Return the end of ``node`` with the parentheses around it."""
        end = self._ranges[id(node)][1] + self._base
        around = len(node.rpar) - (type(node) in _OWN_PARENTHESES)
        for _ in range(around):
            found = _CLOSING.match(self.text, end)
            end = found.end() if found else end
        return end


class Mismeasured(Exception):  # noqa: N818 - a state of the text, not a failure of the caller
    """libcst would not write the text that it has read, so no position can be trusted."""


def measure(tree: cst.Module, length: int) -> Ranges:
    """Return the range of every node of ``tree``, which was parsed from a text of ``length`` characters."""
    counter = _Counter(tree.default_indent, tree.default_newline)
    tree._codegen(counter)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]  # as above
    # Without a final line end libcst writes one and takes it back.
    surplus = counter.offset - length
    if surplus != 0 and (tree.has_trailing_newline or surplus not in {1, 2}):
        raise Mismeasured
    return counter.ranges


class _Counter(CodegenState):
    """Counts what would be written. Its own context manager: a stack of the nodes being recorded."""

    __slots__ = ("_open", "_width", "offset", "ranges")

    def __init__(self, default_indent: str, default_newline: str) -> None:
        # A module asks whether anything was written: one token says yes.
        super().__init__(default_indent, default_newline, tokens=[""])
        self.offset = 0
        self.ranges: Ranges = {}
        self._width = 0
        self._open: list[tuple[cst.CSTNode, int, cst.CSTNode | None]] = []

    def increase_indent(self, value: str) -> None:
        self.indent_tokens.append(value)
        self._width += len(value)

    def decrease_indent(self) -> None:
        self._width -= len(self.indent_tokens.pop())

    def add_indent_tokens(self) -> None:
        self.offset += self._width

    def add_token(self, value: str) -> None:
        self.offset += len(value)

    def pop_trailing_newline(self) -> None:
        pass

    def record_syntactic_position(  # type: ignore[override]  # any context manager serves, this one is cheap
        self, node: cst.CSTNode, *, start_node: cst.CSTNode | None = None, end_node: cst.CSTNode | None = None
    ) -> Self:
        del start_node  # only blocks have one, and nobody asks for their start
        start = self.offset
        if type(node) in _OWN_PARENTHESES and node.lpar:  # type: ignore[attr-defined]  # both are expressions
            start -= 1 + self._length(node.lpar[-1].whitespace_after)  # type: ignore[attr-defined]
        self._open.append((node, start, end_node))
        return self

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        node, start, end_node = self._open.pop()
        if end_node is not None:
            # Parentheses and stars are written without being recorded: just now.
            end = self.ranges.get(id(end_node), (0, self.offset))[1]
        else:
            end = self.offset
            if type(node) in _OWN_PARENTHESES and node.rpar:  # type: ignore[attr-defined]
                end += 1 + self._length(node.rpar[0].whitespace_before)  # type: ignore[attr-defined]
        self.ranges[id(node)] = start, end

    def _length(self, whitespace: cst.BaseParenthesizableWhitespace) -> int:
        """How many characters ``whitespace`` is written with."""
        before = self.offset
        whitespace._codegen(self)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]  # as above
        length = self.offset - before
        self.offset = before
        return length
