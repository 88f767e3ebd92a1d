"""What the managers of a ``with`` do beside the variables that they set."""

from __future__ import annotations

from collections.abc import Iterator

from ctxlint.analysis.exceptions import caught_classes
from ctxlint.analysis.lowering.frame import Frame, constant
from ctxlint.analysis.scopes import self_name
from ctxlint.analysis.symbols import FunctionRef, InstanceRef
from ctxlint.knowledge.loader import calls as known_calls
from ctxlint.model import facts as f
from ctxlint.model import ir
from ctxlint.model.ids import VarId
from ctxlint.model.walk import last_name, walk


def is_quiet(frame: Frame, context: f.Expr) -> bool:
    """Does entering and leaving it never raise, and do no work?"""
    name = frame.external(context)
    return name is not None and known_calls().is_quiet(name.removesuffix("()"))


def manager_works(frame: Frame, context: f.Expr) -> bool:
    """Does entering it count as work?"""
    name = frame.external(context)
    return name is None or known_calls().is_work(name.removesuffix("()"))


def is_lock(frame: Frame, context: f.Expr) -> bool:
    """Is it one of asyncio's locks, whose release waits for nothing (CPython, ``asyncio/locks.py``)?"""
    return frame.external(context) in known_calls().quick_locks


def is_never_waited_for(frame: Frame, context: f.Expr) -> bool:
    """Is it a private lock on ``self``, with which no method of the class waits for anything? One task runs at a time,
    so it is always free when it is asked for, and then taking it suspends nothing. Not where a method does anything
    else with it than to make and to enter it.
    """
    owner = frame.scope.owner
    match context:
        case f.Attribute(value=f.Name(id=name), attr=attr) if attr.startswith("_") and owner is not None:
            if name != self_name(frame.scope):
                return False
        case _:
            return False
    nodes = [
        node
        for scope in owner.descendants()
        for statement in scope.body
        for node in walk(statement, into_scopes=False)
    ]
    held = [node for node in nodes if isinstance(node, f.With) and last_name(node.items[-1].context) == attr]
    made = [
        each
        for node in nodes
        if isinstance(node, f.Assign)
        for each in node.targets
        if last_name(each) == attr
    ]
    mentions = sum(isinstance(node, f.Attribute) and node.attr == attr for node in nodes)
    return mentions == len(held) + len(made) and not any(
        _waits(node) for block in held for node in _inside(block)
    )


def _inside(block: f.With) -> Iterator[f.Node]:
    for statement in block.body:
        yield from walk(statement)


def _waits(node: f.Node) -> bool:
    if isinstance(node, f.With | f.For):
        return node.is_async
    return isinstance(node, f.Await | f.Yield | f.YieldFrom)


def swallowed(frame: Frame, context: f.Expr) -> tuple[ir.Raised, ...] | None:
    """The exceptions that the end of the manager stops, by the knowledge base; None where that is not known."""
    if not isinstance(context, f.Call):
        return None
    name = frame.external(context.func)
    for known in known_calls().swallows:
        if known.callable == name:
            if known.classes != "arguments":
                return (ir.Raised(known.classes, (known.classes, "BaseException")),) if known.classes else ()
            found = [
                caught_classes(frame.resolver, frame.scope, a.value) for a in context.args if not a.keyword
            ]
            return tuple(kind for kinds, _ in found for kind in kinds) or None
    return None


def scoped_variables(frame: Frame, context: f.Expr) -> frozenset[VarId]:
    """The variables that a context manager of the program holds for its block."""
    symbol = frame.resolver.resolve(frame.scope, context)
    if isinstance(symbol, InstanceRef):
        enter = frame.resolver.method(symbol.scope, "__enter__", "__aenter__")
        leave = frame.resolver.method(symbol.scope, "__exit__", "__aexit__")
        if enter is None or leave is None:
            return frozenset()
        return frame.effects(enter).scoped & frame.effects(leave).restores
    func = frame.resolver.resolve(frame.scope, context.func) if isinstance(context, f.Call) else None
    if isinstance(func, FunctionRef) and func.scope.function.is_generator:
        return frame.effects(func.scope).scoped
    return frozenset()


def may_swallow(frame: Frame, context: f.Expr) -> bool:
    """Can a context manager of the program stop an exception: an ``__exit__`` that returns something that may be
    true, a generator that does not raise it again?
    """
    symbol = frame.resolver.resolve(frame.scope, context)
    if isinstance(symbol, InstanceRef):
        leave = frame.resolver.method(symbol.scope, "__exit__", "__aexit__")
        return leave is not None and any(not _is_falsy(value) for value in frame.resolver.returns(leave))
    func = frame.resolver.resolve(frame.scope, context.func) if isinstance(context, f.Call) else None
    return isinstance(func, FunctionRef) and any(_catches_at_yield(s) for s in func.scope.function.body)


def _is_falsy(value: f.Expr) -> bool:
    known = constant(value)
    return known is not None and known.truth is False


def _catches_at_yield(statement: f.Stmt) -> bool:
    """Does some ``try`` around a ``yield`` have a handler that does not end by raising?"""
    for node in walk(statement, into_scopes=False):
        if isinstance(node, f.Try) and any(
            isinstance(part, f.Yield) for inner in node.body for part in walk(inner, into_scopes=False)
        ):
            return any(
                not (handler.body and isinstance(handler.body[-1], f.Raise)) for handler in node.handlers
            )
    return False
