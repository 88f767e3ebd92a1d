"""A variable is set behind the call that starts the worker which reads it: the worker has its copy already.

## What it does
Reports `create_task`, `gather`, a thread's `start()`, `submit` and the like, where the worker reads a variable that the
same function sets only afterwards, and that nothing sets before.

## Why is this bad?
A task takes its copy of the Context when it is made, not when it first runs; a callback when it is registered. A thread
or a pool's job has no copy at all. What is set later is never seen there: the worker reads the default, or fails with
LookupError.

## Example
```python
import asyncio
from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id", default="-")


async def audit(row):
    print(request_id.get(), row)


async def handle(request, row):
    task = asyncio.create_task(audit(row))  # expect: CTX313
    token = request_id.set(request["id"])
    try:
        await task
    finally:
        request_id.reset(token)
```

## Use instead
```python
import asyncio
from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id", default="-")


async def audit(row):
    print(request_id.get(), row)


async def handle(request, row):
    token = request_id.set(request["id"])
    try:
        await asyncio.create_task(audit(row))
    finally:
        request_id.reset(token)
```

## When it is silent
Where the variable is set before, too, or another set can be in force at the start; where the worker is done before the
set, sets the variable itself, or is handed a Context; and where the worker is not known. Where the function goes on to
do something that may use the value itself, so that it need not be meant for the worker, the finding is opt-in.

## References
- [asyncio: create_task](https://docs.python.org/3/library/asyncio-task.html#asyncio.create_task)
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ctxlint.model.diagnostics import Related
from ctxlint.rules.rule import Finding, Rule
from ctxlint.rules.story import name_of

if TYPE_CHECKING:
    from ctxlint.analysis.analysis import Analysis
    from ctxlint.analysis.late_sets import LateSet

_EARLIER = "Set the variable before the worker is started."
_ARGUMENT = (
    "Pass the value as an argument; or set the variable before and hand over `copy_context().run`, for a thread has no "
    "copy of its own."
)


def check(analysis: Analysis) -> Iterator[Finding]:
    """Sets behind the start of the worker that reads them."""
    for late in analysis.late_sets:
        yield _finding(analysis, late)


def _finding(analysis: Analysis, late: LateSet) -> Finding:
    start = late.start
    place = analysis.location(start.scope.path, start.call.span)
    drops = start.row.usual == "drops"
    why = "has a Context of its own" if drops else "has its copy of the Context by then"
    doubt = " It may be meant for what follows." if late.doubtful else ""
    return Finding(
        place,
        place,
        f"`{start.callee.replace('()', '')}` starts {name_of(start.worker)}, which reads `{late.var.name}`; "
        f"{name_of(start.scope)} sets it only afterwards, when the worker {why}.{doubt}",
        tuple(_story(analysis, late)),
        _ARGUMENT if drops else _EARLIER,
        "low" if late.doubtful else "high",
        optional=late.doubtful,
    )


def _story(analysis: Analysis, late: LateSet) -> Iterator[Related]:
    start = late.start
    if start.at is not start.call:
        yield Related("the thread starts here", analysis.location(start.scope.path, start.at.span))
    yield Related(f"`{late.var.name}` is set here", analysis.location(start.scope.path, late.span))
    for edge in late.chain:
        yield Related(
            f"{name_of(edge.caller)} runs {name_of(edge.callee)} here",
            analysis.location(edge.caller.path, edge.node.span),
        )
    read = late.read
    declaration = analysis.program.by_var.get(late.var)
    fails = not read.node.args and declaration is not None and declaration.default is None
    yield Related(
        f"{name_of(read.scope)} reads it here and {'raises LookupError' if fails else 'gets only the default'}",
        analysis.location(read.scope.path, read.node.span),
    )


RULE = Rule("CTX313", "set-after-spawn", "warning", True, __doc__ or "", check, mixed=True)
