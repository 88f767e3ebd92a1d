"""Worlds: what can be the case at one point of a function, one possibility each.

A **world** knows which token each place holds, what became of each *site* (a ``set`` in the text), which
variables this function has set and in what order, what was learned from conditions, and the exception in
flight. It is never changed: every step makes a new one. Two worlds are the same when their keys are equal; the
trail (the branches taken, for the story) is not part of the key, so of two ways to the same state the first is
told.

Worlds, not joined states: ``token = None; if x: token = v.set(1)`` … ``if token is not None: v.reset(token)``
is right, and no join of the two branches can show it.
"""

from __future__ import annotations

import enum
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import msgspec
from msgspec.structs import replace

from ctxlint.model.ids import Place, VarId
from ctxlint.model.ir import Grade, Raised
from ctxlint.model.observations import Step
from ctxlint.model.spans import Span


class Fate(enum.Enum):
    """What became of the obligation to undo one ``set``."""

    HELD = "held"
    RELEASED = "released"
    """Its token was reset."""
    RESTORED = "restored"
    """The value was put back or cleared without the token."""
    COVERED = "covered"
    """An older token of the variable was reset, or a helper put the variable back."""
    TRANSFERRED = "transferred"
    """Somebody else has the token now."""
    LOST = "lost"
    """The only place that held the token was overwritten."""
    STALE = "stale"
    """Its token was reset, and then a newer one: that brought its value back."""


@dataclass(frozen=True, slots=True)
class Token:
    """The value of a place: the token of the site ``site``."""

    site: int


@dataclass(frozen=True, slots=True)
class Bag:
    """A container that holds the tokens of ``sites``."""

    sites: frozenset[int]


@dataclass(frozen=True, slots=True)
class Saved:
    """What ``var.get()`` gave when the sites of ``chain`` were in force."""

    var: VarId
    chain: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """A value of which only this is known: is it None, is it true? None where that is open."""

    is_none: bool | None
    truth: bool | None


class Unbound(enum.Enum):
    """The value of a local name that nothing was bound to."""

    UNBOUND = "unbound"


Value: TypeAlias = Token | Bag | Saved | Known | Unbound
NONE = Known(is_none=True, truth=False)


@dataclass(frozen=True, slots=True)
class Flight:
    """An exception in flight: its class, where it was raised, how sure that is, and the classes that it is known
    not to be, since their handlers let it pass.
    """

    raised: Raised
    span: Span
    grade: Grade
    spared: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class State:
    """What became of one site: its fate, where that happened, how, and whether in a ``finally``."""

    fate: Fate
    at: Span
    via: str = ""
    final: bool = False


