"""A value is set for some work, and nothing in the program undoes it.

## What it does
Reports a bare `var.set(...)` in a function that goes on to work with the value (it awaits, enters a context
manager, or calls more than builtins, loggers and constructors), where neither the function nor its partner nor
its callers put the old value back, and nothing shows that it may stay.

## Why is this bad?
When the function has returned the value is still there, for its caller and for everything that runs in the same
Context afterwards. A function that sets a variable for work of its own should leave no trace of it.

## Example
```python
from contextvars import ContextVar

tenant: ContextVar[str] = ContextVar("tenant", default="")


def export(account, write):
    tenant.set(account.tenant)  # expect: CTX121
    for row in account.rows:
        write(row)
```

## Use instead
```python
from contextvars import ContextVar

tenant: ContextVar[str] = ContextVar("tenant", default="")


def export(account, write):
    token = tenant.set(account.tenant)
    try:
        for row in account.rows:
            write(row)
    finally:
        tenant.reset(token)
```

## When it is silent
Setters and clearers (nothing but the set happens), `init_*` and `configure*`, get-or-create, pushes of a derived
value, `main`, functions that only ever start in a Context of their own (tasks, threads, requests of an ASGI
server, async tests), loops that overwrite the value on each turn, and functions whose partner or caller undoes.
In a context manager, wrapper or fixture the same is `token-discarded`.

Told by default is what something is known to see: a function that the work calls, by calls that can all be resolved,
reads the variable, or the work runs what it was given (a parameter, a registered function, the consumer of a `yield`).
Where the work is a library's, or a method of an object of unknown class, the function may as well be a setter that
ends with some bookkeeping: that is told on request (`--select CTX121`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ctxlint.model.diagnostics import Related
from ctxlint.rules import story
from ctxlint.rules.rule import Finding, Rule

if TYPE_CHECKING:
    from ctxlint.analysis.analysis import Analysis
    from ctxlint.analysis.sights import Sight
    from ctxlint.model.spans import Span


def check(analysis: Analysis) -> Iterator[Finding]:
    """Bare sets before work, outside scopes, that nothing undoes."""
    for token in analysis.token_sites:
        worked = token.outcome.worked
        if (
            token.is_bound
            or worked is None
            or token.is_setter
            or not token.normal_leaks
            or token.normal_undone
        ):
            continue
        if (
            token.scope_reason is not None
            or token.harmless is not None
            or token.is_paired
            or token.is_overwritten
        ):
            continue
        site = story.site_of(analysis, token)
        path = token.scope.path
        leaving = token.normal_leaks[0]
        own = token.library is None  # what a library reads of its own variable cannot be seen
        sight = analysis.sights.behind(token.scope, token.site.var, token.site.span) if own else None
        yield Finding(
            site,
            site,
            f"{story.set_text(token)} in {story.where(token)} is never undone: the value outlives the work that it "
            "was set for, and is seen by whatever runs next in the same Context.",
            (
                story.set_here(analysis, token),
                *_seen(analysis, path, sight, worked),
                Related(
                    f"{story.exit_text(leaving)} with the value still set",
                    analysis.location(path, leaving.at),
                ),
            ),
            "Keep the token and reset it in a `finally`, or run the work in a copy: `copy_context().run(work)`.",
            "medium",
            optional=True if own and sight is None else None,
        )


def _seen(analysis: Analysis, path: str, sight: Sight | None, worked: Span) -> Iterator[Related]:
    """The place that works with the value, and the ``get`` to which it leads."""
    at = sight.node.span if sight is not None else worked
    yield Related("the function works with it here", analysis.location(path, at))
    if sight is not None and sight.read is not None:
        reader = sight.chain[-1].callee
        yield Related(f"`{reader.qualname}` reads it, here", analysis.location(reader.path, sight.read.span))


RULE = Rule(
    "CTX121",
    "set-never-undone",
    "warning",
    True,
    __doc__ or "",
    check,
    (
        "CTX120",
        "CTX309",
        "CTX107",
        "CTX109",
        "CTX108",
        "CTX112",
        "CTX103",
        "CTX104",
        "CTX110",
        "CTX102",
        "CTX117",
        "CTX101",
    ),
    mixed=True,
)
