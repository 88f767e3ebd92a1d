"""How many worlds are followed at a point of a function, and what is forgotten where there would be more.

What nothing below asks goes first (``liveness``), then of worlds that differ by an exception alone those that every
handler treats alike; neither loses a way. If that is not enough all that conditions taught is dropped, then worlds are.
"""

from __future__ import annotations

from collections.abc import Hashable
from functools import cached_property
from weakref import WeakKeyDictionary

from msgspec.structs import replace

from ctxlint.analysis import exceptions as ex
from ctxlint.analysis.liveness import Liveness, Needs, kept, liveness
from ctxlint.analysis.relevance import Relevance, nodes
from ctxlint.analysis.worlds import Flight, Known, World
from ctxlint.model import ir

MAX_WORLDS = 64

_TOLD = (ex.CANCELLED, ex.CLOSED, ex.USED_TOKEN, ex.OTHER_VARIABLE, ex.NO_TOKEN, ex.NO_VALUE)
"""Exceptions that a story names, or that a handler may be meant for."""


class PassedError(Exception):
    """A bound is passed, and there is another way."""


class Bounds:
    """The bounds of one interpretation of one function. ``capped``: one was passed; with ``stop`` PassedError there."""

    def __init__(self, body: ir.Block, relevance: Relevance, *, stop: bool) -> None:
        """No bound is passed yet."""
        self._body = body
        self._relevance = relevance
        self._stop = stop
        self._keys: WeakKeyDictionary[World, Hashable] = WeakKeyDictionary()
        self.capped = False

    def passed(self) -> None:
        """A bound is passed."""
        if self._stop:
            raise PassedError
        self.capped = True

    def within(self, worlds: list[World], point: ir.NodeT | ir.Block) -> list[World]:
        """The different worlds among ``worlds``, at most ``MAX_WORLDS``, where ``point`` begins: for a block, where
        its exceptions lead to. What conditions taught goes first.
        """
        if len(worlds) <= 1:
            return worlds
        different = self._different(worlds)
        if len(different) <= MAX_WORLDS:
            return different
        needed = self._needed(point)
        if needed is not None:
            tokens = self._relevance.tokens
            different = self._different([kept(world, needed, tokens) for world in different])
        if len(different) > MAX_WORLDS:
            different = self._alike(different)
        if len(different) <= MAX_WORLDS:
            return different
        self.passed()
        return self._different([_without_conditions(world) for world in different])[:MAX_WORLDS]

    def _different(self, worlds: list[World]) -> list[World]:
        """The worlds that later code can tell apart. Most were asked about before, a step above: keys are kept."""
        found: dict[Hashable, World] = {}
        for world in worlds:
            key = self._keys.get(world)
            if key is None:
                key = self._keys[world] = world.key()
            found.setdefault(key, world)
        return list(found.values())

    def _needed(self, point: ir.NodeT | ir.Block) -> Needs | None:
        """What is asked from ``point`` on; None for a block that was made for one step."""
        found = self._live.raising if isinstance(point, tuple) else self._live.before
        return found.get(id(point))

    def _alike(self, worlds: list[World]) -> list[World]:
        """Of worlds that differ by an exception alone, and that every handler treats alike, the one that is surest to
        come about; apart from those that an ordinary call raises.
        """
        best: dict[object, World] = {}
        for world in worlds:
            flight = world.flight
            key = (
                world.key() if flight is None else (replace(world, flight=None).key(), self._treated(flight))
            )
            known = best.get(key)
            if known is None or (flight and known.flight and known.flight.grade < flight.grade):
                best[key] = world
        return list(best.values())

    def _treated(self, flight: Flight) -> object:
        """What the handlers of the function do with an exception, each asked alone."""
        shown = [ex.class_caught(kinds, flight, unknown=unknown) for kinds, unknown in self._catchers]
        told = flight.raised.name if flight.raised in _TOLD else ""
        return (
            told,
            flight.grade > ir.Grade.CALL,
            tuple(
                (tuple(each.raised.name for each in stopped), passing and len(passing.spared))
                for stopped, passing in shown
            ),
        )

    @cached_property
    def _live(self) -> Liveness:
        return liveness(self._body)

    @cached_property
    def _catchers(self) -> list[tuple[tuple[ir.Raised, ...], bool]]:
        """What stops exceptions in this function: classes, and whether there are some that could not be resolved."""
        found: list[tuple[tuple[ir.Raised, ...], bool]] = []
        for node in nodes(self._body):
            if isinstance(node, ir.Try):
                found += [(each.catches or (), each.unknown) for each in node.handlers]
            elif isinstance(node, ir.With) and node.swallows:
                found.append((node.swallows, False))
        return found


def _without_conditions(world: World) -> World:
    values = {place: value for place, value in world.values.items() if not isinstance(value, Known)}
    return replace(world, guards={}, values=values)
