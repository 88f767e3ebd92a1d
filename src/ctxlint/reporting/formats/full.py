"""The full report: each finding with its source, the steps of its story, and the cure. For people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ctxlint.reporting.cells import one_line
from ctxlint.reporting.format import Format, View
from ctxlint.reporting.frame import Canvas, draw
from ctxlint.reporting.paint import painter
from ctxlint.reporting.places import Places

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ctxlint.model.diagnostics import Diagnostic, Related, Report
    from ctxlint.model.spans import Location
    from ctxlint.reporting.paint import Paint


def render(report: Report, view: View) -> str:
    """Return every diagnostic as a block, a blank line after each."""
    places = Places(report.texts, report.cells)
    paint = painter(colour=view.colour)
    blocks: list[str] = []
    for diagnostic in report.diagnostics:
        canvas = Canvas(paint, view.width, _gutter(diagnostic, places))
        blocks.append("\n".join(_block(diagnostic, places, canvas)) + "\n")
    return "".join(f"{block}\n" for block in blocks)


def _block(diagnostic: Diagnostic, places: Places, canvas: Canvas) -> Iterator[str]:
    paint = canvas.paint
    message = one_line(diagnostic.message)
    yield f"{paint(diagnostic.severity, diagnostic.code)} {paint('name', diagnostic.name)}: {message}"
    *frame, marks = _frame(diagnostic.location, places, canvas, diagnostic.severity)
    steps = list(_steps(diagnostic, paint))
    if steps and frame and steps[0][1].location == diagnostic.location:
        marks += f" {steps.pop(0)[0]}"  # the story begins where the finding stands: one frame serves both
    yield from (*frame, marks)
    indent = " " * canvas.gutter
    for note, step in steps:
        yield f"{indent} {paint('gutter', '|')}"
        yield f"{indent} {note}"
        yield from _frame(step.location, places, canvas, "step")
    if diagnostic.help:
        yield f"{indent} {paint('gutter', '|')}"
        yield f"{indent} {paint('help', 'help:')} {one_line(diagnostic.help)}"


def _frame(location: Location, places: Places, canvas: Canvas, style: str) -> list[str]:
    name = location.filename
    return draw(location, places.lines.get(name), canvas, style, places.cells.get(name, ()))


def _steps(diagnostic: Diagnostic, paint: Paint) -> Iterator[tuple[str, Related]]:
    """Yield each step of the story with its note, numbered where there are several."""
    several = len(diagnostic.related) > 1
    for number, step in enumerate(diagnostic.related, start=1):
        yield f"{paint('step', f'note {number}:' if several else 'note:')} {one_line(step.message)}", step


def _gutter(diagnostic: Diagnostic, places: Places) -> int:
    """Return the width of the widest line number of the story, so that its frames line up."""
    locations: list[Location] = [diagnostic.location, *(step.location for step in diagnostic.related)]
    rows = (places.start(location).row for location in locations)
    return len(str(max(rows, default=1)))


FORMAT = Format("full", machine=False, render=render)
