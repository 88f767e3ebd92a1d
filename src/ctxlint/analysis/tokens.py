"""Every ``set`` of the program with all that is known of it: what the token rules query.

A site *leaks* on an exit when its obligation is still held there, or its token was lost. It is *undone* when
the token was reset, an older one was, or the value was put back. What was transferred is somebody else's.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from ctxlint.analysis import asked_resets, cancelled_ends, drivers, frame_kinds, second_places, undoers
from ctxlint.analysis.callers import Use
from ctxlint.analysis.covered_reads import CoveredReads
from ctxlint.analysis.exceptions import CANCELLED
from ctxlint.analysis.framework_entries import is_lifespan
from ctxlint.analysis.program import Program
from ctxlint.analysis.relevance import events
from ctxlint.analysis.scopes import Scope
from ctxlint.analysis.turns import Turns, may_follow
from ctxlint.knowledge.library import TokenLibrary
from ctxlint.knowledge.loader import frames as known_frames
from ctxlint.knowledge.loader import token_library
from ctxlint.model import facts as f
from ctxlint.model import ir
from ctxlint.model.ids import VarId
from ctxlint.model.ir import Grade
from ctxlint.model.observations import DoubleReset, Site, SiteExit, SiteOutcome
from ctxlint.model.walk import walk

_LEAKING = ("held", "lost")
_UNDONE = ("released", "restored", "covered")


@dataclass(frozen=True)
class TokenSite:
    """One ``set`` in one function."""

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
        return self.exits("normal", _LEAKING)

    @functools.cached_property
    def normal_undone(self) -> tuple[SiteExit, ...]:
        """Returns and fall-throughs on which it was undone. Emptying a bare set's variable on some way out is
        that way's business (a published value withdrawn), so it counts only where no way out leaks.
        """
        undone = self.exits("normal", _UNDONE)
        if self.normal_leaks and not self.is_bound:
            return tuple(leaving for leaving in undone if leaving.via != "emptied")
        return undone

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
        return self.exits("raise", _UNDONE)

    @functools.cached_property
    def raise_leaks(self) -> tuple[SiteExit, ...]:
        """Raising exits that leave it set, the gravest first. A token on an attribute counts when the function
        that put it there resets it itself and no other method does.
        """
        fates = (*_LEAKING, "transferred") if self._is_reset_here_only else _LEAKING
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
    def leaks_unseen(self) -> bool:
        """Does nobody see what its exceptions leave set?"""
        if self.is_unseen:
            return True
        cancelled = self.is_protected and all(e.raised == CANCELLED.name for e in self.gravest_leaks)
        return cancelled and self.own_context is not None  # it ends with the cancelled task

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
    def own_context(self) -> str | None:
        """Why what the function leaves set ends with its own Context."""
        return drivers.has_own_context(self.program, self.scope)

    @functools.cached_property
    def harmless(self) -> str | None:
        """Why a bare set is no leak, though nothing in the function undoes it."""
        if self.outcome.created:
            return "it is only set where the variable had no value"
        if self.outcome.under:
            return "an older token of the variable is held here"
        if self.is_cleared_first:
            return "the function starts from an emptied variable, as the entry of a request does"
        if self.site.constant and frame_kinds.is_fixture(self.program, self.scope):
            return "a fixture gives every test the same value"
        if self.outcome.spawned is not None:
            return "it is set for a task that is started while it is in force"
        if self.is_unseen:
            return "who reads it has always set it first"
        if self.is_kept_for_all:
            return "a name of the module is given the same value, for all contexts"
        return drivers.harmless(self.program, self.scope, self.site.var)

    @functools.cached_property
    def is_unseen(self) -> bool:
        """Can nobody in the program see what is left, since every read comes behind a set of its own? What the function
        leaves to itself, when it calls itself, it sees.
        """
        if self.library is not None or self.outcome.recursed is not None:
            return False
        return self.program.once(CoveredReads).cover(self.site.var)

    @functools.cached_property
    def is_kept_for_all(self) -> bool:
        """Does what sets it give a name of the module the same value?"""
        return self.scope.kind == "function" and second_places.is_kept_for_all(
            self.program, self.scope, self.site.var, self.site.span
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
        return bool(self.exits("normal", (*_UNDONE, "transferred")) or self.exits("raise", _UNDONE))

    @functools.cached_property
    def is_handed_to_block(self) -> bool:
        """Is it in force when ``__enter__`` returns, so that the block is the work?"""
        return frame_kinds.is_enter(self.scope) and bool(self.exits("normal", _LEAKING))

    @functools.cached_property
    def is_in_async_test(self) -> bool:
        """Does it stand in a test whose Context ends with it?"""
        return frame_kinds.is_isolated_test(self.program, self.scope)

    @functools.cached_property
    def is_setter(self) -> bool:
        """Does the function do no work after its last set?"""
        reached = [sibling for sibling in self.siblings if sibling.exits]
        last = max(reached, key=lambda sibling: sibling.site.span, default=self.outcome)
        return last.worked is None

    @functools.cached_property
    def undoer(self) -> str | None:
        """The other function of the program that undoes it: a partner or a caller."""
        return undoers.undone_elsewhere(self.program, self.scope, self.site.var)

    @functools.cached_property
    def undoing(self) -> Scope | None:
        """The same as a scope; None for a set outside of functions."""
        if self.scope.kind != "function":
            return None
        return undoers.undoing_scope(self.program, self.scope, self.site.var)

    @functools.cached_property
    def starts(self) -> tuple[Use, ...]:
        """The uses that start the function in a copied Context, its own or those of the functions that call it."""
        return drivers.starts(self.program, self.scope)

    @functools.cached_property
    def is_paired(self) -> bool:
        """Is this one half of a push and pop? The value is computed from the old one, and another set of the
        variable elsewhere is, too.
        """
        if not self.site.derived:
            return False
        mine = (self.site.var, self.scope.path, self.site.span)
        return any(other[0] == mine[0] and other != mine for other in self.program.derived_sets)

    @functools.cached_property
    def is_overwritten(self) -> bool:
        """Does a loop set it anew on each turn, so that each value lives for one turn? Not where the work begins behind
        the loop: there all that its turns have set is in force.
        """
        return self.outcome.looped and not _works_behind_loop(self)

    @functools.cached_property
    def library(self) -> TokenLibrary | None:
        """The library whose own variable it is."""
        return token_library(self.site.var)

    @property
    def is_dropped_by_custom(self) -> bool:
        """Is the token thrown away because that is how its library is used?"""
        return self.library is not None and self.library.dropped == "scopes" and not self.is_bound

    @functools.cached_property
    def scope_reason(self) -> str | None:
        """Why a token dropped here deserves a warning whoever calls: the function is half of a scope, or has another
        reason to undo what it does.
        """
        if self.scope.kind != "function" or _is_cleared_somewhere(self):
            return None
        if drivers.is_made_in_test(self.program, self.scope, self.site.var):
            return None
        return self._half_reason or (None if self.is_dropped_by_custom else _other_reason(self))

    @functools.cached_property
    def _half_reason(self) -> str | None:
        return _half_reason(self)

    @functools.cached_property
    def only_attaches(self) -> bool:
        """Does a function that is no half of a scope set a library's variable for its callers, and do no work after?"""
        return self.library is not None and self.is_setter and self._half_reason is None


