"""A `set` whose token is kept in a name and never used.

## What it does
Reports `token = var.set(...)` where no path of the function resets the token, returns it, stores it where
somebody else can reach it, or hands it to anybody.

## Why is this bad?
Who keeps a token means to reset it. Without the reset the value stays for the rest of the current Context and is
seen by whatever runs there next. The token also keeps the old value alive.

## Example
```python
from contextvars import ContextVar

tenant: ContextVar[str] = ContextVar("tenant", default="")


def handle(request, view):
    token = tenant.set(request.tenant)  # expect: CTX102
    return view(request)
```

## Use instead
```python
from contextvars import ContextVar

tenant: ContextVar[str] = ContextVar("tenant", default="")


def handle(request, view):
    token = tenant.set(request.tenant)
    try:
        return view(request)
    finally:
        tenant.reset(token)
```

## When it is silent
When the function only ever starts in a Context of its own (a task, a thread, a request of an ASGI server): the
value ends with it. A name that starts with an underscore and is never read counts as thrown away, which is
`token-discarded`. A token on `self` has users: it is told where its attribute is private and nobody in the program
reads it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ctxlint.analysis.partners import forgotten
from ctxlint.model.diagnostics import Related
from ctxlint.rules import story
from ctxlint.rules.rule import Finding, Rule

if TYPE_CHECKING:
    from ctxlint.analysis.analysis import Analysis
    from ctxlint.analysis.tokens import TokenSite


def check(analysis: Analysis) -> Iterator[Finding]:
    """Tokens that are bound and then forgotten."""
    for token in analysis.token_sites:
        if not token.is_bound or token.own_context is not None:
            continue
        place = forgotten(token)
        if place is not None:
            yield _forgotten(analysis, token, str(place))
        if not token.normal_leaks or token.is_taken_care_of:
            continue
        site = story.site_of(analysis, token)
        leaving = token.normal_leaks[0]
        left = analysis.location(token.scope.path, leaving.at)
        name = story.place_text(token)
        kept = f"`{name}`" if name else "it"
        yield Finding(
            site,
            site,
            f"No path of {story.where(token)} resets the token of {story.set_text(token)}: {kept} is "
            "never used, and the value stays for whatever runs next in the same Context.",
            (
                story.set_here(analysis, token),
                Related(f"{story.exit_text(leaving)}, and the token is gone with its name", left),
            ),
            f"Reset it in a `finally`: `{story.undo_text(token, name or 'token')}`. If the value is meant to "
            "stay, do not keep the token.",
        )


def _forgotten(analysis: Analysis, token: TokenSite, place: str) -> Finding:
    site = story.site_of(analysis, token)
    return Finding(
        site,
        site,
        f"The token of {story.set_text(token)} in {story.where(token)} is kept in `{place}`, which nobody reads: no "
        "path resets it, and the value stays for whatever runs next in the same Context.",
        (story.set_here(analysis, token),),
        f"Reset it in the method that ends what this one begins: `{story.undo_text(token, place)}`. If the value is "
        "meant to stay, do not keep the token.",
        "medium",
    )


RULE = Rule(
    "CTX102",
    "token-never-reset",
    "warning",
    True,
    __doc__ or "",
    check,
    ("CTX120", "CTX309", "CTX107", "CTX109", "CTX108", "CTX112", "CTX103", "CTX104", "CTX110"),
)
