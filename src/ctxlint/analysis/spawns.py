"""The hops of the program: calls that hand a worker to something that runs it elsewhere.

A call is a hop when its callee resolves to an API of the knowledge base; a class or function of the program that
happens to share the name is what it is. A worker that comes in by a parameter is looked for at the callers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from ctxlint.analysis.arguments import names_context, parameters_of, worker_arguments
from ctxlint.analysis.callers import Uses
from ctxlint.analysis.callgraph import CallGraph
from ctxlint.analysis.resolve import Resolver
from ctxlint.analysis.scopes import Scope
from ctxlint.analysis.symbols import ClassRef, FunctionRef, ParameterRef
from ctxlint.knowledge.hop import Hop, Version
from ctxlint.knowledge.hops import hops
from ctxlint.model import facts as f

#: The versions for which code without a declared target is judged, on the default build.
VERSIONS: tuple[Version, ...] = ((3, 10), (3, 11), (3, 12), (3, 13), (3, 14))
_DEPTH = 4


@dataclass(frozen=True, slots=True)
class Spawn:
    """A hop: the call, the row of the knowledge base, and the workers that are known.

    ``node`` is what the finding points at: the call, or the ``run`` of a Thread subclass. ``places`` are the calls
    that make the hop: itself, or the constructions of the subclass. ``handed`` are the calls by which the worker came
    in through a parameter, nearest first.
    """

    scope: Scope
    node: f.Node
    callee: str
    row: Hop
    worker: Scope
    places: tuple[tuple[Scope, f.Node], ...]
    handed: tuple[tuple[Scope, f.Call], ...] = ()


@dataclass(frozen=True, slots=True)
class Passed:
    """A call of a hop's API that is passed over.

    ``why``: it ``carries`` the Context, or the Context is ``named`` in the call; its ``executor`` may carry; what it
    takes is no single worker (``items``), or a star has it ``hidden``; the worker ``expr`` is ``unknown``, or
    ``outside`` of the program, which is also where what runs in a Context of its own comes from.
    """

    scope: Scope
    node: f.Call
    callee: str
    row: Hop
    why: Literal["carries", "named", "executor", "items", "hidden", "unknown", "outside"]
    expr: f.Expr | None = None


class Spawns:
    """Finds the hops that drop the Context in some version of Python on its default build."""

    def __init__(self, resolver: Resolver, graph: CallGraph, uses: Uses) -> None:
        """Nothing is looked at until asked."""
        self._resolver = resolver
        self._graph = graph
        self._uses = uses

    def considered(self, scopes: Iterable[Scope]) -> tuple[Spawn | Passed, ...]:
        """The hops that stand in ``scopes``, in the order of the text, and the calls that are passed over."""
        return tuple(
            dict.fromkeys(
                spawn
                for scope in scopes
                for spawn in (self._of_class(scope) if scope.kind == "class" else self._of_calls(scope))
            )
        )

    def _of_calls(self, scope: Scope) -> Iterator[Spawn | Passed]:
        for call in scope.calls:
            name = self._resolver.external(scope, call.func)
            if name is None:
                continue
            callee = hops().canonical(name)
            for row in hops().every(name):
                why = self._why_passed(scope, call, row)
                if why is not None:
                    yield Passed(scope, call, callee, row, why)
                    continue
                for expr in worker_arguments(call, row.worker):
                    found = tuple(self._workers(scope, expr, 0))
                    for worker, handed in found:
                        yield Spawn(scope, call, callee, row, worker, ((scope, call), *handed), handed)
                    if not found:
                        known = self._graph.workers(scope, expr) is not None
                        yield Passed(scope, call, callee, row, "outside" if known else "unknown", expr)

    def _why_passed(
        self, scope: Scope, call: f.Call, row: Hop
    ) -> Literal["carries", "named", "executor", "items", "hidden"] | None:
        """Why the call is no hop to judge, whatever its worker is; None where it is one."""
        if not _drops(row):
            return "carries"
        if row.worker.stands != "worker":
            return "items"
        if names_context(call, row):
            return "named"
        if self._carries_by_executor(scope, call, row):
            return "executor"
        hidden = not worker_arguments(call, row.worker) and any(argument.star for argument in call.args)
        return "hidden" if hidden else None

    def _of_class(self, cls: Scope) -> Iterator[Spawn]:
        """``run`` of a subclass of Thread."""
        for base in self._resolver.external_bases(cls):
            row = hops().of_subclass(base)
            if row is None or not _drops(row):
                continue
            for child in cls.children:
                if child.kind == "function" and child.function.name in row.worker.methods:
                    head = f.Name(child.function.head, child.function.name)
                    yield Spawn(cls, head, hops().canonical(base), row, child, self._constructions(cls))

    def _constructions(self, cls: Scope) -> tuple[tuple[Scope, f.Node], ...]:
        assert cls.node is not None  # noqa: S101 - a class scope has a class node
        return tuple(
            (use.scope, use.node)
            for use in self._uses.named(cls.node.name)
            if isinstance(use.node, f.Call)
            and self._resolver.resolve(use.scope, use.node.func) == ClassRef(cls)
        )

    def _workers(
        self, scope: Scope, expr: f.Expr, depth: int
    ) -> Iterator[tuple[Scope, tuple[tuple[Scope, f.Call], ...]]]:
        found = self._graph.workers(scope, expr)
        if found is not None:
            yield from ((worker, ()) for worker in found)
            return
        symbol = self._resolver.resolve(scope, expr)
        if not isinstance(symbol, ParameterRef) or depth >= _DEPTH:
            return
        for use in self._uses.of(symbol.scope):
            if not isinstance(use.node, f.Call):
                continue
            for argument in self._given(use.scope, use.node, symbol):
                for worker, handed in self._workers(use.scope, argument, depth + 1):
                    yield worker, ((use.scope, use.node), *handed)

    def _given(self, scope: Scope, call: f.Call, parameter: ParameterRef) -> Iterator[f.Expr]:
        """The argument that a call gives to the parameter."""
        called = self._resolver.resolve(scope, call.func)
        if isinstance(called, FunctionRef) and called.scope is parameter.scope:
            for argument, name in zip(call.args, parameters_of(call, called), strict=True):
                if name == parameter.name and not argument.star:
                    yield argument.value

    def _carries_by_executor(self, scope: Scope, call: f.Call, row: Hop) -> bool:
        """Does the executor that the call names have a ``submit`` of the program's own, or is it not known?"""
        if row.governed_by is None:
            return False
        slot = row.governed_by
        positional = [a.value for a in call.args if a.keyword is None and not a.star]
        named = [a.value for a in call.args if a.keyword and a.keyword == slot.keyword]
        at = slot.position
        given = named or ([positional[at]] if at is not None and at < len(positional) else [])
        if not given:
            return False
        if isinstance(given[0], f.Literal) and given[0].kind == "none":
            return False
        submit = self._resolver.attribute(self._resolver.resolve(scope, given[0]), "submit")
        name = getattr(submit, "name", None)
        if not isinstance(name, str):
            return isinstance(submit, FunctionRef | ClassRef)
        other = hops().of(name)
        return other is not None and (other.kind != row.kind or not _drops(other))


def _drops(row: Hop) -> bool:
    """Is the caller's Context lost on some version, with the default build's flag?"""
    return any(row.exists(v) and row.verdict(v, inherits=False) == "drops" for v in VERSIONS)
