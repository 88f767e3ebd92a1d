"""Hops of which it is not known what they run: the worker, or something that it calls.

Nobody can tell whether such a worker reads a variable. In a library that is often the rule: it runs what its users
give it, and they have the variables. What counts as unknown is a value that comes from outside of the program's text:
a parameter, a method of a parameter or of an attribute whose class is not known, an entry of a table.
"""

from __future__ import annotations

import collections
from collections.abc import Iterator
from dataclasses import dataclass

from ctxlint.analysis.arguments import worker_arguments
from ctxlint.analysis.callgraph import Edge
from ctxlint.analysis.frame_kinds import is_test_file
from ctxlint.analysis.program import Program
from ctxlint.analysis.propagation import Propagation
from ctxlint.analysis.scopes import Assigned, Entered, Iterated, Scope
from ctxlint.analysis.spawns import Passed, Spawn
from ctxlint.analysis.symbols import ParameterRef
from ctxlint.knowledge.hop import Hop
from ctxlint.knowledge.hops import hops
from ctxlint.model import facts as f
from ctxlint.model.walk import dotted

_DEPTH = 4
_KINDS = ("thread", "executor", "process")
#: Methods that a builtin value has: whoever calls one on something unknown has most likely that.
_BUILTIN = frozenset(
    name
    for kind in (
        str,
        bytes,
        bytearray,
        list,
        tuple,
        dict,
        set,
        frozenset,
        int,
        float,
        complex,
        memoryview,
        range,
    )
    for name in dir(kind)
)


@dataclass(frozen=True, slots=True)
class UnknownWorker:
    """A hop; its ``worker`` where that is known, the ``chain`` of calls to the function ``scope``, and ``node``, which
    is not known there.
    """

    where: Scope
    hop: f.Node
    callee: str
    row: Hop
    worker: Scope | None
    chain: tuple[Edge, ...]
    scope: Scope
    node: f.Node

    @property
    def name(self) -> str:
        """What is not known, as it is written; empty where it has no name."""
        if self.node is self.hop:  # a star hides the worker
            return ""
        expr = self.node.func if isinstance(self.node, f.Call) else self.node
        return (dotted(expr) or "") if isinstance(expr, f.Name | f.Attribute) else ""


class UnknownWorkers:
    """Answers for one program."""

    def __init__(self, program: Program, propagation: Propagation) -> None:
        """Nothing is looked at until asked."""
        self._program = program
        self._propagation = propagation
        self._near: dict[Scope, f.Call | None] = {}

    def found(self) -> Iterator[UnknownWorker]:
        """The hops, one finding each, in the order in which they were found."""
        told: set[tuple[str, object]] = set()
        for each in self._propagation.considered:
            place = each.scope.path, each.node.span
            if place in told or each.row.kind not in _KINDS or is_test_file(self._program, each.scope.path):
                continue
            found = self._passed(each) if isinstance(each, Passed) else self._followed(each)
            if found is not None:
                told.add(place)
                yield found

    def _passed(self, passed: Passed) -> UnknownWorker | None:
        if passed.why == "executor":
            return self._of_some_executor(passed)
        if passed.why not in ("unknown", "hidden") or (passed.expr is None and passed.why == "unknown"):
            return None
        return self._told(
            passed, passed.node if passed.expr is None else self._inside(passed.scope, passed.expr)
        )

    def _inside(self, scope: Scope, expr: f.Expr) -> f.Expr:
        """What a ``partial`` is made of."""
        name = self._program.resolver.external(scope, expr.func) if isinstance(expr, f.Call) else None
        row = hops().of(name) if name is not None else None
        if row is None or not row.wraps or not isinstance(expr, f.Call):
            return expr
        found = worker_arguments(expr, row.worker)
        return self._inside(scope, found[0]) if found else expr

    def _told(self, passed: Passed, what: f.Node) -> UnknownWorker:
        return UnknownWorker(
            passed.scope, passed.node, passed.callee, passed.row, None, (), passed.scope, what
        )

    def _of_some_executor(self, passed: Passed) -> UnknownWorker | None:
        """A call that names an executor of which nothing is known: most of them do not carry."""
        call = passed.node
        if not isinstance(call, f.Call):
            return None
        if self._propagation.finder.knows_executor(passed.scope, call, passed.row):
            return None
        for expr in worker_arguments(call, passed.row.worker):
            steps = self._propagation.graph.callables.of(passed.scope, expr)
            if steps is None:
                return self._told(passed, expr)
            for step in steps:
                scopes = [*(scope for scope, _ in step.through), step.callee]
                way = tuple(
                    Edge(scope, made, after)
                    for (scope, made), after in zip(step.through, scopes[1:], strict=True)
                )
                first = scopes[0]
                places = ((passed.scope, call),)
                found = self._followed(
                    Spawn(passed.scope, call, passed.callee, passed.row, first, places, (), way)
                )
                if found is not None:
                    return found
        return None

    def _followed(self, spawn: Spawn) -> UnknownWorker | None:
        """The call of something unknown that is nearest to the worker."""
        came: dict[Scope, Edge | None] = {spawn.worker: None}
        for edge in spawn.way:
            came.setdefault(edge.callee, edge)
        pending = collections.deque(came)
        while pending:
            scope = pending.popleft()
            call = self._unknown_in(scope)
            if call is not None:
                chain: list[Edge] = []
                step = came[scope]
                while step is not None:
                    chain.insert(0, step)
                    step = came[step.caller]
                return UnknownWorker(
                    spawn.scope,
                    spawn.node,
                    spawn.callee,
                    spawn.row,
                    spawn.worker,
                    tuple(chain),
                    scope,
                    call,
                )
            for edge in self._propagation.graph.edges(scope):
                if edge.callee not in came:
                    came[edge.callee] = edge
                    pending.append(edge.callee)
        return None

    def _unknown_in(self, scope: Scope) -> f.Call | None:
        """The first call of something unknown in a function's own text."""
        if scope not in self._near:
            self._near[scope] = next(
                (call for call in scope.calls if self._is_unknown(scope, call.func)), None
            )
        return self._near[scope]

    def _is_unknown(self, scope: Scope, func: f.Expr) -> bool:
        resolver = self._program.resolver
        symbol = resolver.resolve(scope, func)
        if isinstance(symbol, ParameterRef):
            return True
        if symbol is not None or self._propagation.graph.callables.of(scope, func) is not None:
            return False
        match func:
            case f.Name():
                return resolver.variable(scope, func) is None
            case f.Subscript():
                return True
            case f.Attribute(value=value, attr=attr):
                if attr in _BUILTIN or resolver.variable(scope, value) is not None:
                    return False
                return self._is_given(scope, value)
            case _:
                return False

    def _is_given(self, scope: Scope, expr: f.Expr, depth: int = 0) -> bool:
        """Is it, or does it come from, a parameter or an attribute of something, of which the class is not known?"""
        symbol = self._program.resolver.resolve(scope, expr)
        if isinstance(symbol, ParameterRef):
            return True
        if symbol is not None or depth > _DEPTH:
            return False
        match expr:
            case f.Attribute() | f.Subscript():
                return True
            case f.Await(value=value):
                return self._is_given(scope, value, depth + 1)
            case f.Call(func=func):
                return self._is_given(scope, func, depth + 1)
            case f.Name():
                found = self._program.resolver.bindings(scope, expr)
                where, bindings = found if found is not None else (scope, [])
                values = [each.value for each in bindings if isinstance(each, Assigned | Entered | Iterated)]
                return any(self._is_given(where, value, depth + 1) for value in values)
            case _:
                return False
