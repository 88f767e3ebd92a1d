"""Where the names of the program's variables stand in its text, and what stands around each.

Only declared variables count, and only names that are *certain* to mean one: every binding makes a variable, or is an
import of such a name. What is merely annotated ``ContextVar`` may be None, or any variable at all.
"""

from __future__ import annotations

import collections
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from ctxlint.analysis import scopes as sc
from ctxlint.analysis.program import Program
from ctxlint.analysis.resolve import Resolver
from ctxlint.analysis.scopes import Scope
from ctxlint.model import facts as f
from ctxlint.model.ids import VarId
from ctxlint.model.walk import outside, parts

Reference: TypeAlias = f.Name | f.Attribute | f.Subscript

_FORWARDED = 8
_EXPECTING = frozenset({"raises", "suppress", "assertRaises", "assertRaisesRegex"})
_ANYTHING = frozenset({"Exception", "BaseException"})


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A name of the variable ``var``. ``around`` are the nodes that hold it, the innermost first, up to the statement
    of ``scope`` in which it stands.
    """

    var: VarId
    scope: Scope
    node: Reference
    around: tuple[f.Node, ...]


def occurrences(program: Program) -> Iterator[Occurrence]:
    """Every name of a declared variable, in the order of files and text."""
    resolver = program.resolver
    for scope, node, around in references(program, known_names(program)):
        var = resolver.variable(scope, node)
        if var is not None and var in program.by_var and is_certain(resolver, scope, node):
            yield Occurrence(var, scope, node, around)


def known_names(program: Program) -> frozenset[str]:
    """The names under which variables of the program may stand: their own, and those that are given to them by an
    import or an assignment.
    """
    return spread_names(program, {var.name.partition("[")[0] for var in program.by_var})


def spread_names(program: Program, names: Iterable[str]) -> frozenset[str]:
    """``names``, and those that imports and assignments give to what stands under one of them."""
    leads: dict[str, set[str]] = collections.defaultdict(set)
    for module in program.modules.values():
        for scope in module.descendants():
            for name, bindings in scope.bindings.items():
                for binding in bindings:
                    given = _given(binding)
                    if given is not None:
                        leads[given].add(name)
    found: set[str] = set()
    pending = set(names)
    while pending:
        found |= pending
        pending = {name for given in pending for name in leads.get(given, ())} - found
    return frozenset(found)


def references(
    program: Program, names: frozenset[str]
) -> Iterator[tuple[Scope, Reference, tuple[f.Node, ...]]]:
    """The expressions whose last name is one of ``names``, each with its scope and with what stands around it."""
    for module in program.modules.values() if names else ():
        for scope in module.descendants():
            for node, around in surroundings(scope.body):
                if isinstance(node, f.Name | f.Attribute | f.Subscript) and last_name(node) in names:
                    yield scope, node, around


def surroundings(nodes: Iterable[f.Node]) -> Iterator[tuple[f.Node, tuple[f.Node, ...]]]:
    """Every node of a scope's own text with the nodes that hold it, the innermost first."""
    stack: list[tuple[f.Node, tuple[f.Node, ...]]] = [(node, ()) for node in nodes]
    stack.reverse()
    while stack:
        node, around = stack.pop()
        yield node, around
        below = list(outside(node)) if isinstance(node, f.Function | f.Class) else parts(node)
        below.reverse()
        stack += [(part, (node, *around)) for part in below]


def is_certain(resolver: Resolver, scope: Scope, expr: f.Expr, depth: int = 0) -> bool:
    """Can the expression mean nothing but a variable that the program makes?"""
    if isinstance(expr, f.Subscript):
        return True
    found = resolver.bindings(scope, expr)
    if found is None or depth > _FORWARDED:
        return False
    where, bindings = found
    return _all_make(resolver, where, bindings, depth)


def _all_make(resolver: Resolver, scope: Scope, bindings: Iterable[sc.Binding], depth: int) -> bool:
    given = [binding for binding in bindings if not isinstance(binding, sc.Annotated)]
    return bool(given) and all(_makes(resolver, scope, binding, depth) for binding in given)


def _makes(resolver: Resolver, scope: Scope, binding: sc.Binding, depth: int) -> bool:
    if isinstance(binding, sc.Assigned):
        value = sc.unpacked(binding)
        if value is None or isinstance(value, f.Conditional | f.Boolean):
            return False
        if isinstance(value, f.Name | f.Attribute):
            return is_certain(resolver, scope, value, depth + 1)
        return resolver.constructs(scope, value)
    if not isinstance(binding, sc.Imported) or binding.attr is None or depth > _FORWARDED:
        return False
    path = resolver.table.resolve(scope.path, binding.module, binding.level)
    module = resolver.library.named(path, binding.attr) if path is not None else None
    if module is None or binding.attr not in module.bindings:
        return module is not None and bool(module.stars)
    return _all_make(resolver, module, module.bindings[binding.attr], depth + 1)


def is_expected(around: tuple[f.Node, ...], *errors: str) -> bool:
    """Is an error awaited at the first of ``around``: by a ``try`` around it that catches one of ``errors``, or by the
    ``raises`` of a test?
    """
    for inner, outer in itertools.pairwise(around):
        if isinstance(outer, f.Try) and any(statement is inner for statement in outer.body):
            if any(_catches(handler, frozenset(errors)) for handler in outer.handlers):
                return True
        elif isinstance(outer, f.With) and any(_expects(item.context) for item in outer.items):
            return True
    return False


def _catches(handler: f.Handler, errors: frozenset[str]) -> bool:
    caught = handler.catches
    names = caught.items if isinstance(caught, f.Display) else (caught,)
    return any(name is None or last_name(name) in errors | _ANYTHING for name in names)


def _expects(context: f.Expr) -> bool:
    return isinstance(context, f.Call) and last_name(context.func) in _EXPECTING


def _given(binding: sc.Binding) -> str | None:
    if isinstance(binding, sc.Imported):
        return binding.attr
    return last_name(binding.value) if isinstance(binding, sc.Assigned) else None


def last_name(expr: f.Node) -> str | None:
    """The last name that an expression spells: ``b`` for ``a.b`` and for ``a.b[0]``."""
    match expr:
        case f.Name(id=name) | f.Attribute(attr=name):
            return name
        case f.Subscript(value=value):
            return last_name(value)
        case _:
            return None
