"""The nearest right word for a wrong one, as the end of an error message.

Decides how wrong usage is told: one line, which names what was wrong and the nearest right thing. Knows
neither options nor rules; whoever raises the error brings the candidates.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class WrongUsage(ValueError):  # noqa: N818 - it is the user's error, told in one line, and ends in exit code 2
    """What the user asked for cannot be done: a path, an option, a code or a configuration is wrong."""


def nearest(word: str, candidates: Iterable[str], *, cutoff: float = 0.6) -> str | None:
    """Return the candidate most like ``word``, letter case aside, or None when nothing is close: when the share of
    letters in common (``difflib``'s ratio) is below ``cutoff``.
    """
    from difflib import get_close_matches  # noqa: PLC0415 - only a wrong word pays for it

    by_folded = {candidate.lower(): candidate for candidate in sorted(candidates, reverse=True)}
    matches = get_close_matches(word.lower(), sorted(by_folded), n=1, cutoff=cutoff)
    return by_folded[matches[0]] if matches else None


def did_you_mean(word: str, candidates: Iterable[str]) -> str:
    """`` — did you mean 'x'?`` for the nearest candidate, empty when nothing is close."""
    found = nearest(word, candidates)
    return f" — did you mean '{found}'?" if found else ""
