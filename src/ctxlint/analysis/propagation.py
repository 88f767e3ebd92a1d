"""What is lost on the way: hops whose worker reads a variable that is set outside of it.

A hop is *lossy* for a variable when (a) its API drops the Context, (b) some set of the variable can be in force where
the hop stands, (c) its worker reaches a ``get`` without setting the variable first, (d) every step of the way is a call
that was resolved.

The search is linear: what the workers reach is explored once, then one walk back from the reads of each variable
gives for every function the shortest way to a read.
"""

from __future__ import annotations

import collections
import functools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from ctxlint.analysis.callers import Uses
from ctxlint.analysis.callgraph import CallGraph, Edge
from ctxlint.analysis.doubts import Doubt, Doubts
from ctxlint.analysis.fallback_reads import is_spared
from ctxlint.analysis.force import Force, Origin
from ctxlint.analysis.frame_kinds import is_test_file
from ctxlint.analysis.program import Program
from ctxlint.analysis.reads import Read, Reads
from ctxlint.analysis.scopes import Scope
from ctxlint.analysis.spawns import Passed, Spawn, Spawns
from ctxlint.knowledge.hops import hops
from ctxlint.model import facts as f
from ctxlint.model.ids import VarId


@dataclass(frozen=True, slots=True)
class Loss:
    """A variable that a hop's worker reads and does not find. ``chain`` leads from the worker to the ``read``;
    ``origin`` is a set that can be in force at the hop, ``doubt`` says why the loss may be meant.
    """

    var: VarId
    chain: tuple[Edge, ...]
    read: Read
    origin: Origin
    doubt: Doubt = ""


@dataclass(frozen=True, slots=True)
class LossyHop:
    """A hop and what its worker loses, the losses without a doubt and the shortest ways first."""

    spawn: Spawn
    losses: tuple[Loss, ...]

    @property
    def doubt(self) -> Doubt:
        """Why every one of the losses may be meant."""
        return self.losses[0].doubt


@dataclass(frozen=True, slots=True)
class Kept:
    """A variable that a worker reads and that is not lost: it is set ``first`` on the way, never set but by an import,
    or no set of it can be in force at the hop.
    """

    var: VarId
    why: Literal["set first", "never set", "not in force"]
    first: tuple[Scope, int] | None = None


@dataclass(frozen=True, slots=True)
class Followed:
    """What a worker ``reached``, itself first, what is read there, and what of that is not lost."""

    reached: tuple[Scope, ...]
    reads: tuple[Read, ...]
    kept: tuple[Kept, ...]


