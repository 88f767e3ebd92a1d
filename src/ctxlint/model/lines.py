r"""Offsets to lines and columns.

Lines end where Python's tokenizer ends them: at ``\n``, ``\r\n`` or ``\r``, nowhere else (``str.splitlines``
also splits at form feeds and other separators). Rows and columns count from 1, columns in characters.
"""

from __future__ import annotations

import bisect
import re

_LINE_END = re.compile(r"\r\n|\n|\r")


class LineIndex:
    """The lines of one text. Immutable after construction."""

    __slots__ = ("_starts", "text")

    def __init__(self, text: str) -> None:
        """Index ``text`` once; every query is then a binary search."""
        self.text = text
        self._starts = [0, *(match.end() for match in _LINE_END.finditer(text))]

    def position(self, offset: int) -> tuple[int, int]:
        """Row and column, both from 1, of the character at ``offset``."""
        row = bisect.bisect_right(self._starts, offset)
        return row, offset - self._starts[row - 1] + 1

    def start_of(self, row: int) -> int:
        """Offset of the first character of ``row`` (from 1)."""
        return self._starts[row - 1]

    def line(self, row: int) -> str:
        """The text of ``row`` (from 1) without its line end."""
        end = self._starts[row] if row < len(self._starts) else len(self.text)
        return self.text[self._starts[row - 1] : end].rstrip("\r\n")

    def __len__(self) -> int:
        """Number of rows; a text that ends with a line end has an empty last row."""
        return len(self._starts)
