"""A value is set only when a condition holds; otherwise the one from before stays.

## What it does
Reports `if x: var.set(x)` in a loop over messages or jobs (an `async for`, a `while` that fetches, a `for` over
messages), and in the callbacks of a protocol, where nothing sets or clears the variable when the condition is false.
With `--extend-select CTX117` also elsewhere.

## Why is this bad?
The turns of a loop share one Context. A job without a tenant runs with the tenant of the last job that had one: a leak
between customers that no test with one job shows.

## Example
```python
from contextvars import ContextVar

tenant: ContextVar[str | None] = ContextVar("tenant", default=None)


async def work(queue, handle):
    while True:
        job = await queue.get()
        if job.tenant:
            tenant.set(job.tenant)  # expect: CTX117
        await handle(job)
```

## Use instead
```python
from contextvars import ContextVar

tenant: ContextVar[str | None] = ContextVar("tenant", default=None)


async def work(queue, handle):
    while True:
        job = await queue.get()
        token = tenant.set(job.tenant or None)
        try:
            await handle(job)
        finally:
            tenant.reset(token)
```

## When it is silent
When the other branch, or anything else in the loop, sets, resets or clears the variable; when the condition asks for
the variable itself (get-or-create), or for something that no turn changes; when the turn ends where the condition is
false.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ctxlint.analysis.sometimes import Sometimes, set_sometimes
from ctxlint.model.diagnostics import Related
from ctxlint.rules import story
from ctxlint.rules.rule import Finding, Rule

if TYPE_CHECKING:
    from ctxlint.analysis.analysis import Analysis
    from ctxlint.analysis.tokens import TokenSite

_WHERE = {
    "loop": "the turns of the loop share one Context, so the work goes on with the value of an earlier turn",
    "protocol": "the callbacks of a protocol share one Context, so the value of an earlier call stays",
    "elsewhere": "so the value from before stays, whoever set it",
}


def check(analysis: Analysis) -> Iterator[Finding]:
    """Sets below a condition without a counterpart."""
    for token in analysis.token_sites:
        found = set_sometimes(token)
        if found is not None:
            yield _finding(analysis, token, found)


def _finding(analysis: Analysis, token: TokenSite, found: Sometimes) -> Finding:
    site = story.site_of(analysis, token)
    path = token.scope.path
    related = [
        Related("where this is false nothing is set", analysis.location(path, found.condition.span)),
        story.set_here(analysis, token),
    ]
    if found.work is not None:
        related.append(Related("this sees the value from before", analysis.location(path, found.work)))
    on = found.where != "elsewhere"
    name = story.quoted(token.site)
    return Finding(
        site,
        site,
        f"{name[0].upper()}{name[1:]} is set in {story.where(token)} only when a condition holds, and nothing sets or "
        f"clears it otherwise: {_WHERE[found.where]}.",
        tuple(related),
        "Set it in both cases, to None or the default where there is no value, and undo it when the work is done.",
        "medium",
        severity=None if on else "note",
        optional=not on,
    )


RULE = Rule(
    "CTX117",
    "set-only-sometimes",
    "warning",
    True,
    __doc__ or "",
    check,
    ("CTX120", "CTX107", "CTX109", "CTX108", "CTX112", "CTX103", "CTX104", "CTX110", "CTX102"),
    mixed=True,
)
