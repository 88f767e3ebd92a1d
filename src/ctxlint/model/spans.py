"""Where something stands in a text.

A span counts characters (code points, not bytes, not columns) from the start of a file's text, a byte order mark
not counted. Lines and columns exist only in reporters.
"""

from __future__ import annotations

import msgspec


class Span(msgspec.Struct, frozen=True, array_like=True, order=True, gc=False):
    """A half-open range ``[start, end)`` of characters."""

    start: int
    end: int


class Location(msgspec.Struct, frozen=True, order=True):
    """A range of one file, the file named as the user sees it."""

    filename: str
    span: Span


NOWHERE = Span(0, 0)
