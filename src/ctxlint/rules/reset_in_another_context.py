"""A token is reset by code that runs in another Context than the `set`.

## What it does
Reports a `set` whose token is reset in a task, a thread, a callback or a copied Context; in a generator that takes
the token along to whoever drives it; in the second half of a plain FastAPI dependency or of a pair of Django hooks,
which run in threads of their own; or when an object ends (`__del__`, `weakref.finalize`).

## Why is this bad?
A token works in the Context in which it was made. Elsewhere `reset` raises `ValueError: <Token …> was created in a
different Context`, often where nobody looks (a task's result, a callback, a logged exception), and the value stays
where it was set.

## Example
```python
import asyncio
from contextvars import ContextVar

tenant: ContextVar[str] = ContextVar("tenant", default="")


async def finish(token, job):
    await job
    tenant.reset(token)


async def handle(name, job):
    token = tenant.set(name)  # expect: CTX107
    return asyncio.create_task(finish(token, job))
```

## Use instead
```python
import asyncio
from contextvars import ContextVar

tenant: ContextVar[str] = ContextVar("tenant", default="")


async def finish(name, job):
    token = tenant.set(name)
    try:
        await job
    finally:
        tenant.reset(token)


async def handle(name, job):
    return asyncio.create_task(finish(name, job))
```

## When it is silent
When the reset is ready to fail (`except ValueError`, a question for the current task), when the hop runs in a Context
that the program names (`context=`), in pytest's `addfinalizer`, and where the worker or the place of the token cannot
be told. Plain generators that a plain function returns are left to `reset-across-yield`.

## References
- [contextvars: Token](https://docs.python.org/3/library/contextvars.html#contextvars.ContextVar.reset)
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ctxlint.analysis.foreign import ForeignReset, Way, foreign_reset
from ctxlint.model.diagnostics import Related
from ctxlint.rules import story
from ctxlint.rules.rule import Finding, Rule

if TYPE_CHECKING:
    from ctxlint.analysis.analysis import Analysis

_OWN_FRAME = "Set and reset in one function, and pass the value along as an argument."
_WAYS: dict[Way, tuple[str, str, str]] = {
    "task": ("a task runs in a copy of its starter's Context", "this starts the task", _OWN_FRAME),
    "thread": ("a thread has a Context of its own", "this starts the thread", _OWN_FRAME),
    "executor": ("a pool's worker has a Context of its own", "this hands it to the pool", _OWN_FRAME),
    "process": ("another process has Contexts of its own", "this hands it to the process", _OWN_FRAME),
    "callback": ("a callback runs in a copy of the Context, or without it", "this registers it", _OWN_FRAME),
    "copy": (
        "`copy_context()` makes another Context, in which the token is foreign",
        "this runs it in the copy",
        "Reset in the frame that set, or set inside the copy, too.",
    ),
    "generator": (
        "a generator's body runs in the Context of whoever drives it",
        "the generator leaves the function here",
        "Set and reset around each step inside the generator, with no `yield` in between.",
    ),
    "dependency": (
        "FastAPI runs each half of a plain dependency in a copied Context of a thread",
        "this makes it a dependency",
        "Make the dependency an `async def`: then set and reset run in the request's own Context.",
    ),
    "hooks": (
        "under ASGI, Django runs each of these hooks in a thread with a copied Context",
        "",
        "Write the middleware as one function, or one `__call__` and `__acall__`, with `try` and `finally`.",
    ),
    "finalizer": (
        "a finalizer runs in whatever Context drops the last reference",
        "this registers it",
        "Undo it in a context manager or a `close` that its user calls.",
    ),
    "end": (
        "`__del__` runs in whatever Context drops the last reference",
        "",
        "Undo it in a context manager or a `close` that its user calls.",
    ),
}


def check(analysis: Analysis) -> Iterator[Finding]:
    """Sets whose token another Context resets."""
    for token in analysis.token_sites:
        found = foreign_reset(token)
        if found is not None:
            yield _finding(analysis, found)


def _finding(analysis: Analysis, found: ForeignReset) -> Finding:
    token = found.token
    site = story.site_of(analysis, token)
    why, over, cure = _WAYS[found.way]
    related = [story.set_here(analysis, token)]
    if found.over is not None:
        scope, node = found.over
        related.append(Related(over, analysis.location(scope.path, node.span)))
    related.append(
        Related(f"the reset {story.refusal(token)} here", analysis.location(found.where.path, found.span))
    )
    return Finding(
        site,
        site,
        f"The token of {story.set_text(token)} in {story.where(token)} is reset in {_where(found)}, in another "
        f"Context: {why}. The reset {story.refusal(token)}, and the value stays.",
        tuple(related),
        cure,
    )


def _where(found: ForeignReset) -> str:
    scope = found.where
    if scope is found.token.scope:
        return "its second half" if found.way == "dependency" else "what it hands over"
    return "a lambda" if scope.function.is_lambda else story.name_of(scope)


RULE = Rule("CTX107", "reset-in-another-context", "error", True, __doc__ or "", check, ("CTX120",))
