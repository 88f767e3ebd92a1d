"""The JSON report: ruff's keys, and ``severity``, ``confidence``, ``related`` and ``help`` besides.

Rows and columns count from 1, columns in characters; an end is the position after the last character. In a notebook
``cell`` is the number of the cell in which the rows count. ``url`` and ``fix`` are null while there is nothing to put
there. Anything but ASCII is escaped, so the document is the same on every terminal; see ``json_text.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ctxlint.reporting.format import Format, View
from ctxlint.reporting.json_text import dumps
from ctxlint.reporting.places import Places

if TYPE_CHECKING:
    from ctxlint.model.diagnostics import Diagnostic, Report


def render(report: Report, view: View) -> str:
    """Return the document, ending with a line end."""
    places = Places(report.texts, report.cells)
    return dumps([as_object(entry, places, view.base) for entry in report.diagnostics], indent=2) + "\n"


def as_object(entry: Diagnostic, places: Places, base: str) -> dict[str, Any]:
    """One diagnostic as the document holds it."""
    place = places.as_object(entry.location, base)
    return {
        "code": entry.code,
        "name": entry.name,
        "message": entry.message,
        **place,
        "noqa_row": place["location"]["row"],
        "url": None,
        "fix": None,
        "severity": entry.severity,
        "confidence": entry.confidence,
        "related": [
            {"message": step.message, **places.as_object(step.location, base)} for step in entry.related
        ],
        "help": entry.help,
    }


FORMAT = Format("json", machine=True, render=render)
