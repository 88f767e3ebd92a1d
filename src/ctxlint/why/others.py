"""Calls of ``set`` and ``reset`` that are no sites: what their receiver is, as far as that can be told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ctxlint.analysis.symbols import ClassRef, External, FunctionRef, InstanceRef, ParameterRef
from ctxlint.model import facts as f
from ctxlint.why.values import Reason, Site
from ctxlint.why.words import declared_at, limits_of, spelled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ctxlint.analysis.analysis import Analysis
    from ctxlint.analysis.scopes import Scope

_METHODS = ("set", "reset")


def calls_of_others(analysis: Analysis, path: str) -> Iterator[Site]:
    """The calls of methods called ``set`` and ``reset`` in a file, whatever has them."""
    module = analysis.program.resolver.library.whole(path)
    for scope in module.descendants() if module is not None else ():
        for call in scope.calls:
            if isinstance(call.func, f.Attribute) and call.func.attr in _METHODS:
                yield _site(analysis, scope, call, call.func)


def _site(analysis: Analysis, scope: Scope, call: f.Call, func: f.Attribute) -> Site:
    place = analysis.location(scope.path, call.span)
    var = analysis.program.resolver.variable(scope, func.value)
    name = spelled(func.value).strip("`")
    if var is None:
        return Site("call", place, name, None, (_receiver(analysis, scope, func.value),))
    reasons = limits_of(analysis, scope) or (
        Reason("the function was not followed: what becomes of the value is not known"),
    )
    return Site("call", place, name, declared_at(analysis, var), reasons)


def _receiver(analysis: Analysis, scope: Scope, expr: f.Expr) -> Reason:
    name = spelled(expr)
    place = analysis.location(scope.path, expr.span)
    match analysis.program.resolver.resolve(scope, expr):
        case External(name=outside):
            made = outside.removesuffix("()")
            what = f"what `{made}(…)` gives" if made != outside else f"`{outside}`"
            return Reason(f"{name} is no context variable: it is {what}", place)
        case InstanceRef(scope=cls) | ClassRef(scope=cls):
            return Reason(f"{name} is no context variable: it is of the class `{cls.qualname}`", place)
        case FunctionRef():
            return Reason(f"{name} is no context variable: it is a function", place)
        case ParameterRef():
            why = "it is a parameter of which nothing is known; an annotation (`ContextVar[str]`) would tell"
            return Reason(f"{name} is not known to be a context variable: {why}", place)
        case _:
            return Reason(f"{name} is not known to be a context variable: it cannot be resolved", place)
