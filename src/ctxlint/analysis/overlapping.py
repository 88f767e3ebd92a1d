"""One Context that several threads can be in at the same time, or that is entered while it is entered already.

A Context can be entered once at a time: the second ``run`` raises RuntimeError. Runs that are handed to threads overlap
where one Context serves several hand-overs (a loop, a comprehension, an iterable of items, two calls one after the
other, several calls of a function that is given the Context), and nothing waits for one before the next begins. A pool
of one worker runs its jobs in turn.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from ctxlint.analysis import scopes as sc
from ctxlint.analysis.contexts import Made
from ctxlint.analysis.hands import Hand, Hands, enters, is_nested
from ctxlint.analysis.resolve import Resolver
from ctxlint.analysis.scopes import Scope
from ctxlint.analysis.spawns import executor_of
from ctxlint.analysis.symbols import External
from ctxlint.analysis.turns import bound_name, is_join, may_follow
from ctxlint.knowledge.hop import Hop
from ctxlint.model import facts as f
from ctxlint.model.walk import dotted, walk

_POOLS = ("executor",)


@dataclass(frozen=True, slots=True)
class Overlap:
    """A Context that can be entered while it is entered. ``why``: for each turn of the ``other`` node, for each item,
    for another hand-over (``other``), or by each call of the function that is given it (``other`` is one).
    """

    hand: Hand
    why: Literal["turn", "items", "another"]
    other: tuple[Scope, f.Node]


class Overlapping:
    """Finds what overlaps among the hand-overs of one program."""

    def __init__(self, resolver: Resolver, hands: Hands) -> None:
        """Nothing is looked at until asked."""
        self._resolver = resolver
        self._hands = hands
        self._turns = hands.turns

    def overlaps(self, hands: Iterable[Hand]) -> Iterator[Overlap]:
        """Those of the hand-overs that can overlap with themselves or with another one; each once."""
        found = [hand for hand in hands if hand.entry.made.kind != "late" and not self._is_single(hand)]
        told: set[int] = set()
        for hand in found:
            overlap = self._with_itself(hand)
            if overlap is not None and id(hand.told[1]) not in told:
                told.add(id(hand.told[1]))
                yield overlap
        by_made: dict[tuple[object, ...], list[Hand]] = {}
        for hand in found:
            if hand.row.form in ("rest", "rest-positional", "args-kwargs") or hand.row.context is not None:
                by_made.setdefault(_identity(hand.entry.made, hand.where[0]), []).append(hand)
        for same in by_made.values():
            yield from self._with_another(sorted(same, key=lambda hand: hand.where[1].span))

    # --- one hand-over that runs several times --------------------------------------------------------------

    def _with_itself(self, hand: Hand) -> Overlap | None:
        scope, call = hand.where
        made = hand.entry.made
        if hand.row.form in ("iterables", "iterable", "starred"):
            return None if self._takes_one(hand) else Overlap(hand, "items", hand.where)
        if self._hands.end_here(hand):
            return None
        for loop in self._turns.loops(scope, call):
            if made.kind != "parameter" and made.where is scope and _is_within(loop, made.node):
                continue
            if made.kind == "made" and made.where is not scope and is_nested(made.where, scope):
                continue
            if not self._is_over_in(loop, hand):
                return Overlap(hand, "turn", (scope, loop))
        return None

    def _is_over_in(self, loop: f.Node, hand: Hand) -> bool:
        """Is what a turn hands over waited for in the turn?"""
        scope, call = hand.where
        if self._turns.is_waited_for(scope, call, loop):
            return True
        path = self._turns.path(scope, call)
        inner = path[next(i for i, each in enumerate(path) if each is loop) :]
        receiver = call.func.value if isinstance(call.func, f.Attribute) else None
        if any(isinstance(each, f.With) and enters(each, receiver) for each in inner):
            return True
        return hand.row.kind == "thread" and _started_in_turn(scope)

    def _takes_one(self, hand: Hand) -> bool:
        """Is the iterable written out with one item at most?"""
        _, call = hand.places[-1]
        position = (hand.row.worker.position or 0) + 1
        items = [argument.value for argument in call.args if argument.keyword is None][
            position : position + 1
        ]
        return any(isinstance(each, f.Display) and _at_most_one(each) for each in items)

    # --- two hand-overs ---------------------------------------------------------------------------------------

    def _with_another(self, hands: list[Hand]) -> Iterator[Overlap]:
        told: set[int] = set()
        for one, other in itertools.combinations(hands, 2):
            if id(other.where[1]) in told or one.where[1] is other.where[1]:
                continue
            if one.where[0] is other.where[0] and self._overlap(one, other):
                told.add(id(other.where[1]))
                yield Overlap(other, "another", one.where)

    def _overlap(self, one: Hand, other: Hand) -> bool:
        scope, first = one.where
        _, second = other.where
        path, later = self._turns.path(scope, first), self._turns.path(scope, second)
        if not may_follow(path, later) or self._hands.end_here(one):
            return False
        if self._turns.is_waited_for(scope, first) and bound_name(path) is None:
            return False
        receiver = first.func.value if isinstance(first.func, f.Attribute) else None
        ended = (each for each in path if isinstance(each, f.With) and enters(each, receiver))
        if any(all(each is not outer for each in later) for outer in ended):
            return False
        name, next_name = bound_name(path), bound_name(later)
        if name is None:
            return True
        begun = _first(scope, next_name, "start") if next_name is not None else None
        begins = begun if begun is not None and other.row.kind == "thread" else second.span.start
        joined = [
            node.span.start
            for statement in scope.body
            for node in walk(statement, into_scopes=False)
            if is_join(node, name) and node.span.start > first.span.start
        ]
        return not any(at < begins for at in joined)

    # --- pools and ends -----------------------------------------------------------------------------------------

    def _is_single(self, hand: Hand) -> bool:
        """Does a pool of one worker run it?"""
        scope, call = hand.places[-1]
        pool: f.Expr | None = call.func.value if isinstance(call.func, f.Attribute) else None
        if hand.row.governed_by is not None:
            pool = executor_of(call, hand.row)
        return hand.row.kind in _POOLS and pool is not None and self._has_one_worker(scope, pool)

    def _has_one_worker(self, scope: Scope, pool: f.Expr) -> bool:
        made = self._made(scope, pool)
        if made is None:
            return False
        where, call = made
        if not isinstance(self._resolver.resolve(where, call.func), External):
            return False
        size = [a.value for a in call.args if a.keyword in ("max_workers", "processes")]
        size = size or [a.value for a in call.args[:1] if a.keyword is None]
        return any(isinstance(each, f.Literal) and each.text == "1" for each in size)

    def _made(self, scope: Scope, pool: f.Expr) -> tuple[Scope, f.Call] | None:
        """The call that makes a pool."""
        found = self._resolver.bindings(scope, pool) if isinstance(pool, f.Name | f.Attribute) else None
        if found is not None and len(found[1]) == 1 and isinstance(found[1][0], sc.Entered):
            value: tuple[Scope, f.Expr] | None = found[0], found[1][0].value
        else:
            value = self._resolver.value(scope, pool)
        return (value[0], value[1]) if value is not None and isinstance(value[1], f.Call) else None


def is_threaded(row: Hop) -> bool:
    """Does a hop run its worker in another thread of this process, and not when a pool starts its own?"""
    threads = row.kind in ("thread", "executor") and row.worker.stands == "worker"
    return threads and row.worker.keyword != "initializer" and row.form != "given"


def _identity(made: Made, scope: Scope) -> tuple[object, ...]:
    return (made.kind, made.where, id(made.node), scope)


def _is_within(loop: f.Node, node: f.Node) -> bool:
    return any(part is node for part in walk(loop, into_scopes=False))


def _at_most_one(display: f.Display) -> bool:
    return len(display.items) <= 1 and not any(isinstance(each, f.Starred) for each in display.items)


def _first(scope: Scope, name: str, method: str) -> int | None:
    return next(
        (
            call.span.start
            for call in scope.calls
            if isinstance(call.func, f.Attribute)
            and call.func.attr == method
            and dotted(call.func.value) == name
        ),
        None,
    )


def _started_in_turn(scope: Scope) -> bool:
    """Does a loop start threads and join each of them before the next?"""
    for statement in scope.body:
        for node in walk(statement, into_scopes=False):
            if not isinstance(node, f.For) or not isinstance(node.target, f.Name):
                continue
            name = node.target.id
            calls = {
                part.func.attr
                for inner in node.body
                for part in walk(inner, into_scopes=False)
                if isinstance(part, f.Call)
                and isinstance(part.func, f.Attribute)
                and dotted(part.func.value) == name
            }
            if {"start", "join"} <= calls:
                return True
    return False
