"""Can a value of a variable be in force at a place other than by the sets that are looked at?

Only what is certain answers no: every other set of the variable in the program, tests left out, empties it, or stands
in a function that has a Context of its own (a task root, a request's entry) and does not reach the place.
"""

from __future__ import annotations

import collections
import functools
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from ctxlint.analysis import drivers, frame_kinds
from ctxlint.analysis.callers import Uses
from ctxlint.analysis.callgraph import CallGraph, Edge
from ctxlint.analysis.lowering.managers import scoped_variables
from ctxlint.analysis.program import Program
from ctxlint.analysis.regions import Region, region_of_block, region_of_call, region_of_set, withs
from ctxlint.analysis.scopes import Scope
from ctxlint.knowledge.hops import hops
from ctxlint.knowledge.targets import targets
from ctxlint.model import facts as f
from ctxlint.model.ids import VarId
from ctxlint.model.observations import SiteOutcome
from ctxlint.model.spans import Span
from ctxlint.model.walk import parts

_APART = ("isolated-copy", "drops", "explicit")
_LEFT = ("held", "lost")
_DEPTH = 4
_CALLERS = 8


@dataclass(frozen=True, slots=True)
class Placed:
    """A set in the text of ``scope``."""

    scope: Scope
    span: Span


class Sets:
    """The sets of the program's variables."""

    def __init__(self, program: Program, graph: CallGraph, uses: Uses) -> None:
        """Nothing is looked at until asked."""
        self._program = program
        self._graph = graph
        self._uses = uses
        self._left: dict[tuple[Scope, int], dict[VarId, Placed]] = {}
        self._arguments: dict[Scope, frozenset[int]] = {}
        self._reached: dict[Scope, frozenset[Scope]] = {}

    @functools.cached_property
    def _sites(self) -> dict[VarId, list[tuple[Scope, SiteOutcome]]]:
        found: dict[VarId, list[tuple[Scope, SiteOutcome]]] = collections.defaultdict(list)
        for scope in self._program.relevant:
            outcome = self._program.outcome(scope)
            for each in outcome.sites if outcome is not None else ():
                if not each.site.emptying and each.site.helper is None:
                    found[each.site.var].append((scope, each))
        return found

    @functools.cached_property
    def _near(self) -> frozenset[Scope]:
        """The functions from which a set may be reached by so many calls, told from names alone: to know
        what every function calls would cost more than all else.
        """
        found: set[Scope] = set()
        level = {scope for sites in self._sites.values() for scope, _ in sites}
        for _ in range(_DEPTH + 1):
            found |= level
            names = {name for scope in level for name in self._names(scope)}
            users = {use.scope for name in sorted(names) for use in self._uses.named(name)}
            level = {outer for scope in users | level for outer in _around(scope)} - found
        return frozenset(found)

    def _names(self, scope: Scope) -> Iterator[str]:
        """The names by which a function is called: a special method's is that of its class, or of one below."""
        if scope.kind != "function":
            return
        yield scope.function.name
        owner = scope.owner
        if owner is not None and scope.function.name.startswith("__"):
            yield owner.qualname.rpartition(".")[2]
            yield from self._below.get(owner, ())

    @functools.cached_property
    def _below(self) -> dict[Scope, set[str]]:
        """For each class the names of those that derive from it."""
        found: dict[Scope, set[str]] = collections.defaultdict(set)
        for module in self._program.modules.values():
            for each in module.descendants():
                if each.kind == "class":
                    for ancestor in self._program.resolver.ancestors(each):
                        found[ancestor].add(each.qualname.rpartition(".")[2])
        return found

    def sites(self, var: VarId) -> tuple[tuple[Scope, SiteOutcome], ...]:
        """The sets of a variable to a value, where they stand."""
        return tuple(self._sites.get(var, ()))

    def are_below(self, var: VarId, scope: Scope) -> bool:
        """Do all sets of a variable, tests left out, stand in what a function runs?"""
        inside = self.reach(scope)
        return all(
            where in inside or frame_kinds.is_test_file(self._program, where.path)
            for where, _ in self._sites.get(var, ())
        )

    def runs_in_place(self, edge: Edge) -> bool:
        """Does the callee of an edge run in the caller's own Context, as a call of a plain or coroutine function?"""
        callee = edge.callee
        plain = (
            callee.kind == "function"
            and not callee.function.is_generator
            and not frame_kinds.is_enter(callee)
        )
        return plain and not self._is_start(edge)

    def reach(self, scope: Scope) -> frozenset[Scope]:
        """Every function that runs in the Context of ``scope`` when it does, itself included."""
        if scope not in self._reached:
            found = {scope}
            pending = [scope]
            while pending:
                fresh = [callee for callee in self._graph.callees(pending.pop()) if callee not in found]
                found.update(fresh)
                pending += fresh
            self._reached[scope] = frozenset(found)
        return self._reached[scope]

    def leads_to(self, scope: Scope, others: AbstractSet[Scope]) -> bool:
        """Does something that a function calls, in its Context, come to one of the others?"""
        return any(not others.isdisjoint(self.reach(callee)) for callee in self._graph.callees(scope))

    def left_by(self, scope: Scope, depth: int = 0) -> dict[VarId, Placed]:
        """The variables that are still set to a value when a plain or coroutine function returns, with the set."""
        if (scope, depth) in self._left:
            return self._left[scope, depth]
        found: dict[VarId, Placed] = {}
        effects = self._program.effects(scope)
        ended = effects.undoes | effects.restores | effects.scoped
        outcome = self._program.outcome(scope) if scope.path in self._program.modules else None
        for each in outcome.sites if outcome is not None else ():
            normal = [leaving for leaving in each.exits if leaving.kind == "normal"]
            if not each.site.emptying and any(leaving.fate in _LEFT for leaving in normal):
                found.setdefault(each.site.var, Placed(scope, each.site.span))
        for edge in self._graph.edges(scope) if depth < _DEPTH and scope in self._near else ():
            if edge.callee in self._near and self.runs_in_place(edge):
                below = self.left_by(edge.callee, depth + 1)
                found = {**{var: placed for var, placed in below.items() if var not in ended}, **found}
        self._left[scope, depth] = found
        return found

    def are_apart(self, var: VarId, at: Scope, known: frozenset[Scope]) -> bool:
        """Do all sets of a variable, but for those of functions that are ``known`` to be done with theirs, stand where
        their values cannot be in force in ``at``?
        """
        return all(
            scope in known
            or frame_kinds.is_test_file(self._program, scope.path)
            or (at not in self.reach(scope) and self.runs_apart(scope))
            for scope, _ in self._sites.get(var, ())
        )

    def runs_apart(self, scope: Scope, seen: frozenset[Scope] = frozenset()) -> bool:
        """Does a function run nowhere but in Contexts of its own, or of those who call it, as the program shows?"""
        if scope.kind != "function" or len(seen) > _CALLERS:
            return False
        if scope.function.is_lambda:
            return self._is_handed_over(scope)
        if drivers.has_own_context(self._program, scope) is not None:
            return True
        inner = seen | {scope}
        uses = [
            use
            for use in self._uses.of(scope)
            if use.scope not in inner and not frame_kinds.is_test_file(self._program, use.scope.path)
        ]
        return bool(uses) and all(
            (use.receiver is not None and self._is_apart(use.scope, use.receiver))
            if use.kind == "handed"
            else use.kind == "call" and self.runs_apart(use.scope, inner)
            for use in uses
        )

    def _is_handed_over(self, scope: Scope) -> bool:
        """Is a lambda written where it is handed to something that runs it in another Context?"""
        outer = scope.parent
        return outer is not None and any(
            isinstance(argument.value, f.Lambda) and argument.value.function is scope.node
            for call in outer.calls
            for argument in call.args
            if self._is_apart(outer, call)
        )

    def regions(self, scope: Scope, var: VarId) -> Iterator[Region]:
        """Where in a function's text it has a value of its own in force: by a set, a manager, or a call."""
        outcome = self._program.outcome(scope) if scope.path in self._program.modules else None
        for each in outcome.sites if outcome is not None else ():
            if each.site.var == var and not each.site.emptying:
                yield region_of_set(scope, each)
        frame = self._program.frame(scope)
        for context in withs(scope):
            held = region_of_block(scope, context) if var in scoped_variables(frame, context) else None
            if held is not None:
                yield held
        for edge in self._graph.edges(scope):
            if not self._is_start(edge) and var in self.left_by(edge.callee):
                yield region_of_call(self._program, scope, edge.node, var)

    def _is_start(self, edge: Edge) -> bool:
        """Does the edge lead into another Context: by a call that runs what it is handed there, or the coroutine?"""
        return any(
            isinstance(node, f.Call) and (self._is_apart(scope, node) or id(node) in self._handed(scope))
            for scope, node in edge.places
        )

    def _handed(self, scope: Scope) -> frozenset[int]:
        """The calls that stand in the arguments of a start, and are not awaited there."""
        if scope not in self._arguments:
            found: set[int] = set()
            for call in scope.calls:
                pending: list[f.Node] = [a.value for a in call.args] if self._is_apart(scope, call) else []
                while pending:
                    node = pending.pop()
                    if isinstance(node, f.Await | f.Lambda):
                        continue
                    if isinstance(node, f.Call):
                        found.add(id(node))
                    pending += parts(node)
            self._arguments[scope] = frozenset(found)
        return self._arguments[scope]

    def _is_apart(self, scope: Scope, call: f.Call) -> bool:
        """Does a call run what it is handed in another Context?"""
        name = self._program.resolver.external(scope, call.func)
        rows = hops().every(name) if name is not None else ()
        return any(
            row.verdict(version, inherits=targets().inherits) in _APART
            for row in rows
            for version in targets().versions
        )


def _around(scope: Scope) -> Iterator[Scope]:
    """A scope, and those that it is written in."""
    where: Scope | None = scope
    while where is not None:
        yield where
        where = where.parent
