"""What is set behind the start of a worker that reads it: the copy is taken already.

A *late set* stands behind a start in the same function, before the function waits for the worker, and the worker
reads the variable without setting it. It is claimed only where no value can be in force at the start: then the worker
finds the default, whatever is set later. It is *doubtful* where the function goes on to do something that may use the
value itself, so that it need not be meant for the worker.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ctxlint.analysis.callgraph import Edge
from ctxlint.analysis.following import following
from ctxlint.analysis.frame_kinds import is_test_file
from ctxlint.analysis.program import Program
from ctxlint.analysis.propagation import Propagation
from ctxlint.analysis.reads import Read
from ctxlint.analysis.scopes import Scope
from ctxlint.analysis.sole_sets import Sets
from ctxlint.analysis.spawns import Spawn
from ctxlint.analysis.starts import Start
from ctxlint.analysis.symbols import External
from ctxlint.model import facts as f
from ctxlint.model.ids import VarId
from ctxlint.model.observations import SiteOutcome
from ctxlint.model.spans import Span
from ctxlint.model.walk import walk

_AT_ONCE = frozenset({"call", "start", "registration", "never", "worker", "made"})


@dataclass(frozen=True, slots=True)
class LateSet:
    """A start, the set of ``var`` at ``span`` behind it, and the way from the worker to its ``read``."""

    start: Start
    var: VarId
    span: Span
    chain: tuple[Edge, ...]
    read: Read
    doubtful: bool


class LateSets:
    """Answers for the starts of one program."""

    def __init__(self, program: Program, propagation: Propagation, sets: Sets) -> None:
        """Nothing is looked at until asked."""
        self._program = program
        self._propagation = propagation
        self._sets = sets

    def behind(self, starts: Iterable[Start]) -> Iterator[LateSet]:
        """The late sets, one for each start and variable."""
        seen: set[tuple[int, VarId]] = set()
        for start in starts:
            if not self._is_judged(start):
                continue
            for outcome in self._own_sets(start):
                late = self._late(start, outcome)
                if late is not None and (id(start.call), late.var) not in seen:
                    seen.add((id(start.call), late.var))
                    yield late

    def _is_judged(self, start: Start) -> bool:
        if start.row.kind == "here" or start.row.copied not in _AT_ONCE or start.before is not None:
            return False
        if start.wait is not None and any(node is start.call for node in walk(start.wait)):
            return isinstance(start.wait, f.With)
        return not is_test_file(self._program, start.scope.path)

    def _own_sets(self, start: Start) -> tuple[SiteOutcome, ...]:
        """The sets of the function behind the start, of variables of which it has no value there."""
        outcome = self._program.outcome(start.scope) if start.scope.path in self._program.modules else None
        sites = [each for each in outcome.sites if not each.site.emptying] if outcome is not None else []
        behind = [each for each in sites if each.site.span.start >= start.at.span.end]
        return tuple(
            each
            for each in behind
            if not any(region.holds(start.at) for region in self._sets.regions(start.scope, each.site.var))
        )

    def _late(self, start: Start, outcome: SiteOutcome) -> LateSet | None:
        site = outcome.site
        later = following(start.scope.body, start.at)
        made = next((n for part in later for n in walk(part) if n.span == site.span), None)
        if made is None or self._is_waited_before(start, made):
            return None
        found = self._propagation.way_to(start.worker, site.var)
        if found is None or self._is_in_force(start, site.var):
            return None
        chain, read = found
        fails = not chain and not read.node.args and self._has_no_default(site.var)
        doubtful = not fails and self._uses_itself(start, outcome, made)
        return LateSet(start, site.var, site.span, chain, read, doubtful)

    def _is_in_force(self, start: Start, var: VarId) -> bool:
        """Can some other set reach the start?"""
        hop = Spawn(
            start.scope, start.call, start.callee, start.row, start.worker, ((start.scope, start.call),)
        )
        return self._propagation.force.at(var, hop) is not None

    def _has_no_default(self, var: VarId) -> bool:
        declaration = self._program.by_var.get(var)
        return declaration is not None and declaration.default is None

    def _is_waited_before(self, start: Start, made: f.Node) -> bool:
        """Is the worker done when the set comes?"""
        wait = start.wait
        if wait is None:
            return False
        if isinstance(wait, f.With):  # its end waits
            return not any(node is made for node in walk(wait))
        return wait.span.start < made.span.start

    def _uses_itself(self, start: Start, outcome: SiteOutcome, made: f.Node) -> bool:
        """Can the function itself, or who calls it, be meant to see the value?"""
        leaves = any(leaving.kind == "normal" and leaving.fate == "held" for leaving in outcome.exits)
        if leaves and not self._sets.runs_apart(start.scope):
            return True
        var = outcome.site.var
        callees = {id(edge.node): edge.callee for edge in self._propagation.graph.edges(start.scope)}
        waited = {id(node) for node in walk(start.wait)} if start.wait is not None else set[int]()
        for part in following(start.scope.body, made):
            for node in walk(part, into_scopes=False):
                if not isinstance(node, f.Call) or id(node) in waited:
                    continue
                if self._propagation.reads.read_by(start.scope, node) == var:
                    return True
                callee = callees.get(id(node))
                if callee is not None:
                    if self._propagation.way_to(callee, var) is not None:
                        return True
                elif not self._is_outside(start.scope, node):
                    return True
        return False

    def _is_outside(self, scope: Scope, call: f.Call) -> bool:
        """Is something called that is certainly outside of the program, or a method of the variable?"""
        resolver = self._program.resolver
        if isinstance(call.func, f.Attribute) and resolver.variable(scope, call.func.value) is not None:
            return call.func.attr in ("reset", "set")
        return isinstance(resolver.resolve(scope, call.func), External)
