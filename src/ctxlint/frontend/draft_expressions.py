"""Expressions of a draft: nodes of ``ast`` to the facts that ``expressions`` makes of libcst's.

Chains that ``ast`` nests (``a + b + …``, ``a and (b and …)``) are read by loops. What is bound goes to the
scope of the sheet as it is read, so that no function is walked twice.
"""

from __future__ import annotations

import ast
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

from ctxlint.frontend.draft_places import Scope, Sheet, around, closed, openings, skip, word_end
from ctxlint.frontend.draft_strings import fields
from ctxlint.model import facts as f
from ctxlint.model.spans import Span

_Reading: TypeAlias = Callable[[Any, Sheet], f.Expr]

#: Whether ``ast`` tells where the expressions of an f-string stand.
_PLACED_FIELDS = sys.version_info >= (3, 12)


class Undrafted(Exception):  # noqa: N818 - it names a state of the text
    """A kind of node that a draft has no words for, or a text that it cannot place."""


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


def expression(node: ast.expr, at: Sheet) -> f.Expr:
    """Return the facts of one expression; raises ``Undrafted`` for a kind that is not known."""
    reading = _READINGS.get(type(node))
    if reading is None:
        raise Undrafted(type(node).__name__)
    return reading(node, at)


def optional(node: ast.expr | None, at: Sheet) -> f.Expr | None:
    """Return the facts of an expression that may be missing."""
    return None if node is None else expression(node, at)


def bind(target: f.Expr, at: Sheet) -> None:
    """Bind the names of a target; attributes and items bind none."""
    kind = type(target)
    if kind is f.Name:
        at.scope.bound.add(target.id)  # type: ignore[union-attr]  # the line above asks
    elif kind is f.Display:
        for item in target.items:  # type: ignore[union-attr]  # likewise
            bind(item, at)
    elif kind is f.Starred:
        bind(target.value, at)  # type: ignore[union-attr,arg-type]  # likewise


def arguments(
    args: Sequence[ast.expr], keywords: Sequence[ast.keyword], before: int, limit: int, at: Sheet
) -> tuple[f.Argument, ...]:
    """Return the arguments of a call, or the bases of a class, in the order of the text.

    What they are given to ends at ``before``, a bracket closes after them at ``limit``.
    """
    nodes: list[Any] = [*args, *keywords]
    if args and keywords and _place(args[-1]) > _place(keywords[0]):
        nodes.sort(key=_place)
    text = at.text
    found: list[f.Argument] = []
    for node in nodes:
        kind = type(node)
        if kind is ast.keyword:
            argument = f.Argument(
                at.span(node), expression(node.value, at), node.arg, "**" if node.arg is None else ""
            )
        elif kind is ast.Starred:
            argument = f.Argument(at.span(node), expression(node.value, at), None, "*")
        else:
            value = expression(node, at)
            span = value.span
            if span.end != limit and text[span.end] != ",":
                span = around(text, _after_separator(text, found, before), span)
            argument = f.Argument(span, value, None, "")
        found.append(argument)
    return tuple(found)


def parameters(node: ast.arguments, at: Sheet) -> tuple[f.Parameter, ...]:
    """All parameters, in the order of the text."""
    found: list[f.Parameter] = []
    positional, plain = node.posonlyargs, node.args
    if positional or plain:
        missing = len(positional) + len(plain) - len(node.defaults)
        defaults = [*([None] * missing), *node.defaults]
        count = len(positional)
        found += map(_parameter, positional, ["positional"] * count, defaults, [at] * count)
        found += map(_parameter, plain, ["plain"] * len(plain), defaults[count:], [at] * len(plain))
    if node.vararg is not None:
        found.append(_parameter(node.vararg, "star", None, at))
    for keyword, default in zip(node.kwonlyargs, node.kw_defaults, strict=True):
        found.append(_parameter(keyword, "keyword", default, at))
    if node.kwarg is not None:
        found.append(_parameter(node.kwarg, "double_star", None, at))
    return tuple(found)


