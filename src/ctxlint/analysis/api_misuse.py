"""Uses of the contextvars API that CPython refuses, or that do nothing.

Only what resolves to the API itself counts: a class of one's own named ``ContextVar``, a fallback import, and names
with several meanings are left out, and so is what a ``try`` or a test expects to fail.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from ctxlint.analysis.occurrences import is_certain, is_expected, known_names, surroundings
from ctxlint.analysis.program import Program
from ctxlint.analysis.resolve import Resolver
from ctxlint.analysis.scopes import Scope
from ctxlint.analysis.symbols import CONTEXT_VAR
from ctxlint.model import facts as f
from ctxlint.model.ids import VarId

Kind: TypeAlias = Literal[
    "subclass", "item", "reset", "reset-value", "no-argument", "name", "default", "copy-unused"
]

_FINAL = frozenset({"contextvars.ContextVar", "contextvars.Token", "contextvars.Context"})
_CONTEXTS = ("contextvars.copy_context()", "contextvars.Context()")
_NAMES_AND_DEFAULT = 2


@dataclass(frozen=True, slots=True)
class Misuse:
    """At ``node`` in ``scope`` the API is used in a way that fails or does nothing; ``what`` is the name at hand."""

    scope: Scope
    node: f.Node
    kind: Kind
    what: str


def misuses(program: Program) -> Iterator[Misuse]:
    """Every such use, in the order of files and text."""
    resolver = program.resolver
    names = known_names(program)
    for module in program.modules.values():
        if module.path.endswith(".pyi"):
            continue  # a stub is never run
        for scope in module.descendants():
            for node, around in surroundings(scope.body):
                found = _misuse(resolver, scope, node, names)
                if found is not None and not _is_meant(resolver, scope, (node, *around)):
                    yield found


def _is_meant(resolver: Resolver, scope: Scope, around: tuple[f.Node, ...]) -> bool:
    if is_expected(around, "TypeError"):
        return True
    tests = (outer.test for outer in around if isinstance(outer, f.If))
    return any(resolver.external(scope, test) == "typing.TYPE_CHECKING" for test in tests)


def _misuse(resolver: Resolver, scope: Scope, node: f.Node, names: frozenset[str]) -> Misuse | None:
    match node:
        case f.Class(bases=bases):
            return _subclass(resolver, scope, node, [base.value for base in bases if not base.keyword])
        case f.Assign(targets=targets) | f.Delete(targets=targets):
            return _item(resolver, scope, targets)
        case f.Augment(target=target):
            return _item(resolver, scope, (target,))
        case f.Evaluate(value=f.Call() as call) if _copies(resolver, scope, call):
            return Misuse(scope, call, "copy-unused", _name(call.func))
        case f.Call(func=f.Attribute(value=receiver, attr="set" | "reset")) if _name(receiver) in names:
            var = resolver.variable(scope, receiver)
            known = var is not None and is_certain(resolver, scope, receiver)
            return _undoing(resolver, scope, node, var) if var is not None and known else None
        case f.Call(func=func) if not isinstance(func, f.Attribute) or func.attr not in (
            "get",
            "set",
            "reset",
        ):
            return _declaration(resolver, scope, node)
        case _:
            return None


def _subclass(resolver: Resolver, scope: Scope, node: f.Class, bases: list[f.Expr]) -> Misuse | None:
    for base in bases:
        plain = base.value if isinstance(base, f.Subscript) else base
        if resolver.external(scope, plain) in _FINAL and _has_one_meaning(resolver, scope, plain):
            return Misuse(scope, base, "subclass", f"{node.name}:{_name(plain)}")
    return None


def _has_one_meaning(resolver: Resolver, scope: Scope, expr: f.Expr) -> bool:
    found = resolver.bindings(scope, expr) if isinstance(expr, f.Name) else None
    return found is None or len(found[1]) == 1


def _item(resolver: Resolver, scope: Scope, targets: tuple[f.Expr, ...]) -> Misuse | None:
    for target in targets:
        if isinstance(target, f.Subscript) and _is_context(resolver.external(scope, target.value)):
            return Misuse(scope, target, "item", _name(target.value))
    return None


def _is_context(name: str | None) -> bool:
    return name is not None and name.startswith(_CONTEXTS) and name.removesuffix(".copy()") in _CONTEXTS


def _copies(resolver: Resolver, scope: Scope, call: f.Call) -> bool:
    name = resolver.external(scope, call.func)
    if name == "contextvars.copy_context":
        return _has_one_meaning(resolver, scope, call.func)
    return name is not None and name.endswith(".copy") and _is_context(f"{name}()")


def _undoing(resolver: Resolver, scope: Scope, call: f.Call, var: VarId) -> Misuse | None:
    """A ``set`` or ``reset`` that cannot do its work."""
    assert isinstance(call.func, f.Attribute)  # noqa: S101 - as the caller found it
    name = f"{_name(call.func.value)}.{call.func.attr}"
    if not call.args:
        return Misuse(scope, call, "no-argument", name)
    if call.func.attr == "set" or call.args[0].star:
        return None
    given = resolver.value(scope, call.args[0].value)
    where, value = given if given is not None else (scope, call.args[0].value)
    if isinstance(value, f.Call) and isinstance(value.func, f.Attribute) and value.func.attr == "get":
        same = resolver.variable(where, value.func.value) == var
        return Misuse(scope, call, "reset-value", name) if same else None
    written = value is call.args[0].value
    if written and isinstance(value, f.Literal | f.Display | f.DictDisplay | f.Interpolated):
        return Misuse(scope, call, "reset", name)
    return Misuse(scope, call, "reset", name) if resolver.variable(scope, call.args[0].value) == var else None


def _declaration(resolver: Resolver, scope: Scope, call: f.Call) -> Misuse | None:
    """A call of ContextVar itself that fails."""
    func = call.func.value if isinstance(call.func, f.Subscript) else call.func
    if not isinstance(func, f.Name | f.Attribute) or resolver.resolve(scope, func) != CONTEXT_VAR:
        return None
    if not _has_one_meaning(resolver, scope, func) or any(argument.star for argument in call.args):
        return None
    given = [argument.value for argument in call.args if not argument.keyword]
    if not call.args:
        return Misuse(scope, call, "no-argument", "ContextVar")
    if len(given) >= _NAMES_AND_DEFAULT:
        return Misuse(scope, call, "default", "ContextVar")
    wrong = given and isinstance(given[0], f.Literal | f.Display | f.DictDisplay)
    if wrong and not (isinstance(given[0], f.Literal) and given[0].kind == "str"):
        return Misuse(scope, given[0], "name", "ContextVar")
    return None


def _name(expr: f.Expr) -> str:
    """The last name of an expression, as a reader would say it."""
    match expr:
        case f.Name(id=name) | f.Attribute(attr=name):
            return name
        case f.Call(func=func):
            return f"{_name(func)}()"
        case _:
            return "the context"
