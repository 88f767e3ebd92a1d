"""What a project has declared of itself: the configuration that rules ask."""

from __future__ import annotations

import msgspec

_OLDEST = (3, 10)
_NEWEST = (3, 14)


class Policy(msgspec.Struct, frozen=True):
    """``owners``: variables, by dotted name, with the modules that may set them. ``target``: the oldest Python that the
    project supports, ``newest`` the last one, each None where it does not say. ``banned_hops``: callables that must not
    be called. ``asked``: codes that are selected, of those that are asked on demand. ``inherits``: do its threads
    inherit the Context of their starter (``sys.flags.thread_inherit_context``)? ``knowledge``: what it adds to the
    tables, as JSON. ``task_roots`` and ``entry_points``: functions with a Context of their own, as
    patterns of dotted names. ``explains``: is somebody told why, of calls too that can lose nothing?
    """

    owners: tuple[tuple[str, tuple[str, ...]], ...] = ()
    target: tuple[int, int] | None = None
    banned_hops: tuple[str, ...] = ()
    asked: frozenset[str] = frozenset()
    newest: tuple[int, int] | None = None
    inherits: bool | None = None
    knowledge: bytes = b""
    task_roots: tuple[str, ...] = ()
    entry_points: tuple[str, ...] = ()
    explains: bool = False

    @property
    def wants_hops(self) -> bool:
        """Are calls that run work elsewhere of interest in a program without variables, too?"""
        return bool(self.banned_hops or "CTX310" in self.asked)

    @property
    def versions(self) -> tuple[tuple[int, int], ...]:
        """The Pythons that the project is judged for, the oldest first: those it supports of the ones that are known,
        or its oldest where that is later.
        """
        last = min(self.newest or _NEWEST, _NEWEST)
        first = max(self.target or _OLDEST, _OLDEST)
        return tuple((3, minor) for minor in range(first[1], last[1] + 1)) or (max(first, last),)


NO_POLICY = Policy()

#: Rules that read more of a program than the others, so they are asked only where they are selected.
ON_DEMAND = frozenset({"CTX310"})
