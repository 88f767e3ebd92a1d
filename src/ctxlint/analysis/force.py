"""Can a set of a variable be in force at a hop?

A set counts where, while it is in force, its function makes the hop or calls what makes it. From there a value goes
outward: one that is left set is in force behind each call of the function, one that a context manager or decorator
of the program holds is in force in the block or the function. What comes in from outside of the program counts where
it can: a function that nobody in the program calls and that leaves a value behind (a published setter, a framework's
hook), and a call of something that is not known (what a middleware wraps, a table of handlers); but only where the
hop can be reached from outside (``entries``). A context manager that nobody in the program enters holds nothing there.

A set at import, one in a test, one in a Context of its own (a worker's, a task's) and one that only empties the
variable do not count.
"""

from __future__ import annotations

import collections
import functools
from collections.abc import Iterator
from dataclasses import dataclass, replace

from ctxlint.analysis import drivers, frame_kinds
from ctxlint.analysis.callers import Use
from ctxlint.analysis.callgraph import CallGraph
from ctxlint.analysis.entries import Entries
from ctxlint.analysis.goals import Goal, goal_of
from ctxlint.analysis.holders import Holders
from ctxlint.analysis.library_contexts import LibraryContexts
from ctxlint.analysis.program import Program
from ctxlint.analysis.reach import Bits, Reach, Reached
from ctxlint.analysis.reads import is_set
from ctxlint.analysis.regions import (
    Region,
    region_of_call,
    region_of_set,
)
from ctxlint.analysis.scopes import Scope
from ctxlint.analysis.second_places import is_kept_twice
from ctxlint.analysis.spawns import Spawn
from ctxlint.analysis.symbols import External, ParameterRef
from ctxlint.knowledge.hops import hops
from ctxlint.knowledge.loader import calls as known_calls
from ctxlint.knowledge.loader import token_library
from ctxlint.model import facts as f
from ctxlint.model.ids import VarId
from ctxlint.model.observations import SiteOutcome
from ctxlint.model.spans import Span

_SAME = ("shared", "carries-back")


@dataclass(frozen=True, slots=True)
class Origin:
    """A set that can be in force: the function and the place. ``twice``: what is set is kept in a second place, where
    a reader can find it. ``entry``: a framework sets it for the function. ``guessed``: it meets the hop only if
    something that is called while it is in force, and of which nothing is known, leads there. ``seen``: this one or
    another set is seen to come to the hop.
    """

    scope: Scope
    span: Span
    twice: bool = False
    entry: bool = False
    guessed: bool = False
    seen: bool = True


@dataclass(frozen=True, slots=True)
class _Cover:
    """Where a value is in force: the regions by function, what runs in them, and whether it can be in force in code
    ``outside`` of the program. ``given``: in the very text of a region something is called that its function, or the
    object, was given.
    """

    by_scope: dict[Scope, list[Region]]
    reached: Reached
    outside: bool
    given: bool