def _parameter(node: ast.arg, kind: Any, default: ast.expr | None, at: Sheet) -> f.Parameter:  # noqa: ANN401 - a literal of facts
    span = at.span(node)
    note = node.annotation
    if note is not None:
        span = Span(span.start, word_end(at.text, span.start))
    return f.Parameter(span, node.arg, kind, optional(default, at), optional(note, at))


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


def _name(node: ast.Name, at: Sheet) -> f.Expr:
    return f.Name(at.span(node), node.id)


_NUMBERS: dict[type, Any] = {int: "int", float: "float", complex: "complex", bytes: "bytes"}


def _constant(node: ast.Constant, at: Sheet) -> f.Expr:
    span = at.span(node)
    value: Any = node.value
    if isinstance(value, str):
        if not value.isascii():
            # As the reader has it: lone surrogates are written as escapes but in no UTF-8 document.
            value = value.encode("utf-8", "replace").decode()
        return f.Literal(span, "str", value)
    if value is None:
        return f.Literal(span, "none", "None")
    if value is ...:
        return f.Literal(span, "ellipsis", "...")
    kind = _NUMBERS.get(type(value))
    if kind is not None:
        return f.Literal(span, kind, at.text[span.start : span.end])
    return f.Literal(span, "bool", repr(value))


def _attribute(node: ast.Attribute, at: Sheet) -> f.Expr:
    return f.Attribute(at.span(node), expression(node.value, at), node.attr)


def _call(node: ast.Call, at: Sheet) -> f.Expr:
    span = at.span(node)
    func = expression(node.func, at)
    args, keywords = node.args, node.keywords
    if not args and not keywords:
        return f.Call(span, func, ())
    if len(args) == 1 and not keywords and type(args[0]) is ast.GeneratorExp:
        alone = _comprehension(args[0], at)
        if alone.span.end == span.end:
            # The parentheses are the call's.
            inside = Span(skip(at.text, alone.span.start + 1), alone.clauses[-1].span.end)
            alone = f.Comprehension(inside, alone.kind, alone.element, None, alone.clauses)
            return f.Call(span, func, (f.Argument(inside, alone, None, ""),))
    return f.Call(span, func, arguments(args, keywords, func.span.end, span.end - 1, at))


def _subscript(node: ast.Subscript, at: Sheet) -> f.Expr:
    span, value = at.span(node), expression(node.value, at)
    part = node.slice
    if isinstance(part, ast.Tuple) and not _parenthesised(part, at):
        items = tuple(expression(item, at) for item in part.elts)
        inside = Span(at.span(part).start, closed(at.text, items[-1].span.end, span.end))
        return f.Subscript(span, value, f.Display(inside, "tuple", items))
    return f.Subscript(span, value, expression(part, at))


def _parenthesised(node: ast.Tuple, at: Sheet) -> bool:
    """Whether a tuple in an index has parentheses of its own."""
    if not node.elts:
        return True
    start = at.span(node).start
    first = at.span(node.elts[0])
    count = openings(at.text, start, first.start)[0]
    end = first.end
    for _ in range(count):
        end = skip(at.text, end)
        if at.text[end] != ")":
            return True
        end += 1
    return False


def _slice(node: ast.Slice, at: Sheet) -> f.Expr:
    bounds = tuple(expression(part, at) for part in (node.lower, node.upper, node.step) if part is not None)
    return f.Operation(at.span(node), ":", bounds)


def _display(kind: Any) -> _Reading:  # noqa: ANN401 - a literal of facts
    """Return the reading of a display of ``kind``."""

    def read(node: ast.Tuple | ast.List | ast.Set, at: Sheet) -> f.Expr:
        return f.Display(at.span(node), kind, tuple([expression(item, at) for item in node.elts]))

    return read


def _starred(node: ast.Starred, at: Sheet) -> f.Expr:
    return f.Starred(at.span(node), expression(node.value, at))


