"""Why a ``set`` is silent: told from what the token rules ask.

The order follows the rules: what undoes the value, who takes the token, then what excuses a value that stays. Nothing
is judged here; each reason is a property of ``TokenSite`` that some rule asks, with its place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ctxlint.analysis.relevance import events
from ctxlint.analysis.tokens import every_set
from ctxlint.model import ir
from ctxlint.rules import story
from ctxlint.why.values import Reason, Site
from ctxlint.why.words import called, declared_at, head_of, limits_of, some, undone_at, undone_by

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ctxlint.analysis.analysis import Analysis
    from ctxlint.analysis.scopes import Scope
    from ctxlint.analysis.tokens import TokenSite
    from ctxlint.model.ids import VarId
    from ctxlint.model.observations import SiteExit
    from ctxlint.model.spans import Span

_PUT_BACK = {
    "saved": "the value that was saved is put back here",
    "emptied": "the variable is emptied here",
    "popped": "a value computed from the new one is set here: a push is popped",
}
_HANDED = {
    "return": "the token is returned here: to undo the set is the caller's business",
    "yield": "the token is yielded here: to undo the set is the business of who gets it",
    "closure": "a nested function takes the token along here",
    "container": "the token is put into a container here, which others can reach",
}


def sets(analysis: Analysis, path: str) -> Iterator[Site]:
    """Every ``set`` of a file."""
    for token in every_set(analysis.program):
        if token.scope.path == path:
            yield Site(
                "set",
                story.site_of(analysis, token),
                story.variable(token.site) or token.site.var.name,
                declared_at(analysis, token.site.var),
                tuple(_silent(analysis, token)),
                limits_of(analysis, token.scope),
                story.set_here(analysis, token).message,
            )


def _silent(analysis: Analysis, token: TokenSite) -> Iterator[Reason]:
    if not token.outcome.exits:
        yield _without_exits(analysis, token)
        return
    if token.capped:
        yield Reason(
            f"{called(token.scope)} has more ways than are kept apart: some of them were not followed"
        )
    if token.library is not None and token.is_dropped_by_custom and token.scope_reason is None:
        yield Reason(
            "the token is dropped as its library's use has it, and the function is no half of a scope"
        )
        return
    yield from _undone(analysis, token)
    yield from _handed(analysis, token)
    yield from _raising(analysis, token)
    if token.normal_leaks or token.is_handed_to_block:
        yield from _excused(analysis, token)


def _without_exits(analysis: Analysis, token: TokenSite) -> Reason:
    """A set that is in force on no way out: it undoes another, or no way leads there."""
    undone = undone_by(analysis, token.scope, token.site.span)
    if undone:
        place = analysis.location(token.scope.path, undone[0].span)
        return Reason(f"this puts back what was in force before {called(token.scope)} set it", place)
    outcome = analysis.program.outcome(token.scope)
    if outcome is not None and token.site.var in outcome.restored:
        return Reason("this empties the variable, or puts back a value that was saved: it is no obligation")
    return Reason(f"no way out of {called(token.scope)} passes it")


def _undone(analysis: Analysis, token: TokenSite) -> Iterator[Reason]:
    path = token.scope.path
    every = (*token.normal_undone, *token.raise_undone)
    found = {leaving.since: leaving for leaving in sorted(every, key=lambda each: each.since)}
    for leaving in found.values():
        yield Reason(_undone_text(leaving), analysis.location(path, leaving.since))
    for span in _resets_of(analysis, token) if found else ():
        if span not in found:  # of several resets before one way out the analysis keeps one
            yield Reason("its token is reset here", analysis.location(path, span))
    if not found and not token.normal_leaks and not token.exits("normal", ("transferred",)):
        text = f"only an exception leaves {called(token.scope)}, and there is no reset for it to skip"
        yield Reason(text, analysis.location(path, token.outcome.exits[0].at))


def _resets_of(analysis: Analysis, token: TokenSite) -> list[Span]:
    """Where the function's own text resets the token, by the name that got it and no other token."""
    into = token.site.into
    if into is None or any(other.site.into == into for other in token.siblings if other is not token.outcome):
        return []
    body = analysis.program.body(token.scope)
    return [event.span for event in events(body) if isinstance(event, ir.Reset) and event.token == into]


def _undone_text(leaving: SiteExit) -> str:
    final = ", on every way out" if leaving.in_final else ""
    if leaving.fate == "released":
        return f"its token is reset here{final}"
    if leaving.fate == "restored":
        return f"{_PUT_BACK.get(leaving.via, 'the value is put back here')}{final}"
    return f"{_PUT_BACK.get(leaving.via, 'what was in force before is put back here')}{final}"


