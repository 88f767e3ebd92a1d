"""Functions that are handed to functions of the program, which start them or hand them on: who drives them is told by
what becomes of the parameter. And coroutines that only carry a value of their maker over to wherever they run.
"""

from __future__ import annotations

from ctxlint.analysis.arguments import parameters_of
from ctxlint.analysis.callers import Use, Uses
from ctxlint.analysis.program import Program
from ctxlint.analysis.reads import is_set
from ctxlint.analysis.scopes import Assigned, Given, Scope
from ctxlint.analysis.symbols import FunctionRef
from ctxlint.model import facts as f
from ctxlint.model.ids import VarId
from ctxlint.model.walk import walk

_LOOKING = frozenset(
    {"functools.wraps", "functools.update_wrapper", "builtins.callable", "builtins.isinstance"}
)


def uses_below(program: Program, use: Use, call: f.Call) -> tuple[Use, ...]:
    """What a function of the program does with the parameter that takes what stands at ``use``; empty where ``call``
    is no call of such a function, or the parameter is given other values, too.
    """
    symbol = program.resolver.resolve(use.scope, call.func)
    if not isinstance(symbol, FunctionRef):
        return ()
    taken = zip(call.args, parameters_of(call, symbol), strict=True)
    name = next((name for argument, name in taken if any(part is use.node for part in walk(argument))), None)
    return _uses_of_parameter(program, symbol.scope, name) if name is not None else ()


def uses_by_decorator(program: Program, scope: Scope) -> tuple[Use, ...]:
    """What the decorators of the program do with a function that they are put on; empty where there are none."""
    found: list[Use] = []
    for decorator in scope.function.decorators if scope.parent is not None else ():
        symbol = program.resolver.resolve(scope.parent, decorator) if scope.parent is not None else None
        if not isinstance(symbol, FunctionRef) or not symbol.scope.function.parameters:
            return ()
        found += _uses_of_parameter(program, symbol.scope, symbol.scope.function.parameters[0].name)
    return tuple(found)


def invocation(program: Program, scope: Scope, call: f.Call) -> Use | None:
    """The call itself as a use: is its result awaited where it stands, or handed to somebody?"""
    called = call.func
    name = (
        called.id if isinstance(called, f.Name) else called.attr if isinstance(called, f.Attribute) else None
    )
    uses = Uses(program.resolver, (scope,)).named(name) if name is not None else ()
    return next((use for use in uses if use.node is call), None)


def is_called_directly(use: Use) -> bool:
    """Does the function whose parameter this is call it in its own text?"""
    func = use.node.func if isinstance(use.node, f.Call) else None
    return use.kind == "call" and isinstance(func, f.Name) and func.id in use.scope.bindings


def _uses_of_parameter(program: Program, owner: Scope, name: str) -> tuple[Use, ...]:
    """The uses of a parameter that is only ever wrapped (``fn = partial(fn)``), where it is not only looked at."""
    wrapped: list[f.Expr] = []
    for binding in owner.bindings.get(name, ()):
        if isinstance(binding, Assigned) and any(_is_name(part, name) for part in walk(binding.value)):
            wrapped.append(binding.value)
        elif not isinstance(binding, Given):
            return ()
    inside = {id(part) for value in wrapped for part in walk(value)}
    inside |= {
        id(target)
        for statement in (owner.body if wrapped else ())
        for node in walk(statement, into_scopes=False)
        if isinstance(node, f.Assign)
        for target in node.targets
    }
    return tuple(
        use
        for use in Uses(program.resolver, (owner,)).named(name)
        if id(use.node) not in inside and _is_parameter(use, owner, name) and not _is_looked_at(program, use)
    )


def _is_looked_at(program: Program, use: Use) -> bool:
    if use.kind != "handed" or use.receiver is None:
        return False
    name = program.resolver.external(use.scope, use.receiver.func) or ""
    return name in _LOOKING or name.startswith("inspect.")


def _is_name(node: f.Node, name: str) -> bool:
    return isinstance(node, f.Name) and node.id == name


def _is_parameter(use: Use, owner: Scope, name: str) -> bool:
    """Does the name at ``use`` stand for the parameter of ``owner``, in its text or in that of a function inside?"""
    expr = use.node.func if isinstance(use.node, f.Call) else use.node
    where: Scope | None = use.scope if isinstance(expr, f.Name) else None
    while where is not None and where is not owner and name not in where.bindings:
        where = where.parent
    return where is owner


def carries_over(program: Program, scope: Scope, var: VarId) -> bool:
    """Does a nested coroutine function set the variable only to what its maker read from it, and does the maker hand
    its coroutines to others? Where those run them there is no older value of anybody, or it is the same.
    """
    maker = scope.parent
    if maker is None or maker.kind != "function" or not scope.function.is_async:
        return False
    uses = program.uses.of(scope)
    if not uses or any(use.kind != "handed" for use in uses):
        return False
    sets = [call for call in scope.calls if is_set(program, scope, call, var)]
    return bool(sets) and all(
        len(call.args) == 1 and _is_read_by(program, maker, scope, call.args[0].value, var) for call in sets
    )


def _is_read_by(program: Program, maker: Scope, scope: Scope, value: f.Expr, var: VarId) -> bool:
    """Is this a name that the maker binds to ``var.get()``, and to nothing else?"""
    if not isinstance(value, f.Name) or value.id in scope.bindings:
        return False
    bindings = maker.bindings.get(value.id, ())
    return bool(bindings) and all(
        isinstance(binding, Assigned)
        and isinstance(binding.value, f.Call)
        and isinstance(binding.value.func, f.Attribute)
        and binding.value.func.attr == "get"
        and program.resolver.variable(maker, binding.value.func.value) == var
        for binding in bindings
    )
