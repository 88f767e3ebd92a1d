"""A variable is bound to one name and calls itself another.

## What it does
Reports `ContextVar("other")` that is bound to a name of other words. Underscores, case, the order of words, what
qualifies the name (`"package.tenant"`, `"package_tenant"`), and words that only say what it is (`var`, `ctx`,
`context`) do not count. Opt-in.

## Why is this bad?
The text is all that errors and logs show of a variable: `LookupError: <ContextVar name='user' …>`, the `repr` of a
token. A text that was copied from the line above sends the reader to the wrong variable.

## Example
```python
# select: CTX211
from contextvars import ContextVar

user: ContextVar[str] = ContextVar("user")
tenant: ContextVar[str] = ContextVar("user")  # expect: CTX211
```

## Use instead
```python
# select: CTX211
from contextvars import ContextVar

user: ContextVar[str] = ContextVar("user")
tenant: ContextVar[str] = ContextVar("tenant")
```
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ctxlint.analysis.symbols import CONTEXT_VAR
from ctxlint.model import facts as f
from ctxlint.rules.rule import Finding, Rule

if TYPE_CHECKING:
    from ctxlint.analysis.analysis import Analysis
    from ctxlint.analysis.declarations import Declaration

_KIND = frozenset({"context", "contextvar", "ctx", "ctxvar", "current", "cv", "cvar", "var", "variable"})
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[^\W\d_]+")


def check(analysis: Analysis) -> Iterator[Finding]:
    """Declarations whose own name is not the one that they are bound to."""
    for declaration in analysis.declarations:
        given = _given(analysis, declaration)
        bound = declaration.name.rpartition(".")[2]
        if given is None or declaration.var is None or bound.endswith("]") or _agree(given.text, bound):
            continue
        here = analysis.location(declaration.path, given.span)
        yield Finding(
            analysis.location(declaration.path, declaration.span),
            here,
            f"`{bound}` calls itself {given.text!r}: that is the name that errors and `repr` show.",
            (),
            f"Name it {bound.lstrip('_')!r}.",
        )


def _given(analysis: Analysis, declaration: Declaration) -> f.Literal | None:
    """The name that is written in the call of ContextVar."""
    for call in declaration.scope.calls:
        if call.span == declaration.span and call.args and not call.args[0].star:
            name = call.args[0].value
            made = analysis.program.resolver.resolve(declaration.scope, call.func) == CONTEXT_VAR
            return name if made and isinstance(name, f.Literal) and name.kind == "str" else None
    return None


def _agree(given: str, bound: str) -> bool:
    """Do two names say the same, the first one with or without what qualifies it, in any order?"""
    own, other = _words(bound), _words(given)
    return own == other[-len(own) :] or sorted(own) == sorted(other)


def _words(name: str) -> list[str]:
    """The words of a name that say what it holds; all of them, where there are no such words."""
    words = [word.lower() for word in _WORD.findall(name)]
    return [word for word in words if word not in _KIND] or words


RULE = Rule("CTX211", "name-mismatch", "note", False, __doc__ or "", check)
