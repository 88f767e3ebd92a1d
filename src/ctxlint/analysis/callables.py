"""What runs when a value is called: functions through partials, decorators, closures and parameters.

A function that calls what it was given runs different things for different callers. So a callable is followed
together with what its parameters are known to hold (``Given``): ``runs`` in ``partial(runs, job)`` is the function
``runs``, and ``job`` through the call in its text. What is not known is not guessed: a decorator that cannot be
resolved, or one of the program that gives back something else than a function of its own text, gives nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ctxlint.analysis.arguments import (
    NOTHING,
    Arguments,
    Called,
    Given,
    Step,
    as_written,
    bound,
    unknown,
    worker_arguments,
)
from ctxlint.analysis.resolve import Resolver
from ctxlint.analysis.scopes import Scope
from ctxlint.analysis.symbols import ClassRef, External, FunctionRef, InstanceRef, ParameterRef, Symbol
from ctxlint.analysis.targets import Targets
from ctxlint.knowledge.hop import Hop
from ctxlint.knowledge.hops import hops
from ctxlint.model import facts as f
from ctxlint.model.walk import dotted

_CONSTRUCTORS = ("__new__", "__init__", "__post_init__")
_IN_PLACE = frozenset({"shared", "isolated-copy", "carries-back"})
_OLDEST = (3, 10)
_DEPTH = 8
_NOWHERE: Given = {}


class Callables:
    """Answers for the expressions of one program."""

    def __init__(self, resolver: Resolver) -> None:
        """Nothing is looked at until asked."""
        self.resolver = resolver
        self.targets = Targets(resolver)
        self._getters: dict[int, Scope] = {}
        self._flows: set[Scope] = (
            set()
        )  # the functions whose text is being looked at: one that calls itself adds nothing

    def of(
        self,
        scope: Scope,
        expr: f.Expr,
        arguments: Arguments = NOTHING,
        given: Given = _NOWHERE,
        depth: int = 0,
    ) -> tuple[Step, ...] | None:
        """What runs when that which ``expr`` gives is called with ``arguments``; None where that is not known.

        Empty for what is outside the program, and for what runs in a Context that the program names (``ctx.run``).
        """
        if depth > _DEPTH:
            return None
        match expr:
            case f.Walrus(value=value):
                return self.of(scope, value, arguments, given, depth + 1)
            case f.Conditional(then=then, orelse=orelse):
                return self._all(((scope, then), (scope, orelse)), arguments, given, depth)
            case f.Call(
                func=f.Name(id="getattr"),
                args=(holder, f.Argument(value=f.Literal(kind="str", text=name)), *_),
            ):
                return self.of(scope, f.Attribute(expr.span, holder.value, name), arguments, given, depth + 1)
            case f.Name() if (elements := self.targets.comprehended(scope, expr)) is not None:
                found = self.any_of(elements, arguments, given, depth)
                return found if found is not None else self._turned(scope, expr, arguments, given, depth)
            case _:
                pass
        symbol = self.resolver.resolve(scope, expr)
        if isinstance(symbol, ParameterRef):
            return given.get((symbol.scope, symbol.name), unknown)(arguments, depth + 1)
        found = self._made(scope, expr, arguments, given, depth)
        if found is None and symbol is not None and not _is_wrapped(symbol):
            found = self.run_by(symbol, arguments, given, depth)
        return found if found is not None else self._several(scope, expr, arguments, given, depth)

    def _several(
        self, scope: Scope, expr: f.Expr, arguments: Arguments, given: Given, depth: int
    ) -> tuple[Step, ...] | None:
        elements = self.targets.looped(scope, expr)
        if elements is not None:
            return self.any_of(elements, arguments, given, depth)
        turned = self._turned(scope, expr, arguments, given, depth) if isinstance(expr, f.Name) else None
        if turned is not None:
            return turned
        picked = self.targets.picked(scope, expr)
        if picked is not None:
            return self._all(picked, arguments, given, depth) if picked else None
        others = self.targets.alternatives(scope, expr)
        return self._all(others, arguments, given, depth) if others else None

    def _turned(
        self, scope: Scope, name: f.Name, arguments: Arguments, given: Given, depth: int
    ) -> tuple[Step, ...] | None:
        """What runs for the name of a loop over a parameter, turn by turn."""
        taken = self.targets.turned(scope, name) if given else None
        if taken is None:
            return None
        where, iterable, path = taken
        symbol = self.resolver.resolve(where, iterable)
        if not isinstance(symbol, ParameterRef):
            return None
        held = given.get((symbol.scope, symbol.name))
        found: list[tuple[Step, ...] | None] = []
        if isinstance(held, _Written):
            found = [held.turns(path, arguments, depth + 1)]
        while not path and (called := given.get((symbol.scope, f"*{symbol.name}{len(found)}"))) is not None:
            found.append(called(arguments, depth + 1))
        known = [steps for steps in found if steps is not None]
        return tuple(step for steps in known for step in steps) if known else None

    def run_by(
        self, symbol: Symbol, arguments: Arguments = NOTHING, given: Given = _NOWHERE, depth: int = 0
    ) -> tuple[Step, ...]:
        """What runs when ``symbol`` is called."""
        match symbol:
            case FunctionRef():
                return tuple(self._function(symbol, arguments, given, depth))
            case ClassRef(scope=cls):
                return tuple(self._methods(cls, _CONSTRUCTORS, arguments, given, depth))
            case InstanceRef(scope=cls):
                return tuple(self._methods(cls, ("__call__",), arguments, given, depth))
            case External(name=name):
                return tuple(
                    step
                    for row in hops().every(name)
                    if in_place(row)
                    for called in arguments.at(row.worker)
                    for step in called(NOTHING, depth + 1) or ()
                )
            case _:
                return ()

    def arguments(
        self,
        scope: Scope,
        written: tuple[f.Expr, ...],
        named: dict[str, f.Expr],
        given: Given = _NOWHERE,
    ) -> Arguments:
        """The arguments of a call that stands in ``scope``, up to a star that hides how many they are."""
        positional: list[Called] = []
        for expr in written:
            if not isinstance(expr, f.Starred):
                positional.append(self._called(scope, expr, given))
                continue
            star = self.resolver.resolve(scope, expr.value)
            if not isinstance(star, ParameterRef):
                break
            index = 0
            while (star.scope, f"*{star.name}{index}") in given:
                positional.append(given[star.scope, f"*{star.name}{index}"])
                index += 1
        return Arguments(
            tuple(positional), {name: self._called(scope, expr, given) for name, expr in named.items()}
        )

    def arguments_of(self, scope: Scope, call: f.Call, given: Given = _NOWHERE) -> Arguments:
        """The arguments of a call as they are written."""
        named = {a.keyword: a.value for a in call.args if a.keyword}
        return self.arguments(scope, as_written(call), named, given)

    def _called(self, scope: Scope, expr: f.Expr, given: Given) -> Called:
        return _Written(self, scope, expr, given)

    def _all(
        self, parts: tuple[tuple[Scope, f.Expr], ...], arguments: Arguments, given: Given, depth: int
    ) -> tuple[Step, ...] | None:
        """One of them is called, and each has to be known."""
        found = [self.of(where, part, arguments, given, depth + 1) for where, part in parts]
        return None if None in found else tuple(step for steps in found for step in steps or ())

    def any_of(
        self, parts: tuple[tuple[Scope, f.Expr], ...], arguments: Arguments, given: Given, depth: int
    ) -> tuple[Step, ...] | None:
        """Each of them is called; those that are not known are left out."""
        found = [self.of(where, part, arguments, given, depth + 1) for where, part in parts]
        known = [steps for steps in found if steps is not None]
        return tuple(step for steps in known for step in steps) if known else None

    def getter(self, scope: Scope, expr: f.Expr) -> Scope | None:
        """A bound ``get`` of a variable as the function ``lambda: variable.get()``; None for anything else."""
        made = self.resolver.value(scope, expr) if isinstance(expr, f.Name | f.Attribute) else None
        where, value = made or (scope, expr)
        if not isinstance(value, f.Attribute) or value.attr != "get":
            return None
        if self.resolver.variable(where, value.value) is None:
            return None
        if id(value) not in self._getters:
            self._getters[id(value)] = _as_lambda(where, value)
        return self._getters[id(value)]

    def started_by(self, scope: Scope, call: f.Call) -> Iterator[tuple[Scope, Hop]]:
        """The function that a call starts elsewhere because of its decorator, with the row of the decorator."""
        ref, method = self.resolver.resolve(scope, call.func), "__call__"
        if isinstance(call.func, f.Attribute) and not isinstance(ref, FunctionRef):
            ref, method = self.resolver.resolve(scope, call.func.value), call.func.attr
        if not isinstance(ref, FunctionRef) or ref.scope.parent is None:
            return
        for decorator in ref.scope.function.decorators:
            name = self.resolver.external(ref.scope.parent, decorator)
            row = hops().decorating(name) if name is not None else None
            if row is not None and method in row.worker.methods:
                yield ref.scope, row

    # --- calls that give a callable -------------------------------------------------------------------------

    def _made(
        self, scope: Scope, expr: f.Expr, arguments: Arguments, given: Given, depth: int
    ) -> tuple[Step, ...] | None:
        """What runs where the callable was made by a call, or is the ``get`` of a variable."""
        found = self._result(scope, expr, arguments, given, depth) if isinstance(expr, f.Call) else None
        getter = self.getter(scope, expr) if found is None else None
        if getter is not None:
            return (Step(getter),)
        return found if found is not None else self._wrapped(scope, expr, arguments, given, depth)

    def _result(
        self, scope: Scope, call: f.Call, arguments: Arguments, given: Given, depth: int
    ) -> tuple[Step, ...] | None:
        """What runs when the result of a call is: a coroutine's body, or the function that a factory of the program
        gives back, with what the factory was given.
        """
        maker = self.resolver.resolve(scope, call.func)
        if not isinstance(maker, FunctionRef):
            return None
        here = self.arguments_of(scope, call, given)
        if maker.scope.function.is_async:
            return tuple(self._function(maker, here, given, depth))
        if maker.scope.function.is_generator:
            return None
        held = {**given, **bound(maker, here)}
        values = self.resolver.returns(maker.scope)
        parts = tuple((maker.scope, value) for value in values)
        return self._all(parts, arguments, held, depth) if parts else None

    def _wrapped(
        self, scope: Scope, expr: f.Expr, arguments: Arguments, given: Given, depth: int
    ) -> tuple[Step, ...] | None:
        """What runs for ``partial(f, …)``, also behind a name."""
        made = self.resolver.value(scope, expr)
        if made is None:
            return None
        where, call = made
        if not isinstance(call, f.Call):
            return None
        name = self.resolver.external(where, call.func)
        row = hops().of(name) if name is not None else None
        if row is None or not row.wraps:
            stands = call is not expr and isinstance(self.resolver.resolve(where, call.func), FunctionRef)
            return self.of(where, call, arguments, given, depth + 1) if stands else None
        inside = worker_arguments(call, row.worker)
        if not inside:
            return None
        filled = self.arguments_of(where, f.Call(call.span, call.func, call.args[1:]), given)
        after = arguments.after(filled) if row.form == "rest" else arguments
        return self.of(where, inside[0], after, given, depth + 1)

    # --- functions of the program ---------------------------------------------------------------------------

    def _methods(
        self, cls: Scope, names: tuple[str, ...], arguments: Arguments, given: Given, depth: int
    ) -> Iterator[Step]:
        for name in names:
            found = self.resolver.method(cls, name)
            if found is not None:
                yield from self._function(FunctionRef(found, bound=True), arguments, given, depth)

    def _function(self, ref: FunctionRef, arguments: Arguments, given: Given, depth: int) -> Iterator[Step]:
        """The function itself and what it calls of what it was given, or what its decorators put in its place."""
        yield from self._decorated(ref, len(ref.scope.function.decorators), arguments, given, depth)

    def _decorated(
        self, ref: FunctionRef, layers: int, arguments: Arguments, given: Given, depth: int
    ) -> Iterator[Step]:
        """The function below the innermost ``layers`` of its decorators, counted from the function."""
        outer = ref.scope.parent
        if depth > _DEPTH:
            return
        if layers == 0 or outer is None:
            yield Step(ref.scope)
            held = {**self._defaults(ref, given), **given, **bound(ref, arguments)}
            if held and ref.scope not in self._flows:
                self._flows.add(ref.scope)
                flowing = tuple(self._flowing(ref.scope, held, depth))
                self._flows.discard(ref.scope)
                yield from flowing
            return
        decorators = ref.scope.function.decorators
        decorator = decorators[len(decorators) - layers]

        def inner(arguments: Arguments, depth: int) -> tuple[Step, ...]:
            return tuple(self._decorated(ref, layers - 1, arguments, given, depth))

        symbol = self.resolver.resolve(outer, decorator)
        if isinstance(symbol, External) or self._holds(outer, decorator):
            yield from inner(arguments, depth)
        elif isinstance(symbol, FunctionRef):
            held = bound(symbol, Arguments((inner,)))
            for value in self.resolver.returns(symbol.scope):
                yield from self.of(symbol.scope, value, arguments, held, depth + 1) or ()
        elif isinstance(symbol, InstanceRef | ClassRef):
            yield from self._methods(symbol.scope, ("__call__",), Arguments((inner,)), given, depth)

    def below(self, ref: FunctionRef, layers: int) -> Called:
        """What runs when that which stands below a decorator is called: the function in its innermost ``layers``."""
        return lambda arguments, depth: tuple(self._decorated(ref, layers, arguments, _NOWHERE, depth))

    def each(self, scope: Scope, iterable: f.Expr, given: Given = _NOWHERE) -> Called:
        """What runs when an item of an iterable is called, whichever it is."""
        written = _Written(self, scope, iterable, given)
        return lambda arguments, depth: written.turns((), arguments, depth)

    def _defaults(self, ref: FunctionRef, given: Given) -> dict[tuple[Scope, str], Called]:
        """What an inner function's parameters hold of what was there when it was made (``lambda job=job: job()``)."""
        outer = ref.scope.parent
        if outer is None or outer.kind != "function":
            return {}
        return {
            (ref.scope, parameter.name): _Written(self, outer, parameter.default, given)
            for parameter in ref.scope.function.parameters
            if isinstance(parameter.default, f.Name | f.Attribute)
        }

    def _holds(self, scope: Scope, decorator: f.Expr) -> bool:
        """Is the decorator a context manager of the program, which is entered around each call?"""
        symbol = self.resolver.resolve(scope, decorator)
        if isinstance(symbol, InstanceRef):
            return self.resolver.method(symbol.scope, "__enter__") is not None
        made = self.resolver.resolve(scope, decorator.func) if isinstance(decorator, f.Call) else None
        return isinstance(made, FunctionRef) and made.scope.function.is_generator

    def _flowing(self, scope: Scope, given: Given, depth: int) -> Iterator[Step]:
        """What runs in a function's text because of what parameters hold."""
        for call in scope.calls:
            symbol = self.resolver.resolve(scope, call.func)
            found: tuple[Step, ...] = ()
            if isinstance(symbol, ParameterRef):
                called = given.get((symbol.scope, symbol.name))
                found = (called(self.arguments_of(scope, call, given), depth + 1) if called else ()) or ()
            elif isinstance(symbol, FunctionRef | External) and self._passes_on(scope, call, symbol, given):
                found = self.run_by(symbol, self.arguments_of(scope, call, given), given, depth + 1)
            for step in found:
                yield Step(step.callee, ((scope, call), *step.through))

    def _passes_on(self, scope: Scope, call: f.Call, symbol: FunctionRef | External, given: Given) -> bool:
        """Does a call hand on something that is given, or is the function inside one that was given something?"""
        if isinstance(symbol, FunctionRef) and any(owner is symbol.scope.parent for owner, _ in given):
            return True
        owners = {owner for owner, _ in given}
        found = [self.resolver.resolve(scope, argument.value) for argument in call.args]
        return any(
            (isinstance(each, ParameterRef) and each.scope in owners)
            or (isinstance(each, FunctionRef) and each.scope.parent in owners)
            for each in found
        )


