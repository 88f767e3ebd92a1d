"""Lowering of calls: the methods of variables, resets handed to others, helpers of the program, the rest."""

from __future__ import annotations

import functools
from typing import Literal

from ctxlint.analysis.arguments import parameters_of
from ctxlint.analysis.effects import Effects
from ctxlint.analysis.exceptions import ANY, LEAVING
from ctxlint.analysis.lowering import expressions
from ctxlint.analysis.lowering.frame import (
    Frame,
    Out,
    constant,
    derives_from,
    emit,
    fresh,
    is_saved_attribute,
    place_of,
    signature,
)
from ctxlint.analysis.scopes import Assigned, Iterated, Scope
from ctxlint.analysis.symbols import ClassRef, External, FunctionRef, ParameterRef, Symbol
from ctxlint.knowledge.loader import TokenCall, token_calls
from ctxlint.knowledge.loader import calls as known_calls
from ctxlint.knowledge.loader import frames as known_frames
from ctxlint.model import facts as f
from ctxlint.model import ir
from ctxlint.model.ids import Place, VarId
from ctxlint.model.spans import Span
from ctxlint.model.walk import dotted

_EMPTY = frozenset(
    f"builtins.{name}" for name in ("bytes", "dict", "frozenset", "list", "set", "str", "tuple")
)
_COLLECTS = frozenset(
    {"append", "appendleft", "add", "insert", "push", "put", "put_nowait", "extend", "setdefault"}
)
_TAKES = frozenset({"pop", "popleft", "popitem"})
_CONTAINERS = frozenset({"builtins.list", "builtins.dict", "builtins.set", "collections.deque"})
_KEEPERS = (
    "builtins.list().",
    "builtins.dict().",
    "builtins.set().",
    "collections.deque().",
    "builtins.setattr",
)
"""Methods of containers, which others may hold, too, and what fills an attribute of any object."""
_COPIES = frozenset(f"builtins.{name}" for name in ("list", "tuple", "dict", "set", "frozenset", "reversed"))


def lower_call(frame: Frame, expr: f.Call, out: Out) -> ir.Operand:
    """Append what a call does; answer with the operand that stands for its result."""
    return _lowered(frame, expr, out, None)


def lower_awaited(frame: Frame, expr: f.Call, suspend: ir.Suspend, out: Out) -> ir.Operand:
    """The same for a call under ``await``. What a coroutine function returns is there behind the ``await``, so what
    comes out of that comes before the token.
    """
    operand = _lowered(frame, expr, out, suspend)
    if not out or not isinstance(out[-1], ir.Do) or not any(event is suspend for event in out[-1].events):
        emit(out, suspend)
    return operand


def _lowered(frame: Frame, expr: f.Call, out: Out, awaited: ir.Suspend | None) -> ir.Operand:
    method = _variable_method(frame, expr.func)
    if method is not None:
        return _variable_call(frame, expr, *method, out)
    symbol = frame.resolver.resolve(frame.scope, expr.func)
    if isinstance(expr.func, f.Attribute):
        expressions.lower_expr(frame, expr.func.value, out)
    spawns = isinstance(symbol, External) and symbol.name in known_frames().task_starters
    operands = [
        _coroutine(frame, argument.value, out)
        if spawns and isinstance(argument.value, f.Call)
        else expressions.lower_expr(frame, argument.value, out)
        for argument in expr.args
    ]
    if _registered_resets(frame, expr, operands, out):
        return None  # to register what undoes it counts as done, whatever registers it
    if isinstance(expr.func, f.Attribute) and not isinstance(symbol, FunctionRef):
        handled, result = _container_method(frame, expr, expr.func, operands, out)
        if handled:
            return result
        if expr.func.attr == "reset" and len(operands) == 1 and isinstance(operands[0], Place):
            emit(out, ir.Reset(expr.span, None, operands[0]))
            if isinstance(expr.func.value, f.Attribute) and expr.func.value.attr == "var":
                return None
    return _plain_call(frame, expr, symbol, operands, out, awaited)


def _coroutine(frame: Frame, call: f.Call, out: Out) -> ir.Operand:
    """The call of a coroutine function that is handed to a starter: it makes the coroutine, and runs nothing."""
    for argument in call.args:
        operand = expressions.lower_expr(frame, argument.value, out)
        if isinstance(operand, Place):
            emit(out, ir.Hand(call.span, operand, "argument"))
    symbol = frame.resolver.resolve(frame.scope, call.func)
    if isinstance(symbol, FunctionRef) and symbol.scope.parent is frame.scope:
        expressions.capture(frame, symbol.scope, call, out)
    return None