class Force:
    """Answers for the variables of one program."""

    def __init__(self, program: Program, graph: CallGraph) -> None:
        """Nothing is looked at until asked."""
        self._program = program
        self._graph = graph
        self._entries = Entries(program)
        self._holders = Holders(program)
        self._libraries = LibraryContexts(program)
        self._reach = Reach(graph, self._marks_of)
        self._names: Bits[str] = Bits()
        self._anything = self._names.of(("",))
        self._named: dict[int, int] = {}
        self._twice: dict[VarId, bool] = {}
        self._single: dict[Region, _Cover] = {}
        self._covers: dict[tuple[Scope, Span, VarId], _Cover] = {}

    @functools.cached_property
    def variables(self) -> frozenset[VarId]:
        """The variables that something other than an import sets to a value."""
        return frozenset(self._sites) | self._libraries.held.keys()

    @functools.cached_property
    def _sites(self) -> dict[VarId, list[tuple[Scope, SiteOutcome]]]:
        found: dict[VarId, list[tuple[Scope, SiteOutcome]]] = collections.defaultdict(list)
        for scope in self._program.relevant:
            outcome = self._program.outcome(scope)
            if outcome is None:
                continue
            for each in outcome.sites:
                own = each.site.helper is None or _is_of_library(each.site.var, each.site.helper)
                if own and not each.site.emptying:
                    found[each.site.var].append((scope, each))
        return found

    def at(self, var: VarId, spawn: Spawn) -> Origin | None:
        """A set of ``var`` that can be in force at the hop; the one that is closest to it, if several can."""
        goal = goal_of(spawn)
        inside = self._reach.of(spawn.worker).scopes | self._reach.of(spawn.end).scopes
        found: list[tuple[bool, bool, bool, str, Span, Origin]] = []
        seen = told = False  # is some set seen to come there: at all, and one whose value has no second place
        for scope, outcome in self._sites.get(var, ()):
            region = region_of_set(scope, outcome)
            own = goal.is_in(region)
            if not own and (
                scope.kind != "function"
                or self._reach.bits.of((scope,)) & inside
                or self._is_foreign_test(scope, spawn)
                or _comes_later(region, spawn)
            ):
                continue
            if own or self._leads_towards(self._cover(scope, outcome), goal):
                guessed = not own and self._is_guessed(self._cover(scope, outcome), goal, var)
                twice = self._is_kept_twice(scope, outcome)
                origin = Origin(scope, outcome.site.span, twice, guessed=guessed)
                far = scope.path != spawn.scope.path
                found.append((twice or guessed, not own, far, scope.path, origin.span, origin))
                comes = own or self._is_seen_to_lead(self._cover(scope, outcome), goal)
                seen, told = seen or comes, told or (comes and not twice)
        for each in self._libraries.held.get(var, ()):
            scope, own = each.region.scope, goal.is_in(each.region)
            if own or (
                not self._reach.bits.of((scope,)) & inside
                and self._leads_towards(self._cover_of_region(each.region), goal)
            ):
                cover = self._cover_of_region(each.region)
                guessed = not own and _stands_in_logs(var) and self._is_guessed(cover, goal, var)
                far = scope.path != spawn.scope.path
                origin = Origin(scope, each.span, entry=each.entry, guessed=guessed)
                found.append((guessed, not own, far, scope.path, each.span, origin))
                seen = seen or own or self._is_seen_to_lead(cover, goal)
        if found and not told and self._has_a_second_place(var):
            found = [(True, *each[1:5], replace(each[5], twice=True)) for each in found]
        return replace(min(found, key=lambda each: each[:5])[-1], seen=seen) if found else None

    def _has_a_second_place(self, var: VarId) -> bool:
        """Does some set keep its value twice? Then readers look there, too, and who sets the variable alone, and is
        never seen to come to a hop, may do so for that reason.
        """
        if var not in self._twice:
            sites = self._sites.get(var, ())
            self._twice[var] = any(self._is_kept_twice(scope, outcome) for scope, outcome in sites)
        return self._twice[var]

    def _is_kept_twice(self, scope: Scope, outcome: SiteOutcome) -> bool:
        """Does the function whose text sets the value, here or in what is entered or called here, keep it twice?"""
        var, span = outcome.site.var, outcome.site.span
        pending = [scope]
        seen: set[Scope] = set()
        found: list[bool] = []
        while pending:
            where = pending.pop()
            seen.add(where)
            found += [
                is_kept_twice(self._program, where, call)
                for call in where.calls
                if (where is not scope or call.span == span) and is_set(self._program, where, call, var)
            ]
            pending += [
                edge.callee
                for edge in self._graph.edges(where)
                if edge.callee not in seen
                and self._leaves(edge.callee, var)
                and (where is not scope or span.start <= edge.node.span.start < span.end)
            ]
        return bool(found) and all(found)

    def _leaves(self, scope: Scope, var: VarId) -> bool:
        """Does a function leave a value, or give back the token of one?"""
        effects = self._program.effects(scope)
        if var in effects.sets or any(token.var == var for token in effects.tokens):
            return True
        outcome = self._program.outcome(scope) if frame_kinds.is_enter(scope) else None
        return outcome is not None and any(each.site.var == var for each in outcome.sites)

    def _is_foreign_test(self, scope: Scope, spawn: Spawn) -> bool:
        return scope.path != spawn.scope.path and frame_kinds.is_test_file(self._program, scope.path)

    def _leads_towards(self, cover: _Cover, goal: Goal) -> bool:
        """Is the hop made in the regions, by what they call, or by what they call and is not known?"""
        if self._is_seen_to_lead(cover, goal):
            return True
        if not self._may_lead(cover, goal):
            return False
        return self._entries.are_open(goal.scopes)  # last: it may look into every file

    def _may_lead(self, cover: _Cover, goal: Goal) -> bool:
        """Is there something unknown, in the regions or behind them, that can be the hop's function?"""
        anything = bool(cover.reached.marks & self._anything)
        return cover.outside or anything or self._leads_by_name(cover, goal)

    def _leads_by_name(self, cover: _Cover, goal: Goal) -> bool:
        """Is a method called there, of an object that is not known, whose name one has that leads to the hop?"""
        names = cover.reached.marks
        if names not in self._named:
            reached = 0
            for name in self._names.things(names):
                for method in self._methods.get(name, ()):
                    reached |= self._reach.of(method).scopes
            self._named[names] = reached
        return bool(self._named[names] & self._reach.bits.of(goal.scopes))

    def _is_guessed(self, cover: _Cover, goal: Goal, var: VarId) -> bool:
        """Is there nothing but calls of which nothing is known between the set and the hop, and nothing that says that
        they can come there? What only stands in lines of a log has to be seen to come there, and so does the variable
        of an object, of which there may be several.
        """
        if _stands_in_logs(var) or (self._is_of_an_object(var) and not cover.given):
            return not self._is_seen_to_lead(cover, goal)
        if cover.outside or cover.given or self._is_seen_to_lead(cover, goal):
            return False
        return not self._leads_by_name(cover, goal) and not self._entries.are_kept(goal.scopes)

    def _is_of_an_object(self, var: VarId) -> bool:
        """Does each object of a class make a variable of its own?"""
        declaration = self._program.by_var.get(var)
        return declaration is not None and declaration.scope.owner is not None

    def _is_seen_to_lead(self, cover: _Cover, goal: Goal) -> bool:
        """Is the hop made in the regions, or by what is known to be called there?"""
        return any(
            goal.is_in(region) for scope in goal.places for region in cover.by_scope.get(scope, ())
        ) or bool(cover.reached.scopes & self._reach.bits.of(goal.scopes))

    def _cover(self, scope: Scope, outcome: SiteOutcome) -> _Cover:
        """Where the value of a set is in force, in its function and outward from there."""
        key = scope, outcome.site.span, outcome.site.var
        if key not in self._covers:
            var = outcome.site.var
            first = region_of_set(scope, outcome)
            if frame_kinds.is_enter(scope) or frame_kinds.is_scope_generator(self._program, scope):
                first = replace(first, leaves=False)
            held = tuple(self._holders.of(scope, outcome))
            outside = None in held
            pending = [first, *(holder for holder in held if holder is not None)]
            seen = dict.fromkeys(pending)
            while pending:
                region = pending.pop()
                if not region.leaves or region.scope.kind != "function":
                    continue
                outside = outside or self._is_published(region.scope, first=region is first)
                for use in self._users(region.scope):
                    held = tuple(self._holders.by_call(use, var))
                    outside = outside or None in held
                    behind = region_of_call(self._program, use.scope, use.node, var)
                    if any(True for _ in held):
                        behind = replace(behind, leaves=False)
                    fresh = [each for each in (behind, *held) if each is not None and each not in seen]
                    seen.update(dict.fromkeys(fresh))
                    pending += fresh
            self._covers[key] = self._cover_of(tuple(seen), outside=outside)
        return self._covers[key]

    def _cover_of_region(self, region: Region) -> _Cover:
        if region not in self._single:
            self._single[region] = self._cover_of((region,), outside=False)
        return self._single[region]

    def _cover_of(self, regions: tuple[Region, ...], *, outside: bool) -> _Cover:
        scopes = marks = direct = 0
        by_scope: dict[Scope, list[Region]] = collections.defaultdict(list)
        for region in regions:
            by_scope[region.scope].append(region)
            for callee in self._run_in(region):
                reached = self._reach.of(callee)
                scopes |= reached.scopes
                marks |= reached.marks
            for call in region.scope.calls:
                if region.holds(call):
                    unknown = self._unknown(region.scope, call)
                    marks |= unknown
                    direct |= unknown if not isinstance(call.func, f.Subscript) else 0
        return _Cover(dict(by_scope), Reached(scopes, marks), outside, bool(direct & self._anything))

    # --- inward -------------------------------------------------------------------------------------------

    def _run_in(self, region: Region) -> Iterator[Scope]:
        """The functions that run in a region, those included that are handed to its function and called there."""
        for edge in self._graph.edges(region.scope):
            if region.holds(edge.node):
                yield edge.callee
        for user in self._users(region.scope) if region.scope.kind == "function" else ():
            for edge in self._graph.edges(user.scope):
                if any(scope is region.scope and region.holds(node) for scope, node in edge.through):
                    yield edge.callee

    def _marks_of(self, scope: Scope) -> int:
        marks = 0
        for call in scope.calls:
            marks |= self._unknown(scope, call)
        return marks

    def _unknown(self, scope: Scope, call: f.Call) -> int:
        """What a call may reach that is not known: anything, for a value that is called, or the methods of a name."""
        symbol = self._program.resolver.resolve(scope, call.func)
        if isinstance(symbol, ParameterRef):
            return 0 if any(True for _ in self._users(symbol.scope)) else self._anything
        if symbol is not None or self._graph.callables.of(scope, call.func) is not None:
            return 0
        if not isinstance(call.func, f.Attribute):
            return self._anything if isinstance(call.func, f.Subscript | f.Name) else 0
        if isinstance(call.func.value, f.Name) and call.func.value.id in ("self", "cls"):
            return self._anything
        return self._names.of((call.func.attr,)) if call.func.attr in self._methods else 0

    @functools.cached_property
    def _methods(self) -> dict[str, list[Scope]]:
        found: dict[str, list[Scope]] = collections.defaultdict(list)
        for scope in self._program.functions():
            if scope.owner is not None:
                found[scope.function.name].append(scope)
        return found

    # --- outward ------------------------------------------------------------------------------------------

    def _users(self, scope: Scope) -> Iterator[Use]:
        """The uses by which a function runs in its user's Context."""
        if scope.function.is_lambda or frame_kinds.is_enter(scope):
            return
        for use in self._program.uses.of(scope):
            if (
                not frame_kinds.is_test_file(self._program, use.scope.path)
                and self._in_context(use) is not False
            ):
                yield use

    def _in_context(self, use: Use) -> bool | None:
        """Does what is handed over run in the Context at hand? None where that is not known."""
        if use.kind != "handed" or use.receiver is None:
            return True
        symbol = self._program.resolver.resolve(use.scope, use.receiver.func)
        if not isinstance(symbol, External):
            return True if symbol is not None else None
        rows = hops().every(symbol.name)
        if not rows:
            return None
        return any(row.verdict((3, 10), inherits=False) in _SAME for row in rows)

    def _is_published(self, scope: Scope, *, first: bool) -> bool:
        """Can a function that leaves a value be called from outside of the program, for whoever comes then?"""
        uses = [
            use
            for use in self._program.uses.of(scope)
            if not frame_kinds.is_test_file(self._program, use.scope.path)
        ]
        if any(self._in_context(use) is None for use in uses):
            return True
        if uses:
            return False
        if not self._program.effects(scope).works:
            return True
        if not first or drivers.has_own_context(self._program, scope) is not None:
            return False
        if self._program.decorators(scope):
            return True
        owner = scope.owner
        if owner is None:
            return False
        return bool(self._program.resolver.external_bases(owner)) or any(
            isinstance(use.node, f.Call) for use in self._program.uses.named(scope.function.name)
        )


def _is_of_library(var: VarId, helper: str) -> bool:
    """Is it a library's own function that sets its variable?"""
    return var.module == "" and helper in known_calls().token_functions


def _stands_in_logs(var: VarId) -> bool:
    """Is it a library's variable whose values loggers put into what they write?"""
    library = token_library(var)
    return library is not None and bool(library.loggers)


def _comes_later(region: Region, spawn: Spawn) -> bool:
    """Is a value put there behind the hop and gone when the function ends? An unknown call is no call of itself."""
    return region.scope is spawn.scope and not region.leaves and region.start > spawn.node.span.end
