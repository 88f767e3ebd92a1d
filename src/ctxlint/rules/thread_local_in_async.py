"""State of a `threading.local` is written in a coroutine and read after an `await`: tasks share it.

## What it does
Reports writes to an attribute of a `threading.local` in a coroutine, or in what it calls, that are read after it
waited: in the same coroutine, in the functions and coroutines that it runs, or, where it waits for what it was given
(a middleware), in another coroutine of the program.

## Why is this bad?
All tasks of an event loop run in one thread, and a `threading.local` has one value a thread. While one task waits,
another writes its own; the first goes on with that one: another user, another request.

## Example
```python
import asyncio
import threading

current = threading.local()


async def handle(user):
    current.user = user  # expect: CTX212
    await asyncio.sleep(0)
    return f"page of {current.user}"
```

## Use instead
```python
import asyncio
from contextvars import ContextVar

current_user: ContextVar[str] = ContextVar("current_user")


async def handle(user):
    token = current_user.set(user)
    try:
        await asyncio.sleep(0)
        return f"page of {current_user.get()}"
    finally:
        current_user.reset(token)
```

## When it is silent
In synchronous code, where nothing waits between write and read, where the state is written anew before it is read,
where it is asked for before it is written (one connection a thread is meant), for counters, below an `asyncio.Lock`,
for coroutines that only `asyncio.run` starts, and in tests.

## Limits
An object that is made in a function, or stored in a container, is not followed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ctxlint.analysis.interleaved_writes import interleaved_writes
from ctxlint.model.diagnostics import Related
from ctxlint.rules.rule import Finding, Rule
from ctxlint.rules.story import name_of

if TYPE_CHECKING:
    from ctxlint.analysis.analysis import Analysis
    from ctxlint.analysis.interleaved_writes import Interleaved


def check(analysis: Analysis) -> Iterator[Finding]:
    """Writes to a ``threading.local`` that another task may undo before they are read."""
    for found in interleaved_writes(analysis.program):
        written = found.written
        here = analysis.location(written.scope.path, written.access.node.span)
        yield Finding(
            here,
            here,
            f"`{written.access.shown}` is written here and read after an `await`: another task of this thread may have "
            "written its own value in between, for a `threading.local` has one a thread, not one a task.",
            tuple(_story(analysis, found)),
            "Use a `ContextVar`: each task has a value of its own.",
        )


def _story(analysis: Analysis, found: Interleaved) -> Iterator[Related]:
    written, crossed = found.written, found.crossed
    state = written.access.state
    yield Related("the `threading.local` is made here", analysis.location(state.path, state.made))
    for scope, node in written.calls:
        yield Related("this call writes it", analysis.location(scope.path, node.span))
    yield Related(
        f"{name_of(crossed.scope)} waits here: other tasks run",
        analysis.location(crossed.scope.path, crossed.node.span),
    )
    for scope, node in crossed.calls:
        if (scope, node) not in written.calls:
            yield Related("this call reads it", analysis.location(scope.path, node.span))
    yield Related(
        f"{name_of(crossed.reader)} reads `{crossed.read.shown}` here",
        analysis.location(crossed.reader.path, crossed.read.node.span),
    )


RULE = Rule("CTX212", "thread-local-in-async", "warning", True, __doc__ or "", check)
