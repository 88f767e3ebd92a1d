"""A variable is set by a module that does not own it.

## What it does
Reports `var.set(...)` outside the modules that `[tool.ctxlint.owners]` lists for the variable. A package stands for
every module in it. Without configuration nothing is reported.

## Why is this bad?
It is a team's own rule: where everybody may set a variable, nobody can say what it holds. The owner sets, the others
call the owner.

## Example
```python
# owners: example.tenant = context
from contextvars import ContextVar

tenant: ContextVar[str] = ContextVar("tenant", default="")


def handle(request):
    tenant.set(request.tenant)  # expect: CTX118
```

## Use instead
```python
# owners: example.tenant = example
from contextvars import ContextVar

tenant: ContextVar[str] = ContextVar("tenant", default="")


def set_tenant(name):
    tenant.set(name)
```

## When it is silent
When no owner is configured. A `reset` is no set.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ctxlint.analysis.owners import foreign_sets
from ctxlint.model.diagnostics import Related
from ctxlint.rules import story
from ctxlint.rules.rule import Finding, Rule

if TYPE_CHECKING:
    from ctxlint.analysis.analysis import Analysis


def check(analysis: Analysis) -> Iterator[Finding]:
    """Sets outside of the owners of their variable."""
    for found in foreign_sets(analysis.program, analysis.policy):
        site = analysis.location(found.scope.path, found.call.span)
        declaration = analysis.program.by_var.get(found.var)
        related = [Related(f"`{found.variable}` is set here", site)]
        if declaration is not None:
            declared = analysis.location(declaration.path, declaration.span)
            related.append(Related("the variable is declared here", declared))
        owners = ", ".join(f"`{module}`" for module in found.owners) or "nobody"
        yield Finding(
            site,
            site,
            f"{story.name_of(found.scope)} sets `{found.variable}`, which belongs to {owners}.",
            tuple(related),
            "Call a function of the owner that sets it.",
        )


RULE = Rule("CTX118", "set-outside-owner", "error", True, __doc__ or "", check)
