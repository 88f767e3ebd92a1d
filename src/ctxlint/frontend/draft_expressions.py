"""Expressions of a draft: nodes of ``ast`` to the facts that ``expressions`` makes of libcst's.

What binds a name, and a ``yield``, goes to the scope of the sheet as it is read, so that no function is walked
twice.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

from ctxlint.frontend import draft_operators as operators
from ctxlint.frontend.draft_arguments import arguments, parameters
from ctxlint.frontend.draft_places import Lower, Scope, Sheet, Undrafted, closed, skip, unclosed
from ctxlint.frontend.draft_strings import interpolated
from ctxlint.model import facts as f
from ctxlint.model.spans import Span

_Reading: TypeAlias = Callable[[Any, Sheet], f.Expr]


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
    if isinstance(target, f.Name):
        at.scope.bound.add(target.id)
    elif isinstance(target, f.Display):
        for item in target.items:
            bind(item, at)
    elif isinstance(target, f.Starred):
        bind(target.value, at)


def _name(node: ast.Name, at: Sheet) -> f.Expr:
    return f.Name(at.span(node), node.id)


_SPELLED: dict[type, Any] = {
    bool: "bool",
    bytes: "bytes",
    complex: "complex",
    float: "float",
    int: "int",
    type(None): "none",
    type(...): "ellipsis",
}
"""Kinds of constants whose text is what the source says."""


def _constant(node: ast.Constant, at: Sheet) -> f.Expr:
    span = at.span(node)
    value = node.value
    if isinstance(value, str):
        if not value.isascii():
            # As the reader has it: lone surrogates are written as escapes but in no UTF-8 document.
            value = value.encode("utf-8", "replace").decode()
        return f.Literal(span, "str", value)
    return f.Literal(span, _SPELLED[type(value)], at.text[span.start : span.end])


def _recursing(reading: Callable[[Any, Sheet, Lower], f.Expr]) -> _Reading:
    """Return a reading that reads the expressions inside by ``expression``."""

    def read(node: ast.expr, at: Sheet) -> f.Expr:
        return reading(node, at, expression)

    return read


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
    return f.Call(span, func, arguments(args, keywords, func.span.end, span.end - 1, at, expression))


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
    return unclosed(at.text, start, at.span(node.elts[0]))


def _slice(node: ast.Slice, at: Sheet) -> f.Expr:
    span = at.span(node)
    if at.text[span.end - 1] == ":":
        # libcst counts to a colon the whitespace after it.
        span = Span(span.start, skip(at.text, span.end))
    bounds = tuple([expression(part, at) for part in (node.lower, node.upper, node.step) if part is not None])
    return f.Operation(span, ":", bounds)


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
    taken = parameters(node.args, at, expression)
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


_READINGS: dict[type, _Reading] = {
    ast.Attribute: _attribute,
    ast.Await: _await,
    ast.BinOp: _recursing(operators.binary),
    ast.BoolOp: _recursing(operators.boolean),
    ast.Call: _call,
    ast.Compare: _recursing(operators.comparison),
    ast.Constant: _constant,
    ast.Dict: _dict,
    ast.DictComp: _dict_comprehension,
    ast.GeneratorExp: _comprehension,
    ast.IfExp: _conditional,
    ast.JoinedStr: _recursing(interpolated),
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
    ast.UnaryOp: _recursing(operators.unary),
    ast.Yield: _yield,
    ast.YieldFrom: _yield_from,
}
_READINGS.update(
    {getattr(ast, name): _recursing(interpolated) for name in ["TemplateStr"] if hasattr(ast, name)}
)
