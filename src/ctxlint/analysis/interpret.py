"""The interpreter: a function's IR over bounded sets of worlds.

A block is run on the worlds that enter it and answers with a ``Flow``: for each kind of exit (falling through,
return, raise, break, continue) the worlds that leave by it. ``finally`` is then no special case: it runs over the
worlds of every kind, and what falls out of it goes on by the kind it came with, what leaves it otherwise replaces
that. The interpreter knows no rule: it leaves observations (``model.observations``).

An example. For ``token = v.set(1)`` / ``await work()`` / ``v.reset(token)`` the worlds are: after the set, one that
holds site 0; the await adds two that raise (any exception, cancelled) with site 0 held; the reset makes the first
one ``released``. The exits of site 0 are: normal, released; raise at the await, held. That is CTX104's business.

Bounds (see ``running`` and ``world_bounds``): where a function passes them it is followed again without the conditions
that only stand around ways out; if that is not enough and it has several variables, once for each of them (``slices``).
If that is still not enough, the outcome says so (``capped``).
"""

from __future__ import annotations

import operator

from msgspec.structs import replace

from ctxlint.analysis import exceptions as ex
from ctxlint.analysis.relevance import Relevance, events, final_spans, relevance
from ctxlint.analysis.running import run
from ctxlint.analysis.slices import sliced
from ctxlint.analysis.slimming import slimmed
from ctxlint.analysis.transfer import Distinct, Notes, Owned
from ctxlint.analysis.world_bounds import PassedError
from ctxlint.analysis.worlds import (
    Bag,
    Fate,
    Known,
    State,
    Token,
    Unbound,
    Value,
    World,
    newest,
)
from ctxlint.model import ir
from ctxlint.model.ids import Place, VarId
from ctxlint.model.observations import FrameOutcome, Site, SiteExit, SiteOutcome
from ctxlint.model.spans import Span

_MAX_SLICES = 16

__all__ = ["Owned", "interpret"]


def interpret(
    body: ir.Block, end: Span, owned: Owned, distinct: Distinct = operator.ne
) -> FrameOutcome | None:
    """What running ``body`` shows, or None where it sets nothing and no reset fails.

    ``end`` stands for falling off the end. ``owned`` says which places are the function's own: a token that any
    other place holds at an exit has been handed over. ``distinct`` tells variables apart.
    """
    if not _sites(body) and not any(_resets_name(event, owned) for event in events(body)):
        return None
    followed = _followed(body, end, owned, distinct)
    if followed is None or not followed.capped or followed.doubles or followed.foreign or followed.missing:
        return followed  # a reset that raises ties the variables together
    variables = list(dict.fromkeys(outcome.site.var for outcome in followed.sites))
    if not 1 < len(variables) <= _MAX_SLICES:
        return followed
    parts = [_followed(sliced(body, var), end, owned, distinct) for var in variables]
    return _joined(followed, [part for part in parts if part is not None])


def _followed(body: ir.Block, end: Span, owned: Owned, distinct: Distinct) -> FrameOutcome | None:
    """What a function shows; if that passes the bound, what it shows when the conditions that only stand around ways
    out teach nothing.
    """
    try:
        return _interpreted(body, end, owned, distinct, relevance(body), stop=True)
    except PassedError:
        return _interpreted(body, end, owned, distinct, relevance(body, exits=False))


def _joined(whole: FrameOutcome, parts: list[FrameOutcome]) -> FrameOutcome:
    """What the slices of a function showed, in the order in which its sites stand."""
    shown = {(each.site.span, each.site.var): each for part in parts for each in part.sites}
    return FrameOutcome(
        tuple(shown.get((each.site.span, each.site.var), each) for each in whole.sites),
        tuple(each for part in parts for each in part.doubles),
        frozenset[VarId]().union(*(part.restored for part in parts)),
        any(part.capped for part in parts),
        tuple(each for part in parts for each in part.foreign),
        tuple(each for part in parts for each in part.missing),
        frozenset[Place]().union(*(part.empty for part in parts)),
    )


