"""Where a variable stands itself where only its value makes sense: ``if user:`` for ``if user.get():``.

Left out: names that are not certain to mean a variable (see ``occurrences``); identity tests, comparison with another
variable or with what the same function uses as one; what a ``try`` or a test expects to fail; tests of kind
(``hasattr``) around; ``__repr__`` and its like.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from ctxlint.analysis.frame_kinds import is_test_file
from ctxlint.analysis.occurrences import Occurrence, is_expected, occurrences
from ctxlint.analysis.program import Program
from ctxlint.analysis.scopes import Iterated, Scope
from ctxlint.analysis.symbols import VariableRef
from ctxlint.model import facts as f
from ctxlint.model.walk import walk

Kind: TypeAlias = Literal[
    "truth", "equality", "order", "membership", "text", "arithmetic", "await", "call", "item", "attribute",
    "iteration", "conversion", "match",
]  # fmt: skip

METHODS = frozenset({"get", "set", "reset", "name"})
_HARMLESS = frozenset({"truth", "equality", "text"})  # what does not raise is often meant in a test
_CONVERSIONS = frozenset({
    "bool", "bytes", "complex", "dict", "enumerate", "float", "frozenset", "int", "iter", "len", "list", "max", "min",
    "reversed", "set", "sorted", "sum", "tuple",
})  # fmt: skip
_TEXTS = frozenset({"str", "format"})
_ASKING = frozenset({"callable", "hasattr", "isinstance", "type"})
_ORDER = frozenset({"<", "<=", ">", ">="})
_HOLDERS = frozenset({"_var", "context_var", "contextvar", "ctx_var", "cv", "var", "variable"})
_REPRS = frozenset({"__format__", "__repr__", "__str__"})


@dataclass(frozen=True, slots=True)
class Confusion:
    """A variable in the place of its value; ``detail`` is the attribute that is no variable's."""

    where: Occurrence
    kind: Kind
    detail: str = ""


def confusions(program: Program) -> Iterator[Confusion]:
    """Every place where a variable is used as if it were its value, in the order of files and text."""
    for each in occurrences(program):
        kind = _kind(program, each)
        if kind is None or is_expected((each.node, *each.around), "TypeError", "AttributeError"):
            continue
        harmless = kind in _HARMLESS and is_test_file(program, each.scope.path)
        if not harmless and not _is_asked_for(each):
            outer = each.around[0] if each.around else None
            yield Confusion(each, kind, outer.attr if isinstance(outer, f.Attribute) else "")


def _kind(program: Program, each: Occurrence) -> Kind | None:
    if not each.around:
        return None
    node, outer = each.node, each.around[0]
    match outer:
        case f.Attribute(attr=attr):
            return None if attr in METHODS or attr.startswith("__") else "attribute"
        case f.Call(func=func) if func is node:
            return "call"
        case f.Argument():
            return _argument(program, each)
        case f.Compare():
            return _comparison(program, each, outer)
        case f.Subscript(value=value) if value is node:
            return "item"
        case f.Await():
            return "await"
        case f.Interpolated():
            return None if _is_repr(each.scope) else "text"
        case _:
            return _statement(each)


def _statement(each: Occurrence) -> Kind | None:
    node, outer = each.node, each.around[0]
    match outer:
        case f.Operation(op=op) if op != ":":
            return "text" if op == "%" and outer.operands[0] is not node else "arithmetic"
        case f.Display(kind="tuple") if _is_formatted(each):
            return "text"
        case f.For(iterable=iterable) | f.Clause(iterable=iterable) if iterable is node:
            return "iteration"
        case f.Match(subject=subject) if subject is node:
            return "match" if any(case.pattern.literal is not None for case in outer.cases) else None
        case _:
            return "truth" if _is_tested(node, each.around) else None


def _is_tested(node: f.Node, around: tuple[f.Node, ...]) -> bool:
    """Does the truth of ``node`` decide anything?"""
    for outer in around:
        match outer:
            case f.If(test=test) | f.While(test=test) | f.Assert(test=test) | f.Conditional(test=test):
                return test is node
            case f.Not():
                return True
            case f.Clause(conditions=conditions):
                return any(condition is node for condition in conditions)
            case f.Case(guard=guard):
                return guard is node
            case f.Boolean(values=values):
                if values[-1] is not node:
                    return True
                node = outer
            case _:
                return False
    return False


def _argument(program: Program, each: Occurrence) -> Kind | None:
    call = each.around[1] if len(each.around) > 1 else None
    if not isinstance(call, f.Call):
        return None
    match call.func:
        case f.Name(id=name) if program.resolver.external(each.scope, call.func) == f"builtins.{name}":
            if name in _TEXTS:
                return None if _is_repr(each.scope) else "text"
            return "conversion" if name in _CONVERSIONS and len(call.args) == 1 else None
        case f.Attribute(value=f.Literal(kind="str"), attr="format" | "join"):
            return "text"
        case _:
            return None


def _comparison(program: Program, each: Occurrence, compare: f.Compare) -> Kind | None:
    operands = (compare.left, *compare.rights)
    for op, left, right in zip(compare.ops, operands, operands[1:], strict=False):
        if each.node is not left and each.node is not right:
            continue
        if op in _ORDER:
            return "order"
        if op in ("in", "not in") and each.node is right:
            return "membership"
        other = right if each.node is left else left
        if op in ("==", "!=") and _is_value(program, each.scope, other):
            return "equality"
    return None


def _is_value(program: Program, scope: Scope, other: f.Expr) -> bool:
    """Is the other side of a comparison no variable, by all that is known?"""
    if isinstance(program.resolver.resolve(scope, other), VariableRef):
        return False
    match other:
        case f.Literal(kind=kind):
            return kind != "none"
        case f.Attribute(attr=attr):
            return attr.lower() not in _HOLDERS
        case f.Name(id=name):
            found = program.resolver.bindings(scope, other)
            if found is None or name.lower() in _HOLDERS:
                return False
            looped = any(isinstance(binding, Iterated) for binding in found[1])
            return not looped and not _is_used_as_variable(scope, name)
        case f.Subscript():
            return False
        case _:
            return True


def _is_used_as_variable(scope: Scope, name: str) -> bool:
    return any(
        isinstance(node, f.Attribute)
        and node.attr in METHODS
        and isinstance(node.value, f.Name)
        and node.value.id == name
        for statement in scope.body
        for node in walk(statement)
    )


def _is_formatted(each: Occurrence) -> bool:
    """Is this the right side of ``"…" % (…)``?"""
    match each.around[1] if len(each.around) > 1 else None:
        case f.Operation(op="%", operands=(f.Literal(kind="str"), *_)):
            return True
        case _:
            return False


def _is_repr(scope: Scope) -> bool:
    return scope.kind == "function" and scope.function.name in _REPRS


def _is_asked_for(each: Occurrence) -> bool:
    """Does a condition around ask what the name is?"""
    tests = (outer.test for outer in each.around if isinstance(outer, f.If | f.Conditional))
    parts = (outer for outer in each.around if isinstance(outer, f.Boolean))
    return any(
        isinstance(node, f.Call) and isinstance(node.func, f.Name) and node.func.id in _ASKING
        for test in (*tests, *parts)
        for node in walk(test)
    )
