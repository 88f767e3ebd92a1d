"""How often each rule was reported."""

from __future__ import annotations

import json

from ctxlint.model.diagnostics import Diagnostic, Report, Statistics
from ctxlint.model.spans import Location, Span
from ctxlint.reporting.format import View, format_named
from ctxlint.reporting.statistics import counted


def report(*codes: str) -> Report:
    place = Location("a.py", Span(0, 0))
    found = tuple(Diagnostic(code, f"name-of-{code}", "m", place, "error", "high") for code in codes)
    return Report(found, 0, (), Statistics(), {})


def written(form: str, *codes: str) -> str:
    return counted(format_named(form)).render(report(*codes), View())


def test_the_commonest_first_then_by_code() -> None:
    many = ("CTX301", *["CTX104"] * 12, "CTX201", "CTX301")

    assert written("full", *many).splitlines() == [
        "12  CTX104  name-of-CTX104",
        " 2  CTX301  name-of-CTX301",
        " 1  CTX201  name-of-CTX201",
    ]


def test_nothing_is_counted_as_nothing() -> None:
    assert written("concise") == written("json-lines") == ""
    assert written("json") == "[]\n"


def test_as_json() -> None:
    expected = {"code": "CTX104", "name": "name-of-CTX104", "count": 2}

    assert json.loads(written("json", "CTX104", "CTX104")) == [expected]
    assert json.loads(written("json-lines", "CTX104", "CTX104")) == expected
    assert counted(format_named("json")).machine
