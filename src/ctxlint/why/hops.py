"""Why a hop is silent: the Context is carried, the worker is not known, or it finds what it reads."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from ctxlint.analysis.arguments import worker_arguments
from ctxlint.analysis.frame_kinds import is_test_file
from ctxlint.analysis.spawns import Passed, Spawn
from ctxlint.analysis.tokens import every_set
from ctxlint.model import facts as f
from ctxlint.model.spans import Span
from ctxlint.why.values import Reason, Site
from ctxlint.why.words import called, declared_at, head_of, limits_of, some, spelled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ctxlint.analysis.analysis import Analysis
    from ctxlint.analysis.propagation import Followed, Kept
    from ctxlint.model.ids import VarId

_TOLD_KINDS = ("thread", "executor", "process", "callback", "finalizer")
_CARRIES = {
    "shared": "runs it in the caller's own Context: nothing is lost",
    "isolated-copy": "runs it in a copy of the caller's Context, on every version of Python: nothing is lost",
    "carries-back": "runs it in a copy of the caller's Context, and brings changes back: nothing is lost",
    "explicit": "runs it in the Context that the program names: what is set there is there",
    "depends": "runs it in a Context that cannot be told from the text, so nothing is claimed",
}


def hops(analysis: Analysis, path: str) -> Iterator[Site]:
    """Every hop of a file: those that are judged, with each of their workers, and those that are passed over."""
    mine = [
        each
        for each in analysis.propagation.considered
        if each.scope.path == path and not (isinstance(each, Passed) and _runs_nothing_elsewhere(each))
    ]
    for _, group in itertools.groupby(sorted(mine, key=_span), _span):
        same = list(group)
        told = [
            reason
            for each in same
            for reason in (
                _of_spawn(analysis, each) if isinstance(each, Spawn) else _of_passed(analysis, each)
            )
        ]
        yield Site(
            "hop",
            analysis.location(path, same[0].node.span),
            same[0].callee.replace("()", ""),
            None,
            tuple(dict.fromkeys(told)),
            limits_of(analysis, same[0].scope),
        )


def _runs_nothing_elsewhere(passed: Passed) -> bool:
    """Does the call run its worker in place, or hand over none (``weakref.ref`` without a callback)?"""
    call = passed.node
    if passed.row.kind == "here":
        return True
    if passed.why != "carries" or not isinstance(call, f.Call) or any(each.star for each in call.args):
        return False
    return not worker_arguments(call, passed.row.worker)


def _span(hop: Spawn | Passed) -> Span:
    return hop.node.span


def _of_passed(analysis: Analysis, passed: Passed) -> Iterator[Reason]:
    name = f"`{passed.callee.replace('()', '')}`"
    place = analysis.location(passed.scope.path, (passed.expr or passed.node).span)
    worker = spelled(passed.expr) if passed.expr is not None else ""
    match passed.why:
        case "carries":
            how = _CARRIES.get(passed.row.usual, "carries the Context: nothing is lost")
            yield Reason(f"{name} {how}")
        case "named":
            yield Reason("the call names the Context in which the worker runs (`context=`)", place)
        case "executor":
            yield Reason(
                "the executor has a `submit` of its own, or is not known: it may carry the Context", place
            )
        case "items":
            yield Reason(f"what {name} takes is no single worker, and is not followed")
        case "hidden":
            yield Reason("an argument with a star hides the worker", place)
        case "unknown":
            yield Reason(
                f"the worker is not known: {worker} cannot be resolved to a function of the program", place
            )
        case "wrapped":
            yield Reason("a function of the program gets the thread, and may carry the Context", place)
        case "starts":
            yield Reason(
                "the class starts in a copy of the Context that it takes itself, or puts in another `run`"
            )
        case "outside":
            yield from _outside(analysis, passed)


def _outside(analysis: Analysis, passed: Passed) -> Iterator[Reason]:
    assert passed.expr is not None  # noqa: S101 - a worker that is outside was found as an expression
    place = analysis.location(passed.scope.path, passed.expr.span)
    name = analysis.program.resolver.external(passed.scope, passed.expr) or ""
    if name.startswith("contextvars.") and name.endswith(".run"):
        yield Reason("the worker is `run` of a Context that is handed over: what was set is carried", place)
    else:
        yield Reason(
            f"the worker {spelled(passed.expr)} is outside the program and reads no variable of it", place
        )


def _of_spawn(analysis: Analysis, spawn: Spawn) -> Iterator[Reason]:
    worker = called(spawn.worker)
    yield Reason(f"it runs {worker}", head_of(analysis, spawn.worker))
    for scope, node in spawn.places:
        if node is not spawn.node:
            what = "hands the worker over" if spawn.handed else "makes the thread"
            yield Reason(f"{called(scope)} {what} here", analysis.location(scope.path, node.span))
    if is_test_file(analysis.program, spawn.scope.path):
        yield Reason("the file is a test, and what a test starts is not judged")
        return
    if spawn.row.kind not in _TOLD_KINDS:
        yield Reason(f"hops of this kind ({spawn.row.kind}) are followed, but no rule tells of them yet")
    followed = analysis.propagation.followed(spawn)
    functions = f"{len(followed.reached)} function{'s' if len(followed.reached) != 1 else ''}"
    if not followed.reads:
        yield Reason(f"{worker} reads no variable: {functions} of the program followed, itself included")
        return
    yield from some(_reads(analysis, followed), "reads")
    for kept in followed.kept:
        yield _kept(analysis, kept)
        if kept.why == "not in force":
            yield from some(_sets_of(analysis, kept.var, followed), "sets")
    for limited in followed.reached:
        yield from limits_of(analysis, limited) if limited is not spawn.scope else ()


def _reads(analysis: Analysis, followed: Followed) -> Iterator[Reason]:
    """The reads of the text; a bound ``get`` that is called stands at the place of its call."""
    found = {(read.var, read.scope.path, read.node.span.start): read for read in reversed(followed.reads)}
    for read in reversed(found.values()):
        place = analysis.location(read.scope.path, read.node.span)
        yield Reason(f"{called(read.scope)} reads `{read.var.name}`", place)


def _sets_of(analysis: Analysis, var: VarId, followed: Followed) -> Iterator[Reason]:
    """The sets of a variable, each with what keeps it from the hop."""
    for token in every_set(analysis.program):
        scope = token.scope
        if token.site.var != var or token.site.emptying or token.site.helper is not None:
            continue
        if scope.kind != "function":
            why = "for an import, which does not count"
        elif is_test_file(analysis.program, scope.path):
            why = "by a test, which does not count"
        elif scope in followed.reached:
            why = "by the work itself"
        else:
            why = f"in {called(scope)}, from where no way leads to the hop with the value set"
        yield Reason(f"it is set here {why}", analysis.location(scope.path, token.site.span))


def _kept(analysis: Analysis, kept: Kept) -> Reason:
    name = f"`{kept.var.name}`"
    if kept.why == "never set":
        place = declared_at(analysis, kept.var)
        return Reason(f"nothing in the program sets {name}, so there is nothing to lose", place)
    if kept.why == "not in force":
        return Reason(f"no set of {name} can be in force where the worker is handed over")
    if kept.first is None:
        return Reason(f"{name} is read only on ways that were not followed from the worker")
    scope, start = kept.first
    place = analysis.location(scope.path, Span(start, start + 1))
    return Reason(f"{called(scope)} sets {name} here, before it is read", place)
