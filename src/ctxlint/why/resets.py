"""What a ``reset``, or a value put back, undoes; where that is no set of its own function, whose token it is."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from ctxlint.analysis.relevance import events
from ctxlint.analysis.tokens import every_set
from ctxlint.model import ir
from ctxlint.model.ids import Place
from ctxlint.rules import story
from ctxlint.why.values import Reason, Site
from ctxlint.why.words import called, declared_at, head_of, limits_of, some, undone_by

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ctxlint.analysis.analysis import Analysis
    from ctxlint.analysis.scopes import Scope
    from ctxlint.analysis.tokens import TokenSite
    from ctxlint.model.ids import VarId
    from ctxlint.model.spans import Span


def resets(analysis: Analysis, path: str) -> Iterator[Site]:
    """Every ``reset`` of a file, in any spelling, and every value that is put back."""
    program = analysis.program
    for scope in program.relevant:
        if scope.path != path:
            continue
        found = (event for event in events(program.body(scope)) if isinstance(event, ir.Reset | ir.Restore))
        for span, same in itertools.groupby(
            sorted(found, key=lambda each: each.span), lambda each: each.span
        ):
            site = _reset(analysis, scope, span, next(same))
            if site is not None:
                yield site


def _reset(analysis: Analysis, scope: Scope, span: Span, event: ir.Reset | ir.Restore) -> Site | None:
    """None for a call that is handed something which is no token, as far as can be told."""
    undone = undone_by(analysis, scope, span)
    var = event.var or next((site.var for site in undone), None)
    if var is None:
        return None
    reasons = [
        Reason(f"it undoes the set of `{site.var.name}` here", analysis.location(scope.path, site.span))
        for site in undone
    ]
    if not reasons:
        reasons = list(_token_of(analysis, scope, event, var))
    return Site(
        "reset",
        analysis.location(scope.path, span),
        var.name,
        declared_at(analysis, var),
        tuple(reasons),
        limits_of(analysis, scope),
    )


def _token_of(analysis: Analysis, scope: Scope, event: ir.Reset | ir.Restore, var: VarId) -> Iterator[Reason]:
    """Where the token of a reset comes from that undoes no set of its own function."""
    if isinstance(event, ir.Restore):
        yield Reason("it puts back a value that was saved, or empties the variable")
        return
    token = event.token
    if isinstance(token, Place) and not token.path and token.root in _parameters(scope):
        yield Reason(f"the token comes in by the parameter `{token.root}`", head_of(analysis, scope))
        uses = analysis.program.uses.of(scope)
        given = (Reason("handed over here", analysis.location(u.scope.path, u.node.span)) for u in uses)
        yield from some(given, "uses")
        return
    gave = [
        other
        for other in every_set(analysis.program)
        if isinstance(token, Place) and other.site.var == var and _shares(scope, other, token)
    ]
    verb = "is" if len(gave) == 1 else "may be"
    for other in gave:
        where = "in this function" if other.scope is scope else f"in {called(other.scope)}"
        yield Reason(f"its token {verb} that of the set here, {where}", story.site_of(analysis, other))
    if not gave:
        yield Reason("where its token comes from is not followed")


def _shares(scope: Scope, other: TokenSite, token: Place) -> bool:
    """May a token in a place of ``scope`` be that of another set: of the same function, one around it, its class?"""
    into = other.site.into
    if into is None or into.root != token.root or into.path[:1] != token.path[:1]:
        return False
    if token.path and scope.owner is not None and other.scope.owner is scope.owner:
        return True
    around: Scope | None = scope
    while around is not None and around is not other.scope:
        around = around.parent
    return around is not None


def _parameters(scope: Scope) -> frozenset[str]:
    if scope.kind != "function":
        return frozenset()
    return frozenset(parameter.name for parameter in scope.function.parameters)
