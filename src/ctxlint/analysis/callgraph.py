"""Who calls whom: for each function the calls of its text that run code of the program in its own Context.

An *edge* leads from a place in a function's text to the function that runs there: a call of a function or method, a
constructor, an instance that is called, a property that is read, a context manager that is entered, a function
handed to something that runs it in place or in a copy of the Context at hand. What is handed to a hop that drops the
Context is no edge: the hop is judged for itself. Nor is what runs in a Context that the program names (``ctx.run``).

Edges rest on what the resolver says, never on a bare name. Of overridden methods the one that the receiver's known
class has is taken.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ctxlint.analysis.arguments import Step, handed_on, worker_arguments
from ctxlint.analysis.callables import Callables, in_place
from ctxlint.analysis.resolve import Resolver
from ctxlint.analysis.scopes import Scope
from ctxlint.analysis.symbols import External, FunctionRef, InstanceRef, ParameterRef
from ctxlint.knowledge.hops import hops
from ctxlint.model import facts as f
from ctxlint.model.walk import walk

_ENTERING = (("__enter__", "__aenter__"), ("__exit__", "__aexit__"))


@dataclass(frozen=True, slots=True)
class Edge:
    """At ``node`` in the text of ``caller``, ``callee`` runs. ``through`` are the calls in between, where a function
    calls what it was given: each with the function in whose text it stands.
    """

    caller: Scope
    node: f.Node
    callee: Scope
    through: tuple[tuple[Scope, f.Call], ...] = ()

    @property
    def places(self) -> tuple[tuple[Scope, f.Node], ...]:
        """The calls one inside the other, the caller's own first."""
        return ((self.caller, self.node), *self.through)


class CallGraph:
    """The edges of the program, found function by function as they are asked for."""

    def __init__(self, resolver: Resolver) -> None:
        """Nothing is looked at until asked."""
        self._resolver = resolver
        self.callables = Callables(resolver)
        self._elsewhere: dict[Scope, frozenset[int]] = {}
        self._edges: dict[Scope, tuple[Edge, ...]] = {}

    def edges(self, scope: Scope) -> tuple[Edge, ...]:
        """What runs in the function's own text, in the order of the text."""
        if scope not in self._edges:
            found = dict.fromkeys(
                Edge(scope, node, step.callee, step.through)
                for statement in scope.body
                for node in walk(statement, into_scopes=False)
                for step in self._run_by(scope, node)
            )
            self._edges[scope] = tuple(sorted(found, key=lambda edge: edge.node.span))
        return self._edges[scope]

    def callees(self, scope: Scope) -> tuple[Scope, ...]:
        """The functions that run in the function's own text, each once."""
        return tuple(dict.fromkeys(edge.callee for edge in self.edges(scope)))

    # --- what a node runs ---------------------------------------------------------------------------------

    def _run_by(self, scope: Scope, node: f.Node) -> Iterator[Step]:
        match node:
            case f.Call():
                yield from self._called(scope, node)
            case f.Attribute():
                found = self._resolver.property_at(scope, node)
                if found is not None:
                    yield Step(found)
            case f.WithItem(context=context):
                symbol = self._resolver.resolve(scope, context)
                if isinstance(symbol, InstanceRef):
                    methods = (self._resolver.method(symbol.scope, *names) for names in _ENTERING)
                    yield from (Step(method) for method in methods if method is not None)
            case _:
                pass

    def _called(self, scope: Scope, call: f.Call) -> Iterator[Step]:
        symbol = self._resolver.resolve(scope, call.func)
        if (
            isinstance(symbol, FunctionRef)
            and symbol.scope.function.is_async
            and id(call) in self._away(scope)
        ):
            return
        if any(True for _ in self.callables.started_by(scope, call)):
            return  # a decorator runs it elsewhere
        arguments = self.callables.arguments_of(scope, call)
        match symbol:
            case External(name=name) if hops().wrapping(name) is None:
                for row in hops().every(name):
                    if row.wraps or not in_place(row):
                        continue
                    handed = self.callables.arguments(scope, *handed_on(call, row))
                    for expr in worker_arguments(call, row.worker):
                        yield from self.callables.of(scope, expr, handed) or ()
            case External() | None if self.callables.getter(scope, call.func) is None:  # a read is no edge
                yield from self.callables.of(scope, call.func, arguments) or ()
            case None:
                pass
            case _:
                yield from self.callables.run_by(symbol, arguments)

    def _takes_away(self, scope: Scope, call: f.Call) -> bool:
        """Does a call run what it is given in another Context, or is it not known?"""
        symbol = self._resolver.resolve(scope, call.func)
        if isinstance(symbol, External):
            return any(not in_place(row) for row in hops().every(symbol.name))
        return symbol is None or isinstance(symbol, ParameterRef)

    def _away(self, scope: Scope) -> frozenset[int]:
        """The calls that only make a coroutine for something that runs it in another Context."""
        if scope not in self._elsewhere:
            self._elsewhere[scope] = frozenset(
                id(node)
                for call in scope.calls
                if self._takes_away(scope, call)
                for argument in call.args
                for node in walk(argument, into_scopes=False)
                if isinstance(node, f.Call)
            )
        return self._elsewhere[scope]
