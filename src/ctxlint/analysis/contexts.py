"""Which Contexts a callable enters when it is called, and where each of them is made.

A callable *enters* a Context where it is ``run`` of it, or where its own text calls that: through partials, names,
lambdas, nested functions, wrappers and factories of the program, and instances with ``__call__``. Where the Context is
made decides what happens: in the text of who hands the callable over, all its calls share one; in the callable's own
text, each call makes another, which is *late* when the callable runs elsewhere.

What comes from a loop's target, or has several values, is not told: each turn may have another.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from ctxlint.analysis import scopes as sc
from ctxlint.analysis.arguments import handed_on, parameters_of, worker_arguments
from ctxlint.analysis.handing import Handing
from ctxlint.analysis.resolve import Resolver
from ctxlint.analysis.scopes import Scope
from ctxlint.analysis.symbols import External, FunctionRef, InstanceRef, ParameterRef
from ctxlint.analysis.targets import Targets
from ctxlint.knowledge.hop import Hop
from ctxlint.knowledge.hops import hops
from ctxlint.model import facts as f

CONTEXT = "contextvars.Context()"
_DEPTH = 6

At: TypeAlias = "tuple[Scope, f.Node] | None"
"""Where an expression is evaluated; None inside the callable, when it is called."""

Written: TypeAlias = "tuple[tuple[Scope, f.Expr, At], ...]"
"""Positional arguments, each with the scope in which it is written."""


Worker: TypeAlias = "tuple[Scope, f.Expr] | Scope | None"
"""What runs in a Context: an expression with its scope, or a function; None where it is not told."""


@dataclass(frozen=True, slots=True)
class Made:
    """Where a Context comes from.

    ``made``: by evaluating ``node`` in ``where``. ``late``: the same, in the text of the callable that enters it.
    ``parameter``: whoever calls ``where`` gives it as the parameter ``node``. ``attribute``: it is kept on an object,
    where ``where`` puts it. ``maker`` is the call that gives it, if one does.
    """

    kind: Literal["made", "late", "parameter", "attribute"]
    where: Scope
    node: f.Node
    maker: tuple[Scope, f.Call] | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A Context that is entered: ``node`` in ``scope`` says ``run``, ``worker`` is what runs there."""

    scope: Scope
    node: f.Node
    made: Made
    worker: Worker = None


