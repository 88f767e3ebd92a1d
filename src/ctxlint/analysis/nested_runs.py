"""A Context that is entered again by what runs in it: ``run`` inside ``run`` of one Context raises RuntimeError.

The inner ``run`` has to stand in a function inside the one that makes the Context, or in the module that keeps it, and
be reached without that one being called again: each of its calls makes another.
"""

from __future__ import annotations

import collections
from collections.abc import Iterator
from dataclasses import dataclass

from ctxlint.analysis.callgraph import CallGraph, Edge
from ctxlint.analysis.contexts import Contexts, Made
from ctxlint.analysis.scopes import Scope
from ctxlint.analysis.turns import Turns
from ctxlint.model import facts as f


@dataclass(frozen=True, slots=True)
class NestedRun:
    """``inner`` enters a Context in which it runs already: ``outer`` entered it, and ``chain`` leads there."""

    outer: tuple[Scope, f.Call]
    inner: tuple[Scope, f.Call]
    chain: tuple[Edge, ...] = ()


class NestedRuns:
    """Finds them in the functions of one program."""

    def __init__(self, graph: CallGraph, contexts: Contexts) -> None:
        """Nothing is looked at until asked."""
        self._graph = graph
        self._contexts = contexts
        self._turns = Turns()

    def of(self, scope: Scope) -> Iterator[NestedRun]:
        """Those whose outer ``run`` stands in the text of a function."""
        for call in scope.calls if "run" in scope.spelled else ():
            made = self._entered(scope, call)
            if made is None or not call.args or call.args[0].star:
                continue
            worker = call.args[0].value
            if isinstance(worker, f.Attribute) and worker.attr == "run":
                again = self._contexts.origin(scope, worker.value, None)
                if self._contexts.is_context(scope, worker.value) and _same(made, again):
                    yield NestedRun((scope, call), (scope, call))
                continue
            found = self._reached(scope, worker, made)
            if found is not None:
                yield NestedRun((scope, call), *found)

    def _entered(self, scope: Scope, call: f.Call) -> Made | None:
        """The lasting Context that a call enters."""
        func = call.func
        if not isinstance(func, f.Attribute) or func.attr != "run":
            return None
        if not isinstance(func.value, f.Name) or not self._contexts.is_context(scope, func.value):
            return None
        made = self._contexts.origin(scope, func.value, None)
        return made if made is not None and made.kind == "made" else None

    def _reached(
        self, scope: Scope, worker: f.Expr, made: Made
    ) -> tuple[tuple[Scope, f.Call], tuple[Edge, ...]] | None:
        steps = self._graph.callables.of(scope, worker) or ()
        pending: collections.deque[tuple[Scope, tuple[Edge, ...]]] = collections.deque(
            (step.callee, ())
            for step in steps
            if not step.through and _runs_at_once(step.callee) and not _replaces(step.callee, scope)
        )
        seen = {step.callee for step in steps}
        while pending:
            function, chain = pending.popleft()
            if function is made.where:
                continue
            for call in function.calls if "run" in function.spelled else ():
                if _same(made, self._entered(function, call)) and not self._is_guarded(function, call):
                    return (function, call), chain
            for edge in self._graph.edges(function):
                if edge.callee not in seen and _runs_at_once(edge.callee):
                    seen.add(edge.callee)
                    pending.append((edge.callee, (*chain, edge)))
        return None

    def _is_guarded(self, scope: Scope, call: f.Call) -> bool:
        """Does the text expect that it cannot enter?"""
        path = self._turns.path(scope, call)
        return any(isinstance(each, f.Try) and each.handlers for each in path)


def _runs_at_once(scope: Scope) -> bool:
    return not (scope.function.is_async or scope.function.is_generator)


def _replaces(worker: Scope, scope: Scope) -> bool:
    """Does a lambda run what its own place held before it? Resolving heeds no order, so it finds the lambda itself."""
    return worker is scope and scope.function.is_lambda


def _same(one: Made, other: Made | None) -> bool:
    return other is not None and one.kind == other.kind and one.node is other.node
