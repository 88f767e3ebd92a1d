"""A setter throws the token away, so no caller can undo it.

## What it does
Reports a public function or method whose job is the set (no work follows it), that throws the token away and has no
partner that undoes it.

## Why is this bad?
Whoever calls the setter for a while has no way back to what was there before: the token is the only one, and only the
setter had it. To return the token costs nothing, and callers that do not want it need not take it.

## Example
```python
# select: CTX115
from contextvars import ContextVar

tenant: ContextVar[str] = ContextVar("tenant", default="")


def set_tenant(name):
    tenant.set(name.strip().lower())  # expect: CTX115
```

## Use instead
```python
# select: CTX115
from contextvars import ContextVar

tenant: ContextVar[str] = ContextVar("tenant", default="")


def set_tenant(name):
    return tenant.set(name.strip().lower())
```

## When it is silent
For functions that cannot return a token (property setters, special methods), for private ones, for `init_*`,
`configure*` and their like, which set for good, and where a partner (`clear_tenant`) or a caller undoes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ctxlint.analysis import frame_kinds
from ctxlint.knowledge.loader import frames as known_frames
from ctxlint.model.diagnostics import Related
from ctxlint.rules import story
from ctxlint.rules.rule import Finding, Rule

if TYPE_CHECKING:
    from ctxlint.analysis.analysis import Analysis
    from ctxlint.analysis.tokens import TokenSite


def check(analysis: Analysis) -> Iterator[Finding]:
    """Bare sets of published setters."""
    for token in analysis.token_sites:
        if not _is_dropped_by_setter(token):
            continue
        site = story.site_of(analysis, token)
        head = analysis.location(token.scope.path, token.scope.function.head)
        yield Finding(
            site,
            site,
            f"{story.where(token)} throws the token of {story.set_text(token)} away: no caller can undo it.",
            (story.set_here(analysis, token), Related("the setter", head)),
            f"Return the token: `return {story.made_text(token)}`.",
        )


def _is_dropped_by_setter(token: TokenSite) -> bool:
    scope = token.scope
    if scope.kind != "function" or token.is_bound or not token.normal_leaks or token.normal_undone:
        return False
    if not _is_published(token) or not token.is_setter or token.outcome.created or token.outcome.under:
        return False
    if token.is_paired or token.own_context is not None or token.scope_reason is not None:
        return False
    return token.undoer is None


def _is_published(token: TokenSite) -> bool:
    """Is this a function with a public name that could return the token?"""
    scope = token.scope
    function = scope.function
    if (
        function.name.startswith("_")
        or function.name == "main"
        or function.is_lambda
        or function.is_generator
    ):
        return False
    if scope.parent is None or scope.parent.kind == "function":
        return False
    if function.name.startswith(known_frames().setter_prefixes) or frame_kinds.is_property_setter(
        token.program, scope
    ):
        return False
    return not frame_kinds.is_test_file(token.program, scope.path) and not frame_kinds.is_fixture(
        token.program, scope
    )


RULE = Rule(
    "CTX115",
    "setter-discards-token",
    "note",
    False,
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
        "CTX121",
        "CTX122",
        "CTX114",
    ),
)
