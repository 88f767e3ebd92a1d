"""Something passed a bound of the analysis, and a part was given up.

## What it does
Notes a file or function that is too deep or too large to be followed to the end, and what was given up there.

## Why is this bad?
It is not: the note says where silence means nothing. It never changes the exit code.

## Example
Brackets nested more than two hundred deep.

## Use instead
Simplify the code if it is yours; `--ignore CTX904` hides the note.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ctxlint.rules.rule import Finding, Rule

if TYPE_CHECKING:
    from ctxlint.analysis.analysis import Analysis


def check(analysis: Analysis) -> Iterator[Finding]:
    """What was given up, and where."""
    for path, limits in sorted(analysis.limits.items()):
        for limit in limits:
            where = analysis.location(path, limit.span)
            shown = analysis.location(path, limit.head) if limit.head is not None else where
            yield Finding(where, shown, f"A limit was reached: {limit.message}.")


RULE = Rule("CTX904", "analysis-limit", "note", True, __doc__ or "", check)
