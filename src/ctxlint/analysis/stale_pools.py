"""Values that stay in the threads or processes of a pool, and are found there by jobs that they do not belong to.

Two ways lead there. An initializer *adopts* the values of who makes the pool: it is given a Context or what a variable
holds, and sets variables; a pool that outlives the function that makes it serves others with them. A job *leaves* a
variable set, and another job of the same pool reads it without setting it first.
"""

from __future__ import annotations

import collections
from collections.abc import Iterator
from dataclasses import dataclass

from ctxlint.analysis import scopes as sc
from ctxlint.analysis.contexts import Contexts
from ctxlint.analysis.frame_kinds import is_test_file
from ctxlint.analysis.program import Program
from ctxlint.analysis.propagation import Loss, Propagation
from ctxlint.analysis.reads import Read
from ctxlint.analysis.scopes import Scope
from ctxlint.analysis.spawns import Passed, Spawn, executor_of
from ctxlint.analysis.turns import Turns
from ctxlint.knowledge.hop import Hop
from ctxlint.knowledge.targets import targets
from ctxlint.model import facts as f
from ctxlint.model.ids import VarId
from ctxlint.model.spans import Span
from ctxlint.model.walk import is_none, walk


@dataclass(frozen=True, slots=True)
class Adopted:
    """The initializer of a pool sets what was in force when the pool was made: ``taken`` in ``scope``."""

    spawn: Spawn
    taken: tuple[Scope, f.Node]


@dataclass(frozen=True, slots=True)
class Left:
    """A job leaves ``var`` set, at ``at``; a job of the same pool, ``other``, comes to the ``read``."""

    spawn: Spawn
    var: VarId
    at: Span
    other: Spawn
    read: Read


