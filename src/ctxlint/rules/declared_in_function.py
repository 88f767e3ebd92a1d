"""A variable is made each time that a function runs, and contexts keep each one for ever.

## What it does
Reports `ContextVar(…)` in a function, a loop or a constructor that the program runs again and again. Where nobody is
seen to run it, the finding is a note, and opt-in.

## Why is this bad?
A context holds on to every variable that was set in it, and to its value, as long as the context lives. A variable made
per call is never found again: not by the next call, and not by who wants to read it.

## Example
```python
from contextvars import ContextVar


def handle(request, view):
    tenant = ContextVar("tenant")  # expect: CTX206
    token = tenant.set(request)
    try:
        return view(tenant)
    finally:
        tenant.reset(token)


def serve(requests, view):
    return [handle(request, view) for request in requests]
```

## Use instead
```python
from contextvars import ContextVar

tenant = ContextVar("tenant")


def handle(request, view):
    token = tenant.set(request)
    try:
        return view(tenant)
    finally:
        tenant.reset(token)


def serve(requests, view):
    return [handle(request, view) for request in requests]
```

## When it is silent
For variables that are remembered (in a dict, a cache, a global name, behind a condition), functions that run while
classes are made or an application starts, factories that only an import calls, and tests.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ctxlint.analysis.repeated_declarations import repeated_declarations
from ctxlint.model.diagnostics import Related
from ctxlint.rules.rule import Finding, Rule
from ctxlint.rules.story import name_of

if TYPE_CHECKING:
    from ctxlint.analysis.analysis import Analysis


def check(analysis: Analysis) -> Iterator[Finding]:
    """Variables that are made in functions."""
    for repeated in repeated_declarations(analysis.program):
        declaration, use = repeated.declaration, repeated.use
        place = analysis.location(declaration.path, declaration.span)
        told = () if use is None else (use,)
        yield Finding(
            place,
            place,
            f"Each run of {name_of(declaration.scope)} makes a new variable `{declaration.name}`; a context in which "
            "it is set keeps it, and its value, for ever.",
            tuple(
                Related(
                    f"{name_of(each.scope)} runs it here", analysis.location(each.scope.path, each.node.span)
                )
                for each in told
            ),
            "Declare the variable once, at the top of the module.",
            severity=None if repeated.proved else "note",
            optional=None if repeated.proved else True,
        )


RULE = Rule("CTX206", "declared-in-function", "warning", True, __doc__ or "", check, mixed=True)
