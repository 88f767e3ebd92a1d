"""Reads that fail with LookupError wherever the program has not been through the one place that sets the variable.

A variable without a default is *set at the start* when every ``set`` of it stands in ``main``, in a constructor, or in
the body of a module or class. Those run in one Context; a new thread, and a task of another start, know nothing of it.
A bare ``get()`` of such a variable can fail, unless the function or each of its callers sets it before, or something
around it catches the LookupError.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ctxlint.analysis.frame_kinds import is_test_file
from ctxlint.analysis.innocence import Got, Innocence
from ctxlint.analysis.program import Program
from ctxlint.analysis.scopes import Scope
from ctxlint.model import facts as f
from ctxlint.model.ids import VarId

_STARTS = frozenset({"main", "_main", "__init__", "__new__", "__post_init__"})
_CAUGHT = frozenset({"builtins.LookupError", "builtins.Exception", "builtins.BaseException"})


@dataclass(frozen=True, slots=True)
class UnsetRead:
    """A read that can fail, and a place that sets the variable."""

    got: Got
    scope: Scope
    made: f.Call


def unset_reads(program: Program, values: Innocence) -> Iterator[UnsetRead]:
    """The reads that can fail, of the variables that are only set at the start."""
    sets = _sets(program)
    for var, declaration in program.by_var.items():
        made = sets.get(var, [])
        if declaration.default is not None or not made or values.escape(var) is not None:
            continue
        if not all(scope.kind != "function" or scope.function.name in _STARTS for scope, _ in made):
            continue
        for got in values.got(var):
            if got.call.args or is_test_file(program, got.scope.path) or not values.finds_nothing_set(got):
                continue
            if got.scope.kind == "function" and not _caught(program, values, got):
                yield UnsetRead(got, *made[0])


def _sets(program: Program) -> dict[VarId, list[tuple[Scope, f.Call]]]:
    found: dict[VarId, list[tuple[Scope, f.Call]]] = {}
    for module in program.modules.values():
        for scope in module.descendants():
            if "set" not in scope.spelled or is_test_file(program, scope.path):
                continue
            for call in scope.calls:
                if isinstance(call.func, f.Attribute) and call.func.attr == "set":
                    var = program.resolver.variable(scope, call.func.value)
                    if var is not None:
                        found.setdefault(var, []).append((scope, call))
    return found


def _caught(program: Program, values: Innocence, got: Got) -> bool:
    """Does something around the read catch a LookupError?"""
    inner: f.Node = got.call
    for outer in values.bindings.outer(got.scope, got.call):
        match outer:
            case f.Try(body=body, handlers=handlers) if any(each is inner for each in body):
                if any(_catches(program, got.scope, handler.catches) for handler in handlers):
                    return True
            case f.With(items=items, body=body) if any(each is inner for each in body):
                if any(_suppresses(program, got.scope, item.context) for item in items):
                    return True
            case _:
                pass
        inner = outer
    return False


def _catches(program: Program, scope: Scope, caught: f.Expr | None) -> bool:
    if caught is None:
        return True
    every = caught.items if isinstance(caught, f.Display) else (caught,)
    return any(program.resolver.external(scope, each) in _CAUGHT for each in every)


def _suppresses(program: Program, scope: Scope, context: f.Expr) -> bool:
    if not isinstance(context, f.Call):
        return False
    if program.resolver.external(scope, context.func) not in ("contextlib.suppress", "pytest.raises"):
        return False
    return any(_catches(program, scope, argument.value) for argument in context.args)
