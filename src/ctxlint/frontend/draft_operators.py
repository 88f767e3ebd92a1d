"""Operators of a draft: ``operators`` for the nodes of ``ast``.

Chains that ``ast`` nests (``a + b + …``, ``a and (b and …)``) are read by loops, so that their length costs no
stack. Operands are read by the function that is handed in.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ctxlint.model import facts as f

if TYPE_CHECKING:
    from ctxlint.frontend.draft_places import Lower, Sheet

SPELLINGS: dict[type[ast.AST], str] = {
    ast.Add: "+",
    ast.And: "and",
    ast.BitAnd: "&",
    ast.BitOr: "|",
    ast.BitXor: "^",
    ast.Div: "/",
    ast.Eq: "==",
    ast.FloorDiv: "//",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.In: "in",
    ast.Invert: "~",
    ast.Is: "is",
    ast.IsNot: "is not",
    ast.LShift: "<<",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.MatMult: "@",
    ast.Mod: "%",
    ast.Mult: "*",
    ast.NotEq: "!=",
    ast.NotIn: "not in",
    ast.Or: "or",
    ast.Pow: "**",
    ast.RShift: ">>",
    ast.Sub: "-",
    ast.UAdd: "+",
    ast.USub: "-",
}
"""Operators as written; that of an augmented assignment without its equals sign."""


def boolean(node: ast.BoolOp, at: Sheet, lower: Lower) -> f.Expr:
    """Read ``and`` and ``or``: terms under the same operator are one row, however they nest."""
    operator = type(node.op)
    values: list[f.Expr] = []
    pending: list[ast.expr] = node.values[::-1]
    while pending:
        current = pending.pop()
        if isinstance(current, ast.BoolOp) and type(current.op) is operator:
            pending += current.values[::-1]
        else:
            values.append(lower(current, at))
    return f.Boolean(at.span(node), "and" if operator is ast.And else "or", tuple(values))


def unary(node: ast.UnaryOp, at: Sheet, lower: Lower) -> f.Expr:
    """Read ``not``, ``-``, ``+``, ``~``."""
    operator = type(node.op)
    value = lower(node.operand, at)
    if operator is ast.Not:
        return f.Not(at.span(node), value)
    return f.Operation(at.span(node), SPELLINGS[operator], (value,))


def binary(node: ast.BinOp, at: Sheet, lower: Lower) -> f.Expr:
    """Read arithmetic: what the same operator nests to the left is one row."""
    operator = type(node.op)
    operands: list[ast.expr] = []
    left: ast.expr = node
    while isinstance(left, ast.BinOp) and type(left.op) is operator:
        operands.append(left.right)
        left = left.left
    operands.append(left)
    operands.reverse()
    return f.Operation(
        at.span(node), SPELLINGS[operator], tuple([lower(operand, at) for operand in operands])
    )


def comparison(node: ast.Compare, at: Sheet, lower: Lower) -> f.Expr:
    """Read a comparison and its operators."""
    return f.Compare(
        at.span(node),
        lower(node.left, at),
        tuple([SPELLINGS[type(operator)] for operator in node.ops]),
        tuple([lower(right, at) for right in node.comparators]),
    )
