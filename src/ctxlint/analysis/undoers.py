"""Who in the program undoes what a function leaves set: its partner (``start_span``, ``end_span``), or a caller."""

from __future__ import annotations

from collections.abc import Iterator

from ctxlint.analysis import fixtures
from ctxlint.analysis.callers import Use
from ctxlint.analysis.frame_kinds import is_test_file
from ctxlint.analysis.program import Program
from ctxlint.analysis.relevance import events
from ctxlint.analysis.scopes import Scope
from ctxlint.analysis.started import use_of_lambda
from ctxlint.knowledge.loader import frames as known_frames
from ctxlint.model import ir
from ctxlint.model.ids import VarId

#: An older token further out than so many calls is hardly held for this set.
_LEVELS = 4


def uses_outside_tests(program: Program, scope: Scope) -> tuple[Use, ...]:
    """The uses of a function; those in tests only where it is part of a test itself."""
    uses = program.uses.of(scope)
    if not uses:
        handed = use_of_lambda(scope)
        uses = (handed,) if handed is not None else ()
    if is_test_file(program, scope.path):
        return uses
    return tuple(use for use in uses if not is_test_file(program, use.scope.path))


def undone_elsewhere(program: Program, scope: Scope, var: VarId) -> str | None:
    """The name of the function of the program that undoes what ``scope`` leaves set; see ``undoing_scope``."""
    found = undoing_scope(program, scope, var)
    return found.qualname if found is not None else None


def undoing_scope(program: Program, scope: Scope, var: VarId) -> Scope | None:
    """The function of the program that undoes what ``scope`` leaves set: its partner, a caller, or a fixture around a
    test. One that returns a token of the variable leaves another set beside it, which that token does not undo: it was
    made later.
    """
    gives_token = any(token.var == var for token in program.effects(scope).tokens)
    partner = _undoing_partner(program, scope, var)
    if partner is not None:
        return partner
    if scope.kind == "function":
        for fixture in fixtures.around(program, scope):
            if _puts_back_at_last(program, fixture, var):
                return fixture
    seen, callers = {scope}, [scope]
    for _ in range(_LEVELS):
        callers = [caller for each in callers for caller in _callers(program, each, seen)]
        for caller in callers:
            if _covers(program, caller, var, scope if gives_token else None):
                return caller
            if not gives_token and var in program.effects(caller).undoes:
                return caller
            partner = _undoing_partner(program, caller, var)
            if partner is not None:
                return partner
    return None


def _callers(program: Program, scope: Scope, seen: set[Scope]) -> Iterator[Scope]:
    """The functions that use one and were not seen before."""
    for use in uses_outside_tests(program, scope):
        if use.scope.kind == "function" and use.scope not in seen:
            seen.add(use.scope)
            yield use.scope


def _undoing_partner(program: Program, scope: Scope, var: VarId) -> Scope | None:
    for other in _neighbours(scope):
        if _are_partners(scope.function.name, other.function.name) and var in program.effects(other).undoes:
            return other
    return None


def serves_both_halves(program: Program, scope: Scope) -> bool:
    """Do two partners of the program (``set_labels``, ``clear_labels``) call the function, so that it does for one what
    the other undoes?
    """
    callers = [
        use.scope.function.name for use in uses_outside_tests(program, scope) if use.scope.kind == "function"
    ]
    return any(_are_halves(first, second) for first in callers for second in callers)


def _are_halves(first: str, second: str) -> bool:
    return any(
        opening in first and first.replace(opening, closing, 1) == second
        for opening, closing in known_frames().partners
    )


def _puts_back_at_last(program: Program, fixture: Scope, var: VarId) -> bool:
    """Does a fixture put the variable back behind its ``yield``?"""
    pause = fixtures.last_yield(fixture)
    if pause is None or not _covers(program, fixture, var, None):
        return False
    return any(
        isinstance(event, ir.Reset | ir.Restore | ir.Set | ir.Call) and event.span > pause
        for event in events(program.body(fixture))
    )


def _covers(program: Program, caller: Scope, var: VarId, giver: Scope | None) -> bool:
    """Does a caller hold and reset an older token of the variable, not the one from ``giver``, or put back what it
    saved?
    """
    outcome = program.outcome(caller)
    if outcome is None:
        return False
    return var in outcome.restored or any(
        site.site.var == var
        and (giver is None or site.site.helper != giver.function.name)
        and any(leaving.fate in ("released", "restored") for leaving in site.exits)
        for site in outcome.sites
    )


def _neighbours(scope: Scope) -> Iterator[Scope]:
    """The other functions of the same class, else of the same module."""
    home = scope.owner or scope.module
    for child in home.children:
        if child.kind == "function" and child is not scope and not child.function.is_lambda:
            yield child


def _are_partners(first: str, second: str) -> bool:
    """Do the names differ exactly by the two halves of a pair (``start_span``, ``end_span``)?"""
    for opening, closing in known_frames().partners:
        if opening in first and first.replace(opening, closing, 1) == second:
            return True
        if opening in first and closing in second:
            return True
    return False
