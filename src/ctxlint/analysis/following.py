"""What of a function's text runs after a place in it, once what stands there is done without an exception.

Forwards only: the next turn of a loop is left out, and so are the handlers of a ``try``, the other branch of a
condition, and what stands behind a ``return``, ``raise``, ``break`` or ``continue``.
"""

from __future__ import annotations

from collections.abc import Iterator

from ctxlint.model import facts as f
from ctxlint.model.walk import blocks, parts, walk

_LEAVING = (f.Return, f.Raise, f.Break, f.Continue)


def following(body: tuple[f.Stmt, ...], node: f.Node) -> tuple[f.Node, ...]:
    """The statements and parts of statements that run after ``node``, which stands somewhere in ``body``."""
    found: list[f.Node] = []
    _after(body, node, found)
    return tuple(found)


def block_of(body: tuple[f.Stmt, ...], node: f.Node) -> tuple[f.Stmt, ...]:
    """The innermost block of statements that holds ``node``: the one of the simple statement, or of the head."""
    for statement in body:
        if not _holds(statement, node):
            continue
        inner = (block for block in blocks(statement) if any(_holds(each, node) for each in block))
        return next((block_of(block, node) for block in inner), body)
    return body


def leaves(statement: f.Stmt) -> bool:
    """Does control never come out at the end of a statement?"""
    match statement:
        case f.Return() | f.Raise() | f.Break() | f.Continue():
            return True
        case f.If(body=body, orelse=orelse):
            return _ends(body) and _ends(orelse)
        case f.With(body=body):
            return _ends(body)
        case _:
            return False


def _after(body: tuple[f.Stmt, ...], node: f.Node, found: list[f.Node]) -> bool:
    """Gather what runs after ``node`` in a block. Does control come out at the end of it?"""
    for index, statement in enumerate(body):
        if not _holds(statement, node):
            continue
        if statement is not node and not _within(statement, node, found):
            return False
        for later in body[index + 1 :]:
            found.append(later)
            if leaves(later):
                return False
        return True
    return True


def _within(statement: f.Stmt, node: f.Node, found: list[f.Node]) -> bool:
    """The same for the rest of a statement."""
    match statement:
        case f.Try(body=body, handlers=handlers, orelse=orelse, final=final):
            return _in_try(body, handlers, orelse, final, node, found)
        case f.If() | f.For() | f.While() | f.With() | f.Match():
            for block in blocks(statement):
                if any(_holds(each, node) for each in block):
                    out = _after(block, node, found)
                    return out or isinstance(statement, f.For | f.While)  # a `break` leads behind the loop
            found += [part for part in _heads(statement) if part.span.start >= node.span.end]
            found += [each for block in blocks(statement) for each in block]
            return True
        case _:
            found += _rest(statement, node)
            return not isinstance(statement, _LEAVING)


def _in_try(
    body: tuple[f.Stmt, ...],
    handlers: tuple[f.Handler, ...],
    orelse: tuple[f.Stmt, ...],
    final: tuple[f.Stmt, ...],
    node: f.Node,
    found: list[f.Node],
) -> bool:
    out = True
    for block in (body, *(handler.body for handler in handlers), orelse, final):
        if any(_holds(each, node) for each in block):
            out = _after(block, node, found)
            if block is final:
                return out
            if block is body and out:
                found += orelse
                out = not _ends(orelse)
            break
    found += final
    return out and not _ends(final)


def _rest(statement: f.Stmt, node: f.Node) -> Iterator[f.Node]:
    """The parts of a simple statement that are evaluated after ``node``."""
    for part in walk(statement, into_scopes=False):
        if part.span.start >= node.span.end:
            yield part


def _heads(statement: f.Stmt) -> Iterator[f.Node]:
    inside = {id(each) for block in blocks(statement) for each in block}
    return (part for part in parts(statement) if id(part) not in inside and not isinstance(part, f.Case))


def _ends(body: tuple[f.Stmt, ...]) -> bool:
    return any(leaves(statement) for statement in body)


def _holds(statement: f.Node, node: f.Node) -> bool:
    """Does ``node`` stand in the statement? By identity: spans of heads do not cover bodies."""
    return any(part is node for part in walk(statement, into_scopes=False))
