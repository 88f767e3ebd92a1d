"""What a generator that somebody else drives does to a value across a ``yield``.

Each ``yield`` begins a new epoch: who asks for the next item, or closes the generator, may run in another Context, in
which a token from before does not work. Whether a reset is ready for that, or the value is put back without the
token, is decided here; who drives the generator in ``generators``.
"""

from __future__ import annotations

from collections.abc import Iterator

from ctxlint.analysis.arguments import parameters_of
from ctxlint.analysis.generators import is_driven_elsewhere
from ctxlint.analysis.program import Program
from ctxlint.analysis.scopes import Scope
from ctxlint.analysis.symbols import FunctionRef
from ctxlint.analysis.tokens import TokenSite
from ctxlint.analysis.undoing import asks_who_runs, parameter, resets_of
from ctxlint.model import facts as f
from ctxlint.model.observations import Crossing
from ctxlint.model.spans import Span
from ctxlint.model.walk import holds, walk

_REFUSAL = "builtins.ValueError"
_BROAD = frozenset({"builtins.Exception", "builtins.BaseException"})


def crossing(token: TokenSite) -> Crossing | None:
    """The first reset of the token after a ``yield`` that is not ready to be refused; None where there is none, or the
    generator is driven as a scope.
    """
    unready = (
        each
        for each in sorted(token.outcome.across, key=lambda each: each.reset)
        if not _is_ready(token.program, token.scope, each.reset)
    )
    found = next(unready, None)
    return found if found is not None and _is_open(token) else None


def seen_by_consumer(token: TokenSite) -> Span | None:
    """The ``yield`` at which the value is in force, where nothing clears it in a ``finally``; None where there is
    none, or where to be seen is what the value is for: a bare set on each turn of a loop publishes it. To put a saved
    value back in the ``finally`` mends the end alone: the consumer has seen the value, and of two streams whose steps
    alternate the one that ends last puts back what the other had set.
    """
    if token.outcome.yielded is None or token.outcome.across or _is_cleared(token):
        return None
    if not token.is_bound and (token.is_overwritten or token.harmless is not None):
        return None
    return token.outcome.yielded if _is_open(token) else None


def _is_cleared(token: TokenSite) -> bool:
    return any(leaving.via != "saved" for leaving in token.undone_at_last)


def _is_open(token: TokenSite) -> bool:
    """Does somebody else decide when the generator goes on, and does it never ask who that is?"""
    if not is_driven_elsewhere(token.program, token.scope):
        return False
    tests = (
        node.test
        for statement in token.scope.body
        for node in walk(statement, into_scopes=False)
        if isinstance(node, f.If | f.Conditional)
    )
    return not any(asks_who_runs(test) for test in tests)


def _is_ready(program: Program, scope: Scope, reset: Span) -> bool:
    """Does something around the reset stop the ValueError? A broad handler counts only if it is not around a ``yield``:
    else it is there for other errors. The reset may be the business of a function that is ready for it.
    """
    return _is_ready_below(program, scope, reset) or any(
        holds(body, reset)
        for statement in scope.body
        for node in walk(statement, into_scopes=False)
        for body in _ready_bodies(program, scope, node)
    )


def _is_ready_below(program: Program, scope: Scope, reset: Span) -> bool:
    """Is the token handed to a function of the program whose own reset of it is ready to fail?"""
    call = next((call for call in scope.calls if call.span == reset), None)
    symbol = program.resolver.resolve(scope, call.func) if call is not None else None
    if call is None or not isinstance(symbol, FunctionRef):
        return False
    given = set(parameters_of(call, symbol)) & program.effects(symbol.scope).resets
    return bool(given) and all(
        resets_of(program, symbol.scope, parameter(name)) is None for name in given if name is not None
    )


def _ready_bodies(program: Program, scope: Scope, node: f.Node) -> Iterator[tuple[f.Stmt, ...]]:
    match node:
        case f.Try(body=body, handlers=handlers):
            caught = [handler.catches for handler in handlers]
        case f.With(items=items, body=body):
            caught = [
                argument.value
                for item in items
                if isinstance(item.context, f.Call)
                and program.resolver.external(scope, item.context.func) == "contextlib.suppress"
                for argument in item.context.args
            ]
        case _:
            return
    names = {name for kind in caught for name in _names(program, scope, kind)}
    yields = any(isinstance(part, f.Yield | f.YieldFrom) for part in _parts(body))
    if _REFUSAL in names or (not yields and not names.isdisjoint(_BROAD)):
        yield body


def _names(program: Program, scope: Scope, kind: f.Expr | None) -> Iterator[str]:
    """The classes that a handler names; a bare one catches them all."""
    if kind is None:
        yield "builtins.BaseException"
    elif isinstance(kind, f.Display):
        for item in kind.items:
            yield from _names(program, scope, item)
    else:
        name = program.resolver.external(scope, kind)
        if name is not None:
            yield name


def _parts(body: tuple[f.Stmt, ...]) -> Iterator[f.Node]:
    for statement in body:
        yield from walk(statement, into_scopes=False)
