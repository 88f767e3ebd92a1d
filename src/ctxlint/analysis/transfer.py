"""What one event does to one world: the transfer function of the interpreter.

``apply`` answers with the world after the event and with the worlds in which it raised instead. The semantics
of set, reset and token are CPython's: resetting an older token puts back everything above it, a token that was
used once raises RuntimeError, a value put back by ``set`` leaves the token unused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from msgspec.structs import replace

from ctxlint.analysis.exceptions import (
    ANY,
    CANCELLED,
    CLOSED,
    NO_TOKEN,
    NO_VALUE,
    OTHER_VARIABLE,
    USED_TOKEN,
)
from ctxlint.analysis.relevance import Relevance
from ctxlint.analysis.worlds import (
    NONE,
    Bag,
    Fate,
    Flight,
    Known,
    Saved,
    State,
    Token,
    Unbound,
    Value,
    World,
    newest,
    saved_key,
)
from ctxlint.model import ir
from ctxlint.model.ids import Place, VarId
from ctxlint.model.observations import Crossing, DoubleReset, ForeignReset, MissingToken, Site
from ctxlint.model.spans import Span


@dataclass(frozen=True, slots=True)
class Owned:
    """The places that nobody but the function can reach: its ``names``, and what is in them, but not what is in an
    object that a ``parameter`` brought in, nor an attribute of anything. ``filled``: the attributes of its object that
    no other method fills.
    """

    names: frozenset[str]
    parameters: frozenset[str]
    filled: frozenset[Place] = frozenset()

    def holds(self, place: Place, *, container: bool) -> bool:
        """Is ``place`` the function's own? ``container``: it holds the token as one of its elements."""
        if place.root not in self.names or (place.path and not place.path[0].startswith("[")):
            return False
        return place.root not in self.parameters or not (container or place.path)


Distinct: TypeAlias = Callable[[VarId, VarId], bool]
"""Are the two certainly different variables? Of a parameter, say, or an element of a list, that cannot be told."""


@dataclass(frozen=True, slots=True)
class Notes:
    """What is seen on the way, by site. Filled while one function is interpreted, read once at its end."""

    numbers: dict[tuple[Span, VarId], int]
    sites: tuple[Site, ...]
    relevance: Relevance
    finals: frozenset[Span]
    owned: Owned
    distinct: Distinct
    worked: dict[int, Span] = field(default_factory=dict[int, Span])
    marks: dict[tuple[int, str], Span] = field(default_factory=dict[tuple[int, str], Span])
    created: dict[int, bool] = field(default_factory=dict[int, bool])
    yielded: dict[int, Span] = field(default_factory=dict[int, Span])
    across: dict[tuple[int, Span], Crossing] = field(default_factory=dict[tuple[int, Span], Crossing])
    under: set[int] = field(default_factory=set[int])
    looped: set[int] = field(default_factory=set[int])
    overwritten: dict[int, Span] = field(default_factory=dict[int, Span])
    replaced: dict[int, Span] = field(default_factory=dict[int, Span])
    restored: set[VarId] = field(default_factory=set[VarId])
    accepted: set[tuple[Span, str]] = field(default_factory=set[tuple[Span, str]])
    doubles: dict[tuple[int, Span], DoubleReset] = field(default_factory=dict[tuple[int, Span], DoubleReset])
    foreign: dict[Span, ForeignReset] = field(default_factory=dict[Span, ForeignReset])
    missing: dict[Span, MissingToken] = field(default_factory=dict[Span, MissingToken])

    def accepts(self, at: Span, raised: ir.Raised) -> bool:
        """Does a handler name what the reset at ``at`` raises?"""
        return (at, raised.name) in self.accepted

    def undone(self, fate: Fate, at: Span, via: str = "") -> State:
        """The state of a site that is undone at ``at``."""
        return State(fate, at, via, at in self.finals)


Step: TypeAlias = "tuple[tuple[World, ...], tuple[World, ...]]"
"""The worlds in which an event is done, and those in which it raised."""


