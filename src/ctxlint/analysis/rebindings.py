"""Where the name or the attribute that a variable is declared under is given something else.

Not counted: a local name that happens to be the same; a declaration made late (``_var = None`` first, the variable in
a function); branches that exclude each other (``try: import``); another variable, or something that wraps the old one,
in its place; constructors and other special methods; an attribute that is emptied at the end; tests, and what a private
function that they alone can use makes anew; what a forked child makes anew.
"""

from __future__ import annotations

import collections
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from ctxlint.analysis import scopes as sc
from ctxlint.analysis.callers import Use
from ctxlint.analysis.declarations import Declaration
from ctxlint.analysis.frame_kinds import is_test_file
from ctxlint.analysis.occurrences import surroundings
from ctxlint.analysis.program import Program
from ctxlint.analysis.scopes import Scope
from ctxlint.analysis.symbols import ClassRef, InstanceRef, ModuleRef
from ctxlint.model import facts as f
from ctxlint.model.ids import VarId
from ctxlint.model.walk import is_none, walk

How: TypeAlias = Literal["assigned", "changed", "deleted", "renewed"]

_FORK = "os.register_at_fork"
_BRANCHING = (f.If, f.Try, f.Match, f.While)


@dataclass(frozen=True, slots=True)
class Rebinding:
    """At ``node`` in ``scope`` the variable of ``declaration`` loses its name. ``how``: another value is assigned, it
    is changed in place (``+=``), deleted, or a new variable is assigned.
    """

    scope: Scope
    node: f.Node
    declaration: Declaration
    how: How


@dataclass(frozen=True, slots=True)
class _Target:
    scope: Scope
    node: f.Name | f.Attribute
    value: f.Expr | None
    how: How
    around: tuple[f.Node, ...]


def rebindings(program: Program) -> Iterator[Rebinding]:
    """Every place where a declared variable is replaced, in the order of files and text."""
    declared: dict[VarId, list[Declaration]] = collections.defaultdict(list)
    for declaration in program.declarations:
        if declaration.var is not None:
            declared[declaration.var].append(declaration)
    names = {var.name for var in declared}
    for module in program.modules.values():
        if is_test_file(program, module.path):
            continue
        for target in _targets(module, names):
            lost = _lost(program, target, declared)
            how = _how(program, target)
            if lost is None:
                continue
            meant = is_left_to_tests(program, target.scope) or _runs_after_fork(program, target.scope)
            if not (how == "renewed" and meant):
                yield Rebinding(target.scope, target.node, lost, how)


def is_left_to_tests(program: Program, scope: Scope) -> bool:
    """Is it a private function that nothing in the program uses, its tests left out?"""
    if scope.kind != "function" or scope.owner is not None or scope.function.is_lambda:
        return False
    name = scope.function.name
    uses = program.uses.of(scope)
    return (
        name.startswith("_")
        and not name.startswith("__")
        and not scope.function.decorators
        and all(is_test_file(program, use.scope.path) for use in uses)
    )


def _runs_after_fork(program: Program, scope: Scope) -> bool:
    """Is it a function that the interpreter calls in a forked child, where everything starts anew? Others may call it
    where they find out by themselves that they are in one. What is registered often holds its object weakly, so that
    the call cannot be resolved: then the function says by its name what it is for.
    """
    if scope.kind != "function":
        return False
    uses = program.uses.of(scope)
    registered = [use for use in uses if _is_registered(program, use)]
    if registered:
        return all(use in registered or use.scope.kind == "function" for use in uses)
    return "after_fork" in scope.function.name and any(
        program.resolver.external(where, call.func) == _FORK
        for where in scope.module.descendants()
        if "register_at_fork" in where.spelled
        for call in where.calls
    )


def _is_registered(program: Program, use: Use) -> bool:
    return use.receiver is not None and program.resolver.external(use.scope, use.receiver.func) == _FORK


def _how(program: Program, target: _Target) -> How:
    renewed = target.value is not None and program.resolver.constructs(target.scope, target.value)
    return "renewed" if renewed else target.how


def _targets(module: Scope, names: set[str]) -> Iterator[_Target]:
    for scope in module.descendants():
        for node, around in surroundings(scope.body):
            for target, value, how in _bound(node):
                name = target.id if isinstance(target, f.Name) else target.attr
                if name in names:
                    yield _Target(scope, target, value, how, around)


def _bound(node: f.Node) -> Iterator[tuple[f.Name | f.Attribute, f.Expr | None, How]]:
    targets, how = _written(node)
    for target in targets:
        for each in _flat(target):
            yield each, node.value if isinstance(node, f.Assign) and each is target else None, how


def _written(node: f.Node) -> tuple[tuple[f.Expr, ...], How]:
    match node:
        case f.Assign(targets=targets):
            return targets, "assigned"
        case f.Augment(target=target):
            return (target,), "changed"
        case f.Delete(targets=targets):
            return targets, "deleted"
        case f.For(target=target) | f.WithItem(target=f.Name() | f.Attribute() | f.Display() as target):
            return (target,), "assigned"
        case _:
            return (), "assigned"


def _flat(target: f.Expr) -> Iterator[f.Name | f.Attribute]:
    match target:
        case f.Name() | f.Attribute():
            yield target
        case f.Display(items=items):
            for item in items:
                yield from _flat(item)
        case f.Starred(value=value):
            yield from _flat(value)
        case _:
            pass


