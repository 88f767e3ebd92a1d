"""JSON lines: an object a line, each as the JSON report has it. For streams and ``jq``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ctxlint.reporting.format import Format, View
from ctxlint.reporting.formats.json import as_object
from ctxlint.reporting.json_text import dumps
from ctxlint.reporting.places import Places

if TYPE_CHECKING:
    from ctxlint.model.diagnostics import Report


def render(report: Report, view: View) -> str:
    """Return a line for each diagnostic."""
    places = Places(report.texts, report.cells)
    return "".join(f"{dumps(as_object(entry, places, view.base))}\n" for entry in report.diagnostics)


FORMAT = Format("json-lines", machine=True, render=render)
