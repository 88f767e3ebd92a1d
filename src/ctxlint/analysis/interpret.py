"""The interpreter: a function's IR over bounded sets of worlds.

A block is run on the worlds that enter it and answers with a ``Flow``: for each kind of exit (falling through,
return, raise, break, continue) the worlds that leave by it. ``finally`` is then no special case: it runs over the
worlds of every kind, and what falls out of it goes on by the kind it came with, what leaves it otherwise replaces
that. The interpreter knows no rule: it leaves observations (``model.observations``).

An example. For ``token = v.set(1)`` / ``await work()`` / ``v.reset(token)`` the worlds are: after the set, one that
holds site 0; the await adds two that raise (any exception, cancelled) with site 0 held; the reset makes the first
one ``released``. The exits of site 0 are: normal, released; raise at the await, held. That is CTX104's business.

Bounds: ``MAX_WORLDS`` worlds at a point and ``MAX_TURNS`` turns of a loop. Past the first, what nothing below asks is
forgotten (``liveness``), and exceptions that every handler treats alike are taken for one; neither loses a way. If that
is not enough, all that conditions taught is dropped, then worlds are; a function of several variables is then followed
once for each (``slices``). If that is still not enough, the outcome says so (``capped``).
"""

from __future__ import annotations

import operator
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from msgspec.structs import replace

from ctxlint.analysis import exceptions as ex
from ctxlint.analysis.liveness import Liveness, Needs, full_key, kept, liveness
from ctxlint.analysis.relevance import Relevance, events, final_spans, nodes, relevance
from ctxlint.analysis.slices import sliced
from ctxlint.analysis.slimming import slimmed
from ctxlint.analysis.transfer import Distinct, Notes, Owned, apply
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
from ctxlint.model.observations import FrameOutcome, Site, SiteExit, SiteOutcome
from ctxlint.model.spans import Span

MAX_WORLDS = 64
MAX_TURNS = 6
_MAX_SLICES = 16

__all__ = ["MAX_TURNS", "MAX_WORLDS", "Owned", "interpret"]

_TOLD = (ex.CANCELLED, ex.CLOSED, ex.USED_TOKEN, ex.OTHER_VARIABLE, ex.NO_TOKEN, ex.NO_VALUE)
"""Exceptions that a story names, or that a handler may be meant for."""
_REFUSALS = (ex.USED_TOKEN, ex.OTHER_VARIABLE, ex.NO_TOKEN, ex.NO_VALUE)
_MEANT = {kind.name: {kind.name} for kind in _REFUSALS} | {ex.NO_VALUE.name: {ex.NO_VALUE.name, "NameError"}}


@dataclass(slots=True)
class Flow:
    """The worlds that leave a block, by kind of exit. Local to one step: nobody keeps one."""

    normal: list[World] = field(default_factory=list[World])
    ret: list[World] = field(default_factory=list[World])
    raises: list[World] = field(default_factory=list[World])
    brk: list[World] = field(default_factory=list[World])
    cont: list[World] = field(default_factory=list[World])

    def absorb(self, other: Flow, *, normal: bool = True) -> None:
        """Add the exits of ``other``; its normal ones only if asked."""
        if normal:
            self.normal += other.normal
        self.ret += other.ret
        self.raises += other.raises
        self.brk += other.brk
        self.cont += other.cont


def interpret(
    body: ir.Block, end: Span, owned: Owned, distinct: Distinct = operator.ne
) -> FrameOutcome | None:
    """What running ``body`` shows, or None where it sets nothing and no reset fails.

    ``end`` stands for falling off the end. ``owned`` says which places are the function's own: a token that any
    other place holds at an exit has been handed over. ``distinct`` tells variables apart.
    """
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
    known, less = relevance(body), relevance(body, exits=False)
    if known == less:
        return _interpreted(body, end, owned, distinct, known)
    try:
        return _interpreted(body, end, owned, distinct, known, stop=True)
    except _PassedError:
        return _interpreted(body, end, owned, distinct, less)


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
    """One run; with ``stop`` _PassedError where it passes a bound."""
    found = _sites(body)
    if not found and not any(_resets_name(event, owned) for event in events(body)):
        return None
    numbers = {(site.span, site.var): index for index, site in enumerate(found)}
    body = slimmed(body, known)
    run = _Run(body, Notes(numbers, found, known, final_spans(body), owned, distinct), stop=stop)
    flow = run.block(body, [World(values=_unbound(body, owned, run.relevance))])
    normal = [replace(world, at=end) for world in flow.normal] + flow.ret
    exits: dict[int, dict[object, SiteExit]] = {index: {} for index in range(len(found))}
    left: set[int] = set()
    empty = {place for world in normal for place in run.relevance.tokens if _is_empty(place, world)}
    for kind, worlds in (("normal", normal), ("raise", flow.raises)):
        for world in worlds:
            left.update(number for number in world.orphans if number in world.held(found[newest(number)].var))
            for index in world.states:
                leaving = _leaving(kind, index, world, owned)
                exits[index].setdefault(_exit_key(leaving), leaving)
    notes = run.notes
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
        outcomes, doubles, frozenset(notes.restored), run.capped, foreign, missing, frozenset(empty)
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


