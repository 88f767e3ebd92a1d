"""Running a block of IR on worlds: each node answers with the worlds that leave it, by kind of exit.

``finally`` is no special case: it runs over the worlds of every kind, and what falls out of it goes on by the kind it
came with, what leaves it otherwise replaces that. What the run sees on the way goes to its ``Notes``.

Bounds: ``MAX_WORLDS`` worlds at a point and ``MAX_TURNS`` turns of a loop. Past the first, what nothing below asks is
forgotten (``liveness``), and exceptions that every handler treats alike are taken for one; neither loses a way. If that
is not enough all that conditions taught is dropped, then worlds are (``capped``), or the run is given up (``stop``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from msgspec.structs import replace

from ctxlint.analysis import exceptions as ex
from ctxlint.analysis.liveness import Liveness, Needs, kept, liveness
from ctxlint.analysis.relevance import Relevance, full_key, nodes
from ctxlint.analysis.texts import implied
from ctxlint.analysis.transfer import Notes, apply
from ctxlint.analysis.worlds import (
    NONE,
    Bag,
    Flight,
    Known,
    Saved,
    Token,
    Unbound,
    Value,
    World,
    newest,
    saved_key,
)
from ctxlint.model import ir
from ctxlint.model.ids import Place

MAX_WORLDS = 64
MAX_TURNS = 6

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


def run(body: ir.Block, notes: Notes, worlds: list[World], *, stop: bool = False) -> tuple[Flow, bool]:
    """Run ``body``, a function's, on ``worlds``: what leaves it, and whether a bound was passed; with ``stop``
    PassedError there.
    """
    running = _Run(body, notes, stop=stop)
    return running.block(body, worlds), running.capped


class PassedError(Exception):
    """A bound is passed, and there is another way."""


class _Run:
    """One interpretation of one function. ``stop``: where a bound is passed, raise PassedError."""

    def __init__(self, body: ir.Block, notes: Notes, *, stop: bool) -> None:
        self.body = body
        self.notes = notes
        self.stop = stop
        self.capped = False

    def passed(self) -> None:
        """A bound is passed."""
        if self.stop:
            raise PassedError
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
        full = full_key(guard)
        known = world.guards.get(full)
        if known is None and guard.text is not None:
            known = self.by_other_questions(guard.text, world)
        if known is not None:
            return ([world], []) if known else ([], [world])
        if guard.key not in self.relevance.keys:
            return [world], [world]
        held = replace(world, guards={**world.guards, full: True})
        failed = replace(world, guards={**world.guards, full: False})
        return [held], [failed]

    def by_other_questions(self, asked: ir.TextTest, world: World) -> bool | None:
        """What the answers to other questions about the same text say."""
        for key, held in world.guards.items():
            other = self.relevance.texts.get(key)
            if other is not None and other.subject == asked.subject:
                answer = implied(other, asked, held=held)
                if answer is not None:
                    return answer
        return None

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
