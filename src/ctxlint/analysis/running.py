"""Running a block of IR on worlds: each node answers with the worlds that leave it, by kind of exit.

``finally`` is no special case: it runs over the worlds of every kind, and what falls out of it goes on by the kind it
came with, what leaves it otherwise replaces that. What the run sees on the way goes to its ``Notes``.

Bounds: so many worlds at a point (``world_bounds``) and ``MAX_TURNS`` turns of a loop. Past one of them the outcome is
``capped``, or the run is given up (``stop``).
"""

from __future__ import annotations

from msgspec.structs import replace

from ctxlint.analysis import exceptions as ex
from ctxlint.analysis.conditions import ask, decide
from ctxlint.analysis.flows import Flow, through
from ctxlint.analysis.transfer import Notes
from ctxlint.analysis.world_bounds import Bounds
from ctxlint.analysis.worlds import Flight, World
from ctxlint.model import ir

MAX_TURNS = 6
_REFUSALS = (ex.USED_TOKEN, ex.OTHER_VARIABLE, ex.NO_TOKEN, ex.NO_VALUE)
_MEANT = {kind.name: {kind.name} for kind in _REFUSALS} | {ex.NO_VALUE.name: {ex.NO_VALUE.name, "NameError"}}


def run(body: ir.Block, notes: Notes, worlds: list[World], *, stop: bool = False) -> tuple[Flow, bool]:
    """Run ``body``, a function's, on ``worlds``: what leaves it, and whether a bound was passed; with ``stop``
    PassedError there.
    """
    running = _Run(body, notes, stop=stop)
    return running.block(body, worlds), running.bounds.capped


class _Run:
    """One interpretation of one function. ``stop``: where a bound is passed, raise PassedError."""

    def __init__(self, body: ir.Block, notes: Notes, *, stop: bool) -> None:
        self.notes = notes
        self.bounds = Bounds(body, notes.relevance, stop=stop)

    # --- structure -----------------------------------------------------------------------------------------

    def block(self, body: ir.Block, worlds: list[World]) -> Flow:
        flow = Flow(normal=worlds)
        for node in body:
            if not flow.normal:
                break
            entering, flow.normal = self.bounds.within(flow.normal, node), []
            flow.absorb(self.node(node, entering))
            flow.raises = self.bounds.within(flow.raises, body)
        return flow

    def node(self, node: ir.NodeT, worlds: list[World]) -> Flow:
        match node:
            case ir.Do(events=found):
                return through(self.notes, found, worlds)
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

    def branch(self, node: ir.Branch, worlds: list[World]) -> Flow:
        flow = Flow()
        then: list[World] = []
        orelse: list[World] = []
        for world in worlds:
            yes, no = decide(self.notes, node.guard, replace(world, at=node.span), flow)
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
            fresh = [world for world in self.bounds.within(entering, node) if world.key() not in seen]
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
            self.bounds.passed()
        flow.absorb(self.block(node.orelse, self.bounds.within(leaving, node)))
        flow.raises = self.bounds.within(flow.raises, node)
        return flow

    def turned(
        self, node: ir.Loop, world: World, flow: Flow, *, first: bool
    ) -> tuple[list[World], list[World]]:
        """The worlds in which a loop turns (once more), and those in which it ends."""
        if first and node.over is not None and isinstance(node.guard, ir.Opaque):
            return ask(self.notes, node.over, world, flow, none=False)
        yes, no = decide(self.notes, node.guard, world, flow)
        return yes, [] if first and node.once else no

    def attempt(self, node: ir.Try, worlds: list[World]) -> Flow:
        body = self.block(node.body, worlds)
        flow = Flow()
        flow.absorb(body, normal=False)
        flow.raises = []
        flow.absorb(self.block(node.orelse, body.normal))
        for world in self.bounds.within(body.raises, node.body):
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
            for pending in self.bounds.within(getattr(flow, name), point):
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
        for world in self.bounds.within(passing, node.body):
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


def _handling(world: World) -> World:
    """The world in which its exception is being handled, so that a bare ``raise`` raises it again."""
    if world.flight is None:
        return world
    return replace(world, flight=None, handling=(*world.handling, world.flight))


def _narrowed(world: World, flight: Flight) -> tuple[Flight, ...]:
    """What is being handled, when more is known of the exception that was raised again."""
    return (*world.handling[:-1], flight)


def _swallowed(classes: tuple[ir.Raised, ...], flight: Flight | None) -> tuple[bool, Flight | None]:
    if flight is None or not classes:
        return flight is not None, None
    stopped, passing = ex.class_caught(classes, flight)
    return bool(stopped), passing
