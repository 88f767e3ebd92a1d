"""What has certainly run before a place of a function's text."""

from __future__ import annotations

from collections.abc import Iterator

from ctxlint.model import facts as f
from ctxlint.model.walk import walk


def before(block: tuple[f.Stmt, ...], at: f.Node) -> Iterator[f.Node]:
    """What has certainly run, in a block and those inside it, when ``at`` is reached."""
    index = next((index for index, statement in enumerate(block) if _holds(statement, at)), None)
    if index is None:
        return
    yield from block[:index]
    statement = block[index]
    inner = next((each for each in _blocks(statement) if any(_holds(part, at) for part in each)), None)
    if inner is None:
        return
    match statement:
        case f.With(items=items):
            yield from (item.context for item in items)
        case f.If(test=test) | f.While(test=test):
            yield test
        case f.Try(body=body, orelse=orelse) if inner is orelse:
            yield from body
        case _:
            pass
    yield from before(inner, at)


def _holds(node: f.Node, at: f.Node) -> bool:
    return any(part is at for part in walk(node, into_scopes=False))


def _blocks(statement: f.Stmt) -> Iterator[tuple[f.Stmt, ...]]:
    match statement:
        case (
            f.If(body=body, orelse=orelse)
            | f.While(body=body, orelse=orelse)
            | f.For(body=body, orelse=orelse)
        ):
            yield from (body, orelse)
        case f.With(body=body):
            yield body
        case f.Try(body=body, handlers=handlers, orelse=orelse, final=final):
            yield from (body, orelse, final, *(handler.body for handler in handlers))
        case f.Match(cases=cases):
            yield from (case.body for case in cases)
        case _:
            pass
