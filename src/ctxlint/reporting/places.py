"""Where the locations of a report stand: rows and columns from 1, in a notebook those of one cell.

Columns count characters; an end is the position after the last character. Where the text of a file is not known,
every place in it is its beginning.
"""

from __future__ import annotations

import bisect
import os
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from ctxlint.model.lines import LineIndex

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ctxlint.model.spans import Location


class Position(NamedTuple):
    """A row and a column; ``cell`` is the number of a notebook's cell, in which the row counts, else None."""

    row: int
    column: int
    cell: int | None = None

    def __str__(self) -> str:
        """As it follows a file's name."""
        place = f"{self.row}:{self.column}"
        return place if self.cell is None else f"cell {self.cell}:{place}"


class Extent(NamedTuple):
    """Where a location starts and ends."""

    start: Position
    end: Position


_FIRST = Position(1, 1)


class Places:
    """The positions of locations in texts, by the names of the files."""

    def __init__(
        self, texts: Mapping[str, str], cells: Mapping[str, tuple[tuple[int, int], ...]] | None = None
    ) -> None:
        """Index the texts. ``cells`` are those of notebooks: see ``Report``."""
        self.lines = {name: LineIndex(text) for name, text in texts.items()}
        self.cells = cells or {}

    def of(self, location: Location) -> Extent:
        """Start and end of a location."""
        lines = self.lines.get(location.filename)
        if lines is None:
            return Extent(Position(1, 1), Position(1, 1))
        cells = self.cells.get(location.filename, ())
        return Extent(
            in_cell(lines.position(location.span.start), cells),
            in_cell(lines.position(location.span.end), cells),
        )

    def in_file(self, location: Location) -> Extent:
        """Start and end for a reader who shows the lines of the file: in a notebook, which is JSON, the first."""
        start, end = self.of(location)
        return Extent(start, end) if start.cell is None else Extent(_FIRST, _FIRST)

    def told(self, location: Location, message: str) -> str:
        """A message for such a reader: of a notebook it says the cell."""
        start = self.start(location)
        return message if start.cell is None else f"{start}: {message}"

    def start(self, location: Location) -> Position:
        """Where a location starts."""
        return self.of(location).start

    def bytes_of(self, location: Location) -> Extent:
        """As ``in_file``, with columns that count bytes of UTF-8, as some readers want them."""
        lines = self.lines.get(location.filename)
        extent = self.in_file(location)
        if lines is None or location.filename in self.cells:
            return extent
        return Extent(
            _in_bytes(extent.start, lines, location.span.start),
            _in_bytes(extent.end, lines, location.span.end),
        )

    def text(self, location: Location) -> str:
        """What stands at a location, empty where it is not known."""
        lines = self.lines.get(location.filename)
        return lines.text[location.span.start : location.span.end] if lines else ""

    def as_object(self, location: Location, base: str) -> dict[str, Any]:
        """The keys of a place in JSON: file, first and last position, and in a notebook the cell."""
        start, end = self.of(location)
        cell = {} if start.cell is None else {"cell": start.cell}
        return {
            "filename": os.path.join(base, location.filename),  # noqa: PTH118 - joins text, asks no file system
            **cell,
            "location": {"row": start.row, "column": start.column},
            "end_location": {"row": end.row, "column": end.column},
        }


def in_cell(position: tuple[int, int], cells: tuple[tuple[int, int], ...]) -> Position:
    """A position of a text as one of the cells of which it is made: pairs of first row and number."""
    row, column = position
    if not cells:
        return Position(row, column)
    first, number = cells[max(bisect.bisect_right(cells, row, key=lambda cell: cell[0]) - 1, 0)]
    return Position(row - first + 1, column, number)


def relative(filename: str, base: str, root: str) -> str | None:
    """The path of a file below ``root``, with slashes; None where it lies elsewhere. ``base`` makes it absolute."""
    path = os.path.join(base, filename)  # noqa: PTH118 - joins text, asks no file system
    top = root or base
    if not top:
        return None if os.path.isabs(path) else path.replace(os.sep, "/")  # noqa: PTH117 - likewise
    inside = os.path.join(top, "")  # noqa: PTH118 - likewise
    return path[len(inside) :].replace(os.sep, "/") if path.startswith(inside) else None


def uri(path: str) -> str:
    """A path as part of a URI: bytes that are no text are escaped too."""
    return quote(path.encode("utf-8", "surrogateescape"), safe="/")


def file_uri(filename: str, base: str) -> str:
    """The ``file:`` URI of a file."""
    path = os.path.join(base, filename).replace(os.sep, "/")  # noqa: PTH118 - joins text, asks no file system
    return "file://" + uri(path if path.startswith("/") else f"/{path}")


def _in_bytes(position: Position, lines: LineIndex, offset: int) -> Position:
    before = lines.text[lines.start_of(lines.position(offset)[0]) : offset]
    return position._replace(column=len(before.encode("utf-8", "surrogatepass")) + 1)
