"""What interpreting a function showed: the input of the token rules."""

from __future__ import annotations

import msgspec

from ctxlint.model.ids import Place, VarId
from ctxlint.model.spans import Span


class Site(msgspec.Struct, frozen=True):
    """A ``set`` in a function's text. ``into`` is the first place that got the token, None if nothing did.
    ``helper`` is the function of the program that made the token (a ``setter`` throws it away), ``receiver`` the
    variable as written, ``derived`` and ``emptying`` tell of the value.
    """

    span: Span
    var: VarId
    into: Place | None
    helper: str | None
    receiver: str
    derived: bool
    emptying: bool
    constant: bool
    setter: bool = False


class Step(msgspec.Struct, frozen=True):
    """Something that decided the way to an exit: a condition that was ``true`` or ``false``, an exception that was
    ``raised`` or ``caught`` there.
    """

    span: Span
    what: str


class SiteExit(msgspec.Struct, frozen=True):
    """What became of a site on one way out of the function.

    ``kind`` is ``normal`` or ``raise``; ``at`` is the statement that leaves (for ``raise`` what raised);
    ``fate`` is a ``Fate``'s value, ``since`` where it happened, ``in_final`` whether that is in a ``finally`` or at
    the end of a ``with``; ``grade`` and ``raised`` tell of the exception.
    """

    kind: str
    at: Span
    fate: str
    since: Span
    via: str
    grade: int
    raised: str
    trail: tuple[Step, ...]
    in_final: bool


class Crossing(msgspec.Struct, frozen=True):
    """A reset, at ``reset``, of a token that was made before the generator waited at the ``yield`` at ``paused``."""

    paused: Span
    reset: Span


class SiteOutcome(msgspec.Struct, frozen=True):
    """All that became of a site. ``worked`` is the first work done while it was in force, ``wrapped`` the first
    call of what the function wraps, ``recursed`` of itself, ``spawned`` the first start of
    a task; ``created``: it was set only where the variable had no
    value; ``under``: an older token of the variable was held in this function;
    ``overwritten``: where the only place of its token was overwritten; ``looped``: a turn of a loop reaches it
    again while its value is still in force; ``yielded``: the first ``yield`` at which its value is what
    ``get()`` gives; ``replaced``: where a newer token was put in
    the only place of its token, if that leaves its value in force on some way out;
    ``across``: the resets of its token that come after a ``yield``.
    """

    site: Site
    exits: tuple[SiteExit, ...]
    worked: Span | None
    wrapped: Span | None
    recursed: Span | None
    spawned: Span | None
    created: bool
    under: bool
    overwritten: Span | None
    looped: bool
    yielded: Span | None = None
    replaced: Span | None = None
    across: tuple[Crossing, ...] = ()


class DoubleReset(msgspec.Struct, frozen=True):
    """A path on which a token is reset that was reset before."""

    site: Site
    first: Span
    second: Span
    trail: tuple[Step, ...]


class ForeignReset(msgspec.Struct, frozen=True):
    """A path on which ``var`` is reset, at ``at``, with the token of another variable's ``site``."""

    site: Site
    var: VarId
    at: Span
    trail: tuple[Step, ...]


class MissingToken(msgspec.Struct, frozen=True):
    """A path on which ``var`` is reset, at ``at``, while the name ``place`` holds None, or (``bound`` False) nothing.
    ``raised`` is where the exception came out that is in flight there; ``only``, of an attribute, the one set that
    fills it, in ``__enter__``.
    """

    var: VarId
    place: Place
    at: Span
    bound: bool
    raised: Span | None
    trail: tuple[Step, ...]
    only: Span | None = None


class FrameOutcome(msgspec.Struct, frozen=True):
    """What interpreting one function showed. ``restored``: variables to which it sets a saved or empty value;
    ``capped``: the bound on worlds was passed and worlds were dropped; ``foreign``, ``missing``: resets that raise on
    some path, by where they stand; ``empty``: attributes that a token reaches, or that are reset, and in which some
    normal way out leaves none.
    """

    sites: tuple[SiteOutcome, ...]
    doubles: tuple[DoubleReset, ...]
    restored: frozenset[VarId] = frozenset()
    capped: bool = False
    foreign: tuple[ForeignReset, ...] = ()
    missing: tuple[MissingToken, ...] = ()
    empty: frozenset[Place] = frozenset()
