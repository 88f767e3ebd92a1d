"""The hops of the program: calls that hand a worker to something that runs it elsewhere.

A call is a hop when its callee resolves to an API of the knowledge base; a class or function of the program that
happens to share the name is what it is. A worker that comes in by a parameter is looked for at the callers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

import msgspec

from ctxlint.analysis.arguments import (
    Arguments,
    Step,
    as_written,
    handed_on,
    names_context,
    parameters_of,
    worker_arguments,
)
from ctxlint.analysis.callers import Uses
from ctxlint.analysis.callgraph import CallGraph, Edge
from ctxlint.analysis.executors import Executors
from ctxlint.analysis.handing import Handed, Handing
from ctxlint.analysis.resolve import Resolver
from ctxlint.analysis.scopes import Scope
from ctxlint.analysis.symbols import External, FunctionRef, Symbol
from ctxlint.knowledge.hop import Hop
from ctxlint.knowledge.hops import hops
from ctxlint.knowledge.targets import targets
from ctxlint.model import facts as f
from ctxlint.model.walk import dotted, walk

_SIGNAL = "signal.signal"
_STARTING = frozenset({"start", "join", "is_alive"})
_Way: TypeAlias = "tuple[tuple[Step, ...] | None, Handed]"


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
    why: Literal["carries", "named", "executor", "items", "hidden", "unknown", "outside", "starts", "wrapped"]
    expr: f.Expr | None = None


class Spawns:
    """Finds the hops that drop the Context in some version of Python on its default build."""

    def __init__(self, resolver: Resolver, graph: CallGraph, uses: Uses, classes: Iterable[Scope]) -> None:
        """Nothing is looked at until asked. ``classes`` are those that may derive from others."""
        self._resolver = resolver
        self._graph = graph
        self.handing = Handing(resolver, graph.callables, uses, classes)
        self._executors = Executors(resolver, self.handing)

    def considered(self, scopes: Iterable[Scope]) -> tuple[Spawn | Passed, ...]:
        """The hops that stand in ``scopes``, in the order of the text, and the calls that are passed over."""
        return tuple(
            dict.fromkeys(
                spawn
                for scope in scopes
                for spawn in (self._of_class(scope) if scope.kind == "class" else self._of_calls(scope))
            )
        )

    def called(self, scope: Scope, func: f.Expr) -> str | None:
        """The dotted name of the API that is called; None where it is not certain, or of the program."""
        return self._executors.called(scope, func)

    def _of_calls(self, scope: Scope) -> Iterator[Spawn | Passed]:
        for call in scope.calls:
            yield from self._of_decorated(scope, call)
            name = self._executors.called(scope, call.func)
            if name is None:
                continue
            callee = hops().canonical(name)
            for known in hops().every(name):
                row = self._governed(scope, call, known)
                why = self._why_passed(scope, call, row)
                if why is not None:
                    yield Passed(scope, call, callee, row, why)
                    continue
                yield from self.started(scope, call, callee, row)

    def started(self, scope: Scope, call: f.Call, callee: str, row: Hop) -> Iterator[Spawn | Passed]:
        """The workers that a call starts, whatever becomes of the Context, and those that are not known."""
        for expr in worker_arguments(call, row.worker):
            ways = tuple(self._ways(scope, call, row, expr))
            for steps, handed in ways:
                for step in steps or ():
                    worker, way = _way(step)
                    yield Spawn(scope, call, callee, row, worker, ((scope, call), *handed), handed, way)
            if not any(steps for steps, _ in ways):
                unknown = any(steps is None for steps, _ in ways) or not ways
                yield Passed(scope, call, callee, row, "unknown" if unknown else "outside", expr)

    def _of_decorated(self, scope: Scope, call: f.Call) -> Iterator[Spawn | Passed]:
        """A call that starts the function below a decorator elsewhere: ``task.delay(…)``, or ``task(…)`` itself."""
        for worker, row in self._graph.callables.started_by(scope, call):
            callee = dotted(call.func) or row.callables[0]
            if _drops(row):
                yield Spawn(scope, call, callee, row, worker, ((scope, call),))
            else:
                yield Passed(scope, call, callee, row, "carries")

    def _why_passed(
        self, scope: Scope, call: f.Call, row: Hop
    ) -> Literal["carries", "named", "executor", "items", "hidden", "wrapped"] | None:
        """Why the call is no hop to judge, whatever its worker is; None where it is one."""
        if not (_drops(row) or _is_late(row)) or self._is_forked(scope, call, row):
            return "carries"
        if row.worker.stands != "worker":
            return "items"
        if names_context(call, row):
            return "named"
        if self._carries_by_executor(scope, call, row):
            return "executor"
        if row.kind == "thread" and self._is_wrapped(scope, call):
            return "wrapped"
        hidden = not worker_arguments(call, row.worker) and any(argument.star for argument in call.args)
        return "hidden" if hidden else None

    def _is_forked(self, scope: Scope, call: f.Call, row: Hop) -> bool:
        """Is a process of ``get_context("fork")`` started, which has a copy of the Context at hand?"""
        if row.kind != "process" or not isinstance(call.func, f.Attribute):
            return False
        if row.verdict(targets().versions[0], inherits=False, start_method="fork") != "isolated-copy":
            return False
        _, made = self._resolver.value(scope, call.func.value) or (scope, None)
        first = made.args[0].value if isinstance(made, f.Call) and made.args else None
        return isinstance(first, f.Literal) and first.text == "fork"

    def _is_wrapped(self, scope: Scope, made: f.Call) -> bool:
        """Does a function of the program get the thread and do more than start it? That may carry the Context."""
        names = {
            dotted(target)
            for statement in scope.body
            for node in walk(statement, into_scopes=False)
            if isinstance(node, f.Assign) and node.value is made
            for target in node.targets
        } - {None}
        for call in scope.calls:
            given = [argument.value is made or dotted(argument.value) in names for argument in call.args]
            symbol = self._resolver.resolve(scope, call.func) if any(given) else None
            if isinstance(symbol, FunctionRef):
                taken = zip(given, parameters_of(call, symbol), strict=True)
                if any(is_it and not _only_starts(symbol.scope, name) for is_it, name in taken):
                    return True
        return False

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
                    places = tuple((use.scope, use.node) for use in self.handing.made(cls))
                    yield Spawn(cls, head, callee, row, child, places)

    def _starts_in_context(self, cls: Scope) -> bool:
        """Does a Thread subclass carry the Context by its start: is a copy taken there, or another ``run`` put in?"""
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
        for given, handed in self.handing.contexts(scope, (expr, *written, *named.values()), 0):
            arguments = callables.arguments(scope, written, named, given)
            if row.form == "iterables" and row.worker.position is not None:
                items = as_written(call)[row.worker.position + 1 :]
                arguments = Arguments(tuple(callables.each(scope, item, given) for item in items))
            yield callables.of(scope, expr, arguments, given), handed

    def _governed(self, scope: Scope, call: f.Call, row: Hop) -> Hop:
        """The row of a call that is given an executor, as it is with an executor of processes."""
        given = executor_of(call, row)
        found = self._executors.known(scope, given) if given is not None else None
        others = [self._submit(symbol) for symbol in found or ()]
        kinds = {other.kind if other is not None else None for other in others}
        if row.kind != "executor" or kinds != {"process"} or others[0] is None:
            return row
        return msgspec.structs.replace(
            row, kind="process", when=others[0].when, cures=others[0].cures, carrying_api=""
        )

    def knows_executor(self, scope: Scope, call: f.Call, row: Hop) -> bool:
        """Is it known which executor a call is given, if it is given one?"""
        given = executor_of(call, row)
        return given is None or self._executors.known(scope, given) is not None

    def _carries_by_executor(self, scope: Scope, call: f.Call, row: Hop) -> bool:
        """Does the executor that the call names carry the Context, run elsewhere, or is it not known?"""
        given = executor_of(call, row)
        if given is None:
            return False
        found = self._executors.known(scope, given)
        return found is None or not all(self._drops_by_submit(symbol, row) for symbol in found)

    def _drops_by_submit(self, executor: Symbol, row: Hop) -> bool:
        other = self._submit(executor)
        return other is not None and other.kind == row.kind and _drops(other)

    def _submit(self, executor: Symbol) -> Hop | None:
        submit = self._resolver.attribute(executor, "submit")
        return hops().of(submit.name) if isinstance(submit, External) else None


def executor_of(call: f.Call, row: Hop) -> f.Expr | None:
    """The executor that a call is given to run its worker; None where it is given none."""
    slot = row.governed_by
    if slot is None:
        return None
    positional = [a.value for a in call.args if a.keyword is None and not a.star]
    named = [a.value for a in call.args if a.keyword and a.keyword == slot.keyword]
    at = slot.position
    return next(iter(named or (positional[at : at + 1] if at is not None else [])), None)


def _only_starts(scope: Scope, name: str | None) -> bool:
    """Does a function do no more to the thread in its parameter than start it and wait for it?"""
    nodes = [node for statement in scope.body for node in walk(statement)]
    plain = {id(node.value) for node in nodes if isinstance(node, f.Attribute) and node.attr in _STARTING}
    return all(id(node) in plain for node in nodes if isinstance(node, f.Name) and node.id == name)


def _drops(row: Hop) -> bool:
    """Is the caller's Context lost on some of the Pythons that the code is judged for?"""
    return bool(targets().dropping(row))


def _is_late(row: Hop) -> bool:
    """Is the worker called at some later moment, in the Context that is there then (``atexit``)?"""
    late = row.kind == "finalizer" or (row.kind == "callback" and not row.wraps)
    return late and (row.usual == "depends" or _SIGNAL in row.callables)


def _way(step: Step) -> tuple[Scope, tuple[Edge, ...]]:
    """The worker, and the edges from it to the step's function."""
    scopes = [*(scope for scope, _ in step.through), step.callee]
    edges = (Edge(scope, call, scopes[index + 1]) for index, (scope, call) in enumerate(step.through))
    return scopes[0], tuple(edges)
