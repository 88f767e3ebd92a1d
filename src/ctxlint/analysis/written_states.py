"""What a walk knows: the writes in force. And what it asks of a write and of a call.

Is the value that is written one of the task at hand, or is it meant for the whole thread? May the call wait?
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from ctxlint.analysis.program import Program
from ctxlint.analysis.resolve import Resolver
from ctxlint.analysis.scopes import Assigned, Scope
from ctxlint.analysis.symbols import FunctionRef
from ctxlint.analysis.thread_locals import Access, State, ThreadLocals
from ctxlint.model import facts as f
from ctxlint.model.walk import walk

Calls: TypeAlias = "tuple[tuple[Scope, f.Node], ...]"

_OF_THE_THREAD = frozenset({
    "asyncio.get_event_loop()", "asyncio.get_running_loop()", "asyncio.new_event_loop()", "builtins.object()",
    "os.getpid()", "threading.current_thread()", "threading.get_ident()", "threading.get_native_id()",
})  # fmt: skip
_NOTHING = frozenset({"False", "0", "0.0", ""})


@dataclass(frozen=True, slots=True)
class Written:
    """A write, and the calls that lead to it."""

    scope: Scope
    access: Access
    calls: Calls
    locked: bool = False
    wait: tuple[Scope, f.Node] | None = None


@dataclass(frozen=True, slots=True)
class Crossed:
    """A wait at ``node`` in ``scope``, and the read behind it with the calls that lead to it."""

    scope: Scope
    node: f.Node
    reader: Scope
    read: Access
    calls: Calls


Known: TypeAlias = "dict[State, frozenset[Written]] | None"
"""The writes in force; None where no way leads."""


def join(*ways: Known) -> Known:
    """What is known where ways meet."""
    found: Known = None
    for way in ways:
        if way is not None:
            found = way if found is None else _both(found, way)
    return found


def _both(
    one: dict[State, frozenset[Written]], other: dict[State, frozenset[Written]]
) -> dict[State, frozenset[Written]]:
    return {
        state: one.get(state, frozenset()) | other.get(state, frozenset())
        for state in one.keys() | other.keys()
    }


def is_nothing(value: f.Expr) -> bool:
    """Does the value say that there is none: None, False, zero, or something empty?"""
    match value:
        case f.Literal(kind=kind, text=text):
            return kind == "none" or text in _NOTHING
        case f.Display(items=()) | f.DictDisplay(keys=()):
            return True
        case _:
            return False


def is_meant_for_the_thread(
    program: Program, states: ThreadLocals, scope: Scope, access: Access, value: f.Expr | None
) -> bool:
    """Is the state asked for before it is written, computed from itself, put back, or of the thread?"""
    if value is not None:
        if program.resolver.external(scope, value) in _OF_THE_THREAD:
            return True
        if _names(states, scope, access.state, value):
            return True
    return any(_asks(states, scope, access, statement) for statement in scope.body)


def _read_by(states: ThreadLocals, scope: Scope, expr: f.Node) -> Iterator[Access]:
    """The states that an expression reads, itself or through a name that was given one above."""
    for node in walk(expr, into_scopes=False):
        access = states.access(scope, node)
        if access is not None:
            yield access
        elif isinstance(node, f.Name) and scope.kind == "function" and node.id in scope.function.bound:
            for binding in scope.bindings.get(node.id, ()):
                if isinstance(binding, Assigned):
                    for part in walk(binding.value, into_scopes=False):
                        inner = states.access(scope, part)
                        if inner is not None:
                            yield inner


def _asks(states: ThreadLocals, scope: Scope, access: Access, statement: f.Stmt) -> bool:
    """Is the write made only where a statement finds nothing, by a condition or a failure?"""
    for node in walk(statement, into_scopes=False):
        match node:
            case f.If(test=test, body=body) | f.While(test=test, body=body):
                left = isinstance(body[-1], f.Return | f.Raise) and test.span.start < access.node.span.start
                asked = (test, *body) if left else (test,)  # `if key == local.key: return local.value`
                if (left or _holds(node, access.node)) and any(
                    _names(states, scope, access.state, part) for part in asked
                ):
                    return True
            case f.Try(body=body, handlers=handlers):
                if any(_holds(handler, access.node) for handler in handlers) and any(
                    _names(states, scope, access.state, part) for part in body
                ):
                    return True
            case _:
                pass
    return False


def _names(states: ThreadLocals, scope: Scope, state: State, node: f.Node) -> bool:
    return any(found.state == state for found in _read_by(states, scope, node))


def _holds(outer: f.Node, node: f.Node) -> bool:
    return any(part is node for part in walk(outer, into_scopes=False))


def may_wait(resolver: Resolver, scope: Scope, seen: frozenset[Scope] = frozenset()) -> bool:
    """May a coroutine of the program let another task run?"""
    if not scope.function.is_async or scope in seen:
        return False
    nodes = (node for statement in scope.body for node in walk(statement, into_scopes=False))
    return any(_waits(resolver, scope, node, seen | {scope}) for node in nodes)


def _waits(resolver: Resolver, scope: Scope, node: f.Node, seen: frozenset[Scope]) -> bool:
    match node:
        case f.Await(value=f.Call(func=func)):
            symbol = resolver.resolve(scope, func)
            return not isinstance(symbol, FunctionRef) or may_wait(resolver, symbol.scope, seen)
        case f.Await() | f.For(is_async=True) | f.With(is_async=True) | f.Clause(is_async=True):
            return True
        case _:
            return False
