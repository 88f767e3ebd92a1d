"""By which calls a callable came in: what parameters hold, for each call of their function in the program."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeAlias

from ctxlint.analysis.arguments import Arguments, Given, bound, parameters_of
from ctxlint.analysis.callables import Callables
from ctxlint.analysis.callers import Use, Uses
from ctxlint.analysis.resolve import Resolver
from ctxlint.analysis.scopes import Scope
from ctxlint.analysis.symbols import ClassRef, FunctionRef, ParameterRef
from ctxlint.model import facts as f
from ctxlint.model.walk import walk

_DEPTH = 4

Handed: TypeAlias = "tuple[tuple[Scope, f.Call], ...]"
"""The calls by which something came in, nearest first."""


class Handing:
    """Answers for the parameters of one program."""

    def __init__(
        self, resolver: Resolver, callables: Callables, uses: Uses, classes: Iterable[Scope]
    ) -> None:
        """Nothing is looked at until asked. ``classes`` are those that may derive from others."""
        self._classes = tuple(classes)
        self._resolver = resolver
        self._callables = callables
        self._uses = uses

    def contexts(self, scope: Scope, exprs: tuple[f.Expr, ...], depth: int) -> Iterator[tuple[Given, Handed]]:
        """What the parameters hold on which the expressions hang, for each call that gives them."""
        wanted = dict.fromkeys(found for expr in exprs for found in self._hanging(scope, expr))
        owners = dict.fromkeys(found.scope for found in wanted) if depth < _DEPTH else {}
        known = False
        for owner in owners:
            names = {found.name for found in wanted if found.scope is owner}
            for use, ref in self.calls_of(owner):
                assert isinstance(use.node, f.Call)  # noqa: S101 - calls only
                taken = zip(use.node.args, parameters_of(use.node, ref), strict=True)
                inner = tuple(argument.value for argument, name in taken if name in names)
                if not inner:
                    continue
                known = True
                for given, handed in self.contexts(use.scope, inner, depth + 1):
                    arguments = self._callables.arguments_of(use.scope, use.node, given)
                    yield {**given, **bound(ref, arguments)}, ((use.scope, use.node), *handed)
            for given, handed in self._below(owner):
                known = True
                yield given, handed
        if not known:
            yield {}, ()

    def _below(self, owner: Scope) -> Iterator[tuple[Given, Handed]]:
        """What a decorator's parameter holds, for each call of a function that stands below it."""
        makers = [owner]
        if owner.parent is not None and owner.parent.kind == "function":
            makers.append(owner.parent)
        for maker in makers:
            for use in self._uses.of(maker):
                for function in use.scope.children:
                    decorators = function.function.decorators if function.kind == "function" else ()
                    at = next((i for i, each in enumerate(decorators) if each is use.node), None)
                    symbol = self._resolver.resolve(use.scope, decorators[at]) if at is not None else None
                    if at is None or not isinstance(symbol, FunctionRef) or symbol.scope is not owner:
                        continue
                    inner = self._callables.below(FunctionRef(function), len(decorators) - at - 1)
                    for call in self._uses.of(function):
                        if isinstance(call.node, f.Call):
                            yield bound(symbol, Arguments((inner,))), ((call.scope, call.node),)

    def _hanging(
        self, scope: Scope, expr: f.Expr, seen: frozenset[int] = frozenset()
    ) -> Iterator[ParameterRef]:
        """The parameters that decide what runs when ``expr`` is called. ``seen`` are the values that led here, for
        one may be made of itself (``fn = wrap(fn)``).
        """
        tests = {
            id(part) for node in walk(expr) if isinstance(node, f.Conditional) for part in walk(node.test)
        }
        for node in walk(expr, into_scopes=False):
            if isinstance(node, f.Lambda):
                yield from self._called_in(scope.child(node.function))
            elif isinstance(node, f.Name | f.Attribute) and id(node) not in tests:
                yield from self._behind(scope, node, seen)

    def _behind(
        self, scope: Scope, name: f.Name | f.Attribute, seen: frozenset[int]
    ) -> Iterator[ParameterRef]:
        symbol = self._resolver.resolve(scope, name)
        if isinstance(symbol, ParameterRef):
            yield symbol
        elif isinstance(symbol, FunctionRef):
            yield from self._called_in(symbol.scope)
        else:
            if (
                isinstance(name, f.Name)
                and (turned := self._callables.targets.turned(scope, name)) is not None
            ):
                taken = self._resolver.resolve(turned[0], turned[1])
                if isinstance(taken, ParameterRef):
                    yield taken
            for where, value in self._callables.targets.alternatives(scope, name):
                found = self._resolver.resolve(where, value)
                if isinstance(found, ParameterRef):
                    yield found
                elif isinstance(value, f.Call) and id(value) not in seen:
                    yield from self._hanging(where, value, seen | {id(value)})

    def _called_in(self, scope: Scope) -> Iterator[ParameterRef]:
        """The parameters of functions around ``scope`` that its text calls or hands on."""
        if scope.parent is None or scope.parent.kind != "function":
            return
        for call in scope.calls:
            for expr in (call.func, *(argument.value for argument in call.args)):
                symbol = self._resolver.resolve(scope, expr)
                if isinstance(symbol, ParameterRef) and symbol.scope is not scope:
                    yield symbol

    def calls_of(self, owner: Scope) -> Iterator[tuple[Use, FunctionRef]]:
        """The calls of a function; of a constructor, those of its class."""
        if owner.owner is not None and owner.function.name == "__init__":
            for use in self.made(owner.owner):
                yield use, FunctionRef(owner, bound=True)
            return
        for use in self._uses.of(owner):
            called = (
                self._resolver.resolve(use.scope, use.node.func) if isinstance(use.node, f.Call) else None
            )
            if isinstance(called, FunctionRef) and called.scope is owner:
                yield use, called

    def named(self, name: str) -> tuple[Use, ...]:
        """Everything that stands under a name, whatever it means there."""
        return self._uses.named(name)

    def made(self, cls: Scope) -> Iterator[Use]:
        """The calls that make an instance of a class, or of one that derives from it and has no other constructor."""
        for each in (cls, *(other for other in self._classes if other is not cls)):
            if each is not cls and (
                cls not in self._resolver.ancestors(each)
                or self._resolver.method(each, "__init__") is not self._resolver.method(cls, "__init__")
            ):
                continue
            assert isinstance(each.node, f.Class)  # noqa: S101 - a class scope has a class node
            for use in self._uses.named(each.node.name):
                func = use.node.func if isinstance(use.node, f.Call) else None
                if func is not None and self._resolver.resolve(use.scope, func) == ClassRef(each):
                    yield use
