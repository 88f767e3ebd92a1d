"""A token that was already used is reset again.

## What it does
Reports a `reset` that some path reaches with a token that an earlier `reset` of the same path has used.

## Why is this bad?
A token works once. The second `reset` raises `RuntimeError: <Token …> has already been used once`, usually in the
middle of other cleanup, which is then skipped.

## Example
```python
from contextvars import ContextVar

tenant: ContextVar[str] = ContextVar("tenant", default="")


def handle(request, view):
    token = tenant.set(request.tenant)
    try:
        response = view(request)
        tenant.reset(token)
        return response
    finally:
        tenant.reset(token)  # expect: CTX105
```

## Use instead
```python
from contextvars import ContextVar

tenant: ContextVar[str] = ContextVar("tenant", default="")


def handle(request, view):
    token = tenant.set(request.tenant)
    try:
        return view(request)
    finally:
        tenant.reset(token)
```

## When it is silent
When a condition keeps the two apart, or the token's name is emptied (`token = None`) and tested in between.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ctxlint.model.diagnostics import Related
from ctxlint.rules import story
from ctxlint.rules.rule import Finding, Rule

if TYPE_CHECKING:
    from ctxlint.analysis.analysis import Analysis


def check(analysis: Analysis) -> Iterator[Finding]:
    """Resets of tokens that were used before."""
    for scope, double in analysis.double_resets:
        second = analysis.location(scope.path, double.second)
        name = story.quoted(double.site)
        again = "once more on the next turn of the loop" if double.first == double.second else "here again"
        yield Finding(
            second,
            second,
            f"The token of {name} is reset twice in {story.name_of(scope)}: the second reset raises RuntimeError, "
            "since a token works once.",
            (
                Related(f"{name} is set here", analysis.location(scope.path, double.site.span)),
                Related("its token is reset here", analysis.location(scope.path, double.first)),
                *story.steps(analysis, scope.path, double.first, double.trail),
                Related(f"and {again}", second),
            ),
            "Reset it in one place: the `finally` alone.",
        )


RULE = Rule("CTX105", "token-reset-twice", "error", True, __doc__ or "", check)
