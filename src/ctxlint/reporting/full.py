"""The full report: each finding with its source, the steps of its story, and the cure. For people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ctxlint.model.lines import LineIndex
from ctxlint.reporting.cells import one_line
from ctxlint.reporting.format import Format, View
from ctxlint.reporting.frame import Canvas, draw
from ctxlint.reporting.paint import painter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ctxlint.model.diagnostics import Diagnostic, Report
    from ctxlint.model.spans import Location


def render(report: Report, view: View) -> str:
    """Return every diagnostic as a block, a blank line after each."""
    files = {name: LineIndex(text) for name, text in report.texts.items()}
    paint = painter(colour=view.colour)
    blocks: list[str] = []
    for diagnostic in report.diagnostics:
        canvas = Canvas(paint, view.width, _gutter(diagnostic, files))
        blocks.append("\n".join(_block(diagnostic, files, canvas)) + "\n")
    return "".join(f"{block}\n" for block in blocks)


def _block(diagnostic: Diagnostic, files: dict[str, LineIndex], canvas: Canvas) -> Iterator[str]:
    paint = canvas.paint
    message = one_line(diagnostic.message)
    yield f"{paint(diagnostic.severity, diagnostic.code)} {paint('name', diagnostic.name)}: {message}"
    yield from draw(diagnostic.location, files.get(diagnostic.location.filename), canvas, diagnostic.severity)
    indent = " " * canvas.gutter
    for number, step in enumerate(diagnostic.related, start=1):
        label = paint("step", f"note {number}:" if len(diagnostic.related) > 1 else "note:")
        yield f"{indent} {paint('gutter', '|')}"
        yield f"{indent} {label} {one_line(step.message)}"
        yield from draw(step.location, files.get(step.location.filename), canvas, "step")
    if diagnostic.help:
        yield f"{indent} {paint('gutter', '|')}"
        yield f"{indent} {paint('help', 'help:')} {one_line(diagnostic.help)}"


def _gutter(diagnostic: Diagnostic, files: dict[str, LineIndex]) -> int:
    """Return the width of the widest line number of the story, so that its frames line up."""
    places: list[Location] = [diagnostic.location, *(step.location for step in diagnostic.related)]
    rows = (
        files[place.filename].position(place.span.start)[0] for place in places if place.filename in files
    )
    return len(str(max(rows, default=1)))


FORMAT = Format("full", machine=False, render=render)
