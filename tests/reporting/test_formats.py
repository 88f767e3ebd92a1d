"""The reports, as exact text."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from ctxlint.model.diagnostics import Diagnostic, Failure, Related, Report, Statistics
from ctxlint.model.spans import Location, Span
from ctxlint.reporting.cells import TAB, cell_width, one_line, shown
from ctxlint.reporting.format import View, all_formats
from ctxlint.reporting.summary import account, summarise

if TYPE_CHECKING:
    from ctxlint.model.diagnostics import Severity

APP = """\
import contextvars

request_id = contextvars.ContextVar("request_id")


async def handle(request):
\ttoken = request_id.set(new_id())
\tawait process(request)
    名前 = "日本語"; request_id.set("e\u0301x")
    request_id.reset(
        token,
    )
"""


def at(words: str, text: str = APP, filename: str = "app.py") -> Location:
    start = text.index(words)
    return Location(filename, Span(start, start + len(words)))


def finding(
    location: Location,
    *related: Related,
    cure: str = "",
    severity: Severity = "error",
) -> Diagnostic:
    name, message = "reset-skipped-on-exception", "`request_id` stays set when `process` raises"
    return Diagnostic("CTX104", name, message, location, severity, "high", related, cure)


def report(*diagnostics: Diagnostic, hidden: int = 0, text: str = APP) -> Report:
    return Report(diagnostics, hidden, (), Statistics(), {"app.py": text})


def written(form: str, found: Report, view: View | None = None) -> str:
    return all_formats()[form].render(found, view or View(base="/project"))


HEADING = "CTX104 reset-skipped-on-exception: `request_id` stays set when `process` raises\n"


def test_full_tells_the_story_in_order() -> None:
    found = report(
        finding(
            at("token = request_id.set(new_id())"),
            Related("set here", at("request_id.set(new_id())")),
            Related("this reset is skipped", at("request_id.reset(\n        token,\n    )")),
            cure="put the reset in `finally`",
        )
    )

    assert written("full", found) == (
        HEADING
        + """\
  --> app.py:7:2
   |
 7 |     token = request_id.set(new_id())
   |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   |
   note 1: set here
  --> app.py:7:10
   |
 7 |     token = request_id.set(new_id())
   |             ^^^^^^^^^^^^^^^^^^^^^^^^
   |
   note 2: this reset is skipped
  --> app.py:10:5
   |
