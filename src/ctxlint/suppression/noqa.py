"""``# noqa`` comments for findings, put into a text: pure, and sure of what it writes.

The comment goes to the end of the row in which a finding begins; where no comment can stand there (a string goes on,
a backslash continues the line) to the end of the statement. A ``# noqa: E501`` that is there is added to. The new text
must be the same program, and suppress what was to be suppressed; otherwise nothing is written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ctxlint.frontend.directives import suppressions
from ctxlint.frontend.layout import layout
from ctxlint.frontend.same import is_same_program
from ctxlint.model.lines import LineIndex

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ctxlint.frontend.layout import Layout
    from ctxlint.model.diagnostics import Diagnostic

NOT_SUPPRESSED = {
    "CTX901": "mend the file",
    "CTX902": "remove the comments that it names",
    "CTX903": "write the reason",
    "CTX904": "it says that something was not checked",
}
"""Of the run itself: a comment cures none of them; with what is to be done instead."""


class CannotSuppressError(Exception):
    """Why no comment was put into a text."""


def with_noqa(text: str, findings: Iterable[Diagnostic]) -> str:
    """Return ``text`` with a ``# noqa`` for each of its findings. ``CannotSuppressError`` where that cannot be."""
    around = layout(text)
    if not around.whole:
        raise CannotSuppressError("its lines cannot be told apart")
    lines = LineIndex(text)
    wanted: dict[int, set[str]] = {}
    expected: list[tuple[int, Diagnostic]] = []
    for finding in findings:
        row = lines.position(finding.location.span.start)[0]
        expected.append((row, finding))
        wanted.setdefault(_row_for(row, around), set()).add(finding.code)
    edits = sorted((_edit(row, sorted(codes), text, lines) for row, codes in wanted.items()), reverse=True)
    edited = text
    for at, added in edits:
        edited = edited[:at] + added + edited[at:]
    found = suppressions(edited)
    if any(not found.covering((row,), each.code, each.name) for row, each in expected):
        raise CannotSuppressError("a comment would not be read as one")
    if not is_same_program(text, edited):
        raise CannotSuppressError("the program would not be the same")
    return edited


def _row_for(row: int, around: Layout) -> int:
    """The row, of the statement in ``row``, at whose end a comment can stand."""
    line = around.line_at(row)
    return line[1] if row in around.closed and line else row


def _edit(row: int, codes: list[str], text: str, lines: LineIndex) -> tuple[int, str]:
    """Where something is put in for ``row``, and what."""
    end = lines.start_of(row) + len(lines.line(row))
    for directive in suppressions(text).directives:
        if directive.kind == "noqa" and directive.row == row and directive.words:
            return directive.span.end, "".join(f", {code}" for code in codes)
    body = text[lines.start_of(row) : end]
    blank = len(body) - len(body.rstrip(" \t\f"))
    return end - blank, f"  # noqa: {', '.join(codes)}"
