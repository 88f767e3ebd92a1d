"""A variable's default is computed when it is declared, though its value belongs to a moment or a context.

## What it does
Reports `ContextVar(..., default=x)` where `x` calls something whose answer changes: the time, a random number, the
environment, the current thread or task, another variable's `get()`. It is opt-in: such a default may be meant.

## Why is this bad?
The default is computed once, when the declaration runs, as a rule at import. Every context that sets nothing gets that
first answer for as long as the process lives: the same "unique" id, the time of the start.

## Example
```python
# select: CTX203
from contextvars import ContextVar
from uuid import uuid4

request_id: ContextVar[str] = ContextVar("request_id", default=str(uuid4()))  # expect: CTX203
```

## Use instead
```python
# select: CTX203
from contextvars import ContextVar
from uuid import uuid4

request_id: ContextVar[str] = ContextVar("request_id")


def current_request_id():
    found = request_id.get(None)
    return found if found is not None else str(uuid4())
```

## When it is silent
For calls that are not known to depend on the moment, and for functions (`default=uuid4`), which the reader calls. Where
another variable's `get()` runs at import, CTX207 tells it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ctxlint.knowledge.loader import values as known_values
from ctxlint.model import facts as f
from ctxlint.model.diagnostics import Related
from ctxlint.model.walk import walk
from ctxlint.rules.rule import Finding, Rule

if TYPE_CHECKING:
    from ctxlint.analysis.analysis import Analysis
    from ctxlint.analysis.scopes import Scope

_ANOTHER = "the `get` of another variable"


def check(analysis: Analysis) -> Iterator[Finding]:
    """Declarations whose default is the answer of one moment."""
    for declaration in analysis.declarations:
        if declaration.default is None:
            continue
        made = analysis.program.resolver.value(declaration.made, declaration.default)
        scope, value = made or (declaration.made, declaration.default)
        found = next(_moments(analysis, scope, value), None)
        if found is None:
            continue
        node, what = found
        declared = analysis.location(declaration.path, declaration.span)
        default = analysis.location(declaration.made.path, declaration.default.span)
        here = default if declaration.made.path == declaration.path else declared
        asked = analysis.location(scope.path, node.span)
        told = ((f"`{declaration.name}` is declared here", declared), (f"{what} is asked here, once", asked))
        yield Finding(
            asked if what == _ANOTHER else declared,  # the site of a read, too
            here,
            f"The default of `{declaration.name}` is what {what} gave when it was declared: every context that sets "
            "nothing gets that one answer.",
            tuple(Related(message, where) for message, where in told if where != here),
            "Leave the default out, or make it `None`, and compute the value where it is read or set.",
        )


def _moments(analysis: Analysis, scope: Scope, value: f.Expr) -> Iterator[tuple[f.Node, str]]:
    """The parts of an expression that ask for something that changes, with a name for what they ask."""
    resolver = analysis.program.resolver
    for node in walk(value, into_scopes=False):
        match node:
            case f.Call(func=f.Attribute(value=owner, attr="get")) if (
                resolver.variable(scope, owner) is not None
            ):
                yield node, _ANOTHER
            case f.Call(func=func) | f.Subscript(value=func):
                name = resolver.external(scope, func)
                if name in known_values().moments:
                    yield node, f"`{name}`"
            case _:
                pass


RULE = Rule(
    "CTX203",
    "default-computed-at-import",
    "note",
    False,
    __doc__ or "",
    check,
    ("CTX201", "CTX202", "CTX207"),
)
