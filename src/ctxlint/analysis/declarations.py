"""The context variables that a program declares."""

from __future__ import annotations

import collections
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ctxlint.analysis import scopes as sc
from ctxlint.analysis.resolve import Resolver
from ctxlint.analysis.scopes import Scope
from ctxlint.model import facts as f
from ctxlint.model.ids import VarId
from ctxlint.model.spans import Span

_SPAN = Span(0, 0)


@dataclass(frozen=True, slots=True)
class Declaration:
    """One call that makes a context variable.

    ``scope`` is where the call stands, ``made`` the scope and call of ContextVar itself (another one for a
    factory). ``default`` is the expression of ``default=``, which stands in ``made``'s scope. ``name`` is what
    a reader calls the variable.
    """

    var: VarId | None
    name: str
    path: str
    span: Span
    scope: Scope
    made: Scope
    default: f.Expr | None


def declarations(resolver: Resolver, modules: Iterable[Scope]) -> tuple[Declaration, ...]:
    """Every declaration in the modules given, in the order of the text."""
    scopes = [scope for module in modules for scope in module.descendants()]
    makers = _makers(resolver, scopes)
    found = [each for scope in scopes for each in _of_scope(resolver, scope, makers)]
    return tuple(sorted(found, key=lambda declaration: (declaration.path, declaration.span)))


def makers(resolver: Resolver, module: Scope) -> tuple[str, ...]:
    """The names at the top of a module under which others find something that makes variables: an alias of
    ContextVar, a ``partial`` of it, a factory.
    """
    names = _makers(resolver, module.descendants())
    calls = ((name, f.Call(_SPAN, f.Name(_SPAN, name), ())) for name in module.bindings if name in names)
    return tuple(name for name, call in calls if name != "ContextVar" and resolver.constructs(module, call))


def _makers(resolver: Resolver, scopes: Iterable[Scope]) -> frozenset[str]:
    """The names by which something that makes variables may be called: those of ContextVar and ``partial``, of what
    is assigned or imported from one, and of the functions that return what a maker gives. Who is called otherwise
    need not be resolved.
    """
    leads: dict[str, set[str]] = collections.defaultdict(set)
    for scope in scopes:
        for given, name in _passed_on(resolver, scope):
            leads[given].add(name)
    found: set[str] = set()
    pending = {"ContextVar", "partial"}
    while pending:
        found |= pending
        pending = {name for given in pending for name in leads.get(given, ())} - found
    return frozenset(found)


def _passed_on(resolver: Resolver, scope: Scope) -> Iterator[tuple[str, str]]:
    """What a scope gives another name: the old one and the new one."""
    for name, bindings in scope.bindings.items():
        for binding in bindings:
            if isinstance(binding, sc.Imported) and binding.attr not in (None, name):
                yield str(binding.attr), name
            elif isinstance(binding, sc.Assigned):
                yield from ((given, name) for given in _last_names(binding.value))
    if scope.kind == "function" and not scope.function.is_lambda:
        for value in resolver.returns(scope):
            yield from ((given, scope.function.name) for given in _last_names(value))


def _last_names(value: f.Expr) -> Iterator[str]:
    """The names that stand last in what ``value`` may be, or is the result of calling."""
    match value:
        case f.Name(id=name) | f.Attribute(attr=name):
            yield name
        case f.Call(func=func, args=args):
            yield from _last_names(func)
            if args:
                yield from _last_names(args[0].value)  # `partial(ContextVar, …)`, `cast(…, ContextVar)`
        case f.Subscript(value=inner) | f.Walrus(value=inner):
            yield from _last_names(inner)
        case f.Conditional(then=then, orelse=orelse):
            yield from _last_names(then)
            yield from _last_names(orelse)
        case f.Boolean(values=values):
            for part in values:
                yield from _last_names(part)
        case _:
            pass


def _of_scope(resolver: Resolver, scope: Scope, makers: frozenset[str]) -> Iterator[Declaration]:
    calls = [call for call in scope.calls if not makers.isdisjoint(_last_names(call.func))]
    named = _named_calls(scope) if calls else {}
    for call in calls:
        made = resolver.construction(scope, call)
        if made is None:
            continue
        name = named.get(id(call))
        where, construction = made
        qualname = f"{scope.qualname}.{name}".lstrip(".") if name else None
        if name and "." in name and scope.owner is not None:  # self.x: an attribute of the class
            qualname = f"{scope.owner.qualname}.{name.partition('.')[2]}"
        yield Declaration(
            VarId(scope.path, qualname) if qualname else None,
            name or _literal_name(call) or "ContextVar",
            scope.path,
            call.span,
            scope,
            where,
            default_of(resolver, where, construction),
        )


def default_of(resolver: Resolver, scope: Scope, call: f.Call) -> f.Expr | None:
    """The expression of ``default=``, also behind ``**{"default": …}`` and ``**options`` of a known dict."""
    for argument in call.args:
        if argument.keyword == "default":
            return argument.value
        if argument.star == "**":
            made = resolver.value(scope, argument.value)
            if made is not None and isinstance(made[1], f.DictDisplay):
                for key, value in zip(made[1].keys, made[1].values, strict=True):
                    if isinstance(key, f.Literal) and key.text == "default":
                        return value
    return None


def _named_calls(scope: Scope) -> dict[int, str]:
    named: dict[int, str] = {}
    for name, bindings in scope.bindings.items():
        for binding in bindings:
            value = sc.unpacked(binding) if isinstance(binding, sc.Assigned) else None
            if value is not None:
                _name_parts(value, name, named)
    if scope.owner is not None:
        for name, found in scope.owner.attributes.items():
            for binding, method in found:
                value = sc.unpacked(binding) if isinstance(binding, sc.Assigned) else None
                if method is scope and value is not None:
                    _name_parts(value, f"self.{name}", named)
    return named


def _name_parts(value: f.Expr, name: str, named: dict[int, str]) -> None:
    match value:
        case f.Call():
            named.setdefault(id(value), name)
        case f.Conditional(then=then, orelse=orelse):
            _name_parts(then, name, named)
            _name_parts(orelse, name, named)
        case f.DictDisplay(keys=keys, values=values):
            for key, inner in zip(keys, values, strict=True):
                if isinstance(key, f.Literal):
                    _name_parts(inner, f"{name}[{key.text!r}]", named)
        case _:
            pass


def _literal_name(call: f.Call) -> str | None:
    if call.args and isinstance(call.args[0].value, f.Literal) and call.args[0].value.kind == "str":
        return call.args[0].value.text
    return None
