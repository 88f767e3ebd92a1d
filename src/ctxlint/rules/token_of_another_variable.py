"""A token is given to the `reset` of another variable than the one that made it.

## What it does
Reports `a.reset(token)` where `token` comes from `b.set(...)`: two tokens swapped, a name used again, an attribute
that a second variable fills.

## Why is this bad?
A token belongs to its variable. CPython raises `ValueError: <Token …> was created by a different ContextVar`, nothing
is undone, and in a `finally` the error takes the place of what was going on. The token is not used up by the attempt.

## Example
```python
from contextvars import ContextVar

tenant: ContextVar[str] = ContextVar("tenant", default="")
request_id: ContextVar[str] = ContextVar("request_id", default="-")


def handle(request, view):
    tenant_token = tenant.set(request.tenant)
    id_token = request_id.set(request.id)
    try:
        return view(request)
    finally:
        tenant.reset(id_token)  # expect: CTX106
        request_id.reset(tenant_token)
```

## Use instead
```python
from contextvars import ContextVar

tenant: ContextVar[str] = ContextVar("tenant", default="")
request_id: ContextVar[str] = ContextVar("request_id", default="-")


def handle(request, view):
    tenant_token = tenant.set(request.tenant)
    id_token = request_id.set(request.id)
    try:
        return view(request)
    finally:
        request_id.reset(id_token)
        tenant.reset(tenant_token)
```

## When it is silent
When the two may be one variable (parameters, elements of a list, a second name for the same declaration), and where
`except ValueError` around the reset shows that it is expected.

## Limits
Of several wrong resets in a row the first is reported: it raises, so the next are not reached. A token that goes
through a function which resets what it is given is not compared.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ctxlint.analysis.refusals import foreign_resets
from ctxlint.model.diagnostics import Related
from ctxlint.rules import story
from ctxlint.rules.rule import Finding, Rule

if TYPE_CHECKING:
    from ctxlint.analysis.analysis import Analysis


def check(analysis: Analysis) -> Iterator[Finding]:
    """Resets with the token of another variable."""
    for each in foreign_resets(analysis.program):
        at = analysis.location(each.scope.path, each.at)
        yield Finding(
            at,
            at,
            f"`{each.var.name}` is reset in {story.name_of(each.scope)} with a token of `{each.receiver}`: that raises "
            "ValueError, since a token works for the variable that made it and no other.",
            (
                Related(
                    f"`{each.receiver}` is set here, which makes the token",
                    analysis.location(each.maker.path, each.made),
                ),
                *story.steps(analysis, each.scope.path, each.made, each.trail),
                Related(f"and its token is given to `{each.var.name}` here", at),
            ),
            f"Give each variable its own token: `{each.receiver}.reset({each.token})`.",
        )


RULE = Rule("CTX106", "token-of-another-variable", "error", True, __doc__ or "", check)
