"""Strings as written to what they hold.

Decides what text a string literal has, adjacent literals joined, and which expressions f-strings and
t-strings evaluate. The value of bytes, and the literal text between the expressions, are left out.
"""

from __future__ import annotations

import ast
import re
import warnings
from typing import TYPE_CHECKING, TypeAlias

import libcst as cst

from ctxlint.model.facts import Interpolated, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ctxlint.frontend.operators import Lower
    from ctxlint.frontend.positions import Source

Part: TypeAlias = cst.SimpleString | cst.FormattedString | cst.TemplatedString

_LITERAL = re.compile(r"""([A-Za-z]*)(\"""|'''|"|')(.*)\2""", re.DOTALL)


def string(
    node: cst.SimpleString | cst.FormattedString | cst.TemplatedString | cst.ConcatenatedString,
    source: Source,
    lower: Lower,
) -> Literal | Interpolated:
    """One string, its adjacent parts joined; ``lower`` reads the expressions in it."""
    parts = tuple(_parts(node))
    span = source.span(node)
    expressions = tuple(lower(inner, source) for part in parts for inner in _expressions(part))
    if expressions or not all(isinstance(part, cst.SimpleString) for part in parts):
        return Interpolated(span, expressions)
    first = parts[0]
    if isinstance(first, cst.SimpleString) and "b" in first.prefix:
        return Literal(span, "bytes", source.text[span.start : span.end])
    return Literal(
        span, "str", "".join(_text(part.value) for part in parts if isinstance(part, cst.SimpleString))
    )


def is_constant(node: cst.BaseExpression) -> bool:
    """Whether ``node`` is a string that evaluates nothing: a docstring, or a comment written as a string."""
    if isinstance(node, cst.ConcatenatedString):
        return all(isinstance(part, cst.SimpleString) for part in _parts(node))
    return isinstance(node, cst.SimpleString)


def _parts(node: cst.BaseExpression) -> Iterator[Part]:
    """Yield the adjacent literals; libcst nests them to the right."""
    while isinstance(node, cst.ConcatenatedString):
        yield node.left
        node = node.right
    if isinstance(node, (cst.SimpleString, cst.FormattedString, cst.TemplatedString)):
        yield node


def _expressions(
    part: Part | cst.FormattedStringExpression | cst.TemplatedStringExpression,
) -> Iterator[cst.BaseExpression]:
    """Yield the expressions of a part in order of evaluation, those of format specifications too."""
    if isinstance(part, cst.SimpleString):
        return
    contents = (
        part.parts if isinstance(part, (cst.FormattedString, cst.TemplatedString)) else part.format_spec
    )
    for content in contents or ():
        if isinstance(content, (cst.FormattedStringExpression, cst.TemplatedStringExpression)):
            yield content.expression
            yield from _expressions(content)


def _text(literal: str) -> str:
    """Return the value of one string literal."""
    match = _LITERAL.fullmatch(literal)
    if match is None:
        return literal
    if "\\" not in literal or "r" in match[1].lower():
        return match[3].replace("\r\n", "\n").replace("\r", "\n") if "\r" in literal else match[3]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            value = ast.literal_eval(literal)
    except (SyntaxError, ValueError):
        return match[3]
    # Lone surrogates can be written as escapes but in no UTF-8 document.
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else match[3]
