"""Several reports of one run, at the command line."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import project


@pytest.fixture
def example(tmp_path: Path) -> Path:
    return project.make(tmp_path / "orders")


def test_several_reports_tell_the_same(example: Path) -> None:
    words = ["--output", "sarif:a.sarif", "--output", "json:b.json", "--output-format", "concise"]
    result = project.run(example, "ctxlint", *words)
    shown = project.from_lines(result.stdout)
    results = json.loads((example / "a.sarif").read_text())["runs"][0]["results"]

    assert result.returncode == 1
    assert shown == project.from_json((example / "b.json").read_text(), example)
    assert {(found.code, found.path, found.row) for found in shown} == {
        (
            entry["ruleId"],
            entry["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
            entry["locations"][0]["physicalLocation"]["region"]["startLine"],
        )
        for entry in results
    }


def test_a_document_stands_alone_on_the_standard_output(example: Path) -> None:
    result = project.run(example, "ctxlint", "--output", "json:-")

    assert json.loads(result.stdout)
    assert result.stderr.startswith("Found ")


def test_a_report_that_cannot_be_written_ends_the_run_before_it_begins(example: Path) -> None:
    result = project.run(example, "ctxlint", "--output", "json:none/a.json")

    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == "ctxlint: error: --output: no such folder: none\n"


def test_counts_add_up(example: Path) -> None:
    every = json.loads(project.run(example, "ctxlint", "--output-format", "json").stdout)
    counts = json.loads(project.run(example, "ctxlint", "--statistics", "--output-format", "json").stdout)

    assert sum(entry["count"] for entry in counts) == len(every)


def test_clean_removes_the_lock(example: Path) -> None:
    project.run(example, "flake8", *project.OURS)
    assert (example / ".ctxlint_cache" / "ctxlint.lock").exists()
    project.run(example, "ctxlint", "clean")

    assert not (example / ".ctxlint_cache").exists()
