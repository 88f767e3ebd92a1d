"""A callback reads a variable that was set where it was registered; it is called in another Context, without the value.

## What it does
Reports `add_done_callback` of a `concurrent.futures.Future`, the callbacks of a pool's `apply_async`, `signal.signal`
and `atexit.register`, where the callback, followed through the whole program, reads a variable that somebody sets
before it is registered. `weakref.finalize` is an opt-in finding: the object may end while the value is still there.

## Why is this bad?
A future calls back in the thread that completes it, a pool in the one that takes its results: both have Contexts of
their own. (When the future is done already, the callback runs at once and sees the value: a race.) A signal's handler
runs in whatever Context it interrupts, a function of `atexit` in the main thread's outermost Context, long after a task
or a `reset` has ended the value. asyncio's own futures are different: they call back in a copy that is taken when the
callback is added.

## Example
```python
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import ContextVar

owner: ContextVar[str] = ContextVar("owner", default="?")
pool = ThreadPoolExecutor()


def report(future: Future) -> None:
    print(owner.get(), future.result())


def start(name, job):
    token = owner.set(name)
    try:
        future = pool.submit(job)
        future.add_done_callback(report)  # expect: CTX308
        return future
    finally:
        owner.reset(token)
```

## Use instead
```python
import functools
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import ContextVar, copy_context

owner: ContextVar[str] = ContextVar("owner", default="?")
pool = ThreadPoolExecutor()


def report(future: Future) -> None:
    print(owner.get(), future.result())


def start(name, job):
    token = owner.set(name)
    try:
        future = pool.submit(job)
        future.add_done_callback(functools.partial(copy_context().run, report))
        return future
    finally:
        owner.reset(token)
```

## When it is silent
As `lost-in-executor`. For asyncio's tasks and futures, `call_soon` and `add_signal_handler`, which carry. For signals
and `atexit` where the value was set in a plain function and left set: the main thread still has it. For what observes
whoever runs (`threading.settrace`, exception handlers).

## References
- [concurrent.futures: add_done_callback](https://docs.python.org/3/library/concurrent.futures.html#concurrent.futures.Future.add_done_callback)
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ctxlint.rules.hop_story import api_of, cures, told
from ctxlint.rules.rule import Finding, Rule
from ctxlint.rules.story import name_of

if TYPE_CHECKING:
    from ctxlint.analysis.analysis import Analysis
    from ctxlint.analysis.callback_losses import LostCallback, Moment

_MOMENTS: dict[Moment, str] = {
    "future": "in the thread that completes the future",
    "pool": "in the thread that takes the pool's results",
    "signal": "in whatever Context the signal interrupts",
    "exit": "in the main thread's outermost Context, at the end",
    "end": "in whatever Context drops the last reference",
    "elsewhere": "in a Context of its own",
}


def check(analysis: Analysis) -> Iterator[Finding]:
    """Callbacks that read what was set where they were registered."""
    for lost in analysis.lost_callbacks:
        yield _finding(analysis, lost)


def _finding(analysis: Analysis, lost: LostCallback) -> Finding:
    hop, first = lost.hop, lost.hop.losses[0]
    place = analysis.location(hop.spawn.scope.path, hop.spawn.node.span)
    return Finding(
        place,
        place,
        f"{api_of(hop)} calls {name_of(hop.spawn.worker)} {_MOMENTS[lost.moment]}: `{first.var.name}`, which "
        f"{name_of(first.origin.scope)} sets, is lost where {name_of(first.read.scope)} reads it.",
        tuple(told(analysis, hop, first)),
        cures(hop.spawn.row) or "Pass the value as an argument.",
        "low" if lost.doubtful else "medium",
        optional=lost.doubtful,
    )


RULE = Rule(
    "CTX308",
    "lost-in-callback",
    "warning",
    True,
    __doc__ or "",
    check,
    ("CTX305", "CTX304", "CTX306", "CTX303", "CTX311"),
    mixed=True,
)
