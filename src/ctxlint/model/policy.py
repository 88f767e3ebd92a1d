"""What a project has declared of itself: the configuration that rules ask."""

from __future__ import annotations

import msgspec


class Policy(msgspec.Struct, frozen=True):
    """``owners``: variables, by dotted name, with the modules that may set them. ``target``: the oldest Python that the
    project supports, None where it does not say. ``banned_hops``: dotted names of callables that must not be called.
    ``asked``: the codes of the rules that look only where somebody selects them (``ON_DEMAND``).
    """

    owners: tuple[tuple[str, tuple[str, ...]], ...] = ()
    target: tuple[int, int] | None = None
    banned_hops: tuple[str, ...] = ()
    asked: frozenset[str] = frozenset()

    @property
    def wants_hops(self) -> bool:
        """Are calls that run work elsewhere of interest in a program without variables, too?"""
        return bool(self.banned_hops or "CTX310" in self.asked)


NO_POLICY = Policy()

#: Rules that read more of a program than the others, so they are asked only where they are selected.
ON_DEMAND = frozenset({"CTX310"})