def apply(notes: Notes, event: ir.Event, world: World) -> Step:  # noqa: C901, PLR0911 - a dispatch table
    """The worlds after ``event``, and those in which it raised."""
    match event:
        case ir.Set():
            return (_set(notes, event, world),), ()
        case ir.Reset():
            return _reset(notes, event, world)
        case ir.ResetEach(span=span, container=container):
            held = world.value(container)
            return _release_each(notes, held, span, world) if isinstance(held, Bag) else ((world,), ())
        case ir.Restore(span=span, var=var, saved=saved):
            return (_restore(notes, span, var, saved, world),), ()
        case ir.Get(var=var, into=into):
            return (world.with_value(into, Saved(var, world.held(var))),), ()
        case ir.Bind():
            return (_bind(notes, event, world),), ()
        case ir.Collect(container=container, value=value):
            return (_collect(container, value, world),), ()
        case ir.Hand(span=span, value=value, via=via, part=part):
            return (_hand(span, value, via + part, world),), ()
        case ir.Call(span=span, grade=grade, work=work, mark=mark, raised=raised):
            if work or mark:
                _note_work(notes, span, world, mark)
            known = _raising(world, span, ir.Grade.PROJECT, raised)
            return (world,), (*known, *_raising(world, span, grade, (ANY,)))
        case ir.Suspend(span=span, kind=kind, raises=raises):
            _note_work(notes, span, world)
            waiting = _paused(notes, span, world) if kind == "yield" else world
            kinds = (ANY, CANCELLED) if kind == "await" else (ANY, CANCELLED, CLOSED)
            return (waiting,), _raising(waiting, span, ir.Grade.SUSPEND, kinds) if raises else ()
        case _:
            return (world,), ()


def _raising(world: World, span: Span, grade: ir.Grade, kinds: tuple[ir.Raised, ...]) -> tuple[World, ...]:
    if grade is ir.Grade.NEVER:
        return ()
    return tuple(replace(world, flight=Flight(kind, span, grade), at=span) for kind in kinds)


def _note_work(notes: Notes, span: Span, world: World, mark: str = "") -> None:
    for site, state in world.states.items():
        if state.fate is not Fate.RELEASED:
            if mark != "spawn":
                notes.worked.setdefault(site, span)
            if mark:
                notes.marks.setdefault((site, mark), span)


def _paused(notes: Notes, span: Span, world: World) -> World:
    """The world after a ``yield``: who drives the generator saw the newest values, and unused tokens crossed it."""
    for chain in world.stacks.values():
        if chain:
            notes.yielded.setdefault(newest(chain[-1]), span)
    held = {site: span for site in world.states if site not in world.used and site not in world.crossed}
    return replace(world, crossed={**world.crossed, **held}) if held else world


# --- set and reset -----------------------------------------------------------------------------------------


def _set(notes: Notes, event: ir.Set, world: World) -> World:
    held = world.held(event.var)
    number = notes.numbers[event.span, event.var]
    if event.into is None:
        restored = _restored(event, number, world)
        if restored is not None:
            chain, how = restored
            notes.restored.add(event.var)
            return _moved(world, event.var, chain, notes.undone(Fate.RESTORED, event.span, how))
    created = event.var in world.unset
    notes.created[number] = notes.created.get(number, True) and created
    sites = {newest(each) for each in held}
    if any(notes.sites[site].into is not None and site != number for site in sites):
        notes.under.add(number)
    if number in sites:
        notes.looped.add(number)
        world = _renewed(number, world)
    world = world.aged(number)
    held = world.held(event.var)
    after = replace(
        world,
        crossed={site: span for site, span in world.crossed.items() if site != number},
        states={**world.states, number: State(Fate.HELD, event.span)},
        stacks={**world.stacks, event.var: (*held, number)},
        below={**world.below, number: held},
        unset=world.unset - {event.var},
    )
    if event.into is not None:
        return after.with_value(event.into, Token(number))
    return _noted(event.value, event.var, after)


