"""A task, a thread or a copied Context sets a variable, and who waits for it reads the variable: the old value.

## What it does
Reports a call that runs a worker in a Context of its own and waits for it (`await` of a task, `gather`, `to_thread`,
`wait_for` before Python 3.12, `asyncio.run`, a thread that is joined, `ctx.run`), where the worker leaves a variable
set and the function that waits, or one that calls it, reads the variable afterwards.

## Why is this bad?
A task runs in a copy of its starter's Context, a thread in an empty one. What is set there stays there: nothing comes
back when the worker ends. The reader gets the default, or LookupError.

## Example
```python
import asyncio
from contextvars import ContextVar

user: ContextVar[str] = ContextVar("user", default="anonymous")


async def authenticate(request):
    user.set(request["user"])


async def allow(request):
    await asyncio.sleep(0)


async def handle(request):
    await asyncio.gather(authenticate(request), allow(request))  # expect: CTX307
    return f"Hello, {user.get()}"
```

## Use instead
```python
import asyncio
from contextvars import ContextVar

user: ContextVar[str] = ContextVar("user", default="anonymous")


async def authenticate(request):
    return request["user"]


async def allow(request):
    await asyncio.sleep(0)


async def handle(request):
    name, _ = await asyncio.gather(authenticate(request), allow(request))
    user.set(name)
    return f"Hello, {user.get()}"
```

## When it is silent
Where the worker is awaited directly, is handed the Context (`context=`), or undoes what it sets; where the Context of
`ctx.run` is used for more than that; where a value can come from elsewhere: another set that can be in force in the
reader, who then means its own; and where it is not certain that the reader waits.

## References
- [asyncio: tasks copy the context](https://docs.python.org/3/library/asyncio-task.html#asyncio.create_task)
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ctxlint.model.diagnostics import Related
from ctxlint.rules.rule import Finding, Rule
from ctxlint.rules.story import name_of

if TYPE_CHECKING:
    from ctxlint.analysis.analysis import Analysis
    from ctxlint.analysis.starts import Start
    from ctxlint.analysis.ways_back import LostReturn

_COROUTINE = "Await it directly, or let it return the value and set it here."
_PLAIN = "Call it directly, or let it return the value and set it here."
_RUN = "Run the reader in the same Context, or take the value out of it: `context[variable]`."


def check(analysis: Analysis) -> Iterator[Finding]:
    """Starts whose worker's set the waiting side reads."""
    target = analysis.policy.target
    for lost in analysis.lost_returns:
        if lost.start.before is None or target is None or target < lost.start.before:
            yield _finding(analysis, lost)


def _finding(analysis: Analysis, lost: LostReturn) -> Finding:
    start = lost.start
    place = analysis.location(start.scope.path, start.call.span)
    only = "" if start.before is None else f" (before Python {start.before[0]}.{start.before[1]})"
    return Finding(
        place,
        place,
        f"`{start.callee.replace('()', '')}` runs {name_of(start.worker)} in {_where(start)}{only}: "
        f"`{lost.var.name}`, which it sets, is not set where {name_of(lost.reader)} reads it afterwards.",
        tuple(_story(analysis, lost)),
        _RUN if start.row.kind == "here" else _COROUTINE if start.row.form == "coroutine" else _PLAIN,
        "high" if lost.getter is None and not lost.over else "medium",
    )


def _where(start: Start) -> str:
    match start.row.kind:
        case "here":
            return "another Context"
        case "process":
            return "another process"
        case "thread" | "executor" if start.row.usual == "drops":
            return "a thread with a Context of its own"
        case _:
            return "a copy of the Context"


def _story(analysis: Analysis, lost: LostReturn) -> Iterator[Related]:
    start = lost.start
    called = (*(scope for scope, _ in lost.over[1:]), start.scope)
    for (scope, node), callee in zip(lost.over, called, strict=False):
        yield Related(
            f"{name_of(scope)} calls {name_of(callee)} here", analysis.location(scope.path, node.span)
        )
    yield Related(
        f"`{lost.var.name}` is set here, in {name_of(lost.placed.scope)}",
        analysis.location(lost.placed.scope.path, lost.placed.span),
    )
    through = f", through {name_of(lost.getter)}," if lost.getter is not None else ""
    yield Related(
        f"{name_of(lost.reader)} reads it here{through} and does not find that value",
        analysis.location(lost.reader.path, lost.read.span),
    )


RULE = Rule("CTX307", "set-lost-in-child", "warning", True, __doc__ or "", check)
