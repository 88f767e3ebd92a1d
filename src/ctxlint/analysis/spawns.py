"""The hops of the program: calls that hand a worker to something that runs it elsewhere.

A call is a hop when its callee resolves to an API of the knowledge base; a class or function of the program that
happens to share the name is what it is. A worker that comes in by a parameter is looked for at the callers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from ctxlint.analysis.arguments import (
    Given,
    Step,
    bound,
    handed_on,
    names_context,
    parameters_of,
    worker_arguments,
)
from ctxlint.analysis.callers import Use, Uses
from ctxlint.analysis.callgraph import CallGraph, Edge
from ctxlint.analysis.resolve import Resolver
from ctxlint.analysis.scopes import Scope
from ctxlint.analysis.symbols import ClassRef, FunctionRef, ParameterRef
from ctxlint.knowledge.hop import Hop, Version
from ctxlint.knowledge.hops import hops
from ctxlint.model import facts as f
from ctxlint.model.walk import walk

#: The versions for which code without a declared target is judged, on the default build.
VERSIONS: tuple[Version, ...] = ((3, 10), (3, 11), (3, 12), (3, 13), (3, 14))
_DEPTH = 4

_Handed: TypeAlias = "tuple[tuple[Scope, f.Call], ...]"
_Way: TypeAlias = "tuple[tuple[Step, ...] | None, _Handed]"


@dataclass(frozen=True, slots=True)
class Spawn:
    """A hop: the call, the row of the knowledge base, and the workers that are known.

    ``node`` is what the finding points at: the call, or the ``run`` of a Thread subclass. ``places`` are the calls
    that make the hop: itself, or the constructions of the subclass. ``handed`` are the calls by which the worker came
    in through a parameter, nearest first. ``way`` leads from the worker to a function that it was given and calls.
    """

    scope: Scope
    node: f.Node
    callee: str
    row: Hop
    worker: Scope
    places: tuple[tuple[Scope, f.Node], ...]
    handed: tuple[tuple[Scope, f.Call], ...] = ()
    way: tuple[Edge, ...] = ()

    @property
    def end(self) -> Scope:
        """The last function of the way: the worker itself where there is no way."""
        return self.way[-1].callee if self.way else self.worker


@dataclass(frozen=True, slots=True)
class Passed:
    """A call of a hop's API that is passed over.

    ``why``: it ``carries`` the Context, or the Context is ``named`` in the call; its ``executor`` may carry; what it
    takes is no single worker (``items``), or a star has it ``hidden``; the worker ``expr`` is ``unknown``, or
    ``outside`` of the program, which is also where what runs in a Context of its own comes from. A Thread subclass
    ``starts`` in a Context that it carries.
    """

    scope: Scope
    node: f.Node
    callee: str
    row: Hop
    why: Literal["carries", "named", "executor", "items", "hidden", "unknown", "outside", "starts"]
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
                    ways = tuple(self._ways(scope, call, row, expr))
                    for steps, handed in ways:
                        for step in steps or ():
                            worker, way = _way(step)
                            yield Spawn(
                                scope, call, callee, row, worker, ((scope, call), *handed), handed, way
                            )
                    if not any(steps for steps, _ in ways):
                        unknown = any(steps is None for steps, _ in ways) or not ways
                        yield Passed(scope, call, callee, row, "unknown" if unknown else "outside", expr)

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

    def _of_class(self, cls: Scope) -> Iterator[Spawn | Passed]:
        """``run`` of a subclass of Thread."""
        for base in self._resolver.external_bases(cls):
            row = hops().of_subclass(base)
            if row is None or not _drops(row):
                continue
            carries = self._starts_in_context(cls)
            for child in cls.children:
                if child.kind == "function" and child.function.name in row.worker.methods:
                    head = f.Name(child.function.head, child.function.name)
                    callee = hops().canonical(base)
                    if carries:
                        yield Passed(cls, head, callee, row, "starts")
                        continue
                    places = tuple((use.scope, use.node) for use in self._made(cls))
                    yield Spawn(cls, head, callee, row, child, places)

    def _starts_in_context(self, cls: Scope) -> bool:
        """Does a Thread subclass carry the Context by its start: a copy that is taken there, or another ``run`` put in?"""
        if any("run" in ancestor.attributes for ancestor in self._resolver.ancestors(cls)):
            return True
        start = self._resolver.method(cls, "start")
        return start is not None and any(
            self._resolver.external(start, call.func) == "contextvars.copy_context" for call in start.calls
        )

    def _ways(self, scope: Scope, call: f.Call, row: Hop, expr: f.Expr) -> Iterator[_Way]:
        """What runs when the worker ``expr`` is called as the hop calls it, for each way in which it came in."""
        callables = self._graph.callables
        written, named = handed_on(call, row)
        for given, handed in self._contexts(scope, (expr, *written, *named.values()), 0):
            arguments = callables.arguments(scope, written, named, given)
            yield callables.of(scope, expr, arguments, given), handed

    def _contexts(
        self, scope: Scope, exprs: tuple[f.Expr, ...], depth: int
    ) -> Iterator[tuple[Given, _Handed]]:
        """What the parameters hold on which the expressions hang, for each call that gives them."""
        wanted = dict.fromkeys(found for expr in exprs for found in self._hanging(scope, expr))
        owners = dict.fromkeys(found.scope for found in wanted) if depth < _DEPTH else {}
        known = False
        for owner in owners:
            names = {found.name for found in wanted if found.scope is owner}
            for use, ref in self._calls_of(owner):
                assert isinstance(use.node, f.Call)  # noqa: S101 - calls only
                taken = zip(use.node.args, parameters_of(use.node, ref), strict=True)
                inner = tuple(argument.value for argument, name in taken if name in names)
                if not inner:
                    continue
                known = True
                for given, handed in self._contexts(use.scope, inner, depth + 1):
                    arguments = self._graph.callables.arguments_of(use.scope, use.node, given)
                    yield {**given, **bound(ref, arguments)}, ((use.scope, use.node), *handed)
        if not known:
            yield {}, ()

    def _hanging(self, scope: Scope, expr: f.Expr) -> Iterator[ParameterRef]:
        """The parameters that decide what runs when ``expr`` is called."""
        tests = {
            id(part) for node in walk(expr) if isinstance(node, f.Conditional) for part in walk(node.test)
        }
        for node in walk(expr, into_scopes=False):
            if id(node) in tests:
                continue
            if isinstance(node, f.Lambda):
                yield from self._called_in(scope.child(node.function))
            if not isinstance(node, f.Name | f.Attribute):
                continue
            symbol = self._resolver.resolve(scope, node)
            if isinstance(symbol, ParameterRef):
                yield symbol
            elif isinstance(symbol, FunctionRef) and symbol.scope.parent is not None:
                yield from self._called_in(symbol.scope)
            elif symbol is None:
                for where, value in self._graph.callables.targets.alternatives(scope, node):
                    found = self._resolver.resolve(where, value)
                    if isinstance(found, ParameterRef):
                        yield found
                    elif isinstance(value, f.Call):
                        yield from self._hanging(where, value)

    def _called_in(self, scope: Scope) -> Iterator[ParameterRef]:
        """The parameters of functions around ``scope`` that its text calls or hands on."""
        if scope.parent is None or scope.parent.kind != "function":
            return
        for call in scope.calls:
            for expr in (call.func, *(argument.value for argument in call.args)):
                symbol = self._resolver.resolve(scope, expr)
                if isinstance(symbol, ParameterRef) and symbol.scope is not scope:
                    yield symbol

    def _calls_of(self, owner: Scope) -> Iterator[tuple[Use, FunctionRef]]:
        """The calls of a function; of a constructor, those of its class."""
        if owner.owner is not None and owner.function.name == "__init__":
            for use in self._made(owner.owner):
                yield use, FunctionRef(owner, bound=True)
            return
        for use in self._uses.of(owner):
            called = (
                self._resolver.resolve(use.scope, use.node.func) if isinstance(use.node, f.Call) else None
            )
            if isinstance(called, FunctionRef) and called.scope is owner:
                yield use, called

    def _made(self, cls: Scope) -> Iterator[Use]:
        """The calls that make an instance of a class."""
        assert isinstance(cls.node, f.Class)  # noqa: S101 - a class scope has a class node
        for use in self._uses.named(cls.node.name):
            if isinstance(use.node, f.Call) and self._resolver.resolve(use.scope, use.node.func) == ClassRef(
                cls
            ):
                yield use

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


def _way(step: Step) -> tuple[Scope, tuple[Edge, ...]]:
    """The worker, and the edges from it to the step's function."""
    scopes = [*(scope for scope, _ in step.through), step.callee]
    edges = (Edge(scope, call, scopes[index + 1]) for index, (scope, call) in enumerate(step.through))
    return scopes[0], tuple(edges)