def _noted(place: ir.Operand, var: VarId, world: World) -> World:
    """The world after a set to what a name holds: to set it to that again puts this value back. What is known of the
    name's truth stays known.
    """
    if not isinstance(place, Place) or place.path:
        return world
    value = world.value(place)
    if value is not None and not isinstance(value, Known):
        return world
    known = {True: value.is_none, False: value.truth} if value is not None else {}
    answers = {saved_key(place, none=none): answer for none, answer in known.items() if answer is not None}
    noted = world.with_value(place, Saved(var, world.held(var)))
    return replace(noted, guards={**noted.guards, **answers}) if answers else noted


def _renewed(number: int, world: World) -> World:
    """The world when a turn of a loop is about to set ``number`` again, and its token is still wanted: the places that
    hold it hold an older one from now on.
    """
    if world.fate(number) is not Fate.HELD or number in world.used:
        return world
    places = {place for place, held in world.values.items() if held == Token(number) and place.root[0] != "%"}
    return replace(world, older=world.older | places)


def _restored(event: ir.Set, number: int, world: World) -> tuple[tuple[int, ...], str] | None:
    """Which of this function's sets are in force after a set whose token nobody keeps, and why; None if it is
    an obligation of its own. Putting a saved value back, emptying, and the second half of a push and pop restore.
    """
    if isinstance(event.value, Place):
        saved = world.value(event.value)
        if isinstance(saved, Saved) and saved.var == event.var:
            return saved.chain, "saved"
    if isinstance(event.value, ir.Constant) and event.value.empty:
        return (), "emptied"
    again = event.derived or event.setter  # a setter that is called a second time puts back what it is given
    others = any(newest(each) != number for each in world.held(event.var))  # its own: an older turn of a loop
    return ((), "popped") if again and others else None


def _reset(notes: Notes, event: ir.Reset, world: World) -> Step:
    span, var, token = event.span, event.var, event.token
    certain = var or event.by
    value = world.value(token) if isinstance(token, Place) else None
    match value:
        case Token(site=site) if site in world.used:
            return _used_again(notes, site, span, world)
        case Token(site=site) if certain is not None and notes.distinct(certain, notes.sites[site].var):
            notes.foreign.setdefault(span, ForeignReset(notes.sites[site], certain, span, world.trail))
            return (), _raising(world, span, ir.Grade.CERTAIN, (OTHER_VARIABLE,))  # the token stays unused
        case Token(site=site):
            return (_release(notes, site, span, world),), ()
        case Bag():
            return (_release_all(notes, value, span, world),), ()
        case Known(is_none=True) | Unbound() if isinstance(token, Place) and _is_own(notes, token):
            return _reset_nothing(notes, event, token, world)
        case None | Known() if var is not None and isinstance(token, Place):
            return (_moved(world, var, (), notes.undone(Fate.COVERED, span)),), ()
        case _:
            return (world,), ()


def _is_own(notes: Notes, place: Place) -> bool:
    """Does nobody else, a method that is called in between say, fill the place?"""
    return notes.owned.holds(place, container=False) or place in notes.owned.filled


def _reset_nothing(notes: Notes, event: ir.Reset, token: Place, world: World) -> Step:
    """A token that is None (TypeError; but a helper, which ``var`` None stands for, may look at it first) or that
    nothing was bound to (UnboundLocalError).
    """
    span, var = event.span, event.var or event.by
    bound = world.value(token) is not Unbound.UNBOUND
    if bound and event.var is None and not event.strict:
        return (world,), ()
    if var is not None:
        raised = world.handling[-1].span if world.handling else None
        notes.missing.setdefault(span, MissingToken(var, token, span, bound, raised, world.trail))
    return (), _raising(world, span, ir.Grade.CERTAIN, (NO_TOKEN if bound else NO_VALUE,))


def _used_again(notes: Notes, site: int, span: Span, world: World) -> Step:
    """RuntimeError, and nothing else happens."""
    double = DoubleReset(notes.sites[site], world.states[site].at, span, world.trail)
    notes.doubles.setdefault((site, span), double)
    return (), _raising(world, span, ir.Grade.CERTAIN, (USED_TOKEN,))


