"""What is answered: entries with their verdicts and reasons; and what an entry is made of, a site.

A *site* here is a place where something can be reported: a ``set``, a ``reset`` (or a value put back), a declaration, a
hop. An *entry* is what is said of a site: one for each rule that claims it, or one that says why none does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import msgspec

from ctxlint.model.spans import Location  # noqa: TC001 - msgspec needs it at run time

Kind: TypeAlias = Literal["set", "reset", "declaration", "hop", "finding", "call"]
"""``finding``: of a rule that is about no site, such as an unreadable file. ``call``: of a method ``set`` or ``reset``
of something that is no context variable.
"""
Verdict: TypeAlias = Literal["reported", "silent", "suppressed", "deselected", "yields"]
"""``suppressed`` by a directive; ``deselected``: the code or the file is not asked for; ``yields`` to another code."""


class Reason(msgspec.Struct, frozen=True):
    """A fact that decided the verdict, and where it stands, if it stands anywhere."""

    message: str
    location: Location | None = None


class Entry(msgspec.Struct, frozen=True):
    """What is said of one site by one rule; without ``code`` and ``rule`` no rule claims it. ``over`` is what it holds
    for, where that is more than its location: all of a function whose name is shown.
    """

    kind: Kind
    location: Location
    name: str
    declared: Location | None
    verdict: Verdict
    reasons: tuple[Reason, ...]
    code: str = ""
    rule: str = ""
    severity: str = ""
    message: str = ""
    help: str = ""
    over: Location | None = None


class Answer(msgspec.Struct, frozen=True):
    """The entries at the place that was asked for. Where there are none, ``nearest`` has those around it and
    ``passing`` the findings whose story passes there; ``blind`` says that the program has no variable, so that hops
    were not looked for. ``texts`` has the text of every file that is named.
    """

    entries: tuple[Entry, ...]
    nearest: tuple[Entry, ...]
    passing: tuple[Entry, ...]
    blind: bool
    texts: dict[str, str]


@dataclass(frozen=True, slots=True)
class Site:
    """Where something can be reported. ``reasons`` say why it is not, if it is not; ``beside`` is said in any case.

    ``opening`` is the first step of the story of a claim about this site, where several sites stand at one place.
    """

    kind: Kind
    place: Location
    name: str
    declared: Location | None
    reasons: tuple[Reason, ...]
    beside: tuple[Reason, ...] = ()
    opening: str = ""
