"""Writes into the value of a variable, and those of them that a spawned body makes into its spawner's object.

A copy of a Context copies references. So what a task or thread writes into a list, dict or set that was set before it
was started, its starter and all its siblings see. That is *proved* where a function sets a container that is made for
the purpose, then hands a worker to something that runs it in a copy, and the worker, or what it calls, writes to what
``get`` gives without a ``set`` of its own. Where the spawner itself looks at the object afterwards it is a collector,
made to be written to, and nothing is proved.
"""

from __future__ import annotations

import collections
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from ctxlint.analysis.callers import Use
from ctxlint.analysis.innocence import Got, Innocence
from ctxlint.analysis.lost_writes import LostWrite
from ctxlint.analysis.mutability import mutable
from ctxlint.analysis.program import Program
from ctxlint.analysis.scopes import Scope
from ctxlint.analysis.uses_of_value import Fate
from ctxlint.knowledge.loader import values as known_values
from ctxlint.model import facts as f
from ctxlint.model.ids import VarId

_DEPTH = 4

Calls: TypeAlias = tuple[tuple[Scope, f.Node], ...]


@dataclass(frozen=True, slots=True)
class Spawned:
    """A set and the hop behind it, both in ``scope``; ``calls`` lead from the worker to the read."""

    scope: Scope
    made: f.Call
    hop: f.Call
    calls: Calls


@dataclass(frozen=True, slots=True)
class SharedWrite:
    """A write into what a ``get`` gave; ``spawned`` where it is proved to reach the object of a spawner."""

    got: Got
    write: Fate
    spawned: Spawned | None


def shared_writes(program: Program, values: Innocence, lost: tuple[LostWrite, ...]) -> Iterator[SharedWrite]:
    """The writes into values of declared variables, without those that are lost, that reach a default, or that go
    into what the same function has set before.
    """
    elsewhere = {id(write.node) for each in lost for write in each.writes}
    for var, declaration in program.by_var.items():
        if declaration.default is not None and mutable(
            program.resolver, declaration.made, declaration.default
        ):
            elsewhere |= {id(write.node) for write in values.proof(var).written}
        for got in values.got(var):
            if values.is_set_above(got):
                continue
            for write in got.writes:
                if id(write.node) not in elsewhere and not write.rebinds:
                    elsewhere.add(id(write.node))
                    yield SharedWrite(got, write, _spawned(program, got.var, got.scope))


def _spawned(program: Program, var: VarId, reader: Scope) -> Spawned | None:
    """The spawner of a function that reads the variable, or of one that calls it: the nearest. Each caller is looked at
    once, for the ways through a program are many more than its functions.
    """
    pending: collections.deque[tuple[Scope, Calls]] = collections.deque([(reader, ())])
    seen = {reader}
    while pending:
        scope, calls = pending.popleft()
        if scope.kind != "function" or scope.function.is_lambda or len(calls) > _DEPTH:
            continue
        for use in program.uses.of(scope):
            if use.kind == "handed" and use.receiver is not None:
                found = _behind_a_set(program, var, use, use.receiver, calls)
                if found is not None:
                    return found
            elif (
                isinstance(use.node, f.Call) and use.scope not in seen and not _sets(program, use.scope, var)
            ):
                seen.add(use.scope)
                pending.append((use.scope, ((use.scope, use.node), *calls)))
    return None


def _behind_a_set(program: Program, var: VarId, use: Use, hop: f.Call, calls: Calls) -> Spawned | None:
    if program.resolver.external(use.scope, hop.func) not in known_values().copies:
        return None
    named = _methods(program, use.scope, var)
    if any(name == "get" and call.span.start > hop.span.start for name, call in named):
        return None  # a collector
    above = [call for name, call in named if name != "get" and call.span.start < hop.span.start]
    if not above or _is_reset(above[-1]) or not above[-1].args:
        return None
    value = above[-1].args[0].value
    found = mutable(program.resolver, use.scope, value)
    if found is None or not found.is_container or (found.path, found.span) != (use.scope.path, value.span):
        return None
    return Spawned(use.scope, above[-1], hop, calls)


def _is_reset(call: f.Call) -> bool:
    return isinstance(call.func, f.Attribute) and call.func.attr == "reset"


def _sets(program: Program, scope: Scope, var: VarId) -> bool:
    return "set" in scope.spelled and any(name == "set" for name, _ in _methods(program, scope, var))


def _methods(program: Program, scope: Scope, var: VarId) -> list[tuple[str, f.Call]]:
    """The calls of the variable's methods in the text of a function."""
    return [
        (call.func.attr, call)
        for call in sorted(scope.calls, key=lambda call: call.span)
        if isinstance(call.func, f.Attribute)
        and call.func.attr in ("get", "set", "reset")
        and program.resolver.variable(scope, call.func.value) == var
    ]
