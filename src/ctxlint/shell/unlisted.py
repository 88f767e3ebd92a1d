"""Folders that cannot be listed: findings like those of files that cannot be read, for what lies below a given path."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from msgspec.structs import replace

from ctxlint.model.diagnostics import Diagnostic
from ctxlint.model.spans import Location, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ctxlint.model.diagnostics import Report
    from ctxlint.shell.discovery import Unlisted


def with_unlisted(
    report: Report, unlisted: Sequence[Unlisted], codes_in: Callable[[str], frozenset[str]]
) -> Report:
    """Return the report with a finding for each folder; ``codes_in`` gives the codes to show at an absolute path."""
    from ctxlint.rules.unreadable_file import RULE  # noqa: PLC0415 - nearly every folder can be listed

    here = os.path.join(os.getcwd(), "")
    found = [
        Diagnostic(
            RULE.code,
            RULE.name,
            f"The folder was not checked: {folder.reason}.",
            Location(folder.path.removeprefix(here), Span(0, 0)),
            RULE.severity,
            "high",
        )
        for folder in unlisted
        if folder.reported and RULE.code in codes_in(folder.path)
    ]
    together = sorted((*report.diagnostics, *found), key=lambda entry: (entry.location, entry.code))
    return replace(report, diagnostics=tuple(together))
