"""Where a hop is made: what a value that is in force somewhere has to come to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ctxlint.analysis.regions import Region
from ctxlint.analysis.scopes import Scope
from ctxlint.analysis.spawns import Spawn


@dataclass(frozen=True, slots=True)
class Goal:
    """The places in each function's own text where a hop is made, and the functions by which it is reached."""

    places: dict[Scope, tuple[int, ...]]
    scopes: frozenset[Scope]

    def is_in(self, region: Region) -> bool:
        """Is the hop made in the very text of a region?"""
        return any(region.start < at < region.end for at in self.places.get(region.scope, ()))


def goal_of(spawn: Spawn) -> Goal:
    """The places in whose text the hop is made, those around them included, and the functions to reach: the one that
    names the worker, and those around it.
    """
    places: dict[Scope, tuple[int, ...]] = {}
    for scope, node in spawn.places:
        for where in _around(scope):
            places[where] = (*places.get(where, ()), node.span.start)
    named = spawn.handed[-1:] or spawn.places
    return Goal(places, frozenset(where for scope, _ in named for where in _around(scope)))


def _around(scope: Scope) -> Iterator[Scope]:
    where: Scope | None = scope
    while where is not None:
        if where.kind == "function" or where is scope:
            yield where
        where = where.parent
