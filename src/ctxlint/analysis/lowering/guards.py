"""Conditions to guards: what can be decided about tokens and flags, and what can at least be correlated."""

from __future__ import annotations

from ctxlint.analysis.lowering.expressions import lower_expr
from ctxlint.analysis.lowering.frame import Frame, Out, constant, is_get, names_in, place_of, signature
from ctxlint.analysis.scopes import Assigned
from ctxlint.model import facts as f
from ctxlint.model import ir
from ctxlint.model.ids import Place
from ctxlint.model.walk import is_none

_WHO_RUNS = ("asyncio.current_task", "os.getpid", "threading.get_ident", "threading.current_thread")
_KINDS = frozenset(
    {
        "asyncio.iscoroutine",
        "asyncio.iscoroutinefunction",
        "asyncio.isfuture",
        "builtins.callable",
        "builtins.hasattr",
        "builtins.isinstance",
        "builtins.issubclass",
    }
)
_FALSE = ir.Negated(guard=ir.Always())


def lower_guard(frame: Frame, test: f.Expr, out: Out) -> ir.Guard:
    """The guard that ``test`` is. What it evaluates without condition goes to ``out``, the rest into the guard."""
    known = constant(test)
    if known is not None and known.truth is not None:
        return ir.Always() if known.truth else _FALSE
    match test:
        case f.Not(value=value):
            return ir.Negated(guard=lower_guard(frame, value, out))
        case f.Boolean(op=op, values=values):
            first, *others = values
            guards = (lower_guard(frame, first, out), *(_later(frame, value) for value in others))
            return ir.Every(guards=guards) if op == "and" else ir.Either(guards=guards)
        case f.Compare(left=left, ops=(op,), rights=(right,)) if op in ("is", "is not", "==", "!="):
            return _comparison(frame, test, left, op, right, out)
        case f.Compare(left=f.Literal() as key, ops=("in" | "not in" as op,), rights=(right,)):
            return _membership(frame, key, op, right, out)
        case f.Name(id="TYPE_CHECKING"):
            return _FALSE
        case f.Name() | f.Attribute() | f.Walrus():
            return _truth(frame, test, out)
        case f.Call():
            var = is_get(frame, test)
            lower_expr(frame, test, out)
            if var is not None:
                return ir.Negated(guard=ir.Unset(var=var, exact=False))
            return _opaque(test, steady=_asks_for_kind(frame, test))
        case _:
            lower_expr(frame, test, out)
            return _opaque(test)


def _later(frame: Frame, test: f.Expr) -> ir.Guard:
    """An operand of ``and``/``or`` that may not be evaluated: its events belong to the guard."""
    out: Out = []
    guard = lower_guard(frame, test, out)
    events = tuple(event for node in out if isinstance(node, ir.Do) for event in node.events)
    return ir.Every(events=events, guards=(guard,)) if events else guard


def _truth(frame: Frame, test: f.Expr, out: Out) -> ir.Guard:
    place = lower_expr(frame, test, out)
    return (
        ir.Truthy(place=place, whole=_is_object(frame, test)) if isinstance(place, Place) else _opaque(test)
    )


def _is_object(frame: Frame, test: f.Expr) -> bool:
    """Does the function use the name as nothing that Python itself makes false is used: by an attribute of its own?"""
    return isinstance(test, f.Name) and test.id in frame.objects()


def _comparison(frame: Frame, test: f.Compare, left: f.Expr, op: str, right: f.Expr, out: Out) -> ir.Guard:
    if constant(left) is not None and constant(right) is None:
        left, right = right, left
    operand = lower_expr(frame, left, out)
    lower_expr(frame, right, out)
    guard: ir.Guard | None = None
    if not _is_nothing(right) and any(_asks_who_runs(frame, side) for side in (left, right)):
        # Where another task or thread runs the token belongs to another Context, and must not be reset.
        return ir.Always() if op in ("is", "==") else _FALSE
    if _is_epoch(frame, left, right) or _is_epoch(frame, right, left):
        # Who moves the epoch on has seen to it that older values count no more.
        return ir.Always() if op in ("is", "==") else _FALSE
    if _is_nothing(right):
        var = is_get(frame, left)
        if var is not None:
            guard = ir.Unset(var=var)
        elif isinstance(operand, Place):
            guard = ir.IsNone(place=operand)
    elif isinstance(right, f.Literal) and right.kind == "bool" and isinstance(operand, Place):
        guard = ir.Truthy(place=operand)
        if right.text == "False":
            guard = ir.Negated(guard=guard)
    if guard is None:
        normal = f.Compare(test.span, left, (op.replace(" not", "").replace("!=", "=="),), (right,))
        guard = _opaque(normal)
    return ir.Negated(guard=guard) if op in ("is not", "!=") else guard