@dataclass(frozen=True, slots=True)
class _Written:
    """An argument as it is written in a call that stands in ``scope``."""

    callables: Callables
    scope: Scope
    expr: f.Expr
    given: Given

    def __call__(self, arguments: Arguments, depth: int) -> tuple[Step, ...] | None:
        """What runs when it is called."""
        return self.callables.of(self.scope, self.expr, arguments, self.given, depth)

    def turns(self, path: tuple[int, ...], arguments: Arguments, depth: int) -> tuple[Step, ...] | None:
        """What runs when each of its items is called, or what lies at ``path`` in each."""
        items = self.callables.resolver.elements(self.scope, self.expr, path)
        return self.callables.any_of(items, arguments, self.given, depth) if items else None


def _is_wrapped(symbol: Symbol) -> bool:
    """Is it what a ``partial`` gives? It runs what it was made of, which is not outside of the program for that."""
    row = hops().of(symbol.name.removesuffix("()")) if isinstance(symbol, External) else None
    return row is not None and row.wraps


def in_place(row: Hop) -> bool:
    """Does the API run its worker in the caller's Context or in a copy of it?"""
    return row.verdict(_OLDEST, inherits=False) in _IN_PLACE


def _as_lambda(scope: Scope, func: f.Attribute) -> Scope:
    call = f.Call(func.span, func, ())
    body = (f.Return(func.span, call),)
    function = f.Function(
        func.span,
        "",
        func.span,
        (),
        None,
        (),
        body,
        (),
        (),
        (),
        is_async=False,
        is_generator=False,
        is_lambda=True,
    )
    name = f"{dotted(func.value) or '…'}.get"
    return Scope("function", scope.path, name, function, scope, calls=[call], spelled={"get"})
