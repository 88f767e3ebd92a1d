"""JUnit's XML, as Jenkins, GitLab and others show test results: a suite a file, a failing case a finding.

There is no schema that all readers share; what is written is what the readers agree on. A run without findings is one
case that passed, so that the readers do not take an empty document for a run that never was. A failure inside
ctxlint is an error, not a failing case.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ctxlint.reporting.format import Format, View
from ctxlint.reporting.places import Places

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from ctxlint.model.diagnostics import Diagnostic, Report

#: What no XML document may hold (https://www.w3.org/TR/xml/#charsets).
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(report: Report, view: View) -> str:
    """Return the document, ending with a line end."""
    from xml.etree.ElementTree import Element, SubElement, indent, tostring  # noqa: PLC0415 - writes only

    del view
    places = Places(report.texts, report.cells)
    by_file: dict[str, list[Diagnostic]] = {}
    for entry in report.diagnostics:
        by_file.setdefault(entry.location.filename, []).append(entry)
    top = Element("testsuites", _counts("ctxlint", len(report.diagnostics), len(report.failures)))
    for filename, entries in by_file.items():
        suite = SubElement(top, "testsuite", _counts(filename, len(entries)))
        for entry in entries:
            _case(suite, entry, places)
    if report.failures or not by_file:
        suite = SubElement(top, "testsuite", _counts("ctxlint", 0, len(report.failures), cases=1))
        for failure in report.failures:
            where = _plain(f"{failure.stage} {failure.filename}".strip())
            case = SubElement(suite, "testcase", {"name": where, "classname": "ctxlint", "time": "0"})
            SubElement(case, "error", {"message": _plain(failure.message), "type": "internal error"})
        if not report.failures:
            SubElement(suite, "testcase", {"name": "no findings", "classname": "ctxlint", "time": "0"})
    indent(top)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(top, encoding="unicode") + "\n"


def _counts(name: str, failures: int, errors: int = 0, cases: int = 0) -> dict[str, str]:
    return {
        "name": _plain(name),
        "tests": str(max(failures + errors, cases)),
        "failures": str(failures),
        "errors": str(errors),
        "skipped": "0",
        "time": "0",
    }


def _case(suite: Element, entry: Diagnostic, places: Places) -> None:
    from xml.etree.ElementTree import SubElement  # noqa: PLC0415 - writes only

    position = places.start(entry.location)
    filename = _plain(entry.location.filename)
    named = {
        "name": f"{entry.code} {entry.name} ({position})",
        "classname": filename.removesuffix(".py"),
        "file": filename,
        "line": str(places.in_file(entry.location).start.row),
        "time": "0",
    }
    case = SubElement(suite, "testcase", named)
    failure = SubElement(case, "failure", {"message": _plain(entry.message), "type": entry.severity})
    lines = [f"{filename}:{position}: {entry.code} {entry.message}"]
    lines += [
        f"- {step.message} ({step.location.filename}:{places.start(step.location)})" for step in entry.related
    ]
    lines += [f"help: {entry.help}"] if entry.help else []
    failure.text = _plain("\n".join(lines))


def _plain(text: str) -> str:
    return _NO_XML.sub("\ufffd", text)


FORMAT = Format("junit", machine=True, render=render)
