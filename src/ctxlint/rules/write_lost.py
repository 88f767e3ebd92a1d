"""A write goes into the fallback of `get`: an object that nobody keeps, so what was written is lost.

## What it does
Reports `variable.get([]).append(x)`, `variable.get({})[key] = x` and their like, also through a name
(`found = variable.get({})`, then `found[key] = x`), where the fallback is made in the call and nothing else becomes of
it. So is `variable.get(None) or []`.

## Why is this bad?
Where the variable is not set, `get` returns its argument and does not keep it. The write changes an object that is
thrown away with the expression. It fails silently, and only in the contexts in which nobody set the variable: the
first request of a worker, a new thread.

## Example
```python
from contextvars import ContextVar

warnings: ContextVar[list] = ContextVar("warnings")


def warn(message):
    warnings.get([]).append(message)  # expect: CTX205


def collected():
    return tuple(warnings.get(()))
```

## Use instead
```python
from contextvars import ContextVar

warnings: ContextVar[tuple] = ContextVar("warnings", default=())


def warn(message):
    return warnings.set((*warnings.get(), message))


def collected():
    return warnings.get()
```

## When it is silent
Where the object is set, returned, stored, handed on, or read after the write; where the same function or every caller
sets the variable before; below a test of the variable (`if warnings.get(None) is not None:`); for writes that take
something out (`pop`, `clear`), which a fresh object loses nothing by.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ctxlint.model.diagnostics import Related
from ctxlint.rules.rule import Finding, Rule

if TYPE_CHECKING:
    from ctxlint.analysis.analysis import Analysis


def check(analysis: Analysis) -> Iterator[Finding]:
    """Writes into fallbacks that are thrown away."""
    for lost in analysis.lost_writes:
        declaration = analysis.program.by_var[lost.got.var]
        made = analysis.location(lost.fallback.path, lost.fallback.span)
        declared = analysis.location(declaration.path, declaration.span)
        for write in lost.writes:
            here = analysis.location(write.scope.path, write.node.span)
            yield Finding(
                here,
                here,
                f"Where `{declaration.name}` is not set, this writes into {lost.fallback.reason} that is made for this "
                "`get` and kept by nobody: the write is lost.",
                (
                    Related(f"`{declaration.name}` is declared here", declared),
                    Related("the object is made here", made),
                ),
                f"Set it: read `{declaration.name}` with an immutable fallback, and `set` a new value.",
            )


RULE = Rule("CTX205", "write-lost", "error", True, __doc__ or "", check)
