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

from ctxlint.analysis.arguments import parameters_of, worker_arguments
from ctxlint.analysis.resolve import Resolver
from ctxlint.analysis.scopes import Scope
from ctxlint.analysis.symbols import ClassRef, External, FunctionRef, InstanceRef, ParameterRef, Symbol
from ctxlint.knowledge.hops import hops
from ctxlint.model import facts as f
from ctxlint.model.walk import walk

_ENTERING = (("__enter__", "__aenter__"), ("__exit__", "__aexit__"))
_CONSTRUCTORS = (("__new__",), ("__init__",), ("__post_init__",))
_IN_PLACE = frozenset({"shared", "isolated-copy", "carries-back"})
_OLDEST = (3, 10)
_DEPTH = 10


@dataclass(frozen=True, slots=True)
class Edge:
    """At ``node`` in the text of ``caller``, ``callee`` runs."""

    caller: Scope
    node: f.Node
    callee: Scope


class CallGraph:
    """The edges of the program, found function by function as they are asked for."""

    def __init__(self, resolver: Resolver) -> None:
        """Nothing is looked at until asked."""
        self._resolver = resolver
        self._edges: dict[Scope, tuple[Edge, ...]] = {}

    def edges(self, scope: Scope) -> tuple[Edge, ...]:
        """What runs in the function's own text, in the order of the text."""
        if scope not in self._edges:
            found = dict.fromkeys(
                Edge(scope, node, callee)
                for statement in scope.body
                for node in walk(statement, into_scopes=False)
                for callee in self._run_by(scope, node)
            )
            self._edges[scope] = tuple(sorted(found, key=lambda edge: edge.node.span))
        return self._edges[scope]

    # --- what a node runs ---------------------------------------------------------------------------------

    def _run_by(self, scope: Scope, node: f.Node) -> Iterator[Scope]:
        match node:
            case f.Call():
                yield from self._called(scope, node)
            case f.Attribute():
                found = self._resolver.property_at(scope, node)
                if found is not None:
                    yield found
            case f.WithItem(context=context):
                symbol = self._resolver.resolve(scope, context)
                if isinstance(symbol, InstanceRef):
                    yield from self._methods(symbol.scope, _ENTERING)
            case _:
                pass

    def _called(self, scope: Scope, call: f.Call) -> Iterator[Scope]:
        symbol = self._resolver.resolve(scope, call.func)
        yield from self.entered(symbol)
        match symbol:
            case FunctionRef():
                yield from self._called_back(scope, call, symbol)
            case External(name=name):
                for row in hops().every(name):
                    if row.verdict(_OLDEST, inherits=False) in _IN_PLACE:
                        for expr in worker_arguments(call, row.worker):
                            yield from self.workers(scope, expr) or ()
            case _:
                pass

    def entered(self, symbol: Symbol | None) -> Iterator[Scope]:
        """The functions of the program that run when ``symbol`` is called."""
        match symbol:
            case FunctionRef(scope=inner):
                yield inner
                yield from self._wrappers(inner)
            case ClassRef(scope=cls):
                yield from self._methods(cls, _CONSTRUCTORS)
            case InstanceRef(scope=cls):
                yield from self._methods(cls, (("__call__",),))
            case _:
                pass

    def _methods(self, cls: Scope, names: tuple[tuple[str, ...], ...]) -> Iterator[Scope]:
        for alternatives in names:
            found = self._resolver.method(cls, *alternatives)
            if found is not None:
                yield found

    def _wrappers(self, scope: Scope) -> Iterator[Scope]:
        """The functions that the program's own decorators put in a function's place."""
        if scope.parent is None:
            return
        for decorator in scope.function.decorators:
            symbol = self._resolver.resolve(scope.parent, decorator)
            if isinstance(symbol, FunctionRef):
                for value in self._resolver.returns(symbol.scope):
                    inner = self._resolver.resolve(symbol.scope, value)
                    if isinstance(inner, FunctionRef) and inner.scope.parent is symbol.scope:
                        yield inner.scope

    def _called_back(self, scope: Scope, call: f.Call, ref: FunctionRef) -> Iterator[Scope]:
        """The functions among the arguments whose parameter the callee calls in its own text."""
        for argument, name in zip(call.args, parameters_of(call, ref), strict=True):
            if name is None or not isinstance(argument.value, f.Name | f.Attribute | f.Lambda):
                continue
            given = self._resolver.resolve(scope, argument.value)
            if isinstance(given, FunctionRef) and _calls_name(ref.scope, name):
                yield given.scope

    # --- workers ------------------------------------------------------------------------------------------

    def workers(self, scope: Scope, expr: f.Expr, depth: int = 0) -> tuple[Scope, ...] | None:
        """The functions of the program that run when what ``expr`` gives is called; None where that is not known.

        Empty for what is outside the program, and for what runs in a Context of its own (``copy_context().run``).
        """
        if depth > _DEPTH:
            return None
        wrapped = self._wrapped(scope, expr)
        if wrapped is not None:
            return self.workers(wrapped[0], wrapped[1], depth + 1)
        if isinstance(expr, f.Conditional):
            both = [self.workers(scope, part, depth + 1) for part in (expr.then, expr.orelse)]
            return None if None in both else tuple(each for found in both for each in found or ())
        if isinstance(expr, f.Call):  # a coroutine object, or what a factory returns
            made = self._resolver.resolve(scope, expr.func)
            if isinstance(made, FunctionRef) and made.scope.function.is_async:
                return tuple(self.entered(made))
        symbol = self._resolver.resolve(scope, expr)
        if symbol is None or isinstance(symbol, ParameterRef):
            return None
        return tuple(self.entered(symbol))

    def _wrapped(self, scope: Scope, expr: f.Expr) -> tuple[Scope, f.Expr] | None:
        """The callable inside ``partial(f, …)``, also behind a name."""
        made = self._resolver.value(scope, expr)
        if made is None or not isinstance(made[1], f.Call):
            return None
        where, call = made
        name = self._resolver.external(where, call.func)
        row = hops().of(name) if name is not None else None
        if row is None or not row.wraps:
            return None
        arguments = worker_arguments(call, row.worker)
        return (where, arguments[0]) if arguments else None


def _calls_name(scope: Scope, name: str) -> bool:
    return any(isinstance(call.func, f.Name) and call.func.id == name for call in scope.calls)
