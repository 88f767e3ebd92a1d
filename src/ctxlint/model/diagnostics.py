"""What a rule says: findings, and the diagnostics that they become.

A *finding* is a rule's claim about a site. Precedence decides which finding a site keeps; selection and
suppression decide which are shown. What is shown is a *diagnostic*.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from ctxlint.model.spans import Location

Severity = Literal["error", "warning", "note"]
Confidence = Literal["high", "medium", "low"]


class Related(msgspec.Struct, frozen=True):
    """One step of the story: what happens there."""

    message: str
    location: Location


class Diagnostic(msgspec.Struct, frozen=True):
    """A finding as the user meets it. ``help`` is the cure, one sentence or two, empty where there is none."""

    code: str
    name: str
    message: str
    location: Location
    severity: Severity
    confidence: Confidence
    related: tuple[Related, ...] = ()
    help: str = ""


class Failure(msgspec.Struct, frozen=True):
    """Something inside ctxlint went wrong: which stage, on which file, and what was said. Ends in exit code 2."""

    stage: str
    filename: str
    message: str


class Statistics(msgspec.Struct, frozen=True):
    """What a run cost: files seen, candidates, files that were opened (drafted by ``ast`` or remembered); of what
    libcst read files, units and bytes.
    """

    files: int = 0
    candidates: int = 0
    files_opened: int = 0
    files_read: int = 0
    units_read: int = 0
    bytes_read: int = 0


class Report(msgspec.Struct, frozen=True):
    """The outcome of one run. ``diagnostics`` are in the order of file, position, code.

    ``hidden`` counts the findings of opt-in rules that were made but not shown. ``texts`` holds the text of
    every file that a location of a diagnostic names, for reporters. ``cells`` says of notebooks among them where in the
    text their cells begin: pairs of row and the cell's number.
    """

    diagnostics: tuple[Diagnostic, ...]
    hidden: int
    failures: tuple[Failure, ...]
    statistics: Statistics
    texts: dict[str, str]
    cells: dict[str, tuple[tuple[int, int], ...]] = {}
