"""A `set` whose token is thrown away in a function that has to undo it.

## What it does
Reports `var.set(...)` whose token nobody keeps, in a function that is half of a scope: a context manager, a
generator with one `yield`, a decorator's wrapper or a middleware that calls what it wraps, a fixture, a function
that calls itself, or one that takes care of another token. Nothing in the function, in its partner (`__exit__`)
or in its callers puts the old value back.

## Why is this bad?
`ContextVar.set` replaces the value for the rest of the current Context. What runs next in that Context (the next
request of the thread, the caller of the decorated function, the code after the `with`) still sees it. The token
that `set` returns is the only way back to exactly what was there before, and it is gone.

## Example
```python
from contextlib import contextmanager
from contextvars import ContextVar

tenant: ContextVar[str] = ContextVar("tenant", default="")


@contextmanager
def acting_as(name):
    tenant.set(name)  # expect: CTX101
    yield
```

## Use instead
```python
from contextlib import contextmanager
from contextvars import ContextVar

tenant: ContextVar[str] = ContextVar("tenant", default="")


@contextmanager
def acting_as(name):
    token = tenant.set(name)
    try:
        yield
    finally:
        tenant.reset(token)
```

A setter of the program (its every call sets and throws the token away) that a function decorated as a context
manager calls is that function's own set.

## When it is silent
A function that attaches for whoever calls it (`set_baggage`) and runs nothing that it was given is told only on
request.
When the value is put back another way: the old value saved with `get()` and set again, an emptying `set(None)`
on the way out, a pushed value popped, a partner or caller that clears. Elsewhere than in a scope see
`set-never-undone`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ctxlint.model.diagnostics import Related
from ctxlint.rules import story
from ctxlint.rules.rule import Finding, Rule

if TYPE_CHECKING:
    from ctxlint.analysis.analysis import Analysis
    from ctxlint.analysis.tokens import TokenSite


def check(analysis: Analysis) -> Iterator[Finding]:
    """Dropped tokens in functions that are half of a scope."""
    for token in analysis.token_sites:
        if token.is_bound or not (token.normal_leaks or token.is_handed_to_block) or token.normal_undone:
            continue
        reason = token.scope_reason
        if reason is None or token.outcome.created or token.outcome.under or token.undoer is not None:
            continue
        site = story.site_of(analysis, token)
        related = [story.set_here(analysis, token)]
        after = token.outcome.wrapped or token.outcome.recursed or token.outcome.worked
        if after is not None:
            where = analysis.location(token.scope.path, after)
            related.append(Related("what happens here still sees it, and so does all that follows", where))
        yield Finding(
            site,
            site,
            f"The token of {story.set_text(token)} is thrown away in {story.where(token)}: {reason}, so the value "
            "stays for whatever runs next in the same Context.",
            tuple(related),
            _cure(token),
            optional=True if _is_published(analysis, token) else None,
        )


def _is_published(analysis: Analysis, token: TokenSite) -> bool:
    """Is a library's variable set for who calls the function? One that runs what it is given sets it for that."""
    return token.is_for_callers and (
        token.is_setter or analysis.sights.handed_in(token.scope, token.site.span) is None
    )


def _cure(token: TokenSite) -> str:
    keep = "Keep the token"
    if token.site.setter:
        keep = f"Let `{token.site.helper}` return the token, keep it"
    return (
        f"{keep} and undo it in a `finally`: `token = {story.made_text(token)}`, `try: …`, "
        f"`finally: {story.undo_text(token, 'token')}`."
    )


RULE = Rule(
    "CTX101",
    "token-discarded",
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
    ),
    mixed=True,
)
