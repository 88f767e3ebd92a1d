"""A thread or pool runs something that cannot be resolved: it may read a variable that its starter set.

## What it does
Reports a thread, a job of a pool or a process whose work, or something that the work calls, is not known: a parameter,
a callback of the user, a method of a client that was handed in. Opt-in, for libraries that run what others give them,
and for a sweep behind a bug: `--extend-select CTX310`. It does not ask whether the program has context variables,
because its users may.

## Why is this bad?
A thread begins in an empty Context, and a pool's thread keeps the one that it began with. What the caller set is not
there for the callback: its request id, its tenant, its trace.

## Example
```python
# select: CTX310
from concurrent.futures import ThreadPoolExecutor

pool = ThreadPoolExecutor()


def in_background(callback, *args):
    return pool.submit(callback, *args)  # expect: CTX310
```

## Use instead
```python
# select: CTX310
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

pool = ThreadPoolExecutor()


def in_background(callback, *args):
    return pool.submit(copy_context().run, callback, *args)
```

## When it is silent
Where the whole work is known; where the Context is carried; where another rule tells the same hop.

## Limits
What a library outside of the program does with its arguments is not asked. In a program that has no variable of its
own, the callers of a function are not looked for, so a parameter is always unknown. Methods that builtin values have,
too (`append`, `get`, `items`), count as theirs.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ctxlint.analysis.unknown_workers import UnknownWorkers
from ctxlint.model.diagnostics import Related
from ctxlint.rules.hop_story import cures
from ctxlint.rules.rule import Finding, Rule
from ctxlint.rules.story import name_of

if TYPE_CHECKING:
    from ctxlint.analysis.analysis import Analysis
    from ctxlint.analysis.unknown_workers import UnknownWorker

_WHERE = {"thread": "a new thread", "executor": "a pool's thread", "process": "another process"}


def check(analysis: Analysis) -> Iterator[Finding]:
    """Hops that run what is not known."""
    if "CTX310" not in analysis.policy.asked:
        return
    for found in UnknownWorkers(analysis.program, analysis.propagation).found():
        place = analysis.location(found.where.path, found.hop.span)
        yield Finding(
            place,
            place,
            f"`{found.callee.replace('()', '')}` runs {_what(found)} in {_WHERE[found.row.kind]}, without the "
            "context of its caller: a variable that it reads there does not have the caller's value.",
            tuple(_story(analysis, found)),
            cures(found.row),
            "low",
        )


def _what(found: UnknownWorker) -> str:
    unknown = f"`{found.name}`" if found.name else "something"
    if found.worker is None:
        return f"{unknown}, which is not known,"
    return f"{name_of(found.worker)}, which leads to {unknown}, which is not known,"


def _story(analysis: Analysis, found: UnknownWorker) -> Iterator[Related]:
    for edge in found.chain:
        yield Related(
            f"{name_of(edge.caller)} runs {name_of(edge.callee)} here",
            analysis.location(edge.caller.path, edge.node.span),
        )
    unknown = f"`{found.name}`" if found.name else "what runs"
    yield Related(f"{unknown} cannot be resolved here", analysis.location(found.scope.path, found.node.span))


RULE = Rule(
    "CTX310",
    "worker-unknown",
    "note",
    False,
    __doc__ or "",
    check,
    ("CTX305", "CTX304", "CTX306", "CTX303", "CTX311", "CTX308", "CTX302", "CTX301"),
)
