"""The contextvars API is used in a way that Python refuses, or that does nothing.

## What it does
Reports classes derived from ContextVar, Token or Context; assignment to an item of a Context; `reset` with what is no
token; `set`, `reset` and `ContextVar` without an argument; a name that is no string; a default given by position; and
a copy of the context that nobody keeps.

## Why is this bad?
Each of these raises TypeError, often only when the line is reached: in a `finally`, the cleanup after it is lost, and
the value stays. A Context cannot be written to at all: values are set by code that runs in it. `copy_context()` as a
statement makes a copy and throws it away; it protects nothing.

## Example
```python
from contextvars import ContextVar, copy_context

tenant: ContextVar[str] = ContextVar("tenant", default="")


def handle(name, work):
    old = tenant.get()
    tenant.set(name)  # expect: CTX121
    try:
        work()
    finally:
        tenant.reset(old)  # expect: CTX214


def prepared(name):
    context = copy_context()
    context[tenant] = name  # expect: CTX214
    return context
```

## Use instead
```python
from contextvars import ContextVar, copy_context

tenant: ContextVar[str] = ContextVar("tenant", default="")


def handle(name, work):
    token = tenant.set(name)
    try:
        work()
    finally:
        tenant.reset(token)


def prepared(name):
    context = copy_context()
    context.run(tenant.set, name)
    return context
```

## When it is silent
Where the name may mean something else (a fallback import), and where the failure is expected (`try … except
TypeError`, `pytest.raises`). A name that is computed is accepted: Python wants a string, and it may be one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ctxlint.analysis.api_misuse import Kind, Misuse, misuses
from ctxlint.rules.rule import Finding, Rule

if TYPE_CHECKING:
    from ctxlint.analysis.analysis import Analysis

_TOLD: dict[Kind, tuple[str, str]] = {
    "subclass": (
        "`{1}` is no base class: to define `{0}` raises TypeError.",
        "Keep the variable in an attribute of the class, and pass calls on to it.",
    ),
    "item": (
        "A Context cannot be written to: an assignment to an item of `{0}` raises TypeError.",
        "Set the variable inside of it: `context.run(variable.set, value)`.",
    ),
    "reset": (
        "`{0}` is not given a token: this raises TypeError, and the value stays.",
        "Pass the token that `set` returned.",
    ),
    "reset-value": (
        "`{0}` is given the variable's value, not a token: this raises TypeError, and the value stays.",
        "Keep what `set` returns and pass that.",
    ),
    "no-argument": ("`{0}` needs an argument: this raises TypeError.", "Pass it."),
    "name": (
        "The name of a context variable must be a string: this raises TypeError.",
        "Pass a literal string.",
    ),
    "default": (
        "`ContextVar` takes its default by keyword only: this raises TypeError.",
        "Write `default=…`.",
    ),
    "copy-unused": (
        "`{0}` makes a copy of the context, and nothing keeps it: the statement does nothing.",
        "Run the code in the copy, `copy_context().run(function)`, or delete the line.",
    ),
}


def check(analysis: Analysis) -> Iterator[Finding]:
    """Uses of the API that fail or do nothing."""
    for misuse in misuses(analysis.program):
        place = analysis.location(misuse.scope.path, misuse.node.span)
        message, cure = _told(misuse)
        yield Finding(place, place, message, (), cure)


def _told(misuse: Misuse) -> tuple[str, str]:
    message, cure = _TOLD[misuse.kind]
    return message.format(*misuse.what.split(":")), cure


RULE = Rule("CTX214", "api-misused", "error", True, __doc__ or "", check)
