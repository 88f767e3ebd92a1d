"""Guards around a library's reset that has nothing to guard against, since it never raises."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ctxlint.analysis.generators import is_driven_elsewhere
from ctxlint.analysis.program import Program
from ctxlint.analysis.scopes import Scope
from ctxlint.knowledge.loader import token_calls
from ctxlint.model import facts as f
from ctxlint.model.walk import walk


@dataclass(frozen=True, slots=True)
class GuardedReset:
    """The reset ``call``, of a library's function ``name``, and the ``guard``, a handler or ``suppress``, around it.
    ``is_own``: the function made the token itself, in the same run, so that it cannot be of another Context.
    """

    scope: Scope
    call: f.Call
    name: str
    guard: f.Node
    is_own: bool


def guarded_resets(program: Program) -> Iterator[GuardedReset]:
    """Every guard of the program that guards nothing but such resets."""
    names = {
        name.rpartition(".")[2] for name, known in token_calls().items() if not known.library.reset_raises
    }
    for scope in program.functions():
        if not any(_last_name(call.func) in names for call in scope.calls):
            continue
        for statement in scope.body:
            for node in walk(statement, into_scopes=False):
                guarded = _guarded(program, scope, node)
                if guarded is not None:
                    yield from _alone(program, scope, *guarded)


def _last_name(func: f.Expr) -> str:
    return func.attr if isinstance(func, f.Attribute) else func.id if isinstance(func, f.Name) else ""


def _guarded(program: Program, scope: Scope, node: f.Node) -> tuple[tuple[f.Stmt, ...], f.Node] | None:
    match node:
        case f.Try(body=body, handlers=(handler, *_), orelse=()):
            return None if _wants_other(program, scope, handler) else (body, handler)
        case f.With(body=body, items=(item,)) if isinstance(item.context, f.Call):
            if program.resolver.external(scope, item.context.func) == "contextlib.suppress":
                return body, item.context
        case _:
            pass
    return None


def _wants_other(program: Program, scope: Scope, handler: f.Handler) -> bool:
    """Does a handler catch only what a missing token raises?"""
    if handler.catches is None:
        return False
    kinds = handler.catches.items if isinstance(handler.catches, f.Display) else (handler.catches,)
    return all(program.resolver.external(scope, kind) in _MISSING for kind in kinds)


def _alone(program: Program, scope: Scope, body: tuple[f.Stmt, ...], guard: f.Node) -> Iterator[GuardedReset]:
    """The resets of a block in which every call is one; tests and assignments of the token may stand beside them."""
    calls = [node for part in body for node in walk(part, into_scopes=False) if isinstance(node, f.Call)]
    names = [program.resolver.external(scope, call.func) or "" for call in calls]
    known = [token_calls().get(name) for name in names]
    if not all(each is not None and each.role == "reset" and not each.library.reset_raises for each in known):
        return
    if any(isinstance(node, _RAISING) for part in body for node in walk(part, into_scopes=False)):
        return
    for call, name in zip(calls, names, strict=True):
        yield GuardedReset(scope, call, name.rpartition(".")[2], guard, _is_own(program, scope, call))


def _is_own(program: Program, scope: Scope, call: f.Call) -> bool:
    """Is the token one that the function made? A generator may be driven by somebody else by the time of the reset."""
    outcome = program.outcome(scope)
    if outcome is None or is_driven_elsewhere(program, scope):
        return False
    return any(
        leaving.fate == "released" and leaving.since == call.span
        for site in outcome.sites
        for leaving in site.exits
    )


_RAISING = (
    f.Raise,
    f.Assert,
    f.Await,
    f.Yield,
    f.YieldFrom,
    f.Subscript,
    f.With,
    f.For,
    f.Import,
    f.ImportFrom,
)
_MISSING = frozenset(
    f"builtins.{name}" for name in ("AttributeError", "NameError", "UnboundLocalError", "TypeError")
)
