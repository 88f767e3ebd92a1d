"""A draft of a unit: the facts that the reader would give of it, from the standard library's ``ast``.

libcst takes ten times as long as ``ast``. So a program is first linked from drafts; the facts that count are the
reader's, and where they equal the draft's nothing has to be done again. Equality, spans included, is therefore
all that a draft is for: it says what ``statements`` and ``expressions`` say, from other nodes.

What stands where is in ``draft_places``, expressions are in ``draft_expressions``, the fields of f-strings of
older Pythons in ``draft_strings``.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from ctxlint.frontend.draft_arguments import arguments, parameters
from ctxlint.frontend.draft_expressions import bind, expression, optional
from ctxlint.frontend.draft_heads import end_of, head, items_of, keyword_end
from ctxlint.frontend.draft_operators import SPELLINGS
from ctxlint.frontend.draft_patterns import pattern
from ctxlint.frontend.draft_places import Scope, Sheet, Undrafted, closed, skip, word_end
from ctxlint.model import facts as f
from ctxlint.model.spans import Span

if TYPE_CHECKING:
    from ctxlint.frontend.units import Piece
    from ctxlint.model.lines import LineIndex

__all__ = ["Undrafted", "draft"]

_Reading: TypeAlias = Callable[[Any, Sheet], f.Stmt]


def draft(text: str, piece: Piece, lines: LineIndex) -> tuple[f.Stmt, ...]:
    """Return the facts of ``piece``, a unit of ``text``; ``lines`` are those of ``text``.

    Raises ``Undrafted`` for what it has no words for, and ``RecursionError`` and ``MemoryError`` for what is
    nested too deeply.
    """
    if not piece.statements:
        raise Undrafted("no tree")
    first = lines.position(piece.start)[0]
    last = lines.position(piece.end)[0]
    starts = {row: lines.start_of(row) for row in range(first, last + 1)}
    return _block(piece.statements, Sheet(text, starts, piece.end, Scope()))


def _block(nodes: Sequence[ast.stmt], at: Sheet) -> tuple[f.Stmt, ...]:
    """Return the facts of statements in a row, placeholders dropped."""
    found: list[f.Stmt] = []
    for node in nodes:
        kind = type(node)
        if kind is ast.Pass or (kind is ast.Expr and _idle(node)):
            continue
        reading = _READINGS.get(kind)
        if reading is None:
            raise Undrafted(kind.__name__)
        found.append(reading(node, at))
    return tuple(found)


def _idle(node: ast.stmt) -> bool:
    """Whether a statement only holds a place or a docstring."""
    value = node.value if isinstance(node, ast.Expr) else None
    return isinstance(value, ast.Constant) and isinstance(value.value, (str, bytes, type(...)))


def _expr(node: ast.Expr, at: Sheet) -> f.Stmt:
    return f.Evaluate(at.span(node), expression(node.value, at))


def _assign(node: ast.Assign, at: Sheet) -> f.Stmt:
    targets = tuple([_target(target, at) for target in node.targets])
    return f.Assign(at.span(node), targets, expression(node.value, at), None)


def _target(node: ast.expr, at: Sheet) -> f.Expr:
    target = expression(node, at)
    bind(target, at)
    return target


def _annotated(node: ast.AnnAssign, at: Sheet) -> f.Stmt:
    span = at.span(node)
    target, note = _target(node.target, at), expression(node.annotation, at)
    if node.value is None:
        return f.Annotate(span, target, note)
    return f.Assign(span, (target,), expression(node.value, at), note)


def _augmented(node: ast.AugAssign, at: Sheet) -> f.Stmt:
    target, value = _target(node.target, at), expression(node.value, at)
    return f.Augment(at.span(node), target, SPELLINGS[type(node.op)], value)


def _del(node: ast.Delete, at: Sheet) -> f.Stmt:
    span = at.span(node)
    targets = tuple([_target(target, at) for target in node.targets])
    alone = targets[0]
    if len(targets) == 1 and isinstance(alone, f.Display) and alone.kind == "tuple":
        # ``del (a, b)``, not ``del (a, b),``.
        targets = targets if at.text[span.end - 1] == "," else alone.items
    return f.Delete(span, targets)


def _return(node: ast.Return, at: Sheet) -> f.Stmt:
    return f.Return(at.span(node), optional(node.value, at))


def _raise(node: ast.Raise, at: Sheet) -> f.Stmt:
    return f.Raise(at.span(node), optional(node.exc, at), optional(node.cause, at))


def _break(node: ast.Break, at: Sheet) -> f.Stmt:
    return f.Break(at.span(node))


def _continue(node: ast.Continue, at: Sheet) -> f.Stmt:
    return f.Continue(at.span(node))


def _assert(node: ast.Assert, at: Sheet) -> f.Stmt:
    return f.Assert(at.span(node), expression(node.test, at), optional(node.msg, at))


def _import(node: ast.Import, at: Sheet) -> f.Stmt:
    at.scope.bound.update([item.asname or item.name.partition(".")[0] for item in node.names])
    return f.Import(at.span(node), _imported(node.names, at))


def _import_from(node: ast.ImportFrom, at: Sheet) -> f.Stmt:
    span, module = at.span(node), node.module or ""
    if node.names[0].name == "*":
        return f.ImportFrom(span, module, node.level, (), star=True)
    at.scope.bound.update([item.asname or item.name for item in node.names])
    return f.ImportFrom(span, module, node.level, _imported(node.names, at), star=False)


def _imported(nodes: Sequence[ast.alias], at: Sheet) -> tuple[f.Imported, ...]:
    return tuple([f.Imported(at.span(node), node.name, node.asname) for node in nodes])


def _if(node: ast.If, at: Sheet) -> f.Stmt:
    chain: list[tuple[Span, f.Expr, tuple[f.Stmt, ...]]] = []
    following: list[ast.stmt] = [node]
    while len(following) == 1 and isinstance(link := following[0], ast.If):
        test = expression(link.test, at)
        chain.append((head(link, test, at), test, _block(link.body, at)))
        following = link.orelse
    orelse = _block(following, at)
    for span, test, body in reversed(chain):
        orelse = (f.If(span, test, body, orelse),)
    return orelse[0]


def _while(node: ast.While, at: Sheet) -> f.Stmt:
    test = expression(node.test, at)
    return f.While(head(node, test, at), test, _block(node.body, at), _block(node.orelse, at))


def _for(node: ast.For | ast.AsyncFor, at: Sheet) -> f.Stmt:
    target, iterable = _target(node.target, at), expression(node.iter, at)
    span = head(node, iterable, at)
    body, orelse = _block(node.body, at), _block(node.orelse, at)
    return f.For(span, target, iterable, body, orelse, type(node) is ast.AsyncFor)


def _with(node: ast.With | ast.AsyncWith, at: Sheet) -> f.Stmt:
    start, asynchronous = at.span(node).start, type(node) is ast.AsyncWith
    items = tuple(items_of(node.items, keyword_end(at.text, start, asynchronous=asynchronous), at))
    return f.With(Span(start, items[-1].span.end), items, _block(node.body, at), asynchronous)


def _try(node: Any, at: Sheet) -> f.Stmt:  # noqa: ANN401 - TryStar is no class of 3.10
    start = at.span(node).start
    return f.Try(
        Span(start, start + len("try")),
        _block(node.body, at),
        tuple([_handler(handler, at) for handler in node.handlers]),
        _block(node.orelse, at),
        _block(node.finalbody, at),
        type(node) is not ast.Try,
    )


def _handler(node: ast.ExceptHandler, at: Sheet) -> f.Handler:
    span = Span(start := at.span(node).start, start + len("except"))
    catches = optional(node.type, at)
    if catches is not None:
        span = head(node, catches, at)
    if node.name is not None:
        at.scope.bound.add(node.name)
        name = skip(at.text, skip(at.text, span.end) + len("as"))
        span = Span(start, word_end(at.text, name))
    return f.Handler(span, catches, node.name, _block(node.body, at))


def _match(node: ast.Match, at: Sheet) -> f.Stmt:
    subject = expression(node.subject, at)
    span = head(node, subject, at)
    cases: list[f.Case] = []
    before = skip(at.text, span.end) + 1
    for case in node.cases:
        cases.append(_case(case, before, at))
        before = at.span(case.body[-1]).end
    return f.Match(span, subject, tuple(cases))


def _case(node: ast.match_case, before: int, at: Sheet) -> f.Case:
    """Return one ``case``, the next statement after ``before``."""
    text = at.text
    start = skip(text, before)
    while text[start] == ";":
        start = skip(text, start + 1)
    shape, end = pattern(node.pattern, start + len("case"), at)
    guard = optional(node.guard, at)
    end = closed(text, end if guard is None else guard.span.end, len(text))
    return f.Case(Span(start, end), shape, guard, _block(node.body, at))


def _function(node: ast.FunctionDef | ast.AsyncFunctionDef, at: Sheet) -> f.Stmt:
    asynchronous = type(node) is ast.AsyncFunctionDef
    span = Span(start := at.span(node).start, end_of(node, at))
    decorators = tuple([expression(decorator, at) for decorator in node.decorator_list])
    taken, returns = parameters(node.args, at, expression), optional(node.returns, at)
    at.scope.bound.add(node.name)
    outer, at.scope = at.scope, Scope()
    body = _block(node.body, at)
    scope, at.scope = at.scope, outer
    bound = scope.bound
    bound.update([parameter.name for parameter in taken])
    bound.update([declared.name for declared in getattr(node, "type_params", ())])
    elsewhere = scope.global_names | scope.nonlocal_names
    name = skip(at.text, keyword_end(at.text, start, asynchronous=asynchronous))
    function = f.Function(
        span,
        name=node.name,
        head=Span(name, word_end(at.text, name)),
        parameters=taken,
        returns=returns,
        decorators=decorators,
        body=body,
        bound=tuple(sorted(bound - elsewhere)),
        global_names=tuple(sorted(scope.global_names)),
        nonlocal_names=tuple(sorted(scope.nonlocal_names)),
        is_async=asynchronous,
        is_generator=scope.yields,
        is_lambda=False,
    )
    return f.Define(span, function)


def _class(node: ast.ClassDef, at: Sheet) -> f.Stmt:
    span = Span(start := at.span(node).start, end_of(node, at))
    name = skip(at.text, start + len("class"))
    written = Span(name, word_end(at.text, name))
    declared = getattr(node, "type_params", ())
    before = at.span(declared[-1]).end if declared else written.end
    bases = arguments(node.bases, node.keywords, before, -1, at, expression)
    decorators = tuple([expression(decorator, at) for decorator in node.decorator_list])
    at.scope.bound.add(node.name)
    outer, at.scope = at.scope, Scope()
    body = _block(node.body, at)
    at.scope = outer
    return f.Class(span, node.name, written, bases, decorators, body)


def _global(node: ast.Global, at: Sheet) -> f.Stmt:
    at.scope.global_names.update(node.names)
    return f.Scope(at.span(node), "global", tuple(node.names))


def _nonlocal(node: ast.Nonlocal, at: Sheet) -> f.Stmt:
    at.scope.nonlocal_names.update(node.names)
    return f.Scope(at.span(node), "nonlocal", tuple(node.names))


def _type_alias(node: Any, at: Sheet) -> f.Stmt:  # noqa: ANN401 - no class before 3.12
    at.scope.bound.add(node.name.id)
    return f.TypeAliasing(at.span(node), node.name.id)


_READINGS: dict[type, _Reading] = {
    ast.AnnAssign: _annotated,
    ast.Assert: _assert,
    ast.Assign: _assign,
    ast.AsyncFor: _for,
    ast.AsyncFunctionDef: _function,
    ast.AsyncWith: _with,
    ast.AugAssign: _augmented,
    ast.Break: _break,
    ast.ClassDef: _class,
    ast.Continue: _continue,
    ast.Delete: _del,
    ast.Expr: _expr,
    ast.For: _for,
    ast.FunctionDef: _function,
    ast.Global: _global,
    ast.If: _if,
    ast.Import: _import,
    ast.ImportFrom: _import_from,
    ast.Match: _match,
    ast.Nonlocal: _nonlocal,
    ast.Raise: _raise,
    ast.Return: _return,
    ast.Try: _try,
    ast.While: _while,
    ast.With: _with,
}
_NEWER: dict[str, _Reading] = {"TryStar": _try, "TypeAlias": _type_alias}
_READINGS.update({getattr(ast, name): reading for name, reading in _NEWER.items() if hasattr(ast, name)})
