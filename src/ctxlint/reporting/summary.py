"""The last line: how much was found, where, what was not shown, and what could not be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ctxlint.model.diagnostics import Report

UNREADABLE = "CTX901"


def summarise(report: Report, checked: int, *, passed: bool = True) -> str:
    """One line on the outcome for ``checked`` files. ``passed`` False where something other than findings is wrong."""
    shown = report.diagnostics
    hidden = ""
    if report.hidden:
        them = "it" if report.hidden == 1 else "them"
        hidden = f" ({_count(report.hidden, 'opt-in finding')} not shown; --select ALL shows {them})"
    unread = len({entry.location.filename for entry in shown if entry.code == UNREADABLE})
    tail = f" {_count(unread, 'file')} could not be read." if unread else ""
    if report.failures:
        tail += f" {_count(len(report.failures), 'internal error')}: the result is not complete."
    if shown:
        files = len({entry.location.filename for entry in shown})
        return f"Found {_count(len(shown), 'finding')} in {_count(files, 'file')}{hidden}.{tail}"
    if report.failures or not passed:
        return f"No findings in {_count(checked, 'file')}{hidden}.{tail}"
    return f"All checks passed: no findings in {_count(checked, 'file')}{hidden}.{tail}"


def account(report: Report) -> str:
    """One line on what the run cost (``--verbose``)."""
    cost = report.statistics
    return (
        f"{_count(cost.files, 'file')} in the program, {_count(cost.candidates, 'candidate')}; "
        f"{_count(cost.files_opened, 'file')} opened, libcst read "
        f"{_count(cost.units_read, 'unit')} ({cost.bytes_read:,} bytes) of {_count(cost.files_read, 'file')}."
    )


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
