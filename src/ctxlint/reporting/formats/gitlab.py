"""The code quality report of GitLab CI (https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format).

Paths are those of the checkout. GitLab compares two branches by the fingerprints, so these are not made of lines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ctxlint.reporting.fingerprint import fingerprints
from ctxlint.reporting.format import Format, View
from ctxlint.reporting.json_text import dumps
from ctxlint.reporting.places import Places, relative

if TYPE_CHECKING:
    from ctxlint.model.diagnostics import Diagnostic, Report

_SEVERITIES = {"error": "major", "warning": "minor", "note": "info"}


def render(report: Report, view: View) -> str:
    """Return the document, ending with a line end."""
    places = Places(report.texts, report.cells)
    found = [
        _object(entry, mark, places, view)
        for entry, mark in zip(report.diagnostics, fingerprints(report), strict=True)
    ]
    return dumps(found, indent=2) + "\n"


def _object(entry: Diagnostic, mark: str, places: Places, view: View) -> dict[str, Any]:
    start, end = places.in_file(entry.location)
    filename = entry.location.filename
    return {
        "description": f"{entry.code} {places.told(entry.location, entry.message)}",
        "check_name": f"{entry.code} {entry.name}",
        "fingerprint": mark,
        "severity": _SEVERITIES[entry.severity],
        "categories": ["Bug Risk"],
        "location": {
            "path": relative(filename, view.base, view.root) or filename,
            "lines": {"begin": start.row, "end": end.row},
        },
    }


FORMAT = Format("gitlab", machine=True, render=render)
