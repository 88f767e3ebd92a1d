"""How deep a text may nest to be read.

libcst's parser overflows the stack on thousands of brackets, and its checks of what it has read take time
with the square of the depth of an expression (3,000 terms of a sum: seconds). So what is too deep is told
before libcst sees it: brackets and prefix operators lexically, everything else by the standard library's
``ast``, which refuses, with an exception, trees deeper than a multiple of the recursion limit.
"""

from __future__ import annotations

import ast
import warnings

from ctxlint.frontend import text as lexical
from ctxlint.frontend.room import recursion_limit
from ctxlint.model.facts import Limit

#: Deeper expressions are given up. Statements do not count: thousands of ``elif`` are read at once.
EXPRESSION_DEPTH = 1_000
_RECURSION = 1_000
_RECURSION_AGAIN = 20_000


def operator_limit(text: str) -> Limit | None:
    """Why ``text`` must not reach a parser, if so."""
    place = lexical.operator_chain(text)
    if place is not None:
        return Limit(f"more than {lexical.CHAIN_LIMIT} prefix operators in a row: file not read", place)
    return None


def bracket_limit(text: str) -> Limit | None:
    """Why ``text``, which ``ast`` refused, must not reach libcst, if so. What ``ast`` reads is within the bound, which
    is CPython's own.
    """
    place = lexical.bracket_depth_exceeded(text)
    if place is not None:
        return Limit(f"brackets nested more than {lexical.BRACKET_LIMIT} deep: file not read", place)
    return None


def parse(text: str) -> ast.Module:
    """Return the syntax tree, without the warnings that compiling gives.

    Raises what ``ast.parse`` raises: ``SyntaxError`` and ``ValueError`` for what is not Python of this
    version, ``RecursionError`` and ``MemoryError`` for what is too deep.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return _parse(text, _RECURSION)
        except RecursionError:
            # One deep statement need not hide the others: the units are found, and only it is given up.
            return _parse(text, _RECURSION_AGAIN)


def too_deep(code: str, statements: tuple[ast.stmt, ...]) -> bool:
    """Whether an expression in the statements of ``code`` nests deeper than libcst can bear."""
    if len(code) < 2 * EXPRESSION_DEPTH:  # a level takes two characters, but for prefix operators
        return False
    pending: list[tuple[ast.AST, int]] = [(statement, 0) for statement in statements]
    while pending:
        node, depth = pending.pop()
        if depth > EXPRESSION_DEPTH:
            return True
        pending += (
            (child, depth + 1 if isinstance(child, ast.expr) else 0) for child in ast.iter_child_nodes(node)
        )
    return False


def _parse(text: str, limit: int) -> ast.Module:
    with recursion_limit(limit):
        return ast.parse(text)
