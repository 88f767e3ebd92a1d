"""Statements: libcst nodes to facts.

Decides what of a statement is recorded, by a table from node type to function. ``pass``, ``...`` and strings
that stand alone are dropped. A chain of ``elif`` is read by a loop, so that its length costs no stack.
Definitions are read here too; patterns and expressions have modules of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

import libcst as cst

from ctxlint.frontend import operators, scopes, strings
from ctxlint.frontend.expressions import (
    Unknown,
    annotation,
    arguments,
    expression,
    identifier,
    optional,
    parameters,
)
from ctxlint.frontend.patterns import pattern
from ctxlint.frontend.positions import Source
from ctxlint.model import facts as f
from ctxlint.model.spans import Span

_Reading: TypeAlias = Callable[[Any, Source], f.Stmt]


def statements(nodes: Sequence[cst.CSTNode], source: Source) -> tuple[f.Stmt, ...]:
    """Return the facts of statements in a row."""
    return tuple(_read(node, source) for node in _flat(nodes))


def _flat(nodes: Sequence[cst.CSTNode]) -> Iterator[cst.CSTNode]:
    """Every statement that does something: lines taken apart, placeholders dropped."""
    for node in nodes:
        if isinstance(node, cst.SimpleStatementLine):
            yield from (small for small in node.body if not _idle(small))
        elif not _idle(node):
            yield node


def _idle(node: cst.CSTNode) -> bool:
    """Whether a statement only holds a place or a docstring."""
    if isinstance(node, cst.Expr):
        return isinstance(node.value, cst.Ellipsis) or strings.is_constant(node.value)
    return isinstance(node, cst.Pass)


def _read(node: cst.CSTNode, source: Source) -> f.Stmt:
    reading = _READINGS.get(type(node))
    if reading is None:
        raise Unknown(type(node).__name__)
    return reading(node, source)


def _body(node: cst.BaseSuite | cst.Else | cst.Finally | None, source: Source) -> tuple[f.Stmt, ...]:
    """Return the statements of a block; of a clause that may be missing, those of its block."""
    if node is None:
        return ()
    suite = node.body if isinstance(node, (cst.Else, cst.Finally)) else node
    return statements(suite.body, source)


def _head(node: cst.CSTNode, end: int, source: Source) -> Span:
    """From the keyword of a compound statement to ``end``."""
    return Span(source.span(node).start, end)


def _expr(node: cst.Expr, source: Source) -> f.Stmt:
    return f.Evaluate(source.span(node), expression(node.value, source))


def _assign(node: cst.Assign, source: Source) -> f.Stmt:
    targets = tuple(expression(target.target, source) for target in node.targets)
    return f.Assign(source.span(node), targets, expression(node.value, source), None)


def _annotated(node: cst.AnnAssign, source: Source) -> f.Stmt:
    span = source.span(node)
    target, note = expression(node.target, source), expression(node.annotation.annotation, source)
    if node.value is None:
        return f.Annotate(span, target, note)
    return f.Assign(span, (target,), expression(node.value, source), note)


def _augmented(node: cst.AugAssign, source: Source) -> f.Stmt:
    target, value = expression(node.target, source), expression(node.value, source)
    return f.Augment(source.span(node), target, operators.spelling(node.operator), value)


def _del(node: cst.Del, source: Source) -> f.Stmt:
    target = expression(node.target, source)
    several = isinstance(target, f.Display) and target.kind == "tuple"
    return f.Delete(source.span(node), target.items if several else (target,))  # type: ignore[union-attr]


def _return(node: cst.Return, source: Source) -> f.Stmt:
    return f.Return(source.span(node), optional(node.value, source))


def _raise(node: cst.Raise, source: Source) -> f.Stmt:
    cause = None if node.cause is None else expression(node.cause.item, source)
    return f.Raise(source.span(node), optional(node.exc, source), cause)


def _jump(node: cst.Break | cst.Continue, source: Source) -> f.Stmt:
    return (f.Break if isinstance(node, cst.Break) else f.Continue)(source.span(node))


def _assert(node: cst.Assert, source: Source) -> f.Stmt:
    return f.Assert(source.span(node), expression(node.test, source), optional(node.msg, source))


def _import(node: cst.Import, source: Source) -> f.Stmt:
    return f.Import(source.span(node), _imported(node.names, source))


def _import_from(node: cst.ImportFrom, source: Source) -> f.Stmt:
    module = "" if node.module is None else _dotted(node.module)
    star = isinstance(node.names, cst.ImportStar)
    names = () if isinstance(node.names, cst.ImportStar) else _imported(node.names, source)
    return f.ImportFrom(source.span(node), module, len(node.relative), names, star)


def _imported(nodes: Sequence[cst.ImportAlias], source: Source) -> tuple[f.Imported, ...]:
    return tuple(f.Imported(source.span(node), _dotted(node.name), _alias(node.asname)) for node in nodes)


def _alias(node: cst.AsName | None) -> str | None:
    return identifier(node.name.value) if node is not None and isinstance(node.name, cst.Name) else None


def _dotted(node: cst.BaseExpression) -> str:
    parts: list[str] = []
    while isinstance(node, cst.Attribute):
        parts.append(identifier(node.attr.value))
        node = node.value
    if isinstance(node, cst.Name):
        parts.append(identifier(node.value))
    return ".".join(reversed(parts))


def _if(node: cst.If, source: Source) -> f.Stmt:
    chain = [node]
    while isinstance(following := chain[-1].orelse, cst.If):
        chain.append(following)
    orelse = _body(following, source)
    for link in reversed(chain):
        span = _head(link, source.closed(link.test), source)
        orelse = (f.If(span, expression(link.test, source), _body(link.body, source), orelse),)
    return orelse[0]


def _while(node: cst.While, source: Source) -> f.Stmt:
    span = _head(node, source.closed(node.test), source)
    return f.While(span, expression(node.test, source), _body(node.body, source), _body(node.orelse, source))


def _for(node: cst.For, source: Source) -> f.Stmt:
    return f.For(
        _head(node, source.closed(node.iter), source),
        expression(node.target, source),
        expression(node.iter, source),
        _body(node.body, source),
        _body(node.orelse, source),
        node.asynchronous is not None,
    )


def _with(node: cst.With, source: Source) -> f.Stmt:
    items = tuple(
        f.WithItem(
            source.span(item),
            expression(item.item, source),
            None if item.asname is None else expression(item.asname.name, source),
        )
        for item in node.items
    )
    span = _head(node, items[-1].span.end, source)
    return f.With(span, items, _body(node.body, source), node.asynchronous is not None)


def _try(node: cst.Try | cst.TryStar, source: Source) -> f.Stmt:
    start = source.span(node).start
    return f.Try(
        Span(start, start + len("try")),
        _body(node.body, source),
        tuple(_handler(handler, source) for handler in node.handlers),
        _body(node.orelse, source),
        _body(node.finalbody, source),
        isinstance(node, cst.TryStar),
    )


def _handler(node: cst.ExceptHandler | cst.ExceptStarHandler, source: Source) -> f.Handler:
    end = source.span(node).start + len("except")
    if node.type is not None:
        end = source.closed(node.type)
    if node.name is not None:
        end = source.closed(node.name.name)
    return f.Handler(
        _head(node, end, source), optional(node.type, source), _alias(node.name), _body(node.body, source)
    )


def _match(node: cst.Match, source: Source) -> f.Stmt:
    cases = tuple(
        f.Case(
            _head(case, source.closed(case.pattern if case.guard is None else case.guard), source),
            pattern(case.pattern, source),
            optional(case.guard, source),
            _body(case.body, source),
        )
        for case in node.cases
    )
    return f.Match(_head(node, source.closed(node.subject), source), expression(node.subject, source), cases)


def _function(node: cst.FunctionDef, source: Source) -> f.Stmt:
    span = source.span(node)
    taken = parameters(node.params, source)
    body = _body(node.body, source)
    declared = () if node.type_parameters is None else node.type_parameters.params
    names = scopes.names_of(taken, (identifier(item.param.name.value) for item in declared), body)
    function = f.Function(
        span,
        name=identifier(node.name.value),
        head=source.span(node.name),
        parameters=taken,
        returns=annotation(node.returns, source),
        decorators=_decorators(node, source),
        body=body,
        bound=names.bound,
        global_names=names.global_names,
        nonlocal_names=names.nonlocal_names,
        is_async=node.asynchronous is not None,
        is_generator=names.is_generator,
        is_lambda=False,
    )
    return f.Define(span, function)


def _class(node: cst.ClassDef, source: Source) -> f.Stmt:
    return f.Class(
        source.span(node),
        name=identifier(node.name.value),
        head=source.span(node.name),
        bases=arguments((*node.bases, *node.keywords), source),
        decorators=_decorators(node, source),
        body=_body(node.body, source),
    )


def _decorators(node: cst.FunctionDef | cst.ClassDef, source: Source) -> tuple[f.Expr, ...]:
    return tuple(expression(decorator.decorator, source) for decorator in node.decorators)


def _scope(node: cst.Global | cst.Nonlocal, source: Source) -> f.Stmt:
    names = tuple(identifier(item.name.value) for item in node.names)
    return f.Scope(source.span(node), "global" if isinstance(node, cst.Global) else "nonlocal", names)


def _type_alias(node: cst.TypeAlias, source: Source) -> f.Stmt:
    return f.TypeAliasing(source.span(node), identifier(node.name.value))


_READINGS: dict[type[cst.CSTNode], _Reading] = {
    cst.AnnAssign: _annotated,
    cst.Assert: _assert,
    cst.Assign: _assign,
    cst.AugAssign: _augmented,
    cst.Break: _jump,
    cst.ClassDef: _class,
    cst.Continue: _jump,
    cst.Del: _del,
    cst.Expr: _expr,
    cst.For: _for,
    cst.FunctionDef: _function,
    cst.Global: _scope,
    cst.If: _if,
    cst.Import: _import,
    cst.ImportFrom: _import_from,
    cst.Match: _match,
    cst.Nonlocal: _scope,
    cst.Raise: _raise,
    cst.Return: _return,
    cst.Try: _try,
    cst.TryStar: _try,
    cst.TypeAlias: _type_alias,
    cst.While: _while,
    cst.With: _with,
}
