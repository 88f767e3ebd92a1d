"""A second `set` stores its token into the place that still holds the first one.

## What it does
Reports a `set` whose token is overwritten by a newer one before it was used: on the next turn of a loop, on a retry, by
a second `set` into the same name; or because it is kept in an attribute of an object that several calls share (an ASGI
application, a middleware, a decorator that enters `self`, an instance that is entered twice).

## Why is this bad?
The token was the only way back to what was there before. The one reset that follows undoes the newest set and leaves
the older value in force. On a shared object it is worse: of two requests at a time the first resets the token of the
second (`ValueError`, another Context) and the second one that is used already (`RuntimeError`).

## Example
```python
from contextvars import ContextVar

attempt: ContextVar[int] = ContextVar("attempt", default=0)


def fetch(request, send):
    for number in range(3):
        token = attempt.set(number)  # expect: CTX108
        try:
            response = send(request)
        except ConnectionError:
            continue
        attempt.reset(token)
        return response
```

## Use instead
```python
from contextvars import ContextVar

attempt: ContextVar[int] = ContextVar("attempt", default=0)


def fetch(request, send):
    for number in range(3):
        token = attempt.set(number)
        try:
            return send(request)
        except ConnectionError:
            continue
        finally:
            attempt.reset(token)
```

## When it is silent
When the value is undone all the same (an older token of the variable is reset, the old value is put back); when the
tokens go to a list or another name first; when the function looks at the attribute before it sets, or makes an object
for each call; when no reset wants the token (`token-never-reset`).

## Limits
That two paths lead to one object is seen where the program shows it: an instance that its users share is not.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ctxlint.analysis.overwriting import Shared, replaced, shared
from ctxlint.model.diagnostics import Related
from ctxlint.rules import story
from ctxlint.rules.rule import Finding, Rule

if TYPE_CHECKING:
    from ctxlint.analysis.analysis import Analysis
    from ctxlint.analysis.tokens import TokenSite
    from ctxlint.model.spans import Span


def check(analysis: Analysis) -> Iterator[Finding]:
    """Sets whose token a newer one takes the place of."""
    for token in analysis.token_sites:
        second = replaced(token)
        reason = shared(token) if second is None else None
        if second is not None:
            yield _within(analysis, token, second)
        elif reason is not None:
            yield _on_object(analysis, token, reason)


def _within(analysis: Analysis, token: TokenSite, second: Span) -> Finding:
    site = story.site_of(analysis, token)
    again = _is_own(token, second)
    how = "on the next turn of the loop" if again else "by a second set"
    return Finding(
        site,
        site,
        f"The token of {story.set_text(token)} in {story.where(token)} is overwritten {how}: the reset that follows "
        "undoes the newer set, and this value stays.",
        (
            story.set_here(analysis, token),
            Related(
                "a newer token takes the place of its own here", analysis.location(token.scope.path, second)
            ),
        ),
        "Reset in a `finally` on each turn, before the next set."
        if again
        else "Give each token a name of its own.",
    )


def _is_own(token: TokenSite, second: Span) -> bool:
    """Is it the set itself that overwrites, a turn later?"""
    return second.end <= token.site.span.start and not any(
        second.end <= other.site.span.start < token.site.span.start
        for other in token.siblings
        if other is not token.outcome
    )


def _on_object(analysis: Analysis, token: TokenSite, reason: Shared) -> Finding:
    site = story.site_of(analysis, token)
    attribute = ".".join((token.site.into.root, *token.site.into.path)) if token.site.into is not None else ""
    return Finding(
        site,
        site,
        f"The token of {story.set_text(token)} is kept in `{attribute}`, which the next call overwrites: {reason.why}.",
        (
            story.set_here(analysis, token),
            Related(reason.why, analysis.location(reason.scope.path, reason.span)),
        ),
        "Keep the token in a local name, or make an object for each call.",
    )


RULE = Rule(
    "CTX108", "token-overwritten", "error", True, __doc__ or "", check, ("CTX120", "CTX107", "CTX109")
)
