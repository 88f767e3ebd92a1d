"""Scopes that end by writing a constant where the value from before should stand again.

Asked of sets that are undone by emptying: ``v.set(x)`` … ``v.set(None)``. Where the function looks at the variable
before it sets, or sets only where nothing was set, it knows what was there, and nothing is said.
"""

from __future__ import annotations

from dataclasses import dataclass

from ctxlint.analysis import drivers, frame_kinds
from ctxlint.analysis import scopes as sc
from ctxlint.analysis.generators import is_driven_elsewhere
from ctxlint.analysis.relevance import empties, events
from ctxlint.analysis.scopes import Scope
from ctxlint.analysis.symbols import FunctionRef
from ctxlint.analysis.tokens import TokenSite
from ctxlint.model import facts as f
from ctxlint.model import ir
from ctxlint.model.observations import SiteExit
from ctxlint.model.spans import Span
from ctxlint.model.walk import holds, walk


@dataclass(frozen=True, slots=True)
class Clobbered:
    """The write at ``span`` of ``where`` that takes the place of the value from before; ``managed``: at the end of a
    context manager; ``below``: the set itself, where a function of the program is called for it.
    """

    where: Scope
    span: Span
    managed: bool
    below: tuple[Scope, Span] | None = None


def clobbered(token: TokenSite) -> Clobbered | None:
    """The write that loses the value from before; None where there is none, or that value is known."""
    scope = token.scope
    if scope.kind != "function" or token.capped or token.outcome.created or token.outcome.under:
        return None
    if token.site.derived or token.library is not None or _is_looked_at(token):
        return None
    if frame_kinds.is_enter(scope):
        return _by_exit(token)
    normal = [leaving for leaving in token.outcome.exits if leaving.kind == "normal"]
    if not normal or not all(_is_emptied(token, leaving) for leaving in normal):
        return None
    if token.outcome.worked is None or is_driven_elsewhere(token.program, scope):
        return None
    managed = frame_kinds.is_scope_generator(token.program, scope)
    if managed and drivers.is_outermost(token.program, scope):
        return None
    if scope.function.is_generator and not managed:
        return None
    if not managed and token.own_context is not None:
        return None
    end = normal[0].since
    if not _written(token, token.site.span).isdisjoint(_written(token, end)):
        return None
    return Clobbered(scope, end, managed, _emptied_below(token, end))


def _is_emptied(token: TokenSite, leaving: SiteExit) -> bool:
    """Is it undone by a constant: by a set, or by a function of the program that does nothing else to the variable?"""
    if leaving.fate == "covered":
        return _emptied_below(token, leaving.since) is not None
    return leaving.fate == "restored" and leaving.via == "emptied"


def _emptied_below(token: TokenSite, span: Span) -> tuple[Scope, Span] | None:
    """The set by which the function that is called at ``span`` empties the variable, if that is all it does to it."""
    call = next((call for call in token.scope.calls if call.span == span), None)
    symbol = token.program.resolver.resolve(token.scope, call.func) if call is not None else None
    if not isinstance(symbol, FunctionRef):
        return None
    found = tuple(events(token.program.body(symbol.scope)))
    if any(isinstance(event, ir.Restore | ir.Reset | ir.ResetEach | ir.Get) for event in found):
        return None
    writes = [event for event in found if isinstance(event, ir.Set) and event.var == token.site.var]
    if not all(map(empties, writes)):
        return None
    return (symbol.scope, writes[0].span) if writes else None


def _is_looked_at(token: TokenSite) -> bool:
    """Does the function read the variable before it sets it?"""
    return any(
        isinstance(event, ir.Get) and event.var == token.site.var and event.span.start < token.site.span.start
        for event in events(token.program.body(token.scope))
    )


def _by_exit(token: TokenSite) -> Clobbered | None:
    """The emptying set in ``__exit__`` on which no condition decides but one on the exception."""
    leave = frame_kinds.exit_partner(token.program, token.scope)
    if leave is None:
        return None
    found = tuple(events(token.program.body(leave)))
    if any(isinstance(event, ir.Restore | ir.Reset | ir.ResetEach) for event in found):
        return None
    writes = [event for event in found if isinstance(event, ir.Set) and event.var == token.site.var]
    if len(writes) != 1 or not empties(writes[0]):
        return None
    if writes[0].value in _written(token, token.site.span):
        return None
    span = writes[0].span
    return None if _depends_on_state(leave, span) else Clobbered(leave, span, managed=True)


def _written(token: TokenSite, span: Span) -> set[ir.Operand]:
    """What the set at ``span`` writes: a container that a scope sets is its own, unless its end writes the same."""
    found = (event for event in events(token.program.body(token.scope)) if isinstance(event, ir.Set))
    return {event.value for event in found if event.span == span and event.value is not None}


def _depends_on_state(leave: Scope, span: Span) -> bool:
    """Does a condition stand around a place that asks for more than the exception: the object, the variable, a count of
    the scopes that are still open?
    """
    own = sc.self_name(leave)
    raised = {parameter.name for parameter in leave.function.parameters} - {own}
    return any(
        isinstance(node, f.If | f.While)
        and any(isinstance(name, f.Name) and name.id not in raised for name in walk(node.test))
        and holds((*node.body, *node.orelse), span)
        for statement in leave.body
        for node in walk(statement, into_scopes=False)
    )
