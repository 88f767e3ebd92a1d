"""A variable without a default is read where nothing has set it: `get()` raises LookupError.

## What it does
Reports a bare `get()` of a variable that has no default and that only `main`, a constructor or an import sets. It is
opt-in: where the whole program runs below `main`, in its context, the read never fails.

## Why is this bad?
`main`, a constructor and an import each run in one context. A new thread starts with an empty one, and so does whatever
a server, a test or another entry point starts: there `get()` raises LookupError, far from the `set` that is missing.

## Example
```python
# select: CTX213
from contextvars import ContextVar

settings: ContextVar[dict] = ContextVar("settings")


def timeout():
    return settings.get()["timeout"]  # expect: CTX213


def main():
    settings.set({"timeout": 30})
```

## Use instead
```python
# select: CTX213
from contextvars import ContextVar

settings: ContextVar[dict] = ContextVar("settings")


def timeout():
    try:
        return settings.get()["timeout"]
    except LookupError:
        return 30


def main():
    settings.set({"timeout": 30})
```

## When it is silent
Where the same function or each of its callers sets the variable before, inside `try` with an `except` that catches
LookupError, inside `suppress(LookupError)`, in tests, and where some other function sets the variable: then it is for
that one to do so in time.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ctxlint.model.diagnostics import Related
from ctxlint.rules.rule import Finding, Rule

if TYPE_CHECKING:
    from ctxlint.analysis.analysis import Analysis


def check(analysis: Analysis) -> Iterator[Finding]:
    """Bare reads of variables that are only set at the start."""
    for read in analysis.unset_reads:
        declaration = analysis.program.by_var[read.got.var]
        here = analysis.location(read.got.scope.path, read.got.call.span)
        setter = f"`{read.scope.qualname}`" if read.scope.kind == "function" else "an import"
        yield Finding(
            here,
            here,
            f"`{declaration.name}` has no default and only {setter} sets it: elsewhere this raises LookupError.",
            (
                Related(
                    f"`{declaration.name}` is declared here",
                    analysis.location(declaration.path, declaration.span),
                ),
                Related("it is set here", analysis.location(read.scope.path, read.made.span)),
            ),
            "Give the variable a default, or the `get` a fallback, or catch the LookupError.",
        )


RULE = Rule("CTX213", "read-can-fail", "note", False, __doc__ or "", check)
