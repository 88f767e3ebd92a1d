"""A way out of the function skips the `reset` that another way out runs.

## What it does
Reports a `set` that some `return`, `break`, `continue`, `else`, `case` or fall-through leaves in force while
another way out of the same function undoes it.

## Why is this bad?
The author wanted the value undone, and on that way it is not: it stays for the rest of the current Context and
is seen by whatever runs there next.

## Example
```python
from contextvars import ContextVar

tenant: ContextVar[str] = ContextVar("tenant", default="")


def handle(request, view):
    token = tenant.set(request.tenant)  # expect: CTX103
    if request.cached:
        return request.cached
    response = view(request)
    tenant.reset(token)
    return response
```

## Use instead
```python
from contextvars import ContextVar

tenant: ContextVar[str] = ContextVar("tenant", default="")


def handle(request, view):
    token = tenant.set(request.tenant)
    try:
        if request.cached:
            return request.cached
        return view(request)
    finally:
        tenant.reset(token)
```

## When it is silent
When the paths are told apart by a condition that also guards the set: `if token is not None: var.reset(token)`, a
flag that is set together with the token, the same test before and after.

A set that stands behind a question, and whose reset stands behind another, is on request: both may ask the same in
other words (a flag that a callee returned, two names of one import). Not where the second asks for what was found out
after the set, or for the contrary of the first.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ctxlint.model.diagnostics import Related
from ctxlint.rules import story
from ctxlint.rules.rule import Finding, Rule

if TYPE_CHECKING:
    from ctxlint.analysis.analysis import Analysis


def check(analysis: Analysis) -> Iterator[Finding]:
    """Sets that one normal way out undoes and another does not."""
    for token in analysis.token_sites:
        if not token.normal_leaks or not token.normal_undone:
            continue
        if token.is_only_renewed:
            continue
        site = story.site_of(analysis, token)
        path = token.scope.path
        leaving, undone = (token.forgotten_leaks or token.normal_leaks)[0], token.normal_undone[0]
        yield Finding(
            site,
            site,
            f"A way out of {story.where(token)} skips the reset of {story.set_text(token)}: the value stays for "
            "whatever runs next in the same Context.",
            (
                story.set_here(analysis, token),
                *story.steps(analysis, path, token.site.span, leaving.trail),
                Related(
                    f"{story.exit_text(leaving)} with the value still set",
                    analysis.location(path, leaving.at),
                ),
                Related("only the other ways out undo it, here", analysis.location(path, undone.since)),
            ),
            "Undo it in a `finally` around everything after the set.",
            optional=None if token.forgotten_leaks else True,
        )


RULE = Rule(
    "CTX103",
    "reset-skipped-on-a-path",
    "error",
    True,
    __doc__ or "",
    check,
    ("CTX120", "CTX107", "CTX109", "CTX108", "CTX112"),
    mixed=True,
)
