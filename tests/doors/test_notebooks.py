"""Notebooks at the command line."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import project

IDS = """\
from contextvars import ContextVar

request_id = ContextVar('request_id')


def current():
    return request_id.get()
"""
HANDLE = """\
async def handle(work):
    token = request_id.set(1)
    await work()
    request_id.reset(token)

await handle(print)
"""
CELLS = [
    ("markdown", "# A title"),
    ("code", "%load_ext autoreload\nfrom ids import request_id\nrequest_id.set('notebook')"),
    ("code", "!pip list\nprint(request_id.get())"),
    ("code", HANDLE),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "ids.py").write_text(IDS)
    cells = [{"cell_type": kind, "source": source} for kind, source in CELLS]
    (tmp_path / "explore.ipynb").write_text(json.dumps({"cells": cells, "nbformat": 4}))
    return tmp_path


def test_a_finding_is_told_by_cell(folder: Path) -> None:
    [line, _summary] = project.run(folder, "ctxlint", "--no-cache").stdout.splitlines()

    assert line.startswith("explore.ipynb:cell 4:2:13: CTX104 [reset-skipped-on-exception] ")


def test_the_frame_shows_the_cells_rows(folder: Path) -> None:
    shown = project.run(folder, "ctxlint", "--no-cache", "--output-format", "full", "explore.ipynb").stdout

    assert " --> explore.ipynb:cell 4:2:13\n" in shown
    assert "\n2 |     token = request_id.set(1)\n" in shown


def test_json_names_the_cell(folder: Path) -> None:
    [entry] = json.loads(project.run(folder, "ctxlint", "--no-cache", "--output-format", "json").stdout)

    assert (entry["cell"], entry["location"]) == (4, {"row": 2, "column": 13})
    assert {step["cell"] for step in entry["related"]} == {4}


def test_readers_who_show_the_files_lines_are_sent_to_the_first(folder: Path) -> None:
    """A notebook's lines are those of a JSON text. The message names cell, row and column."""

    def report(form: str) -> str:
        return project.run(folder, "ctxlint", "--no-cache", "-q", "--output-format", form).stdout

    told = "cell 4:2:13: `request_id` stays set in `handle` when an exception leaves"
    assert report("pylint").startswith(f"explore.ipynb:1: [CTX104] {told}")
    command = report("github")
    assert f"file={folder}/explore.ipynb,line=1,col=1,endColumn=1::explore.ipynb:{told}" in command
    [entry] = json.loads(report("gitlab"))
    assert entry["location"]["lines"] == {"begin": 1, "end": 1}
    assert entry["description"].startswith(f"CTX104 {told}")
    [result] = json.loads(report("rdjson"))["diagnostics"]
    assert result["location"]["range"] == {"start": {"line": 1, "column": 1}, "end": {"line": 1, "column": 1}}
    assert result["message"].startswith(told)
    assert all(step["message"].startswith("cell 4:") for step in result["relatedLocations"])
    assert 'name="CTX104 reset-skipped-on-exception (cell 4:2:13)"' in report("junit")
    assert 'line="1"' in report("junit")
    [found] = json.loads(report("sarif"))["runs"][0]["results"]
    assert found["message"]["text"].startswith(told)
    assert found["locations"][0]["physicalLocation"]["region"] == {
        "startLine": 1,
        "startColumn": 1,
        "endLine": 1,
        "endColumn": 1,
        "properties": {"row": 2, "column": 13, "cell": 4},
    }


def test_broken_json_is_a_finding(folder: Path) -> None:
    (folder / "explore.ipynb").write_text('{"cells": [')
    result = project.run(folder, "ctxlint", "--no-cache")

    assert result.returncode == 1
    assert "explore.ipynb:1:1: CTX901 [unreadable-file]" in result.stdout
    assert "no notebook: its JSON breaks off (line 1, column 12 of the file)." in result.stdout


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b" \n"])
@pytest.mark.parametrize("words", [(), ("empty.ipynb",)])
def test_an_empty_file_is_no_notebook(tmp_path: Path, content: bytes, words: tuple[str, ...]) -> None:
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "empty.ipynb").write_bytes(content)
    result = project.run(tmp_path, "ctxlint", "--no-cache", "-q", *words)

    told = "empty.ipynb:1:1: CTX901 [unreadable-file] The file was not checked: no notebook: the file is empty.\n"
    assert (result.returncode, result.stdout) == (1, told)


def test_wrong_syntax_in_a_cell_is_told_there(folder: Path) -> None:
    cells = [{"cell_type": "code", "source": text} for text in ("import contextvars", "x = (\n")]
    (folder / "explore.ipynb").write_text(json.dumps({"cells": cells}))

    assert "explore.ipynb:cell 2:1:" in project.run(folder, "ctxlint", "--no-cache").stdout
