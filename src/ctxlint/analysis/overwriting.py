"""Tokens that a newer token pushes out of their only place, so that nobody can reset them any more.

Within a function the interpreter saw it: a loop, a retry, a name used again. On an attribute of ``self`` it takes an
object that two calls share at a time. That is held to be proved for an ASGI application and for middleware, of which a
server has one; for a class whose decorator enters ``self`` in the wrapper; for an instance of a module that is entered
at two places, one of them in a coroutine function; and for one that is entered inside its own block.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ctxlint.analysis import scopes as sc
from ctxlint.analysis.program import Program
from ctxlint.analysis.relevance import events
from ctxlint.analysis.scopes import Scope
from ctxlint.analysis.symbols import InstanceRef
from ctxlint.analysis.tokens import TokenSite
from ctxlint.model import facts as f
from ctxlint.model import ir
from ctxlint.model.ids import Place
from ctxlint.model.spans import Span
from ctxlint.model.walk import holds, walk

_ASGI = ("scope", "receive", "send")
_ENTERS = ("__enter__", "__aenter__")
_DECORATORS = frozenset({"contextlib.ContextDecorator", "contextlib.AsyncContextDecorator"})
_MIDDLEWARE = frozenset(
    {"starlette.middleware.base.BaseHTTPMiddleware", "django.utils.deprecation.MiddlewareMixin"}
)


@dataclass(frozen=True, slots=True)
class Shared:
    """Why one object serves several calls at a time, with the place that shows it."""

    why: str
    scope: Scope
    span: Span


def replaced(token: TokenSite) -> Span | None:
    """Where a newer token takes the place of the site's, though a reset is meant to find it there; None where that
    happens on no way, or the value is undone all the same.
    """
    into = token.site.into
    if token.outcome.replaced is None or into is None or token.capped:
        return None
    scopes = [token.scope]
    if into.path and token.scope.owner is not None:
        scopes += [child for child in token.scope.owner.children if child.kind == "function"]
    is_wanted = any(
        isinstance(event, ir.Reset) and event.token == into
        for scope in scopes
        for event in events(token.program.body(scope))
    )
    return token.outcome.replaced if is_wanted else None


def shared(token: TokenSite) -> Shared | None:
    """Why the attribute of ``self`` that gets the token is overwritten by the next call; None where that is not proved,
    or the function looks at the attribute first.
    """
    program, scope, into = token.program, token.scope, token.site.into
    if scope.kind != "function" or scope.owner is None or into is None or len(into.path) != 1:
        return None
    if into.root != sc.self_name(scope) or into.path[0].startswith("[") or _looks_first(scope, into):
        return None
    return next(_reasons(program, scope, scope.owner, into), None)


def _looks_first(scope: Scope, place: Place) -> bool:
    """Does a condition, or an assertion, of the function ask what the attribute holds?"""
    tests = (
        node.test
        for statement in scope.body
        for node in walk(statement, into_scopes=False)
        if isinstance(node, f.If | f.Assert | f.Conditional)
    )
    return any(
        isinstance(node, f.Attribute) and node.attr == place.path[0] for test in tests for node in walk(test)
    )


def _reasons(program: Program, scope: Scope, cls: Scope, into: Place) -> Iterator[Shared]:
    head = scope.function.head
    names = tuple(parameter.name for parameter in scope.function.parameters)
    bases = program.resolver.external_bases(cls)
    if scope.function.is_async and names[1:4] == _ASGI:
        yield Shared("one ASGI application serves every request, many at a time", scope, head)
    elif not _MIDDLEWARE.isdisjoint(bases) or _wraps_views(program, scope, cls):
        yield Shared("one middleware serves every request, many at a time", scope, head)
    if scope.function.name in _ENTERS or _is_part_of_enter(program, scope, into):
        yield from _as_decorator(program, cls)
        yield from _entered_twice(program, cls)


def _is_part_of_enter(program: Program, scope: Scope, place: Place) -> bool:
    """Is it a method that only the entries of its object call, whatever it holds: ``def __enter__(self): return
    self._enter()``?
    """
    uses = program.uses.of(scope)
    return bool(uses) and all(
        isinstance(use.node, f.Call)
        and use.scope.kind == "function"
        and use.scope.function.name in _ENTERS
        and isinstance(use.node.func, f.Attribute)
        and isinstance(use.node.func.value, f.Name)
        and use.node.func.value.id == sc.self_name(use.scope)
        and not _looks_first(use.scope, place)
        and not _is_below_condition(use.scope, use.node.span)
        for use in uses
    )


def _is_below_condition(scope: Scope, span: Span) -> bool:
    return any(
        isinstance(node, f.If) and holds((*node.body, *node.orelse), span)
        for statement in scope.body
        for node in walk(statement, into_scopes=False)
    )


def _wraps_views(program: Program, scope: Scope, cls: Scope) -> bool:
    """Is this the ``__call__`` of a Django middleware: does its constructor take ``get_response``?"""
    init = program.resolver.method(cls, "__init__")
    return (
        scope.function.name == "__call__"
        and init is not None
        and any(parameter.name == "get_response" for parameter in init.function.parameters)
    )


def _as_decorator(program: Program, cls: Scope) -> Iterator[Shared]:
    """A wrapper that enters ``self``: every call of what is decorated enters the same object."""
    call = program.resolver.method(cls, "__call__")
    own = sc.self_name(call) if call is not None else None
    for inner in call.descendants() if call is not None else ():
        for item in _items(inner):
            if inner is not call and isinstance(item.context, f.Name) and item.context.id == own:
                yield Shared("every call of what it decorates enters the same object", inner, item.span)
    if _DECORATORS.isdisjoint(program.resolver.external_bases(cls)):
        return
    if program.resolver.method(cls, "_recreate_cm") is not None:
        return
    for scope in program.functions():
        if isinstance(scope.node, f.Function) and scope.parent is not None:
            for decorator in scope.node.decorators:
                symbol = program.resolver.resolve(scope.parent, decorator)
                if isinstance(symbol, InstanceRef) and symbol.scope is cls:
                    yield Shared(
                        "every call of what it decorates enters the same object", scope, decorator.span
                    )


def _entered_twice(program: Program, cls: Scope) -> Iterator[Shared]:
    """An instance that is entered inside its own block, or a module's that several functions enter, one a coroutine."""
    for (home, name), uses in program.once(_entered).get(cls, {}).items():
        inner = [(scope, item) for scope, item in uses if _is_inside_own_block(scope, name, item)]
        if inner:
            scope, item = inner[0]
            yield Shared(f"`{name}` is entered inside its own block", scope, item.span)
        elif home.kind == "module" and len(uses) > 1 and any(s.function.is_async for s, _ in uses):
            scope, item = next((scope, item) for scope, item in uses if scope.function.is_async)
            yield Shared(f"`{name}` is one object, entered at {len(uses)} places", scope, item.span)