def _release(notes: Notes, site: int, span: Span, world: World) -> World:
    """Reset the token of ``site``: what was in force when it was set is in force again, whatever was since."""
    below = world.below[site]
    _note_crossings(notes, (site,), span, world)
    world = _moved(world, notes.sites[site].var, below, notes.undone(Fate.COVERED, span), transferred=False)
    state = notes.undone(Fate.RELEASED, span)
    if ~site in below:
        state = State(Fate.STALE if ~site in world.used else Fate.LOST, span)
    return replace(world.with_state(site, state), used=world.used | {site})


def _note_crossings(notes: Notes, sites: Iterable[int], span: Span, world: World) -> None:
    for site in sites:
        if site in world.crossed:
            notes.across.setdefault((site, span), Crossing(world.crossed[site], span))


def _release_each(notes: Notes, bag: Bag, span: Span, world: World) -> Step:
    """A loop that resets every token of a container, which keeps them: a second such loop uses them again."""
    used = sorted(bag.sites & world.used)
    if used:
        return _used_again(notes, used[0], span, world)
    kept = {place: held for place, held in world.values.items() if held == bag}
    released = _release_all(notes, bag, span, world)
    return (replace(released, values={**released.values, **kept}),), ()


def _release_all(notes: Notes, bag: Bag, span: Span, world: World) -> World:
    stacks = {
        var: tuple(site for site in stack if site not in bag.sites) for var, stack in world.stacks.items()
    }
    _note_crossings(notes, bag.sites, span, world)
    released = notes.undone(Fate.RELEASED, span)
    states = {**world.states, **dict.fromkeys(bag.sites, released)}
    emptied = {place: held for place, held in world.values.items() if held != bag}
    return replace(world, stacks=stacks, states=states, values=emptied, used=world.used | bag.sites)


def _moved(
    world: World, var: VarId, chain: tuple[int, ...], undone: State, *, transferred: bool = True
) -> World:
    """The world in which ``chain`` is in force: what no longer is becomes ``undone`` (a token that somebody else
    has only if ``transferred``); what is again is held, or stale if its token is used. So is a site of which only an
    older value is left (``fallen``).
    """
    before = {newest(each) for each in world.held(var)}
    after = {newest(each) for each in chain}
    states = dict(world.states)
    for site in before - after:
        if transferred or states[site].fate is not Fate.TRANSFERRED:
            states[site] = undone
    fallen = {site for site in before & after if site in world.held(var) and site not in chain}
    for site in after - before | fallen:
        unused = any(each in chain and each not in world.used for each in (site, ~site))
        if site not in fallen or states[site].fate is not Fate.TRANSFERRED:
            states[site] = State(Fate.HELD if unused else Fate.STALE, undone.at)
    return replace(world, states=states, stacks={**world.stacks, var: chain})


def _restore(notes: Notes, span: Span, var: VarId, saved: Place | None, world: World) -> World:
    if saved is None:
        return _moved(world, var, (), notes.undone(Fate.COVERED, span))
    match world.value(saved):
        case Saved(var=known, chain=chain) if known == var:
            return _moved(world, var, chain, notes.undone(Fate.RESTORED, span, "saved"))
        case Token(site=site) if notes.sites[site].var == var:  # its `old_value`
            return _moved(world, var, world.below[site], notes.undone(Fate.RESTORED, span, "saved"))
        case _:
            return world


# --- places ------------------------------------------------------------------------------------------------


def _value(notes: Notes, operand: ir.Operand, target: Place, world: World) -> Value | None:
    if isinstance(operand, ir.Constant):
        known = notes.relevance
        if target not in known.places and (operand.text != "None" or target not in known.tokens):
            return None
        return NONE if operand.text == "None" else Known(is_none=False, truth=operand.truth)
    return world.value(operand) if operand is not None else None


