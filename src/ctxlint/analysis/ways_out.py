"""One ``set`` in one function, and how each way out of the function leaves it.

A site *leaks* on an exit when its obligation is still held there, or its token was lost. It is *undone* when
the token was reset, an older one was, or the value was put back. What was transferred is somebody else's. Who is
concerned by what is left says ``tokens``.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ctxlint.analysis import asked_resets, cancelled_ends, frame_kinds
from ctxlint.analysis.program import Program
from ctxlint.analysis.relevance import events
from ctxlint.analysis.scopes import Scope
from ctxlint.analysis.turns import Turns, may_follow
from ctxlint.model import facts as f
from ctxlint.model import ir
from ctxlint.model.ir import Grade
from ctxlint.model.observations import Site, SiteExit, SiteOutcome
from ctxlint.model.walk import walk

LEAKING = ("held", "lost")
UNDONE = ("released", "restored", "covered")


@dataclass(frozen=True)
class WaysOut:
    """The ways out of a function behind one ``set``; ``siblings`` are all sets of the function. ``capped``: some ways
    may be missing.
    """

    program: Program
    scope: Scope
    outcome: SiteOutcome
    siblings: tuple[SiteOutcome, ...]
    capped: bool

    @property
    def site(self) -> Site:
        """The set itself."""
        return self.outcome.site

    def exits(self, kind: str, fates: tuple[str, ...]) -> tuple[SiteExit, ...]:
        """The exits of one kind with one of the fates."""
        return tuple(
            leaving for leaving in self.outcome.exits if leaving.kind == kind and leaving.fate in fates
        )

    @functools.cached_property
    def normal_leaks(self) -> tuple[SiteExit, ...]:
        """Returns and fall-throughs that leave the value set."""
        return self.exits("normal", LEAKING)

    @functools.cached_property
    def normal_undone(self) -> tuple[SiteExit, ...]:
        """Returns and fall-throughs on which it was undone. Emptying a bare set's variable on some way out is
        that way's business (a published value withdrawn), so it counts only where no way out leaks.
        """
        undone = self.exits("normal", UNDONE)
        if self.normal_leaks and not self.is_bound:
            return tuple(leaving for leaving in undone if leaving.via != "emptied")
        return undone

    @property
    def is_only_renewed(self) -> bool:
        """Is the value made where the variable had none, and replaced by a newer one, but put back nowhere?"""
        put_back = any(leaving.via == "saved" for leaving in self.normal_undone)
        return self.outcome.created and not self.is_bound and not put_back

    @functools.cached_property
    def forgotten_leaks(self) -> tuple[SiteExit, ...]:
        """The normal leaks but those on which a question around the reset, which may be the one that led to the set,
        was answered with no.
        """
        return tuple(leaving for leaving in self.normal_leaks if not self._questions.leave_open(leaving))

    @functools.cached_property
    def _questions(self) -> asked_resets.Questions:
        undone = frozenset(e.since for e in (*self.normal_undone, *self.raise_undone))
        return asked_resets.questions(self.scope, self.program.body(self.scope), self.site, undone)

    @functools.cached_property
    def raise_undone(self) -> tuple[SiteExit, ...]:
        """Raising exits on which it was undone: the reset is in a ``finally`` or a handler."""
        return self.exits("raise", UNDONE)

    @functools.cached_property
    def raise_leaks(self) -> tuple[SiteExit, ...]:
        """Raising exits that leave it set, the gravest first. A token on an attribute counts when the function
        that put it there resets it itself and no other method does.
        """
        fates = (*LEAKING, "transferred") if self._is_reset_here_only else LEAKING
        leaks = [e for e in self.exits("raise", fates) if e.fate != "transferred" or e.via == "field"]
        return tuple(sorted(leaks, key=lambda leaving: (-leaving.grade, leaving.at)))

    @functools.cached_property
    def _is_reset_here_only(self) -> bool:
        if not self.exits("normal", ("released",)) or self.scope.owner is None:
            return False
        others = (child for child in self.scope.owner.children if child.kind == "function")
        return not any(
            self.site.var in self.program.effects(other).undoes for other in others if other is not self.scope
        )

    @functools.cached_property
    def is_bound(self) -> bool:
        """Does a name or place get the token? An unused name that starts with an underscore does not count."""
        into = self.site.into
        if into is None:
            return False
        if not into.path and into.root.startswith("_"):
            return self._is_read(into.root)
        return True

    def _is_read(self, name: str) -> bool:
        if not isinstance(self.scope.node, f.Function):
            return True
        stored = [t for n in walk(self.scope.node) if isinstance(n, f.Assign) for t in n.targets]
        names = [n for n in walk(self.scope.node) if isinstance(n, f.Name) and n.id == name]
        return len(names) > sum(isinstance(t, f.Name) and t.id == name for t in stored)

    @functools.cached_property
    def is_protected(self) -> bool:
        """Does a ``finally``, or the end of a ``with``, undo it? On a normal way out, where handlers stop all that is
        raised before.
        """
        return bool(self.undone_at_last)

    @functools.cached_property
    def undone_at_last(self) -> tuple[SiteExit, ...]:
        """The exits on which a ``finally``, or the end of a ``with``, undid it: raising ones where there are any."""
        raising = tuple(leaving for leaving in self.raise_undone if leaving.in_final)
        return raising or tuple(leaving for leaving in self.normal_undone if leaving.in_final)

    def is_before_its_reset(self, leaving: SiteExit) -> bool:
        """Does what raises stand in the very ``finally`` that undoes the set, before the reset?"""
        return self._is_beside(leaving, self.undone_at_last, lambda node: [node.final])

    @functools.cached_property
    def leaks_in_its_handlers(self) -> bool:
        """Is it left set only by ordinary calls in the very handlers that undo it?"""
        return all(
            leaving.grade <= Grade.CALL
            and self._is_beside(
                leaving, self.raise_undone, lambda node: [handler.body for handler in node.handlers]
            )
            for leaving in self.gravest_leaks
        )

    def _is_beside(
        self,
        leaving: SiteExit,
        undone: tuple[SiteExit, ...],
        blocks: Callable[[f.Try], Iterable[tuple[f.Stmt, ...]]],
    ) -> bool:
        """Does what raises stand in the same of a ``try``'s ``blocks`` as one of the resets?"""
        resets = {each.since for each in undone}
        return any(
            leaving.at in inside and not resets.isdisjoint(inside)
            for statement in self.scope.body
            for node in walk(statement, into_scopes=False)
            if isinstance(node, f.Try)
            for block in blocks(node)
            for inside in [{part.span for each in block for part in walk(each, into_scopes=False)}]
        )

    @functools.cached_property
    def gravest_leaks(self) -> tuple[SiteExit, ...]:
        """The raising leaks that count where the reset already stands in a ``finally``: not ordinary calls. Where a
        question around the reset is a doubt on normal ways out, it is one on these.
        """
        leaks = self.raise_leaks
        if self.normal_leaks:
            leaks = tuple(leaving for leaving in leaks if not self._questions.leave_open(leaving))
        if not self.is_protected and not self.capped:  # past the bound what protects it may be forgotten
            return leaks
        grave = (leaving for leaving in leaks if leaving.grade > Grade.CALL)
        return tuple(
            leaving
            for leaving in grave
            if not cancelled_ends.is_end_of_cancelled(self.program, self.scope, leaving.at)
        )

    @functools.cached_property
    def entered_in_vain(self) -> tuple[SiteExit, ...]:
        """The exceptions that leave ``__enter__`` behind the set, so that no ``__exit__`` undoes it.
        What an ordinary call may raise does not count.
        """
        if not frame_kinds.is_enter(self.scope) or self.capped or self.outcome.created or self.raise_undone:
            return ()
        leave = frame_kinds.exit_partner(self.program, self.scope)
        if leave is None or self.site.var not in self.program.effects(leave).undoes:
            return ()
        return tuple(
            leaving
            for leaving in self.exits("raise", ("held", "transferred"))
            if leaving.grade >= Grade.WITH
            and not cancelled_ends.is_end_of_cancelled(self.program, self.scope, leaving.at)
        )

    @functools.cached_property
    def is_cleared_first(self) -> bool:
        """Does the function empty the variable, on every way, before it sets it? What an earlier call left is gone."""
        for node in self.program.body(self.scope):
            for event in node.events if isinstance(node, ir.Do) else ():
                if isinstance(event, ir.Set) and event.var == self.site.var and event.span < self.site.span:
                    return event.into is None and isinstance(event.value, ir.Constant) and event.value.empty
        return False

    @functools.cached_property
    def is_taken_care_of(self) -> bool:
        """Does any way out undo it, or hand the token to somebody?"""
        return bool(self.exits("normal", (*UNDONE, "transferred")) or self.exits("raise", UNDONE))

    @functools.cached_property
    def is_handed_to_block(self) -> bool:
        """Is it in force when ``__enter__`` returns, so that the block is the work?"""
        return frame_kinds.is_enter(self.scope) and bool(self.exits("normal", LEAKING))

    @functools.cached_property
    def is_setter(self) -> bool:
        """Does the function do no work after its last set?"""
        reached = [sibling for sibling in self.siblings if sibling.exits]
        last = max(reached, key=lambda sibling: sibling.site.span, default=self.outcome)
        return last.worked is None

    @functools.cached_property
    def is_overwritten(self) -> bool:
        """Does a loop set it anew on each turn, so that each value lives for one turn? Not where the work begins behind
        the loop: there all that its turns have set is in force.
        """
        return self.outcome.looped and not _works_behind_loop(self)


def _works_behind_loop(left: WaysOut) -> bool:
    """Does nothing in the turn of the loop that sets work with the value, but something behind the loop?"""
    scope, turns = left.scope, Turns()
    made = next((call for call in scope.calls if call.span == left.site.span), None)
    above = turns.path(scope, made) if made is not None else ()
    loop = next((node for node in above if isinstance(node, f.For | f.While)), None)
    if loop is None:
        return False
    found = events(left.program.body(scope))
    works = {each.span for each in found if isinstance(each, ir.Call) and each.work}
    behind = False
    for call in scope.calls:
        if call.span in works and call is not made:
            path = turns.path(scope, call)
            if any(node is loop for node in path):
                if may_follow(above, path):
                    return False
            elif call.span > left.site.span:
                behind = True
    return behind
