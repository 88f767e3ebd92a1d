"""What the body of a function binds, and whether it yields.

Works on facts, not on syntax: a name is bound by what the facts say. A function, lambda or class inside is a
scope of its own, of which only what is evaluated outside of it (decorators, defaults, annotations, bases)
counts here. Targets of comprehensions belong to the comprehension; walruses in them to the function.
Resolving names is left to the analysis.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeAlias, cast

import msgspec

from ctxlint.model import facts as f


class Names(msgspec.Struct, frozen=True):
    """The names of one function scope, each sorted."""

    bound: tuple[str, ...]
    global_names: tuple[str, ...]
    nonlocal_names: tuple[str, ...]
    is_generator: bool


class _Found(msgspec.Struct, frozen=True):
    """What one walk has collected so far."""

    bound: set[str]
    declared: dict[str, set[str]]
    yields: list[f.Node]


_Visit: TypeAlias = Callable[[Any, _Found], Iterable[object]]


def names_of(parameters: Iterable[f.Parameter], type_names: Iterable[str], body: tuple[f.Stmt, ...]) -> Names:
    """Return the names of a function with these parameters, type parameters and body."""
    found = _Found(
        {*type_names, *(parameter.name for parameter in parameters)}, {"global": set(), "nonlocal": set()}, []
    )
    pending: list[object] = [body]
    while pending:
        value = pending.pop()
        if isinstance(value, tuple):
            pending.extend(cast("tuple[object, ...]", value))
        elif isinstance(value, f.Node):
            visit = _VISITS.get(type(value))
            pending.extend(visit(value, found) if visit else _fields(value))
    outer = found.declared["global"] | found.declared["nonlocal"]
    return Names(
        bound=tuple(sorted(found.bound - outer)),
        global_names=tuple(sorted(found.declared["global"])),
        nonlocal_names=tuple(sorted(found.declared["nonlocal"])),
        is_generator=bool(found.yields),
    )


def _fields(node: f.Node) -> list[object]:
    """All that a node holds."""
    return [getattr(node, name) for name in node.__struct_fields__]


def _bind(target: f.Expr | None, found: _Found) -> None:
    """Bind the names of a target; attributes and items bind none."""
    pending = [target]
    while pending:
        current = pending.pop()
        if isinstance(current, f.Name):
            found.bound.add(current.id)
        elif isinstance(current, f.Display):
            pending.extend(current.items)
        elif isinstance(current, f.Starred):
            pending.append(current.value)


def _assign(node: f.Assign | f.Delete, found: _Found) -> Iterable[object]:
    for target in node.targets:
        _bind(target, found)
    return _fields(node)


def _target(node: f.Annotate | f.Augment | f.For | f.WithItem | f.Walrus, found: _Found) -> Iterable[object]:
    _bind(node.target, found)
    return _fields(node)


def _import(node: f.Import, found: _Found) -> Iterable[object]:
    found.bound.update(item.alias or item.name.partition(".")[0] for item in node.names)
    return ()


def _import_from(node: f.ImportFrom, found: _Found) -> Iterable[object]:
    found.bound.update(item.alias or item.name for item in node.names)
    return ()


def _handler(node: f.Handler, found: _Found) -> Iterable[object]:
    if node.name is not None:
        found.bound.add(node.name)
    return node.catches, node.body


def _pattern(node: f.Pattern, found: _Found) -> Iterable[object]:
    found.bound.update(node.binds)
    return ()


def _define(node: f.Define, found: _Found) -> Iterable[object]:
    found.bound.add(node.function.name)
    return _outside(node.function)


def _lambda(node: f.Lambda, found: _Found) -> Iterable[object]:
    del found
    return _outside(node.function)


def _outside(function: f.Function) -> list[object]:
    """Return what of a function is evaluated where it is defined."""
    return [function.decorators, function.parameters, function.returns]


def _class(node: f.Class, found: _Found) -> Iterable[object]:
    found.bound.add(node.name)
    return node.decorators, node.bases


def _scope(node: f.Scope, found: _Found) -> Iterable[object]:
    found.declared[node.kind].update(node.names)
    return ()


def _alias(node: f.TypeAliasing, found: _Found) -> Iterable[object]:
    found.bound.add(node.name)
    return ()


def _yield(node: f.Yield | f.YieldFrom, found: _Found) -> Iterable[object]:
    found.yields.append(node)
    return (node.value,)


def _leaf(node: f.Node, found: _Found) -> Iterable[object]:
    del node, found
    return ()


_VISITS: dict[type[f.Node], _Visit] = {
    f.Annotate: _target,
    f.Assign: _assign,
    f.Augment: _target,
    f.Class: _class,
    f.Define: _define,
    f.Delete: _assign,
    f.For: _target,
    f.Handler: _handler,
    f.Import: _import,
    f.ImportFrom: _import_from,
    f.Lambda: _lambda,
    f.Literal: _leaf,
    f.Name: _leaf,
    f.Pattern: _pattern,
    f.Scope: _scope,
    f.TypeAliasing: _alias,
    f.Walrus: _target,
    f.WithItem: _target,
    f.Yield: _yield,
    f.YieldFrom: _yield,
}
