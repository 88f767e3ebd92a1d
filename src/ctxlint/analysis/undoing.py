"""Where a function resets a token that another function made: one that it was given, one of an enclosing function,
one on its own object. A reset that is ready to fail (``except ValueError``, a question for the task at hand) is
meant, and is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ctxlint.analysis import scopes as sc
from ctxlint.analysis.arguments import parameters_of
from ctxlint.analysis.program import Program
from ctxlint.analysis.relevance import events
from ctxlint.analysis.scopes import Scope
from ctxlint.analysis.symbols import FunctionRef
from ctxlint.model import facts as f
from ctxlint.model import ir
from ctxlint.model.ids import Place, VarId
from ctxlint.model.spans import Span
from ctxlint.model.walk import holds, walk

_ACCEPTING = frozenset({"builtins.ValueError", "builtins.Exception", "builtins.BaseException"})
_ASKING = frozenset({"current_task", "get_ident", "current_thread", "get_native_id", "get_current_task"})
_DEPTH = 3


def resets_of(program: Program, scope: Scope, wanted: Callable[[Place], bool], depth: int = 0) -> Span | None:
    """The first reset in a function's own text, or in what it hands the token to, of a token that lies in a wanted
    place, and that is not ready to fail. None where there is none.
    """
    for event in events(program.body(scope)):
        match event:
            case ir.Reset(span=span, token=Place() as place) if wanted(place):
                if not is_accepted(program, scope, span) and _also_below(program, scope, span, place, depth):
                    return span
            case ir.ResetEach(span=span, container=place) if wanted(place):
                if not is_accepted(program, scope, span):
                    return span
            case _:
                pass
    return None


def resets_variable(program: Program, scope: Scope, var: VarId) -> Span | None:
    """The first reset of ``var`` in a function's own text that is not ready to fail."""
    return next(
        (
            event.span
            for event in events(program.body(scope))
            if isinstance(event, ir.Reset)
            and event.var == var
            and not is_accepted(program, scope, event.span)
        ),
        None,
    )


def parameter(name: str) -> Callable[[Place], bool]:
    """Is a place the parameter, or another name, ``name``?"""
    return lambda place: place == Place(name)


def attribute(scope: Scope, path: tuple[str, ...]) -> Callable[[Place], bool]:
    """Is a place in ``scope`` the attribute ``path`` of its own object?"""
    own = sc.self_name(scope)
    return lambda place: own is not None and place == Place(own, path)


def is_accepted(program: Program, scope: Scope, span: Span) -> bool:
    """Is what stands at ``span`` ready for the ValueError of a foreign Context, or asked for first?"""
    return any(
        holds(guarded, span)
        for statement in scope.body
        for node in walk(statement, into_scopes=False)
        for guarded in _guarded(program, scope, node)
    )


def _guarded(program: Program, scope: Scope, node: f.Node) -> Iterator[tuple[f.Stmt, ...]]:
    match node:
        case f.Try(body=body, handlers=handlers) if any(
            _accepts(program, scope, h.catches) for h in handlers
        ):
            yield body
        case f.With(items=items, body=body):
            for item in items:
                call = item.context
                if (
                    isinstance(call, f.Call)
                    and program.resolver.external(scope, call.func) == "contextlib.suppress"
                    and any(_accepts(program, scope, argument.value) for argument in call.args)
                ):
                    yield body
        case f.If(test=test, body=body, orelse=orelse) if asks_who_runs(test):
            yield (*body, *orelse)
        case _:
            pass


def _accepts(program: Program, scope: Scope, catches: f.Expr | None) -> bool:
    if catches is None:
        return True
    kinds = catches.items if isinstance(catches, f.Display) else (catches,)
    return any(program.resolver.external(scope, kind) in _ACCEPTING for kind in kinds)


def asks_who_runs(test: f.Node) -> bool:
    """Does a condition ask which task or thread runs, or in which Context the token was made?"""
    return any(
        (isinstance(node, f.Name) and node.id in _ASKING)
        or (isinstance(node, f.Attribute) and node.attr in _ASKING)
        for node in walk(test)
    )


def _also_below(program: Program, scope: Scope, span: Span, place: Place, depth: int) -> bool:
    """Where the reset is the business of a function that is handed the token: is it not ready to fail there, either?"""
    call = next((call for call in scope.calls if call.span == span), None)
    symbol = program.resolver.resolve(scope, call.func) if call is not None else None
    if call is None or not isinstance(symbol, FunctionRef) or depth > _DEPTH:
        return True
    for argument, name in zip(call.args, parameters_of(call, symbol), strict=True):
        if isinstance(argument.value, f.Name) and argument.value.id == place.root and name is not None:
            return resets_of(program, symbol.scope, parameter(name), depth + 1) is not None
    return True
