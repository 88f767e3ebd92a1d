"""Words and places that the explanations share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ctxlint.analysis.relevance import events
from ctxlint.model import facts as f
from ctxlint.model import ir
from ctxlint.model.walk import dotted
from ctxlint.rules.story import name_of
from ctxlint.why.values import Reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ctxlint.analysis.analysis import Analysis
    from ctxlint.analysis.scopes import Scope
    from ctxlint.model.ids import VarId
    from ctxlint.model.observations import Site as TokenSet
    from ctxlint.model.spans import Location, Span

_SHOWN = 5
_UNDONE = ("released", "restored", "covered")


def declared_at(analysis: Analysis, var: VarId) -> Location | None:
    """Where a variable is declared; None for a library's own."""
    declaration = analysis.program.by_var.get(var)
    return analysis.location(declaration.path, declaration.span) if declaration is not None else None


def head_of(analysis: Analysis, scope: Scope) -> Location:
    """The name in a function's head; of a lambda or a module the whole."""
    if isinstance(scope.node, f.Function):
        return analysis.location(scope.path, scope.function.head)
    return analysis.location(scope.path, scope.node.span if scope.node is not None else _nowhere())


def undone_at(analysis: Analysis, scope: Scope, var: VarId) -> Location:
    """Where a function undoes what others set: the reset or the value put back, else its head."""
    found = [event for event in events(analysis.program.body(scope)) if _touches(event, var)]
    plain = [event for event in found if not (isinstance(event, ir.Restore) and event.saved is not None)]
    undoing = [event for event in plain if not isinstance(event, ir.Set)][:1] or plain[-1:] or found[:1]
    return analysis.location(scope.path, undoing[0].span) if undoing else head_of(analysis, scope)


def _touches(event: ir.Event, var: VarId) -> bool:
    """Does the event undo the variable, or set it, which may put a value back?"""
    if isinstance(event, ir.Reset):
        return event.var in (var, None)
    return isinstance(event, ir.Restore | ir.Set) and event.var == var


def undone_by(analysis: Analysis, scope: Scope, span: Span) -> list[TokenSet]:
    """The sets of the function that some way out undoes at ``span``."""
    outcome = analysis.program.outcome(scope)
    return [
        each.site
        for each in (outcome.sites if outcome is not None else ())
        if any(leaving.since == span and leaving.fate in _UNDONE for leaving in each.exits)
    ]


def limits_of(analysis: Analysis, scope: Scope) -> tuple[Reason, ...]:
    """What was given up of a function (CTX904), or of the function that holds it."""
    span = scope.node.span if scope.node is not None else _nowhere()
    return tuple(
        Reason(f"a limit was reached (CTX904): {limit.message}", analysis.location(scope.path, limit.span))
        for limit in analysis.limits.get(scope.path, ())
        if _overlap(span, limit.span)
    )


def some(reasons: Iterable[Reason], what: str) -> Iterator[Reason]:
    """The first few, and how many more ``what`` there are."""
    found = list(dict.fromkeys(reasons))
    yield from found[:_SHOWN]
    if len(found) > _SHOWN:
        yield Reason(f"and {len(found) - _SHOWN} more {what}")


def spelled(expr: f.Expr) -> str:
    """An expression as a reader would call it."""
    if isinstance(expr, f.Call):
        return f"`{dotted(expr.func) or '…'}(…)`"
    if isinstance(expr, f.Lambda):
        return "the lambda"
    name = dotted(expr)
    return f"`{name}`" if name else "the expression"


def called(scope: Scope) -> str:
    """A function's name in a sentence."""
    return name_of(scope)


def _overlap(first: Span, second: Span) -> bool:
    return first.start < max(second.end, second.start + 1) and second.start < max(first.end, first.start + 1)


def _nowhere() -> Span:
    from ctxlint.model.spans import NOWHERE  # noqa: PLC0415 - a constant of a value that is else only annotated

    return NOWHERE
