"""Which executor, pool or loop a method is called on, where its class is not plain from the text.

A place can hold one of several things: what a caller gives or else a new pool (``pool or ThreadPoolExecutor()``), an
attribute that several methods fill. A hop is certain where each of them is known and has the same method.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeAlias

from ctxlint.analysis import scopes as sc
from ctxlint.analysis.arguments import parameters_of
from ctxlint.analysis.handing import Handing
from ctxlint.analysis.resolve import Resolver
from ctxlint.analysis.scopes import Scope
from ctxlint.analysis.symbols import ClassRef, External, FunctionRef, InstanceRef, ParameterRef, Symbol
from ctxlint.knowledge.hops import hops
from ctxlint.model import facts as f

_DEPTH = 6
_ANY = "concurrent.futures.Executor()"

Held: TypeAlias = "tuple[Symbol, ...] | None"


class Executors:
    """Answers for the receivers of one program."""

    def __init__(self, resolver: Resolver, handing: Handing) -> None:
        """Nothing is looked at until asked."""
        self._resolver = resolver
        self._handing = handing
        self._gifts: dict[tuple[Scope, str, int], Held] = {}

    def called(self, scope: Scope, func: f.Expr) -> str | None:
        """The dotted name of the API that is called; None where it is not certain, or of the program."""
        symbol = self._resolver.resolve(scope, func)
        if isinstance(symbol, ClassRef):
            return self._constructor(symbol.scope)
        if isinstance(func, f.Attribute) and func.attr == "__init__":
            return self._base_constructor(scope, symbol)
        name = symbol.name if isinstance(symbol, External) else None
        if name is not None and (not isinstance(func, f.Attribute) or not name.startswith(_ANY)):
            return None if self._overridden(scope, func) else name
        if not isinstance(func, f.Attribute):
            return None
        found = self.known(scope, func.value)
        names = {getattr(self._resolver.attribute(symbol, func.attr), "name", None) for symbol in found or ()}
        canonical = {hops().canonical(each) if isinstance(each, str) else None for each in names}
        return canonical.pop() if len(canonical) == 1 else None

    def _constructor(self, cls: Scope) -> str | None:
        """The class outside of the program whose constructor and way of starting a class has, unchanged."""
        bases = [base for base in self._resolver.external_bases(cls) if hops().every(base)]
        own = self._resolver.method(cls, "__init__", "__new__", "run", "start")
        return bases[0] if len(bases) == 1 and own is None else None

    def _base_constructor(self, scope: Scope, symbol: Symbol | None) -> str | None:
        """The class whose constructor is called for an instance that is being made (``super().__init__(target=…)``)."""
        if scope.owner is None or not isinstance(symbol, External):
            return None
        if self._resolver.method(scope.owner, "run", "start") is not None:
            return None
        return symbol.name.removesuffix(".__init__").removesuffix("()")

    def known(self, scope: Scope, expr: f.Expr, depth: int = 0) -> Held:
        """What a place can hold besides None; None where something of it is not known."""
        if depth > _DEPTH:
            return None
        match expr:
            case f.Literal(kind="none"):
                return ()
            case f.Conditional(then=then, orelse=orelse):
                return self._all([(scope, then), (scope, orelse)], depth)
            case f.Boolean(op="or", values=values):
                return self._all([(scope, value) for value in values], depth)
            case _:
                pass
        symbol = self._resolver.resolve(scope, expr)
        plain = None if symbol is None or isinstance(symbol, ParameterRef) else (symbol,)
        found = self._resolver.bindings(scope, expr) if isinstance(expr, f.Name | f.Attribute) else None
        if found is None or (plain and not _is_any(plain[0])):
            return plain
        where, bindings = found
        return _joined(self._bound(where, binding, depth) for binding in bindings)

    def _bound(self, scope: Scope, binding: sc.Binding, depth: int) -> Held:
        match binding:
            case sc.Assigned(value=value, path=()) | sc.Entered(value=value):
                return self.known(scope, value, depth + 1)
            case sc.Given(parameter=parameter):
                return self._given(scope, parameter, depth)
            case sc.Annotated(annotation=annotation):
                kind = self._resolver.annotations.means(scope, "", annotation)
                return (kind,) if kind is not None else None
            case _:
                return None

    def _given(self, scope: Scope, parameter: f.Parameter, depth: int) -> Held:
        """What the callers of a function give to a parameter, its default included. Each answer is found once: where
        functions hand a parameter on to each other, the ways to it are the product of their callers.
        """
        key = (scope, parameter.name, depth)
        if key not in self._gifts:
            self._gifts[key] = _joined(self._gifts_to(scope, parameter, depth))
        return self._gifts[key]

    def _gifts_to(self, scope: Scope, parameter: f.Parameter, depth: int) -> Iterator[Held]:
        """What each caller gives, then the default where one leaves it out; None where that is not known."""
        given = left_out = False
        for use, ref in self._handing.calls_of(scope):
            assert isinstance(use.node, f.Call)  # noqa: S101 - calls only
            if any(argument.star for argument in use.node.args):
                yield None
            taken = zip(use.node.args, parameters_of(use.node, ref), strict=True)
            values = [argument.value for argument, name in taken if name == parameter.name]
            yield from (self.known(use.scope, value, depth + 1) for value in values)
            given, left_out = given or bool(values), left_out or not values
        if parameter.default is not None and (left_out or not given):
            yield self.known(scope.parent or scope, parameter.default, depth + 1)
        elif not given:
            yield None

    def _all(self, parts: list[tuple[Scope, f.Expr]], depth: int) -> Held:
        return _joined(self.known(scope, part, depth + 1) for scope, part in parts)

    def _overridden(self, scope: Scope, func: f.Expr) -> bool:
        """Is it a method of an executor of the program whose ``submit`` is its own? ``Executor.map`` calls that."""
        if not isinstance(func, f.Attribute) or func.attr == "submit":
            return False
        base = self._resolver.resolve(scope, func.value)
        return isinstance(base, InstanceRef) and isinstance(
            self._resolver.attribute(base, "submit"), FunctionRef
        )


def _is_any(symbol: Symbol) -> bool:
    """Is it annotated as some executor, of threads or processes?"""
    return isinstance(symbol, External) and hops().canonical(symbol.name) == _ANY


def _joined(parts: Iterable[Held]) -> Held:
    """All that is held; None from the first part on that is not known, behind which nothing is looked at."""
    held: dict[Symbol, None] = {}
    for part in parts:
        if part is None:
            return None
        held.update(dict.fromkeys(part))
    return tuple(held)
