"""A variable is read once, at import, where each call should read it.

## What it does
Reports `get()` in a default or a decorator's argument of a function at the top of a module or class, in a class body,
and at the top of a module; also through a function that only returns it.

## Why is this bad?
These places are evaluated when the module is imported, before any request. They see the importing thread's context,
so usually the default; and what they saw is used for every call after, whatever its context holds. Where the variable
has no default the import fails with LookupError.

## Example
```python
from contextvars import ContextVar

tenant: ContextVar[str] = ContextVar("tenant", default="public")


def rows(query, owner=tenant.get()):  # expect: CTX207
    return query(owner)
```

## Use instead
```python
from contextvars import ContextVar

tenant: ContextVar[str] = ContextVar("tenant", default="public")


def rows(query, owner=None):
    return query(tenant.get() if owner is None else owner)
```

## When it is silent
In nested functions and lambdas, where a default takes a snapshot; under `if __name__ == "__main__"`; in scripts that
start a loop; inside a `with` of the module, in modules that set the variable themselves, and in tests; where the value
is only printed or logged.

## Limits
Files that name neither a variable nor what sets one are not read for this: a default that calls another module's
getter is seen only where the file uses the variable, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ctxlint.analysis.early_reads import EarlyRead, Place, early_reads
from ctxlint.model.diagnostics import Related
from ctxlint.rules.rule import Finding, Rule

if TYPE_CHECKING:
    from ctxlint.analysis.analysis import Analysis

_PLACES: dict[Place, str] = {
    "default": "in a default argument of `{}`: once, at import, and every call is given that value",
    "decorator": "in a decorator of `{}`: once, at import, and every call is served with that value",
    "class": "in the body of the class `{}`: once, at import, and every context finds that value",
    "module": "at the top of the module: once, at import, and every context finds that value",
}
_HELP: dict[Place, str] = {
    "default": "Give the parameter the default `None` and read the variable in the function.",
    "decorator": "Hand over a function that reads the variable when it is called.",
    "class": "Read the variable in a method or a property.",
    "module": "Read the variable in the function that needs its value.",
}


def check(analysis: Analysis) -> Iterator[Finding]:
    """Reads that run at import."""
    for read in early_reads(analysis.program):
        place = analysis.location(read.scope.path, read.node.span)
        declaration = analysis.program.by_var[read.var]
        yield Finding(
            place,
            place,
            f"`{declaration.name}` is read {_PLACES[read.place].format(read.owner)}.",
            tuple(_story(analysis, read)),
            _HELP[read.place],
        )


def _story(analysis: Analysis, read: EarlyRead) -> Iterator[Related]:
    declaration = analysis.program.by_var[read.var]
    yield Related(
        f"`{declaration.name}` is declared here", analysis.location(declaration.path, declaration.span)
    )
    if read.through is not None:
        head = analysis.location(read.through.path, read.through.function.head)
        yield Related(f"`{read.through.qualname}` reads it", head)


RULE = Rule("CTX207", "read-at-import", "error", True, __doc__ or "", check)
