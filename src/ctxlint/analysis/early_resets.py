"""Plain wrappers around what runs later: they set, make a coroutine or a generator, and reset before its body runs.

``with scope(): return function()`` in a wrapper of the program, a generator of ``contextlib.contextmanager`` used as a
decorator, and an instance of a ``ContextDecorator`` are right around plain functions. Around an ``async def`` or a
generator function the call only makes an object: when its body runs, the value is gone. A wrapper that asks what it
wraps (``iscoroutinefunction``), or does more with what it got than return it, is left alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ctxlint.analysis.callgraph import Edge
from ctxlint.analysis.frame_kinds import is_test_file
from ctxlint.analysis.lowering.managers import scoped_variables
from ctxlint.analysis.program import Program
from ctxlint.analysis.propagation import Propagation
from ctxlint.analysis.reads import Read
from ctxlint.analysis.scopes import Scope
from ctxlint.analysis.symbols import ClassRef, FunctionRef, InstanceRef, ParameterRef
from ctxlint.model import facts as f
from ctxlint.model.ids import VarId
from ctxlint.model.walk import walk

_MANAGERS = frozenset({"contextlib.contextmanager", "contextlib2.contextmanager"})
_DECORATOR = frozenset({"contextlib.ContextDecorator", "contextlib2.ContextDecorator"})
#: Functions of ``inspect`` and ``asyncio`` by which a wrapper tells what it wraps.
_QUESTIONS = frozenset({
    "iscoroutinefunction", "iscoroutine", "isawaitable", "isasyncgenfunction", "isasyncgen", "isgeneratorfunction",
    "isgenerator", "markcoroutinefunction", "run_until_complete",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class EarlyReset:
    """``wrapped`` stands below ``decorator`` in ``scope``; ``holder`` sets ``var`` and undoes it too early. ``way``
    leads from the wrapped function to a read of it; None where none is known.
    """

    scope: Scope
    decorator: f.Expr
    wrapped: Scope
    holder: Scope
    var: VarId
    way: tuple[tuple[Edge, ...], Read] | None


class EarlyResets:
    """Answers for the decorators of one program."""

    def __init__(self, program: Program, propagation: Propagation) -> None:
        """Nothing is looked at until asked."""
        self._program = program
        self._propagation = propagation
        self._held: dict[Scope, tuple[VarId, ...]] = {}

    def found(self) -> Iterator[EarlyReset]:
        """The early resets, one for each decorator and variable."""
        for scope in self._program.functions():
            if not isinstance(scope.node, f.Function) or not scope.node.decorators or scope.parent is None:
                continue
            if not (scope.node.is_async or scope.node.is_generator):
                continue
            if is_test_file(self._program, scope.path):
                continue
            decorator = scope.node.decorators[-1]  # one further out gets what this one gives
            for holder, var in self._holders(scope.parent, decorator):
                way = self._propagation.way_to(scope, var)
                yield EarlyReset(scope.parent, decorator, scope, holder, var, way)

    def _holders(self, scope: Scope, decorator: f.Expr) -> Iterator[tuple[Scope, VarId]]:
        """The wrappers and managers that a decorator puts around the call, with what they hold."""
        resolver = self._program.resolver
        held = scoped_variables(self._program.frame(scope), decorator)
        symbol = resolver.resolve(scope, decorator)
        if isinstance(symbol, InstanceRef):
            bases = resolver.external_bases(symbol.scope)
            enter = resolver.method(symbol.scope, "__enter__")
            if enter is not None and any(base in _DECORATOR for base in bases):
                yield from ((enter, var) for var in sorted(held))
        made = resolver.resolve(scope, decorator.func) if isinstance(decorator, f.Call) else None
        if isinstance(made, FunctionRef) and made.scope.function.is_generator:
            names = self._program.decorators(made.scope)
            if names and names[0] in _MANAGERS:
                yield from ((made.scope, var) for var in sorted(held))
            return
        for wrapper in self._wrappers(scope, decorator, made):
            yield from ((wrapper, var) for var in self._held_by(wrapper))

    def _wrappers(self, scope: Scope, decorator: f.Expr, made: object) -> Iterator[Scope]:
        """The one function that a decorator of the program gives back."""
        resolver = self._program.resolver
        symbol = resolver.resolve(scope, decorator)
        maker = symbol.scope if isinstance(symbol, FunctionRef) else None
        if isinstance(symbol, InstanceRef):
            maker = resolver.method(symbol.scope, "__call__")
        if maker is None and isinstance(made, FunctionRef):  # a factory of decorators
            maker = self._only_function(made.scope)
        elif isinstance(symbol, ClassRef):
            return
        wrapper = self._only_function(maker) if maker is not None else None
        if maker is None or wrapper is None:
            return
        if maker.spelled.isdisjoint(_QUESTIONS) and wrapper.spelled.isdisjoint(_QUESTIONS):
            yield wrapper

    def _only_function(self, maker: Scope) -> Scope | None:
        """The function of its own that a plain function returns, if it returns no other."""
        if maker.function.is_async or maker.function.is_generator:
            return None
        values = self._program.resolver.returns(maker)
        found = [self._program.resolver.resolve(maker, value) for value in values]
        inner = found[0] if len(found) == 1 else None
        return inner.scope if isinstance(inner, FunctionRef) and inner.scope.parent is maker else None

    def _held_by(self, wrapper: Scope) -> tuple[VarId, ...]:
        """The variables that a plain wrapper holds while it calls what it wraps, and no longer."""
        if wrapper not in self._held:
            self._held[wrapper] = tuple(sorted(self._found_held(wrapper)))
        return self._held[wrapper]

    def _found_held(self, wrapper: Scope) -> set[VarId]:
        if wrapper.function.is_async or wrapper.function.is_generator:
            return set()
        call = self._call_of_wrapped(wrapper)
        if call is None or not _is_only_returned(wrapper, call):
            return set()
        held: set[VarId] = set()
        frame = self._program.frame(wrapper)
        for statement in wrapper.body:
            for node in walk(statement, into_scopes=False):
                if isinstance(node, f.With) and any(
                    part is call for inner in node.body for part in walk(inner)
                ):
                    for item in node.items:
                        held |= scoped_variables(frame, item.context)
        outcome = self._program.outcome(wrapper)
        for each in outcome.sites if outcome is not None else ():
            normal = [leaving for leaving in each.exits if leaving.kind == "normal"]
            ended = all(
                leaving.fate in ("released", "restored") and leaving.since.start > call.span.start
                for leaving in normal
            )
            if normal and ended and each.site.span.start < call.span.start:
                held.add(each.site.var)
        return held

    def _call_of_wrapped(self, wrapper: Scope) -> f.Call | None:
        """The one call of a parameter of the function around the wrapper."""
        found = [
            call
            for call in wrapper.calls
            if isinstance(symbol := self._program.resolver.resolve(wrapper, call.func), ParameterRef)
            and symbol.scope is wrapper.parent
        ]
        return found[0] if len(found) == 1 else None


def _is_only_returned(wrapper: Scope, call: f.Call) -> bool:
    """Is what the call gives returned, and nothing else done with it?"""
    nodes = [node for statement in wrapper.body for node in walk(statement, into_scopes=False)]
    if any(isinstance(node, f.Return) and node.value is call for node in nodes):
        return True
    names = {
        target.id
        for node in nodes
        if isinstance(node, f.Assign) and node.value is call
        for target in node.targets
        if isinstance(target, f.Name)
    }
    if len(names) != 1:
        return False
    name = names.pop()
    returned = {id(node.value) for node in nodes if isinstance(node, f.Return)}
    targets = {id(target) for node in nodes if isinstance(node, f.Assign) for target in node.targets}
    uses = [
        node for node in nodes if isinstance(node, f.Name) and node.id == name and id(node) not in targets
    ]
    return bool(uses) and all(id(node) in returned for node in uses)