def _entered(program: Program) -> dict[Scope, dict[tuple[Scope, str], list[tuple[Scope, f.WithItem]]]]:
    """Where instances that have a name are entered, by their class, and by that name and where it is bound."""
    entered: dict[Scope, dict[tuple[Scope, str], list[tuple[Scope, f.WithItem]]]] = {}
    for scope in program.functions():
        for item in _items(scope) if scope.kind == "function" else ():
            context = item.context
            symbol = program.resolver.resolve(scope, context) if isinstance(context, f.Name) else None
            if isinstance(context, f.Name) and isinstance(symbol, InstanceRef):
                found = program.resolver.bindings(scope, context)
                if found is not None:
                    by_name = entered.setdefault(symbol.scope, {})
                    by_name.setdefault((found[0], context.id), []).append((scope, item))
    return entered


def _is_inside_own_block(scope: Scope, name: str, wanted: f.WithItem) -> bool:
    for statement in scope.body:
        for node in walk(statement, into_scopes=False):
            if isinstance(node, f.With) and any(
                _names(item, name) for item in node.items if item is not wanted
            ):
                inside = (part for inner in node.body for part in walk(inner, into_scopes=False))
                if any(part is wanted for part in inside):
                    return True
    return False


def _names(item: f.WithItem, name: str) -> bool:
    return isinstance(item.context, f.Name) and item.context.id == name


def _items(scope: Scope) -> Iterator[f.WithItem]:
    for statement in scope.body:
        for node in walk(statement, into_scopes=False):
            if isinstance(node, f.With):
                yield from node.items
