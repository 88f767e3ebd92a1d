"""A generator waits at a `yield` while a value that it set is in force.

## What it does
Reports a `set` in a generator or async generator that is still in force at a `yield`, and that no `finally` puts back.
With a `reset` after the `yield` this is `reset-across-yield`.

## Why is this bad?
A generator has no Context of its own. What it sets is set for its consumer as well, between any two items: its logs,
its queries, everything that it calls sees the generator's value. When the consumer stops early the value stays.

## Example
```python
from contextvars import ContextVar

tenant: ContextVar[str] = ContextVar("tenant", default="")


def rows(account, query):
    tenant.set(account.tenant)  # expect: CTX110
    for row in query(account):
        yield row
```

## Use instead
```python
from contextvars import ContextVar

tenant: ContextVar[str] = ContextVar("tenant", default="")


def rows(account, query):
    steps = iter(query(account))
    while True:
        token = tenant.set(account.tenant)
        try:
            row = next(steps)
        except StopIteration:
            return
        finally:
            tenant.reset(token)
        yield row
```

## When it is silent
Where `reset-across-yield` would be (scopes, consumers that close in place, a reset that expects to be refused);
where the value is put back before the `yield`, or cleared in a `finally`; where a bare set in a loop gives each item
its value, which is meant for the consumer; where the consumer runs in a Context of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ctxlint.analysis.crossings import seen_by_consumer
from ctxlint.model.diagnostics import Related
from ctxlint.rules import story
from ctxlint.rules.rule import Finding, Rule

if TYPE_CHECKING:
    from ctxlint.analysis.analysis import Analysis


def check(analysis: Analysis) -> Iterator[Finding]:
    """Sets that are in force while the generator waits."""
    for token in analysis.token_sites:
        paused = seen_by_consumer(token)
        if paused is None:
            continue
        site = story.site_of(analysis, token)
        yield Finding(
            site,
            site,
            f"{story.set_text(token)} is in force while {story.where(token)} waits at a `yield`: whoever iterates over "
            "the generator sees the value, too, and keeps it when they stop early.",
            (
                story.set_here(analysis, token),
                Related("the generator waits here", analysis.location(token.scope.path, paused)),
            ),
            "Set and reset around each step, before the `yield`; or pass the value as an argument.",
            "low" if token.capped else "high",
        )


RULE = Rule(
    "CTX110",
    "set-across-yield",
    "warning",
    True,
    __doc__ or "",
    check,
    ("CTX120", "CTX107", "CTX109", "CTX108", "CTX112", "CTX103", "CTX104"),
)
