"""SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html), for code scanning and editors.

File names are URIs relative to the checkout (``%SRCROOT%``), so a log says the same on every machine; a file outside of
it has an absolute one. ``partialFingerprints`` are made of rule, scope and text, not of lines. ``relatedLocations``
and a code flow tell the story in its order; the rules that were reported come with their pages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ctxlint.reporting.fingerprint import FINGERPRINT_VERSION, fingerprints, scope_at
from ctxlint.reporting.format import Format, View
from ctxlint.reporting.json_text import dumps
from ctxlint.reporting.places import Places, file_uri, relative, uri

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctxlint.model.diagnostics import Diagnostic, Failure, Related, Report
    from ctxlint.model.spans import Location
    from ctxlint.rules.rule import Rule

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
ROOT = "%SRCROOT%"
_FINGERPRINT = f"ctxlint/v{FINGERPRINT_VERSION}"


def render(report: Report, view: View) -> str:
    """Return the document, ending with a line end."""
    return dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(report, view)]}, indent=2) + "\n"


def _run(report: Report, view: View) -> dict[str, Any]:
    from ctxlint import __version__  # noqa: PLC0415 - kept beside its only use

    codes = sorted({entry.code for entry in report.diagnostics})
    places = _Sited(Places(report.texts, report.cells), view)
    marks = fingerprints(report)
    return {
        "tool": {
            "driver": {
                "name": "ctxlint",
                "version": __version__,
                "semanticVersion": __version__,
                "shortDescription": {"text": "Finds misuse of Python's contextvars."},
                "rules": _rules(codes),
            }
        },
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {ROOT: {"description": {"text": "The root of the checkout."}}},
        "invocations": [_invocation(report.failures)],
        "results": [
            _result(entry, mark, codes.index(entry.code), places)
            for entry, mark in zip(report.diagnostics, marks, strict=True)
        ],
    }


def _rules(codes: Sequence[str]) -> list[dict[str, Any]]:
    if not codes:
        return []
    from ctxlint.rules.registry import all_rules  # noqa: PLC0415 - nothing found, no rule needed

    known = {rule.code: rule for rule in all_rules()}
    return [_rule(known[code]) if code in known else {"id": code} for code in codes]


def _rule(rule: Rule) -> dict[str, Any]:
    page = rule.page.strip()
    return {
        "id": rule.code,
        "name": "".join(word.capitalize() for word in rule.name.split("-")),
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": page.split("\n\n")[1].partition("\n")[2] or rule.summary},
        "help": {"text": page, "markdown": f"# {rule.code} {rule.name}\n\n{page}"},
        "defaultConfiguration": {"level": rule.severity, "enabled": rule.default},
        "properties": {"tags": ["contextvars"], "problem.severity": _PROBLEMS[rule.severity]},
    }


_PROBLEMS = {"error": "error", "warning": "warning", "note": "recommendation"}


def _invocation(failures: Sequence[Failure]) -> dict[str, Any]:
    told = [
        {
            "level": "error",
            "message": {
                "text": f"internal error in {failure.stage}, {failure.filename}: {failure.message}".replace(
                    ", :", ":"
                )
            },
        }
        for failure in failures
    ]
    return {"executionSuccessful": not failures, **({"toolExecutionNotifications": told} if told else {})}


def _result(entry: Diagnostic, mark: str, index: int, places: _Sited) -> dict[str, Any]:
    steps = list(entry.related)
    place = places.location(entry.location)
    scope = places.scope(entry.location)
    told = places.told(entry.location, entry.message)
    named = {"logicalLocations": [{"fullyQualifiedName": scope, "kind": "function"}]} if scope else {}
    return {
        "ruleId": entry.code,
        "ruleIndex": index,
        "level": entry.severity,
        "message": {"text": f"{told}\n{entry.help}" if entry.help else told},
        "locations": [{**place, **named}],
        "partialFingerprints": {_FINGERPRINT: mark},
        **(_story(entry, steps, places) if steps else {}),
        "properties": {"confidence": entry.confidence, "name": entry.name},
    }


def _story(entry: Diagnostic, steps: Sequence[Related], places: _Sited) -> dict[str, Any]:
    """The steps beside the result, and as one flow. The finding's own place opens it where no step stands there."""
    told = [(step.location, places.told(step.location, step.message)) for step in steps]
    flow = (
        told
        if any(place == entry.location for place, _ in told)
        else [(entry.location, places.told(entry.location, entry.message)), *told]
    )
    return {
        "relatedLocations": [
            {"id": number, **places.location(place, message)} for number, (place, message) in enumerate(told)
        ],
        "codeFlows": [
            {
                "message": {"text": places.told(entry.location, entry.message)},
                "threadFlows": [
                    {"locations": [{"location": places.location(place, message)} for place, message in flow]}
                ],
            }
        ],
    }


class _Sited:
    """Locations as SARIF writes them."""

    def __init__(self, places: Places, view: View) -> None:
        self._places = places
        self._view = view

    def told(self, location: Location, message: str) -> str:
        return self._places.told(location, message)

    def scope(self, location: Location) -> str:
        lines = self._places.lines.get(location.filename)
        return scope_at(lines.text, location.span.start) if lines else ""

    def location(self, location: Location, message: str = "") -> dict[str, Any]:
        physical: dict[str, Any] = {"artifactLocation": self._artifact(location.filename)}
        if location.filename in self._places.lines:
            physical["region"] = self._region(location)
        return {"physicalLocation": physical, **({"message": {"text": message}} if message else {})}

    def _artifact(self, filename: str) -> dict[str, str]:
        inside = relative(filename, self._view.base, self._view.root)
        if inside is None:
            return {"uri": file_uri(filename, self._view.base)}
        return {"uri": uri(inside), "uriBaseId": ROOT}

    def _region(self, location: Location) -> dict[str, Any]:
        start, end = self._places.in_file(location)
        inside = self._places.start(location)
        text = self._places.text(location) if inside.cell is None else ""
        return {
            "startLine": start.row,
            "startColumn": start.column,
            "endLine": end.row,
            "endColumn": end.column,
            **({"snippet": {"text": text}} if text else {}),
            **({"properties": inside._asdict()} if inside.cell is not None else {}),
        }


FORMAT = Format("sarif", machine=True, render=render)
