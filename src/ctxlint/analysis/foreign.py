"""Tokens that are reset in another Context than the one in which they were made.

Five ways lead there: a hop that runs its worker elsewhere (a task, a thread, a callback, a copied Context), a
generator that takes the token along to whoever drives it, a dependency and a pair of hooks whose framework runs the
halves in threads of their own, and the end of an object, which comes wherever its last reference goes. Each rests on
functions that are resolved and on places that are the same; what is not known is not guessed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from ctxlint.analysis import scopes as sc
from ctxlint.analysis.arguments import handed_on, names_context, parameters_of, worker_arguments
from ctxlint.analysis.callers import Use
from ctxlint.analysis.generators import is_driven_elsewhere
from ctxlint.analysis.partners import reached
from ctxlint.analysis.program import Program
from ctxlint.analysis.scopes import Scope
from ctxlint.analysis.symbols import FunctionRef
from ctxlint.analysis.tokens import TokenSite
from ctxlint.analysis.undoing import attribute, parameter, resets_of, resets_variable
from ctxlint.knowledge.hop import Hop, Kind
from ctxlint.knowledge.hops import hops
from ctxlint.knowledge.loader import frames as known_frames
from ctxlint.knowledge.targets import targets
from ctxlint.model import facts as f
from ctxlint.model.ids import Place
from ctxlint.model.spans import Span
from ctxlint.model.walk import walk

Way: TypeAlias = Kind | Literal["copy", "generator", "dependency", "hooks", "end"]
_FINALIZE = "weakref.finalize"
_COPIES = ("contextvars.copy_context", "contextvars.Context")
_LAZY = ("starlette.", "fastapi.", "django.", "sanic.", "quart.", "litestar.")
_CLOSING = frozenset({"contextlib.closing", "contextlib.aclosing"})


@dataclass(frozen=True, slots=True)
class ForeignReset:
    """A token that ``where`` resets at ``span`` in another Context. ``over`` is the place by which it gets there: the
    hop, the generator that leaves, the use as a dependency; None where there is none in the text.
    """

    token: TokenSite
    way: Way
    where: Scope
    span: Span
    over: tuple[Scope, f.Node] | None = None


_Found: TypeAlias = "tuple[Scope, Span] | None"


def foreign_reset(token: TokenSite) -> ForeignReset | None:
    """The reset of a token that runs in another Context; None where all that is known run in its own."""
    if token.scope.kind != "function":
        return None
    for ways in (_by_hop, _by_generator, _by_dependency, _by_hooks, _by_end):
        found = next(ways(token), None)
        if found is not None:
            return found
    return None


# --- hops ----------------------------------------------------------------------------------------------------


def _by_hop(token: TokenSite) -> Iterator[ForeignReset]:
    program = token.program
    places = reached(token)[0]
    for scope in _where_hops_stand(token.scope, places):
        for call in scope.calls:
            for way, worker, arguments in _foreign_workers(program, scope, call):
                found = _reset_by(program, scope, worker, arguments, token.scope, places)
                if found is not None:
                    yield ForeignReset(token, way, *found, (scope, call))


def _where_hops_stand(scope: Scope, places: set[Place]) -> Iterator[Scope]:
    """The function that sets; where the token is kept on an object, the other methods of its class, too."""
    yield scope
    if scope.owner is not None and any(_is_field(scope, place) for place in places):
        yield from (
            child for child in scope.owner.children if child.kind == "function" and child is not scope
        )


def _is_field(scope: Scope, place: Place) -> bool:
    return bool(place.path) and place.root == sc.self_name(scope)


def _foreign_workers(
    program: Program, scope: Scope, call: f.Call
) -> Iterator[tuple[Way, f.Expr, tuple[f.Argument, ...]]]:
    """The workers of a call that run them in another Context, with the arguments that they are handed there."""
    name = program.resolver.external(scope, call.func)
    if name is None:
        return
    for row in hops().every(name):
        way = _way(program, scope, call, row)
        if way is None:
            continue
        written, named = handed_on(call, row)
        arguments = (
            *(f.Argument(expr.span, expr, None, "") for expr in written),
            *(f.Argument(expr.span, expr, key, "") for key, expr in named.items()),
        )
        for worker in worker_arguments(call, row.worker):
            yield way, worker, arguments
    if not hops().every(name) and name in known_frames().task_starters and call.args:
        rest = tuple(argument for argument in call.args[1:] if argument.keyword is None)
        yield "task", call.args[0].value, rest


def _way(program: Program, scope: Scope, call: f.Call, row: Hop) -> Way | None:
    """How a row runs its worker in another Context whatever the version; None if it need not."""
    if row.worker.stands != "worker" or names_context(call, row):
        return None
    if row.kind == "here":
        return "copy" if _runs_in_copy(program, scope, call) else None
    if row.kind == "finalizer":
        return "finalizer" if _FINALIZE in row.callables else None
    verdicts = set(targets().verdicts(row).values())
    always = bool(verdicts) and verdicts.isdisjoint(("shared", "explicit", "depends"))
    races = row.kind in ("callback", "process", "executor")
    return row.kind if always or (races and "shared" not in verdicts) else None


def _runs_in_copy(program: Program, scope: Scope, call: f.Call) -> bool:
    """Is this ``ctx.run(…)`` of a Context that the function itself has just made?"""
    if not isinstance(call.func, f.Attribute) or scope.kind != "function":
        return False
    made = program.resolver.value(scope, call.func.value)
    return (
        made is not None
        and made[0] is scope
        and isinstance(made[1], f.Call)
        and program.resolver.external(scope, made[1].func) in _COPIES
    )


def _reset_by(
    program: Program,
    scope: Scope,
    worker: f.Expr,
    arguments: tuple[f.Argument, ...],
    home: Scope,
    places: set[Place],
) -> _Found:
    """The reset of a token that lies in ``places`` of ``home``, when ``worker`` is called with ``arguments``."""
    resolver = program.resolver
    match worker:
        case f.Attribute(attr="reset", value=value) if resolver.variable(scope, value) is not None:
            given = any(_is_token(argument.value, places) for argument in arguments)
            return (scope, worker.span) if given and scope is home else None
        case f.Call(func=func, args=args) if resolver.external(scope, func) == "functools.partial" and args:
            return _reset_by(program, scope, args[0].value, (*args[1:], *arguments), home, places)
        case f.Call(func=func, args=args):
            symbol = resolver.resolve(scope, func)
            if not isinstance(symbol, FunctionRef) or not symbol.scope.function.is_async:
                return None
            return _reset_in(program, scope, symbol, worker, home, places)
        case f.Name() | f.Attribute() | f.Lambda():
            symbol = resolver.resolve(scope, worker)
            if not isinstance(symbol, FunctionRef) or symbol.scope.function.is_generator:
                return None
            call = f.Call(worker.span, worker, arguments)
            return _reset_in(program, scope, symbol, call, home, places)
        case _:
            return None


def _is_token(expr: f.Expr, places: set[Place]) -> bool:
    if isinstance(expr, f.Name):
        return Place(expr.id) in places
    return (
        isinstance(expr, f.Attribute)
        and isinstance(expr.value, f.Name)
        and Place(expr.value.id, (expr.attr,)) in places
    )


def _reset_in(
    program: Program, scope: Scope, ref: FunctionRef, call: f.Call, home: Scope, places: set[Place]
) -> _Found:
    """The reset of the token in a function that is called so: by a parameter, as an enclosing function's name, or on
    the object that both belong to.
    """
    inner = ref.scope
    if inner is home:
        return None
    spans = (
        _of_parameter(program, ref, call, places) if scope is home else None,
        _of_enclosing(program, inner, home, places),
        _of_object(program, inner, home, places),
    )
    return next(((inner, span) for span in spans if span is not None), None)


def _of_parameter(program: Program, ref: FunctionRef, call: f.Call, places: set[Place]) -> Span | None:
    for argument, name in zip(call.args, parameters_of(call, ref), strict=True):
        if name is not None and _is_token(argument.value, places):
            return resets_of(program, ref.scope, parameter(name))
    return None


def _of_enclosing(program: Program, inner: Scope, home: Scope, places: set[Place]) -> Span | None:
    if not _is_inside(inner, home):
        return None
    mine = {place for place in places if not place.path and place.root not in inner.function.bound}
    return resets_of(program, inner, lambda place: place in mine)


def _of_object(program: Program, inner: Scope, home: Scope, places: set[Place]) -> Span | None:
    if inner.owner is None or inner.owner is not home.owner or _calls(program, inner, home):
        return None
    if not _is_only_handed(program, inner):
        return None
    fields = (place for place in sorted(places) if _is_field(home, place))
    found = (resets_of(program, inner, attribute(inner, place.path)) for place in fields)
    return next((span for span in found if span is not None), None)


def _is_inside(inner: Scope, outer: Scope) -> bool:
    where = inner.parent
    while where is not None and where is not outer:
        where = where.parent
    return where is outer


def _calls(program: Program, scope: Scope, callee: Scope) -> bool:
    return any(use.scope is scope for use in program.uses.of(callee))


def _is_only_handed(program: Program, scope: Scope) -> bool:
    """Is a method never called where it could be in the Context of its token?"""
    return all(use.kind == "handed" for use in program.uses.of(scope))


# --- generators ----------------------------------------------------------------------------------------------


def _by_generator(token: TokenSite) -> Iterator[ForeignReset]:
    """A generator that takes the token along and leaves the function: who drives it decides on the Context."""
    program, scope = token.program, token.scope
    places = reached(token)[0]
    for call in scope.calls:
        ref = program.resolver.resolve(scope, call.func)
        if not isinstance(ref, FunctionRef) or not ref.scope.function.is_generator:
            continue
        if program.decorators(ref.scope) or not _leaves(program, scope, call, ref.scope):
            continue
        found = _reset_in(program, scope, ref, call, scope, places)
        if found is not None:
            yield ForeignReset(token, "generator", *found, (scope, call))


def _leaves(program: Program, scope: Scope, call: f.Call, generator: Scope) -> bool:
    """Is the generator that a call makes given to somebody who drives it in a frame of their own: returned from a
    coroutine function, handed to a response that a server sends later, or passed through by a generator?
    """
    lazy = scope.function.is_async or generator.function.is_async
    passed = is_driven_elsewhere(program, scope)
    for statement in scope.body:
        for node in walk(statement, into_scopes=False):
            if isinstance(node, f.Return) and node.value is call and lazy:
                return True
            if isinstance(node, f.Call) and any(argument.value is call for argument in node.args):
                name = program.resolver.external(scope, node.func) or ""
                if name.startswith(_LAZY) and name not in _CLOSING:
                    return True
            if passed and _passes_through(node, call):
                return True
    return False


def _passes_through(node: f.Node, call: f.Call) -> bool:
    """Does a generator wait, in the middle of another that it draws from, until its own consumer goes on?"""
    match node:
        case f.YieldFrom(value=value):
            return value is call
        case f.For(iterable=source, body=body):
            return source is call and any(
                isinstance(part, f.Yield | f.YieldFrom)
                for statement in body
                for part in walk(statement, into_scopes=False)
            )
        case _:
            return False


# --- frameworks ----------------------------------------------------------------------------------------------


def _by_dependency(token: TokenSite) -> Iterator[ForeignReset]:
    """A plain generator as a dependency: each half runs in a copied Context of a thread."""
    program, scope = token.program, token.scope
    if scope.function.is_async or not scope.function.is_generator:
        return
    places = reached(token)[0]
    span = resets_of(program, scope, lambda place: place in places)
    between = [
        node.span.start
        for statement in scope.body
        for node in walk(statement, into_scopes=False)
        if isinstance(node, f.Yield)
    ]
    if span is None or not any(token.site.span.start < at < span.start for at in between):
        return
    use = _dependency_use(program, scope)
    if use is not None:
        yield ForeignReset(token, "dependency", scope, span, (use.scope, use.node))


def _dependency_use(program: Program, scope: Scope) -> Use | None:
    """The first ``Depends(function)`` of the program, wherever it stands: an annotation counts, too."""
    return program.once(_dependencies).get(scope)


def _dependencies(program: Program) -> dict[Scope, Use]:
    """Each function that is a dependency, with its first use as one."""
    known = known_frames().threaded_dependencies
    found: dict[Scope, Use] = {}
    for module in program.modules.values():
        for where in module.descendants():
            for call in (*where.calls, *_annotated(where)):
                name = program.resolver.external(where, call.func) if call.args else None
                symbol = program.resolver.resolve(where, call.args[0].value) if name in known else None
                if isinstance(symbol, FunctionRef):
                    found.setdefault(symbol.scope, Use(where, call, "handed", call))
    return found


def _annotated(scope: Scope) -> Iterator[f.Call]:
    """The calls in the annotations of the functions directly below a scope."""
    for child in scope.children:
        for each in child.function.parameters if child.kind == "function" else ():
            for node in walk(each.annotation) if each.annotation is not None else ():
                if isinstance(node, f.Call):
                    yield node


def _by_hooks(token: TokenSite) -> Iterator[ForeignReset]:
    """Old-style hooks of a middleware: under ASGI each runs in a thread with a copied Context."""
    program, scope = token.program, token.scope
    known = known_frames()
    if scope.owner is None or scope.function.name not in known.threaded_hooks:
        return
    bases = program.resolver.external_bases(scope.owner)
    if not any(base in known.threaded_hook_classes for base in bases) or _is_sync_only(program, scope.owner):
        return
    for name in known.threaded_hooks:
        other = program.resolver.method(scope.owner, name)
        if other is None or other is scope:
            continue
        span = resets_variable(program, other, token.site.var)
        if span is not None and reached(token)[0]:
            yield ForeignReset(token, "hooks", other, span)


def _is_sync_only(program: Program, cls: Scope) -> bool:
    """Does a middleware refuse to be asynchronous, or say itself how it is?"""
    if program.resolver.method(cls, "__acall__") is not None:
        return True
    return any(
        isinstance(binding, sc.Assigned)
        and isinstance(binding.value, f.Literal)
        and binding.value.text == "False"
        for ancestor in program.resolver.ancestors(cls)
        for binding in ancestor.bindings.get("async_capable", ())
    )


def _by_end(token: TokenSite) -> Iterator[ForeignReset]:
    """A token on an object that only the object's end resets: wherever the last reference goes."""
    program, scope = token.program, token.scope
    owner = scope.owner
    end = program.resolver.method(owner, "__del__") if owner is not None else None
    if owner is None or end is None or end is scope:
        return
    others = (child for child in owner.children if child.kind == "function" and child not in (scope, end))
    if any(token.site.var in program.effects(other).undoes for other in others):
        return
    for place in sorted(reached(token)[0]):
        if _is_field(scope, place):
            span = resets_of(program, end, attribute(end, place.path))
            if span is not None:
                yield ForeignReset(token, "end", end, span)
