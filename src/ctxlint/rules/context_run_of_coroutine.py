"""`Context.run` of an async or generator function only makes the coroutine: its body runs in the caller's context.

## What it does
Reports `run` of a Context, called or handed over, that is given an async function or method, a generator function,
a partial of one, or a function that only gives back such a coroutine, where what comes back is awaited, iterated or
made a task without that Context. A copy that is made for this call alone is a warning: the body finds the same values
in the caller's Context, but what it sets stays there.

## Why is this bad?
`run` enters the Context, calls, and leaves it. The call of an async function runs nothing of its body. Whoever awaits
it runs the body in their own Context: it reads other values, and what it sets stays there.

## Example
```python
from contextvars import ContextVar, copy_context

tenant: ContextVar[str] = ContextVar("tenant", default="public")


async def write(row):
    print(tenant.get(), row)


async def export(row, context):
    await context.run(write, row)  # expect: CTX306


async def main(row):
    context = copy_context()
    context.run(tenant.set, "acme")
    await export(row, context)
```

## Use instead
```python
import asyncio
from contextvars import ContextVar, copy_context

tenant: ContextVar[str] = ContextVar("tenant", default="public")


async def write(row):
    print(tenant.get(), row)


async def export(row, context):
    await context.run(asyncio.create_task, write(row))


async def main(row):
    context = copy_context()
    context.run(tenant.set, "acme")
    await export(row, context)
```

## When it is silent
Where a task is made inside (`context.run(asyncio.create_task, write())`, `context.run(asyncio.run, write())`), where
what comes back goes to something with `context=`, or is driven by `run` again (`context.run(next, steps)`), where it is
stored or handed to code that is not known, and for functions with a decorator that may change what they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ctxlint.model.diagnostics import Related
from ctxlint.rules.rule import Finding, Rule
from ctxlint.rules.story import name_of

if TYPE_CHECKING:
    from ctxlint.analysis.analysis import Analysis
    from ctxlint.analysis.coroutine_runs import CoroutineRun
    from ctxlint.model.spans import Span

_WHOSE = {
    "coroutine": "an async function, and makes only the coroutine: the body runs in the Context of who awaits it",
    "generator": "a generator function, and makes only the generator: the body runs in the Context of who iterates it",
    "async generator": "an async generator function: the body runs in the Context of who iterates it",
}
_FRESH = " This copy is used for nothing else: it neither carries nor isolates anything."
_TASK = (
    "Make the task inside, `context.run(asyncio.create_task, function())`, or from Python 3.11 on "
    "`asyncio.create_task(function(), context=context)`."
)
_STEPS = (
    "Drive it in the Context, step by step: `context.run(next, steps)`; or `context.run(list, function())`."
)
_THREAD = "Hand over a plain function, or a loop for the coroutine: `context.run(asyncio.run, function())`."


def check(analysis: Analysis) -> Iterator[Finding]:
    """Contexts in which a coroutine or generator is only made."""
    for run in analysis.wrong_cures.coroutines:
        yield _finding(analysis, run)


def _finding(analysis: Analysis, run: CoroutineRun) -> Finding:
    place = analysis.location(run.scope.path, run.node.span)
    told = [
        Related(f"{name_of(run.function)} is defined here", analysis.location(run.function.path, _head(run)))
    ]
    if run.given is not None:
        scope, call = run.given
        told.insert(
            0, Related(f"{name_of(scope)} hands it over here", analysis.location(scope.path, call.span))
        )
    advice = (
        _THREAD if run.handed and run.body == "coroutine" else _TASK if run.body == "coroutine" else _STEPS
    )
    return Finding(
        place,
        place,
        f"`run` of a Context calls {name_of(run.function)}, {_WHOSE[run.body]}.{_FRESH if run.fresh else ''}",
        tuple(told),
        advice,
        severity="warning" if run.fresh else None,
    )


def _head(run: CoroutineRun) -> Span:
    return run.function.function.head


RULE = Rule("CTX306", "context-run-of-coroutine", "error", True, __doc__ or "", check, ("CTX305", "CTX304"))
