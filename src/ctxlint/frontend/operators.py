"""How each operator is spelled. libcst has one class for each, and no public name for their tokens."""

from __future__ import annotations

import libcst as cst

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
    """The operator as written; that of an augmented assignment without its equals sign."""
    return _SPELLINGS[type(operator)]