def _half_reason(token: TokenSite) -> str | None:
    """Why the other half of the scope, or its end, had to undo the set; None where the function is no half of one."""
    program, scope = token.program, token.scope
    partner = frame_kinds.exit_partner(program, scope)
    if partner is not None or frame_kinds.is_enter(scope):
        undone = partner is not None and _undoes(program, partner, token.site)
        return (
            None
            if undone
            else "`__exit__` does not undo it"
            if partner
            else "nothing undoes it at the end of the block"
        )
    if frame_kinds.is_manager_constructor(program, scope):
        return None if _some_method_restores(token) else "no method of the context manager undoes it"
    if is_lifespan(program, scope):
        return None
    if frame_kinds.is_scope_generator(program, scope) and token.outcome.worked is not None:
        return "nothing undoes it after the `yield`"
    if (
        token.outcome.wrapped is not None
        and token.own_context is None
        and frame_kinds.is_wrapper(program, scope)
    ):
        return "it is still set when the wrapped call has returned"
    return None


def _other_reason(token: TokenSite) -> str | None:
    """Why a function that is no half of a scope has to undo what it sets."""
    program, scope, outcome = token.program, token.scope, token.outcome
    if outcome.recursed is not None and not token.is_kept_for_all:
        return "it is still set when the recursive call has returned"
    if (
        token.library is not None
        and token.harmless is None
        and not _is_under_manager(token)
        and not undoers.serves_both_halves(program, scope)
    ):
        return f"only `{token.site.helper}` knows what was there before"
    if frame_kinds.is_fixture(program, scope) and not scope.function.is_async and not token.site.constant:
        return "it stays set for every later test"
    others = (sibling for sibling in token.siblings if sibling is not outcome)
    works = outcome.worked is not None
    if token.own_context is None and any(_is_other_scope(sibling, works=works) for sibling in others):
        return "the function takes care of another token but not of this one"
    return None