def _variable_method(frame: Frame, func: f.Expr) -> tuple[VarId, str] | None:
    if isinstance(func, f.Name):
        made = frame.resolver.value(frame.scope, func)
        if made is None or not isinstance(made[1], f.Attribute):
            return None
        scope, func = made
    else:
        scope = frame.scope
    if isinstance(func, f.Attribute) and func.attr in ("set", "reset", "get"):
        var = frame.resolver.variable(scope, func.value)
        return (var, func.attr) if var is not None else None
    return None


def _variable_call(frame: Frame, expr: f.Call, var: VarId, method: str, out: Out) -> ir.Operand:
    operands = [expressions.lower_expr(frame, argument.value, out) for argument in expr.args]
    span = expr.span
    if method == "get":
        into = frame.temporary()
        emit(out, ir.Get(span, var, into))
        return into
    if method == "reset":
        emit(out, ir.Reset(span, var, operands[0] if operands else None))
        return None
    into = frame.temporary()
    if not expr.args:
        return None
    receiver = dotted(expr.func.value) or "" if isinstance(expr.func, f.Attribute) else ""
    value = expr.args[0].value
    if is_saved_attribute(frame, value, var):
        emit(out, ir.Restore(span, var))
        return None
    if isinstance(value, f.Attribute) and value.attr == "old_value":  # what the token would put back
        token = place_of(value.value)
        emit(out, ir.Restore(span, var, token if token is not None and not token.path else None))
        return None
    operand = operands[0]
    if isinstance(
        operand, Place
    ):  # a token, or a container of tokens, that another variable keeps from now on
        emit(out, ir.Hand(span, operand, "container" if _is_container(frame, operand) else "argument"))
    operand = _written(frame, value, operand, var)
    if isinstance(operand, ir.Constant):
        for each in _emptied_in_turn(frame, expr, signature(value), empty=operand.empty):
            emit(out, ir.Set(span, each, None, ir.Constant(operand.text, empty=True), receiver=receiver))
    emit(out, ir.Set(span, var, into, operand, derived=derives_from(frame, value, var), receiver=receiver))
    return into


def _written(frame: Frame, value: f.Expr, operand: ir.Operand, var: VarId) -> ir.Operand:
    """What a set writes: what the variable was declared with, or another spelling of nothing, clears it."""
    if isinstance(value, f.Call) and not value.args and frame.external(value.func) in _EMPTY:
        return ir.Constant("empty", empty=True, truth=False)
    made = fresh(frame.resolver, frame.scope, value)
    if made is not None and made == frame.default(var):  # a new one of what was there before anything was set
        return ir.Constant(made, empty=True)
    if isinstance(operand, ir.Constant) and signature(value) == frame.default(var):
        return ir.Constant(operand.text, empty=True, truth=operand.truth)
    return operand


def _emptied_in_turn(frame: Frame, expr: f.Call, written: str, *, empty: bool) -> tuple[VarId, ...]:
    """The variables that ``for var in (A, B): var.set(None)`` clears, turn by turn; none where it does not clear."""
    receiver = expr.func.value if isinstance(expr.func, f.Attribute) else None
    bound = frame.scope.bindings.get(receiver.id, []) if isinstance(receiver, f.Name) else []
    if len(bound) != 1 or not isinstance(bound[0], Iterated) or bound[0].path:
        return ()
    found = frame.resolver.elements(frame.scope, bound[0].value) or ()
    variables = [frame.resolver.variable(*each) for each in found]
    known = tuple(var for var in variables if var is not None and (empty or written == frame.default(var)))
    return known if len(known) == len(found) else ()


def _registered_resets(frame: Frame, expr: f.Call, operands: list[ir.Operand], out: Out) -> bool:
    """``stack.callback(v.reset, token)`` and every other call that is handed a bound ``reset`` and its token."""
    found = False
    for index, argument in enumerate(expr.args[:-1]):
        value = argument.value
        if isinstance(value, f.Attribute) and value.attr == "reset":
            var = frame.variable(value.value)
            if var is not None:
                emit(out, ir.Reset(expr.span, var, operands[index + 1]))
                found = True
    return found