class _PassedError(Exception):
    """A bound is passed, and there is another way."""


class _Run:
    """One interpretation of one function."""

    def __init__(self, body: ir.Block, notes: Notes, *, stop: bool) -> None:
        self.body = body
        self.notes = notes
        self.stop = stop
        self.capped = False

    def passed(self) -> None:
        """A bound is passed."""
        if self.stop:
            raise _PassedError
        self.capped = True

    @property
    def relevance(self) -> Relevance:
        return self.notes.relevance

    # --- structure -----------------------------------------------------------------------------------------

    def block(self, body: ir.Block, worlds: list[World]) -> Flow:
        flow = Flow(normal=worlds)
        for node in body:
            if not flow.normal:
                break
            entering, flow.normal = self.bounded(flow.normal, node), []
            flow.absorb(self.node(node, entering))
            flow.raises = self.bounded(flow.raises, body)
        return flow

    def node(self, node: ir.NodeT, worlds: list[World]) -> Flow:
        match node:
            case ir.Do(events=found):
                return self.events(found, worlds)
            case ir.Branch():
                return self.branch(node, worlds)
            case ir.Loop():
                return self.loop(node, worlds)
            case ir.Try():
                return self.attempt(node, worlds)
            case ir.With():
                return self.scope(node, worlds)
            case ir.Exit():
                return self.exit(node, worlds)

    def events(self, found: Iterable[ir.Event], worlds: list[World]) -> Flow:
        flow = Flow(normal=worlds)
        for event in found:
            after: list[World] = []
            for world in flow.normal:
                going_on, raised = apply(self.notes, event, world)
                after.extend(going_on)
                flow.raises.extend(raised)
            flow.normal = after
        return flow

    def branch(self, node: ir.Branch, worlds: list[World]) -> Flow:
        flow = Flow()
        then: list[World] = []
        orelse: list[World] = []
        for world in worlds:
            yes, no = self.decide(node.guard, replace(world, at=node.span), flow)
            then += (w.step(node.span, "true") for w in yes) if node.told else yes
            orelse += (w.step(node.span, "false") for w in no) if node.told else no
        flow.absorb(self.block(node.then, then))
        flow.absorb(self.block(node.orelse, orelse))
        return flow

    def loop(self, node: ir.Loop, worlds: list[World]) -> Flow:
        flow = Flow()
        leaving: list[World] = []
        seen: set[object] = set()
        entering = worlds
        for number in range(MAX_TURNS):
            fresh = [world for world in self.bounded(entering, node) if world.key() not in seen]
            if number or not (node.once or node.over is not None):  # else it comes again, and may end
                seen.update(world.key() for world in fresh)
            if not fresh:
                break
            head = self.block(node.head, fresh)
            flow.absorb(head, normal=False)
            turning: list[World] = []
            for world in head.normal:
                yes, no = self.turned(node, replace(world, at=node.span), flow, first=not number)
                turning += yes
                leaving += no
            turn = self.block(node.body, turning)
            flow.ret += turn.ret
            flow.raises += turn.raises
            flow.normal += turn.brk
            entering = turn.normal + turn.cont
        else:
            self.passed()
        flow.absorb(self.block(node.orelse, self.bounded(leaving, node)))
        flow.raises = self.bounded(flow.raises, node)
        return flow

    def turned(
        self, node: ir.Loop, world: World, flow: Flow, *, first: bool
    ) -> tuple[list[World], list[World]]:
        """The worlds in which a loop turns (once more), and those in which it ends."""
        if first and node.over is not None and isinstance(node.guard, ir.Opaque):
            return self.tested(node.over, world, flow, none=False)
        yes, no = self.decide(node.guard, world, flow)
        return yes, [] if first and node.once else no

    def attempt(self, node: ir.Try, worlds: list[World]) -> Flow:
        body = self.block(node.body, worlds)
        flow = Flow()
        flow.absorb(body, normal=False)
        flow.raises = []
        flow.absorb(self.block(node.orelse, body.normal))
        for world in self.bounded(body.raises, node.body):
            flow.absorb(self.handle(node.handlers, world))
        return self.finish(node.final, flow, node.final[0]) if node.final else flow

    def handle(self, handlers: tuple[ir.Except, ...], world: World) -> Flow:
        """Offer an exception to the handlers in turn; what none of them stops for certain goes on."""
        flow = Flow()
        flight = world.flight
        if flight is None:  # a re-raise outside any handler: CPython raises RuntimeError there
            flow.raises.append(world)
            return flow
        again = bool(world.handling) and flight is world.handling[-1]  # a bare ``raise``: it is one exception
        for handler in handlers:
            stopped, passing = ex.caught(handler, flight)
            if stopped:
                self.accept(handler.catches or (), flight)
            told = world.step(flight.span, "raised").step(handler.span, "caught")
            for group in [[each] for each in stopped] if again else [stopped]:
                below = _narrowed(world, group[0]) if again else world.handling
                caught = [_handling(replace(told, flight=each, handling=below)) for each in group]
                handled = self.block(handler.body, caught)
                for kind in (handled.normal, handled.ret, handled.brk, handled.cont, handled.raises):
                    kind[:] = [replace(w, handling=below) for w in kind]
                flow.absorb(handled)
            if passing is None:
                return flow
            flight = passing
        below = _narrowed(world, flight) if again else world.handling
        flow.raises.append(replace(world, flight=flight, handling=below))
        return flow

    def accept(self, named: tuple[ir.Raised, ...], flight: Flight) -> None:
        """A handler that names what a reset raises (RuntimeError for a second one) means it: no claim is made."""
        wanted = _MEANT.get(flight.raised.name, ())
        if flight.raised in _REFUSALS and any(kind.name in wanted for kind in named):
            self.notes.accepted.add((flight.span, flight.raised.name))

    def finish(self, final: ir.Block, flow: Flow, point: ir.NodeT | ir.Block) -> Flow:
        """Run ``finally``, which begins at ``point``, over every kind of exit."""
        done = Flow()
        for name in ("normal", "ret", "raises", "brk", "cont"):
            for pending in self.bounded(getattr(flow, name), point):
                ran = self.block(final, [_handling(pending)])
                for left in (ran.normal, ran.ret, ran.brk, ran.cont, ran.raises):
                    left[:] = [replace(w, handling=pending.handling) for w in left]
                done.absorb(ran, normal=False)
                kept = [replace(w, flight=pending.flight, at=pending.at) for w in ran.normal]
                getattr(done, name).extend(kept)
        return done

    def left(self, node: ir.With, flow: Flow) -> Flow:
        """Leave a ``with``. What its exit raises while an exception passes through counts as that exception: the
        story is where it began.
        """
        leave = (ir.Do(node.span, node.leave),)
        passing, flow.raises = flow.raises, []
        done = self.finish(leave, flow, node.body)
        for world in self.bounded(passing, node.body):
            ran = self.finish(leave, Flow(raises=[world]), node.body)
            done.raises += [replace(w, flight=world.flight, at=world.at) for w in ran.raises]
        return done

    def scope(self, node: ir.With, worlds: list[World]) -> Flow:
        flow = self.block(node.body, worlds)
        if node.leave:
            flow = self.left(node, flow)
        if node.swallows is None:
            return flow
        passing: list[World] = []
        for world in flow.raises:
            stopped, left = _swallowed(node.swallows, world.flight)
            if world.flight is not None:
                self.accept(node.swallows, world.flight)
            if stopped:
                flow.normal.append(replace(world, flight=None))
            if left is not None or node.perhaps:
                passing.append(replace(world, flight=left or world.flight))
        flow.raises = passing
        return flow

    def exit(self, node: ir.Exit, worlds: list[World]) -> Flow:
        flow = Flow()
        match node.kind:
            case "return":
                flow.ret = [replace(world, at=node.span) for world in worlds]
            case "break":
                flow.brk = worlds
            case "continue":
                flow.cont = worlds
            case "raise":
                flow.raises = [self.thrown(node, world) for world in worlds]
        return flow

    @staticmethod
    def thrown(node: ir.Exit, world: World) -> World:
        if node.raised is None and world.handling:
            return replace(world, flight=world.handling[-1])
        raised = node.raised or ex.ANY
        return replace(world, flight=Flight(raised, node.span, ir.Grade.CERTAIN), at=node.span)

    # --- conditions ----------------------------------------------------------------------------------------

    def decide(self, guard: ir.Guard, world: World, flow: Flow) -> tuple[list[World], list[World]]:
        """The worlds in which ``guard`` holds, and those in which it does not; what raises goes to ``flow``."""
        worlds = [world]
        if guard.events:
            ran = self.events(guard.events, worlds)
            flow.raises += ran.raises
            worlds = ran.normal
        yes: list[World] = []
        no: list[World] = []
        for each in worlds:
            held, failed = self.decided(guard, each, flow)
            yes += held
            no += failed
        return yes, no

    def decided(self, guard: ir.Guard, world: World, flow: Flow) -> tuple[list[World], list[World]]:
        match guard:
            case ir.Always():
                return [world], []
            case ir.Negated(guard=inner):
                yes, no = self.decide(inner, world, flow)
                return no, yes
            case ir.Every(guards=guards):
                return self.chain(guards, world, flow)
            case ir.Either(guards=guards):
                no, yes = self.chain(tuple(ir.Negated(guard=g) for g in guards), world, flow)
                return yes, no
            case ir.IsNone(place=place):
                return self.tested(place, world, flow, none=True)
            case ir.Truthy(place=place, whole=whole):
                return self.tested(place, world, flow, none=False, whole=whole)
            case ir.Unset(var=var, exact=exact):
                missing = replace(world, unset=world.unset | {var})
                held = world.held(var)
                if not held:
                    return [missing], [world]
                # What is empty again is made again, where it was only made because there was none.
                made = all(self.notes.created.get(newest(site), False) for site in held)
                return ([] if exact else [missing if made else world]), [world]
            case ir.Opaque():
                return self.opaque(guard, world)

    def chain(
        self, guards: tuple[ir.Guard, ...], world: World, flow: Flow
    ) -> tuple[list[World], list[World]]:
        yes, no = [world], list[World]()
        for guard in guards:
            held: list[World] = []
            for each in yes:
                passed, failed = self.decide(guard, each, flow)
                held += passed
                no += failed
            yes = held
        return yes, no

    def opaque(self, guard: ir.Opaque, world: World) -> tuple[list[World], list[World]]:
        if guard.key not in self.relevance.keys:
            return [world], [world]
        full = full_key(guard)
        if full in world.guards:
            return ([world], []) if world.guards[full] else ([], [world])
        held = replace(world, guards={**world.guards, full: True})
        failed = replace(world, guards={**world.guards, full: False})
        return [held], [failed]

    def tested(
        self, place: Place, world: World, flow: Flow, *, none: bool, whole: bool = False
    ) -> tuple[list[World], list[World]]:
        """``place is None`` (``none``) or ``place`` tested for truth; ``whole``: only None is false."""
        value = world.value(place)
        if isinstance(value, Unbound):
            flight = Flight(ex.NO_VALUE, world.at, ir.Grade.CERTAIN)
            flow.raises.append(replace(world, flight=flight))
            return [], []
        answer = _answer(value, none=none)
        if answer is not None:
            return ([world], []) if answer else ([], [world])
        if isinstance(value, Saved):
            return self.saved(place, value, world, none=none)
        if place not in self.relevance.places:
            return [world], [world]
        if none:
            return [world.with_value(place, NONE)], [
                world.with_value(place, Known(is_none=False, truth=None))
            ]
        known = value.is_none if isinstance(value, Known) else None
        if whole and known is False:
            return [world.with_value(place, Known(is_none=False, truth=True))], []
        return (
            [world.with_value(place, Known(is_none=False, truth=True))],
            [world.with_value(place, Known(is_none=known, truth=False))],
        )

    def saved(
        self, place: Place, value: Saved, world: World, *, none: bool
    ) -> tuple[list[World], list[World]]:
        """What ``var.get()`` gave is tested: it may be put back later, so the answer is remembered beside it."""
        key = saved_key(place, none=none)
        known = world.guards.get(key)
        if known is not None:
            return ([world], []) if known else ([], [world])
        if place in self.relevance.places:
            held = replace(world, guards={**world.guards, key: True})
            failed = replace(world, guards={**world.guards, key: False})
        else:
            held = failed = world
        empty, full = (held, failed) if none else (failed, held)
        empty = replace(empty, unset=empty.unset | {value.var})
        return ([empty], [full]) if none else ([full], [empty])

    # --- bounds --------------------------------------------------------------------------------------------

    def bounded(self, worlds: list[World], point: ir.NodeT | ir.Block) -> list[World]:
        """The different worlds among ``worlds``, at most ``MAX_WORLDS``, where ``point`` begins: for a block, where
        its exceptions lead to. What conditions taught goes first.
        """
        if len(worlds) <= 1:
            return worlds
        different = _different(worlds)
        if len(different) <= MAX_WORLDS:
            return different
        needed = self.needed(point)
        if needed is not None:
            tokens = self.relevance.tokens
            different = _different([kept(world, needed, tokens) for world in different])
        if len(different) > MAX_WORLDS:
            different = self.alike(different)
        if len(different) <= MAX_WORLDS:
            return different
        self.passed()
        return _different([_without_conditions(world) for world in different])[:MAX_WORLDS]

    def needed(self, point: ir.NodeT | ir.Block) -> Needs | None:
        """What is asked from ``point`` on; None for a block that was made for one step."""
        found = self.live.raising if isinstance(point, tuple) else self.live.before
        return found.get(id(point))

    def alike(self, worlds: list[World]) -> list[World]:
        """Of worlds that differ by an exception alone, and that every handler treats alike, the one that is surest to
        come about; apart from those that an ordinary call raises.
        """
        best: dict[object, World] = {}
        for world in worlds:
            flight = world.flight
            key = world.key() if flight is None else (replace(world, flight=None).key(), self.treated(flight))
            known = best.get(key)
            if known is None or (flight and known.flight and known.flight.grade < flight.grade):
                best[key] = world
        return list(best.values())

    def treated(self, flight: Flight) -> object:
        """What the handlers of the function do with an exception, each asked alone."""
        shown = [ex.class_caught(kinds, flight, unknown=unknown) for kinds, unknown in self.catchers]
        told = flight.raised.name if flight.raised in _TOLD else ""
        return (
            told,
            flight.grade > ir.Grade.CALL,
            tuple(
                (tuple(each.raised.name for each in stopped), passing and len(passing.spared))
                for stopped, passing in shown
            ),
        )

    @cached_property
    def live(self) -> Liveness:
        return liveness(self.body)

    @cached_property
    def catchers(self) -> list[tuple[tuple[ir.Raised, ...], bool]]:
        """What stops exceptions in this function: classes, and whether there are some that could not be resolved."""
        found: list[tuple[tuple[ir.Raised, ...], bool]] = []
        for node in nodes(self.body):
            if isinstance(node, ir.Try):
                found += [(each.catches or (), each.unknown) for each in node.handlers]
            elif isinstance(node, ir.With) and node.swallows:
                found.append((node.swallows, False))
        return found


def _handling(world: World) -> World:
    """The world in which its exception is being handled, so that a bare ``raise`` raises it again."""
    if world.flight is None:
        return world
    return replace(world, flight=None, handling=(*world.handling, world.flight))


def _narrowed(world: World, flight: Flight) -> tuple[Flight, ...]:
    """What is being handled, when more is known of the exception that was raised again."""
    return (*world.handling[:-1], flight)


def _different(worlds: list[World]) -> list[World]:
    found: dict[object, World] = {}
    for world in worlds:
        found.setdefault(world.key(), world)
    return list(found.values())


def _without_conditions(world: World) -> World:
    values = {place: value for place, value in world.values.items() if not isinstance(value, Known)}
    return replace(world, guards={}, values=values)


def _answer(value: Value | None, *, none: bool) -> bool | None:
    match value:
        case Token():
            return not none
        case Bag():
            return not none
        case Known(is_none=is_none, truth=truth):
            return is_none if none else truth
        case _:
            return None


def _swallowed(classes: tuple[ir.Raised, ...], flight: Flight | None) -> tuple[bool, Flight | None]:
    if flight is None or not classes:
        return flight is not None, None
    stopped, passing = ex.class_caught(classes, flight)
    return bool(stopped), passing
