"""Workflow commands of GitHub Actions, which become annotations beside the code of a pull request.

https://docs.github.com/actions/reference/workflow-commands-for-github-actions: property values escape ``%``, line
ends, ``:`` and ``,``, messages ``%`` and line ends (``%0A`` is shown as one). Columns are given where start and end
are in one row: otherwise the service refuses them. File names are absolute: the runner makes them relative to the
checkout.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ctxlint.reporting.format import Format, View
from ctxlint.reporting.places import Places

if TYPE_CHECKING:
    from ctxlint.model.diagnostics import Diagnostic, Report

_COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}
_MESSAGE = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})


def render(report: Report, view: View) -> str:
    """Return a command for each diagnostic, and an error for each failure inside."""
    places = Places(report.texts, report.cells)
    lines = [_command(entry, places, view) for entry in report.diagnostics]
    lines += [
        f"::error title=ctxlint::internal error in {failure.stage.translate(_MESSAGE)}: "
        f"{failure.message.translate(_MESSAGE)}\n"
        for failure in report.failures
    ]
    return "".join(lines)


def _command(entry: Diagnostic, places: Places, view: View) -> str:
    start, end = places.in_file(entry.location)
    filename = os.path.join(view.base, entry.location.filename)  # noqa: PTH118 - joins text
    properties = {"title": f"{entry.code} {entry.name}", "file": filename, "line": start.row}
    if start.row == end.row:
        properties |= {"col": start.column, "endColumn": max(end.column, start.column)}
    else:
        properties |= {"endLine": end.row}
    written = ",".join(f"{key}={str(value).translate(_PROPERTY)}" for key, value in properties.items())
    said = "\n".join(
        [f"{entry.location.filename}:{places.start(entry.location)}: {entry.message}", *_story(entry, places)]
    )
    return f"::{_COMMANDS[entry.severity]} {written}::{said.translate(_MESSAGE)}\n"


def _story(entry: Diagnostic, places: Places) -> list[str]:
    steps = [
        f"- {step.message} ({step.location.filename}:{places.start(step.location)})" for step in entry.related
    ]
    return [*steps, f"help: {entry.help}"] if entry.help else steps


FORMAT = Format("github", machine=True, render=render)
