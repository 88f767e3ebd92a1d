"""A cached function reads a variable: what one context gets is served to all.

## What it does
Reports `lru_cache`, `cache`, `cached_property` and the caches of common libraries on a function or property that reads
a variable, itself or through the functions that it calls, in this file or another one.

## Why is this bad?
The cache knows the arguments, not the context. The first caller's value goes into the result, and every later caller
with the same arguments gets it: another tenant's rows, another user's settings.

## Example
```python
import functools
from contextvars import ContextVar

tenant: ContextVar[str] = ContextVar("tenant", default="public")


@functools.lru_cache(maxsize=100)  # expect: CTX208
def table(name):
    return f"{tenant.get()}.{name}"
```

## Use instead
```python
import functools
from contextvars import ContextVar

tenant: ContextVar[str] = ContextVar("tenant", default="public")


def table(name):
    return _table(tenant.get(), name)


@functools.lru_cache(maxsize=100)
def _table(owner, name):
    return f"{owner}.{name}"
```

## When it is silent
Where the value is an argument, and so part of the key; where everybody who calls the function hands over
what was made of the value; where the cache is given a key function; where the variable is read only for a log, or
set before it is read; in tests. A `cached_property` that reads through a function is told on request (`--select
CTX208`): its object may live no longer than the context that made it.

## Limits
A cache written by hand (a dict at the top of a module) is not seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ctxlint.analysis.cached_reads import CachedRead, cached_reads
from ctxlint.model.diagnostics import Related
from ctxlint.rules.rule import Finding, Rule
from ctxlint.rules.story import name_of

if TYPE_CHECKING:
    from ctxlint.analysis.analysis import Analysis


def check(analysis: Analysis) -> Iterator[Finding]:
    """Cached functions that read a variable."""
    for cached in cached_reads(analysis.program):
        place = analysis.location(cached.scope.path, cached.node.span)
        read = cached.read
        where = "it" if read.scope is cached.function else name_of(read.scope)
        yield Finding(
            place,
            place,
            f"`{cached.cache.rpartition('.')[2]}` keeps what {name_of(cached.function)} returns, and {where} reads "
            f"`{read.var.name}`: the value of the first caller's context is served to all.",
            tuple(_story(analysis, cached)),
            f"Read `{read.var.name}` outside and pass the value as an argument, so that it is part of the key; for an "
            "attribute, use a plain property."
            if "property" in cached.cache
            else f"Read `{read.var.name}` outside and pass the value as an argument, so that it is part of the key.",
            "medium" if "property" in cached.cache else "high",
            optional=True if cached.is_of_an_object else None,
        )


def _story(analysis: Analysis, cached: CachedRead) -> Iterator[Related]:
    """The calls, and the read."""
    for edge in cached.chain:
        yield Related(
            f"{name_of(edge.caller)} runs {name_of(edge.callee)} here",
            analysis.location(edge.caller.path, edge.node.span),
        )
    read = cached.read
    yield Related(
        f"{name_of(read.scope)} reads `{read.var.name}` here",
        analysis.location(read.scope.path, read.node.span),
    )


RULE = Rule("CTX208", "read-cached", "error", True, __doc__ or "", check, mixed=True)
