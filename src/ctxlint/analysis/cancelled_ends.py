"""The wait for a task that was just cancelled: nothing but its CancelledError comes out of it, which is suppressed."""

from __future__ import annotations

from ctxlint.analysis.program import Program
from ctxlint.analysis.scopes import Scope
from ctxlint.model import facts as f
from ctxlint.model.spans import Span
from ctxlint.model.walk import dotted, walk

_CANCELLED = ("asyncio.CancelledError", "asyncio.exceptions.CancelledError", "builtins.BaseException")


def is_end_of_cancelled(program: Program, scope: Scope, span: Span) -> bool:
    """Does the ``await`` at a place only wait for a task that was just cancelled, with its CancelledError suppressed?
    Nothing else comes out of it in earnest.
    """
    for statement in scope.body:
        for node in walk(statement, into_scopes=False):
            if not isinstance(node, f.With) or not any(
                _suppresses_cancelled(program, scope, i) for i in node.items
            ):
                continue
            for part in node.body:
                for inner in walk(part, into_scopes=False):
                    if isinstance(inner, f.Await) and span in (inner.span, inner.value.span):
                        awaited = dotted(inner.value)
                        return awaited is not None and _is_cancelled_before(scope, awaited, span)
    return False


def _suppresses_cancelled(program: Program, scope: Scope, item: f.WithItem) -> bool:
    call = item.context
    return (
        isinstance(call, f.Call)
        and program.resolver.external(scope, call.func) == "contextlib.suppress"
        and any(program.resolver.external(scope, a.value) in _CANCELLED for a in call.args)
    )


def _is_cancelled_before(scope: Scope, name: str, span: Span) -> bool:
    return any(dotted(call.func) == f"{name}.cancel" and call.span.start < span.start for call in scope.calls)
