"""Expressions: libcst nodes to facts.

Decides what of an expression is recorded, by a table from node type to function. Chains that libcst nests
(``a + b + …``, ``a and b and …``, comprehension clauses) are read by loops, so that their length costs no
stack. Layout, parentheses and comments are left out; statements are read by ``statements``.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

import libcst as cst

from ctxlint.frontend import operators, scopes, strings
from ctxlint.frontend.positions import Source
from ctxlint.model import facts as f
from ctxlint.model.spans import Span

_Reading: TypeAlias = Callable[[Any, Source], f.Expr]


class Unknown(Exception):  # noqa: N818 - it names a state of the text
    """A kind of node that this version of the reader has no words for."""


def expression(node: cst.BaseExpression, source: Source) -> f.Expr:
    """Return the facts of one expression."""
    reading = _READINGS.get(type(node))
    if reading is None:
        raise Unknown(type(node).__name__)
    return reading(node, source)


def optional(node: cst.BaseExpression | None, source: Source) -> f.Expr | None:
    """Return the facts of an expression that may be missing."""
    return None if node is None else expression(node, source)


def identifier(written: str) -> str:
    """Return a name as Python knows it: identifiers of other alphabets are normalised."""
    return written if written.isascii() else unicodedata.normalize("NFKC", written)


def arguments(nodes: Iterable[cst.Arg], source: Source) -> tuple[f.Argument, ...]:
    """Return the arguments of a call, or the bases of a class."""
    return tuple(
        f.Argument(
            source.span(node),
            expression(node.value, source),
            None if node.keyword is None else identifier(node.keyword.value),
            node.star,
        )
        for node in nodes
    )


def parameters(node: cst.Parameters, source: Source) -> tuple[f.Parameter, ...]:
    """All parameters, in the order of the text."""
    star = (node.star_arg,) if isinstance(node.star_arg, cst.Param) else ()
    double_star = () if node.star_kwarg is None else (node.star_kwarg,)
    return (
        *(_parameter(param, "positional", source) for param in node.posonly_params),
        *(_parameter(param, "plain", source) for param in node.params),
        *(_parameter(param, "star", source) for param in star),
        *(_parameter(param, "keyword", source) for param in node.kwonly_params),
        *(_parameter(param, "double_star", source) for param in double_star),
    )


def annotation(node: cst.Annotation | None, source: Source) -> f.Expr | None:
    """Return the expression of an annotation."""
    return None if node is None else expression(node.annotation, source)


def _parameter(node: cst.Param, kind: Any, source: Source) -> f.Parameter:  # noqa: ANN401 - a literal of facts
    return f.Parameter(
        source.span(node.name),
        identifier(node.name.value),
        kind,
        optional(node.default, source),
        annotation(node.annotation, source),
    )


def _name(node: cst.Name, source: Source) -> f.Expr:
    span = source.span(node)
    value = node.value
    if value in {"True", "False"}:
        return f.Literal(span, "bool", value)
    if value == "None":
        return f.Literal(span, "none", value)
    return f.Name(span, identifier(value))


def _number(kind: Any) -> _Reading:  # noqa: ANN401 - a literal of facts
    """Return the reading of a number of ``kind``."""

    def read(node: cst.Integer | cst.Float | cst.Imaginary, source: Source) -> f.Expr:
        return f.Literal(source.span(node), kind, node.value)

    return read


def _ellipsis(node: cst.Ellipsis, source: Source) -> f.Expr:
    return f.Literal(source.span(node), "ellipsis", "...")


def _recursing(reading: Callable[[Any, Source, operators.Lower], f.Expr]) -> _Reading:
    """Return a reading that reads the expressions inside by ``expression``."""

    def read(node: cst.BaseExpression, source: Source) -> f.Expr:
        return reading(node, source, expression)

    return read


def _attribute(node: cst.Attribute, source: Source) -> f.Expr:
    return f.Attribute(source.span(node), expression(node.value, source), identifier(node.attr.value))


def _call(node: cst.Call, source: Source) -> f.Expr:
    return f.Call(source.span(node), expression(node.func, source), arguments(node.args, source))


def _subscript(node: cst.Subscript, source: Source) -> f.Expr:
    elements = node.slice
    items = tuple(_index(element, source) for element in elements)
    alone = (
        len(items) == 1
        and not isinstance(elements[0].comma, cst.Comma)
        and not isinstance(items[0], f.Starred)
    )
    inside = Span(source.span(elements[0]).start, source.span(elements[-1]).end)
    index = items[0] if alone else f.Display(inside, "tuple", items)
    return f.Subscript(source.span(node), expression(node.value, source), index)


def _index(node: cst.SubscriptElement, source: Source) -> f.Expr:
    """One index: an expression, ``*expression`` or a slice."""
    part = node.slice
    if isinstance(part, cst.Slice):
        bounds = (optional(bound, source) for bound in (part.lower, part.upper, part.step))
        return f.Operation(source.span(node), ":", tuple(bound for bound in bounds if bound is not None))
    if not isinstance(part, cst.Index):
        raise Unknown(type(part).__name__)
    value = expression(part.value, source)
    return f.Starred(source.span(node), value) if part.star else value


def _display(kind: Any) -> _Reading:  # noqa: ANN401 - a literal of facts
    """Return the reading of a display of ``kind``."""

    def read(node: cst.Tuple | cst.List | cst.Set, source: Source) -> f.Expr:
        return f.Display(source.span(node), kind, tuple(_element(item, source) for item in node.elements))

    return read


def _element(node: cst.BaseElement, source: Source) -> f.Expr:
    if isinstance(node, cst.StarredElement):
        return _starred(node, source)
    return expression(node.value, source)


def _starred(node: cst.StarredElement, source: Source) -> f.Expr:
    return f.Starred(source.span(node), expression(node.value, source))


def _dict(node: cst.Dict, source: Source) -> f.Expr:
    keys = tuple(
        expression(element.key, source) if isinstance(element, cst.DictElement) else None
        for element in node.elements
    )
    return f.DictDisplay(
        source.span(node), keys, tuple(expression(element.value, source) for element in node.elements)
    )


def _lambda(node: cst.Lambda, source: Source) -> f.Expr:
    span = source.span(node)
    value = expression(node.body, source)
    body = (f.Return(value.span, value),)
    taken = parameters(node.params, source)
    names = scopes.names_of(taken, (), body)
    function = f.Function(
        span,
        name="<lambda>",
        head=Span(span.start, span.start + len("lambda")),
        parameters=taken,
        returns=None,
        decorators=(),
        body=body,
        bound=names.bound,
        global_names=(),
        nonlocal_names=(),
        is_async=False,
        is_generator=names.is_generator,
        is_lambda=True,
    )
    return f.Lambda(span, function)


def _comprehension(kind: Any) -> _Reading:  # noqa: ANN401 - a literal of facts
    """Return the reading of a comprehension of ``kind``, dicts apart."""

    def read(node: cst.BaseSimpleComp, source: Source) -> f.Expr:
        element = expression(node.elt, source)
        return f.Comprehension(source.span(node), kind, element, None, _clauses(node.for_in, source))

    return read


def _dict_comprehension(node: cst.DictComp, source: Source) -> f.Expr:
    key, value = expression(node.key, source), expression(node.value, source)
    return f.Comprehension(source.span(node), "dict", key, value, _clauses(node.for_in, source))


def _clauses(first: cst.CompFor, source: Source) -> tuple[f.Clause, ...]:
    clauses: list[f.Clause] = []
    node: cst.CompFor | None = first
    while node is not None:
        target = expression(node.target, source)
        end = source.closed(node.ifs[-1].test if node.ifs else node.iter)
        clauses.append(
            f.Clause(
                Span(target.span.start, end),
                target,
                expression(node.iter, source),
                tuple(expression(condition.test, source) for condition in node.ifs),
                node.asynchronous is not None,
            )
        )
        node = node.inner_for_in
    return tuple(clauses)


def _conditional(node: cst.IfExp, source: Source) -> f.Expr:
    test, then = expression(node.test, source), expression(node.body, source)
    return f.Conditional(source.span(node), test, then, expression(node.orelse, source))


def _await(node: cst.Await, source: Source) -> f.Expr:
    return f.Await(source.span(node), expression(node.expression, source))


def _yield(node: cst.Yield, source: Source) -> f.Expr:
    span = source.span(node)
    if isinstance(node.value, cst.From):
        return f.YieldFrom(span, expression(node.value.item, source))
    return f.Yield(span, optional(node.value, source))


def _walrus(node: cst.NamedExpr, source: Source) -> f.Expr:
    target = expression(node.target, source)
    if not isinstance(target, f.Name):
        raise Unknown(type(node.target).__name__)
    return f.Walrus(source.span(node), target, expression(node.value, source))


_READINGS: dict[type[cst.CSTNode], _Reading] = {
    cst.Attribute: _attribute,
    cst.Await: _await,
    cst.BinaryOperation: _recursing(operators.binary),
    cst.BooleanOperation: _recursing(operators.boolean),
    cst.Call: _call,
    cst.Comparison: _recursing(operators.comparison),
    cst.ConcatenatedString: _recursing(strings.string),
    cst.Dict: _dict,
    cst.DictComp: _dict_comprehension,
    cst.Ellipsis: _ellipsis,
    cst.Float: _number("float"),
    cst.FormattedString: _recursing(strings.string),
    cst.GeneratorExp: _comprehension("generator"),
    cst.IfExp: _conditional,
    cst.Imaginary: _number("complex"),
    cst.Integer: _number("int"),
    cst.Lambda: _lambda,
    cst.List: _display("list"),
    cst.ListComp: _comprehension("list"),
    cst.Name: _name,
    cst.NamedExpr: _walrus,
    cst.Set: _display("set"),
    cst.SetComp: _comprehension("set"),
    cst.SimpleString: _recursing(strings.string),
    cst.StarredElement: _starred,
    cst.Subscript: _subscript,
    cst.TemplatedString: _recursing(strings.string),
    cst.Tuple: _display("tuple"),
    cst.UnaryOperation: _recursing(operators.unary),
    cst.Yield: _yield,
}
