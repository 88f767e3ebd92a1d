"""Heads of compound statements in a draft: where they end, and the items of a ``with``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ctxlint.frontend.draft_expressions import bind, expression
from ctxlint.frontend.draft_places import Sheet, around, closed, openings, skip, unclosed, word_end
from ctxlint.model import facts as f
from ctxlint.model.spans import Span

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator, Sequence


def head(node: ast.stmt | ast.excepthandler, last: f.Expr, at: Sheet) -> Span:
    """From the keyword of a compound statement to ``last`` and the parentheses around it."""
    return Span(at.span(node).start, closed(at.text, last.span.end, len(at.text)))


def end_of(node: ast.stmt, at: Sheet) -> int:
    """Return the end of a statement; ``ast`` counts a semicolon at the end of a block to it."""
    end = at.span(node).end
    if at.text[end - 1] != ";":
        return end
    current: Any = node
    while True:
        block = next((held for name in _BLOCKS if (held := getattr(current, name, None))), None)
        if block is None:
            return at.span(current).end
        current = block[-1]


_BLOCKS = ("finalbody", "orelse", "handlers", "cases", "body")
"""Where the last statement of a compound statement is looked for."""


def keyword_end(text: str, start: int, *, asynchronous: bool) -> int:
    """Return the end of ``def``, ``class`` or ``with``, and of ``async`` before it."""
    if asynchronous:
        start = skip(text, start + len("async"))
    return word_end(text, start)


def items_of(nodes: Sequence[ast.withitem], before: int, at: Sheet) -> Iterator[f.WithItem]:
    """Yield the items after the keyword that ends at ``before``."""
    text = at.text
    contexts = [expression(node.context_expr, at) for node in nodes]
    if _grouped(nodes, contexts[0], before, at):
        before = skip(text, before) + 1
    for node, context in zip(nodes, contexts, strict=True):
        span = around(text, before, context.span)
        target = None
        if node.optional_vars is not None:
            target = expression(node.optional_vars, at)
            bind(target, at)
            after_as = skip(text, span.end) + len("as")
            span = Span(span.start, around(text, after_as, target.span).end)
        yield f.WithItem(span, context, target)
        before = skip(text, span.end) + 1


def _grouped(nodes: Sequence[ast.withitem], first: f.Expr, before: int, at: Sheet) -> bool:
    """Whether the first parenthesis after ``with`` stands around all items, and not around an expression."""
    if len(nodes) == 1 and nodes[0].optional_vars is None:
        opened = openings(at.text, before, first.span.start)[0] > 0
        return opened and not isinstance(first, (f.Walrus, f.Yield, f.YieldFrom))
    return unclosed(at.text, before, first.span)