class StalePools:
    """Finds them among the hops of one program."""

    def __init__(self, program: Program, propagation: Propagation, contexts: Contexts) -> None:
        """Nothing is looked at until asked."""
        self._program = program
        self._resolver = program.resolver
        self._propagation = propagation
        self._contexts = contexts
        self._turns = Turns()

    # --- initializers -----------------------------------------------------------------------------------------

    def adopted(self) -> Iterator[Adopted]:
        """The initializers that adopt, of pools that outlive the function that makes them."""
        told: set[int] = set()
        for spawn in self._propagation.spawns:
            call = spawn.node
            if spawn.row.worker.keyword != "initializer" or not isinstance(call, f.Call) or id(call) in told:
                continue
            if not self._sets(spawn.worker) or not self._outlives(spawn.scope, call):
                continue
            taken = next(self._taken(spawn, call), None)
            if taken is not None:
                told.add(id(call))
                yield Adopted(spawn, taken)

    def _sets(self, worker: Scope) -> bool:
        """Does the initializer set a variable, whichever?"""
        first = self._propagation.reads.first_set
        return any(first(worker, var) is not None for var in self._program.by_var)

    def _taken(self, spawn: Spawn, call: f.Call) -> Iterator[tuple[Scope, f.Node]]:
        """What of the maker's Context goes to the initializer: as an argument, bound to it, or found around it."""
        scope = spawn.scope
        names = (spawn.row.worker.keyword, spawn.row.args.keyword if spawn.row.args is not None else "")
        plain = [a.value for a in call.args if a.keyword is None and not a.star]
        slots = (spawn.row.worker.position, spawn.row.args.position if spawn.row.args is not None else None)
        given = [a.value for a in call.args if a.keyword in names]
        given += [plain[at] for at in slots if at is not None and at < len(plain)]
        for expr in given:
            for part in walk(expr, into_scopes=False):
                yield from self._in_force(scope, part)
        if spawn.worker.parent is not None and spawn.worker.parent.kind == "function":
            yield from self._around(spawn.worker)
        elif spawn.worker.owner is not None:
            yield from self._kept(spawn.worker)

    def _around(self, worker: Scope) -> Iterator[tuple[Scope, f.Node]]:
        """Names of the function around that hold a Context or the value of a variable."""
        for statement in worker.body:
            for part in walk(statement, into_scopes=False):
                if isinstance(part, f.Name) and part.id not in worker.function.bound:
                    yield from self._in_force(worker, part)

    def _kept(self, worker: Scope) -> Iterator[tuple[Scope, f.Node]]:
        """Attributes of the initializer's object that hold a Context or the value of a variable."""
        for statement in worker.body:
            for part in walk(statement, into_scopes=False):
                if isinstance(part, f.Attribute) and isinstance(part.value, f.Name):
                    yield from self._in_force(worker, part)

    def _in_force(self, scope: Scope, expr: f.Node) -> Iterator[tuple[Scope, f.Node]]:
        """The expression, if its value is a Context or what a variable holds at that moment."""
        if not isinstance(expr, f.Call | f.Name | f.Attribute):
            return
        if self._contexts.is_context(scope, expr):
            made = self._contexts.origin(scope, expr, (scope, expr))
            if made is not None and made.kind != "late":
                yield made.maker or (made.where, made.node)
            return
        where, value = self._resolver.value(scope, expr) or (scope, expr)
        if (
            isinstance(value, f.Call)
            and isinstance(value.func, f.Attribute)
            and value.func.attr == "get"
            and self._resolver.variable(where, value.func.value) is not None
        ):
            yield where, value

    def _outlives(self, scope: Scope, call: f.Call) -> bool:
        """Is the pool still there when the function that makes it has ended: kept, given back, made by an import?"""
        if scope.kind != "function":
            return True
        path = self._turns.path(scope, call)
        above = path[-2] if len(path) > 1 else None
        match above:
            case f.WithItem():
                return False
            case f.Assign(targets=(f.Name(id=name),)):
                return name in scope.function.global_names or self._leaves(scope, name)
            case f.Assign() | f.Return() | f.Boolean() | f.Conditional():
                return True
            case _:
                return self._is_base(scope, call)

    @staticmethod
    def _is_base(scope: Scope, call: f.Call) -> bool:
        """Is it the constructor of the base of a pool of the program?"""
        return scope.owner is not None and isinstance(call.func, f.Attribute) and call.func.attr == "__init__"

    @staticmethod
    def _leaves(scope: Scope, name: str) -> bool:
        """Is what a name holds given back, or kept on an object?"""
        for statement in scope.body:
            for node in walk(statement, into_scopes=False):
                if (
                    isinstance(node, f.Return | f.Yield)
                    and isinstance(node.value, f.Name)
                    and node.value.id == name
                ):
                    return True
                if (
                    isinstance(node, f.Assign)
                    and isinstance(node.value, f.Name)
                    and node.value.id == name
                    and any(isinstance(target, f.Attribute | f.Subscript) for target in node.targets)
                ):
                    return True
        return False

    # --- pools whose threads inherit --------------------------------------------------------------------------

    def inherited(self) -> Iterator[tuple[Spawn, Loss]]:
        """The jobs that read, in a thread which has the Context of whoever submitted when it was started, what their
        own submitter set.
        """
        told: set[int] = set()
        for each in self._propagation.considered:
            if not isinstance(each, Passed) or each.why != "carries" or not isinstance(each.node, f.Call):
                continue
            if each.row.kind != "executor" or "depends" not in targets().verdicts(each.row).values():
                continue
            if is_test_file(self._program, each.scope.path) or each.row.worker.keyword == "initializer":
                continue
            for spawn in self._propagation.finder.started(each.scope, each.node, each.callee, each.row):
                losses = self._propagation.losses(spawn) if isinstance(spawn, Spawn) else ()
                if losses and not losses[0].doubt and isinstance(spawn, Spawn) and id(each.node) not in told:
                    told.add(id(each.node))
                    yield spawn, losses[0]

    # --- jobs ---------------------------------------------------------------------------------------------------

    def left(self) -> Iterator[Left]:
        """The jobs that leave a variable set, which another job of the pool reads."""
        pools: dict[tuple[object, ...], list[Spawn]] = collections.defaultdict(list)
        for spawn in self._propagation.spawns:
            key = self._pool(spawn)
            if key is not None:
                pools[key].append(spawn)
        told: set[tuple[int, VarId]] = set()
        for jobs in pools.values():
            for spawn in jobs:
                for var, at in self._left_by(spawn.end):
                    found = next(self._readers(jobs, var), None)
                    if found is not None and (id(spawn.node), var) not in told:
                        told.add((id(spawn.node), var))
                        yield Left(spawn, var, at, *found)

    def _readers(self, jobs: list[Spawn], var: VarId) -> Iterator[tuple[Spawn, Read]]:
        for job in jobs:
            way = self._propagation.way_to(job.end, var)
            if way is not None:
                yield job, way[1]

    def _left_by(self, worker: Scope) -> Iterator[tuple[VarId, Span]]:
        """The variables that a job sets for itself and leaves, with the place."""
        outcome = self._program.outcome(worker) if worker.path in self._program.modules else None
        left = self._program.effects(worker).sets if outcome is not None else frozenset[VarId]()
        for site in outcome.sites if outcome is not None else ():
            if site.site.var in left and not site.site.emptying and not site.created:
                yield site.site.var, site.site.span

    def _pool(self, spawn: Spawn) -> tuple[object, ...] | None:
        """What stands for the pool of a hop: where its name is bound; None where the pool is not known by a name."""
        call, row = spawn.node, spawn.row
        if not isinstance(call, f.Call) or not _is_job(row):
            return None
        pool = executor_of(call, row)
        if row.governed_by is not None:
            if pool is None or is_none(pool):
                return ("default",)
        elif isinstance(call.func, f.Attribute):
            pool = call.func.value
        if not isinstance(pool, f.Name | f.Attribute):
            return None
        found = self._resolver.bindings(spawn.scope, pool)
        if found is None or not found[1] or isinstance(found[1][0], sc.Given):
            return None
        return (found[0], id(found[1][0]))


def _is_job(row: Hop) -> bool:
    return row.kept and row.kind in ("executor", "process") and row.worker.keyword != "initializer"
