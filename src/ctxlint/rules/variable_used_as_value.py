"""A variable is used where its value was meant: `get()` is missing.

## What it does
Reports a declared variable that is tested for truth, compared, formatted, computed with, converted, iterated, awaited,
called, indexed, or asked for an attribute that variables do not have.

## Why is this bad?
A `ContextVar` is always true, equals nothing but itself, and is written out as `<ContextVar name='user' at 0x…>`. So
the check passes for everybody, and the log line tells nothing. Other uses raise TypeError or AttributeError.

## Example
```python
from contextvars import ContextVar

user: ContextVar[str] = ContextVar("user", default="")


def is_logged_in():
    return True if user else False  # expect: CTX210


def greeting():
    return f"Hello, {user}"  # expect: CTX210


def shouted():
    return user.upper()  # expect: CTX210
```

## Use instead
```python
from contextvars import ContextVar

user: ContextVar[str] = ContextVar("user", default="")


def is_logged_in():
    return True if user.get() else False


def greeting():
    return f"Hello, {user.get()}"


def shouted():
    return user.get().upper()
```

## When it is silent
For identity tests and comparison with another variable; for a variable that is passed on; for names that may mean
something else, too (a parameter, `_var = None` first); where the failure is expected; for text and truth in tests.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ctxlint.analysis.confusions import Kind, confusions
from ctxlint.model.diagnostics import Related
from ctxlint.model.walk import dotted
from ctxlint.rules.rule import Finding, Rule

if TYPE_CHECKING:
    from ctxlint.analysis.analysis import Analysis

_MESSAGES: dict[Kind, str] = {
    "truth": "`{0}` is tested for truth, and a context variable is always true, whatever its value.",
    "equality": "`{0}` is compared, and a context variable equals nothing but itself.",
    "order": "`{0}` is compared, and a context variable has no order: this raises TypeError.",
    "membership": "`in` looks into `{0}`, and a context variable holds no elements: this raises TypeError.",
    "text": "`{0}` is made text: that shows `<ContextVar name=… at 0x…>`, not its value.",
    "arithmetic": "`{0}` is computed with, and a context variable has no operators: this raises TypeError.",
    "await": "`{0}` is awaited, and a context variable cannot be: this raises TypeError.",
    "call": "`{0}` is called, and a context variable cannot be: this raises TypeError.",
    "item": "`{0}` is indexed, and a context variable has no items: this raises TypeError.",
    "attribute": "`{0}.{1}` is asked of the context variable, which has no such attribute, not of its value.",
    "iteration": "`{0}` is iterated, and a context variable has no elements: this raises TypeError.",
    "conversion": "`{0}` is converted, not its value.",
    "match": "`{0}` is matched, and a context variable equals nothing but itself.",
}


def check(analysis: Analysis) -> Iterator[Finding]:
    """Variables in the place of their values."""
    for confusion in confusions(analysis.program):
        each = confusion.where
        name = dotted(each.node) or each.var.name
        place = analysis.location(each.scope.path, each.node.span)
        declaration = analysis.program.by_var[each.var]
        yield Finding(
            place,
            place,
            _MESSAGES[confusion.kind].format(name, confusion.detail),
            (
                Related(
                    f"`{declaration.name}` is declared here",
                    analysis.location(declaration.path, declaration.span),
                ),
            ),
            f"Read the value: `{name}.get()`.",
        )


RULE = Rule("CTX210", "variable-used-as-value", "error", True, __doc__ or "", check)
