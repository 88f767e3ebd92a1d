"""Values that a generator sets for each item that it hands on: its consumer is meant to work under them.

``async for message in stream: token = attach(context_of(message)); try: yield message; finally: detach(token)`` is how
a proxy of a stream gives each message its context. That the consumer sees the value is its purpose, so a ``yield`` of
what the loop brings, inside the loop that sets, is a design with a risk, not an oversight.
"""

from __future__ import annotations

from ctxlint.analysis.scopes import Scope
from ctxlint.model import facts as f
from ctxlint.model.spans import Span
from ctxlint.model.walk import holds, walk


def is_set_for_item(scope: Scope, made: Span, pause: Span) -> bool:
    """Does the ``yield`` at ``pause`` hand on what the loop brings in whose body ``made`` sets?"""
    return any(
        isinstance(node, f.For) and holds(node.body, made) and _hands_on(node, pause)
        for statement in scope.body
        for node in walk(statement, into_scopes=False)
    )


def _hands_on(loop: f.For, pause: Span) -> bool:
    brought = {node.id for node in walk(loop.target) if isinstance(node, f.Name)}
    return any(
        isinstance(node, f.Yield) and node.span == pause and _root(node.value) in brought
        for part in loop.body
        for node in walk(part, into_scopes=False)
    )


def _root(expr: f.Expr | None) -> str | None:
    while isinstance(expr, f.Attribute | f.Subscript):
        expr = expr.value
    return expr.id if isinstance(expr, f.Name) else None
