"""The name of a variable is given something else: the variable itself is out of reach.

## What it does
Reports an assignment, a `del` or an augmented assignment that replaces a declared variable: at the top of its module
or class, through `global`, through `module.name`, or through an attribute outside of special methods.

## Why is this bad?
`request_id = "r1"` sets nothing. It throws the variable away, for every context at once: the next
`request_id.get()` raises AttributeError, and modules that imported the name keep an old variable that nobody sets any
more. Meant was `request_id.set("r1")`. A *new* variable under the old name has no value in any context.

## Example
```python
from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id", default="-")


def handle(request):
    global request_id
    request_id = request["id"]  # expect: CTX209
    return answer()


def answer():
    return f"answered {request_id.get()}"
```

## Use instead
```python
from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id", default="-")


def handle(request):
    token = request_id.set(request["id"])
    try:
        return answer()
    finally:
        request_id.reset(token)


def answer():
    return f"answered {request_id.get()}"
```

## When it is silent
For a local name that happens to be the same; a variable that is made late (`_var = None` first); branches that
exclude each other; another variable, or a wrapper around the old one, in its place; constructors; an attribute that is
emptied (`self._var = None`); tests.

## Limits
`setattr`, `globals()["x"] = …` and rebinding by `import`, `def` or `class` are not seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ctxlint.analysis.rebindings import How, rebindings
from ctxlint.model.diagnostics import Related
from ctxlint.rules.rule import Finding, Rule

if TYPE_CHECKING:
    from ctxlint.analysis.analysis import Analysis

_MESSAGES: dict[How, str] = {
    "assigned": "`{}` is bound to something else here: the context variable is thrown away, and no value is set.",
    "changed": "`{}` is a context variable, and this replaces it, or fails: no value is set.",
    "deleted": "The name `{}` is deleted here: the context variable is out of reach for those who read it.",
    "renewed": "`{}` is bound to a new context variable here: what contexts gave the old one is out of reach.",
}
_HELP: dict[How, str] = {
    "assigned": "Give the context a value with `{}.set(…)`, or give the other object a name of its own.",
    "changed": "Set a new value that is made from the old one: `{0}.set({0}.get() + …)`.",
    "deleted": "Keep the variable for the life of the module; to undo a set, call `{}.reset(token)`.",
    "renewed": "Make the variable once, where the module or the object is made, and undo sets with `{}.reset(token)`.",
}


def check(analysis: Analysis) -> Iterator[Finding]:
    """Places where a declared variable is replaced."""
    for rebinding in rebindings(analysis.program):
        declaration = rebinding.declaration
        name = declaration.name
        place = analysis.location(rebinding.scope.path, rebinding.node.span)
        yield Finding(
            place,
            place,
            _MESSAGES[rebinding.how].format(name),
            (Related(f"`{name}` is declared here", analysis.location(declaration.path, declaration.span)),),
            _HELP[rebinding.how].format(name),
        )


RULE = Rule("CTX209", "variable-rebound", "error", True, __doc__ or "", check)
