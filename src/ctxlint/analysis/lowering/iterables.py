"""What a ``for`` goes over."""

from __future__ import annotations

from ctxlint.analysis.lowering.frame import Frame, constant, place_of
from ctxlint.analysis.scopes import Assigned, Binding, Given, Scope
from ctxlint.analysis.symbols import FunctionRef
from ctxlint.knowledge.loader import token_calls
from ctxlint.knowledge.loader import values as known_values
from ctxlint.model import facts as f
from ctxlint.model.ids import Place
from ctxlint.model.walk import walk

_LAZY = frozenset({"builtins.enumerate", "builtins.reversed", "builtins.zip"})
_MADE = frozenset({"builtins.range", "builtins.sorted"})
"""What a call of these gives is gone over without an exception; making it may raise, which is the call's matter."""


def goes_over(frame: Frame, iterable: f.Expr) -> Place | None:
    """The name that is iterated over, if its truth tells whether there is anything: ``if names:`` is asked of what has
    a length. Not where a method of it that changes it is called, nor where something is added to it.
    """
    match iterable:
        case f.Call(func=f.Attribute(value=inner, attr="items" | "keys" | "values"), args=()):
            return goes_over(frame, inner) if isinstance(inner, f.Name) else None
        case f.Call(func=f.Name(id="enumerate" | "list" | "reversed" | "sorted" | "tuple"), args=(inner, *_)):
            return goes_over(frame, inner.value)
        case f.Name(id=name) if not _is_changed(frame, name):
            return Place(name)
        case _:
            return None


def _is_changed(frame: Frame, name: str) -> bool:
    """May what the name means grow or shrink, by a method, an item, or ``+=`` in this function?"""
    bindings = frame.scope.bindings.get(name, ())
    plain = bool(bindings) and all(isinstance(binding, Assigned | Given) for binding in bindings)
    return not plain or name in frame.changed()


def is_filled(frame: Frame, iterable: f.Expr) -> bool:
    """Is there certainly something to iterate over: a display with items, ``range(3)``, ``count()``?"""
    if isinstance(iterable, f.Display):
        return any(not isinstance(item, f.Starred) for item in iterable.items)
    if not isinstance(iterable, f.Call):
        return False
    name = frame.external(iterable.func)
    if name in ("builtins.enumerate", "builtins.reversed") and iterable.args:
        return is_filled(frame, iterable.args[0].value)
    if name == "builtins.range" and len(iterable.args) == 1:
        known = constant(iterable.args[0].value)
        return known is not None and known.truth is True
    return name == "itertools.count"


def iterates_safely(frame: Frame, iterable: f.Expr) -> bool:
    """Does going over it never raise: a container, by its text, its annotation or all that is bound to its name?"""
    return _is_container(frame, frame.scope, iterable, {id(iterable)})


def _is_container(frame: Frame, scope: Scope, expr: f.Expr, seen: set[int]) -> bool:
    if isinstance(expr, f.Display | f.DictDisplay) or constant(expr) is not None:
        return True
    if isinstance(expr, f.Comprehension):
        return expr.kind != "generator"
    if isinstance(expr, f.Boolean | f.Conditional):
        parts = expr.values if isinstance(expr, f.Boolean) else (expr.then, expr.orelse)
        return all(_is_container(frame, scope, part, seen) for part in parts)
    if isinstance(expr, f.Call):
        return _gives_container(frame, scope, expr, seen)
    name = frame.resolver.external(scope, expr)
    if name is not None and name.removesuffix("()") in known_values().containers:
        return name.endswith("()")
    found = frame.resolver.bindings(scope, expr) if isinstance(expr, f.Name | f.Attribute) else None
    if found is None or not found[1]:
        return False
    return all(_holds_container(frame, found[0], binding, seen) for binding in found[1])


def _gives_container(frame: Frame, scope: Scope, call: f.Call, seen: set[int]) -> bool:
    func, name = call.func, frame.resolver.external(scope, call.func)
    if isinstance(func, f.Attribute) and isinstance(frame.resolver.resolve(scope, func), FunctionRef):
        return False
    match call:
        case f.Call(func=f.Attribute(attr="split" | "splitlines")):
            return True
        case f.Call(func=f.Attribute(attr="items" | "keys" | "values"), args=()):
            return True
        case _ if name in _LAZY:
            return all(_is_container(frame, scope, argument.value, seen) for argument in call.args)
        case _:
            return name is not None and (name in _MADE or name in known_values().containers)


def _holds_container(frame: Frame, scope: Scope, binding: Binding, seen: set[int]) -> bool:
    match binding:
        case Given(parameter=f.Parameter(kind="star" | "double_star")):
            return True
        case Assigned(value=value, path=()) if id(value) not in seen:
            seen.add(id(value))
            return _is_container(frame, scope, value, seen)
        case _:
            return False


def reset_in_loop(frame: Frame, node: f.For) -> f.Call | None:
    """The call that hands an element of the loop to a ``reset`` method, or to a library's like of it: the loop then
    resets a whole container.
    """
    targets = {part.id for part in walk(node.target) if isinstance(part, f.Name)}
    for statement in node.body:
        for part in walk(statement, into_scopes=False):
            if isinstance(part, f.Call) and _resets_one_of(frame, part, targets):
                return part
    return None


def _resets_one_of(frame: Frame, call: f.Call, names: set[str]) -> bool:
    known = token_calls().get(frame.external(call.func) or "")
    undoes = known is not None and known.role == "reset"
    if not undoes and not (isinstance(call.func, f.Attribute) and call.func.attr == "reset"):
        return any(
            isinstance(a.value, f.Attribute)
            and a.value.attr == "reset"
            and _mentions(call.args[i + 1], names)
            for i, a in enumerate(call.args[:-1])
        )
    return any(_mentions(argument, names) for argument in call.args)


def _mentions(argument: f.Argument, names: set[str]) -> bool:
    return any(isinstance(part, f.Name) and part.id in names for part in walk(argument.value))


def written_out(iterable: f.Expr) -> tuple[Place, ...]:
    """The places that a loop goes through, where its text lists them: ``for token in (second, first)``, or pairs."""
    match iterable:
        case f.Call(func=f.Name(id="reversed"), args=(argument,)):
            return written_out(argument.value)
        case f.Display(items=items):
            return tuple(place for item in items for place in written_out(item))
        case _:
            place = place_of(iterable)
            return (place,) if place is not None else ()


def container(iterable: f.Expr) -> Place | None:
    """The place whose elements a loop goes through, in whatever order."""
    match iterable:
        case f.Call(func=f.Attribute(value=inner, attr="items" | "values" | "copy"), args=()):
            return place_of(inner)
        case f.Call(
            func=f.Name(id="reversed" | "list" | "tuple" | "sorted" | "enumerate"), args=(argument, *_)
        ):
            return container(argument.value)
        case f.Call(func=f.Name(id="zip"), args=arguments) if arguments:
            return container(arguments[-1].value)
        case f.Subscript(value=value, index=f.Operation(op=":")):
            return container(value)
        case _:
            return place_of(iterable)
