"""Cures that do not cure: a Context that several threads share, one that is copied too late, one in which a coroutine
is only made, one that cannot be sent to another process.

Each stands at a call that was written to carry the Context. What the modules below decide is asked here for every call
of the program; calls in tests are left out.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass

from ctxlint.analysis.arguments import handed_on
from ctxlint.analysis.contexts import Contexts, Entry
from ctxlint.analysis.coroutine_runs import CoroutineRun, CoroutineRuns
from ctxlint.analysis.frame_kinds import is_test_file
from ctxlint.analysis.hands import Hand, Hands
from ctxlint.analysis.late_copies import LateCopies, LateCopy
from ctxlint.analysis.nested_runs import NestedRun, NestedRuns
from ctxlint.analysis.overlapping import Overlap, Overlapping, is_threaded
from ctxlint.analysis.program import Program
from ctxlint.analysis.propagation import Loss, Propagation
from ctxlint.analysis.scopes import Scope
from ctxlint.analysis.spawns import Spawn
from ctxlint.analysis.stale_pools import Adopted, Left, StalePools
from ctxlint.knowledge.hop import Hop
from ctxlint.model import facts as f


@dataclass(frozen=True, slots=True)
class _Hop:
    """A call of a hop's API. ``drops``: its worker does not get the caller's Context by itself."""

    scope: Scope
    call: f.Call
    row: Hop
    drops: bool


class WrongCures:
    """Those of one program."""

    def __init__(self, program: Program, propagation: Propagation) -> None:
        """Nothing is looked at until asked."""
        resolver, graph = program.resolver, propagation.graph
        handing = propagation.finder.handing
        self._program = program
        self._propagation = propagation
        self._contexts = Contexts(resolver, handing, graph.callables.targets)
        self._handed = Hands(resolver, handing, self._contexts)
        self._overlapping = Overlapping(resolver, self._handed)
        self._late = LateCopies(resolver, propagation)
        self._coroutines = CoroutineRuns(resolver, handing, self._contexts)
        self._nested = NestedRuns(graph, self._contexts)
        self._stale = StalePools(program, propagation, self._contexts)

    @functools.cached_property
    def _hops(self) -> tuple[_Hop, ...]:
        found: dict[tuple[int, int], _Hop] = {}
        for each in self._propagation.considered:
            if not isinstance(each.node, f.Call) or is_test_file(self._program, each.scope.path):
                continue
            drops = isinstance(each, Spawn) or each.why in ("unknown", "outside", "hidden")
            found[id(each.node), id(each.row)] = _Hop(each.scope, each.node, each.row, drops)
        return tuple(found.values())

    @functools.cached_property
    def _hands(self) -> tuple[tuple[_Hop, Hand], ...]:
        """What is handed to threads together with a Context."""
        return tuple(
            (hop, hand)
            for hop in self._hops
            if is_threaded(hop.row)
            for hand in self._handed.of(hop.scope, hop.call, hop.row)
        )

    @functools.cached_property
    def overlaps(self) -> tuple[Overlap, ...]:
        """The hand-overs of one Context that can overlap."""
        return tuple(self._overlapping.overlaps(hand for _, hand in self._hands))

    @functools.cached_property
    def nested(self) -> tuple[NestedRun, ...]:
        """The Contexts that are entered in what runs in them."""
        return tuple(found for scope in self._functions() for found in self._nested.of(scope))

    @functools.cached_property
    def late(self) -> tuple[LateCopy, ...]:
        """The Contexts that a worker copies in its own thread."""
        return tuple(self._late_copies())

    @functools.cached_property
    def coroutines(self) -> tuple[CoroutineRun, ...]:
        """The coroutines and generators that a Context only makes."""
        return tuple(found for scope in self._functions() for found in self._coroutines.of(scope))

    @functools.cached_property
    def late_in_processes(self) -> tuple[LateCopy, ...]:
        """The Contexts that a worker copies in another process."""
        hands = (
            hand
            for hop in self._hops
            if hop.row.kind == "process" and hop.drops
            for hand in self._handed.of(hop.scope, hop.call, hop.row)
        )
        return tuple(found for hand in hands if (found := self._late.of(hand)) is not None)

    @functools.cached_property
    def pickled(self) -> tuple[Hand, ...]:
        """The Contexts that are handed to another process: as ``run``, as an argument, in an object that is called."""
        found: dict[int, Hand] = {}
        for hop in self._hops:
            if hop.row.kind == "process" and hop.drops and hop.row.package == "":
                for hand in self._sent(hop):
                    found.setdefault(id(hand.where[1]), hand)
        return tuple(found.values())

    def _sent(self, hop: _Hop) -> Iterator[Hand]:
        for hand in self._handed.of(hop.scope, hop.call, hop.row):
            entry = hand.entry
            called = entry.scope.kind == "function" and entry.scope.function.name == "__call__"
            if entry.made.kind != "late" and (isinstance(entry.node, f.Attribute) or called):
                yield hand
        for expr in handed_on(hop.call, hop.row)[0]:
            if self._contexts.is_context(hop.scope, expr):
                made = self._contexts.origin(hop.scope, expr, (hop.scope, expr))
                if made is not None:
                    yield Hand(Entry(hop.scope, expr, made), hop.row, ((hop.scope, hop.call),))

    @functools.cached_property
    def adopted(self) -> tuple[Adopted, ...]:
        """The initializers that adopt the values of who makes a lasting pool."""
        late = {id(each.spawn.node) for each in self.late}
        return tuple(each for each in self._stale.adopted() if id(each.spawn.node) not in late)

    @functools.cached_property
    def left(self) -> tuple[Left, ...]:
        """The jobs that leave a value in the worker of a pool, where a later one finds it."""
        return tuple(self._stale.left())

    @functools.cached_property
    def inherited(self) -> tuple[tuple[Spawn, Loss], ...]:
        """The jobs of pools whose threads inherit, which read what their own submitter set."""
        return tuple(self._stale.inherited())

    def _functions(self) -> Iterator[Scope]:
        for scope in self._program.functions():
            if not is_test_file(self._program, scope.path):
                yield scope

    def _late_copies(self) -> Iterator[LateCopy]:
        told: set[int] = set()
        for hop, hand in self._hands:
            found = self._late.of(hand) if hop.drops else None
            if found is not None and id(hand.where[1]) not in told:
                told.add(id(hand.where[1]))
                yield found
        for spawn in self._propagation.spawns:
            if spawn.row.worker.keyword == "initializer":
                found = self._late.of_initializer(spawn)
                if found is not None:
                    yield found
            elif spawn.row.worker.stands == "subclass" and spawn.row.kind == "thread":
                yield from self._late.of_subclass(spawn, self._contexts.of_text(spawn.worker))
