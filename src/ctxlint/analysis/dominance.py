"""What has certainly run before a place of a function's text."""

from __future__ import annotations

from collections.abc import Iterator

from ctxlint.model import facts as f
from ctxlint.model.walk import blocks, walk


def before(block: tuple[f.Stmt, ...], at: f.Node) -> Iterator[f.Node]:
    """What has certainly run, in a block and those inside it, when ``at`` is reached."""
    index = next((index for index, statement in enumerate(block) if _holds(statement, at)), None)
    if index is None:
        return
    yield from block[:index]
    statement = block[index]
    inner = next((each for each in blocks(statement) if any(_holds(part, at) for part in each)), None)
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