class Contexts:
    """Answers for the expressions of one program."""

    def __init__(self, resolver: Resolver, handing: Handing, targets: Targets) -> None:
        """Nothing is looked at until asked."""
        self._resolver = resolver
        self._handing = handing
        self._targets = targets

    def of_hop(self, scope: Scope, call: f.Call, row: Hop) -> Iterator[Entry]:
        """The Contexts that the workers of a hop enter, the one that the call names (``context=``) included."""
        written, _ = handed_on(call, row)
        given = tuple((scope, expr, (scope, expr)) for expr in written)
        for expr in worker_arguments(call, row.worker):
            yield from self.entered(scope, expr, (scope, expr), given)
        for argument in call.args:
            if row.context is not None and argument.keyword == row.context.keyword:
                made = self.origin(scope, argument.value, (scope, argument.value))
                if made is not None:
                    yield Entry(scope, argument.value, made)

    def entered(
        self, scope: Scope, expr: f.Expr, at: At, written: Written = (), depth: int = 0
    ) -> tuple[Entry, ...]:
        """The Contexts that are entered when the value of ``expr`` is called with the arguments ``written``."""
        return tuple(self._entered(scope, expr, at, written, depth)) if depth < _DEPTH else ()

    def _entered(self, scope: Scope, expr: f.Expr, at: At, written: Written, depth: int) -> Iterator[Entry]:
        if isinstance(expr, f.Attribute) and expr.attr == "run" and self.is_context(scope, expr.value):
            made = self.origin(scope, expr.value, at)
            if made is not None:
                worker = written[0][:2] if written and not isinstance(written[0][1], f.Starred) else None
                yield Entry(scope, expr, made, worker)
            return
        if isinstance(expr, f.Call):
            yield from self._given_by(scope, expr, at, written, depth)
            return
        symbol = self._resolver.resolve(scope, expr)
        if isinstance(symbol, FunctionRef):
            yield from self._of_function(symbol, written, depth)
            return
        value = self._resolver.value(scope, expr) if isinstance(expr, f.Name | f.Attribute) else None
        if value is not None and value[1] is not expr:
            where, inner = value
            late = at is None and where is scope
            yield from self.entered(where, inner, None if late else (where, inner), written, depth + 1)

    def _given_by(self, scope: Scope, call: f.Call, at: At, written: Written, depth: int) -> Iterator[Entry]:
        """What the result of a call enters: of ``partial``, of a factory or a class of the program."""
        maker = self._resolver.resolve(scope, call.func)
        if isinstance(maker, External):
            row = hops().of(maker.name)
            if row is not None and row.wraps and call.args:
                first = tuple((scope, a.value, at) for a in call.args[1:] if a.keyword is None)
                yield from self.entered(scope, call.args[0].value, at, (*first, *written), depth + 1)
            return
        if isinstance(maker, FunctionRef) and not maker.scope.function.is_async:
            for value in self._resolver.returns(maker.scope):
                for entry in self.entered(maker.scope, value, (maker.scope, value), written, depth + 1):
                    yield self._moved(entry, maker, scope, call, at)
            return
        made = self._resolver.resolve(scope, call)
        if isinstance(made, InstanceRef):
            called = self._resolver.method(made.scope, "__call__")
            for entry in self.of_text(called, written) if called is not None else ():
                where = entry.made.where
                own = where.kind == "function" and where.function.name == "__init__"
                if entry.made.kind == "attribute" and own and at is not None:
                    yield replace(entry, made=Made("made", *at, entry.made.maker))
                elif entry.made.kind != "attribute":
                    yield entry

    def _moved(self, entry: Entry, maker: FunctionRef, scope: Scope, call: f.Call, at: At) -> Entry:
        """The entry as it stands at the call of a factory, whose text runs where it is called."""
        made = entry.made
        given = {
            name: a.value for a, name in zip(call.args, parameters_of(call, maker), strict=True) if not a.star
        }
        if isinstance(entry.worker, tuple):
            symbol = self._resolver.resolve(*entry.worker)
            if isinstance(symbol, ParameterRef) and symbol.scope is maker.scope and symbol.name in given:
                entry = replace(entry, worker=(scope, given[symbol.name]))
        if made.kind == "late" or made.where is not maker.scope:
            return entry
        if isinstance(made.node, f.Parameter):
            found = self.origin(scope, given[made.node.name], at) if made.node.name in given else None
            return replace(entry, made=found) if found is not None else entry
        return replace(
            entry, made=Made("made", *at, made.maker) if at is not None else replace(made, kind="late")
        )

    # --- functions ------------------------------------------------------------------------------------------

    def _of_function(self, ref: FunctionRef, written: Written, depth: int) -> Iterator[Entry]:
        """What a function enters, or what its decorators put in its place."""
        outer = ref.scope.parent
        for decorator in ref.scope.function.decorators if outer is not None else ():
            assert outer is not None  # noqa: S101 - of the loop's condition
            symbol = self._resolver.resolve(outer, decorator)
            if isinstance(symbol, FunctionRef):
                for value in self._resolver.returns(symbol.scope):
                    place = (symbol.scope, value)
                    for entry in self.entered(symbol.scope, value, place, written, depth + 1):
                        here = entry.made.where is symbol.scope and entry.made.kind == "made"
                        defined = Made("made", outer, ref.scope.function, entry.made.maker)
                        made = defined if here else entry.made
                        yield replace(entry, made=made, worker=self._below(entry, symbol, ref))
            elif not isinstance(symbol, External):
                return
        yield from self.of_text(ref.scope, written, bound=ref.bound)

    def _below(
        self, entry: Entry, decorator: FunctionRef, ref: FunctionRef
    ) -> tuple[Scope, f.Expr] | Scope | None:
        """The worker of an entry by a decorator: the decorated function, where that is what it runs."""
        symbol = self._resolver.resolve(*entry.worker) if isinstance(entry.worker, tuple) else None
        given = isinstance(symbol, ParameterRef) and symbol.scope is decorator.scope
        return ref.scope if given else entry.worker

    def of_text(self, scope: Scope, written: Written = (), *, bound: bool = True) -> Iterator[Entry]:
        """What the text of a function enters: ``run`` of Contexts that it makes, is given or finds around it."""
        taken = [p for p in scope.function.parameters if p.kind in ("positional", "plain")]
        skipped = 1 if bound and scope.owner is not None else 0
        given = {p.name: each for p, each in zip(taken[skipped:], written, strict=False)}
        for call in scope.calls:
            func = call.func
            if not (isinstance(func, f.Attribute) and func.attr == "run"):
                continue
            made = self._origin_inside(scope, func.value, given)
            if made is not None:
                worker = (scope, call.args[0].value) if call.args and not call.args[0].star else None
                yield Entry(scope, call, made, worker)

    def _origin_inside(
        self, scope: Scope, context: f.Expr, given: dict[str, tuple[Scope, f.Expr, At]]
    ) -> Made | None:
        parameter = self._parameter(scope, context)
        if parameter is not None:
            if parameter.name in given:
                where, expr, place = given[parameter.name]
                return self.origin(where, expr, place) if self.is_context(where, expr) else None
            default, outer = parameter.default, scope.parent
            if default is None or outer is None or not self.is_context(outer, default):
                return None
            return self.origin(outer, default, (outer, scope.function))
        if not self.is_context(scope, context):
            return None
        found = self.origin(scope, context, None)
        if found is not None and found.kind == "made" and _is_inside(found.where, scope):
            return replace(found, kind="late")
        return found

    def _parameter(self, scope: Scope, expr: f.Expr) -> f.Parameter | None:
        """The function's own parameter that an expression is."""
        found = self._resolver.bindings(scope, expr) if isinstance(expr, f.Name) else None
        if found is None or found[0] is not scope or len(found[1]) != 1:
            return None
        binding = found[1][0]
        return binding.parameter if isinstance(binding, sc.Given) else None

    # --- Contexts -------------------------------------------------------------------------------------------

    def is_context(self, scope: Scope, expr: f.Expr, depth: int = 0) -> bool:
        """Is the value of ``expr`` a Context?"""
        symbol = self._resolver.resolve(scope, expr)
        if isinstance(symbol, External):
            return hops().canonical(symbol.name) == CONTEXT
        if depth > _DEPTH:
            return False
        if isinstance(symbol, ParameterRef):
            return self._is_given_one(symbol, depth)
        if symbol is not None or not isinstance(expr, f.Name | f.Attribute):
            return False
        found = self._resolver.bindings(scope, expr)
        if found is None or not found[1]:
            return False
        where, bindings = found
        return all(
            isinstance(b, sc.Assigned) and not b.path and self.is_context(where, b.value, depth + 1)
            for b in bindings
        )

    def _is_given_one(self, symbol: ParameterRef, depth: int) -> bool:
        """Does some call of the function give a Context as the parameter, or is it one where it is left out?"""
        parameter = next((p for p in symbol.scope.function.parameters if p.name == symbol.name), None)
        outer = symbol.scope.parent
        if parameter is None or parameter.kind in ("star", "double_star") or outer is None:
            return False
        if parameter.default is not None and self.is_context(outer, parameter.default, depth + 1):
            return True
        for use, ref in self._handing.calls_of(symbol.scope):
            assert isinstance(use.node, f.Call)  # noqa: S101 - calls only
            taken = zip(use.node.args, parameters_of(use.node, ref), strict=True)
            if any(n == symbol.name and self.is_context(use.scope, a.value, depth + 1) for a, n in taken):
                return True
        return False

    def origin(self, scope: Scope, expr: f.Expr, at: At, depth: int = 0) -> Made | None:
        """Where the Context of ``expr``, evaluated ``at`` a place, comes from; None where that is not certain."""
        if depth > _DEPTH:
            return None
        match expr:
            case f.Call():
                where, node = at or (scope, expr)
                return Made("late" if at is None else "made", where, node, (scope, expr))
            case f.Name() | f.Attribute():
                return self._bound(scope, expr, depth)
            case _:
                return None

    def _bound(self, scope: Scope, expr: f.Name | f.Attribute, depth: int) -> Made | None:
        if isinstance(expr, f.Name) and self._targets.comprehended(scope, expr) is not None:
            return None
        found = self._resolver.bindings(scope, expr)
        if found is None or len(found[1]) != 1:
            return None
        where, (binding,) = found
        match binding:
            case sc.Given(parameter=parameter):
                return Made("parameter", where, parameter)
            case sc.Assigned(value=value, path=()) if isinstance(expr, f.Attribute) or where.kind == "class":
                maker = (where, value) if isinstance(value, f.Call) else None
                return Made("attribute", where, value, maker)
            case sc.Assigned(value=value, path=()):
                return self.origin(where, value, (where, value), depth + 1)
            case sc.Imported():
                found_at = self._resolver.value(scope, expr)
                return self.origin(*found_at, found_at, depth + 1) if found_at is not None else None
            case _:
                return None


def _is_inside(scope: Scope, outer: Scope) -> bool:
    where: Scope | None = scope
    while where is not None and where is not outer:
        where = where.parent
    return where is outer
