"""`copy_context()` stands in the worker: it copies the context of the thread that runs it, not the starter's.

## What it does
Reports a hop to a thread whose worker (a lambda, a nested function, a wrapper, `run` of a Thread subclass, an
initializer) makes the copy itself and runs something in it that reads what its starter set, or that is not known.

## Why is this bad?
The copy is taken when the worker runs, from the Context of the thread that runs it, which is empty. The code looks as
if it carried the context, and every value is lost all the same.

## Example
```python
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar, copy_context

tenant: ContextVar[str] = ContextVar("tenant", default="public")
pool = ThreadPoolExecutor()


def write(row):
    print(tenant.get(), row)


def export(row, account):
    token = tenant.set(account.tenant)
    try:
        return pool.submit(lambda: copy_context().run(write, row))  # expect: CTX305
    finally:
        tenant.reset(token)
```

## Use instead
```python
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar, copy_context

tenant: ContextVar[str] = ContextVar("tenant", default="public")
pool = ThreadPoolExecutor()


def write(row):
    print(tenant.get(), row)


def export(row, account):
    token = tenant.set(account.tenant)
    try:
        return pool.submit(copy_context().run, write, row)
    finally:
        tenant.reset(token)
```

## When it is silent
Where the copy is made by who hands the worker over (also in a default argument); where the worker does more than copy
and run, and what it runs reads no variable that its starter set: then the copy isolates one job from the next; where
the API carries the context anyway (`asyncio.to_thread`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ctxlint.model.diagnostics import Related
from ctxlint.rules.rule import Finding, Rule
from ctxlint.rules.story import name_of

if TYPE_CHECKING:
    from ctxlint.analysis.analysis import Analysis
    from ctxlint.analysis.late_copies import LateCopy


def check(analysis: Analysis) -> Iterator[Finding]:
    """Copies that are made in the worker's own thread."""
    for late in analysis.wrong_cures.late:
        yield _finding(analysis, late)


def _finding(analysis: Analysis, late: LateCopy) -> Finding:
    spawn = late.spawn
    scope, node = spawn.handed[-1] if spawn.handed else (spawn.scope, spawn.node)
    place = analysis.location(scope.path, node.span)
    where, copy = late.copy
    lost = f": `{late.loss.var.name}` is not the starter's there" if late.loss is not None else ""
    return Finding(
        place,
        place,
        f"The worker copies the context when it runs, in a thread that starts with an empty one{lost}.",
        (
            Related("the copy is made here, too late", analysis.location(where.path, copy.span)),
            *_story(analysis, late),
        ),
        "Make the copy where the worker is handed over: `copy_context().run` as the worker, or a name bound before.",
        "high" if late.loss is not None else "medium",
    )


def _story(analysis: Analysis, late: LateCopy) -> Iterator[Related]:
    if late.loss is None:
        return
    origin, read = late.loss.origin, late.loss.read
    yield Related(
        f"`{late.loss.var.name}` is set here, in {name_of(origin.scope)}",
        analysis.location(origin.scope.path, origin.span),
    )
    for edge in late.loss.chain:
        yield Related(
            f"{name_of(edge.caller)} runs {name_of(edge.callee)} here",
            analysis.location(edge.caller.path, edge.node.span),
        )
    yield Related(
        f"{name_of(read.scope)} reads `{late.loss.var.name}` here and does not get that value",
        analysis.location(read.scope.path, read.node.span),
    )


RULE = Rule("CTX305", "context-copied-too-late", "error", True, __doc__ or "", check)
