"""Operators: how each is spelled, and the facts of the expressions made with them.

Chains of one operator (``a + b + …``, ``a and b and …``), which libcst nests, are read by loops, so that
their length costs no stack. Operands are read by the function that is handed in.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import libcst as cst

from ctxlint.frontend.positions import Source
from ctxlint.model import facts as f

Lower: TypeAlias = Callable[[cst.BaseExpression, Source], f.Expr]

_SPELLINGS: dict[type[cst.CSTNode], str] = {
    cst.Add: "+",
    cst.BitAnd: "&",
    cst.BitInvert: "~",
    cst.BitOr: "|",
    cst.BitXor: "^",
    cst.Divide: "/",
    cst.Equal: "==",
    cst.FloorDivide: "//",
    cst.GreaterThan: ">",
    cst.GreaterThanEqual: ">=",
    cst.In: "in",
    cst.Is: "is",
    cst.IsNot: "is not",
    cst.LeftShift: "<<",
    cst.LessThan: "<",
    cst.LessThanEqual: "<=",
    cst.MatrixMultiply: "@",
    cst.Minus: "-",
    cst.Modulo: "%",
    cst.Multiply: "*",
    cst.NotEqual: "!=",
    cst.NotIn: "not in",
    cst.Plus: "+",
    cst.Power: "**",
    cst.RightShift: ">>",
    cst.Subtract: "-",
    cst.AddAssign: "+",
    cst.BitAndAssign: "&",
    cst.BitOrAssign: "|",
    cst.BitXorAssign: "^",
    cst.DivideAssign: "/",
    cst.FloorDivideAssign: "//",
    cst.LeftShiftAssign: "<<",
    cst.MatrixMultiplyAssign: "@",
    cst.ModuloAssign: "%",
    cst.MultiplyAssign: "*",
    cst.PowerAssign: "**",
    cst.RightShiftAssign: ">>",
    cst.SubtractAssign: "-",
}


def spelling(operator: cst.CSTNode) -> str:
    """Return the operator as written; that of an augmented assignment without its equals sign."""
    return _SPELLINGS[type(operator)]


def boolean(node: cst.BooleanOperation, source: Source, lower: Lower) -> f.Expr:
    """Read ``and`` and ``or``: terms under the same operator are one row, however they nest."""
    values: list[f.Expr] = []
    operator = type(node.operator)
    pending: list[cst.BaseExpression] = [node]
    while pending:
        current = pending.pop()
        if isinstance(current, cst.BooleanOperation) and type(current.operator) is operator:
            pending += (current.right, current.left)
        else:
            values.append(lower(current, source))
    return f.Boolean(source.span(node), "and" if operator is cst.And else "or", tuple(values))


def comparison(node: cst.Comparison, source: Source, lower: Lower) -> f.Expr:
    """Read a comparison and its operators."""
    targets = node.comparisons
    return f.Compare(
        source.span(node),
        lower(node.left, source),
        tuple(spelling(target.operator) for target in targets),
        tuple(lower(target.comparator, source) for target in targets),
    )


def unary(node: cst.UnaryOperation, source: Source, lower: Lower) -> f.Expr:
    """Read ``not``, ``-``, ``+``, ``~``."""
    span = source.span(node)
    value = lower(node.expression, source)
    if isinstance(node.operator, cst.Not):
        return f.Not(span, value)
    return f.Operation(span, spelling(node.operator), (value,))


def binary(node: cst.BinaryOperation, source: Source, lower: Lower) -> f.Expr:
    """Read arithmetic: what the same operator nests to the left is one row."""
    operator = type(node.operator)
    rights: list[cst.BaseExpression] = []
    left: cst.BaseExpression = node
    while isinstance(left, cst.BinaryOperation) and type(left.operator) is operator:
        rights.append(left.right)
        left = left.left
    operands = (lower(operand, source) for operand in (left, *reversed(rights)))
    return f.Operation(source.span(node), spelling(node.operator), tuple(operands))
