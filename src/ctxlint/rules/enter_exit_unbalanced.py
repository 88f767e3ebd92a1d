"""A function opens what its partner does not always close.

## What it does
Reports a `set` in `__enter__`, `__aenter__`, `setUp` or another hook that comes in a pair (`start`/`stop`,
`begin`/`end`, `before_…`/`after_…`), whose partner undoes it on some ways out but not on all, forgets it, or
cannot undo it because the token ended with the function that set.

## Why is this bad?
Who enters a context manager relies on its exit. On the way out that skips the reset the value stays for whatever
runs next in the same Context, and the case is one that tests seldom show: the block that failed, the second
variable of two.

## Example
```python
from contextvars import ContextVar

tenant: ContextVar[str] = ContextVar("tenant", default="")


class ActingAs:
    def __init__(self, name):
        self._name = name

    def __enter__(self):
        self._token = tenant.set(self._name)  # expect: CTX112
        return self

    def __exit__(self, kind, error, trace):
        if kind is not None:
            return False
        tenant.reset(self._token)
        return False
```

## Use instead
```python
from contextvars import ContextVar

tenant: ContextVar[str] = ContextVar("tenant", default="")


class ActingAs:
    def __init__(self, name):
        self._name = name

    def __enter__(self):
        self._token = tenant.set(self._name)
        return self

    def __exit__(self, kind, error, trace):
        tenant.reset(self._token)
        return False
```

## When it is silent
When the partner undoes it through a helper, by value, by clearing, through an `ExitStack`; when the condition in
the partner asks for the token, for state that the pair keeps, or for what the first function asked, too; when
another method of the class undoes the variable. A bare `set` of which the partner knows nothing is
`token-discarded`.

## Limits
Hooks are partners by their names. Raising ways out of the partner are not looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ctxlint.analysis.partners import Unbalanced, unbalanced
from ctxlint.model.diagnostics import Related
from ctxlint.rules import story
from ctxlint.rules.rule import Finding, Rule

if TYPE_CHECKING:
    from ctxlint.analysis.analysis import Analysis
    from ctxlint.analysis.tokens import TokenSite


def check(analysis: Analysis) -> Iterator[Finding]:
    """Sets that a partner does not undo on every normal way out."""
    for token in analysis.token_sites:
        found = unbalanced(token)
        if found is not None:
            yield _finding(analysis, token, found)


def _finding(analysis: Analysis, token: TokenSite, found: Unbalanced) -> Finding:
    site = story.site_of(analysis, token)
    partner = found.partner
    name = story.name_of(partner)
    why, cure = _words(token, found)
    head = analysis.location(partner.path, partner.function.head)
    related = [story.set_here(analysis, token)]
    if found.leaving is not None:
        before = partner.function.head
        related += story.steps(analysis, partner.path, before, found.leaving.trail)
        related.append(Related("the partner leaves here", analysis.location(partner.path, found.leaving.at)))
    else:
        related.append(Related("the partner", head))
    return Finding(
        site,
        site,
        f"{story.set_text(token)} in {story.where(token)} is not undone by its partner {name}: {why}, so the value "
        "stays for whatever runs next in the same Context.",
        tuple(related),
        cure,
        "high" if found.why == "skipped" else "medium",
    )


def _words(token: TokenSite, found: Unbalanced) -> tuple[str, str]:
    """Why the partner does not undo it, and what helps."""
    place = story.place_text(token) or "the token"
    if found.why == "skipped":
        cure = "Undo it first in the partner, or in a `finally`, whatever way it is left."
        return "one of its normal ways out skips the reset", cure
    if found.why == "forgotten":
        cure = f"Reset it in the partner: `{story.undo_text(token, place)}`."
        return f"`{place}` is kept, and nobody ever takes it", cure
    cure = "Keep the token on `self` and reset it in the partner."
    return f"it undoes another variable but not this one, and the token ended with {story.where(token)}", cure


RULE = Rule(
    "CTX112",
    "enter-exit-unbalanced",
    "error",
    True,
    __doc__ or "",
    check,
    ("CTX120", "CTX107", "CTX109", "CTX108"),
)
