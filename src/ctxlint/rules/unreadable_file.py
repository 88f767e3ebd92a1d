"""A file of the program cannot be decoded or parsed.

## What it does
Reports a file that was to be read and could not be: bytes that its encoding does not allow, an unknown encoding,
a null byte, a syntax error.

## Why is this bad?
What is in the file was not checked, and what other files import from it could not be followed. Nothing else is
said about it, so silence would look like approval.

## Example
A file with an unclosed bracket, or one that declares UTF-8 and holds Latin-1.

## Use instead
Correct the file, declare its encoding (`# -*- coding: latin-1 -*-`), or exclude it (`--extend-exclude`).

## When it is silent
Of a file that has nothing to do with context variables: it does not name them, and imports no variable from a file
that does. Such a file is not parsed, so its syntax errors are not told; Python's compiler and other linters tell them.
One that the system does not let anybody read is told in any case.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ctxlint.rules.rule import Finding, Rule

if TYPE_CHECKING:
    from ctxlint.analysis.analysis import Analysis


def check(analysis: Analysis) -> Iterator[Finding]:
    """Files that could not be read."""
    for path, problem in sorted(analysis.unreadable.items()):
        where = analysis.location(path, problem.span)
        yield Finding(where, where, f"The file was not checked: {problem.message}.")


RULE = Rule("CTX901", "unreadable-file", "error", True, __doc__ or "", check)