class Propagation:
    """The hops of one program and what they lose. ``spawning`` are the scopes in which hops may stand; ``graph`` and
    ``reads`` answer for the program.
    """

    def __init__(self, program: Program, spawning: Iterable[Scope]) -> None:
        """Nothing is looked at until asked."""
        self._program = program
        self.spawning = tuple(_spawning(program, spawning))
        self.graph = CallGraph(program.resolver)
        self.reads = program.once(Reads)
        self.force = Force(program, self.graph)
        self._doubts = Doubts(program, self.graph)

    @functools.cached_property
    def _modules(self) -> tuple[Scope, ...]:
        """The program's files, and the parts of others in which hops may stand."""
        others = (scope.module for scope in self.spawning if scope.path not in self._program.modules)
        return (*self._program.modules.values(), *dict.fromkeys(others))

    @functools.cached_property
    def uses(self) -> Uses:
        """Who uses which function, in all of them."""
        program = self._program
        several = len(self._modules) > len(program.modules)
        return Uses(program.resolver, self._modules) if several else program.uses

    @functools.cached_property
    def finder(self) -> Spawns:
        """What finds hops, and by which calls their workers came in."""
        classes = (
            scope for module in self._modules for scope in module.descendants() if scope.kind == "class"
        )
        return Spawns(self._program.resolver, self.graph, self.uses, classes)

    @functools.cached_property
    def considered(self) -> tuple[Spawn | Passed, ...]:
        """Every hop that drops the Context and whose worker is known, and the calls that are passed over."""
        return self.finder.considered(self.spawning)

    @functools.cached_property
    def spawns(self) -> tuple[Spawn, ...]:
        """The hops that are judged: those that do not stand in a test, nor get their worker from one."""
        spawns = (each for each in self.considered if isinstance(each, Spawn))
        return tuple(spawn for spawn in spawns if not self._is_of_test(spawn))

    def _is_of_test(self, spawn: Spawn) -> bool:
        places = spawn.places or ((spawn.scope, spawn.node),)
        tested = [is_test_file(self._program, scope.path) for scope, _ in places]
        handed = [is_test_file(self._program, scope.path) for scope, _ in spawn.handed]
        return all(tested) or any(handed) or is_test_file(self._program, spawn.scope.path)

    def followed(self, spawn: Spawn) -> Followed:
        """How far the worker of a hop was followed, and why each variable that it reads is not lost."""
        explored = self._explored(dict.fromkeys((spawn.worker, spawn.end)))
        reads = tuple(read for scope in explored for read in self.reads.of(scope))
        kept: list[Kept] = []
        for var in sorted({read.var for read in reads}):
            first = next(
                ((scope, at) for scope in explored if (at := self.reads.first_set(scope, var)) is not None),
                None,
            )
            if spawn.end not in self._ways(var, explored):
                kept.append(Kept(var, "set first", first))
            elif var not in self.force.variables:
                kept.append(Kept(var, "never set"))
            elif self.force.at(var, spawn) is None:
                kept.append(Kept(var, "not in force"))
        return Followed(tuple(explored), reads, tuple(kept))

    def way_to(self, worker: Scope, var: VarId) -> tuple[tuple[Edge, ...], Read] | None:
        """The shortest way from a worker to a read of ``var``; None where it reaches none, or sets it before."""
        steps = self._ways(var, self._explored((worker,)))
        return _followed(worker, steps) if worker in steps else None

    @functools.cached_property
    def lossy(self) -> tuple[LossyHop, ...]:
        """The hops that lose something, in the order of files and text."""
        if not self.force.variables:
            return ()
        explored = self._explored(spawn.end for spawn in self.spawns)
        ways = {
            var: self._ways(var, explored)
            for var in sorted({read.var for scope in explored for read in self.reads.of(scope)})
            if var in self.force.variables
        }
        found: dict[tuple[str, object], LossyHop] = {}
        for spawn in self.spawns:
            losses = tuple(self._losses(spawn, ways))
            if losses:
                hop = LossyHop(spawn, losses)
                place = (spawn.scope.path, spawn.node.span)
                if place not in found or (found[place].doubt and not hop.doubt):
                    found[place] = hop
        return tuple(sorted(found.values(), key=lambda hop: (hop.spawn.scope.path, hop.spawn.node.span)))

    def losses(self, spawn: Spawn) -> tuple[Loss, ...]:
        """What the worker of a hop, whichever made it, reads and does not find."""
        explored = self._explored((spawn.end,))
        read = sorted({read.var for scope in explored for read in self.reads.of(scope)})
        ways = {var: self._ways(var, explored) for var in read if var in self.force.variables}
        return tuple(self._losses(spawn, ways))

    def _losses(self, spawn: Spawn, ways: dict[VarId, dict[Scope, Edge | Read]]) -> Iterator[Loss]:
        found: list[Loss] = []
        for var, steps in ways.items():
            if spawn.end not in steps or not all(self._passes(edge, var) for edge in spawn.way):
                continue
            origin = self.force.at(var, spawn)
            if origin is not None:
                rest, read = _followed(spawn.end, steps)
                chain = (*spawn.way, *rest)
                if is_spared(self.reads, chain, read):
                    continue
                doubt = self._doubts.of(spawn, var, chain, read, origin)
                found.append(Loss(var, chain, read, origin, doubt))
        yield from sorted(found, key=lambda loss: (bool(loss.doubt), len(loss.chain), loss.var))

    def _explored(self, workers: Iterable[Scope]) -> dict[Scope, None]:
        """Everything that the workers reach, in the order of discovery."""
        found = dict.fromkeys(workers)
        pending = collections.deque(found)
        while pending:
            for edge in self.graph.edges(pending.popleft()):
                if edge.callee not in found:
                    found[edge.callee] = None
                    pending.append(edge.callee)
        return found

    def _passes(self, edge: Edge, var: VarId) -> bool:
        """Does the edge leave only functions that do not set the variable? Who sets it before has it; who sets it after
        has read it to put it back.
        """
        return all(self.reads.first_set(scope, var) is None for scope, _ in edge.places)

    def _ways(self, var: VarId, explored: dict[Scope, None]) -> dict[Scope, Edge | Read]:
        """For each function that reaches a read of ``var`` the next step of the shortest way there."""
        back: dict[Scope, list[Edge]] = collections.defaultdict(list)
        steps: dict[Scope, Edge | Read] = {}
        for scope in explored:
            limit = self.reads.first_set(scope, var)
            for read in self.reads.of(scope):
                if read.var == var and (limit is None or read.node.span.start < limit):
                    steps.setdefault(scope, read)
            for edge in self.graph.edges(scope):
                if self._passes(edge, var):
                    back[edge.callee].append(edge)
        pending = collections.deque(steps)
        while pending:
            for edge in back[pending.popleft()]:
                if edge.caller not in steps:
                    steps[edge.caller] = edge
                    pending.append(edge.caller)
        return steps


def _followed(worker: Scope, steps: dict[Scope, Edge | Read]) -> tuple[tuple[Edge, ...], Read]:
    chain: list[Edge] = []
    step = steps[worker]
    while isinstance(step, Edge):
        chain.append(step)
        step = steps[step.callee]
    return tuple(chain), step


def _spawning(program: Program, scopes: Iterable[Scope]) -> Iterator[Scope]:
    """The scopes, and those of the program's files that spell a method of an executor under a common name (``map``), a
    class of the program that derives from one that makes a hop, or a function whose decorator does.
    """
    found = dict.fromkeys(scopes)
    yield from found
    words = {
        name.rpartition(".")[2] for row in hops().rows if row.kind == "executor" for name in row.callables
    }
    words |= {
        scope.node.name
        for scope in found
        if isinstance(scope.node, f.Class)
        and any(hops().every(base) for base in program.resolver.external_bases(scope))
    }
    words |= {
        scope.function.name for scope in found if scope.kind == "function" and _is_started(program, scope)
    }
    for module in program.modules.values() if found else ():
        for scope in module.descendants():
            if scope not in found and not scope.spelled.isdisjoint(words):
                yield scope


def _is_started(program: Program, scope: Scope) -> bool:
    """Does a decorator make a call of the function run it elsewhere?"""
    rows = (hops().decorating(name) for name in program.decorators(scope))
    return any(row is not None and "__call__" in row.worker.methods for row in rows)
