"""A guard around a reset that never raises does nothing.

## What it does
Reports `try: detach(token)` with an `except`, and `with suppress(…): detach(token)`, where nothing else stands in the
block. `detach` is opentelemetry's: it catches what goes wrong, logs it, and returns.

## Why is this bad?
Who writes the guard expects to learn, or to hide, that the token belongs to another Context. It does neither: the
handler never runs, the failure is logged all the same, and the context stays attached.

## Example
```python
from opentelemetry.context import attach, detach


class Spans:
    def on_start(self, context):
        self._token = attach(context)

    def on_end(self):
        try:
            detach(self._token)  # expect: CTX119
        except ValueError:
            print("another Context")
```

## Use instead
```python
from opentelemetry.context import attach, detach


def handle(context, work):
    token = attach(context)
    try:
        work()
    finally:
        detach(token)
```

## When it is silent
When something else in the block may raise. Where the same run of the function made the token the guard is useless, too,
but nothing goes wrong: told on request.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ctxlint.analysis.guarded_resets import guarded_resets
from ctxlint.model.diagnostics import Related
from ctxlint.rules.rule import Finding, Rule

if TYPE_CHECKING:
    from ctxlint.analysis.analysis import Analysis


def check(analysis: Analysis) -> Iterator[Finding]:
    """Guards around resets of a library that never raise."""
    for found in guarded_resets(analysis.program):
        site = analysis.location(found.scope.path, found.call.span)
        guard = analysis.location(found.scope.path, found.guard.span)
        yield Finding(
            site,
            site,
            f"`{found.name}` logs what goes wrong and never raises, so the guard around it does nothing: a token of "
            "another Context is logged, not caught, and the context stays attached.",
            (Related("this guard never sees an exception", guard),),
            f"Remove the guard. If `{found.name}` logs a failure, attach and detach in one frame and one Context.",
            optional=True if found.is_own else None,
        )


RULE = Rule("CTX119", "guard-around-detach", "warning", True, __doc__ or "", check, mixed=True)
