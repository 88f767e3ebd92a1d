"""Values that a function that sets a variable keeps in a second place, too: a global name, something else that has a
``set``. A reader without the variable's value can find them there.
"""

from __future__ import annotations

from collections.abc import Iterator

from ctxlint.analysis.program import Program
from ctxlint.analysis.reads import is_set
from ctxlint.analysis.scopes import Scope
from ctxlint.analysis.symbols import FunctionRef
from ctxlint.model import facts as f
from ctxlint.model.ids import VarId
from ctxlint.model.spans import Span
from ctxlint.model.walk import walk


def is_kept_twice(program: Program, scope: Scope, at: f.Node) -> bool:
    """Does the function that sets a variable store the same value in a second place, too: a global name, or something
    else that has a ``set``?
    """
    name = _given(scope, at)
    return name is not None and (_is_global(scope, name) or _is_set_elsewhere(program, scope, at, name))


def is_kept_for_all(program: Program, scope: Scope, var: VarId, span: Span) -> bool:
    """Does what sets ``var`` at ``span``, the function itself or a helper that is called there, give a global name the
    same value, and does some function look there where it reads the variable? Then it means the newest value of all.
    """
    return any(
        name is not None and _is_read_with(program, where, var, _globals_given(where, name))
        for where, call in _sets(program, scope, var, span)
        for name in (_given(where, call),)
    )


def _is_read_with(program: Program, setter: Scope, var: VarId, names: frozenset[str]) -> bool:
    """Does a function of the setter's file read both the variable and one of the names?"""
    return bool(names) and any(
        var in program.effects(scope).reads
        and any(
            isinstance(node, f.Name) and node.id in names
            for statement in scope.body
            for node in walk(statement, into_scopes=False)
        )
        for scope in setter.module.descendants()
        if scope.kind == "function" and scope is not setter
    )


def _sets(program: Program, scope: Scope, var: VarId, span: Span) -> Iterator[tuple[Scope, f.Call]]:
    """The calls that set a variable: at a place of a function, or in the function that is called there."""
    for call in scope.calls:
        if call.span != span:
            continue
        symbol = program.resolver.resolve(scope, call.func)
        if isinstance(symbol, FunctionRef):
            yield from (
                (symbol.scope, each)
                for each in symbol.scope.calls
                if is_set(program, symbol.scope, each, var)
            )
        elif is_set(program, scope, call, var):
            yield scope, call


def _given(scope: Scope, at: f.Node) -> str | None:
    """The parameter of the function whose value a call sets."""
    if not isinstance(at, f.Call) or not at.args or not isinstance(at.args[0].value, f.Name):
        return None
    name = at.args[0].value.id
    is_own = scope.kind == "function" and any(
        parameter.name == name for parameter in scope.function.parameters
    )
    return name if is_own else None


def _is_global(scope: Scope, name: str) -> bool:
    return bool(_globals_given(scope, name))


def _globals_given(scope: Scope, name: str) -> frozenset[str]:
    """The global names to which the function gives the value of a parameter."""
    return frozenset(
        target.id
        for statement in scope.body
        for node in walk(statement, into_scopes=False)
        if isinstance(node, f.Assign) and isinstance(node.value, f.Name) and node.value.id == name
        for target in node.targets
        if isinstance(target, f.Name) and target.id in scope.function.global_names
    )


def _is_set_elsewhere(program: Program, scope: Scope, at: f.Node, name: str) -> bool:
    return any(
        isinstance(node, f.Call)
        and node is not at
        and isinstance(node.func, f.Attribute)
        and node.func.attr == "set"
        and any(isinstance(each.value, f.Name) and each.value.id == name for each in node.args[:1])
        and program.resolver.variable(scope, node.func.value) is None
        for statement in scope.body
        for node in walk(statement, into_scopes=False)
    )