def _handed(analysis: Analysis, token: TokenSite) -> Iterator[Reason]:
    path, scope = token.scope.path, token.scope
    exits = sorted(token.exits("normal", ("transferred",)), key=lambda each: each.since)
    for leaving in {each.since: each for each in exits}.values():
        how = leaving.via.partition("[")[0]
        place = analysis.location(path, leaving.since)
        if how == "field":
            kept = story.place_text(token) or "a container"
            yield Reason(f"the token is kept in `{kept}`, with an object that others can reach", place)
            yield from _methods_that_undo(analysis, scope, token.site.var)
        elif how == "argument":
            yield Reason(f"the token is handed {_callee(analysis, scope, leaving.since)} here", place)
        else:
            yield Reason(_HANDED.get(how, "the token is handed to somebody else here"), place)
        if how == "return":
            uses = (use for use in analysis.program.uses.of(scope) if scope.kind == "function")
            taken = (Reason("taken over here", analysis.location(u.scope.path, u.node.span)) for u in uses)
            yield from some(taken, "uses")


def _callee(analysis: Analysis, scope: Scope, span: Span) -> str:
    for event in events(analysis.program.body(scope)):
        if isinstance(event, ir.Call) and event.span == span:
            return f"to `{event.callee}`"
    return "on"


def _methods_that_undo(analysis: Analysis, scope: Scope, var: VarId) -> Iterator[Reason]:
    owner = scope.owner
    for child in owner.children if owner is not None else ():
        if child.kind == "function" and child is not scope and var in analysis.program.effects(child).undoes:
            yield Reason(f"{called(child)} undoes it here", undone_at(analysis, child, var))


def _raising(analysis: Analysis, token: TokenSite) -> Iterator[Reason]:
    """Exceptions that leave it set and are not reported."""
    undone = token.normal_undone or token.raise_undone
    if not token.raise_leaks or not undone or token.normal_leaks:
        return
    place = analysis.location(token.scope.path, token.raise_leaks[0].at)
    if token.is_in_async_test:
        yield Reason(
            "an exception may leave it set, but the Context of an async test ends with the test", place
        )
    elif token.is_protected and not token.gravest_leaks:
        text = "this ordinary call may raise before the `finally` protects the value: too little to report"
        yield Reason(text, place)


def _excused(analysis: Analysis, token: TokenSite) -> Iterator[Reason]:
    """Why a value that stays set is no leak."""
    path = token.scope.path
    if token.is_bound:
        if token.own_context is not None:
            yield from _own_context(analysis, token, token.own_context)
        return
    if token.scope_reason is not None:
        yield from _excused_in_scope(analysis, token)
        return
    found = list(_harmless(analysis, token))
    if token.outcome.worked is None:
        found.append(Reason("the function does no work while the value is set"))
    elif token.is_setter:
        place = analysis.location(path, token.outcome.worked)
        found.append(Reason("the function does no work after its last set: it is a setter", place))
    if token.is_paired:
        found.append(
            Reason("the value is computed from the old one, as its counterpart elsewhere does: push and pop")
        )
    if token.is_overwritten:
        found.append(Reason("each turn of the loop overwrites it: a value lives for one turn"))
    yield from found


def _excused_in_scope(analysis: Analysis, token: TokenSite) -> Iterator[Reason]:
    """Why a dropped token is no leak in a function that is half of a scope."""
    if token.outcome.created:
        yield Reason("it is only set where the variable had no value")
    if token.outcome.under:
        yield Reason("an older token of the variable is held here")
    if token.undoing is not None:
        yield _undoer(analysis, token, token.undoing)


def _undoer(analysis: Analysis, token: TokenSite, undoing: Scope) -> Reason:
    what = f"{called(undoing)} undoes it, as its partner or caller"
    return Reason(what, undone_at(analysis, undoing, token.site.var))


def _harmless(analysis: Analysis, token: TokenSite) -> Iterator[Reason]:
    """What ``harmless`` says, with its places."""
    why, undoing = token.harmless, token.undoing
    if why is None:
        return
    if token.outcome.created or token.outcome.under:
        yield Reason(why)
    elif token.outcome.spawned is not None:
        yield Reason(why, analysis.location(token.scope.path, token.outcome.spawned))
    elif why == token.own_context:
        yield from _own_context(analysis, token, why)
    elif undoing is not None and why == f"{undoing.qualname} undoes it":
        yield _undoer(analysis, token, undoing)
    else:
        yield Reason(why, head_of(analysis, token.scope) if token.scope.kind == "function" else None)


def _own_context(analysis: Analysis, token: TokenSite, why: str) -> Iterator[Reason]:
    yield Reason(f"{why}, which ends with it" if "Context of its own" in why else why)
    starts = (
        Reason("started here", analysis.location(use.scope.path, (use.receiver or use.node).span))
        for use in token.starts
    )
    yield from some(starts, "starts")
