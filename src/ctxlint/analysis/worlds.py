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
from dataclasses import dataclass, field, replace
from typing import TypeAlias

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
    """What ``var.get()`` gave when this function had ``depth`` sets of it in force."""

    var: VarId
    depth: int


@dataclass(frozen=True, slots=True)
class Known:
    """A value of which only this is known: is it None, is it true? None where that is open."""

    is_none: bool | None
    truth: bool | None


Value: TypeAlias = Token | Bag | Saved | Known
NONE = Known(is_none=True, truth=False)


@dataclass(frozen=True, slots=True)
class Flight:
    """An exception in flight: its class, where it was raised, and how sure that is."""

    raised: Raised
    span: Span
    grade: Grade


@dataclass(frozen=True, slots=True)
class State:
    """What became of one site: its fate, and where that happened."""

    fate: Fate
    at: Span
    via: str = ""


@dataclass(frozen=True, slots=True)
class World:
    """One possibility. All mappings are treated as frozen."""

    values: Mapping[Place, Value] = field(default_factory=dict[Place, Value])
    states: Mapping[int, State] = field(default_factory=dict[int, State])
    stacks: Mapping[VarId, tuple[int, ...]] = field(default_factory=dict[VarId, tuple[int, ...]])
    guards: Mapping[str, bool] = field(default_factory=dict[str, bool])
    unset: frozenset[VarId] = frozenset()
    flight: Flight | None = None
    handling: tuple[Flight, ...] = ()
    at: Span = Span(0, 0)
    trail: tuple[Step, ...] = ()

    def key(self) -> Hashable:
        """Equal for worlds that no later code can tell apart."""
        return (
            frozenset(self.values.items()),
            frozenset(
                (site, state.fate, state.via, state.at if state.fate in _UNDONE else None)
                for site, state in self.states.items()
            ),
            frozenset(self.stacks.items()),
            frozenset(self.guards.items()),
            self.unset,
            None if self.flight is None else (self.flight.raised.name, self.flight.grade),
            tuple(flight.raised.name for flight in self.handling),
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
        return tuple(site for site in self.stacks.get(var, ()) if self.fate(site) in _IN_FORCE)

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

    def step(self, span: Span, *, held: bool) -> World:
        """This world after a condition went one way."""
        return replace(self, trail=(*self.trail[-_TRAIL:], Step(span, held)))


_IN_FORCE = (Fate.HELD, Fate.TRANSFERRED, Fate.LOST)
_UNDONE = (Fate.RELEASED, Fate.RESTORED, Fate.COVERED)
_TRAIL = 7
