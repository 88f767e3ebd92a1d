"""What rules query: the linked program, its token sites, its declarations, and where things are."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass

from ctxlint.analysis.callback_losses import LostCallback, lost_callbacks
from ctxlint.analysis.declarations import Declaration
from ctxlint.analysis.early_resets import EarlyReset, EarlyResets
from ctxlint.analysis.framework_losses import FrameworkLoss, FrameworkLosses
from ctxlint.analysis.innocence import Innocence, Proof
from ctxlint.analysis.late_sets import LateSet, LateSets
from ctxlint.analysis.lost_writes import LostWrite, lost_writes
from ctxlint.analysis.mutability import Mutable, mutable
from ctxlint.analysis.program import Program
from ctxlint.analysis.propagation import Propagation
from ctxlint.analysis.scopes import Scope
from ctxlint.analysis.shared_writes import SharedWrite, shared_writes
from ctxlint.analysis.sights import Sights
from ctxlint.analysis.sole_sets import Sets
from ctxlint.analysis.starts import Start, Starts
from ctxlint.analysis.tokens import TokenSite, double_resets, token_sites
from ctxlint.analysis.unset_reads import UnsetRead, unset_reads
from ctxlint.analysis.ways_back import LostReturn, WaysBack
from ctxlint.analysis.wrong_cures import WrongCures
from ctxlint.model.facts import Expr, Limit
from ctxlint.model.observations import DoubleReset
from ctxlint.model.policy import NO_POLICY, Policy
from ctxlint.model.sources import Unreadable
from ctxlint.model.spans import Location, Span


@dataclass(frozen=True)
class Analysis:
    """Everything a rule may ask. ``unread`` tells which parts of a file the reader gave up; ``names`` maps a file's
    path to how the user sees it; ``spawning`` are the units, by file and index, that name the API of a hop; ``policy``
    is what the project declared.
    """

    program: Program
    unreadable: dict[str, Unreadable]
    unread: Callable[[], dict[str, tuple[Limit, ...]]]
    names: dict[str, str]
    spawning: tuple[tuple[str, tuple[int, ...]], ...] = ()
    policy: Policy = NO_POLICY

    def location(self, path: str, span: Span) -> Location:
        """A place as the user sees it."""
        return Location(self.names.get(path, path), span)

    @functools.cached_property
    def token_sites(self) -> tuple[TokenSite, ...]:
        """Every ``set`` of the program, with what became of it."""
        return tuple(token_sites(self.program))

    @functools.cached_property
    def double_resets(self) -> tuple[tuple[Scope, DoubleReset], ...]:
        """Every path on which a token is reset twice."""
        return tuple(double_resets(self.program))

    @property
    def declarations(self) -> tuple[Declaration, ...]:
        """Every declaration of a context variable."""
        return self.program.declarations

    def mutable(self, scope: Scope, expr: Expr) -> Mutable | None:
        """Why the value of an expression can be changed in place; None where it cannot, or that cannot be told."""
        return mutable(self.program.resolver, scope, expr)

    @functools.cached_property
    def values(self) -> Innocence:
        """Every ``get`` of the program's variables and what becomes of its value."""
        return Innocence(self.program)

    @functools.cached_property
    def lost_writes(self) -> tuple[LostWrite, ...]:
        """Every write into a fallback that is thrown away."""
        return tuple(lost_writes(self.program, self.values))

    @functools.cached_property
    def shared_writes(self) -> tuple[SharedWrite, ...]:
        """Every other write into the value of a variable that no function of its own has set."""
        return tuple(shared_writes(self.program, self.values, self.lost_writes))

    @functools.cached_property
    def unset_reads(self) -> tuple[UnsetRead, ...]:
        """Every read that fails where the start of the program did not set its variable."""
        return tuple(unset_reads(self.program, self.values))

    def is_innocent(self, declaration: Declaration) -> bool:
        """Does the whole program only read, copy or override the declaration's default?"""
        return declaration.var is not None and self.values.is_innocent(declaration.var)

    def proof(self, declaration: Declaration) -> Proof | None:
        """Why the default is innocent, or the use that makes it doubtful; None for a variable without a name."""
        return self.values.proof(declaration.var) if declaration.var is not None else None

    @functools.cached_property
    def propagation(self) -> Propagation:
        """The hops of the program and what they lose."""
        library = self.program.resolver.library
        scopes: list[Scope] = []
        for path, indexes in self.spawning:
            module = library.part(path, indexes)
            if module is None:
                continue
            scopes.append(module)
            scopes += [
                scope
                for child in module.children
                if library.unit_at(path, child.start) in indexes
                for scope in child.descendants()
            ]
        return Propagation(self.program, scopes)

    @functools.cached_property
    def sets(self) -> Sets:
        """By which sets a value can be in force."""
        return Sets(self.program, self.propagation.graph, self.propagation.uses)

    @functools.cached_property
    def sights(self) -> Sights:
        """Who sees the values that bare sets leave in force."""
        return Sights(self.program, self.propagation.graph)

    @functools.cached_property
    def starts(self) -> tuple[Start, ...]:
        """The workers that functions start in other Contexts."""
        scopes = dict.fromkeys((*self.program.functions(), *self.propagation.spawning))
        return tuple(Starts(self.program.resolver, self.propagation.graph.callables).of(scopes))

    @functools.cached_property
    def lost_returns(self) -> tuple[LostReturn, ...]:
        """What workers set and those who wait for them read."""
        return tuple(WaysBack(self.program, self.propagation, self.sets).lost(self.starts))

    @functools.cached_property
    def lost_callbacks(self) -> tuple[LostCallback, ...]:
        """Callbacks that come when the value is gone."""
        return tuple(lost_callbacks(self.program, self.propagation))

    @functools.cached_property
    def early_resets(self) -> tuple[EarlyReset, ...]:
        """Plain wrappers that undo what they set before the body of what they wrap runs."""
        return tuple(EarlyResets(self.program, self.propagation).found())

    @functools.cached_property
    def framework_losses(self) -> tuple[FrameworkLoss, ...]:
        """What is set where a framework's requests do not see it."""
        return tuple(FrameworkLosses(self.program, self.propagation, self.sets).found())

    @functools.cached_property
    def late_sets(self) -> tuple[LateSet, ...]:
        """What is set behind the start of a worker that reads it."""
        return tuple(LateSets(self.program, self.propagation, self.sets).behind(self.starts))

    @functools.cached_property
    def wrong_cures(self) -> WrongCures:
        """The calls that were written to carry a Context and do not."""
        return WrongCures(self.program, self.propagation)

    @property
    def judged(self) -> tuple[tuple[str, int], ...]:
        """The units, by file and index, that hold what is judged: declarations, and functions that do something to a
        variable or to its value.
        """
        places = {(d.path, d.span.start) for d in self.declarations}
        places |= {(d.made.path, d.default.span.start) for d in self.declarations if d.default is not None}
        places |= {(scope.path, scope.start) for scope in self.program.touching}
        places |= {(scope.path, node.span.start) for scope, node in self.values.told}
        places |= {(each.got.scope.path, each.got.call.span.start) for each in self.unset_reads}
        spawned = (each.spawned for each in self.shared_writes)
        places |= {
            (scope.path, node.span.start)
            for each in spawned
            if each is not None
            for scope, node in ((each.scope, each.hop), *each.calls)
        }
        for hop in self.propagation.lossy:
            told = [(hop.spawn.scope, hop.spawn.node.span.start), (hop.spawn.worker, hop.spawn.worker.start)]
            told += [(edge.callee, edge.callee.start) for loss in hop.losses for edge in loss.chain]
            places |= {(scope.path, start) for scope, start in told}
        library = self.program.resolver.library
        found = {(path, library.unit_at(path, start)) for path, start in places}
        return tuple(sorted((path, index) for path, index in found if index is not None))

    @property
    def limits(self) -> dict[str, list[Limit]]:
        """What was given up, by file: by the reader, and while functions were interpreted."""
        _ = self.token_sites
        found = {path: list(limits) for path, limits in self.unread().items()}
        for path, limits in self.program.limits.items():
            found.setdefault(path, []).extend(limits)
        return found
