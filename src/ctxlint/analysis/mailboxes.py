"""Variables that are mailboxes: who reads one also empties it, so what is left set there is meant for that reader."""

from __future__ import annotations

from ctxlint.analysis.frame_kinds import is_test_file
from ctxlint.analysis.program import Program
from ctxlint.analysis.relevance import events
from ctxlint.analysis.scopes import Scope
from ctxlint.model import ir
from ctxlint.model.ids import VarId


def taker(program: Program, var: VarId) -> Scope | None:
    """A function of the program that reads the variable, empties it afterwards, and does nothing else to it."""
    for scope in program.relevant:
        if scope.kind == "function" and not is_test_file(program, scope.path) and _takes(program, scope, var):
            return scope
    return None


def _takes(program: Program, scope: Scope, var: VarId) -> bool:
    read = emptied = False
    for event in events(program.body(scope)):
        match event:
            case ir.Get(var=found) if found == var:
                read = True
            case ir.Set(var=found) if found == var:
                if not read or event.into is not None or not isinstance(event.value, ir.Constant):
                    return False
                if not event.value.empty:
                    return False
                emptied = True
            case _:
                pass
    return emptied
