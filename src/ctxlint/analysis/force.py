"""Can a set of a variable be in force at a hop?

A set counts where its function goes on to reach the hop by calls, where its value leaves the function towards a
caller that does, and where it is set for whoever comes: by a function that nobody in the program calls and that
leaves the value in place (a published setter, a callback of a framework), or by one that calls what it wraps (a
middleware, a decorator) or yields to its block. A set at import, one in a test, and one that only empties the variable
do not count.
"""

from __future__ import annotations

import collections
import functools
from collections.abc import Iterator
from dataclasses import dataclass

from ctxlint.analysis import drivers
from ctxlint.analysis.callgraph import CallGraph
from ctxlint.analysis.program import Program
from ctxlint.analysis.scopes import Scope
from ctxlint.analysis.spawns import Spawn
from ctxlint.model.ids import VarId
from ctxlint.model.observations import SiteOutcome
from ctxlint.model.spans import Span

_STAYING = ("held", "lost", "transferred")


@dataclass(frozen=True, slots=True)
class Origin:
    """A set that can be in force: the function and the place."""

    scope: Scope
    span: Span


class Force:
    """Answers for the variables of one program."""

    def __init__(self, program: Program, graph: CallGraph) -> None:
        """Nothing is looked at until asked."""
        self._program = program
        self._graph = graph
        self._reached: dict[Scope, frozenset[Scope]] = {}

    @functools.cached_property
    def variables(self) -> frozenset[VarId]:
        """The variables that something other than an import sets to a value."""
        return frozenset(self._sites)

    @functools.cached_property
    def _sites(self) -> dict[VarId, list[tuple[Scope, SiteOutcome]]]:
        found: dict[VarId, list[tuple[Scope, SiteOutcome]]] = collections.defaultdict(list)
        for scope in self._program.relevant:
            outcome = self._program.outcome(scope)
            if outcome is None:
                continue
            for each in outcome.sites:
                if not each.site.emptying and each.site.helper is None:
                    found[each.site.var].append((scope, each))
        return found

    def at(self, var: VarId, spawn: Spawn) -> Origin | None:
        """A set of ``var`` that can be in force at the hop; the one that is closest to it, if several can."""
        before = _before(spawn)
        inside = self._reach(spawn.worker)
        found: list[Origin] = []
        for scope, outcome in self._sites.get(var, ()):
            start = outcome.site.span.start
            if start < before.get(scope, 0):
                return Origin(scope, outcome.site.span)
            if scope.kind != "function" or scope in inside or self._is_foreign_test(scope, spawn):
                continue
            if self._leads_to(scope, outcome, before):
                found.append(Origin(scope, outcome.site.span))
        home = spawn.scope.path
        return min(found, key=lambda origin: (origin.scope.path != home, origin.scope.path, origin.span), default=None)

    def _is_foreign_test(self, scope: Scope, spawn: Spawn) -> bool:
        return scope.path != spawn.scope.path and drivers.is_test_file(self._program, scope.path)

    def _leads_to(self, scope: Scope, outcome: SiteOutcome, before: dict[Scope, int]) -> bool:
        if not before.keys().isdisjoint(self._reach(scope) - {scope}):
            return True
        block = outcome.wrapped is not None or drivers.is_scope_generator(self._program, scope)
        leaves = any(leaving.fate in _STAYING for leaving in outcome.exits if leaving.kind == "normal")
        return (block or leaves) and self._comes_to(scope, outcome.site.var, before, leaves=leaves and not block)

    def _comes_to(self, scope: Scope, var: VarId, before: dict[Scope, int], *, leaves: bool) -> bool:
        """Does somebody who uses ``scope``, and so has the value in force, reach the hop? What nobody in the program
        uses is used from outside. With ``leaves`` the value stays with the user's own users, too; beyond the program
        that counts where setting is all that the user does.
        """
        seen = {scope}
        pending = [scope]
        while pending:
            current = pending.pop()
            users = list(self._users(current))
            if not users and (current is scope or not self._program.effects(current).works):
                return True
            for user, start in users:
                if start < before.get(user, 0):
                    return True
                if user in seen:
                    continue
                seen.add(user)
                if not before.keys().isdisjoint(self._reach(user) - {user}):
                    return True
                if leaves and user.kind == "function" and var not in self._program.effects(user).undoes:
                    pending.append(user)
        return False

    def _users(self, scope: Scope) -> Iterator[tuple[Scope, int]]:
        if scope.function.is_lambda or drivers.is_enter(scope):
            return
        for use in self._program.uses.of(scope):
            if not drivers.is_test_file(self._program, use.scope.path):
                yield use.scope, use.node.span.start

    def _reach(self, scope: Scope) -> frozenset[Scope]:
        """Every function that runs when ``scope`` does."""
        if scope not in self._reached:
            found = {scope}
            pending = [scope]
            while pending:
                for edge in self._graph.edges(pending.pop()):
                    if edge.callee not in found:
                        found.add(edge.callee)
                        pending.append(edge.callee)
            self._reached[scope] = frozenset(found)
        return self._reached[scope]


def _before(spawn: Spawn) -> dict[Scope, int]:
    """The functions in whose text the hop is made, and those around them, with the place before which a set counts."""
    found: dict[Scope, int] = {}
    for scope, node in spawn.places:
        where: Scope | None = scope
        while where is not None:
            if where.kind != "class" and (where.kind != "module" or where is scope):
                found[where] = max(found.get(where, 0), node.span.start)
            where = where.parent
    return found
