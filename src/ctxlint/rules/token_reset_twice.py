"""A token that was already used is reset again.

## What it does
Reports a `reset` that some path reaches with a token that an earlier `reset` of the same path has used, and a loop that
resets every token in an attribute from which nothing ever takes them out, in a method that the program calls again on
the same object. Where only the program's users call it, the finding is opt-in.

## Why is this bad?
A token works once. The second `reset` raises `RuntimeError: <Token …> has already been used once`, usually in the
middle of other cleanup, which is then skipped.

## Example
```python
from contextvars import ContextVar

tenant: ContextVar[str] = ContextVar("tenant", default="")


def handle(request, view):
    token = tenant.set(request.tenant)
    try:
        response = view(request)
        tenant.reset(token)
        return response
    finally:
        tenant.reset(token)  # expect: CTX105
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
Where the library's reset only writes to the log (opentelemetry's `detach`) it is told on request.
When a condition keeps the two apart, or the token's name is emptied (`token = None`) and tested in between; a loop in a
method that by its name closes something (`close`, `__exit__`), since that may be called once an object.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ctxlint.analysis.replays import replays
from ctxlint.knowledge.loader import token_library
from ctxlint.model.diagnostics import Related
from ctxlint.rules import story
from ctxlint.rules.rule import Finding, Rule

if TYPE_CHECKING:
    from ctxlint.analysis.analysis import Analysis


def check(analysis: Analysis) -> Iterator[Finding]:
    """Resets of tokens that were used before, in the same call or by an earlier one."""
    for scope, double in analysis.double_resets:
        library = token_library(double.site.var)
        raises = library is None or library.reset_raises
        second = analysis.location(scope.path, double.second)
        name = story.quoted(double.site)
        again = "once more on the next turn of the loop" if double.first == double.second else "here again"
        yield Finding(
            second,
            second,
            f"The token of {name} is reset twice in {story.name_of(scope)}: "
            f"{'the second reset raises RuntimeError' if raises else 'the second reset fails with a line in the log'}, "
            "since a token works once.",
            (
                Related(f"{name} is set here", analysis.location(scope.path, double.site.span)),
                Related("its token is reset here", analysis.location(scope.path, double.first)),
                *story.steps(analysis, scope.path, double.first, double.trail),
                Related(f"and {again}", second),
            ),
            "Reset it in one place: the `finally` alone.",
            optional=None if raises else True,
        )
    for each in replays(analysis.program):
        at = analysis.location(each.scope.path, each.at)
        yield Finding(
            at,
            at,
            f"Each call of {story.name_of(each.scope)} resets all tokens in `{each.container}` and leaves them there: "
            "the next call raises RuntimeError, since a token works once.",
            (
                Related(
                    f"its token is put there in {story.name_of(each.filler)}",
                    analysis.location(each.filler.path, each.filled),
                ),
                Related("all of them are reset here, and nothing takes them out", at),
            ),
            f"Take each token out as it is reset: `while {each.container}: … {each.container}.pop()`; or reset in the "
            "function that sets.",
            optional=not each.certain,
        )


RULE = Rule("CTX105", "token-reset-twice", "error", True, __doc__ or "", check, mixed=True)