def _container_method(
    frame: Frame, expr: f.Call, func: f.Attribute, operands: list[ir.Operand], out: Out
) -> tuple[bool, ir.Operand]:
    """Methods of lists, dicts and queues, by what they do to a token. Of a container that the function made itself
    that is all they do; of anything else they are calls besides.
    """
    container = place_of(func.value)
    if container is None:
        return False, None
    local = _is_container(frame, container)
    places = [operand for operand in operands if isinstance(operand, Place)]
    if func.attr in _COLLECTS and places:
        for place in places:
            emit(out, ir.Collect(expr.span, container, place))
        return local, None
    if func.attr == "clear" and not expr.args:
        emit(out, ir.Bind(expr.span, container, None))
        return local, None
    if func.attr in _TAKES or (func.attr == "get" and all(constant(a.value) for a in expr.args)):
        result = frame.temporary()
        if not local:
            emit(out, ir.Call(expr.span, ir.Grade.CALL, dotted(func) or "…"))
        emit(out, ir.Bind(expr.span, result, _taken_from(container, expr)))
        return True, result
    return False, None


def _taken_from(container: Place, call: f.Call) -> Place:
    """What ``get`` or ``pop`` gives: the part under a key that is written out, else any of the container's."""
    key = call.args[0].value if call.args else None
    return (
        Place(container.root, (*container.path, f"[{key.text}]")) if isinstance(key, f.Literal) else container
    )


def _is_container(frame: Frame, place: Place) -> bool:
    """Is the place a name that this function binds to a list, dict or set of its own?"""
    bindings = frame.scope.bindings.get(place.root, ()) if not place.path else ()
    return bool(bindings) and all(
        isinstance(binding, Assigned)
        and (
            isinstance(binding.value, f.Display | f.DictDisplay | f.Comprehension)
            or (isinstance(binding.value, f.Call) and frame.external(binding.value.func) in _CONTAINERS)
        )
        for binding in bindings
    )


def _plain_call(
    frame: Frame,
    expr: f.Call,
    symbol: Symbol | None,
    operands: list[ir.Operand],
    out: Out,
    awaited: ir.Suspend | None,
) -> ir.Operand:
    span = expr.span
    callee = dotted(expr.func) or "…"
    if isinstance(symbol, FunctionRef):
        return _project_call(frame, expr, symbol, operands, out, awaited)
    known = known_calls()
    if isinstance(symbol, External) and symbol.name in known_frames().task_makers:
        emit(out, ir.Call(span, ir.Grade.NEVER, callee, work=False, mark="spawn"))
        return None
    name = symbol.name if isinstance(symbol, External) else _method_of_display(frame, expr.func)
    if known.is_quiet(name):
        if name.startswith(_KEEPERS):
            _hand_all(span, operands, out)
        return operands[0] if name in _COPIES and operands else None
    if isinstance(symbol, External) and symbol.name in token_calls():
        return _token_api(frame, expr, token_calls()[symbol.name], operands, out)
    _hand_all(span, operands, out)
    if isinstance(symbol, External):
        _external_call(expr, symbol.name, out)
        return None
    if isinstance(symbol, ClassRef):
        if any(_is_exception(base) for base in frame.resolver.external_bases(symbol.scope)):
            return None  # making an exception raises nothing; raising it is the statement's business
        grade = ir.Grade.NEVER if _constructs_calmly(frame, symbol.scope) else ir.Grade.CALL
        emit(out, ir.Call(span, grade, callee, work=_constructor_works(frame, symbol.scope)))
        return None
    mark: Literal["", "wrapped"] = "wrapped" if is_wrapped(frame, expr.func, symbol) else ""
    emit(out, ir.Call(span, ir.Grade.CALL, callee, mark=mark))
    return None


def _hand_all(span: Span, operands: list[ir.Operand], out: Out) -> None:
    for operand in operands:
        if isinstance(operand, Place):
            emit(out, ir.Hand(span, operand, "argument"))


def _method_of_display(frame: Frame, func: f.Expr) -> str:
    """The dotted name of a method of a container that is written out where it is made; empty for any other call."""
    if not isinstance(func, f.Attribute) or func.attr not in _quiet_methods(known_calls().quiet):
        return ""
    match frame.resolver.value(frame.scope, func.value):
        case _, f.Display(kind=kind):
            return f"builtins.{kind}().{func.attr}"
        case _, f.DictDisplay():
            return f"builtins.dict().{func.attr}"
        case _:
            return ""