def _dict(node: ast.Dict, at: Sheet) -> f.Expr:
    keys = tuple([optional(key, at) for key in node.keys])
    return f.DictDisplay(at.span(node), keys, tuple([expression(value, at) for value in node.values]))


def _lambda(node: ast.Lambda, at: Sheet) -> f.Expr:
    span = at.span(node)
    taken = parameters(node.args, at)
    outer, at.scope = at.scope, Scope()
    value = expression(node.body, at)
    scope, at.scope = at.scope, outer
    function = f.Function(
        span,
        name="<lambda>",
        head=Span(span.start, span.start + len("lambda")),
        parameters=taken,
        returns=None,
        decorators=(),
        body=(f.Return(value.span, value),),
        bound=tuple(sorted(scope.bound.union([parameter.name for parameter in taken]))),
        global_names=(),
        nonlocal_names=(),
        is_async=False,
        is_generator=scope.yields,
        is_lambda=True,
    )
    return f.Lambda(span, function)


_COMPREHENSIONS: dict[type[ast.expr], Any] = {
    ast.GeneratorExp: "generator",
    ast.ListComp: "list",
    ast.SetComp: "set",
}


def _comprehension(node: ast.GeneratorExp | ast.ListComp | ast.SetComp, at: Sheet) -> f.Comprehension:
    span = at.span(node)
    clauses = tuple(_clauses(node.generators, span.end - 1, at))
    return f.Comprehension(span, _COMPREHENSIONS[type(node)], expression(node.elt, at), None, clauses)


def _dict_comprehension(node: ast.DictComp, at: Sheet) -> f.Expr:
    span = at.span(node)
    key, value = expression(node.key, at), expression(node.value, at)
    return f.Comprehension(span, "dict", key, value, tuple(_clauses(node.generators, span.end - 1, at)))


def _clauses(nodes: Sequence[ast.comprehension], limit: int, at: Sheet) -> Iterator[f.Clause]:
    """Yield the clauses of a comprehension whose bracket closes at ``limit``."""
    for node in nodes:
        target, iterable = expression(node.target, at), expression(node.iter, at)
        conditions = tuple([expression(condition, at) for condition in node.ifs])
        end = closed(at.text, (conditions[-1] if conditions else iterable).span.end, limit)
        yield f.Clause(Span(target.span.start, end), target, iterable, conditions, bool(node.is_async))


def _conditional(node: ast.IfExp, at: Sheet) -> f.Expr:
    test, then = expression(node.test, at), expression(node.body, at)
    return f.Conditional(at.span(node), test, then, expression(node.orelse, at))


def _boolean(node: ast.BoolOp, at: Sheet) -> f.Expr:
    operator = type(node.op)
    values: list[f.Expr] = []
    pending: list[ast.expr] = node.values[::-1]
    while pending:
        current = pending.pop()
        if isinstance(current, ast.BoolOp) and type(current.op) is operator:
            pending += current.values[::-1]
        else:
            values.append(expression(current, at))
    return f.Boolean(at.span(node), "and" if operator is ast.And else "or", tuple(values))


def _unary(node: ast.UnaryOp, at: Sheet) -> f.Expr:
    operator = type(node.op)
    value = expression(node.operand, at)
    if operator is ast.Not:
        return f.Not(at.span(node), value)
    return f.Operation(at.span(node), SPELLINGS[operator], (value,))


def _binary(node: ast.BinOp, at: Sheet) -> f.Expr:
    operator = type(node.op)
    operands: list[ast.expr] = []
    left: ast.expr = node
    while isinstance(left, ast.BinOp) and type(left.op) is operator:
        operands.append(left.right)
        left = left.left
    operands.append(left)
    operands.reverse()
    return f.Operation(
        at.span(node), SPELLINGS[operator], tuple([expression(operand, at) for operand in operands])
    )