def _membership(frame: Frame, key: f.Literal, op: str, right: f.Expr, out: Out) -> ir.Guard:
    """``"key" in tokens``: whether the container holds something under a key that is written out."""
    lower_expr(frame, right, out)
    place = place_of(right)
    if place is None:
        guard = _opaque(f.Compare(key.span, key, ("in",), (right,)))
        return guard if op == "in" else ir.Negated(guard=guard)
    guard = ir.IsNone(place=Place(place.root, (*place.path, f"[{key.text}]")))
    return ir.Negated(guard=guard) if op == "in" else guard


def _asks_who_runs(frame: Frame, expr: f.Expr) -> bool:
    if isinstance(expr, f.Name):  # bound to nothing but the answers of such calls, and None
        bound = frame.scope.bindings.get(expr.id, [])
        values = [binding.value for binding in bound if isinstance(binding, Assigned)]
        asked = [value for value in values if isinstance(value, f.Call) and _asks_who_runs(frame, value)]
        return bool(asked) and all(value in asked or _is_nothing(value) for value in values)
    if not isinstance(expr, f.Call):
        return False
    called = frame.external(expr.func)
    if called == "builtins.id" and len(expr.args) == 1:  # `id(asyncio.current_task())`
        return _asks_who_runs(frame, expr.args[0].value)
    return called in _WHO_RUNS


def _is_epoch(frame: Frame, kept: f.Expr, now: f.Expr) -> bool:
    """Is a global name compared with what it was when the function kept it: ``mine = epoch`` … ``mine == epoch``?"""
    if not isinstance(kept, f.Name) or not isinstance(now, f.Name) or now.id in frame.scope.bindings:
        return False
    bound = frame.scope.bindings.get(kept.id, [])
    return len(bound) == 1 and all(
        isinstance(binding, Assigned)
        and not binding.path
        and isinstance(binding.value, f.Name)
        and binding.value.id == now.id
        for binding in bound
    )


def _is_nothing(expr: f.Expr) -> bool:
    """None, and the sentinel that stands for a missing value."""
    return is_none(expr) or (isinstance(expr, f.Attribute) and expr.attr == "MISSING")


def _asks_for_kind(frame: Frame, call: f.Call) -> bool:
    """Is it asked what kind of object a name holds: ``isinstance(result, Future)``, ``inspect.isawaitable(result)``?"""
    if not call.args or not isinstance(call.args[0].value, f.Name):
        return False
    name = frame.external(call.func)
    return name is not None and (name in _KINDS or name.startswith("inspect.is"))


def _opaque(test: f.Expr, *, steady: bool = False) -> ir.Guard:
    return ir.Opaque(
        key=signature(test),
        names=names_in(test),
        text=_text_test(test),
        typed=_type_asked(test),
        steady=steady,
    )


def _type_asked(test: f.Expr) -> str:
    """The name of which ``isinstance`` asks; empty for any other condition."""
    match test:
        case f.Call(func=f.Name(id="isinstance"), args=(f.Argument(value=f.Name(id=name)), *_)):
            return name
        case _:
            return ""


def _text_test(test: f.Expr) -> ir.TextTest | None:
    """The question about a text that ``test`` is: ``mode == "a"``, ``mode in ("a", "b")``, ``mode.startswith("a")``."""
    match test:
        case f.Compare(left=f.Name() as subject, ops=("==" | "in" as op,), rights=(right,)):
            words = _words(right) if isinstance(right, f.Display if op == "in" else f.Literal) else ()
            return ir.TextTest(signature(subject), "is", words) if words else None
        case f.Call(func=f.Attribute(value=f.Name() as subject, attr=attr), args=(argument,)):
            words = _words(argument.value)
            if words and attr == "startswith":
                return ir.TextTest(signature(subject), "startswith", words)
            return (
                ir.TextTest(signature(subject), "endswith", words) if words and attr == "endswith" else None
            )
        case _:
            return None


def _words(expr: f.Expr) -> tuple[str, ...]:
    """The texts that are written out in a literal or a tuple, list or set of them; none where anything else is."""
    items = expr.items if isinstance(expr, f.Display) else (expr,)
    words = tuple(item.text for item in items if isinstance(item, f.Literal) and item.kind == "str")
    return words if len(words) == len(items) else ()
