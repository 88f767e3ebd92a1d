"""A generator resets a token after a `yield` that follows the `set`.

## What it does
Reports a `set` in a generator or async generator whose `reset` is reached only after a `yield`.

## Why is this bad?
A generator has no Context of its own: each step runs in the Context of whoever asks for it. When the consumer's loop
is left early, an async generator is closed later, in a task of the event loop, and a generator that somebody kept is
closed wherever that is. There the `reset` raises `ValueError: <Token …> was created in a different Context`, and the
consumer keeps the value. Two generators in turn put back each other's values, without an error.

## Example
```python
from contextvars import ContextVar

tenant: ContextVar[str] = ContextVar("tenant", default="")


async def rows(account, query):
    token = tenant.set(account.tenant)  # expect: CTX109
    try:
        async for row in query(account):
            yield row
    finally:
        tenant.reset(token)
```

## Use instead
```python
from contextvars import ContextVar

tenant: ContextVar[str] = ContextVar("tenant", default="")


async def rows(account, query):
    steps = aiter(query(account))
    while True:
        token = tenant.set(account.tenant)
        try:
            row = await anext(steps)
        except StopAsyncIteration:
            return
        finally:
            tenant.reset(token)
        yield row
```

## When it is silent
In a scope: `@contextmanager`, `@asynccontextmanager`, pytest fixtures, and a generator with exactly one `yield`
outside loops that nobody iterates over. Where every consumer in the program closes the generator in place
(`async with aclosing(rows())`) or exhausts it (`list(rows())`); where the reset expects to be refused
(`except ValueError`); where the generator asks for the current task first. A decorator from outside the program
decides who drives what it decorates.

Where a loop sets for each item and hands that very item on (`async for message in stream`: `attach`, `yield message`,
`detach`) the consumer is meant to see the value: told on request.

## Limits
A reset that is registered on an `ExitStack` counts as done when it is registered.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ctxlint.analysis.crossings import crossing
from ctxlint.analysis.items_handed_on import is_set_for_item
from ctxlint.model.diagnostics import Related
from ctxlint.rules import story
from ctxlint.rules.rule import Finding, Rule

if TYPE_CHECKING:
    from ctxlint.analysis.analysis import Analysis


def check(analysis: Analysis) -> Iterator[Finding]:
    """Sets whose reset comes after a ``yield``, in a generator that somebody else drives."""
    for token in analysis.token_sites:
        found = crossing(token)
        if found is None:
            continue
        site = story.site_of(analysis, token)
        path = token.scope.path
        is_async = token.scope.function.is_async
        cure = "Set and reset around each step, with no `yield` in between; or pass the value as an argument"
        yield Finding(
            site,
            site,
            f"{story.set_text(token)} in {story.where(token)} is reset after a `yield`: in a generator that is closed "
            f"in another Context the reset {story.refusal(token)}, and the value stays.",
            (
                story.set_here(analysis, token),
                Related(
                    "the generator waits here, with the value set", analysis.location(path, found.paused)
                ),
                Related(
                    "and resets here, in the Context of whoever goes on", analysis.location(path, found.reset)
                ),
            ),
            f"{cure}; or let each consumer close it: `async with aclosing(…)`." if is_async else f"{cure}.",
            "low" if token.capped else "high",
            optional=True if is_set_for_item(token.scope, token.site.span, found.paused) else None,
        )


RULE = Rule(
    "CTX109", "reset-across-yield", "error", True, __doc__ or "", check, ("CTX120", "CTX107"), mixed=True
)
