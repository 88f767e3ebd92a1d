"""The concise report: ``path:row:column: CODE [name] message``, a line a finding. For logs and grep."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ctxlint.model.lines import LineIndex
from ctxlint.reporting.cells import one_line
from ctxlint.reporting.format import Format, View
from ctxlint.reporting.paint import painter

if TYPE_CHECKING:
    from ctxlint.model.diagnostics import Report


def render(report: Report, view: View) -> str:
    """Write a line for each diagnostic."""
    paint = painter(colour=view.colour)
    files = {name: LineIndex(text) for name, text in report.texts.items()}
    lines: list[str] = []
    for entry in report.diagnostics:
        lines_of_file = files.get(entry.location.filename)
        row, column = lines_of_file.position(entry.location.span.start) if lines_of_file else (1, 1)
        place = paint("name", one_line(entry.location.filename)) + paint("quiet", f":{row}:{column}:")
        code = paint(entry.severity, entry.code)
        lines.append(f"{place} {code} [{entry.name}] {one_line(entry.message)}\n")
    return "".join(lines)


FORMAT = Format("concise", machine=False, render=render)
