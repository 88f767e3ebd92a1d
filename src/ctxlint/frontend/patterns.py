"""Patterns of ``case``: what they bind, and whether they can fail.

The shape of a pattern is left out: no rule asks what a value looks like.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from ctxlint.frontend.expressions import expression, identifier
from ctxlint.frontend.positions import Source
from ctxlint.model import facts as f


def pattern(node: cst.MatchPattern, source: Source) -> f.Pattern:
    """The facts of one pattern."""
    literal = None
    if isinstance(node, (cst.MatchValue, cst.MatchSingleton)):
        literal = expression(node.value, source)
    return f.Pattern(source.span(node), tuple(_binds(node)), _irrefutable(node), literal)


def _binds(node: cst.MatchPattern | cst.MatchStar) -> Iterator[str]:
    """The names that a match binds, in the order of the text."""
    for inner in _inside(node):
        yield from _binds(inner)
    name: cst.Name | None = None
    if isinstance(node, (cst.MatchAs, cst.MatchStar)):
        name = node.name
    elif isinstance(node, cst.MatchMapping):
        name = node.rest
    if name is not None:
        yield identifier(name.value)


def _inside(node: cst.MatchPattern | cst.MatchStar) -> Iterator[cst.MatchPattern | cst.MatchStar]:
    """The patterns of which ``node`` is made."""
    if isinstance(node, cst.MatchAs):
        if node.pattern is not None:
            yield node.pattern
    elif isinstance(node, cst.MatchSequence):
        for part in node.patterns:
            yield part if isinstance(part, cst.MatchStar) else part.value
    elif isinstance(node, cst.MatchMapping):
        for element in node.elements:
            yield element.pattern
    elif isinstance(node, cst.MatchClass):
        for positional in node.patterns:
            yield positional.value
        for keyword in node.kwds:
            yield keyword.pattern
    elif isinstance(node, cst.MatchOr):
        for alternative in node.patterns:
            yield alternative.pattern


def _irrefutable(node: cst.MatchPattern) -> bool:
    """Whether the pattern matches every value: a name, a wildcard, or an alternative that is one."""
    if isinstance(node, cst.MatchAs):
        return node.pattern is None or _irrefutable(node.pattern)
    if isinstance(node, cst.MatchOr):
        return any(_irrefutable(alternative.pattern) for alternative in node.patterns)
    return False
