"""Where something stands in a text.

A span counts characters (code points, not bytes, not columns) from the start of a text. Facts hold spans
relative to the first character of their unit, so that a unit's facts depend on the unit alone; everything from
the linked program onwards holds spans relative to the file. Lines and columns exist only in reporters.
"""

from __future__ import annotations

import msgspec


class Span(msgspec.Struct, frozen=True, array_like=True, order=True):
    """A half-open range ``[start, end)`` of characters."""

    start: int
    end: int

    def shifted(self, base: int) -> Span:
        """The same range in a text in which the unit starts at character ``base``."""
        return Span(self.start + base, self.end + base)


class Location(msgspec.Struct, frozen=True, order=True):
    """A range of one file, the file named as the user sees it."""

    filename: str
    span: Span


NOWHERE = Span(0, 0)
