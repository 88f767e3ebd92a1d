"""A value is set where its readers do not see it: a decorator resets too early, or a framework runs it elsewhere.

## What it does
Reports four idioms.

* A plain decorator that sets, calls and resets (also a `contextlib.contextmanager` used as a decorator, and a
  `ContextDecorator`) around an `async def` or a generator function: the reset comes before the body runs. Where nothing
  is known that reads the variable in there, the finding is opt-in.
* A plain function as a FastAPI dependency that sets a variable: it runs in a thread with a copied Context.
* A lifespan or startup function of Starlette or FastAPI that sets what only requests read: it has a task of its own.
* `BaseHTTPMiddleware` that reads behind `call_next` what only endpoints set: the endpoint runs in a task of its own.

## Why is this bad?
The code looks as if the value were there. The reader gets the default, or LookupError, on every call.

## Example
```python
import functools
from contextvars import ContextVar

operation: ContextVar[str] = ContextVar("operation", default="-")


def traced(function):
    @functools.wraps(function)
    def wrapper(*args):
        token = operation.set(function.__name__)
        try:
            return function(*args)
        finally:
            operation.reset(token)

    return wrapper


@traced  # expect: CTX309
async def fetch(row):
    return f"{operation.get()} {row}"
```

## Use instead
```python
import functools
from contextvars import ContextVar

operation: ContextVar[str] = ContextVar("operation", default="-")


def traced(function):
    @functools.wraps(function)
    async def wrapper(*args):
        token = operation.set(function.__name__)
        try:
            return await function(*args)
        finally:
            operation.reset(token)

    return wrapper


@traced
async def fetch(row):
    return f"{operation.get()} {row}"
```

## When it is silent
Where the wrapper asks what it wraps (`iscoroutinefunction`), or does more with the result than return it; where a
dependency is an `async def`, or resets what it sets (then the reset fails: `reset-in-another-context`); where nothing
outside of the function itself reads the variable; and for a lifespan or a middleware where something else sets it, too.

## References
- [contextlib: ContextDecorator](https://docs.python.org/3/library/contextlib.html#contextlib.ContextDecorator)
- [Starlette: limitations of BaseHTTPMiddleware](https://www.starlette.io/middleware/#limitations)
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ctxlint.model.diagnostics import Related
from ctxlint.rules.rule import Finding, Rule
from ctxlint.rules.story import name_of

if TYPE_CHECKING:
    from ctxlint.analysis.analysis import Analysis
    from ctxlint.analysis.early_resets import EarlyReset
    from ctxlint.analysis.framework_losses import FrameworkLoss

_HELP = {
    "dependency": "Make the dependency an `async def`: then it runs in the request's own Context.",
    "lifespan": "Keep it on the application (`app.state`), or set the variable in a middleware, for each request.",
    "middleware": "Keep the value on the request (`request.state`), or write a pure ASGI middleware.",
}


def check(analysis: Analysis) -> Iterator[Finding]:
    """Decorators that reset too early, and sets in functions that a framework runs elsewhere."""
    for early in analysis.early_resets:
        yield _too_early(analysis, early)
    for loss in analysis.framework_losses:
        yield _finding(analysis, loss)


def _too_early(analysis: Analysis, early: EarlyReset) -> Finding:
    place = analysis.location(early.scope.path, early.decorator.span)
    function = early.wrapped.function
    what = "coroutine" if function.is_async and not function.is_generator else "generator"
    related = [
        Related(
            f"{name_of(early.holder)} holds `{early.var.name}` for the call only",
            analysis.location(early.holder.path, early.holder.function.head),
        )
    ]
    if early.way is not None:
        chain, read = early.way
        related += [
            Related(
                f"{name_of(edge.caller)} runs {name_of(edge.callee)} here",
                analysis.location(edge.caller.path, edge.node.span),
            )
            for edge in chain
        ]
        related.append(
            Related(
                f"{name_of(read.scope)} reads it here, when it is reset",
                analysis.location(read.scope.path, read.node.span),
            )
        )
    cure = (
        "an `async def` that awaits the call"
        if what == "coroutine"
        else "a generator that sets in its own body"
    )
    return Finding(
        place,
        place,
        f"{name_of(early.holder)} sets `{early.var.name}` around the call of {name_of(early.wrapped)}, which only "
        f"makes a {what}: the value is reset before the body runs.",
        tuple(related),
        f"Make the wrapper {cure}"
        + (", or use `asynccontextmanager`." if what == "coroutine" else "; or set where it is iterated."),
        "high" if early.way is not None else "low",
        optional=early.way is None,
    )


def _finding(analysis: Analysis, loss: FrameworkLoss) -> Finding:
    place = analysis.location(loss.scope.path, loss.span)
    where, node = loss.use
    other, span = loss.reader
    function, variable = name_of(loss.scope), f"`{loss.var.name}`"
    match loss.way:
        case "dependency":
            text = (
                f"{function} sets {variable} as a plain dependency: FastAPI runs it in a thread with a copied Context, "
                "so no endpoint sees the value."
            )
            over, end = (
                "this makes it a dependency",
                f"{name_of(other)} reads it here and does not find that value",
            )
        case "lifespan":
            text = (
                f"{function} sets {variable} at the start of the application, which runs in a task of its own: no "
                "request sees the value."
            )
            over, end = (
                "this makes it run at the start",
                f"{name_of(other)} reads it here and does not find that value",
            )
        case "middleware":
            text = (
                f"{function} reads {variable} behind the endpoint, which runs in a task of its own: what "
                f"{name_of(other)} sets there is not seen here."
            )
            over, end = "the endpoint runs here", f"{name_of(other)} sets it here"
    return Finding(
        place,
        place,
        text,
        (
            Related(over, analysis.location(where.path, node.span)),
            Related(end, analysis.location(other.path, span)),
        ),
        _HELP[loss.way],
        "medium",
    )


RULE = Rule("CTX309", "lost-in-framework", "warning", True, __doc__ or "", check, ("CTX107",), mixed=True)
