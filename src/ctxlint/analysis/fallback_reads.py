"""Reads that happen only where another variable has no value: ``if user := acting.get(): return user``, and behind it
``return request.get().user``; or ``acting.get() or request.get()``.

Who sets the first of them does not come to the second.
"""

from __future__ import annotations

from collections.abc import Iterator

from ctxlint.analysis.callgraph import Edge
from ctxlint.analysis.reads import Read, Reads
from ctxlint.analysis.scopes import Assigned, Scope
from ctxlint.model import facts as f
from ctxlint.model.ids import VarId
from ctxlint.model.walk import walk


def is_spared(reads: Reads, chain: tuple[Edge, ...], read: Read) -> bool:
    """Does the way to a read set a variable that is asked before, at its end or at one of its steps?"""
    places = (*(place for edge in chain for place in edge.places), (read.scope, read.node))
    asked = {var for scope, node in places for var in _asked_before(reads, scope, node)} - {read.var}
    return any(
        limit < node.span.start
        for var in asked
        for scope, node in places
        if (limit := reads.first_set(scope, var)) is not None
    )


def _asked_before(reads: Reads, scope: Scope, place: f.Node) -> Iterator[VarId]:
    """The variables of which one that has a value keeps a function from coming to a place of its text."""
    for statement in scope.body:
        for node in walk(statement, into_scopes=False):
            match node:
                case f.If(test=test, body=(*_, f.Return() | f.Raise())) if node.span.start < place.span.start:
                    if not any(part is place for part in walk(node)):
                        yield from _positive(reads, scope, test)
                case f.Boolean(op="or", values=values):
                    at = next((i for i, v in enumerate(values) if any(p is place for p in walk(v))), 0)
                    for value in values[:at]:
                        yield from _read_in(reads, scope, value)
                case _:
                    pass


def _positive(reads: Reads, scope: Scope, test: f.Expr) -> Iterator[VarId]:
    """The variables whose having a value is the condition."""
    match test:
        case f.Walrus(value=value):
            yield from _read_in(reads, scope, value)
        case f.Name(id=name):
            for binding in scope.bindings.get(name, ()):
                if isinstance(binding, Assigned) and not binding.path:
                    yield from _read_in(reads, scope, binding.value)
        case f.Call():
            yield from _read_in(reads, scope, test)
        case _:
            pass


def _read_in(reads: Reads, scope: Scope, expr: f.Expr) -> Iterator[VarId]:
    if isinstance(expr, f.Call) and (var := reads.read_by(scope, expr)) is not None:
        yield var
