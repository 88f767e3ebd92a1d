"""A scope ends by writing a constant, and the value that was there before is lost.

## What it does
Reports a context manager, or a class with `__exit__`, that sets a variable on entry and on exit writes None, the
default or an empty object in place of the value from before, without having looked whether there was one. With
`--extend-select CTX114` also plain functions that do so.

## Why is this bad?
It is right once and wrong nested. Inside an outer scope that has set the variable, the inner exit takes the outer
value away from everything that still runs there.

## Example
```python
from contextlib import contextmanager
from contextvars import ContextVar

tenant: ContextVar[str | None] = ContextVar("tenant", default=None)


@contextmanager
def acting_as(name):
    tenant.set(name)
    try:
        yield
    finally:
        tenant.set(None)  # expect: CTX114
```

## Use instead
```python
from contextlib import contextmanager
from contextvars import ContextVar

tenant: ContextVar[str | None] = ContextVar("tenant", default=None)


@contextmanager
def acting_as(name):
    token = tenant.set(name)
    try:
        yield
    finally:
        tenant.reset(token)
```

## When it is silent
When the entry reads the variable (it saves the value, or checks that none was set); in generators that are no scope; in
functions with a Context of their own.

On request only: a manager that the program enters itself, where no block of it leads there again and nobody else sets
the variable. Nothing stood there before.

## Limits
A constant other than the default, None or an empty object is no end of the scope's value: see `token-discarded`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ctxlint.analysis.clobbered import Clobbered, clobbered
from ctxlint.analysis.nesting import is_never_nested
from ctxlint.model.diagnostics import Related
from ctxlint.rules import story
from ctxlint.rules.rule import Finding, Rule

if TYPE_CHECKING:
    from ctxlint.analysis.analysis import Analysis
    from ctxlint.analysis.tokens import TokenSite


def check(analysis: Analysis) -> Iterator[Finding]:
    """Exits that write a constant over what was there before."""
    for token in analysis.token_sites:
        found = clobbered(token)
        if found is not None:
            yield _finding(analysis, token, found)


def _finding(analysis: Analysis, token: TokenSite, found: Clobbered) -> Finding:
    write = analysis.location(found.where.path, found.span)
    name = story.quoted(token.site)
    related = [
        story.set_here(analysis, token),
        Related("this takes the place of the value from before", write),
    ]
    if found.below is not None:
        scope, span = found.below
        related.append(Related("the set itself stands here", analysis.location(scope.path, span)))
    return Finding(
        story.site_of(analysis, token),
        write,
        f"{story.name_of(found.where)} ends by emptying {name}, whatever it held before: inside an outer scope that "
        "has set it, the outer value is lost.",
        tuple(related),
        f"Keep the token of `{story.made_text(token)}` and undo it: `{story.undo_text(token, 'token')}`.",
        severity=None if found.managed else "note",
        optional=not found.managed or is_never_nested(analysis.sets, analysis.sights, token),
    )


RULE = Rule(
    "CTX114",
    "outer-value-clobbered",
    "warning",
    True,
    __doc__ or "",
    check,
    (
        "CTX120",
        "CTX107",
        "CTX109",
        "CTX108",
        "CTX112",
        "CTX103",
        "CTX104",
        "CTX110",
        "CTX102",
        "CTX117",
        "CTX101",
        "CTX121",
        "CTX122",
    ),
    mixed=True,
)
