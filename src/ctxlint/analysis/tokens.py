"""Every ``set`` of the program with all that is known of it: what the token rules query.

``WaysOut`` says what is left set; here stands who sees that, who undoes it elsewhere, and why it may be meant.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass

from ctxlint.analysis import drivers, fixtures, frame_kinds, second_places, undoers
from ctxlint.analysis.callers import Use
from ctxlint.analysis.covered_reads import CoveredReads
from ctxlint.analysis.exceptions import CANCELLED
from ctxlint.analysis.framework_entries import is_lifespan
from ctxlint.analysis.program import Program
from ctxlint.analysis.relevance import events
from ctxlint.analysis.scopes import Scope
from ctxlint.analysis.ways_out import WaysOut
from ctxlint.knowledge.library import TokenLibrary
from ctxlint.knowledge.loader import frames as known_frames
from ctxlint.knowledge.loader import token_library
from ctxlint.model import facts as f
from ctxlint.model import ir
from ctxlint.model.ids import VarId
from ctxlint.model.observations import DoubleReset, Site, SiteOutcome


@dataclass(frozen=True)
class TokenSite(WaysOut):
    """One ``set`` in one function."""

    @functools.cached_property
    def leaks_unseen(self) -> bool:
        """Does nobody see what its exceptions leave set?"""
        if self.is_unseen:
            return True
        cancelled = self.is_protected and all(e.raised == CANCELLED.name for e in self.gravest_leaks)
        return cancelled and self.own_context is not None  # it ends with the cancelled task

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
        if self._comes_again:
            return "the fixture sets it anew around each test"
        if self.outcome.spawned is not None:
            return "it is set for a task that is started while it is in force"
        if self.is_unseen:
            return "who reads it has always set it first"
        if self.is_ended_by_block:
            return "the end of the block that the object is for sets it again"
        if self.is_kept_for_all:
            return "a name of the module is given the same value, for all contexts"
        return drivers.harmless(self.program, self.scope, self.site.var)

    @property
    def _comes_again(self) -> bool:
        is_fixture = self.scope.kind == "function" and frame_kinds.is_fixture(self.program, self.scope)
        return is_fixture and fixtures.comes_again(self.program, self.scope)

    @functools.cached_property
    def is_unseen(self) -> bool:
        """Can nobody in the program see what is left, since every read comes behind a set of its own? What the function
        leaves to itself, when it calls itself, it sees.
        """
        if self.library is not None or self.outcome.recursed is not None:
            return False
        return self.program.once(CoveredReads).cover(self.site.var)

    @functools.cached_property
    def is_ended_by_block(self) -> bool:
        """Does the exit of the object that a method prepares for a ``with``, and returns, set or undo the variable?"""
        leave = frame_kinds.end_of_block(self.program, self.scope)
        effects = self.program.effects(leave) if leave is not None else None
        return effects is not None and self.site.var in effects.sets | effects.undoes | effects.restores

    @functools.cached_property
    def is_kept_for_all(self) -> bool:
        """Does what sets it give a name of the module the same value?"""
        return self.scope.kind == "function" and second_places.is_kept_for_all(
            self.program, self.scope, self.site.var, self.site.span
        )

    @functools.cached_property
    def is_in_async_test(self) -> bool:
        """Does it stand in a test whose Context ends with it?"""
        return frame_kinds.is_isolated_test(self.program, self.scope)

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
    def is_for_callers(self) -> bool:
        """Does a function that is no half of a scope set a library's variable, as its callers may want it?"""
        return self.library is not None and self._half_reason is None


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
        return None if drivers.ends_with_its_users(program, scope) else "nothing undoes it after the `yield`"
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
        return None if fixtures.comes_again(program, scope) else "it stays set for every later test"
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