def _interpreted(
    body: ir.Block, end: Span, owned: Owned, distinct: Distinct, known: Relevance, *, stop: bool = False
) -> FrameOutcome | None:
    """One run; with ``stop`` PassedError where it passes a bound."""
    found = _sites(body)
    numbers = {(site.span, site.var): index for index, site in enumerate(found)}
    body = slimmed(body, known)
    notes = Notes(numbers, found, known, final_spans(body), owned, distinct)
    flow, capped = run(body, notes, [World(values=_unbound(body, owned, known))], stop=stop)
    normal = [replace(world, at=end) for world in flow.normal] + flow.ret
    exits: dict[int, dict[object, SiteExit]] = {index: {} for index in range(len(found))}
    left: set[int] = set()
    empty = {place for world in normal for place in known.tokens if _is_empty(place, world)}
    for kind, worlds in (("normal", normal), ("raise", flow.raises)):
        for world in worlds:
            left.update(number for number in world.orphans if number in world.held(found[newest(number)].var))
            for index in world.states:
                leaving = _leaving(kind, index, world, owned)
                exits[index].setdefault(_exit_key(leaving), leaving)
    outcomes = tuple(
        SiteOutcome(
            site,
            tuple(exits[index].values()),
            notes.worked.get(index),
            notes.marks.get((index, "wrapped")),
            notes.marks.get((index, "recursion")),
            notes.marks.get((index, "spawn")),
            notes.created.get(index, False),
            index in notes.under,
            notes.overwritten.get(index),
            index in notes.looped,
            notes.yielded.get(index),
            notes.replaced.get(index) if index in left or ~index in left else None,
            tuple(crossing for (number, _), crossing in notes.across.items() if number == index),
        )
        for index, site in enumerate(found)
    )
    doubles = tuple(each for each in notes.doubles.values() if not notes.accepts(each.second, ex.USED_TOKEN))
    foreign = tuple(each for each in notes.foreign.values() if not notes.accepts(each.at, ex.OTHER_VARIABLE))
    missing = tuple(
        each
        for each in notes.missing.values()
        if not notes.accepts(each.at, ex.NO_TOKEN if each.bound else ex.NO_VALUE)
    )
    if not outcomes and not missing:
        return None
    return FrameOutcome(
        outcomes, doubles, frozenset(notes.restored), capped, foreign, missing, frozenset(empty)
    )


def _is_empty(place: Place, world: World) -> bool:
    """Is there no token in an attribute?"""
    held = world.values.get(place)
    return len(place.path) == 1 and (held is None or (isinstance(held, Known) and held.is_none is True))


def _resets_name(event: ir.Event, owned: Owned) -> bool:
    """Is this a reset of a variable with a name that the function binds itself?"""
    return (
        isinstance(event, ir.Reset)
        and (event.var or event.by) is not None
        and isinstance(event.token, Place)
        and event.token.root in owned.names - owned.parameters
    )


def _unbound(body: ir.Block, owned: Owned, known: Relevance) -> dict[Place, Value]:
    """The local names that a token reaches, before anything is bound to them."""
    bound = {event.place for event in events(body) if isinstance(event, ir.Bind)}
    mine = owned.names - owned.parameters
    return {place: Unbound.UNBOUND for place in known.tokens & bound if not place.path and place.root in mine}


def _exit_key(leaving: SiteExit) -> object:
    how = (leaving.fate, leaving.via, leaving.in_final)
    return (leaving.kind, leaving.at, how, leaving.raised, leaving.grade)


def _leaving(kind: str, index: int, world: World, owned: Owned) -> SiteExit:
    state = world.states[index]
    if state.fate is Fate.HELD and _kept_elsewhere(index, world, owned):
        state = State(Fate.TRANSFERRED, state.at, "field")
    flight = world.flight if kind == "raise" else None
    return SiteExit(
        kind,
        flight.span if flight is not None else world.at,
        state.fate.value,
        state.at,
        state.via,
        int(flight.grade) if flight is not None else 0,
        flight.raised.name if flight is not None else "",
        world.trail,
        state.final,
    )


def _kept_elsewhere(index: int, world: World, owned: Owned) -> bool:
    for place, value in world.values.items():
        mine = value == Token(index) or (isinstance(value, Bag) and index in value.sites)
        if mine and place.root[0] != "%" and not owned.holds(place, container=isinstance(value, Bag)):
            return True
    return False


def _sites(body: ir.Block) -> tuple[Site, ...]:
    sets: dict[tuple[Span, VarId], ir.Set] = {}
    names: dict[Place, Place] = {}
    for event in events(body):
        if isinstance(event, ir.Set):
            sets.setdefault((event.span, event.var), event)
        elif isinstance(event, ir.Bind) and isinstance(event.value, Place):
            names.setdefault(event.value, event.place)
    return tuple(
        Site(
            event.span,
            event.var,
            _named(event.into, names),
            event.helper,
            event.receiver,
            event.derived,
            isinstance(event.value, ir.Constant) and event.value.empty,
            isinstance(event.value, ir.Constant),
            event.setter,
        )
        for event in sets.values()
    )


def _named(place: Place | None, names: dict[Place, Place]) -> Place | None:
    seen = 0
    while place is not None and place.root.startswith("%") and place in names and seen < len(names):
        place = names[place]
        seen += 1
    return place
