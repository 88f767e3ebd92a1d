"""Callbacks that come at a moment when the value that was in force where they were registered is gone.

Some run in a thread that has a Context of its own (those of a future or a pool). Others run in whatever Context is
there at that moment: a signal's in the Context that is interrupted, one of ``atexit`` in the main thread's outermost
one, a finalizer in that which drops the last reference. Those lose a value only if it was set in a coroutine, whose
task has a Context of its own, or is undone before; a signal may well come in between, so for it only the first counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from ctxlint.analysis.force import Origin
from ctxlint.analysis.program import Program
from ctxlint.analysis.propagation import LossyHop, Propagation
from ctxlint.knowledge.hop import Hop
from ctxlint.model.observations import SiteOutcome

Moment: TypeAlias = Literal["future", "pool", "signal", "exit", "end", "elsewhere"]

#: They look at the thread or task that they interrupt, and not at who installed them.
_OBSERVERS = frozenset({
    "threading.setprofile", "threading.settrace", "sys.setprofile", "sys.settrace",
    "asyncio.AbstractEventLoop().set_exception_handler",
})  # fmt: skip
_STAYING = ("held", "lost", "transferred")


@dataclass(frozen=True, slots=True)
class LostCallback:
    """A hop that registers a callback, with what the callback loses, and when it comes. ``doubtful``: it may come while
    the value is still there, or not be meant to see it.
    """

    hop: LossyHop
    moment: Moment
    doubtful: bool


def lost_callbacks(program: Program, propagation: Propagation) -> Iterator[LostCallback]:
    """The callbacks that lose something."""
    for hop in propagation.lossy:
        row = hop.spawn.row
        if row.kind not in ("callback", "finalizer") or not _OBSERVERS.isdisjoint(row.callables):
            continue
        moment = _moment(row)
        losses = tuple(loss for loss in hop.losses if _is_gone(program, loss.origin, moment))
        if losses:
            kept = LossyHop(hop.spawn, losses)
            # what a library keeps of a request or a span is not meant for the end of the process
            distant = moment == "end" or (moment == "exit" and not losses[0].var.module)
            yield LostCallback(kept, moment, bool(kept.doubt) or distant)


def _moment(row: Hop) -> Moment:
    name = row.callables[0]
    if name.startswith("concurrent.futures."):
        return "future"
    if name.startswith("multiprocessing."):
        return "pool"
    if name.startswith("signal."):
        return "signal"
    if row.kind == "finalizer":
        return "exit" if name.startswith("atexit.") else "end"
    return "elsewhere"


def _is_gone(program: Program, origin: Origin, moment: Moment) -> bool:
    """Is the value of a set not there at the moment?"""
    if moment in ("future", "pool", "elsewhere"):
        return True
    if origin.scope.kind == "function" and origin.scope.function.is_async:
        return True
    return moment != "signal" and _is_undone(program, origin)


def _is_undone(program: Program, origin: Origin) -> bool:
    """Does the function that sets undo it on every normal way out?"""
    outcome = program.outcome(origin.scope)
    sites = outcome.sites if outcome is not None else ()
    return any(each.site.span == origin.span and not _stays(each) for each in sites)


def _stays(outcome: SiteOutcome) -> bool:
    normal = [leaving for leaving in outcome.exits if leaving.kind == "normal"]
    return not normal or any(leaving.fate in _STAYING for leaving in normal)
