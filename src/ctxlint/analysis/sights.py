"""Who sees what a bare ``set`` leaves in force: the work behind it that asks for the value, or code that is handed in.

A function *works with* a value if something that it runs behind the ``set`` reads the variable, by calls that were all
resolved, or if it runs what it was given: a parameter, a function that an object was made with, the consumer of a
``yield``. What a library does for itself cannot read a variable of the program; of a method of an unknown object
nobody can tell, and that is no proof.
"""

from __future__ import annotations

import collections
from collections.abc import Iterator
from dataclasses import dataclass

from ctxlint.analysis.arguments import is_given
from ctxlint.analysis.callgraph import CallGraph, Edge
from ctxlint.analysis.following import following
from ctxlint.analysis.program import Program
from ctxlint.analysis.reads import Reads
from ctxlint.analysis.scopes import Scope
from ctxlint.analysis.symbols import ParameterRef
from ctxlint.knowledge.hops import hops
from ctxlint.model import facts as f
from ctxlint.model.ids import VarId
from ctxlint.model.spans import Span
from ctxlint.model.walk import walk

_MANY = 2_000  # functions that are looked at for one set


@dataclass(frozen=True, slots=True)
class Sight:
    """What sees the value: at ``node`` the function runs what was given to it, or ``chain`` leads from there to
    ``read``.
    """

    node: f.Node
    chain: tuple[Edge, ...] = ()
    read: f.Call | None = None


class Sights:
    """Answers for the sets of one program."""

    def __init__(self, program: Program, graph: CallGraph) -> None:
        """Nothing is looked at until asked."""
        self._program = program
        self._graph = graph
        self._reads = program.once(Reads)

    def behind(self, scope: Scope, var: VarId, span: Span) -> Sight | None:
        """The first that sees the value which is set at ``span``; None where nothing does as far as calls lead."""
        given = self.handed_in(scope, span)
        return given or self._way(scope, var, {id(node) for node in _behind(scope, span)})

    def handed_in(self, scope: Scope, span: Span) -> Sight | None:
        """The first place behind a ``set`` where the function runs what it was given."""
        given = (node for node in _behind(scope, span) if self._runs_what_is_given(scope, node))
        return next((Sight(node) for node in given), None)

    def _way(self, scope: Scope, var: VarId, nodes: set[int]) -> Sight | None:
        """The shortest way from one of the nodes to a read."""
        pending: collections.deque[tuple[Edge, ...]] = collections.deque(
            (edge,) for edge in self._graph.edges(scope) if id(edge.node) in nodes and self._passes(edge, var)
        )
        seen = {chain[-1].callee for chain in pending}
        while pending and len(seen) < _MANY:
            chain = pending.popleft()
            callee = chain[-1].callee
            read = next((call for call in self._read(callee, var) if self._comes_to(callee, call, var)), None)
            if read is not None:
                return Sight(chain[0].node, chain, read)
            for edge in self._graph.edges(callee):
                if (
                    edge.callee not in seen
                    and self._comes_to(callee, edge.node, var)
                    and self._passes(edge, var)
                ):
                    seen.add(edge.callee)
                    pending.append((*chain, edge))
        return None

    def _passes(self, edge: Edge, var: VarId) -> bool:
        """Does the value come through the calls of an edge?"""
        return all(self._comes_to(scope, call, var) for scope, call in edge.through)

    def _comes_to(self, scope: Scope, node: f.Node, var: VarId) -> bool:
        """Does a value that was set before a function is called get to a place of its text?"""
        first = self._reads.first_set(scope, var)
        return first is None or node.span.start < first

    def _read(self, scope: Scope, var: VarId) -> Iterator[f.Call]:
        if scope.path in self._program.modules:
            yield from (call for call in scope.calls if self._reads.read_by(scope, call) == var)

    def _runs_what_is_given(self, scope: Scope, node: f.Node) -> bool:
        resolver = self._program.resolver
        match node:
            case f.Yield():
                return True
            case f.Await(value=f.Name() as value):
                return isinstance(resolver.resolve(scope, value), ParameterRef)
            case f.Call(func=f.Name() | f.Subscript() as func):
                symbol = resolver.resolve(scope, func)
                return symbol is None or isinstance(symbol, ParameterRef) or self._hands_on(scope, node)
            case f.Call(func=f.Attribute() as func):
                given = resolver.resolve(scope, func) is None and is_given(resolver, scope, func)
                return given or self._hands_on(scope, node)
            case _:
                return False

    def _hands_on(self, scope: Scope, call: f.Call) -> bool:
        """Is something that runs functions handed one that was given: ``context.run(function)``?"""
        resolver = self._program.resolver
        name = resolver.external(scope, call.func)
        return (
            name is not None
            and bool(hops().every(name))
            and any(isinstance(resolver.resolve(scope, each.value), ParameterRef) for each in call.args)
        )


def _behind(scope: Scope, span: Span) -> Iterator[f.Node]:
    """What stands in a function's text behind what is set at ``span``."""
    made = next((node for part in scope.body for node in walk(part) if node.span == span), None)
    if made is not None:
        for part in following(scope.body, made):
            yield from (node for node in walk(part, into_scopes=False) if node is not made)
