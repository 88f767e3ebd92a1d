"""Patterns of ``case``: what they bind, and whether they can fail.

The shape of a pattern is left out: no rule asks what a value looks like.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from ctxlint.frontend.expressions import expression, identifier
from ctxlint.model import facts as f

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ctxlint.frontend.positions import Source


def pattern(node: cst.MatchPattern, source: Source) -> f.Pattern:
    """Return the facts of one pattern."""
    literal = None
    if isinstance(node, (cst.MatchValue, cst.MatchSingleton)):
        literal = expression(node.value, source)
    return f.Pattern(source.span(node), tuple(_binds(node)), _irrefutable(node), literal)


def _binds(node: cst.MatchPattern | cst.MatchStar) -> Iterator[str]:
    """Yield the names that a match binds, in the order of the text."""
    for inner in _inside(node):
        yield from _binds(inner)
    name: cst.Name | None = None
    if isinstance(node, (cst.MatchAs, cst.MatchStar)):
        name = node.name
    elif isinstance(node, cst.MatchMapping):
        name = node.rest
    if name is not None:
        yield identifier(name.value)


def _inside(node: cst.MatchPattern | cst.MatchStar) -> Sequence[cst.MatchPattern | cst.MatchStar]:
    """Return the patterns of which ``node`` is made."""
    match node:
        case cst.MatchAs(pattern=cst.MatchPattern() as inner):
            return (inner,)
        case cst.MatchSequence():
            return [part if isinstance(part, cst.MatchStar) else part.value for part in node.patterns]
        case cst.MatchMapping():
            return [element.pattern for element in node.elements]
        case cst.MatchClass():
            return [*(part.value for part in node.patterns), *(part.pattern for part in node.kwds)]
        case cst.MatchOr():
            return [alternative.pattern for alternative in node.patterns]
        case _:
            return ()


def _irrefutable(node: cst.MatchPattern) -> bool:
    """Whether the pattern matches every value: a name, a wildcard, or an alternative that is one."""
    if isinstance(node, cst.MatchAs):
        return node.pattern is None or _irrefutable(node.pattern)
    if isinstance(node, cst.MatchOr):
        return any(_irrefutable(alternative.pattern) for alternative in node.patterns)
    return False