def _bind(notes: Notes, event: ir.Bind, world: World) -> World:
    value = _value(notes, event.value, event.place, world)
    world = _displaced(notes, event, value, world)
    if isinstance(event.value, Place):
        world = _moved_below(event.value, event.place, world)
    else:
        world = world.with_value(event.place, None)
    if value is not None:
        world = world.with_value(event.place, value) if world.values.get(event.place) != value else world
    return _forgotten(event.place, _filled(event.place, world))


def _filled(place: Place, world: World) -> World:
    """A container that was known to be empty is not any more, when something is put under a key of it."""
    if not place.path or not place.path[-1].startswith("["):
        return world
    container = Place(place.root, place.path[:-1])
    if world.values.get(container) != Known(is_none=False, truth=False):
        return world
    return replace(world, values={**world.values, container: Known(is_none=False, truth=True)})


def _displaced(notes: Notes, event: ir.Bind, value: Value | None, world: World) -> World:
    """The world without the token that the place held: it is lost if no other name has it."""
    place = event.place
    before = world.values.get(place)
    if not isinstance(before, Token):
        return world
    is_older = place in world.older
    named = {other for other, held in world.values.items() if held == before and other.root[0] != "%"}
    others = named - {place}
    if is_older:
        others &= world.older
        world = replace(world, older=world.older - {place})
    elif before == value or world.fate(before.site) is not Fate.HELD:
        return world
    else:
        others -= world.older
    if others or any(isinstance(held, Bag) and before.site in held.sites for held in world.values.values()):
        return world
    if not is_older:
        notes.overwritten.setdefault(before.site, event.span)
        world = world.with_state(before.site, State(Fate.LOST, event.span))
    if not isinstance(value, Token):
        return world
    notes.replaced.setdefault(before.site, event.span)
    return replace(world, orphans=world.orphans | {~before.site if is_older else before.site})


def _moved_below(source: Place, target: Place, world: World) -> World:
    """``a = b`` where parts of ``b`` hold tokens: the same parts of ``a`` do."""
    parts = {Place(target.root, (*target.path, *path)): held for path, held in _below(source, world)}
    world = world.with_value(target, None)
    return replace(world, values={**world.values, **parts}) if parts else world


def _forgotten(place: Place, world: World) -> World:
    """Forget the conditions that read the name which was just bound."""
    if place.path or not world.guards:
        return world
    guards = {
        key: held for key, held in world.guards.items() if place.root not in key.partition("|")[0].split(",")
    }
    return replace(world, guards=guards) if len(guards) != len(world.guards) else world


def _collect(container: Place, operand: ir.Operand, world: World) -> World:
    """The container holds the token, or those of the tuple or list that goes in."""
    if not isinstance(operand, Place):
        return world
    parts = (value for _, value in _below(operand, world))
    sites = frozenset(site for value in (world.value(operand), *parts) for site in _tokens(value))
    if not sites:
        return world
    before = world.values.get(container)
    known = before.sites if isinstance(before, Bag) else frozenset[int]()
    return world.with_value(container, Bag(known | sites))


def _hand(span: Span, operand: ir.Operand, via: str, world: World) -> World:
    if not isinstance(operand, Place):
        return world
    for below, value in _below(operand, world):
        how = "field" if below and not below[0].startswith("[") else via  # with the object that holds it
        for site in _tokens(value):
            if world.fate(site) in (Fate.HELD, Fate.LOST):
                world = world.with_state(site, State(Fate.TRANSFERRED, span, how))
    return world


def _below(place: Place, world: World) -> Iterator[tuple[tuple[str, ...], Value]]:
    """What is held in a place and in its parts, each with the path to it from there."""
    depth = len(place.path)
    for each, value in world.values.items():
        if each.root == place.root and each.path[:depth] == place.path:
            yield each.path[depth:], value


def _tokens(value: Value | None) -> frozenset[int]:
    """The sites whose tokens a value is, or holds."""
    match value:
        case Bag(sites=sites):
            return sites
        case Token(site=site):
            return frozenset({site})
        case _:
            return frozenset()
