"""A finding is suppressed, and no reason is given.

## What it does
With `require-suppression-reason = true` in the configuration it reports each `# noqa: CTX104` and
`# ctxlint: ignore[...]` behind which no reason stands in the same comment.

## Why is this bad?
It is a team's own rule: who reads the code should learn why the finding does not count there.

## Example
```python
# select: CTX903
from contextvars import ContextVar

tenant: ContextVar[list[str]] = ContextVar("tenant", default=[])  # expect: CTX903  # noqa: CTX201
```

## Use instead
```python
# select: CTX903
from contextvars import ContextVar

tenant: ContextVar[list[str]] = ContextVar("tenant", default=[])  # noqa: CTX201 - one list for all tenants is meant
```

## When it is silent
Without the configuration, unless it is selected. For a `# noqa` that names none of our codes. Another tool's comment
behind it (`# type: ignore`) is no reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ctxlint.rules.rule import Finding, Rule

if TYPE_CHECKING:
    from ctxlint.analysis.analysis import Analysis


def check(analysis: Analysis) -> Iterator[Finding]:
    """Nothing: the comments are read where they are heeded (``suppression/sift.py``)."""
    del analysis
    yield from ()


RULE = Rule("CTX903", "suppression-without-reason", "warning", False, __doc__ or "", check)
