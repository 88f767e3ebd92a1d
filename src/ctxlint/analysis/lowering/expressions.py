"""Lowering of expressions, calls aside (see ``calls``)."""

from __future__ import annotations

from ctxlint.analysis.lowering import calls
from ctxlint.analysis.lowering.frame import Frame, Out, constant, emit, is_get, place_of
from ctxlint.analysis.scopes import Scope
from ctxlint.analysis.symbols import FunctionRef
from ctxlint.model import facts as f
from ctxlint.model import ir
from ctxlint.model.ids import Place
from ctxlint.model.walk import parts, walk


def lower_expr(frame: Frame, expr: f.Expr, out: Out) -> ir.Operand:  # noqa: C901, PLR0911, PLR0912 - a dispatch table
    """Append what evaluating ``expr`` does; answer with the operand that stands for its value."""
    known = constant(expr)
    if known is not None:
        return known
    match expr:
        case f.Name():
            _captured(frame, expr, out)
            return Place(expr.id)
        case f.Attribute(value=value):
            lower_expr(frame, value, out)
            return place_of(expr)
        case f.Subscript(value=value, index=index):
            lower_expr(frame, value, out)
            lower_expr(frame, index, out)
            return place_of(expr)
        case f.Call():
            return calls.lower_call(frame, expr, out)
        case f.Await(value=value):
            if not isinstance(value, f.Call):
                operand = lower_expr(frame, value, out)
                emit(out, ir.Suspend(expr.span, "await"))
                return operand
            return calls.lower_awaited(frame, value, ir.Suspend(expr.span, "await"), out)
        case f.Yield(value=value) | f.YieldFrom(value=value):
            if value is not None:
                emit(out, ir.Hand(value.span, lower_expr(frame, value, out), "yield"))
            emit(out, ir.Suspend(expr.span, "yield", frame.throws))
            return None
        case f.Walrus(target=target, value=value):
            emit(out, ir.Bind(expr.span, Place(target.id), lower_expr(frame, value, out)))
            return Place(target.id)
        case f.Conditional():
            return _conditional(frame, expr, out)
        case f.Boolean():
            return _boolean(frame, expr, out)
        case f.Display() | f.DictDisplay():
            return _display(frame, expr, out)
        case f.Comprehension():
            return _comprehension(frame, expr, out)
        case f.Lambda(function=function):
            capture(frame, frame.scope.child(function), expr, out)
            return None
        case f.Starred(value=value):
            return lower_expr(frame, value, out)
        case f.Operation(operands=operands):
            for each in operands:
                operand = lower_expr(frame, each, out)
                if isinstance(each, f.Display) and isinstance(
                    operand, Place
                ):  # `stack + (token,)` is another one
                    emit(out, ir.Hand(each.span, operand, "container"))
            return None
        case _:
            for part in parts(expr):
                lower_expr(frame, part, out)  # type: ignore[arg-type] # the parts of an operator are expressions
            return None


def _captured(frame: Frame, expr: f.Name, out: Out) -> None:
    """A nested function that is named other than to be called takes what it captures with it."""
    symbol = frame.resolver.name(frame.scope, expr.id)
    if (
        isinstance(symbol, FunctionRef)
        and symbol.scope.parent is frame.scope
        and expr.id in frame.scope.bindings
    ):
        capture(frame, symbol.scope, expr, out)


def capture(frame: Frame, inner: Scope, node: f.Node, out: Out) -> None:
    """Hand over every place of this frame that ``inner`` (a nested function or class) uses."""
    for name in free_names(inner):
        if name in frame.scope.bindings:
            emit(out, ir.Hand(node.span, Place(name), "closure"))


def free_names(inner: Scope) -> tuple[str, ...]:
    """The names that a nested definition reads and does not bind."""
    assert inner.node is not None  # noqa: S101 - a nested scope has a node
    bound = set(inner.node.bound) if isinstance(inner.node, f.Function) else set(inner.bindings)
    found = [part.id for part in walk(inner.node) if isinstance(part, f.Name) and part.id not in bound]
    return tuple(dict.fromkeys(found))


def _conditional(frame: Frame, expr: f.Conditional, out: Out) -> ir.Operand:
    from ctxlint.analysis.lowering.guards import lower_guard  # noqa: PLC0415 - guards lower expressions in turn

    guard = lower_guard(frame, expr.test, out)
    result = frame.temporary()
    arms: list[ir.Block] = []
    for arm in (expr.then, expr.orelse):
        block: Out = []
        emit(block, ir.Bind(arm.span, result, lower_expr(frame, arm, block)))
        arms.append(tuple(block))
    out.append(ir.Branch(expr.test.span, guard, arms[0], arms[1], told=False))
    return result


def _boolean(frame: Frame, expr: f.Boolean, out: Out) -> ir.Operand:
    """``a or b``: the later operands may not be evaluated at all, so each is a branch of its own."""
    from ctxlint.analysis.lowering.guards import lower_guard  # noqa: PLC0415 - guards lower expressions in turn

    result = frame.temporary()
    first: ir.Operand = None
    var = is_get(frame, expr.values[0])
    if (
        var is not None and expr.op == "or"
    ):  # `v.get() or new`: the older value, or a new one where there was none
        first = lower_expr(frame, expr.values[0], out)
        guard: ir.Guard = ir.Negated(guard=ir.Unset(var=var, exact=False))
    else:
        guard = lower_guard(frame, expr.values[0], out)
    emit(out, ir.Bind(expr.values[0].span, result, first))
    rest = expr.values[1] if len(expr.values) == 2 else f.Boolean(expr.span, expr.op, expr.values[1:])  # noqa: PLR2004 - the last pair
    block: Out = []
    emit(block, ir.Bind(rest.span, result, lower_expr(frame, rest, block)))
    arms: tuple[ir.Block, ir.Block] = (tuple(block), ()) if expr.op == "and" else ((), tuple(block))
    out.append(ir.Branch(expr.values[0].span, guard, *arms, told=False))
    return result


def _display(frame: Frame, expr: f.Display | f.DictDisplay, out: Out) -> ir.Operand:
    container = frame.temporary()
    emit(out, ir.Bind(expr.span, container, ir.Constant("container", empty=False, truth=True)))
    values = (
        expr.items
        if isinstance(expr, f.Display)
        else (*(k for k in expr.keys if k is not None), *expr.values)
    )
    for item in values:
        operand = lower_expr(frame, item, out)
        if isinstance(operand, Place):
            emit(out, ir.Collect(item.span, container, operand))
    return container


def _comprehension(frame: Frame, expr: f.Comprehension, out: Out) -> ir.Operand:
    container = frame.temporary()
    emit(out, ir.Bind(expr.span, container, None))
    body: Out = []
    for part in (expr.element, expr.value):
        if part is not None:
            operand = lower_expr(frame, part, body)
            if isinstance(operand, Place):
                emit(body, ir.Collect(part.span, container, operand))
    for clause in reversed(expr.clauses):
        for condition in reversed(clause.conditions):
            inner: Out = []
            lower_expr(frame, condition, inner)
            body = [*inner, ir.Branch(condition.span, ir.Opaque(), tuple(body), ())]
        head: Out = []
        lower_expr(frame, clause.iterable, head)
        body = [*head, ir.Loop(clause.span, (), ir.Opaque(), tuple(body), ())]
    out.extend(body)
    return container
