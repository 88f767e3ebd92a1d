"""The program writes to a variable's default, an object that every context shares.

## What it does
Reports a declaration with a mutable default that the program changes in place: it appends to what `get()` gave, stores
an item in it or assigns one of its attributes, without a copy. The write is found through names, through functions of
the program that return the object or are given it, through properties, and in the methods of its class.

## Why is this bad?
The default is one object, made once. A context in which the variable was never set writes into it, and all the others
find there what it wrote: other requests, other tasks, other threads. No `reset` takes it out again.

## Example
```python
from contextvars import ContextVar

trail: ContextVar[list] = ContextVar("trail", default=[])  # expect: CTX202


def record(step):
    trail.get().append(step)


def steps():
    return tuple(trail.get())
```

## Use instead
```python
from contextvars import ContextVar

trail: ContextVar[tuple] = ContextVar("trail", default=())


def record(step):
    return trail.set((*trail.get(), step))


def steps():
    return trail.get()
```

## When it is silent
Where what is written to is a copy (`list(trail.get())`, `{**trail.get()}`), where `get(None)` overrides the default,
where the same function or each of its callers sets the variable before, and where only tests write. A default that is
not written to, but may be, is CTX201.

## Limits
Between the assignments of one name the order of the text decides. An object that is stored in an attribute or in a
container is not followed further, nor is it through code outside the program.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ctxlint.model.diagnostics import Related
from ctxlint.rules.rule import Finding, Rule

if TYPE_CHECKING:
    from ctxlint.analysis.analysis import Analysis
    from ctxlint.analysis.declarations import Declaration
    from ctxlint.analysis.mutability import Mutable
    from ctxlint.analysis.uses_of_value import Fate

_TOLD = 3


def check(analysis: Analysis) -> Iterator[Finding]:
    """Declarations whose mutable default the program writes to."""
    for declaration in analysis.declarations:
        if declaration.default is None:
            continue
        found = analysis.mutable(declaration.made, declaration.default)
        proof = analysis.proof(declaration)
        if found is None or proof is None or not proof.written:
            continue
        default = analysis.location(declaration.made.path, declaration.default.span)
        declared = analysis.location(declaration.path, declaration.span)
        yield Finding(
            declared,
            default if declaration.made.path == declaration.path else declared,
            f"The default of `{declaration.name}` is {found.reason} that every context shares, and the program writes "
            "to it: what one context puts there, all others find.",
            tuple(_story(analysis, declaration, found, proof.written)),
            "Use an immutable default (`None`, `()`, a frozen class), and `set` a changed copy.",
        )


def _story(
    analysis: Analysis, declaration: Declaration, found: Mutable, written: tuple[Fate, ...]
) -> Iterator[Related]:
    yield Related(
        f"`{declaration.name}` is declared here", analysis.location(declaration.path, declaration.span)
    )
    made = analysis.location(found.path, found.span)
    if declaration.default is None or made.span != declaration.default.span:
        yield Related("the shared object is made here", made)
    for write in written[:_TOLD]:
        for scope, node in write.through:
            yield Related("the object passes through this call", analysis.location(scope.path, node.span))
        yield Related(f"{write.how} here", analysis.location(write.scope.path, write.node.span))
    if len(written) > _TOLD:
        last = written[_TOLD]
        rest = len(written) - _TOLD
        yield Related(
            f"and here, the first of {rest} more" if rest > 1 else "and here",
            analysis.location(last.scope.path, last.node.span),
        )


RULE = Rule("CTX202", "mutable-default-written", "error", True, __doc__ or "", check)
