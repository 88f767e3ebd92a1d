"""What functions reach by calls, for many of them at once.

Functions that call each other in a circle reach the same; so each circle is answered once, from the answers of what it
calls. A set of functions is a number with a bit for each: to join two sets or to ask whether they meet is one
operation, whatever their size. So the cost stays that of the calls, where a walk from every function would be their
square.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from ctxlint.analysis.callgraph import CallGraph
from ctxlint.analysis.scopes import Scope

K = TypeVar("K", bound=Hashable)


class Bits(Generic[K]):
    """Numbers for sets of things."""

    def __init__(self) -> None:
        """No thing is known yet."""
        self._places: dict[K, int] = {}
        self._things: list[K] = []

    def of(self, things: Iterable[K]) -> int:
        """The number of a set."""
        found = 0
        for thing in things:
            place = self._places.setdefault(thing, len(self._things))
            if place == len(self._things):
                self._things.append(thing)
            found |= 1 << place
        return found

    def things(self, number: int) -> Iterator[K]:
        """What the set of a number holds."""
        while number:
            lowest = number & -number
            yield self._things[lowest.bit_length() - 1]
            number ^= lowest


@dataclass(frozen=True, slots=True)
class Reached:
    """The functions that run when one does, itself among them, and the marks of them all."""

    scopes: int
    marks: int


@dataclass(slots=True)
class _Visit:
    """A function whose calls are being followed: those left, when it was met, where it lies on the stack of open ones,
    and the earliest function that it leads back to.
    """

    scope: Scope
    pending: list[Scope]
    at: int
    start: int
    earliest: int


class Reach:
    """Answers for one call graph. ``marks_of`` gives a number of marks that a function has by itself."""

    def __init__(self, graph: CallGraph, marks_of: Callable[[Scope], int]) -> None:
        """Nothing is followed until asked."""
        self.bits: Bits[Scope] = Bits()
        self._graph = graph
        self._marks_of = marks_of
        self._reached: dict[Scope, Reached] = {}

    def of(self, scope: Scope) -> Reached:
        """What a function reaches."""
        if scope not in self._reached:
            self._follow(scope)
        return self._reached[scope]

    def _follow(self, root: Scope) -> None:
        """Tarjan's walk: a circle is complete when the walk comes back to its earliest function."""
        order: dict[Scope, int] = {root: 0}
        open_: list[Scope] = [root]
        stack = [_Visit(root, list(self._graph.callees(root)), 0, 0, 0)]
        while stack:
            visit = stack[-1]
            if visit.pending:
                callee = visit.pending.pop()
                if callee in self._reached:
                    continue
                if callee in order:
                    visit.earliest = min(visit.earliest, order[callee])
                    continue
                at = order[callee] = len(order)
                stack.append(_Visit(callee, list(self._graph.callees(callee)), at, len(open_), at))
                open_.append(callee)
                continue
            stack.pop()
            if stack:
                stack[-1].earliest = min(stack[-1].earliest, visit.earliest)
            if visit.earliest == visit.at:
                circle = open_[visit.start :]
                del open_[visit.start :]
                self._close(circle)

    def _close(self, circle: list[Scope]) -> None:
        scopes = self.bits.of(circle)
        marks = 0
        for scope in circle:
            marks |= self._marks_of(scope)
            for callee in self._graph.callees(scope):
                found = self._reached.get(callee)
                if found is not None:
                    scopes |= found.scopes
                    marks |= found.marks
        self._reached.update(dict.fromkeys(circle, Reached(scopes, marks)))
