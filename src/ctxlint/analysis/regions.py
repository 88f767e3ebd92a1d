"""Stretches of a function's text in which a value is in force.

A set holds from its place to the last reset that undoes it on a normal way out, else to the end; a ``with`` holds its
value for its body. What stands in a loop comes again, so a value that outlives the turn is in force from the loop's
start on.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass

from ctxlint.analysis.program import Program
from ctxlint.analysis.scopes import Scope
from ctxlint.analysis.symbols import FunctionRef
from ctxlint.model import facts as f
from ctxlint.model.ids import VarId
from ctxlint.model.observations import SiteOutcome
from ctxlint.model.walk import walk

END = sys.maxsize
_STAYING = ("held", "lost", "transferred")


@dataclass(frozen=True, slots=True)
class Region:
    """From ``start`` to ``end`` of the text of ``scope`` a value is in force. ``leaves``: it still is when the function
    returns.
    """

    scope: Scope
    start: int
    end: int = END
    leaves: bool = False

    def holds(self, node: f.Node) -> bool:
        """Is the value in force at a place, or in a part of it?"""
        return node.span.end > self.start and node.span.start < self.end


def region_of_set(scope: Scope, outcome: SiteOutcome) -> Region:
    """Where the value of a set is in force in its own function."""
    normal = [leaving for leaving in outcome.exits if leaving.kind == "normal"]
    leaves = any(leaving.fate in _STAYING for leaving in normal)
    start = outcome.site.span.start
    ends = [leaving.since.start for leaving in normal if leaving.since.start > start]
    end = max(ends) if ends and not leaves and len(ends) == len(normal) else END
    return _looped(Region(scope, start, end, leaves))


def region_of_call(program: Program, scope: Scope, call: f.Node, var: VarId) -> Region:
    """Where the value that a call leaves is in force in the caller, and whether the caller leaves it in turn."""
    outcome = program.outcome(scope)
    for each in outcome.sites if outcome is not None else ():
        if each.site.helper is not None and each.site.var == var and each.site.span == call.span:
            return region_of_set(scope, each)
    undoing = [
        other.span.start
        for other in scope.calls
        if other.span.start > call.span.start and _undoes(program, scope, other, var)
    ]
    if undoing:
        return _looped(Region(scope, call.span.start, max(undoing)))
    stays = scope.kind == "function" and var not in program.effects(scope).undoes
    return _looped(Region(scope, call.span.start, END, stays))


def _undoes(program: Program, scope: Scope, call: f.Call, var: VarId) -> bool:
    if isinstance(call.func, f.Attribute) and call.func.attr == "reset":
        return program.resolver.variable(scope, call.func.value) == var
    symbol = program.resolver.resolve(scope, call.func)
    if not isinstance(symbol, FunctionRef):
        return False
    effects = program.effects(symbol.scope)
    return var in effects.undoes or var in effects.restores


def region_of_block(scope: Scope, node: f.Node) -> Region | None:
    """The body of the ``with`` that has ``node`` among its managers; None where no ``with`` has."""
    for statement in scope.body:
        for each in walk(statement, into_scopes=False):
            if isinstance(each, f.With) and any(item.context is node for item in each.items):
                return Region(scope, node.span.start, _end(each))
    return None


def _looped(region: Region) -> Region:
    """The region from the start of the outermost loop on whose next turn finds the value."""
    starts = [
        loop.span.start
        for loop in region.scope.loops
        if loop.span.start < region.start < _end(loop) <= region.end
    ]
    return Region(region.scope, min(starts), region.end, region.leaves) if starts else region


def _end(statement: f.Node) -> int:
    return max(node.span.end for node in walk(statement))


def withs(scope: Scope) -> Iterator[f.Expr]:
    """The managers that the ``with`` statements of a function enter."""
    for statement in scope.body:
        for node in walk(statement, into_scopes=False):
            if isinstance(node, f.WithItem):
                yield node.context