10 |     request_id.reset(
   |     ^^^^^^^^^^^^^^^^^ … to line 12
   |
   help: put the reset in `finally`

"""
    )


def test_full_labels_the_finding_where_its_story_begins() -> None:
    place = at("request_id.set(new_id())")
    found = report(finding(place, Related("set here", place), Related("skipped", at("request_id.reset("))))

    assert written("full", found) == (
        HEADING
        + """\
  --> app.py:7:10
   |
 7 |     token = request_id.set(new_id())
   |             ^^^^^^^^^^^^^^^^^^^^^^^^ note 1: set here
   |
   note 2: skipped
  --> app.py:10:5
   |
10 |     request_id.reset(
   |     ^^^^^^^^^^^^^^^^^

"""
    )


def test_full_keeps_carets_under_wide_and_combining_characters() -> None:
    found = report(finding(at('request_id.set("e\u0301x")'), Related("declared here", at("request_id"))))

    assert written("full", found) == (
        HEADING
        + """\
 --> app.py:9:17
  |
9 |     名前 = "日本語"; request_id.set("e\u0301x")
  |                      ^^^^^^^^^^^^^^^^^^^^
  |
  note: declared here
 --> app.py:3:1
  |
3 | request_id = contextvars.ContextVar("request_id")
  | ^^^^^^^^^^

"""
    )


def test_full_shows_a_window_of_a_long_line() -> None:
    text = f"a = '{'y' * 90}'; request_id.set(3); z = '{'w' * 90}'\n"
    found = report(finding(at("request_id.set(3)", text)), text=text)

    assert written("full", found, View(width=60)) == (
        HEADING
        + """\
 --> app.py:1:99
  |
1 | …yyyyyyyyy'; request_id.set(3); z = 'wwwwwwwwwwwwwwwwww…
  |              ^^^^^^^^^^^^^^^^^

"""
    )


def test_full_marks_a_span_longer_than_the_page_to_its_edge() -> None:
    text = "x" * 200
    lines = written(
        "full", report(finding(Location("app.py", Span(0, 200))), text=text), View(width=60)
    ).splitlines()

    assert lines[3] == "1 | " + "x" * 54 + "…"
    assert {" ", "|", "^"} == set(lines[4])
    assert len(lines[3]) >= len(lines[4])


@pytest.mark.parametrize(("start", "end"), [(0, 0), (4, 4), (3, 5), (5, 5)])
def test_full_always_has_a_caret(start: int, end: int) -> None:
    """At nothing, at the end of a line, over its end, at the end of the text."""
    text = "abc\n\n"
    assert "^" in written("full", report(finding(Location("app.py", Span(start, end))), text=text))


def test_full_without_the_text_names_the_place() -> None:
    found = report(finding(Location("gone.py", Span(3, 4))))

    assert written("full", found) == HEADING + " --> gone.py\n\n"


def test_full_shows_control_characters_as_pictures() -> None:
    """A file must not move the cursor of who reads about it."""
    text = 'a = "\x1b[31m\x85\u202e"\n'
    found = report(finding(at('"\x1b[31m\x85\u202e"', text)), text=text)

    assert '1 | a = "␛[31m\ufffd\ufffd"' in written("full", found).splitlines()


def test_full_colours_only_when_asked() -> None:
    found = report(finding(at("request_id"), cure="a cure"))

    plain, coloured = written("full", found), written("full", found, View(colour=True))

    assert "\x1b" not in plain
    assert "\x1b[1;31mCTX104\x1b[0m \x1b[1mreset-skipped-on-exception\x1b[0m: " in coloured
    assert "\x1b[1;31m^^^^^^^^^^\x1b[0m" in coloured
    assert "\x1b[1;32mhelp:\x1b[0m a cure" in coloured


@pytest.mark.parametrize("form", ["full", "concise", "json"])
def test_without_colour_rich_is_not_imported(form: str) -> None:
    code = (
        "import sys; from ctxlint.model.diagnostics import Report, Statistics\n"
        "from ctxlint.reporting.format import View, all_formats\n"
        f"all_formats()[{form!r}].render(Report((), 0, (), Statistics(), {{}}), View())\n"
        "sys.exit('rich' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_concise_is_a_line_a_finding() -> None:
    found = report(
        finding(at("token = request_id")), finding(at("名前")), finding(Location("gone.py", Span(9, 9)))
    )

    assert written("concise", found) == (
        "app.py:7:2: CTX104 [reset-skipped-on-exception] `request_id` stays set when `process` raises\n"
        "app.py:9:5: CTX104 [reset-skipped-on-exception] `request_id` stays set when `process` raises\n"
        "gone.py:1:1: CTX104 [reset-skipped-on-exception] `request_id` stays set when `process` raises\n"
    )


def test_concise_keeps_a_message_on_its_line() -> None:
    odd = Diagnostic("CTX1", "n", "one\ntwo\x1b", Location("a\nb.py", Span(0, 1)), "note", "low")

    assert written("concise", report(odd)) == "a b.py:1:1: CTX1 [n] one two␛\n"


def test_json_has_ruffs_keys_and_the_story() -> None:
    steps = Related("set here", at("request_id.set(new_id())"))
    document = json.loads(
        written("json", report(finding(at("token = request_id.set(new_id())"), steps, cure="cure")))
    )

    assert document == [
        {
            "code": "CTX104",
            "name": "reset-skipped-on-exception",
            "message": "`request_id` stays set when `process` raises",
            "filename": "/project/app.py",
            "location": {"row": 7, "column": 2},
            "end_location": {"row": 7, "column": 34},
            "noqa_row": 7,
            "url": None,
            "fix": None,
            "severity": "error",
            "confidence": "high",
            "related": [
                {
                    "message": "set here",
                    "filename": "/project/app.py",
                    "location": {"row": 7, "column": 10},
                    "end_location": {"row": 7, "column": 34},
                }
            ],
            "help": "cure",
        }
    ]


def test_json_is_a_document_even_when_empty() -> None:
    assert written("json", report()) == "[]\n"


def test_json_is_ascii_and_text() -> None:
    name = b"caf\xe9.py".decode("utf-8", "surrogateescape")
    text = written("json", report(finding(Location(name, Span(0, 0)))))

    assert text.isascii()
    assert json.loads(text)[0]["filename"] == "/project/caf\ufffd.py"


def test_rows_are_pythons_lines() -> None:
    """A form feed or a line separator ends no line; a lone carriage return does."""
    text = "a\x0cb\u2028c\rd\r\ne\nfind"
    document = json.loads(written("json", report(finding(at("find", text)), text=text)))

    assert document[0]["location"] == {"row": 4, "column": 1}


@pytest.mark.parametrize(
    ("found", "checked", "line"),
    [
        (report(), 1, "All checks passed: no findings in 1 file."),
        (report(), 1234, "All checks passed: no findings in 1,234 files."),
        (
            report(hidden=1),
            2,
            "All checks passed: no findings in 2 files (1 opt-in finding not shown; --select ALL shows it).",
        ),
        (report(finding(at("request_id"))), 9, "Found 1 finding in 1 file."),
        (
            report(
                finding(at("request_id")),
                finding(at("名前")),
                finding(Location("b.py", Span(0, 0))),
                hidden=5,
            ),
            9,
            "Found 3 findings in 2 files (5 opt-in findings not shown; --select ALL shows them).",
        ),
        (
            report(
                Diagnostic("CTX901", "unreadable-file", "m", Location("b.py", Span(0, 0)), "error", "high")
            ),
            9,
            "Found 1 finding in 1 file. 1 file could not be read.",
        ),
        (
            Report((), 0, (Failure("rules", "a.py", "boom"),), Statistics(), {}),
            3,
            "No findings in 3 files. 1 internal error: the result is not complete.",
        ),
    ],
)
def test_the_last_line(found: Report, checked: int, line: str) -> None:
    assert line == summarise(found, checked)


def test_the_account() -> None:
    cost = Statistics(files=1200, candidates=3, files_opened=5, files_read=1, units_read=2, bytes_read=4096)

    assert (
        account(Report((), 0, (), cost, {}))
        == "1,200 files in the program, 3 candidates; 5 files opened, libcst read 2 units (4,096 bytes) of 1 file."
    )


def test_a_format_is_found_by_looking() -> None:
    assert list(all_formats()) == [
        "concise",
        "full",
        "github",
        "gitlab",
        "json",
        "json-lines",
        "junit",
        "pylint",
        "rdjson",
        "sarif",
    ]
    assert all_formats()["json"].machine
    assert not all_formats()["full"].machine


@pytest.mark.parametrize(
    ("character", "width"), [("a", 1), ("é", 1), ("日", 2), ("\u0301", 0), ("\u200d", 0), ("🎉", 2), ("ｱ", 1)]
)
def test_cells(character: str, width: int) -> None:
    assert width == cell_width(character)


def test_tabs_go_to_the_next_stop() -> None:
    text, cells = shown("a\tb\t\tc")

    assert text == "a   b       c"
    assert cells == [0, 1, TAB, TAB + 1, 2 * TAB, 3 * TAB, 3 * TAB + 1]


def test_one_line_leaves_text_alone() -> None:
    assert one_line("naïve 日本") == "naïve 日本"