def _is_under_manager(token: TokenSite) -> bool:
    """Has the function entered, by hand, a manager that puts back on exit what was there before the set?"""
    resolver = token.program.resolver
    for call in token.scope.calls:
        if not isinstance(call.func, f.Attribute) or call.span.start > token.site.span.start:
            continue
        if call.func.attr in ("__enter__", "__aenter__"):
            entered: f.Expr = call.func.value
        elif call.func.attr in ("enter_context", "enter_async_context") and call.args:
            entered = call.args[0].value
        else:
            continue
        made = resolver.value(token.scope, entered)
        if made is not None and isinstance(made[1], f.Call):
            name = resolver.external(made[0], made[1].func) or ""
            if name in known_frames().scoped_managers and name.startswith(
                token.site.var.qualname.partition(" ")[0]
            ):
                return True
    return False


def _is_cleared_somewhere(token: TokenSite) -> bool:
    """Does the program clear the library's variable anywhere, at the entry of a request, say?"""
    return token.is_dropped_by_custom and token.site.var in token.program.once(_cleared)


def _cleared(program: Program) -> frozenset[VarId]:
    """The variables that some function of the program clears."""
    return frozenset(
        event.var
        for scope in program.relevant
        for event in events(program.body(scope))
        if isinstance(event, ir.Restore) and event.saved is None
    )


def _undoes(program: Program, partner: Scope, site: Site) -> bool:
    effects = program.effects(partner)
    return site.var in effects.undoes or (site.derived and site.var in effects.pops)


def _works_behind_loop(token: TokenSite) -> bool:
    """Does nothing in the turn of the loop that sets work with the value, but something behind the loop?"""
    scope, turns = token.scope, Turns()
    made = next((call for call in scope.calls if call.span == token.site.span), None)
    above = turns.path(scope, made) if made is not None else ()
    loop = next((node for node in above if isinstance(node, f.For | f.While)), None)
    if loop is None:
        return False
    found = events(token.program.body(scope))
    works = {each.span for each in found if isinstance(each, ir.Call) and each.work}
    behind = False
    for call in scope.calls:
        if call.span in works and call is not made:
            path = turns.path(scope, call)
            if any(node is loop for node in path):
                if may_follow(above, path):
                    return False
            elif call.span > token.site.span:
                behind = True
    return behind


def _is_other_scope(sibling: SiteOutcome, *, works: bool) -> bool:
    """Does the function return the token of another set, or, having done work, reset it? What is set after the work
    is a result.
    """
    return any(
        leaving.kind == "normal"
        and (
            (works and leaving.fate == "released")
            or (leaving.fate == "transferred" and leaving.via.startswith("return"))
        )
        for leaving in sibling.exits
    )


def _some_method_restores(token: TokenSite) -> bool:
    owner = token.scope.owner
    if owner is None:
        return False
    return any(
        token.site.var in token.program.effects(child).undoes
        for ancestor in token.program.resolver.ancestors(owner)
        for child in ancestor.children
        if child.kind == "function"
    )


def token_sites(program: Program) -> Iterator[TokenSite]:
    """Every set of the program, in the order of files and text. A token that is dropped by custom of its library
    is nobody's concern outside a scope.
    """
    for token in every_set(program):
        if not token.is_dropped_by_custom or token.scope_reason is not None or _is_cleared_in_part(token):
            yield token


def _is_cleared_in_part(token: TokenSite) -> bool:
    """Does a wrapper clear the library's variable itself after the call, and no function of the program otherwise than
    after a bind of its own?
    """
    program, outcome = token.program, token.outcome
    if outcome.wrapped is None or not token.normal_undone or not frame_kinds.is_wrapper(program, token.scope):
        return False
    return not any(_clears_first(program, scope, token.site.var) for scope in program.relevant)


def _clears_first(program: Program, scope: Scope, var: VarId) -> bool:
    """Does the function clear the variable where it has not yet set it?"""
    for event in events(program.body(scope)):
        if isinstance(event, ir.Set) and event.var == var:
            return False
        if isinstance(event, ir.Restore) and event.var == var and event.saved is None:
            return True
    return False


def every_set(program: Program) -> Iterator[TokenSite]:
    """The same, with those that are nobody's concern."""
    for scope in program.relevant:
        outcome = program.outcome(scope)
        if outcome is not None:
            for site in outcome.sites:
                yield TokenSite(program, scope, site, outcome.sites, outcome.capped)


def double_resets(program: Program) -> Iterator[tuple[Scope, DoubleReset]]:
    """Every path of the program on which a token is reset twice. Where worlds were dropped none is claimed."""
    for scope in program.relevant:
        outcome = program.outcome(scope)
        if outcome is not None and not outcome.capped:
            for double in outcome.doubles:
                yield scope, double
