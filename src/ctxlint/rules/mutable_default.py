"""A variable's default is an object that can be changed in place, and every context shares it.

## What it does
Reports `ContextVar(..., default=x)` where `x` evaluates to something mutable: a list, dict or set, a
comprehension, a constructor of a mutable type, an instance of a class with state, a name bound to one of these, a
conditional or `or` with such a branch, a tuple that holds one, a read-only view of a dict that has a name.

## Why is this bad?
The default is one object, made once. Every context that has no value of its own gets that same object from
`get()`. Whoever appends to it, appends for all requests, tasks and threads: one tenant sees the other's data. Where the
program does so, that is CTX202.

## Example
```python
from contextvars import ContextVar

tags: ContextVar[list] = ContextVar("tags", default=[])  # expect: CTX201
```

## Use instead
```python
from contextvars import ContextVar

tags: ContextVar[tuple] = ContextVar("tags", default=())


def add_tag(tag):
    return tags.set((*tags.get(), tag))
```

## When it is silent
For immutable values, frozen classes, enumerations, named tuples, functions, `object()`, and calls that cannot be
resolved. Also for a default that is proved innocent: the whole program only reads, copies or overrides it
(`tags.get(())`). It is not proved where nobody reads it yet, where a public function returns what `get()` gave,
or where that is handed to code outside the program. The message says which of these it is. Where it is only kept in an
attribute or a container, or handed to a method of the program whose object is not known, nobody outside of the program
gets it, but it is not followed: told on request (`--select CTX201`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ctxlint.analysis.frame_kinds import is_test_file
from ctxlint.analysis.rebindings import is_left_to_tests
from ctxlint.model.diagnostics import Related
from ctxlint.rules.rule import Finding, Rule

if TYPE_CHECKING:
    from ctxlint.analysis.analysis import Analysis
    from ctxlint.analysis.declarations import Declaration


def check(analysis: Analysis) -> Iterator[Finding]:
    """Declarations with a mutable default."""
    for declaration in analysis.declarations:
        if declaration.default is None or is_left_to_tests(analysis.program, declaration.scope):
            continue
        if _is_renewed(analysis, declaration):
            continue
        found = analysis.mutable(declaration.made, declaration.default)
        if found is None or analysis.is_innocent(declaration):
            continue
        default = analysis.location(declaration.made.path, declaration.default.span)
        here = (
            default
            if declaration.made.path == declaration.path
            else analysis.location(declaration.path, declaration.span)
        )
        made = analysis.location(found.path, found.span)
        declared = analysis.location(declaration.path, declaration.span)
        told = (
            (f"`{declaration.name}` is declared here", declared),
            ("the shared object is made here", made),
        )
        yield Finding(
            analysis.location(declaration.path, declaration.span),
            here,
            f"The default of `{declaration.name}` is {found.reason}: one object, made once, that every context "
            f"without a value of its own shares. {_why(analysis, declaration)}",
            (
                *(Related(what, where) for what, where in told if where != here),
                *_left(analysis, declaration),
            ),
            "Use an immutable default (`None`, `()`, a frozen class) and let each context set a value of its own.",
            optional=True if _is_kept_inside(analysis, declaration) else None,
        )


def _is_renewed(analysis: Analysis, declaration: Declaration) -> bool:
    """Does a function put it in place of a variable of its module, whose default is judged, and the renewal too?"""
    scope = declaration.scope
    return (
        scope.kind == "function"
        and declaration.name in scope.function.global_names
        and any(
            other.scope is scope.module and other.name == declaration.name for other in analysis.declarations
        )
    )


def _is_kept_inside(analysis: Analysis, declaration: Declaration) -> bool:
    """Is it only kept where the program itself may use it, and is that not followed?"""
    proof = analysis.proof(declaration)
    return proof is not None and proof.left is not None and proof.left.doubtful


def _why(analysis: Analysis, declaration: Declaration) -> str:
    """What keeps the default from being innocent."""
    proof = analysis.proof(declaration)
    if proof is None:
        return "Its uses cannot be found."
    if proof.escapes:
        return "The program writes to it nowhere, but hands the variable itself on."
    if proof.left is None:
        return "Nobody reads it yet."
    if is_test_file(analysis.program, proof.left.scope.path):
        return "Only tests write to it."
    if proof.left.kind == "written":
        return "The program writes to it only where a value of its own was probably set before."
    return f"The program writes to it nowhere, but it leaves sight: it {proof.left.how}."


def _left(analysis: Analysis, declaration: Declaration) -> Iterator[Related]:
    """The place that the message speaks of."""
    proof = analysis.proof(declaration)
    if proof is None or proof.doubt is None:
        return
    if proof.left is not None:
        what = f"it {proof.left.how}" if proof.left.kind == "leaves" else proof.left.how
        yield Related(f"{what} here", analysis.location(proof.left.scope.path, proof.left.node.span))
    elif proof.escapes:
        scope, node = proof.doubt
        yield Related("the variable itself is handed on here", analysis.location(scope.path, node.span))


RULE = Rule(
    "CTX201",
    "mutable-default",
    "warning",
    True,
    __doc__ or "",
    check,
    ("CTX202",),
    same_as=("B039",),
    mixed=True,
)