class World(msgspec.Struct, frozen=True, eq=False, weakref=True):
    """One possibility. All mappings are treated as frozen. A msgspec struct, for ``replace`` is most of the work.

    ``stacks`` holds for each variable the sites whose values are in force, oldest first: what ``get()`` gives is the
    last one's, and each replaced the one before it. ``~site`` stands for older values of a site that a loop has set
    again since. ``below`` is what was in force when a site was last set, which its token puts back; ``used`` are
    those whose token was reset; ``crossed`` those that were set before a ``yield`` that has gone on, with the first.
    ``older`` are places that hold the token of an older value of a site, ``orphans`` the sites, or older values, whose
    token a newer one has pushed out of its only place.
    """

    values: Mapping[Place, Value] = {}
    states: Mapping[int, State] = {}
    stacks: Mapping[VarId, tuple[int, ...]] = {}
    below: Mapping[int, tuple[int, ...]] = {}
    used: frozenset[int] = frozenset()
    crossed: Mapping[int, Span] = {}
    older: frozenset[Place] = frozenset()
    orphans: frozenset[int] = frozenset()
    guards: Mapping[str, bool] = {}
    unset: frozenset[VarId] = frozenset()
    flight: Flight | None = None
    handling: tuple[Flight, ...] = ()
    at: Span = Span(0, 0)
    trail: tuple[Step, ...] = ()

    def key(self) -> Hashable:
        """Equal for worlds that no later code can tell apart."""
        return (
            frozenset(self.values.items()) if self.values else None,
            frozenset((site, state.fate, state.via, state.final) for site, state in self.states.items()),
            frozenset(self.stacks.items()) if self.stacks else None,
            frozenset(self.below.items()) if self.below else None,
            self.used,
            frozenset(self.crossed) if self.crossed else None,
            self.older,
            self.orphans,
            frozenset(self.guards.items()) if self.guards else None,
            self.unset,
            _flight_key(self.flight),
            tuple(_flight_key(flight) for flight in self.handling) if self.handling else (),
        )

    def value(self, place: Place) -> Value | None:
        """What ``place`` holds. A part of a container holds what the container holds."""
        while True:
            found = self.values.get(place)
            if found is not None or not place.path:
                return found
            place = Place(place.root, place.path[:-1])
            outer = self.values.get(place)
            if outer is not None:
                return outer if isinstance(outer, Bag) else None

    def fate(self, site: int) -> Fate | None:
        """What became of ``site``, None where it was not reached."""
        state = self.states.get(site)
        return state.fate if state is not None else None

    def held(self, var: VarId) -> tuple[int, ...]:
        """The sites of ``var`` that are in force, oldest first."""
        return self.stacks.get(var, ())

    def aged(self, site: int) -> World:
        """This world when ``site`` is about to be set again: what it set before is an older value of it."""
        older = ~site
        orphans = frozenset(older if each == site else each for each in self.orphans)
        chains = (*self.stacks.values(), *self.below.values(), *(saved.chain for saved in self._saved()))
        if not any(site in chain for chain in chains):
            return replace(self, used=self.used - {site}, orphans=self.orphans - {site})
        unused = site not in self.used or (older not in self.used and any(older in chain for chain in chains))
        values = {
            place: Saved(held.var, _aged(held.chain, site)) if isinstance(held, Saved) else held
            for place, held in self.values.items()
        }
        return replace(
            self,
            values=values,
            stacks={var: _aged(chain, site) for var, chain in self.stacks.items()},
            below={other: _aged(chain, site) for other, chain in self.below.items()},
            used=self.used - {site, older} if unused else self.used - {site} | {older},
            orphans=orphans,
        )

    def _saved(self) -> list[Saved]:
        return [held for held in self.values.values() if isinstance(held, Saved)]

    def with_state(self, site: int, state: State) -> World:
        """This world with the site's state replaced."""
        return replace(self, states={**self.states, site: state})

    def with_value(self, place: Place, value: Value | None) -> World:
        """This world with ``place`` holding ``value``; what was known below the place is forgotten."""
        depth = len(place.path)
        values = {
            known: held
            for known, held in self.values.items()
            if known.root != place.root or known.path[:depth] != place.path
        }
        if value is not None:
            values[place] = value
        return replace(self, values=values)

    def step(self, span: Span, what: str) -> World:
        """This world after something that decided its way."""
        return replace(self, trail=(*self.trail[-_TRAIL:], Step(span, what)))


def _aged(chain: tuple[int, ...], site: int) -> tuple[int, ...]:
    if site not in chain:
        return chain
    return tuple(~site if each == site else each for each in chain if each != ~site)


def newest(number: int) -> int:
    """The site of which ``number`` is the newest or an older value."""
    return max(number, ~number)


def saved_key(place: Place, *, none: bool) -> str:
    """What correlates a test of a value that ``var.get()`` gave with the same test elsewhere."""
    return f"{place.root}|{'None is' if none else ''} {'.'.join(place.path)}"


def _flight_key(flight: Flight | None) -> Hashable:
    if flight is None:
        return None
    return (flight.raised.name, flight.raised.exact, flight.grade, flight.spared)


_TRAIL = 7
