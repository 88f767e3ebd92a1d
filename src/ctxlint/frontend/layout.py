"""How a text is laid out in rows: its comments, its logical lines, and the functions and classes around them.

By the tokenizer alone, no parser: suppressions hold for a *logical line* (a statement that may span several rows, or
the head of a compound one, as flake8 has it), and for the body below the head of a ``def`` or ``class``. A text
that cannot be tokenized has only what looks like comments.
"""

from __future__ import annotations

import bisect
import io
import re
import tokenize
from typing import TYPE_CHECKING

import msgspec

from ctxlint.model.lines import LineIndex

if TYPE_CHECKING:
    from collections.abc import Iterator

_COMMENT = re.compile(r"#[^\r\n]*")
_SKIPPED = frozenset(
    (tokenize.NL, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING, tokenize.ENDMARKER)
)


class Comment(msgspec.Struct, frozen=True):
    """One comment, from ``#`` to the end of its row (from 1). ``start`` is its offset in the text."""

    row: int
    start: int
    text: str


class Block(msgspec.Struct, frozen=True):
    """A function or class: its name, the rows of its head, and the last row of its body."""

    name: str
    first: int
    head: int
    last: int


class Layout(msgspec.Struct, frozen=True):
    """The layout of a text. ``lines`` are the first and last rows of its logical lines; ``blocks`` in the order of
    their heads. In the rows ``closed`` no comment can stand at the end: a string or a backslash goes on there.
    ``whole`` is False where the text could not be tokenized to the end.
    """

    comments: tuple[Comment, ...]
    lines: tuple[tuple[int, int], ...]
    blocks: tuple[Block, ...]
    whole: bool
    closed: frozenset[int] = frozenset()

    def line_at(self, row: int) -> tuple[int, int] | None:
        """The rows of the logical line that holds ``row``; None between them."""
        at = bisect.bisect_right(self.lines, (row, 1 << 60)) - 1
        return self.lines[at] if at >= 0 and self.lines[at][1] >= row else None

    def heads_at(self, row: int) -> Iterator[Block]:
        """The blocks of which ``row`` belongs to the head."""
        return (block for block in self.blocks if block.first <= row <= block.head)


def layout(text: str) -> Layout:
    """The layout of a text."""
    # One kind of line end, so that the tokenizer's rows are those of ``LineIndex``.
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    index = LineIndex(text)
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(plain).readline))
    except (tokenize.TokenError, SyntaxError):
        found = ((index.position(match.start())[0], match) for match in _COMMENT.finditer(text))
        return Layout(
            tuple(Comment(row, match.start(), match.group()) for row, match in found), (), (), whole=False
        )
    comments = tuple(
        Comment(token.start[0], index.start_of(token.start[0]) + token.start[1], token.string)
        for token in tokens
        if token.type == tokenize.COMMENT
    )
    lines, blocks = _lines(tokens)
    closed = _closed(tokens, plain)
    in_order = tuple(sorted(blocks, key=lambda block: block.first))
    return Layout(comments, tuple(lines), in_order, whole=True, closed=closed)


def _lines(tokens: list[tokenize.TokenInfo]) -> tuple[list[tuple[int, int]], list[Block]]:
    lines: list[tuple[int, int]] = []
    blocks: list[Block] = []
    words: list[str] = []
    first = last = 0
    opened: list[tuple[str, int, int] | None] = []
    head: tuple[str, int, int] | None = None
    for token in tokens:
        if token.type == tokenize.INDENT:
            opened.append(head)
        elif token.type == tokenize.DEDENT:
            block = opened.pop() if opened else None
            if block is not None:
                blocks.append(Block(*block, last))
        elif token.type == tokenize.NEWLINE:
            lines.append((first, token.start[0]))
            head = _head(words, first, token.start[0])
            last = token.start[0]
            if head is not None and not _opens(words):
                blocks.append(Block(*head, last))
            words = []
        elif token.type not in _SKIPPED:
            first = first if words else token.start[0]
            words.append(token.string)
    return lines, blocks


_STARTS = frozenset(
    kind for name in ("FSTRING_START", "TSTRING_START") if (kind := getattr(tokenize, name, None)) is not None
)
_ENDS = frozenset(
    kind for name in ("FSTRING_END", "TSTRING_END") if (kind := getattr(tokenize, name, None)) is not None
)


def _closed(tokens: list[tokenize.TokenInfo], plain: str) -> frozenset[int]:
    """The rows in which a string of several rows goes on, and those that end in a backslash outside of comments."""
    closed: set[int] = set()
    opened: list[int] = []
    commented = {token.start[0] for token in tokens if token.type == tokenize.COMMENT}
    for token in tokens:
        if token.type == tokenize.STRING:
            closed.update(range(token.start[0], token.end[0]))
        elif token.type in _STARTS:
            opened.append(token.start[0])
        elif token.type in _ENDS and opened:
            closed.update(range(opened.pop(), token.end[0]))
    rows = enumerate(plain.split("\n"), 1)
    return frozenset(closed.union(row for row, line in rows if line.endswith("\\") and row not in commented))


def _head(words: list[str], first: int, last: int) -> tuple[str, int, int] | None:
    """A function's or class's head, if a logical line begins as one."""
    rest = words[1:] if words[:1] == ["async"] else words
    if len(rest) > 1 and rest[0] in {"def", "class"} and rest[1].isidentifier():
        return rest[1], first, last
    return None


def _opens(words: list[str]) -> bool:
    """Does a head go on below, rather than in its own line?"""
    return words[-1] == ":"
