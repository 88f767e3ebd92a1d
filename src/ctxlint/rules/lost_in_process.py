"""A worker in another process reads a variable that its starter set, or is to run in its Context: neither gets there.

## What it does
Reports process pools, `multiprocessing.Process`, task queues and other interpreters where the worker, followed through
the whole program, reads a variable that somebody sets before the hand-over. The story shows the set, every call on the
way, and the read. Reports also `run` of a Context that is handed to a process: it cannot be pickled.

## Why is this bad?
A new process imports the program anew, and its variables hold what an import leaves in them. A forked process has the
values of the moment when it was started, which for a pool is some earlier one; fork is the default on Linux up to
Python 3.13 only, and nowhere else. No copy of the context helps: `cannot pickle '_contextvars.Context' object`.

## Example
```python
from concurrent.futures import ProcessPoolExecutor
from contextvars import ContextVar, copy_context

tenant: ContextVar[str] = ContextVar("tenant", default="public")


def write(row):
    print(tenant.get(), row)


def export(rows, account):
    token = tenant.set(account.tenant)
    try:
        with ProcessPoolExecutor() as pool:
            list(pool.map(write, rows))  # expect: CTX303
            pool.submit(copy_context().run, write, rows[0])  # expect: CTX303
    finally:
        tenant.reset(token)
```

## Use instead
```python
from concurrent.futures import ProcessPoolExecutor
from contextvars import ContextVar
from functools import partial

tenant: ContextVar[str] = ContextVar("tenant", default="public")


def write(name, row):
    print(name, row)


def export(rows, account):
    token = tenant.set(account.tenant)
    try:
        with ProcessPoolExecutor() as pool:
            list(pool.map(partial(write, tenant.get()), rows))
    finally:
        tenant.reset(token)
```

## When it is silent
As `lost-in-thread`, opt-in findings included; and for a `Process` of `get_context("fork")`, which has a copy of the
context of whoever starts it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ctxlint.model.diagnostics import Related
from ctxlint.rules.hop_story import lost
from ctxlint.rules.rule import Finding, Rule

if TYPE_CHECKING:
    from ctxlint.analysis.analysis import Analysis

_HELP = "Pass the values as arguments: no Context can be sent to another process."


def check(analysis: Analysis) -> Iterator[Finding]:
    """Workers in other processes that read what their starter set, or are to run in its Context."""
    yield from lost(analysis, "process")
    for hand in analysis.wrong_cures.pickled:
        scope, call = hand.where
        place = analysis.location(scope.path, call.span)
        run = analysis.location(hand.entry.scope.path, hand.entry.node.span)
        yield Finding(
            place,
            place,
            "A Context is handed to another process, and it cannot be pickled: TypeError wherever the "
            "process is not forked for this call alone.",
            (Related("it goes along here", run),) if run != place else (),
            _HELP,
        )
    for late in analysis.wrong_cures.late_in_processes:
        scope, node = late.spawn.handed[-1] if late.spawn.handed else (late.spawn.scope, late.spawn.node)
        place = analysis.location(scope.path, node.span)
        copy, made = late.copy
        yield Finding(
            place,
            place,
            "The worker copies the context in another process, where nothing of its starter's is set.",
            (Related("the copy is made here", analysis.location(copy.path, made.span)),),
            _HELP,
            "high" if late.loss is not None else "medium",
        )


RULE = Rule(
    "CTX303",
    "lost-in-process",
    "warning",
    True,
    __doc__ or "",
    check,
    ("CTX305", "CTX304", "CTX306"),
    mixed=True,
)
