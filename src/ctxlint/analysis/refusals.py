"""Resets that CPython refuses: with the token of another variable, with None, with a name that nothing was bound to.

What happens within one function the interpreter saw. What a name of an enclosing function or an attribute of ``self``
holds is told from all that is ever bound to it: only where each of it is None or the token of one and the same other
variable is a reset held to be wrong. Left out: what a function past the bound on worlds may do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ctxlint.analysis import frame_kinds
from ctxlint.analysis import scopes as sc
from ctxlint.analysis.program import Program, is_filled_by
from ctxlint.analysis.relevance import events
from ctxlint.analysis.scopes import Scope
from ctxlint.analysis.summaries import certain_resets
from ctxlint.model import facts as f
from ctxlint.model import ir
from ctxlint.model.ids import Place, VarId
from ctxlint.model.observations import MissingToken, Step
from ctxlint.model.spans import Span


@dataclass(frozen=True, slots=True)
class Foreign:
    """A reset of ``var`` in ``scope``, at ``at``, with a token that ``maker`` made at ``made`` of ``other``, which is
    spelled ``receiver`` there. ``token`` is how the reset names the token.
    """

    scope: Scope
    at: Span
    var: VarId
    token: str
    maker: Scope
    made: Span
    other: VarId
    receiver: str
    trail: tuple[Step, ...] = ()


def foreign_resets(program: Program) -> Iterator[Foreign]:
    """Every reset with the token of another variable. A library's variables are reset by its own functions, which
    take a token of any.
    """
    for scope in program.relevant:
        outcome = program.outcome(scope)
        if outcome is not None and outcome.capped:
            continue
        named = {
            (event.span, var): event
            for event in events(program.body(scope))
            if isinstance(event, ir.Reset) and isinstance(event.token, Place)
            if (var := event.var or event.by) is not None
        }
        for each in outcome.foreign if outcome is not None else ():
            event = named.pop((each.at, each.var))
            site = each.site
            spelled = site.receiver or site.var.name
            yield Foreign(
                scope, each.at, each.var, _spelled(event), scope, site.span, site.var, spelled, each.trail
            )
        for (_, var), event in named.items():
            yield from _by_bindings(program, scope, event, var)


def missing_tokens(program: Program) -> Iterator[tuple[Scope, MissingToken]]:
    """Every reset that some path reaches with None, or with a name that it has not bound."""
    for scope in program.relevant:
        outcome = program.outcome(scope)
        if outcome is not None and not outcome.capped:
            for each in outcome.missing:
                yield scope, each
        if frame_kinds.is_enter(scope) and outcome is not None and not outcome.capped:
            partner = frame_kinds.exit_partner(program, scope)
            if partner is not None and partner.path == scope.path:
                yield from ((partner, each) for each in _left_empty(program, scope, partner, outcome.empty))


def _left_empty(
    program: Program, enter: Scope, leave: Scope, empty: frozenset[Place]
) -> Iterator[MissingToken]:
    """What ``__exit__`` resets, whatever happened, with an attribute that only ``__enter__`` fills, and not always."""
    own = {event.place for event in events(program.body(leave)) if isinstance(event, ir.Bind)}
    for event, strict in certain_resets(program.body(leave)):
        token = event.token
        if not (strict and event.var is not None and isinstance(token, Place) and token not in own):
            continue
        there = Place(sc.self_name(enter) or "", token.path)
        makers = _makers(program, leave, token) or ()
        owner = leave.owner
        if there not in empty or owner is not enter.owner or owner is None:
            continue
        alone = is_filled_by(owner, token.path[0], enter)
        if makers and alone and all(made.scope is enter for made in makers):
            bound = any(
                isinstance(each, sc.Assigned) and isinstance(each.value, f.Literal)
                for each, _ in _attribute(program, leave, token)
            )
            yield MissingToken(event.var, token, event.span, bound, None, (), makers[0].call.span)


def _spelled(event: ir.Reset) -> str:
    token = event.token
    if not isinstance(token, Place) or token.root.startswith("%"):
        return "…"
    return "".join((token.root, *(part if part.startswith("[") else f".{part}" for part in token.path)))


@dataclass(frozen=True, slots=True)
class _Made:
    """What gives a place its token: the method, the call, the variable."""

    scope: Scope
    call: f.Call
    var: VarId


def _by_bindings(program: Program, scope: Scope, event: ir.Reset, var: VarId) -> Iterator[Foreign]:
    """The reset, if the place that it takes the token from holds none but those of one other variable."""
    assert isinstance(event.token, Place)  # noqa: S101 - only such are asked for
    makers = _makers(program, scope, event.token)
    if not makers:
        return
    others = {made.var for made in makers}
    if len(others) == 1 and program.distinct(var, makers[0].var):
        made = makers[0]
        spelled = made.var.name
        yield Foreign(scope, event.span, var, _spelled(event), made.scope, made.call.span, made.var, spelled)


def _makers(program: Program, scope: Scope, token: Place) -> tuple[_Made, ...] | None:
    """What gives the place its tokens; None where something else may be put there."""
    bound = _attribute(program, scope, token) if token.path else _enclosing(scope, token.root)
    found: list[_Made] = []
    for binding, where in bound:
        match binding:
            case sc.Annotated() | sc.Assigned(value=f.Literal(kind="none"), path=()):
                continue
            case sc.Assigned(value=f.Call(func=f.Attribute(value=value, attr="set")) as call, path=()):
                var = program.resolver.variable(where, value)
                if var is None:
                    return None
                found.append(_Made(where, call, var))
            case _:
                return None
    return tuple(found)


def _attribute(program: Program, scope: Scope, token: Place) -> list[tuple[sc.Binding, Scope]]:
    """What is bound to an attribute of ``self``, in its class and those above it."""
    if scope.owner is None or len(token.path) != 1 or token.root != sc.self_name(scope):
        return []
    found: list[tuple[sc.Binding, Scope]] = []
    for cls in program.resolver.ancestors(scope.owner):
        found += cls.attributes.get(token.path[0], [])
        found += ((binding, cls) for binding in cls.bindings.get(token.path[0], []))
    return found


def _enclosing(scope: Scope, name: str) -> list[tuple[sc.Binding, Scope]]:
    """What is bound to a name of a function around this one, unless a function inside that one binds it, too."""
    if not isinstance(scope.node, f.Function) or name in scope.node.bound:
        return []
    where = scope.parent
    while where is not None and not (isinstance(where.node, f.Function) and name in where.node.bound):
        where = where.parent
    if where is None:
        return []
    inner = (each.node for each in where.descendants() if isinstance(each.node, f.Function))
    if any(name in node.nonlocal_names for node in inner):
        return []
    return [(binding, where) for binding in where.bindings.get(name, [])]
