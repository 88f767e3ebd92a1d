"""A token is used as a context manager, which Python has only from 3.14 on.

## What it does
Reports `with var.set(value):` where the project supports a Python below 3.14: by `target-version`, or by
`requires-python` in its `pyproject.toml`.

## Why is this bad?
Below 3.14 a token has no `__enter__`. The set happens, then `with` raises TypeError (AttributeError on 3.10), and the
value stays.

## Example
```python
# target: 3.10
from contextvars import ContextVar

tenant: ContextVar[str] = ContextVar("tenant", default="")


def export(name, write):
    with tenant.set(name):  # expect: CTX120
        write(name)
```

## Use instead
```python
# target: 3.10
from contextvars import ContextVar

tenant: ContextVar[str] = ContextVar("tenant", default="")


def export(name, write):
    token = tenant.set(name)
    try:
        write(name)
    finally:
        tenant.reset(token)
```

## When it is silent
Where the project declares no target.

## References
- [What's New in Python 3.14: contextvars](https://docs.python.org/3.14/whatsnew/3.14.html#contextvars)
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ctxlint.model import facts as f
from ctxlint.model.diagnostics import Related
from ctxlint.model.walk import walk
from ctxlint.rules import story
from ctxlint.rules.rule import Finding, Rule

if TYPE_CHECKING:
    from ctxlint.analysis.analysis import Analysis
    from ctxlint.analysis.tokens import TokenSite

_SINCE = (3, 14)


def check(analysis: Analysis) -> Iterator[Finding]:
    """Tokens that a ``with`` enters."""
    target = analysis.policy.target
    if target is None or target >= _SINCE:
        return
    for token in analysis.token_sites:
        entered = _entered(token)
        if entered is None or token.library is not None:
            continue
        site = story.site_of(analysis, token)
        version = ".".join(map(str, target))
        yield Finding(
            site,
            site,
            f"`with {story.made_text(token)}` needs Python 3.14, and the project supports {version}: there the set "
            "happens, then `with` raises TypeError, and the value stays.",
            (
                story.set_here(analysis, token),
                Related("below 3.14 this raises", analysis.location(token.scope.path, entered.span)),
            ),
            f"Keep the token, and undo it in a `finally`: `{story.undo_text(token, 'token')}`.",
        )


def _entered(token: TokenSite) -> f.Expr | None:
    """The manager of a ``with`` that is the token: the call itself, or the name that got it."""
    into = token.site.into
    name = into.root if into is not None and not into.path else None
    for statement in token.scope.body:
        for node in walk(statement, into_scopes=False):
            for item in node.items if isinstance(node, f.With) else ():
                context = item.context.value if isinstance(item.context, f.Walrus) else item.context
                if context.span == token.site.span and not _gives_token(token, context):
                    continue
                if context.span == token.site.span or (isinstance(context, f.Name) and context.id == name):
                    return item.context
    return None


def _gives_token(token: TokenSite, context: f.Expr) -> bool:
    """Does the expression give the token? A manager that sets while the ``with`` lasts stands at the same place."""
    called = context.func if isinstance(context, f.Call) else None
    return token.site.helper is not None or (isinstance(called, f.Attribute) and called.attr == "set")


RULE = Rule("CTX120", "with-token-too-old", "error", True, __doc__ or "", check)
