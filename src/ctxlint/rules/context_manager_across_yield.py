"""A generator waits inside a `with` that sets a context variable.

## What it does
Reports `with` and `async with` of a manager that is known to set a context variable and to reset it (of the program
itself, or `use_span`, `start_as_current_span`, `bound_contextvars`, `decimal.localcontext`), around a `yield` of a
generator or an async generator.

## Why is this bad?
A generator has no Context of its own. While it waits at the `yield` its consumer runs with the value, and so does
all that the consumer starts. If the consumer stops early, the end of the `with` runs when the generator is closed:
later, and for an async generator in another task, where the reset raises ValueError and the value stays.

## Example
```python
from contextlib import contextmanager
from contextvars import ContextVar

tenant: ContextVar[str] = ContextVar("tenant", default="")


@contextmanager
def acting_as(name):
    token = tenant.set(name)
    try:
        yield
    finally:
        tenant.reset(token)


async def rows(name, source):
    with acting_as(name):  # expect: CTX111
        async for row in source:
            yield row
```

## Use instead
```python
from contextlib import contextmanager
from contextvars import ContextVar

tenant: ContextVar[str] = ContextVar("tenant", default="")


@contextmanager
def acting_as(name):
    token = tenant.set(name)
    try:
        yield
    finally:
        tenant.reset(token)


async def rows(name, source):
    while True:
        with acting_as(name):
            row = await anext(source, None)
        if row is None:
            return
        yield row
```

## When it is silent
In context managers, fixtures and generators with one `yield` that nobody iterates; where a decorator decides who drives
the generator; where every consumer in the program closes it in place (`async with aclosing(rows(…))`) or exhausts it
(`list(…)`). On request only: a loop that enters the manager for each item and hands that very item on, so that the
consumer works on it inside.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ctxlint.analysis.generators import HeldAcrossYield, held_across_yield
from ctxlint.analysis.items_handed_on import is_set_for_item
from ctxlint.model import facts as f
from ctxlint.model.diagnostics import Related
from ctxlint.model.walk import dotted
from ctxlint.rules import story
from ctxlint.rules.rule import Finding, Rule

if TYPE_CHECKING:
    from ctxlint.analysis.analysis import Analysis


def check(analysis: Analysis) -> Iterator[Finding]:
    """Blocks that hold a value while their generator waits."""
    for held in held_across_yield(analysis.program):
        yield _finding(analysis, held)


def _finding(analysis: Analysis, held: HeldAcrossYield) -> Finding:
    path = held.scope.path
    site = analysis.location(path, held.item.context.span)
    names = (
        " and ".join(f"`{var.name}`" for var in sorted(held.variables)) or "a context variable of its library"
    )
    kind = "an async generator" if held.scope.function.is_async else "a generator"
    if held.scope.function.is_async:
        late = "runs in another task, where the reset fails"
        cure = "Enter it around each step, with no `yield` inside, or let every consumer use `async with aclosing(…)`."
    else:
        late = "runs wherever the generator is closed"
        cure = "Enter it around each step, with no `yield` inside, or pass the value to the consumer."
    return Finding(
        site,
        site,
        f"{story.name_of(held.scope)} waits at a `yield` inside `{_told(held.item.context)}`, which sets {names}: "
        f"{kind} has no Context of its own, so its consumer runs with it, and if that stops early the exit {late}.",
        (
            Related("this sets, and its exit resets", site),
            Related("the generator waits here with the value set", analysis.location(path, held.pause.span)),
        ),
        cure,
        "medium",
        optional=True if is_set_for_item(held.scope, held.item.context.span, held.pause.span) else None,
    )


def _told(context: f.Expr) -> str:
    name = dotted(context.func if isinstance(context, f.Call) else context) or "this manager"
    return f"with {name}(…)" if isinstance(context, f.Call) else f"with {name}"


RULE = Rule(
    "CTX111",
    "context-manager-across-yield",
    "warning",
    True,
    __doc__ or "",
    check,
    mixed=True,
    same_as=("ASYNC119",),
)