@functools.lru_cache(maxsize=4)
def _quiet_methods(quiet: frozenset[str]) -> frozenset[str]:
    return frozenset(name.rpartition(".")[2] for name in quiet if name.startswith(_KEEPERS))


def _external_call(expr: f.Call, name: str, out: Out) -> None:
    known = known_calls()
    if name in known.never_return:
        out.append(ir.Exit(expr.span, "raise", LEAVING))
    elif not _is_exception(name):
        emit(out, ir.Call(expr.span, ir.Grade.CALL, dotted(expr.func) or "…", work=known.is_work(name)))


def is_wrapped(frame: Frame, func: f.Expr, symbol: Symbol | None) -> bool:
    """Is this a call of what the function wraps: a parameter of the function around it, or an attribute that the
    constructor filled from a parameter?
    """
    if isinstance(symbol, ParameterRef):
        return symbol.scope is not frame.scope
    found = frame.resolver.bindings(frame.scope, func) if isinstance(func, f.Attribute) else None
    if found is None:
        return False
    method, bindings = found
    return any(
        isinstance(binding, Assigned)
        and isinstance(frame.resolver.resolve(method, binding.value), ParameterRef)
        and method.function.name == "__init__"
        for binding in bindings
        if method.kind == "function"
    )


def _token_api(
    frame: Frame, expr: f.Call, known: TokenCall, operands: list[ir.Operand], out: Out
) -> Place | None:
    """A function of a library with a variable of its own: it sets and returns the token, undoes, or reads."""
    span, var = expr.span, library_variable(known.library.variable)
    into = frame.temporary()
    match known.role:
        case "read":
            emit(out, ir.Get(span, var, into))
            return into
        case "set":
            helper = (dotted(expr.func) or next(iter(known.library.sets))).rpartition(".")[2]
            named = bool(expr.args) and expr.args[0].keyword is not None  # one value of several
            emit(out, ir.Set(span, var, into, None if named or not operands else operands[0], helper=helper))
            return into
        case "clear":
            emit(out, ir.Restore(span, var))
        case "reset":
            _token_given_back(expr, var, operands, out)
    return None


def _token_given_back(expr: f.Call, var: VarId, operands: list[ir.Operand], out: Out) -> None:
    """A token, or a mapping of them with ``**``. Who gives single ones back by name knows what becomes of the rest."""
    named = any(argument.keyword is not None for argument in expr.args)
    for operand in operands:
        if not named:
            emit(out, ir.Reset(expr.span, var, operand))
        elif isinstance(operand, Place):
            whole = Place(operand.root, operand.path[:-1])
            emit(out, ir.Hand(expr.span, whole, "argument"))
    if not operands:
        emit(out, ir.Reset(expr.span, var, None))


def library_variable(name: str) -> VarId:
    """The identity of a library's variable, which no file of the program declares."""
    return VarId("", name)


_PLAIN_BASES = frozenset({"builtins.object", "typing.Generic", "typing.Protocol"})


def _is_exception(name: str) -> bool:
    return name.startswith("builtins.") and name.endswith(
        ("Error", "Exception", "Exit", "Interrupt", "Warning")
    )


def _constructor_works(frame: Frame, cls: Scope) -> bool:
    """Does constructing the class call anything that is work? A plain value class does not."""
    init = frame.resolver.method(cls, "__init__")
    return init is not None and frame.effects(init).works


def _constructs_calmly(frame: Frame, cls: Scope) -> bool:
    """Does nothing run when the class is constructed but what raises nothing: no method of its own, or a calm one?"""
    node = cls.node
    if not isinstance(node, f.Class) or any(base.keyword for base in node.bases):
        return False
    if any(base not in _PLAIN_BASES for base in frame.resolver.external_bases(cls)):
        return False
    outer = cls.parent or cls
    made_by = (each.func if isinstance(each, f.Call) else each for each in node.decorators)
    if any(frame.resolver.external(outer, each) != "dataclasses.dataclass" for each in made_by):
        return False
    made = (frame.resolver.method(cls, name) for name in ("__new__", "__init__", "__post_init__"))
    return all(method is None or frame.effects(method).calm for method in made)


