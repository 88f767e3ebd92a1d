"""The JSON report: ruff's keys, and ``severity``, ``confidence``, ``related`` and ``help`` besides.

Rows and columns count from 1, columns in characters; an end is the position after the last character. ``url``
and ``fix`` are null while there is nothing to put there. Anything but ASCII is escaped, so the document is
the same on every terminal and holds file names that are no text.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from ctxlint.model.lines import LineIndex
from ctxlint.reporting.format import Format, View

if TYPE_CHECKING:
    from ctxlint.model.diagnostics import Diagnostic, Report
    from ctxlint.model.spans import Location


def render(report: Report, view: View) -> str:
    """Return the document, ending with a line end."""
    from json import dumps  # noqa: PLC0415 - other formats need none of it

    files = {name: LineIndex(text) for name, text in report.texts.items()}
    return dumps([_object(entry, files, view.base) for entry in report.diagnostics], indent=2) + "\n"


def _object(entry: Diagnostic, files: dict[str, LineIndex], base: str) -> dict[str, Any]:
    place = place_of(entry.location, files, base)
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
            {"message": step.message, **place_of(step.location, files, base)} for step in entry.related
        ],
        "help": entry.help,
    }


def place_of(location: Location, files: dict[str, LineIndex], base: str) -> dict[str, Any]:
    """Return the keys of a place: file, first and last position."""
    lines = files.get(location.filename)
    row, column = lines.position(location.span.start) if lines else (1, 1)
    end_row, end_column = lines.position(location.span.end) if lines else (1, 1)
    return {
        "filename": os.path.join(base, location.filename),  # noqa: PTH118 - joins text, asks no file system
        "location": {"row": row, "column": column},
        "end_location": {"row": end_row, "column": end_column},
    }


FORMAT = Format("json", machine=True, render=render)
