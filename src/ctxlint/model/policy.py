"""What a project has declared of itself: the configuration that rules ask."""

from __future__ import annotations

import msgspec


class Policy(msgspec.Struct, frozen=True):
    """``owners``: variables, by dotted name, with the modules that may set them. ``target``: the oldest Python that the
    project supports, None where it does not say.
    """

    owners: tuple[tuple[str, tuple[str, ...]], ...] = ()
    target: tuple[int, int] | None = None


NO_POLICY = Policy()
