"""One Context is entered again while it is entered: by several threads that can overlap, or by `run` inside `run`.

## What it does
Reports `run` of one Context that is handed to threads more than once (in a loop or comprehension, as the function of
`map`, by two calls, through a function of the program that is given the Context) with nothing that waits for one
before the next; the same for wrappers and partials that keep one Context, and for `context=` of threads. Reports also
`run` of a Context in code that runs in that Context already.

## Why is this bad?
A Context can be entered once at a time. The second thread gets `RuntimeError: cannot enter context: <Context> is
already entered`, as soon as two jobs overlap: not in the test with one job, but under load.

## Example
```python
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context


def export(rows, write):
    context = copy_context()
    with ThreadPoolExecutor() as pool:
        futures = [pool.submit(context.run, write, row) for row in rows]  # expect: CTX304
        return [future.result() for future in futures]
```

## Use instead
```python
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context


def export(rows, write):
    with ThreadPoolExecutor() as pool:
        futures = [pool.submit(copy_context().run, write, row) for row in rows]
        return [future.result() for future in futures]
```

## When it is silent
Where each hand-over has a copy of its own (`copy_context()` or `context.copy()` in the loop); where one is over before
the next begins (awaited, joined, `.result()` at once); where a pool has one worker; for tasks of one event loop that
share a `context=`, which run in turn; where the Context comes in from a place that is not known.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ctxlint.model.diagnostics import Related
from ctxlint.rules.rule import Finding, Rule
from ctxlint.rules.story import name_of

if TYPE_CHECKING:
    from ctxlint.analysis.analysis import Analysis
    from ctxlint.analysis.nested_runs import NestedRun
    from ctxlint.analysis.overlapping import Overlap

_WHY = {
    "turn": "Each turn of a loop hands the same Context to another thread",
    "items": "The workers of all items enter one Context",
    "another": "A second thread is handed the same Context",
}
_HELP = "Take a copy for each hand-over: `copy_context().run` where the worker is handed over, or `context.copy().run`."
_PER_ITEM = "Call `submit(copy_context().run, worker, item)` for each item: one copy cannot serve several."


def check(analysis: Analysis) -> Iterator[Finding]:
    """Contexts that are entered while they are entered."""
    for overlap in analysis.wrong_cures.overlaps:
        yield _shared(analysis, overlap)
    for nested in analysis.wrong_cures.nested:
        yield _nested(analysis, nested)


def _shared(analysis: Analysis, overlap: Overlap) -> Finding:
    scope, call = overlap.hand.told
    place = analysis.location(scope.path, call.span)
    return Finding(
        place,
        place,
        f"{_WHY[overlap.why]}: where two of them overlap, the second raises RuntimeError (cannot enter context).",
        tuple(_story(analysis, overlap)),
        _PER_ITEM if overlap.why == "items" else _HELP,
    )


def _story(analysis: Analysis, overlap: Overlap) -> Iterator[Related]:
    hand = overlap.hand
    made = hand.entry.made
    node = made.maker[1] if made.maker is not None else made.node
    where = made.maker[0] if made.maker is not None else made.where
    what = "is given" if made.kind == "parameter" else "is made"
    yield Related(f"the Context {what} here, once", analysis.location(where.path, node.span))
    scope, other = overlap.other
    if overlap.why == "another":
        yield Related("the first thread is handed it here", analysis.location(scope.path, other.span))
    for scope, call in hand.places:
        if call is not hand.told[1]:
            yield Related(f"{name_of(scope)} hands it on here", analysis.location(scope.path, call.span))


def _nested(analysis: Analysis, nested: NestedRun) -> Finding:
    (outer, outer_call), (inner, inner_call) = nested.outer, nested.inner
    place = analysis.location(inner.path, inner_call.span)
    story = [Related("the Context is entered here", analysis.location(outer.path, outer_call.span))]
    story += [
        Related(
            f"{name_of(edge.caller)} runs {name_of(edge.callee)} here",
            analysis.location(edge.caller.path, edge.node.span),
        )
        for edge in nested.chain
    ]
    return Finding(
        place,
        place,
        "`run` of a Context in which this code runs already raises RuntimeError (cannot enter context).",
        tuple(story) if outer_call is not inner_call else (),
        "Call the function as it is: it runs in that Context; or run it in `context.copy()`.",
    )


RULE = Rule("CTX304", "context-shared-by-workers", "error", True, __doc__ or "", check, ("CTX305",))
