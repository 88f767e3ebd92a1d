"""Arguments and parameters of a draft.

``ast`` keeps positional and keyword arguments apart and leaves out the parentheses around them; both are put
back. Expressions are read by the function that is handed in.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from ctxlint.frontend.draft_places import Lower, Sheet, around, skip, word_end
from ctxlint.model import facts as f
from ctxlint.model.spans import Span

if TYPE_CHECKING:
    from collections.abc import Sequence


def arguments(
    args: Sequence[ast.expr],
    keywords: Sequence[ast.keyword],
    before: int,
    limit: int,
    at: Sheet,
    lower: Lower,
) -> tuple[f.Argument, ...]:
    """Return the arguments of a call, or the bases of a class, in the order of the text.

    What they are given to ends at ``before``, a bracket closes after them at ``limit``.
    """
    nodes: list[ast.expr | ast.keyword] = [*args, *keywords]
    if args and keywords and _place(args[-1]) > _place(keywords[0]):
        nodes.sort(key=_place)
    text = at.text
    found: list[f.Argument] = []
    for node in nodes:
        if isinstance(node, ast.keyword):
            argument = f.Argument(
                at.span(node), lower(node.value, at), node.arg, "**" if node.arg is None else ""
            )
        elif isinstance(node, ast.Starred):
            argument = f.Argument(at.span(node), lower(node.value, at), None, "*")
        else:
            value = lower(node, at)
            span = value.span
            if span.end != limit and text[span.end] != ",":
                span = around(text, _after_separator(text, found, before), span)
            argument = f.Argument(span, value, None, "")
        found.append(argument)
    return tuple(found)


def parameters(node: ast.arguments, at: Sheet, lower: Lower) -> tuple[f.Parameter, ...]:
    """All parameters, in the order of the text."""
    found: list[f.Parameter] = []
    positional, plain = node.posonlyargs, node.args
    if positional or plain:
        missing = len(positional) + len(plain) - len(node.defaults)
        defaults = [*([None] * missing), *node.defaults]
        count = len(positional)
        for index, parameter in enumerate((*positional, *plain)):
            kind = "positional" if index < count else "plain"
            found.append(_parameter(parameter, kind, defaults[index], at, lower))
    if node.vararg is not None:
        found.append(_parameter(node.vararg, "star", None, at, lower))
    for keyword, default in zip(node.kwonlyargs, node.kw_defaults, strict=True):
        found.append(_parameter(keyword, "keyword", default, at, lower))
    if node.kwarg is not None:
        found.append(_parameter(node.kwarg, "double_star", None, at, lower))
    return tuple(found)


def _parameter(node: ast.arg, kind: Any, default: ast.expr | None, at: Sheet, lower: Lower) -> f.Parameter:  # noqa: ANN401 - a literal of facts
    span = at.span(node)
    value = None if default is None else lower(default, at)
    if node.annotation is None:
        return f.Parameter(span, node.arg, kind, value, None)
    span = Span(span.start, word_end(at.text, span.start))
    return f.Parameter(span, node.arg, kind, value, lower(node.annotation, at))


def _place(node: ast.expr | ast.keyword) -> tuple[int, int]:
    return node.lineno, node.col_offset


def _after_separator(text: str, found: Sequence[f.Argument], before: int) -> int:
    """Return the place after the bracket or comma before the argument that follows those ``found``."""
    if found:
        return skip(text, found[-1].span.end) + 1
    at = skip(text, before)
    while text[at] in "),]":
        at = skip(text, at + 1)
    return at + 1
