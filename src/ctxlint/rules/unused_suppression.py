"""A comment asks not to hear of something that is not there.

## What it does
Reports `# noqa: CTX104` and `# ctxlint: ignore[...]` where they suppress nothing: the finding is gone, the code or
name does not exist, the comment is not understood, or it stands in a row without code; and in a file with findings a
`# noqa` with a rule's name, since it takes codes. A `# noqa` of other tools, bare or with their codes, is not touched,
and what is not selected in this run is not called unused.

## Why is this bad?
A suppression that is of no use hides the next bug in its line, and tells its readers that there is one.

## Example
```python
from contextvars import ContextVar

tenant: ContextVar[str] = ContextVar("tenant", default="")


def handle(request):
    token = tenant.set(request.tenant)  # expect: CTX902  # noqa: CTX104
    try:
        return request.answer()
    finally:
        tenant.reset(token)  # expect: CTX902  # ctxlint: ignore[token-reset-twise]
```

## Use instead
```python
from contextvars import ContextVar

tenant: ContextVar[str] = ContextVar("tenant", default="")


def handle(request):
    token = tenant.set(request.tenant)
    try:
        return request.answer()
    finally:
        tenant.reset(token)
```

## When it is silent
In flake8, where `# noqa` is flake8's own; in a file of which something could not be read. Where it must stay,
`# noqa: CTX104, CTX902` says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ctxlint.rules.rule import Finding, Rule

if TYPE_CHECKING:
    from ctxlint.analysis.analysis import Analysis


def check(analysis: Analysis) -> Iterator[Finding]:
    """Nothing: what suppresses nothing is known when all other rules have spoken (``suppression/sift.py``)."""
    del analysis
    yield from ()


RULE = Rule("CTX902", "unused-suppression", "warning", True, __doc__ or "", check)
