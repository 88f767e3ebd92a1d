"""A `reset` is reached with a token that may be None, or with a name that may not be bound.

## What it does
Reports a `var.reset(token)` that some path of the function reaches without having set: the name still holds None, or
nothing was ever bound to it.

## Why is this bad?
`reset(None)` is a TypeError, an unbound name an UnboundLocalError. Mostly the reset stands in a `finally` and the path
is one on which something failed before the `set`: the new error then takes the place of the one that mattered.

## Example
```python
from contextvars import ContextVar

tenant: ContextVar[str] = ContextVar("tenant", default="")


def handle(request, authenticate, view):
    try:
        user = authenticate(request)
        token = tenant.set(user.tenant)
        return view(request)
    finally:
        tenant.reset(token)  # expect: CTX113
```

## Use instead
```python
from contextvars import ContextVar

tenant: ContextVar[str] = ContextVar("tenant", default="")


def handle(request, authenticate, view):
    user = authenticate(request)
    token = tenant.set(user.tenant)
    try:
        return view(request)
    finally:
        tenant.reset(token)
```

## When it is silent
When a condition pairs the reset with the set (`if token is not None`, a flag, the same test before both), and where a
handler around the reset names the error.

## Limits
Names of the function itself, and attributes that one method alone fills: the one that resets, or `__enter__`, some way
out of which leaves none for an `__exit__` that always resets. A name that a nested function declares `nonlocal` may be
filled by that function.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ctxlint.analysis.refusals import missing_tokens
from ctxlint.model.diagnostics import Related
from ctxlint.model.spans import Span
from ctxlint.rules import story
from ctxlint.rules.rule import Finding, Rule

if TYPE_CHECKING:
    from ctxlint.analysis.analysis import Analysis
    from ctxlint.model.observations import MissingToken


def check(analysis: Analysis) -> Iterator[Finding]:
    """Resets that some path reaches without a token."""
    for scope, missing in missing_tokens(analysis.program):
        at = analysis.location(scope.path, missing.at)
        place = ".".join((missing.place.root, *missing.place.path))
        name = f"`{place}`" if not missing.place.root.startswith("%") else "the token"
        yield Finding(
            at,
            at,
            f"`{missing.var.name}` is reset in {story.name_of(scope)} though {_state(missing, name)}.",
            (
                *_story(analysis, scope.path, missing),
                Related("and the reset is reached without a token here", at),
            ),
            _cure(missing, name),
        )


def _story(analysis: Analysis, path: str, missing: MissingToken) -> Iterator[Related]:
    """What led past the set: the conditions on the way, and the exception that is in flight."""
    yield from story.steps(analysis, path, Span(-1, 0), missing.trail)
    if missing.only is not None:
        yield Related(
            "the one set that fills it, which not every way passes", analysis.location(path, missing.only)
        )
    if missing.raised is not None:
        yield Related(
            "an exception may come out here, before the set", analysis.location(path, missing.raised)
        )


def _state(missing: MissingToken, name: str) -> str:
    if missing.bound:
        return f"{name} may be None: that raises TypeError"
    error = "AttributeError" if missing.place.path else "UnboundLocalError"
    return f"{name} may not be bound: that raises {error}"


def _cure(missing: MissingToken, name: str) -> str:
    if missing.bound:
        other = "set it on every way" if missing.only is not None else "set before the `try`"
        return f"Reset under `if {name.strip('`')} is not None:`, or {other}."
    if missing.only is not None:
        return f"Bind {name} to None in the constructor and reset only if it is not, or set on every way."
    return f"Set before the `try` whose `finally` resets, or bind {name} to None first and reset it only if it is not."


RULE = Rule("CTX113", "token-maybe-missing", "error", True, __doc__ or "", check)