def _comparison(node: ast.Compare, at: Sheet) -> f.Expr:
    return f.Compare(
        at.span(node),
        expression(node.left, at),
        tuple([SPELLINGS[type(operator)] for operator in node.ops]),
        tuple([expression(right, at) for right in node.comparators]),
    )


def _interpolated(node: Any, at: Sheet) -> f.Expr:  # noqa: ANN401 - a t-string has no class before 3.14
    span = at.span(node)
    if not _PLACED_FIELDS:
        return f.Interpolated(span, tuple(_fields(span, at)))
    return f.Interpolated(span, tuple(_values(node, at)))


def _values(node: Any, at: Sheet) -> Iterator[f.Expr]:  # noqa: ANN401 - likewise
    """Yield the expressions of a string in order of evaluation, those of format specifications too."""
    for part in node.values:
        if not isinstance(part, ast.Constant):
            yield expression(part.value, at)
            if part.format_spec is not None:
                yield from _values(part.format_spec, at)


def _fields(span: Span, at: Sheet) -> Iterator[f.Expr]:
    """Yield the same where ``ast`` has no positions: each expression is parsed again where it stands."""
    for start, end in fields(at.text, span.start, span.end):
        code = at.text[start:end]
        word = code.strip(" ")
        if word.isidentifier() and word.isascii() and word not in {"True", "False", "None"}:
            name = start + code.index(word)
            yield f.Name(Span(name, name + len(word)), word)
            continue
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                inner = ast.parse(f"({code})", mode="eval").body
        except (SyntaxError, ValueError) as error:
            raise Undrafted("f-string") from error
        # The brace stands where the parenthesis does.
        starts = {1: start - 1}
        for offset, line in _rows(code):
            starts[line] = start + offset
        yield expression(inner, Sheet(at.text, starts, end + 1, at.scope))


def _rows(code: str) -> Iterator[tuple[int, int]]:
    """Yield offset and number, from 2, of each further row of ``code``."""
    rows = code.replace("\r\n", " \n").replace("\r", "\n").split("\n")
    offset = 0
    for number, row in enumerate(rows[:-1], 2):
        offset += len(row) + 1
        yield offset, number


def _await(node: ast.Await, at: Sheet) -> f.Expr:
    return f.Await(at.span(node), expression(node.value, at))


def _yield(node: ast.Yield, at: Sheet) -> f.Expr:
    at.scope.yields = True
    return f.Yield(at.span(node), optional(node.value, at))


def _yield_from(node: ast.YieldFrom, at: Sheet) -> f.Expr:
    at.scope.yields = True
    return f.YieldFrom(at.span(node), expression(node.value, at))


def _walrus(node: ast.NamedExpr, at: Sheet) -> f.Expr:
    target = f.Name(at.span(node.target), node.target.id)
    at.scope.bound.add(target.id)
    return f.Walrus(at.span(node), target, expression(node.value, at))


_READINGS: dict[type[ast.AST], _Reading] = {
    ast.Attribute: _attribute,
    ast.Await: _await,
    ast.BinOp: _binary,
    ast.BoolOp: _boolean,
    ast.Call: _call,
    ast.Compare: _comparison,
    ast.Constant: _constant,
    ast.Dict: _dict,
    ast.DictComp: _dict_comprehension,
    ast.GeneratorExp: _comprehension,
    ast.IfExp: _conditional,
    ast.JoinedStr: _interpolated,
    ast.Lambda: _lambda,
    ast.List: _display("list"),
    ast.ListComp: _comprehension,
    ast.Name: _name,
    ast.NamedExpr: _walrus,
    ast.Set: _display("set"),
    ast.SetComp: _comprehension,
    ast.Slice: _slice,
    ast.Starred: _starred,
    ast.Subscript: _subscript,
    ast.Tuple: _display("tuple"),
    ast.UnaryOp: _unary,
    ast.Yield: _yield,
    ast.YieldFrom: _yield_from,
}
if hasattr(ast, "TemplateStr"):
    _READINGS[ast.TemplateStr] = _interpolated
