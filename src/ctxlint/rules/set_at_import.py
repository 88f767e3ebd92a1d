"""A module or class body sets a variable: only the thread that imports sees it.

## What it does
Reports `var.set(...)` at module or class level where the variable has no default and some function reads it with a
bare `get()`. With `--extend-select CTX116` every other `set` at import, too.

## Why is this bad?
An import runs once, in the Context of the thread that happens to import first. Every other thread starts without the
value: there `get()` raises LookupError. A value for everybody is what `default=` is for.

## Example
```python
from contextvars import ContextVar

locale: ContextVar[str] = ContextVar("locale")
locale.set("en")  # expect: CTX116


def greeting():
    return {"en": "Hello", "de": "Hallo"}[locale.get()]
```

## Use instead
```python
from contextvars import ContextVar

locale: ContextVar[str] = ContextVar("locale", default="en")


def greeting():
    return {"en": "Hello", "de": "Hallo"}[locale.get()]
```

## When it is silent
Under `if __name__ == "__main__":`, and where the module itself resets the variable.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ctxlint.analysis.frame_kinds import is_test_file
from ctxlint.analysis.import_time import ImportTimeSet, sets_at_import
from ctxlint.model.diagnostics import Related
from ctxlint.rules import story
from ctxlint.rules.rule import Finding, Rule

if TYPE_CHECKING:
    from ctxlint.analysis.analysis import Analysis


def check(analysis: Analysis) -> Iterator[Finding]:
    """Sets that an import runs."""
    for found in sets_at_import(analysis.program):
        yield _finding(analysis, found)


def _finding(analysis: Analysis, found: ImportTimeSet) -> Finding:
    site = analysis.location(found.scope.path, found.call.span)
    name = found.var.name
    related = [Related(f"`{name}` is set here, in the Context of the importing thread", site)]
    if found.declaration is not None:
        declared = analysis.location(found.declaration.path, found.declaration.span)
        related.append(Related("the variable is declared here", declared))
    reader = None if is_test_file(analysis.program, found.scope.path) else found.reader
    lost = "other threads start without it"
    if reader is not None:
        scope, call = reader
        related.append(
            Related("in another thread this raises LookupError", analysis.location(scope.path, call.span))
        )
        lost = f"in any other thread `get()` in {story.name_of(scope)} raises LookupError"
    return Finding(
        site,
        site,
        f"`{name}` is set at import: only the Context of the thread that imports has the value, {lost}.",
        tuple(related),
        "Give the value to `ContextVar(…)` as `default=`, or set it where the program starts its work.",
        severity=None if reader is not None else "note",
        optional=reader is None,
    )


RULE = Rule(
    "CTX116",
    "set-at-import",
    "warning",
    True,
    __doc__ or "",
    check,
    (
        "CTX120",
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
        "CTX115",
    ),
    mixed=True,
)