def _put(span: Span, var: VarId, operand: ir.Operand, out: Out) -> None:
    """A setter of the program is given a value: one that was saved puts back, an empty one clears."""
    if isinstance(operand, Place):
        emit(out, ir.Restore(span, var, operand))
    elif isinstance(operand, ir.Constant) and operand.empty:
        emit(out, ir.Restore(span, var))


def _project_call(
    frame: Frame,
    expr: f.Call,
    symbol: FunctionRef,
    operands: list[ir.Operand],
    out: Out,
    awaited: ir.Suspend | None,
) -> ir.Operand:
    function = symbol.scope.function
    effects = frame.effects(symbol.scope)
    span = expr.span
    runs = (awaited is not None) == function.is_async and not function.is_generator
    if not runs:
        _give_all(frame, expr, symbol, operands, out)
        return None
    left = effects.leaves if frame.is_scope else frozenset[tuple[VarId, str]]()
    for operand, parameter in zip(operands, parameters_of(expr, symbol), strict=True):
        _give(frame, expr, operand, parameter, effects, out)
        for var in sorted(var for var, taken in effects.puts - left if taken == parameter):
            _put(span, var, operand, out)
    for name in sorted(effects.free_resets):
        emit(out, ir.Reset(span, None, Place(name)))
    for var in sorted(effects.restores):
        emit(out, ir.Restore(span, var))
    # After what it undoes (a discharging call counts as done whatever it raises), before what it sets.
    mark: Literal["", "recursion"] = "recursion" if symbol.scope is frame.scope else ""
    works = effects.works or bool(effects.reads)  # who reads the variable does what it was set for
    target = symbol.scope.func_id
    pops = tuple(sorted(effects.pops))
    grade = ir.Grade.NEVER if effects.calm else ir.Grade.CALL
    back = tuple(sorted(effects.undoes - effects.restores)) if effects.resets else ()
    emit(out, ir.Call(span, grade, function.name, target, works, mark, effects.raises, pops, back))
    if not effects.returns:
        out.append(ir.Exit(span, "raise", effects.raises[0] if effects.raises else ANY))
    if awaited is not None and (effects.tokens or left):
        emit(out, awaited)
    given = dict(zip(parameters_of(expr, symbol), operands, strict=True))
    for var, parameter in sorted(left):  # a setter of the program stands in a context manager for the set
        derived = any(derives_from(frame, argument.value, var) for argument in expr.args)
        value = given.get(parameter)
        emit(out, ir.Set(span, var, None, value, derived=derived, helper=function.name, setter=True))
    return _returned_tokens(frame, expr, effects, function.name, out)


def _returned_tokens(frame: Frame, expr: f.Call, effects: Effects, helper: str, out: Out) -> Place | None:
    if not effects.tokens:
        return None
    into = frame.temporary()
    several = len({token.path for token in effects.tokens}) < len(effects.tokens)  # a list of them, say
    for token in effects.tokens:
        place = Place(into.root, tuple(f"[{index}]" for index in token.path))
        single = frame.temporary() if several else place
        derived = token.var in effects.pops or any(
            derives_from(frame, argument.value, token.var) for argument in expr.args
        )
        emit(out, ir.Set(expr.span, token.var, single, None, derived=derived, helper=helper))
        if several:
            emit(out, ir.Collect(expr.span, place, single))
    return into


def _give(
    frame: Frame, expr: f.Call, operand: ir.Operand, parameter: str | None, effects: Effects, out: Out
) -> None:
    if not isinstance(operand, Place):
        return
    if parameter in effects.resets:
        by, strict = next(
            ((var, strict) for name, var, strict in effects.takes if name == parameter), (None, False)
        )
        emit(out, ir.Reset(expr.span, None, operand, by, strict))
    elif parameter is None or parameter in effects.keeps:
        emit(out, ir.Hand(expr.span, operand, "argument"))


def _give_all(frame: Frame, expr: f.Call, symbol: FunctionRef, operands: list[ir.Operand], out: Out) -> None:
    for operand in operands:
        if isinstance(operand, Place):
            emit(out, ir.Hand(expr.span, operand, "argument"))
    if symbol.scope.parent is frame.scope:
        expressions.capture(frame, symbol.scope, expr, out)
