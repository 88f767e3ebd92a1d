"""A call between the `set` and the `try` whose `finally` resets.

## What it does
Reports a `set` whose reset stands in a `finally`, as it should, but with an ordinary call between the `set` and that
`try`, or before the reset in that `finally`. Where what stands there is more likely to raise (an `await`, a `raise`, a
`with`, a loop, a call of the program that raises in the open) this is `reset-skipped-on-exception`.

## Why is this bad?
Nearly every call can raise, and if this one does the value stays set. Mostly it never does, so the rule has to be
selected; it suits code in which a value that leaks is a breach, a tenant or a user, say.

## Example
```python
# select: CTX122
from contextvars import ContextVar

tenant: ContextVar[str] = ContextVar("tenant", default="")


def handle(request, view, metrics):
    token = tenant.set(request.tenant)  # expect: CTX122
    metrics.count("requests")
    try:
        return view(request)
    finally:
        tenant.reset(token)
```

## Use instead
```python
# select: CTX122
from contextvars import ContextVar

tenant: ContextVar[str] = ContextVar("tenant", default="")


def handle(request, view, metrics):
    metrics.count("requests")
    token = tenant.set(request.tenant)
    try:
        return view(request)
    finally:
        tenant.reset(token)
```

## When it is silent
When nothing that can raise stands between: attributes, constants, another `set`, logging; in an async test, whose
Context ends with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ctxlint.model.diagnostics import Related
from ctxlint.rules import story
from ctxlint.rules.rule import Finding, Rule

if TYPE_CHECKING:
    from ctxlint.analysis.analysis import Analysis
    from ctxlint.analysis.tokens import TokenSite


def check(analysis: Analysis) -> Iterator[Finding]:
    """Sets that a ``finally`` undoes, and that nothing but an ordinary call leaves in force."""
    for token in analysis.token_sites:
        if token.normal_leaks or token.capped or token.is_in_async_test or not token.is_protected:
            continue
        if token.raise_leaks and not token.gravest_leaks:
            yield _finding(analysis, token)


def _finding(analysis: Analysis, token: TokenSite) -> Finding:
    site = story.site_of(analysis, token)
    path = token.scope.path
    leaving = min(token.raise_leaks, key=lambda each: each.at)
    undone = token.undone_at_last[0]
    name = story.quoted(token.site)
    before = not token.is_before_its_reset(leaving)
    between = "between its set and the `try`" if before else "before its reset in the `finally`"
    return Finding(
        site,
        site,
        f"{name[0].upper()}{name[1:]} stays set in {story.where(token)} if the call {between} raises.",
        (
            story.set_here(analysis, token),
            *story.steps(analysis, path, token.site.span, leaving.trail),
            Related("this call may raise, with the value still set", analysis.location(path, leaving.at)),
            Related("this undoes it, and is skipped", analysis.location(path, undone.since)),
        ),
        "Set directly before the `try`." if before else "Reset first in the `finally`.",
    )


RULE = Rule(
    "CTX122",
    "call-before-try",
    "note",
    False,
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
    ),
)
