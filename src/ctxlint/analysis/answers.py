"""Answers to questions that ask each other, and kept so that none depends on the order of the questions.

A question that comes up again inside itself is answered with None there, and what was found out with the help of that
None is not kept: the same question asked from elsewhere may be answered better. The same goes for what hangs on a chain
that was cut short, which depends on where it was entered.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from ctxlint.analysis.symbols import Symbol

Key: TypeAlias = tuple[object, str]
_TOO_LONG: Key = (None, "")
"""Stands for a chain that was cut short."""


class Answers:
    """The answers of one resolver; they only grow."""

    def __init__(self) -> None:
        """Nothing is known."""
        self._kept: dict[Key, Symbol | None] = {}
        self._pending: set[Key] = set()
        self._cut: set[Key] = set()
        """Questions in progress that were asked again below the present one, so that its answer hangs on theirs."""

    def once(self, key: Key, answer: Callable[[], Symbol | None]) -> Symbol | None:
        """The answer to one question, None to the same question inside it. It is kept if it is whole: if no other
        question in progress had to be answered with None on the way.
        """
        if key in self._kept:
            return self._kept[key]
        if self.is_pending(key):
            return None
        outer, self._cut = self._cut, set()
        self._pending.add(key)
        try:
            symbol = answer()
            if self._cut <= {key}:
                self._kept[key] = symbol
            return symbol
        finally:
            self._pending.discard(key)
            self._cut.discard(key)
            self._cut |= outer

    def is_pending(self, key: Key) -> bool:
        """Is a question in progress? Then the present answer hangs on its."""
        if key not in self._pending:
            return False
        self._cut.add(key)
        return True

    def cut_short(self) -> None:
        """Note that the present answer hangs on a chain that is too long."""
        self._cut.add(_TOO_LONG)
