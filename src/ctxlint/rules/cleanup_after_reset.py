"""Cleanup stands behind a `reset` that can raise, and is skipped with it.

## What it does
Reports, at the end of a context manager (in the `finally` around its `yield`, in `__exit__`), a call of `release`,
`close`, `detach` and the like behind a `reset` in the same block.

## Why is this bad?
`reset` raises ValueError when the manager is left in another Context, which for an async one needs no more than a
generator that is closed late. Then the lock stays locked and the connection open, and the error of the body is gone.

## Example
```python
# select: CTX123
from contextlib import contextmanager
from contextvars import ContextVar

held: ContextVar[str] = ContextVar("held", default="")


@contextmanager
def holding(lock, name):
    lock.acquire()
    token = held.set(name)
    try:
        yield
    finally:
        held.reset(token)  # expect: CTX123
        lock.release()
```

## Use instead
```python
# select: CTX123
from contextlib import contextmanager
from contextvars import ContextVar

held: ContextVar[str] = ContextVar("held", default="")


@contextmanager
def holding(lock, name):
    lock.acquire()
    try:
        token = held.set(name)
        try:
            yield
        finally:
            held.reset(token)
    finally:
        lock.release()
```

## When it is silent
When the reset comes last, is ready to fail (`except ValueError`), or has a `finally` of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ctxlint.analysis.cleanup import skippable_cleanups
from ctxlint.model.diagnostics import Related
from ctxlint.model.walk import dotted
from ctxlint.rules import story
from ctxlint.rules.rule import Finding, Rule

if TYPE_CHECKING:
    from ctxlint.analysis.analysis import Analysis


def check(analysis: Analysis) -> Iterator[Finding]:
    """Resets before the cleanup of a context manager."""
    for found in skippable_cleanups(analysis.program):
        site = analysis.location(found.scope.path, found.reset.span)
        name = dotted(found.cleanup.func) or "the cleanup"
        yield Finding(
            site,
            site,
            f"`{dotted(found.reset.func) or 'reset'}` in {story.name_of(found.scope)} raises ValueError when it runs "
            f"in another Context, and then `{name}` behind it does not run.",
            (Related("this is skipped", analysis.location(found.scope.path, found.cleanup.span)),),
            "Clean up first and reset last, or give each step a `finally` of its own.",
        )


RULE = Rule("CTX123", "cleanup-after-reset", "note", False, __doc__ or "", check)
