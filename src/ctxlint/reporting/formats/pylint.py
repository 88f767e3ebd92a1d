"""The lines of pylint's parseable report, which many tools read: ``path:row: [CODE] message``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ctxlint.reporting.cells import one_line
from ctxlint.reporting.format import Format, View
from ctxlint.reporting.places import Places

if TYPE_CHECKING:
    from ctxlint.model.diagnostics import Report


def render(report: Report, view: View) -> str:
    """Return a line for each diagnostic."""
    del view
    places = Places(report.texts, report.cells)
    return "".join(
        f"{one_line(entry.location.filename)}:{places.in_file(entry.location).start.row}: [{entry.code}] "
        f"{one_line(places.told(entry.location, entry.message))}\n"
        for entry in report.diagnostics
    )


FORMAT = Format("pylint", machine=True, render=render)
