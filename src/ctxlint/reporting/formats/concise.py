"""The concise report: ``path:row:column: CODE [name] message``, a line a finding. For logs and grep."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ctxlint.reporting.cells import one_line
from ctxlint.reporting.format import Format, View
from ctxlint.reporting.paint import painter
from ctxlint.reporting.places import Places

if TYPE_CHECKING:
    from ctxlint.model.diagnostics import Report


def render(report: Report, view: View) -> str:
    """Write a line for each diagnostic."""
    paint = painter(colour=view.colour)
    places = Places(report.texts, report.cells)
    lines: list[str] = []
    for entry in report.diagnostics:
        position = places.start(entry.location)
        place = paint("name", one_line(entry.location.filename)) + paint("quiet", f":{position}:")
        code = paint(entry.severity, entry.code)
        lines.append(f"{place} {code} [{entry.name}] {one_line(entry.message)}\n")
    return "".join(lines)


FORMAT = Format("concise", machine=False, render=render)
