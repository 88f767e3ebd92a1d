"""What stands behind a reset at the end of a context manager, and is skipped when the reset raises."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ctxlint.analysis import frame_kinds
from ctxlint.analysis.program import Program
from ctxlint.analysis.scopes import Scope
from ctxlint.analysis.undoing import is_accepted
from ctxlint.knowledge.loader import frames as known_frames
from ctxlint.knowledge.loader import token_calls
from ctxlint.model import facts as f
from ctxlint.model.walk import walk

_LEAVES = ("__exit__", "__aexit__")


@dataclass(frozen=True, slots=True)
class Skippable:
    """The ``cleanup`` that does not run when the ``reset`` before it, in the same block, raises."""

    scope: Scope
    reset: f.Call
    cleanup: f.Call


def skippable_cleanups(program: Program) -> Iterator[Skippable]:
    """Every cleanup of the program that stands behind a reset at the end of a context manager."""
    for scope in program.functions():
        if scope.kind != "function" or "reset" not in scope.spelled:
            continue
        for block in _ends(program, scope):
            yield from _behind(program, scope, block)


def _ends(program: Program, scope: Scope) -> Iterator[tuple[f.Stmt, ...]]:
    """The blocks that run when a context manager is left."""
    if scope.owner is not None and scope.function.name in _LEAVES:
        yield scope.body
    if frame_kinds.is_scope_generator(program, scope):
        for statement in scope.body:
            for node in walk(statement, into_scopes=False):
                if isinstance(node, f.Try) and node.final:
                    yield node.final


def _behind(program: Program, scope: Scope, block: tuple[f.Stmt, ...]) -> Iterator[Skippable]:
    reset: f.Call | None = None
    for statement in block:
        for node in walk(statement, into_scopes=False):
            if not isinstance(node, f.Call):
                continue
            if _is_reset(program, scope, node) and not isinstance(statement, f.Try):
                reset = reset or node
            elif reset is not None and _is_cleanup(program, scope, node):
                yield Skippable(scope, reset, node)
                return


def _is_cleanup(program: Program, scope: Scope, call: f.Call) -> bool:
    """Does a call give something back: by a method of such a name, or the token of a library?"""
    if isinstance(call.func, f.Attribute) and call.func.attr in known_frames().cleanup_methods:
        return True
    known = token_calls().get(program.resolver.external(scope, call.func) or "")
    return known is not None and known.role == "reset"


def _is_reset(program: Program, scope: Scope, call: f.Call) -> bool:
    return (
        isinstance(call.func, f.Attribute)
        and call.func.attr == "reset"
        and program.resolver.variable(scope, call.func.value) is not None
        and not is_accepted(program, scope, call.span)
    )
