"""Patterns of a draft: ``patterns`` for the nodes of ``ast``."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ctxlint.frontend.draft_expressions import expression
from ctxlint.frontend.draft_places import Sheet, around, closed, skip, unclosed
from ctxlint.model import facts as f
from ctxlint.model.spans import Span

if TYPE_CHECKING:
    from collections.abc import Iterator


def pattern(node: ast.pattern, before: int, at: Sheet) -> tuple[f.Pattern, int]:
    """Return the facts of a pattern after the keyword that ends at ``before``, and where it ends."""
    span = at.span(node)
    end = span.end
    literal = None
    if isinstance(node, ast.MatchValue):
        literal = expression(node.value, at)
    elif isinstance(node, ast.MatchSingleton):
        literal = f.Literal(span, "none" if node.value is None else "bool", repr(node.value))
    if literal is not None:
        span = around(at.text, before, span)
    elif isinstance(node, ast.MatchSequence):
        span = _sequence(node, span, at)
    binds = tuple(_binds(node))
    at.scope.bound.update(binds)
    return f.Pattern(span, binds, _irrefutable(node), literal), end


def _sequence(node: ast.MatchSequence, span: Span, at: Sheet) -> Span:
    """Return what a sequence spans: with its brackets, but, as in libcst, without its parentheses."""
    text = at.text
    if text[span.start] != "(":
        return span
    inside = skip(text, span.start + 1)
    if not node.patterns:
        return Span(inside, inside)
    if not unclosed(text, span.start, at.span(node.patterns[0])):
        return span
    end = closed(text, at.span(node.patterns[-1]).end, span.end - 1)
    comma = skip(text, end)
    return Span(inside, comma + 1 if text[comma] == "," else end)


def _binds(node: ast.pattern) -> Iterator[str]:
    """Yield the names that a match binds, in the order of the text."""
    for name in ("pattern", "patterns", "kwd_patterns"):
        held: ast.pattern | list[ast.pattern] | None = getattr(node, name, None)
        for inner in held if isinstance(held, list) else ([held] if held is not None else []):
            yield from _binds(inner)
    bound: str | None = getattr(node, "rest" if isinstance(node, ast.MatchMapping) else "name", None)
    if bound is not None:
        yield bound


def _irrefutable(node: ast.pattern) -> bool:
    """Whether the pattern matches every value: a name, a wildcard, or an alternative that is one."""
    if isinstance(node, ast.MatchAs):
        return node.pattern is None or _irrefutable(node.pattern)
    return isinstance(node, ast.MatchOr) and any(map(_irrefutable, node.patterns))
