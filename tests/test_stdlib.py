"""The whole standard library of the running interpreter: ctxlint reads what matters of it and stays on its feet."""

from __future__ import annotations

import functools
import json
import re
import sysconfig
from inspect import signature

import pytest
from click.testing import CliRunner, Result

from ctxlint.cli import main

LIBRARY = sysconfig.get_path("stdlib")
RUNNER = CliRunner(**({"mix_stderr": False} if "mix_stderr" in signature(CliRunner).parameters else {}))
GIVEN_UP = ("CTX901", "CTX904")
"""Codes of what could not be read, and of what was given up."""


pytestmark = pytest.mark.no_cover


@functools.cache
def outcome() -> Result:
    """Check it once, as one program. Called by the tests themselves, as coverage pauses for their bodies only."""
    return RUNNER.invoke(
        main, [LIBRARY, "--isolated", "--no-cache", "--select", "ALL", "--output-format", "json", "-v"]
    )


def test_it_ends_without_an_internal_error() -> None:
    """Findings or none: both are fine, a crash (2) is not."""
    run = outcome()
    assert run.exit_code in (0, 1)
    assert re.findall("Traceback|internal error", run.output) == []


def test_it_looked_at_every_file_and_read_some() -> None:
    """An empty run would pass every other test here."""
    numbers = r"([\d,]+) files in the program, ([\d,]+) candidates; ([\d,]+) files opened, libcst read ([\d,]+) unit"
    account = re.search(numbers, outcome().stderr)
    assert account is not None
    files, candidates, opened, units = (int(number.replace(",", "")) for number in account.groups())
    assert (files > 500, candidates > 5, opened > candidates, units > 0) == (True, True, True, True)


def test_a_failing_exit_code_means_findings() -> None:
    """Exit 1 if and only if something other than a note is reported."""
    run = outcome()
    reported = [found for found in json.loads(run.stdout) if found["severity"] != "note"]
    assert run.exit_code == bool(reported)


def test_what_was_not_read_or_given_up_names_its_reason() -> None:
    """A sentence, not a code alone; and each place is told once."""
    told = [found for found in json.loads(outcome().stdout) if found["code"] in GIVEN_UP]
    assert [found for found in told if len(found["message"].split()) < 4] == []
    places = [
        (found["code"], found["filename"], found["location"]["row"], found["message"]) for found in told
    ]
    assert sorted(set(places)) == sorted(places)
