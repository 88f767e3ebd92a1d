"""A job of a thread pool reads a variable that its submitter set: the pool's threads have contexts of their own.

## What it does
Reports `submit` and `map` of an executor, `run_in_executor`, the methods of `ThreadPool` and their initializers, where
the job, followed through the whole program, reads a variable that somebody sets before it is handed over. The story
shows the set, every call on the way, and the read.

## Why is this bad?
A pool's thread keeps the Context that it started with, an empty one. The job does not see what its submitter set; it
sees the default, or what an earlier job left behind. `asyncio.to_thread` carries the context, `run_in_executor` does
not.

## Example
```python
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar

tenant: ContextVar[str] = ContextVar("tenant", default="public")
pool = ThreadPoolExecutor()


def write(row):
    print(tenant.get(), row)


def export(row, account):
    token = tenant.set(account.tenant)
    try:
        return pool.submit(write, row)  # expect: CTX302
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
As `lost-in-thread`, opt-in findings included, and for executors of the program whose `submit` is their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ctxlint.rules.hop_story import lost
from ctxlint.rules.rule import Finding, Rule

if TYPE_CHECKING:
    from ctxlint.analysis.analysis import Analysis


def check(analysis: Analysis) -> Iterator[Finding]:
    """Jobs of thread pools that read what their submitter set."""
    return lost(analysis, "executor")


RULE = Rule(
    "CTX302",
    "lost-in-executor",
    "warning",
    True,
    __doc__ or "",
    check,
    ("CTX305", "CTX304", "CTX306", "CTX303", "CTX311", "CTX308", "CTX301"),
    mixed=True,
)
