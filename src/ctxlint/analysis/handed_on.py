"""Functions that are handed to functions of the program, which start them or hand them on: who drives them is told by
what becomes of the parameter. And coroutines that only carry a value of their maker over to wherever they run.
"""

from __future__ import annotations

from ctxlint.analysis.arguments import parameters_of
from ctxlint.analysis.callers import Use
from ctxlint.analysis.program import Program
from ctxlint.analysis.scopes import Assigned, Scope
from ctxlint.analysis.symbols import FunctionRef, ParameterRef
from ctxlint.model import facts as f
from ctxlint.model.ids import VarId
from ctxlint.model.walk import walk


def uses_below(program: Program, use: Use, call: f.Call) -> tuple[Use, ...]:
    """What a function of the program does with the parameter that takes what stands at ``use``; empty where ``call``
    is no call of such a function, or the parameter is given other values, too.
    """
    symbol = program.resolver.resolve(use.scope, call.func)
    if not isinstance(symbol, FunctionRef):
        return ()
    taken = zip(call.args, parameters_of(call, symbol), strict=True)
    name = next((name for argument, name in taken if any(part is use.node for part in walk(argument))), None)
    if name is None or len(symbol.scope.bindings.get(name, ())) != 1:
        return ()
    return tuple(
        found for found in program.uses.named(name) if _is_parameter(program, found, symbol.scope, name)
    )


def _is_parameter(program: Program, use: Use, owner: Scope, name: str) -> bool:
    expr = use.node.func if isinstance(use.node, f.Call) else use.node
    if not isinstance(expr, f.Name) or use.scope.path != owner.path:
        return False
    symbol = program.resolver.resolve(use.scope, expr)
    return isinstance(symbol, ParameterRef) and symbol.scope is owner and symbol.name == name


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
    sets = [
        call
        for call in scope.calls
        if isinstance(call.func, f.Attribute)
        and call.func.attr == "set"
        and program.resolver.variable(scope, call.func.value) == var
    ]
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
