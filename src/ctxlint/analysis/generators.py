"""Generators that somebody else drives step by step, and what of their text holds a value while they wait.

A generator has no Context of its own: what is in force at a ``yield`` is in force for its consumer, and its clean-up
runs wherever it is closed. Exempt are those that a framework drives as a scope (one ``yield``, see ``frame_kinds``),
those whose decorator decides who drives them, those whose consumers all close them in place, and those that their
framework draws from in one task or thread.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ctxlint.analysis import frame_kinds
from ctxlint.analysis.callers import Use
from ctxlint.analysis.lowering.managers import scoped_variables
from ctxlint.analysis.program import Program
from ctxlint.analysis.scopes import Scope
from ctxlint.knowledge.loader import frames as known_frames
from ctxlint.model import facts as f
from ctxlint.model.ids import VarId
from ctxlint.model.walk import walk

_PLAIN_DECORATORS = frozenset(
    {
        "builtins.staticmethod",
        "builtins.classmethod",
        "functools.wraps",
        "typing.override",
        "typing_extensions.override",
        "typing.final",
    }
)
_CLOSE = frozenset({"contextlib.aclosing", "contextlib.closing"})
#: What goes over its argument before it returns: to the end, or so far that CPython closes what nobody holds any more.
_EXHAUST = frozenset(
    f"builtins.{name}"
    for name in (
        "all",
        "any",
        "dict",
        "frozenset",
        "list",
        "max",
        "min",
        "next",
        "set",
        "sorted",
        "sum",
        "tuple",
    )
)


@dataclass(frozen=True, slots=True)
class HeldAcrossYield:
    """A ``with`` in a generator whose manager holds ``variables`` (or, without any, a value of a library) while the
    generator waits at ``pause``.
    """

    scope: Scope
    item: f.WithItem
    pause: f.Node
    variables: frozenset[VarId]


def is_driven_elsewhere(program: Program, scope: Scope) -> bool:
    """Is this a generator whose consumer decides when, where and whether it goes on?"""
    if scope.kind != "function" or not scope.function.is_generator or scope.function.name == "__await__":
        return False
    if frame_kinds.is_scope_generator(program, scope) or frame_kinds.is_fixture(program, scope):
        return False
    names = program.decorators(scope)
    if len(names) != len(scope.function.decorators) or not _PLAIN_DECORATORS.issuperset(names):
        return False
    return not is_drained(program, scope) and not is_closed_in_place(program, scope)


def is_drained(program: Program, scope: Scope) -> bool:
    """Does the generator stand in a class whose framework draws from its generators in one Context, to the end?"""
    where: Scope | None = scope
    while where is not None:
        bases = program.resolver.external_bases(where.owner) if where.owner is not None else ()
        if not known_frames().draining_classes.isdisjoint(bases):
            return True
        where = where.parent
    return False


def is_closed_in_place(program: Program, scope: Scope) -> bool:
    """Are there consumers in the program, and does each close the generator where it is consumed, or exhaust it?"""
    uses = [use for use in program.uses.of(scope) if not frame_kinds.is_test_file(program, use.scope.path)]
    return bool(uses) and all(_closes(program, use) for use in uses)


def _closes(program: Program, use: Use) -> bool:
    if use.kind != "handed" or use.receiver is None:
        return False
    name = program.resolver.external(use.scope, use.receiver.func)
    return name in _CLOSE or name in _EXHAUST


def held_across_yield(program: Program) -> Iterator[HeldAcrossYield]:
    """Every ``with`` of a manager that is known to set and to reset, around a ``yield`` of such a generator."""
    for scope in program.functions():
        if scope.kind != "function" or not scope.function.is_generator:
            continue
        for statement in scope.body:
            for node in walk(statement, into_scopes=False):
                if isinstance(node, f.With):
                    yield from _held(program, scope, node)


def _held(program: Program, scope: Scope, block: f.With) -> Iterator[HeldAcrossYield]:
    pause = next(
        (
            node
            for statement in block.body
            for node in walk(statement, into_scopes=False)
            if isinstance(node, f.Yield | f.YieldFrom)
        ),
        None,
    )
    if pause is None or not is_driven_elsewhere(program, scope):
        return
    for item in block.items:
        variables = scoped_variables(program.frame(scope), item.context)
        if variables or _is_known(program, scope, item.context):
            yield HeldAcrossYield(scope, item, pause, variables)


def _is_known(program: Program, scope: Scope, context: f.Expr) -> bool:
    """Is this a manager of a library that sets a context variable for its block?"""
    if not isinstance(context, f.Call):
        return False
    return program.resolver.external(scope, context.func) in known_frames().scoped_managers
