"""Containers of tokens that outlive a call: each call of a function resets all that is in them, and nothing takes the
tokens out, so the next call uses them again.

``certain``: the function fills the container itself, or the program calls it again and again on one object: in a loop
around which the object was made, or twice in a row. Of others only the users of the program know whether they do.

Left out: containers that anything else may change (they are bound anew, emptied, or handed to somebody); functions that
by their name end something, since they may be called once an object; a reset below any handler.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ctxlint.analysis import scopes as sc
from ctxlint.analysis.frame_kinds import is_test_file
from ctxlint.analysis.program import Program
from ctxlint.analysis.relevance import events
from ctxlint.analysis.scopes import Scope
from ctxlint.knowledge.loader import frames as known_frames
from ctxlint.model import facts as f
from ctxlint.model import ir
from ctxlint.model.ids import Place
from ctxlint.model.spans import Span
from ctxlint.model.walk import dotted, walk

_ENDS = frozenset(
    {"after", "cleanup", "close", "detach", "dispose", "exit", "finalize", "finally", "reset", "restore"}
)
_READS = frozenset(
    {"all", "any", "bool", "enumerate", "iter", "len", "list", "reversed", "sorted", "tuple", "zip"}
)
_ADDS = frozenset({"add", "append", "appendleft", "copy", "extend", "insert", "items", "keys", "values"})


@dataclass(frozen=True, slots=True)
class Replay:
    """The loop at ``at`` in ``scope`` that resets what ``filler`` puts, at ``filled``, into ``container``. ``certain``:
    it is known to run again on the same object.
    """

    scope: Scope
    at: Span
    container: str
    filler: Scope
    filled: Span
    certain: bool


def replays(program: Program) -> Iterator[Replay]:
    """Every loop over an attribute of ``self`` that uses tokens again when its function is called again."""
    for scope in program.relevant:
        own = sc.self_name(scope) if scope.kind == "function" else None
        for event in events(program.body(scope)):
            if not isinstance(event, ir.ResetEach):
                continue
            place = event.container
            if own is None or place.root != own or len(place.path) != 1:
                continue
            filler = _filler(program, scope, place.path[0])
            if filler is None or _is_below_handler(scope, event.span):
                continue
            certain = scope is filler[0] or _is_called_again(program, scope)
            if (certain or _may_run_again(program, scope)) and _is_kept(program, scope, place.path[0]):
                yield Replay(scope, event.span, f"{own}.{place.path[0]}", *filler, certain)


def _filler(program: Program, scope: Scope, name: str) -> tuple[Scope, Span] | None:
    """The method that puts the token of a set of its own into the attribute, and where that is set."""
    owner = scope.owner
    if owner is None:
        return None
    for method in owner.children:
        own = sc.self_name(method) if method.kind == "function" else None
        if own is None or method.function.name == "__init__":
            continue
        found = tuple(events(program.body(method)))
        made = {event.into: event.span for event in found if isinstance(event, ir.Set)}
        for event in found:
            match event:
                case ir.Bind(place=place, value=Place() as value) if value in made:
                    made[place] = made[value]
                case ir.Collect(container=container, value=Place() as value) if value in made:
                    if container == Place(own, (name,)):
                        return method, made[value]
                    made[container] = made[value]  # a pair of variable and token, say
                case _:
                    pass
    return None


def _is_called_again(program: Program, scope: Scope) -> bool:
    """Does some function of the program call it on one object in a loop that does not make it, or twice in a row?"""
    found: set[tuple[Scope, str]] = set()
    for use in program.uses.of(scope):
        call = use.node
        name = dotted(call.func) if use.kind == "call" and isinstance(call, f.Call) else None
        if name is None or "." not in name or is_test_file(program, use.scope.path):
            continue
        in_a_row = _is_reached_by_every_call(use.scope, call)
        if _is_in_loop(use.scope, call, name) or (in_a_row and (use.scope, name) in found):
            return True
        if in_a_row:
            found.add((use.scope, name))
    return False


def _is_in_loop(scope: Scope, call: f.Node, name: str) -> bool:
    """Does the call stand in a loop that binds no part of the name that it is called by?"""
    root = name.partition(".")[0]
    return any(
        any(part is call for part in walk(loop, into_scopes=False)) and root not in _stored(loop)
        for statement in scope.body
        for loop in walk(statement, into_scopes=False)
        if isinstance(loop, f.For | f.While)
    )


def _stored(loop: f.Node) -> set[str]:
    """The names that a loop binds anew, itself or by attributes and items below them."""
    targets: list[f.Node] = []
    for node in walk(loop, into_scopes=False):
        match node:
            case f.For(target=target):
                targets.append(target)
            case f.Assign(targets=found):
                targets += found
            case f.WithItem(target=target) if target is not None:
                targets.append(target)
            case _:
                pass
    return {part.id for target in targets for part in walk(target) if isinstance(part, f.Name)}


def _is_reached_by_every_call(scope: Scope, call: f.Node) -> bool:
    """Does the call stand among the statements of the function itself, below no condition?"""
    return any(
        isinstance(statement, f.Evaluate | f.Assign | f.Return)
        and any(part is call for part in walk(statement, into_scopes=False))
        for statement in scope.body
    )


def _may_run_again(program: Program, scope: Scope) -> bool:
    """Is the function one that may be called any number of times on its object: it does something besides, and its
    name ends nothing?
    """
    closing = {word for _, word in known_frames().partners} | _ENDS
    words = {word.lower() for word in re.findall(r"[A-Z]?[a-z]+", scope.function.name)}
    return program.effects(scope).works and not words & closing and not scope.function.name.startswith("__")


def _is_kept(program: Program, scope: Scope, name: str) -> bool:
    """Is the container made once, in the constructor or the class, and does the file only add to it and read it?"""
    owner = scope.owner
    if owner is None:
        return False
    for ancestor in program.resolver.ancestors(owner):
        if any(method.function.name != "__init__" for _, method in ancestor.attributes.get(name, ())):
            return False
    return not any(
        _changes(statement, name)
        for each in owner.module.descendants()
        if each.kind == "function" and name in each.spelled
        if each.owner is None
        or each.owner is owner
        or name not in each.owner.attributes  # else it is that class's
        for statement in each.body
    )


def _changes(statement: f.Stmt, name: str) -> bool:
    return any(_is_change(node, name) for node in walk(statement, into_scopes=False))


def _is_change(node: f.Node, name: str) -> bool:
    """May this take something out of the container, or give it to somebody who may?"""
    match node:
        case f.Call(func=f.Attribute(value=value, attr=method)) if _names(value, name):
            return method not in _ADDS
        case f.Call(func=func, args=args) if any(_names(argument.value, name) for argument in args):
            return not (isinstance(func, f.Name) and func.id in _READS)
        case f.Assign(targets=targets, value=value):  # another name for it may empty it
            return _names(value, name) or _stores(targets, name)
        case f.Delete(targets=targets):
            return _stores(targets, name)
        case f.Return(value=value) | f.Yield(value=value):
            return value is not None and _names(value, name)
        case f.With(items=items):
            return any(_names(item.context, name) for item in items)
        case _:
            return False


def _stores(targets: tuple[f.Expr, ...], name: str) -> bool:
    return any(isinstance(target, f.Subscript) and _names(target.value, name) for target in targets)


def _names(expr: f.Expr, name: str) -> bool:
    return isinstance(expr, f.Attribute) and expr.attr == name


def _is_below_handler(scope: Scope, span: Span) -> bool:
    """Who has any handler, or a block of any manager, around the reset may expect it to fail."""
    return any(
        part.span == span
        for statement in scope.body
        for node in walk(statement, into_scopes=False)
        if isinstance(node, f.With) or (isinstance(node, f.Try) and node.handlers)
        for inner in node.body
        for part in walk(inner, into_scopes=False)
    )