def _lost(program: Program, target: _Target, declared: dict[VarId, list[Declaration]]) -> Declaration | None:
    """The declaration that a target replaces; None where it replaces none, or may."""
    if isinstance(target.node, f.Attribute):
        found = _lost_attribute(program, target, target.node, declared)
    else:
        found = _lost_name(program, target, target.node, declared)
    return None if found is None or _passes_on(program, target) else found


def _passes_on(program: Program, target: _Target) -> bool:
    """Is what is assigned a variable of the program, or made from the one that stood there?"""
    value = target.value
    if value is None or program.resolver.constructs(target.scope, value):
        return False
    if program.resolver.variable(target.scope, value) is not None:
        return True
    name = target.node.id if isinstance(target.node, f.Name) else target.node.attr
    return any(
        isinstance(argument, f.Argument) and _is_named(argument.value, name) for argument in walk(value)
    )


# --- names ---------------------------------------------------------------------------------------------------


def _lost_name(
    program: Program, target: _Target, name: f.Name, declared: dict[VarId, list[Declaration]]
) -> Declaration | None:
    scope = target.scope
    home = scope
    if isinstance(scope.node, f.Function):
        if name.id not in scope.node.global_names:
            return None
        home = scope.module
    found = declared.get(VarId(scope.path, f"{home.qualname}.{name.id}".lstrip(".")), [])
    made = [declaration for declaration in found if declaration.scope is home]
    if not made or _is_late(home.bindings.get(name.id, [])):
        return None
    if home is scope and not _replaces_at_once(program, target, name, made[0]):
        return None
    return made[0]


def _replaces_at_once(program: Program, target: _Target, name: f.Name, made: Declaration) -> bool:
    """Does a statement beside the declaration replace it for good?"""
    if name.span.start <= made.span.start or any(isinstance(node, _BRANCHING) for node in target.around):
        return False
    if target.value is not None and program.resolver.constructs(target.scope, target.value):
        return False  # declared twice
    if target.how == "deleted":
        return any(
            use.scope.kind == "function"
            and isinstance(use.node, f.Name | f.Call)
            and _means(program, use.scope, name)
            for use in program.uses.named(name.id)
        )
    return True


def _means(program: Program, scope: Scope, name: f.Name) -> bool:
    """Is the name in ``scope`` that of the module?"""
    found = program.resolver.bindings(scope, name)
    return found is not None and found[0].kind == "module"


def _is_late(bindings: list[sc.Binding]) -> bool:
    """Does the name first hold None, so that the variable is made when it is needed?"""
    return any(isinstance(binding, sc.Assigned) and is_none(binding.value) for binding in bindings[:1])


# --- attributes ----------------------------------------------------------------------------------------------


def _lost_attribute(
    program: Program, target: _Target, attribute: f.Attribute, declared: dict[VarId, list[Declaration]]
) -> Declaration | None:
    base = program.resolver.resolve(target.scope, attribute.value)
    var = program.resolver.variable(target.scope, attribute)
    if var is None or not declared.get(var):
        return None
    if isinstance(base, ModuleRef):
        return _lost_of_module(program, base, var, declared[var])
    if not isinstance(base, ClassRef | InstanceRef) or not _is_ordinary(target.scope):
        return None
    made = [each for each in declared[var] if each.scope.kind == "class" or not _is_ordinary(each.scope)]
    if not made or target.how == "deleted" or is_none(target.value):
        return None
    if _may_be_missing(program, base.scope, attribute.attr) or _asks_for(target.around, attribute.attr):
        return None
    return made[0]


def _lost_of_module(
    program: Program, module: ModuleRef, var: VarId, made: list[Declaration]
) -> Declaration | None:
    opened = program.resolver.library.named(module.path, var.name)
    if opened is None or var.module != module.path or _is_late(opened.bindings.get(var.name, [])):
        return None
    return made[0]


def _is_ordinary(scope: Scope) -> bool:
    """Is this a function other than a constructor or another special method?"""
    return scope.kind == "function" and not scope.function.name.startswith("__")


def _may_be_missing(program: Program, cls: Scope, attr: str) -> bool:
    """Does a special method or the class body give the attribute None, or what is not known?"""
    for ancestor in program.resolver.ancestors(cls):
        bindings: list[sc.Binding] = [
            binding for binding in ancestor.bindings.get(attr, ()) if not isinstance(binding, sc.Annotated)
        ]
        bindings += [
            binding for binding, method in ancestor.attributes.get(attr, ()) if not _is_ordinary(method)
        ]
        for binding in bindings:
            value = sc.unpacked(binding) if isinstance(binding, sc.Assigned) else None
            if value is None or not isinstance(value, f.Call):
                return True
    return False


def _asks_for(around: tuple[f.Node, ...], name: str) -> bool:
    """Does a condition around ask whether the attribute is there?"""
    return any(
        _is_named(node, name) or (isinstance(node, f.Literal) and node.text == name)
        for outer in around
        if isinstance(outer, f.If)
        for node in walk(outer.test)
    )


def _is_named(node: f.Node, name: str) -> bool:
    match node:
        case f.Name(id=found) | f.Attribute(attr=found):
            return found == name
        case _:
            return False
