"""Variables that are mailboxes: who reads one also empties it, so what is left set there is meant for that reader."""

from __future__ import annotations

from ctxlint.analysis.frame_kinds import is_test_file
from ctxlint.analysis.program import Program
from ctxlint.analysis.relevance import empties, events
from ctxlint.analysis.scopes import Scope
from ctxlint.model import ir
from ctxlint.model.ids import VarId


def taker(program: Program, var: VarId) -> Scope | None:
    """A function of the program that reads the variable, empties it afterwards, and does nothing else to it."""
    return program.once(_takers).get(var)


def _takers(program: Program) -> dict[VarId, Scope]:
    found: dict[VarId, Scope] = {}
    for scope in program.relevant:
        if scope.kind == "function" and not is_test_file(program, scope.path):
            for var in _taken(program, scope):
                found.setdefault(var, scope)
    return found


def _taken(program: Program, scope: Scope) -> set[VarId]:
    """The variables that a function first reads and then empties, and to which it does nothing else."""
    read, emptied, other = set[VarId](), set[VarId](), set[VarId]()
    for event in events(program.body(scope)):
        match event:
            case ir.Get(var=var):
                read.add(var)
            case ir.Set(var=var):
                taken = var in read and event.into is None and empties(event)
                (emptied if taken else other).add(var)
            case _:
                pass
    return emptied - other
