"""Contexts that are copied too late: in the text of the worker that another thread runs.

The copy is then one of the thread's own Context, in which the starter's values are not. That counts where the worker
reads such a value (the filters of ``propagation`` hold), or where its whole text is the copy and the run, and what
runs is not known. A worker that sets variables before it copies, or copies for each job that it takes, isolates them,
and is left alone. So is a copy in a default argument, which is made by who hands the worker over.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from ctxlint.analysis.contexts import Entry
from ctxlint.analysis.hands import Hand
from ctxlint.analysis.propagation import Loss, Propagation
from ctxlint.analysis.resolve import Resolver
from ctxlint.analysis.scopes import Scope
from ctxlint.analysis.spawns import Spawn
from ctxlint.knowledge.hops import hops
from ctxlint.model import facts as f
from ctxlint.model.walk import walk

_COPY = "contextvars.copy_context"


@dataclass(frozen=True, slots=True)
class LateCopy:
    """A hop whose worker, ``worker``, makes the ``copy``; ``loss`` is a read that does not find its value, if one is
    known.
    """

    spawn: Spawn
    worker: Scope
    copy: tuple[Scope, f.Call]
    loss: Loss | None = None


class LateCopies:
    """Finds the late copies among the hand-overs of one program."""

    def __init__(self, resolver: Resolver, propagation: Propagation) -> None:
        """Nothing is looked at until asked."""
        self._resolver = resolver
        self._propagation = propagation

    def of(self, hand: Hand) -> LateCopy | None:
        """What a hand-over, whose API drops the Context, makes too late."""
        scope, call = hand.places[-1]
        callee = hops().canonical(self._resolver.external(scope, call.func) or "")
        places = hand.places[::-1]
        return self._judged(
            hand.entry, Spawn(scope, call, callee, hand.row, hand.entry.scope, places, places[1:])
        )

    def _judged(self, entry: Entry, spawn: Spawn) -> LateCopy | None:
        maker = entry.made.maker
        if entry.made.kind != "late" or maker is None or entry.scope.kind != "function":
            return None
        if self._resolver.external(maker[0], maker[1].func) != _COPY:
            return None
        workers = self._workers(entry)
        for worker in workers or ():
            loss = self._loss(spawn, entry.scope, worker)
            if loss is not None:
                return LateCopy(spawn, entry.scope, maker, loss)
        known = workers is not None and all(worker.path for worker in workers) and workers
        return LateCopy(spawn, entry.scope, maker) if not known and _is_all(entry) else None

    def _workers(self, entry: Entry) -> tuple[Scope, ...] | None:
        """The functions that run in the copy; None where they are not known."""
        if isinstance(entry.worker, Scope):
            return (entry.worker,)
        if entry.worker is None:
            return None
        steps = self._propagation.graph.callables.of(*entry.worker)
        return tuple(step.callee for step in steps) if steps is not None else None

    def _loss(self, spawn: Spawn, around: Scope, worker: Scope) -> Loss | None:
        """A read of what runs in the copy that does not find its value; ``around`` does not set it first."""
        found = self._propagation.losses(replace(spawn, worker=worker))
        first = self._propagation.reads.first_set
        return next((loss for loss in found if first(around, loss.var) is None), None)

    def of_initializer(self, spawn: Spawn) -> LateCopy | None:
        """An initializer that adopts a copy of its own thread's Context: nothing of it is the starter's."""
        worker = spawn.worker
        for statement in worker.body:
            for node in walk(statement, into_scopes=False):
                for part in walk(node.iterable) if isinstance(node, f.For) else ():
                    if isinstance(part, f.Call) and self._resolver.external(worker, part.func) == _COPY:
                        return LateCopy(spawn, worker, (worker, part))
        return None

    def of_subclass(self, spawn: Spawn, entries: Iterable[Entry]) -> Iterator[LateCopy]:
        """``run`` of a Thread subclass that copies in the new thread."""
        for entry in entries:
            found = self._judged(entry, spawn)
            if found is not None:
                yield found


def _is_all(entry: Entry) -> bool:
    """Is the whole text of the worker the copy and the run in it?"""
    body = entry.scope.body
    last = body[-1]
    runs = isinstance(last, f.Return | f.Evaluate) and last.value is entry.node
    copies = len(body) == 1 or (
        len(body) == 2  # noqa: PLR2004 - the copy, and the run
        and isinstance(body[0], f.Assign)
        and body[0].value is (entry.made.maker or (None, None))[1]
    )
    return runs and copies
