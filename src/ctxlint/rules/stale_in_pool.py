"""A pool's workers keep a value that belongs to another job: the initializer's adopted one, or one that a job left.

## What it does
Reports a pool that outlives the function that makes it (kept on an object, given back, made by an import) and whose
initializer adopts the context of its maker: it is given a Context or `variable.get()`, and sets variables. Reports
also a job that sets a variable and leaves it set, where a job of the same pool reads the variable without setting it.
Where threads inherit the context (`thread-inherit-context`, from Python 3.14 on) it reports each job of a pool of
threads that reads what its submitter set: the thread has the context of who submitted when it was started.

## Why is this bad?
The threads and processes of a pool live on from job to job, each with one Context. What the initializer set is the
value of whoever made the pool, and every later job sees it, whoever submits it. What a job leaves behind is seen by
the next job that happens to get the same thread: another user's tenant, now and then.

## Example
```python
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar

tenant: ContextVar[str] = ContextVar("tenant", default="public")


class Exporter:
    def __init__(self):
        self.pool = ThreadPoolExecutor(initializer=tenant_of_worker, initargs=(tenant.get(),))  # expect: CTX311


def tenant_of_worker(name):
    tenant.set(name)
```

## Use instead
```python
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar, copy_context

tenant: ContextVar[str] = ContextVar("tenant", default="public")


class Exporter:
    def __init__(self):
        self.pool = ThreadPoolExecutor()

    def start(self, job):
        return self.pool.submit(copy_context().run, job)
```

## When it is silent
Where the pool ends with the function that makes it (`with`, a local name); where the initializer's value belongs to the
worker (a number, a connection); where each job sets the variable before it reads it, or resets it; get-or-create.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ctxlint.model.diagnostics import Related
from ctxlint.rules.rule import Finding, Rule
from ctxlint.rules.story import name_of

if TYPE_CHECKING:
    from ctxlint.analysis.analysis import Analysis
    from ctxlint.analysis.propagation import Loss
    from ctxlint.analysis.spawns import Spawn
    from ctxlint.analysis.stale_pools import Adopted, Left


def check(analysis: Analysis) -> Iterator[Finding]:
    """Pools whose workers keep values that are not theirs."""
    for adopted in analysis.wrong_cures.adopted:
        yield _adopted(analysis, adopted)
    for left in analysis.wrong_cures.left:
        yield _left(analysis, left)
    for spawn, loss in analysis.wrong_cures.inherited:
        yield _inherited(analysis, spawn, loss)


def _adopted(analysis: Analysis, adopted: Adopted) -> Finding:
    spawn = adopted.spawn
    place = analysis.location(spawn.scope.path, spawn.node.span)
    scope, node = adopted.taken
    return Finding(
        place,
        place,
        f"The initializer {name_of(spawn.worker)} gives each worker the values of whoever makes the pool: every later "
        "job finds them, whoever submits it.",
        (
            Related("they are taken here, once", analysis.location(scope.path, node.span)),
            Related(
                f"{name_of(spawn.worker)} sets them in the worker",
                analysis.location(spawn.worker.path, spawn.worker.function.head),
            ),
        ),
        "Leave the initializer out and carry the context with each job; or pass the value as an argument.",
    )


def _left(analysis: Analysis, left: Left) -> Finding:
    spawn, read = left.spawn, left.read
    place = analysis.location(spawn.scope.path, spawn.node.span)
    return Finding(
        place,
        place,
        f"The job {name_of(spawn.worker)} leaves `{left.var.name}` set in the pool's worker: a later job, "
        f"{name_of(left.other.worker)}, finds that value.",
        (
            Related(
                f"`{left.var.name}` is set here and not reset", analysis.location(spawn.end.path, left.at)
            ),
            Related(
                "the later job is handed over here",
                analysis.location(left.other.scope.path, left.other.node.span),
            ),
            Related(
                f"{name_of(read.scope)} reads `{left.var.name}` here",
                analysis.location(read.scope.path, read.node.span),
            ),
        ),
        "Reset the variable in a `finally` of the job, or run each job in a Context of its own: `copy_context().run`.",
        "medium",
    )


def _inherited(analysis: Analysis, spawn: Spawn, loss: Loss) -> Finding:
    place = analysis.location(spawn.scope.path, spawn.node.span)
    read, name = loss.read, loss.var.name
    return Finding(
        place,
        place,
        f"A pool's thread inherits the context of whoever submitted when it was started, and keeps it: "
        f"{name_of(read.scope)} finds that one's `{name}`, not what {name_of(loss.origin.scope)} sets.",
        (
            Related(f"`{name}` is set here", analysis.location(loss.origin.scope.path, loss.origin.span)),
            *(
                Related(
                    f"{name_of(edge.caller)} runs {name_of(edge.callee)} here",
                    analysis.location(edge.caller.path, edge.node.span),
                )
                for edge in loss.chain
            ),
            Related(
                f"{name_of(read.scope)} reads it here", analysis.location(read.scope.path, read.node.span)
            ),
        ),
        "Hand over `copy_context().run` with the job as its first argument, a fresh copy for each call.",
    )


RULE = Rule(
    "CTX311",
    "stale-in-pool",
    "warning",
    True,
    __doc__ or "",
    check,
    ("CTX305", "CTX304", "CTX306", "CTX303"),
)
