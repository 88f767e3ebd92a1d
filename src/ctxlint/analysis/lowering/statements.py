"""Lowering of statements: structure is kept, expressions become events."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import msgspec

from ctxlint.analysis.exceptions import ANY, caught_classes, raised_class
from ctxlint.analysis.lowering import iterables, managers
from ctxlint.analysis.lowering.expressions import capture, lower_expr
from ctxlint.analysis.lowering.frame import Frame, Out, constant, emit, place_of
from ctxlint.analysis.lowering.guards import lower_guard
from ctxlint.analysis.lowering.library_managers import held_by_library
from ctxlint.analysis.scopes import Assigned
from ctxlint.model import facts as f
from ctxlint.model import ir
from ctxlint.model.ids import Place


def lower_block(frame: Frame, body: tuple[f.Stmt, ...]) -> ir.Block:
    """The nodes that ``body`` comes down to."""
    out: Out = []
    for statement in body:
        _STATEMENTS[type(statement)](frame, statement, out)
    return tuple(out)


def _evaluate(frame: Frame, node: f.Evaluate, out: Out) -> None:
    operand = lower_expr(frame, node.value, out)
    last = out[-1].events[-1] if out and isinstance(out[-1], ir.Do) else None
    if isinstance(last, ir.Set) and last.into == operand:  # the token is thrown away
        bare = msgspec.structs.replace(last, into=None)
        out[-1] = ir.Do(out[-1].span, (*out[-1].events[:-1], bare))  # type: ignore[union-attr] # a Do, seen above


def _assign(frame: Frame, node: f.Assign, out: Out) -> None:
    if len(node.targets) == 1:
        target = node.targets[0]
        if isinstance(target, f.Display) and isinstance(node.value, f.Display):
            _assign_pairwise(frame, target, node.value, out)
            return
    operand = (
        _test_result(frame, node.value, out) if _is_test(node.value) else lower_expr(frame, node.value, out)
    )
    for target in node.targets:
        _store(frame, target, operand, out)


def _is_test(value: f.Expr) -> bool:
    return isinstance(value, f.Compare | f.Not)


def _test_result(frame: Frame, value: f.Expr, out: Out) -> Place:
    """``owns = token is not None``: the name tells as much as the test itself."""
    result = frame.temporary()
    guard = lower_guard(frame, value, out)
    arms = [
        (
            ir.Do(
                value.span, (ir.Bind(value.span, result, ir.Constant(str(held), empty=not held, truth=held)),)
            ),
        )
        for held in (True, False)
    ]
    out.append(ir.Branch(value.span, guard, arms[0], arms[1]))
    return result


def _assign_pairwise(frame: Frame, target: f.Display, value: f.Display, out: Out) -> None:
    if len(target.items) != len(value.items) or any(isinstance(item, f.Starred) for item in target.items):
        _store(frame, target, lower_expr(frame, value, out), out)
        return
    held: list[ir.Operand] = []
    for item in value.items:  # every value first, then every name: `a, b = b, a`
        operand = lower_expr(frame, item, out)
        if isinstance(operand, Place) and not operand.root.startswith("%"):
            copy = frame.temporary()
            emit(out, ir.Bind(item.span, copy, operand))
            operand = copy
        held.append(operand)
    for item, operand in zip(target.items, held, strict=True):
        _store(frame, item, operand, out)


def _store(frame: Frame, target: f.Expr, operand: ir.Operand, out: Out) -> None:
    span = target.span
    match target:
        case f.Display(items=items):
            for index, item in enumerate(items):
                part = (
                    Place(operand.root, (*operand.path, f"[{index}]")) if isinstance(operand, Place) else None
                )
                _store(frame, item, part, out)
            return
        case f.Starred(value=value):
            _store(frame, value, operand, out)
            return
        case f.Name(id=name):
            emit(out, ir.Bind(span, Place(name), operand))
            return
        case f.Attribute(value=value):
            lower_expr(frame, value, out)
        case f.Subscript(value=value, index=index):
            lower_expr(frame, value, out)
            lower_expr(frame, index, out)
        case _:
            return
    place = place_of(target)
    if place is not None:
        emit(out, ir.Bind(span, place, operand))
        return
    container = place_of(target.value)
    if container is not None and isinstance(operand, Place) and isinstance(target, f.Subscript):
        emit(out, ir.Collect(span, container, operand))
    elif isinstance(operand, Place):
        emit(out, ir.Hand(span, operand, "container" if isinstance(target, f.Subscript) else "field"))


def _augment(frame: Frame, node: f.Augment, out: Out) -> None:
    operand = lower_expr(frame, node.value, out)
    place = place_of(node.target)
    if place is None:
        return
    if isinstance(operand, Place) and node.op in ("+", "|"):
        emit(out, ir.Collect(node.span, place, operand))
    else:
        emit(out, ir.Bind(node.span, place, None))


def _delete(frame: Frame, node: f.Delete, out: Out) -> None:
    for target in node.targets:
        place = place_of(target)
        if place is not None:
            emit(out, ir.Bind(node.span, place, None))


def _return(frame: Frame, node: f.Return, out: Out) -> None:
    if node.value is not None:
        several = isinstance(node.value, f.Display) and node.value.kind == "tuple"
        values = node.value.items if isinstance(node.value, f.Display) and several else (node.value,)
        for index, value in enumerate(values):
            operand = lower_expr(frame, value, out)
            emit(out, ir.Hand(value.span, operand, "return", f"[{index}]" if several else ""))
    out.append(ir.Exit(node.span, "return"))


def _raise(frame: Frame, node: f.Raise, out: Out) -> None:
    raised = None
    if node.value is not None:
        lower_expr(frame, node.value, out)
        called = node.value.func if isinstance(node.value, f.Call) else node.value
        raised = raised_class(frame.resolver, frame.scope, called) or ANY
    out.append(ir.Exit(node.span, "raise", raised))


def _jump(frame: Frame, node: f.Break | f.Continue, out: Out) -> None:
    out.append(ir.Exit(node.span, "break" if isinstance(node, f.Break) else "continue"))


def _assert(frame: Frame, node: f.Assert, out: Out) -> None:
    guard = lower_guard(frame, node.test, out)
    failed: Out = [ir.Do(node.span, (ir.Call(node.span, ir.Grade.CALL, "assert", work=False),))]
    out.append(ir.Branch(node.test.span, guard, (), tuple(failed)))


def _import(frame: Frame, node: f.Import | f.ImportFrom, out: Out) -> None:
    grade = ir.Grade.NEVER if _is_imported_above(frame, node) else ir.Grade.CALL
    emit(out, ir.Call(node.span, grade, "import", work=False))


def _is_imported_above(frame: Frame, node: f.Import | f.ImportFrom) -> bool:
    """Does the function import the same names in a statement above? Where the first import fails nothing that it was
    needed for is done.
    """
    wanted = _imported(node)
    return bool(wanted) and any(
        each.span < node.span and wanted <= _imported(each) for each in frame.scope.imports
    )


def _imported(node: f.Import | f.ImportFrom) -> set[tuple[int, str, str]]:
    if isinstance(node, f.Import):
        return {(0, "", each.name) for each in node.names}
    return {(node.level, node.module, each.name) for each in node.names}


def _if(frame: Frame, node: f.If, out: Out) -> None:
    guard = lower_guard(frame, node.test, out)
    then, orelse = lower_block(frame, node.body), lower_block(frame, node.orelse)
    out.append(ir.Branch(node.test.span, guard, then, orelse))


def _while(frame: Frame, node: f.While, out: Out) -> None:
    head: Out = []
    guard = lower_guard(frame, node.test, head)
    body, orelse = lower_block(frame, node.body), lower_block(frame, node.orelse)
    out.append(ir.Loop(node.span, tuple(head), guard, body, orelse))


def _for(frame: Frame, node: f.For, out: Out) -> None:
    lower_expr(frame, node.iterable, out)
    body: Out = []
    reset = iterables.reset_in_loop(frame, node)
    container = iterables.container(node.iterable) if reset is not None else None
    if reset is not None and container is not None:
        emit(out, ir.ResetEach(reset.span, container))
    elif reset is not None:
        for token in iterables.written_out(node.iterable):
            emit(out, ir.Reset(reset.span, None, token))
    _store(frame, node.target, None, body)  # one token of several: resetting it is ResetEach's business
    head: Out = []
    if node.is_async:
        emit(head, ir.Suspend(node.span, "await"))
    elif container is None and not iterables.iterates_safely(frame, node.iterable):
        emit(head, ir.Call(node.iterable.span, ir.Grade.LOOP, "iteration", work=False))
    block = (*body, *lower_block(frame, node.body))
    once = iterables.is_filled(frame, node.iterable)
    over = None if node.is_async else iterables.goes_over(frame, node.iterable)
    orelse = lower_block(frame, node.orelse)
    out.append(ir.Loop(node.span, tuple(head), ir.Opaque(), block, orelse, once, over))


def _with(frame: Frame, node: f.With, out: Out) -> None:
    _with_items(frame, node, node.items, out)


def _with_items(frame: Frame, node: f.With, items: tuple[f.WithItem, ...], out: Out) -> None:
    if not items:
        out.extend(lower_block(frame, node.body))
        return
    item, *others = items
    span = item.span
    operand = lower_expr(frame, item.context, out)
    leave: list[ir.EventT] = []
    swallowed = managers.swallowed(frame, item.context)
    perhaps = swallowed is None and managers.may_swallow(frame, item.context)
    if isinstance(operand, Place) and _is_token(frame, out, operand, item.context):
        leave.append(ir.Reset(span, None, operand))
    elif node.is_async:
        lock = managers.is_lock(frame, item.context)
        if not (lock and managers.is_never_waited_for(frame, item.context)):
            emit(out, ir.Suspend(span, "await"))
        if not lock:
            leave.append(ir.Suspend(span, "await"))
    elif swallowed is None and not managers.is_quiet(frame, item.context):
        # In a `finally` an object that is there already is a lock: taking it is no more than a call.
        calm = frame.final and not isinstance(item.context, f.Call)
        grade = ir.Grade.CALL if calm else ir.Grade.WITH
        emit(out, ir.Call(span, grade, "with", work=managers.manager_works(frame, item.context)))
    held = managers.scoped_variables(frame, item.context) | held_by_library(frame, item.context)
    for var in sorted(held):  # its exit puts back what its entry found
        before = frame.temporary()
        emit(out, ir.Get(span, var, before))
        leave.append(ir.Set(span, var, None, before))
    inner: Out = []
    if item.target is not None:
        _store(frame, item.target, operand if isinstance(item.target, f.Name) and leave else None, inner)
    _with_items(frame, node, tuple(others), inner)
    out.append(ir.With(span, tuple(inner), () if perhaps else swallowed, tuple(leave), perhaps))


def _is_token(frame: Frame, out: Out, operand: Place, context: f.Expr) -> bool:
    """Python 3.14: a token is a context manager that resets on the way out."""
    last = out[-1].events[-1] if out and isinstance(out[-1], ir.Do) else None
    if isinstance(last, ir.Set) and last.into == operand:
        return True
    return isinstance(context, f.Name) and any(
        isinstance(binding, Assigned)
        and isinstance(binding.value, f.Call)
        and isinstance(binding.value.func, f.Attribute)
        and binding.value.func.attr == "set"
        and frame.variable(binding.value.func.value) is not None
        for binding in frame.scope.bindings.get(context.id, ())
    )


def _try(frame: Frame, node: f.Try, out: Out) -> None:
    handlers: list[ir.Except] = []
    for handler in node.handlers:
        catches, unknown = None, False
        if handler.catches is not None:
            catches, unknown = caught_classes(frame.resolver, frame.scope, handler.catches)
        body: Out = []
        if handler.name is not None:
            emit(body, ir.Bind(handler.span, Place(handler.name), None))
        block = (*body, *lower_block(frame, handler.body))
        handlers.append(ir.Except(handler.span, catches, unknown, block))
    out.append(
        ir.Try(
            node.span,
            lower_block(frame, node.body),
            tuple(handlers),
            lower_block(frame, node.orelse),
            lower_block(replace(frame, final=True), node.final),
            node.is_star,
        )
    )


def _match(frame: Frame, node: f.Match, out: Out) -> None:
    operand = lower_expr(frame, node.subject, out)
    rest: ir.Block = ()
    for case in reversed(node.cases):
        guard: ir.Guard = ir.Always() if case.pattern.irrefutable else _case_guard(case.pattern, operand)
        value = operand if case.pattern.irrefutable else None
        binds: list[ir.EventT] = [
            ir.Bind(case.pattern.span, Place(name), value) for name in case.pattern.binds
        ]
        body = lower_block(frame, case.body)
        if case.guard is not None:
            test: Out = []
            guarded = lower_guard(frame, case.guard, test)
            binds.extend(event for part in test if isinstance(part, ir.Do) for event in part.events)
            guard = ir.Every(guards=(guard, ir.Every(events=tuple(binds), guards=(guarded,))))
        elif binds:
            body = (ir.Do(case.pattern.span, tuple(binds)), *body)
        rest = (ir.Branch(case.span, guard, body, rest),)
    out.extend(rest)


def _case_guard(pattern: f.Pattern, operand: ir.Operand) -> ir.Guard:
    literal = constant(pattern.literal) if pattern.literal is not None else None
    if isinstance(operand, Place) and literal is not None:
        if literal.text == "None":
            return ir.IsNone(place=operand)
        if literal.text in ("True", "False"):
            guard = ir.Truthy(place=operand)
            return guard if literal.text == "True" else ir.Negated(guard=guard)
    return ir.Opaque()


def _define(frame: Frame, node: f.Define | f.Class, out: Out) -> None:
    """A nested definition that is decorated, or a class, takes what it captures; a plain function only when it
    is named other than to be called (see ``expressions``).
    """
    scope = node.function if isinstance(node, f.Define) else node
    for decorator in scope.decorators:
        lower_expr(frame, decorator, out)
    if scope.decorators or isinstance(node, f.Class):
        capture(frame, frame.scope.child(scope), node, out)


def _nothing(frame: Frame, node: f.Stmt, out: Out) -> None:
    del frame, node, out


_STATEMENTS: dict[type[f.Node], Callable[..., None]] = {
    f.Evaluate: _evaluate,
    f.Assign: _assign,
    f.Annotate: _nothing,
    f.Augment: _augment,
    f.Delete: _delete,
    f.Return: _return,
    f.Raise: _raise,
    f.Break: _jump,
    f.Continue: _jump,
    f.Assert: _assert,
    f.Import: _import,
    f.ImportFrom: _import,
    f.If: _if,
    f.While: _while,
    f.For: _for,
    f.With: _with,
    f.Try: _try,
    f.Match: _match,
    f.Define: _define,
    f.Class: _define,
    f.Scope: _nothing,
    f.TypeAliasing: _nothing,
}
