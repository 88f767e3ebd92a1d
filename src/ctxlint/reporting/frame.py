"""A source frame: the line a span starts on, under its place, with carets under exactly the span.

A span that goes on to later lines is marked to the end of its first line, and the last line is named. A long
line is cut to a window around the span. A zero-length span gets one caret.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ctxlint.reporting.cells import one_line, shown
from ctxlint.reporting.places import in_cell

if TYPE_CHECKING:
    from ctxlint.model.lines import LineIndex
    from ctxlint.model.spans import Location
    from ctxlint.reporting.paint import Paint
    from ctxlint.reporting.places import Position

_LEAD = 12  # cells kept before the span when a long line is cut


class Canvas(NamedTuple):
    """How the frames of one report are drawn: the painter, the width of the page, of the line numbers."""

    paint: Paint
    width: int
    gutter: int


def draw(
    location: Location,
    lines: LineIndex | None,
    canvas: Canvas,
    style: str,
    cells: tuple[tuple[int, int], ...] = (),
) -> list[str]:
    """Return the lines of a frame. Without the text, its place alone. ``cells`` are those of a notebook."""
    paint, pad = canvas.paint, " " * canvas.gutter
    if lines is None:
        return [f"{pad}{paint('gutter', '-->')} {paint('place', one_line(location.filename))}"]
    row, column = lines.position(location.span.start)
    shown_at = in_cell((row, column), cells)
    place = f"{pad}{paint('gutter', '-->')} {paint('place', f'{one_line(location.filename)}:{shown_at}')}"
    source, marks = _source_and_marks(
        location, lines, shown_at, (row, column), canvas.width - canvas.gutter - 3
    )
    bar = paint("gutter", "|")
    return [
        place,
        f"{pad} {bar}",
        f"{paint('gutter', str(shown_at.row).rjust(canvas.gutter))} {bar} {source}".rstrip(),
        f"{pad} {bar} {' ' * (len(marks) - len(marks.lstrip()))}{paint(style, marks.lstrip())}",
    ]


def last_row(location: Location, lines: LineIndex) -> int:
    """Return the row of the last character of a location."""
    return lines.position(max(location.span.start, location.span.end - 1))[0]


def _source_and_marks(
    location: Location, lines: LineIndex, shown_at: Position, position: tuple[int, int], room: int
) -> tuple[str, str]:
    row, column = position
    text = lines.line(row)
    end_row = last_row(location, lines)
    end = len(text.rstrip()) if end_row > row else location.span.end - lines.start_of(row)
    printed, cells = shown(text)
    start_cell = cells[min(column - 1, len(text))]
    end_cell = max(cells[min(max(end, column), len(text))], start_cell + 1)
    source, start_cell, end_cell = _window(printed, start_cell, end_cell, room)
    continued = f" … to line {end_row - row + shown_at.row}" if end_row > row else ""
    return source, " " * start_cell + "^" * (end_cell - start_cell) + continued


def _window(printed: str, start: int, end: int, room: int) -> tuple[str, int, int]:
    """Cut a long line to ``room`` cells around the span ``start`` to ``end``, marking each cut with ``…``."""
    _same, cells = shown(printed)
    if cells[-1] <= room:
        return printed.rstrip(), start, end
    left = 0 if end < room else max(0, start - _LEAD)
    keep = [offset for offset, cell in enumerate(cells[:-1]) if left <= cell < left + room - 2]
    first, last = keep[0], keep[-1] + 1
    shift = cells[first] - (1 if first else 0)
    body = f"{'…' if first else ''}{printed[first:last].rstrip()}{'…' if last < len(printed) else ''}"
    return body, start - shift, min(end - shift, shown(body)[1][-1])
