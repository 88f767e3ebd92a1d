"""The value of a variable is changed in place: every context that holds the object sees the change.

## What it does
Reports writes into what `get()` gave: `variable.get().append(x)`, `variable.get()[key] = x`, through names, functions
of the program and parameters. It is opt-in, for a shared object may be meant, but for one case, which is an error: a
function sets a list, dict or set, then starts tasks or threads with a copy of its context, and these write to it.

## Why is this bad?
A task starts with a copy of the context, and the copy holds the same objects. What one task writes into the list, its
parent and its siblings find there. `reset` puts the object back, not what was in it.

## Example
```python
import asyncio
from contextvars import ContextVar

labels: ContextVar[dict] = ContextVar("labels")


async def work(name):
    labels.get()["job"] = name  # expect: CTX204
    await asyncio.sleep(0)
    return labels.get()["job"]


async def serve(tenant):
    token = labels.set({"tenant": tenant})
    try:
        return await asyncio.gather(work("first"), work("second"))
    finally:
        labels.reset(token)
```

## Use instead
```python
import asyncio
from contextvars import ContextVar

labels: ContextVar[dict] = ContextVar("labels")


async def work(name):
    labels.set({**labels.get(), "job": name})
    await asyncio.sleep(0)
    return labels.get()["job"]


async def serve(tenant):
    token = labels.set({"tenant": tenant})
    try:
        return await asyncio.gather(work("first"), work("second"))
    finally:
        labels.reset(token)
```

## When it is silent
Where what is written to is a copy, where the same function has set the variable before, for writes into a mutable
default (CTX202) or a fallback that is thrown away (CTX205). It is no error, but opt-in, where the function that starts
the tasks reads the variable itself: then it collects what they write.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ctxlint.model.diagnostics import Related
from ctxlint.rules.rule import Finding, Rule

if TYPE_CHECKING:
    from ctxlint.analysis.analysis import Analysis
    from ctxlint.analysis.shared_writes import SharedWrite, Spawned

_CURE = "Copy it first: `set` a new object that holds the change."


def check(analysis: Analysis) -> Iterator[Finding]:
    """Writes into values that other contexts may hold."""
    for shared in analysis.shared_writes:
        name = analysis.program.by_var[shared.got.var].name
        here = analysis.location(shared.write.scope.path, shared.write.node.span)
        if shared.spawned is not None:
            yield Finding(
                here,
                here,
                f"This writes into the object that `{shared.spawned.scope.qualname}` set as `{name}` before it started "
                "this work: it and all that it started share the change.",
                (*_spawn(analysis, name, shared.spawned), *_story(analysis, name, shared)),
                _CURE,
            )
        else:
            yield Finding(
                here,
                here,
                f"This changes the value of `{name}` in place: every context that holds the object sees it, and no "
                "`reset` undoes it.",
                tuple(_story(analysis, name, shared)),
                _CURE,
                severity="note",
                optional=True,
            )


def _spawn(analysis: Analysis, name: str, spawned: Spawned) -> Iterator[Related]:
    path = spawned.scope.path
    yield Related(f"the object is set as `{name}` here", analysis.location(path, spawned.made.span))
    yield Related(
        "this starts the work with a copy of the context", analysis.location(path, spawned.hop.span)
    )
    for scope, node in spawned.calls:
        yield Related("which makes this call", analysis.location(scope.path, node.span))


def _story(analysis: Analysis, name: str, shared: SharedWrite) -> Iterator[Related]:
    got = shared.got
    yield Related(f"`{name}` is read here", analysis.location(got.scope.path, got.call.span))
    for scope, node in shared.write.through:
        yield Related("the object passes through this call", analysis.location(scope.path, node.span))


RULE = Rule("CTX204", "value-mutated-in-place", "error", True, __doc__ or "", check, mixed=True)
