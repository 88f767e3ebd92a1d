"""Words that the propagation rules share: how a hop, its chain and its cures are told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ctxlint.knowledge.targets import targets
from ctxlint.model.diagnostics import Related
from ctxlint.rules.rule import Finding
from ctxlint.rules.story import name_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ctxlint.analysis.analysis import Analysis
    from ctxlint.analysis.doubts import Doubt
    from ctxlint.analysis.propagation import Loss, LossyHop
    from ctxlint.knowledge.hop import Cure, Hop, Kind

_TOLD = 4
_CURES: dict[Cure, str] = {
    "pass-value": "pass the value as an argument",
    "copy-run": "hand over `copy_context().run` with the worker as its first argument, a fresh copy for each call",
    "copy-run-partial": "hand over `partial(copy_context().run, worker)`, a fresh copy for each call",
    "copy-run-per-item": "call `submit(copy_context().run, worker, item)` for each item: one copy cannot serve several",
    "copy-in-init": "keep `copy_context()` in the constructor and run the body in it: `self._context.run(…)`",
    "set-in-worker": "set the variable in the worker itself",
}


_DOUBTS: dict[Doubt, str] = {
    "": "",
    "serves": " The worker serves, in a loop or at times of its own, so it may not be meant to see that value.",
    "once": " The worker is started once, by whoever comes first, so it may not be meant to see that value.",
    "kept": " The thread is kept by the object whose method it runs, so it may not be meant to see that value.",
    "own": " The worker leaves values of its own in the variable, so it may be meant to see those alone.",
    "twice": " The value is kept in a second place, too, so the reader may find it there.",
    "which": " Only the type of the variable is known, so the set may be that of another one.",
    "guessed": " Nothing shows that a hop is made while the value is set, but calls of which nothing is known.",
    "far": " The read is far away, so it may not be meant to see that value.",
}

_THREAD = "in a thread with a context of its own"
_WHERE: dict[Kind, str] = {
    "thread": _THREAD,
    "executor": _THREAD,
    "process": "in another process, to which no context goes",
}


def lost(analysis: Analysis, kind: Kind) -> Iterator[Finding]:
    """The findings about the hops of one kind."""
    for hop in analysis.propagation.lossy:
        if hop.spawn.row.kind == kind:
            yield _finding(analysis, hop)


def _finding(analysis: Analysis, hop: LossyHop) -> Finding:
    spawn, first = hop.spawn, hop.losses[0]
    place = analysis.location(spawn.scope.path, spawn.node.span)
    does = "is called with" if first.origin.entry else "sets"
    others = [f"`{loss.var.name}`" for loss in hop.losses[1:_TOLD]]
    more = f" So {'is' if len(others) == 1 else 'are'} {listed(others)}." if others else ""
    return Finding(
        place,
        place,
        f"{api_of(hop)} runs {name_of(spawn.worker)} {where(spawn.row)}: `{first.var.name}`, which "
        f"{name_of(first.origin.scope)} {does}, is lost where {name_of(first.read.scope)} reads it.{more}"
        f"{only_on(spawn.row)}{_DOUBTS[hop.doubt]}",
        tuple(told(analysis, hop, first)),
        cures(hop.spawn.row),
        "low" if hop.doubt else "high" if first.origin.scope.path == spawn.scope.path else "medium",
        optional=bool(hop.doubt),
    )


def where(row: Hop) -> str:
    """Where a hop runs its worker."""
    if not row.runs_in:
        return _WHERE[row.kind]
    return f"in {row.runs_in}, {'to which no context goes' if row.kind == 'process' else 'with a context of its own'}"


def only_on(row: Hop) -> str:
    """A sentence that says on which of the Pythons a hop drops the Context; empty where it does on all of them."""
    aim = targets()
    told = aim.told(aim.dropping(row))
    return f" This holds {told}." if told else ""


def api_of(hop: LossyHop) -> str:
    """The API of a hop, as it is called."""
    return f"`{hop.spawn.callee.replace('()', '')}`"


def listed(names: list[str]) -> str:
    """Names in a sentence."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def told(analysis: Analysis, hop: LossyHop, loss: Loss) -> Iterator[Related]:
    """The set, the hop as far as it is spread, the calls, the read."""
    spawn = hop.spawn
    origin = loss.origin
    yield Related(
        f"{name_of(origin.scope)} is called with `{loss.var.name}` set"
        if origin.entry
        else f"`{loss.var.name}` is set here, in {name_of(origin.scope)}",
        analysis.location(origin.scope.path, origin.span),
    )
    for scope, node in spawn.places:
        if node is not spawn.node:
            what = "hands the worker over" if spawn.handed else f"makes the {spawn.row.kind}"
            yield Related(f"{name_of(scope)} {what} here", analysis.location(scope.path, node.span))
    for edge in loss.chain:
        yield Related(
            f"{name_of(edge.caller)} runs {name_of(edge.callee)} here",
            analysis.location(edge.caller.path, edge.node.span),
        )
    read = loss.read
    yield Related(
        f"{name_of(read.scope)} reads `{loss.var.name}` here and {_found_instead(analysis, loss)}",
        analysis.location(read.scope.path, read.node.span),
    )


def _found_instead(analysis: Analysis, loss: Loss) -> str:
    if loss.read.node.args:
        return "gets only the fallback"
    declaration = analysis.program.by_var.get(loss.var)
    if declaration is None:
        return "does not get that value"
    return "raises LookupError" if declaration.default is None else "gets only the default"


def cures(row: Hop) -> str:
    """What helps, as the row of a hop says."""
    found = [text for cure in row.cures if (text := _CURES.get(cure) or _by_argument(row, cure))]
    if "carrying-api" in row.cures and row.carrying_api:
        found.insert(0, f"use `{row.carrying_api}`, which carries the context")
    return _sentence(found)


def _by_argument(row: Hop, cure: Cure) -> str:
    """The argument that names the Context, where one of the Pythons has it."""
    if cure != "context-argument" or row.context is None:
        return ""
    since, versions = row.context.since, targets().versions
    if versions[-1] < since:
        return ""
    when = f"from Python {since[0]}.{since[1]}, " if versions[0] < since else ""
    return f"{when}pass `{row.context.keyword}=copy_context()`"


def _sentence(parts: Iterable[str]) -> str:
    text = "; or ".join(parts)
    return f"{text[:1].upper()}{text[1:]}." if text else ""
