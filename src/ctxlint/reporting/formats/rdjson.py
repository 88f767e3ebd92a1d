"""The Reviewdog Diagnostic Format (https://github.com/reviewdog/reviewdog/tree/master/proto/rdf), as one object.

Columns count bytes of UTF-8, as that format has it; ends are exclusive.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ctxlint.reporting.format import Format, View
from ctxlint.reporting.json_text import dumps
from ctxlint.reporting.places import Places

if TYPE_CHECKING:
    from ctxlint.model.diagnostics import Diagnostic, Report
    from ctxlint.model.spans import Location
    from ctxlint.reporting.places import Position

_SEVERITIES = {"error": "ERROR", "warning": "WARNING", "note": "INFO"}


def render(report: Report, view: View) -> str:
    """Return the document, ending with a line end."""
    del view
    places = Places(report.texts, report.cells)
    document = {
        "source": {"name": "ctxlint"},
        "severity": "WARNING",
        "diagnostics": [_object(entry, places) for entry in report.diagnostics],
    }
    return dumps(document, indent=2) + "\n"


def _object(entry: Diagnostic, places: Places) -> dict[str, Any]:
    return {
        "message": places.told(entry.location, entry.message),
        "location": _place(entry.location, places),
        "severity": _SEVERITIES[entry.severity],
        "code": {"value": entry.code},
        "relatedLocations": [
            {"message": places.told(step.location, step.message), "location": _place(step.location, places)}
            for step in entry.related
        ],
    }


def _place(location: Location, places: Places) -> dict[str, Any]:
    start, end = places.bytes_of(location)
    return {"path": location.filename, "range": {"start": _position(start), "end": _position(end)}}


def _position(position: Position) -> dict[str, int]:
    return {"line": position.row, "column": position.column}


FORMAT = Format("rdjson", machine=True, render=render)
