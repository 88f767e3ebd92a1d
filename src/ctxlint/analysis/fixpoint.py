"""Answers that depend on answers, on demand, and the same whoever asks first.

A *solver* gives the answer of one key and may ask for those of others meanwhile. Keys that ask for each other in
a circle form a *component* (a strongly connected one); its answers are a fixpoint, found in rounds:

1. What is asked for while it is being solved, or hangs on such a key, is answered by its *guess*, which starts as
   the bottom. What was asked, and what it was told, is recorded. Nothing of this is final.
2. When the first key of a component is done, so is the component: everything that it asked for and that is not
   final (Tarjan's argument, on the stack of keys that were begun). Its members are then put into an order of
   their own: callees first, from the least member on, whoever was asked first.
3. In that order, whoever was told another guess than the present one is solved again, until a whole round changes
   nothing. Every other round goes backwards, so that what travels along a chain of calls, up or down, arrives in one.
   The answers of the members become final together.

So ``f`` that asks for ``g`` that asks for ``f``: ``g`` is solved while ``f`` is guessed to be the bottom, then ``f``.
Suppose ``f`` is the lesser. The order is ``g, f``. In the first round ``g`` keeps its first answer, for it was told
the bottom and that is still the guess; ``f`` was told the bottom for ``g``, so it is solved again with what ``g``
is now. In the second, ``g`` is solved with the new ``f``. If it answers as before, the third changes nothing.

A key outside of circles is solved once. Left out: answers that never settle are not narrowed, they are given up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")

#: Components settle in two to four rounds, since the order puts callees first; who needs more hardly settles at all.
ROUNDS = 8


@dataclass(frozen=True, slots=True)
class Scheme(Generic[K, V]):
    """What is to be solved. ``order`` gives the place of a key among its like, distinct for distinct keys.
    ``unsettled`` is the final answer of a member of a component that did not settle; ``keep`` is told each final
    answer once.
    """

    solve: Callable[[K], V]
    bottom: V
    order: Callable[[K], Any]
    unsettled: Callable[[K], V]
    keep: Callable[[K, V], None]


@dataclass(slots=True)
class _Turn(Generic[K, V]):
    """One solving of a key: the place of the oldest key that it leads to, and what it was told of keys that were
    not final.
    """

    low: int
    told: dict[K, V] = field(default_factory=dict["K", "V"])


class Fixpoint(Generic[K, V]):
    """The answers of a scheme."""

    def __init__(self, scheme: Scheme[K, V], rounds: int = ROUNDS) -> None:
        """Answer by ``scheme``; give a component up that is not stable after ``rounds``."""
        self._scheme = scheme
        self._rounds = rounds
        self._final: dict[K, V] = {}
        self._begun: list[K] = []
        self._place: dict[K, int] = {}
        self._guess: dict[K, V] = {}
        self._answer: dict[K, V] = {}
        self._told: dict[K, dict[K, V]] = {}
        self._turns: list[_Turn[K, V]] = []

    @property
    def final(self) -> Mapping[K, V]:
        """The answers that stand."""
        return self._final

    def adopt(self, answers: Mapping[K, V]) -> None:
        """Take final answers from elsewhere, as if they had been found here."""
        for key, answer in answers.items():
            self._final[key] = answer
            self._scheme.keep(key, answer)

    def of(self, key: K) -> V:
        """The answer of ``key``: the final one, or for its own component, which is being solved, the present guess.

        What the solver raises comes out, and leaves every key without an answer that was begun and is not final.
        """
        if key in self._final:
            return self._final[key]
        low = self._place[key] if key in self._place else self._visit(key)
        if key in self._final:
            return self._final[key]
        turn = self._turns[-1]
        turn.low = min(turn.low, low)
        turn.told[key] = self._guess[key]
        return self._guess[key]

    def _visit(self, key: K) -> int:
        """Solve a key for the first time and, if it is the oldest of its component, the component; the place of the
        oldest key that it leads to.
        """
        base = len(self._begun)
        self._begun.append(key)
        self._place[key] = base
        self._guess[key] = self._scheme.bottom
        try:
            low = self._turn(key)
            return self._settle(base) if low == base else low
        except BaseException:
            self._forget(base)
            raise

    def _turn(self, key: K) -> int:
        turn = _Turn[K, V](self._place[key])
        self._turns.append(turn)
        try:
            self._answer[key] = self._scheme.solve(key)
        finally:
            self._turns.pop()
        self._told[key] = turn.told
        return turn.low

    def _settle(self, base: int) -> int:
        """Make the component that was begun at ``base`` final; the place of the oldest key that it leads to.

        What a key asks for may depend on what it is told. If so, the component grows on the way, and is begun again,
        or turns out to be part of an older one, which will settle it.
        """
        while True:
            members = self._begun[base:]
            self._guess.update(dict.fromkeys(members, self._scheme.bottom))
            low, stable = self._iterate(self._in_order(members), base)
            if low < base:
                self._guess.update(dict.fromkeys(self._begun[base:], self._scheme.bottom))
                return low
            if len(self._begun) == base + len(members):
                break
        answers = {key: self._answer[key] if stable else self._scheme.unsettled(key) for key in members}
        self._final.update(answers)
        self._forget(base)
        for key, answer in answers.items():
            self._scheme.keep(key, answer)
        return base

    def _iterate(self, order: list[K], base: int) -> tuple[int, bool]:
        """Run the rounds; the place of the oldest key that was asked for, and whether the answers are stable."""
        size = len(self._begun)
        for number in range(self._rounds):
            backwards, changed = number % 2 == 1, False
            for key in reversed(order) if backwards else order:
                if any(self._guess[other] != value for other, value in self._told[key].items()):
                    low = self._turn(key)
                    if low < base or len(self._begun) != size:
                        return low, False
                if self._answer[key] != self._guess[key]:
                    self._guess[key] = self._answer[key]
                    changed = True
            if not changed:
                return base, True
        return base, False

    def _in_order(self, members: list[K]) -> list[K]:
        """The members, callees first, from the least on: the same list whoever was asked first."""
        found: list[K] = []
        seen: set[K] = set()
        for first in sorted(members, key=self._scheme.order):
            path = [(first, iter(self._told[first]))] if first not in seen else []
            seen.add(first)
            while path:
                key, callees = path[-1]
                following = next((callee for callee in callees if callee not in seen), None)
                if following is None:
                    found.append(key)
                    path.pop()
                else:
                    seen.add(following)
                    path.append((following, iter(self._told[following])))
        return found

    def _forget(self, base: int) -> None:
        """Take what was begun from ``base`` on off the stack."""
        for key in self._begun[base:]:
            del self._place[key], self._guess[key]
            self._answer.pop(key, None)
            self._told.pop(key, None)
        del self._begun[base:]
