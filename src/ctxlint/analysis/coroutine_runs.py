"""Coroutines and generators that are made in a Context and run outside of it.

``run`` of a Context calls a function. That of an async function makes a coroutine, that of a generator function a
generator; the body runs later, in the Context of who awaits or iterates it. It is right where what comes back is driven
in a Context after all: by a task that is given it (``context=``), or by ``run`` again (``context.run(next, steps)``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias, TypeGuard

from ctxlint.analysis.arguments import parameters_of
from ctxlint.analysis.contexts import Contexts
from ctxlint.analysis.handing import Handing
from ctxlint.analysis.resolve import Resolver
from ctxlint.analysis.scopes import Scope
from ctxlint.analysis.symbols import FunctionRef, InstanceRef, ParameterRef
from ctxlint.analysis.turns import Turns
from ctxlint.knowledge.hops import hops
from ctxlint.model import facts as f
from ctxlint.model.walk import walk

Body: TypeAlias = Literal["coroutine", "generator", "async generator"]

_DEPTH = 4
_PLAIN = frozenset({  # decorators that leave an async function what it is
    "builtins.classmethod", "builtins.staticmethod", "abc.abstractmethod", "functools.wraps()", "typing.final",
    "typing.override", "typing_extensions.final", "typing_extensions.override", "typing.no_type_check",
})  # fmt: skip
_DRIVING = frozenset({"contextlib.aclosing", "contextlib.closing"})


@dataclass(frozen=True, slots=True)
class CoroutineRun:
    """``run`` of a Context at ``node``, called or handed over, that is given ``function``: what comes back is the
    ``body`` of it, which runs elsewhere. ``given`` is the call by which the function came in, if it did. ``fresh``: the
    Context is a copy that was made for this call alone, so it holds what the caller has.
    """

    scope: Scope
    node: f.Call
    function: Scope
    body: Body
    handed: bool
    given: tuple[Scope, f.Call] | None = None
    fresh: bool = False


class CoroutineRuns:
    """Finds them in the functions of one program."""

    def __init__(self, resolver: Resolver, handing: Handing, contexts: Contexts) -> None:
        """Nothing is looked at until asked."""
        self._resolver = resolver
        self._handing = handing
        self._contexts = contexts
        self._turns = Turns()

    def of(self, scope: Scope) -> Iterator[CoroutineRun]:
        """Those in the text of a function, in its order."""
        for call in scope.calls if "run" in scope.spelled else ():
            func = call.func
            if _is_run(func) and self._contexts.is_context(scope, func.value):
                for worker in call.args[:1]:
                    made = self._made_by(scope, worker.value) if not worker.star else None
                    if made is not None and self._runs_outside(scope, call, made[1]):
                        fresh = self._is_fresh(scope, func.value)
                        yield CoroutineRun(scope, call, *made[:2], handed=False, given=made[2], fresh=fresh)
                continue
            for run, function in _handed_to_run(call):
                if not self._contexts.is_context(scope, run.value) or not self._is_known(scope, call):
                    continue
                made = self._made_by(scope, function)
                if made is not None:
                    yield CoroutineRun(scope, call, *made[:2], handed=True, given=made[2])

    def _is_fresh(self, scope: Scope, context: f.Expr) -> bool:
        made = self._contexts.origin(scope, context, (scope, context))
        if made is None or made.kind != "made" or made.where is not scope or made.maker is None:
            return False
        if self._resolver.external(made.maker[0], made.maker[1].func) != "contextvars.copy_context":
            return False
        name = context.id if isinstance(context, f.Name) else ""
        parts = (part for statement in scope.body for part in walk(statement))
        uses = [part for part in parts if isinstance(part, f.Name) and part.id == name]
        return len(uses) <= 2  # noqa: PLR2004 - where it is bound, and here

    def _is_known(self, scope: Scope, call: f.Call) -> bool:
        name = self._resolver.external(scope, call.func)
        if name is None or hops().canonical(name) == "contextvars.Context().run":
            return False
        return bool(hops().every(name)) and not any(a.keyword == "context" for a in call.args)

    # --- what a function makes --------------------------------------------------------------------------------

    def _made_by(
        self, scope: Scope, expr: f.Expr, depth: int = 0, maker: f.Call | None = None
    ) -> tuple[Scope, Body, tuple[Scope, f.Call] | None] | None:
        """The async or generator function whose body comes back when ``expr`` is called. ``maker`` is the call of a
        function of the program that made the callable on the way here.
        """
        if depth > _DEPTH:
            return None
        symbol = self._resolver.resolve(scope, expr)
        where, made = self._resolver.value(scope, expr) or (scope, expr)
        if isinstance(symbol, FunctionRef):
            return self._by_function(symbol.scope, depth, made if isinstance(made, f.Call) else maker)
        if isinstance(symbol, InstanceRef):
            called = self._resolver.method(symbol.scope, "__call__")
            return self._by_function(called, depth, None) if called is not None else None
        if isinstance(symbol, ParameterRef):
            return self._given_as(symbol, depth, maker)
        if not isinstance(made, f.Call) or not made.args:
            return None
        name = self._resolver.external(where, made.func)
        row = hops().of(name) if name is not None else None
        wraps = row is not None and row.wraps
        return self._made_by(where, made.args[0].value, depth + 1) if wraps else None

    def _by_function(
        self, function: Scope, depth: int, maker: f.Call | None
    ) -> tuple[Scope, Body, tuple[Scope, f.Call] | None] | None:
        if not self._is_plain(function):
            return None
        node = function.function
        if node.is_async or node.is_generator:
            kind: Body = (
                "coroutine" if not node.is_generator else "async generator" if node.is_async else "generator"
            )
            return function, kind, None
        values = self._resolver.returns(function)
        found = [
            self._made_by(function, value.func, depth + 1, maker) if isinstance(value, f.Call) else None
            for value in values
        ]
        return found[0] if found and None not in found else None

    def _is_plain(self, function: Scope) -> bool:
        outer = function.parent
        names = (
            [self._resolver.external(outer, each) for each in function.function.decorators] if outer else []
        )
        return all(name in _PLAIN for name in names)

    def _given_as(
        self, symbol: ParameterRef, depth: int, maker: f.Call | None
    ) -> tuple[Scope, Body, tuple[Scope, f.Call] | None] | None:
        calls = tuple(self._handing.calls_of(symbol.scope))
        if any(use.node is maker for use, _ in calls):  # of the calls that give something, it is this one
            calls = tuple((use, ref) for use, ref in calls if use.node is maker)
        for use, ref in calls:
            assert isinstance(use.node, f.Call)  # noqa: S101 - calls only
            for argument, name in zip(use.node.args, parameters_of(use.node, ref), strict=True):
                made = self._made_by(use.scope, argument.value, depth + 1) if name == symbol.name else None
                if made is not None:
                    return made[0], made[1], (use.scope, use.node)
        return None

    # --- what becomes of it -----------------------------------------------------------------------------------

    def _runs_outside(self, scope: Scope, node: f.Node, body: Body, depth: int = 0) -> bool:
        """Is the value at ``node`` driven where it stands, and not in a Context that is named?"""
        path = self._turns.path(scope, node)
        for index in range(len(path) - 2, -1, -1):
            above, below = path[index], path[index + 1]
            match above:
                case f.Await() | f.Evaluate() | f.YieldFrom():
                    return True
                case f.For(iterable=iterable) | f.Clause(iterable=iterable):
                    return iterable is below
                case (
                    f.Argument()
                    | f.Starred()
                    | f.Display()
                    | f.Comprehension()
                    | f.Conditional()
                    | f.Walrus()
                ):
                    continue
                case f.Call():
                    return self._drives_outside(scope, above)
                case f.Return():
                    return body == "coroutine"
                case f.Assign(targets=(f.Name(id=name),)) if depth == 0:
                    return self._used_outside(scope, name, body)
                case _:
                    return False
        return False

    def _drives_outside(self, scope: Scope, call: f.Call) -> bool:
        name = self._resolver.external(scope, call.func)
        if name is None or any(argument.keyword == "context" for argument in call.args):
            return False
        if hops().canonical(name) == "contextvars.Context().run":
            return False
        return bool(hops().every(name)) or name.startswith("builtins.") or name in _DRIVING

    def _used_outside(self, scope: Scope, name: str, body: Body) -> bool:
        uses = [
            node
            for statement in scope.body
            for node in walk(statement)
            if isinstance(node, f.Name) and node.id == name and not self._is_target(scope, node)
        ]
        return bool(uses) and all(self._runs_outside(scope, use, body, 1) for use in uses)

    def _is_target(self, scope: Scope, node: f.Name) -> bool:
        path = self._turns.path(scope, node)
        return len(path) > 1 and isinstance(path[-2], f.Assign) and any(t is node for t in path[-2].targets)


def _is_run(func: f.Expr) -> TypeGuard[f.Attribute]:
    return isinstance(func, f.Attribute) and func.attr == "run"


def _handed_to_run(call: f.Call) -> Iterator[tuple[f.Attribute, f.Expr]]:
    """``run`` among the arguments of a call, and the function that goes with it."""
    for index, argument in enumerate(call.args):
        run = argument.value
        if not _is_run(run) or argument.star:
            continue
        if argument.keyword is None:
            rest = [a.value for a in call.args[index + 1 : index + 2] if a.keyword is None and not a.star]
        else:
            rest = [
                each
                for a in call.args
                if a.keyword in ("args", "initargs") and isinstance(a.value, f.Display)
                for each in a.value.items[:1]
            ]
        yield from ((run, function) for function in rest)
