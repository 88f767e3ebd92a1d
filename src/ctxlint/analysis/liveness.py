"""What the rest of a function may still ask: the facts that are worth remembering at a point of it.

A world that knows something nobody asks any more is not different from one that does not: ``if a: x()`` /
``if b: y()`` / ``if c: z()`` are eight ways, and one state, once nothing below looks at ``a``, ``b`` and ``c``. This is
the backward analysis known as liveness, over the nested blocks of the IR. A **need** is the root of a place that is
read, the full key of an opaque condition, or a variable that is set (whether it was known to be unset matters there).

It is asked for only where a bound would be passed, so it may cost a few walks over the function: a loop is gone
through until nothing changes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from msgspec.structs import replace

from ctxlint.analysis.relevance import full_key
from ctxlint.analysis.worlds import Bag, Token, World, saved_key
from ctxlint.model import ir
from ctxlint.model.ids import Place, VarId

Need: TypeAlias = "str | VarId"
Needs: TypeAlias = frozenset[Need]
_NOTHING: Needs = frozenset()


@dataclass(frozen=True, slots=True)
class _Ways:
    """What is needed where each kind of exit leads to."""

    raises: Needs = _NOTHING
    ret: Needs = _NOTHING
    brk: Needs = _NOTHING
    cont: Needs = _NOTHING

    def all(self) -> Needs:
        return self.raises | self.ret | self.brk | self.cont


@dataclass(frozen=True, slots=True)
class Liveness:
    """``before``: what is needed when a node begins; ``after``: where an exception of a block leads to. Both by the
    identity of the node or block, which lives as long as the body does.
    """

    before: dict[int, Needs] = field(default_factory=dict[int, Needs])
    raising: dict[int, Needs] = field(default_factory=dict[int, Needs])

    # --- blocks, backwards ---------------------------------------------------------------------------------

    def block(self, body: ir.Block, out: Needs, ways: _Ways) -> Needs:
        """What is needed before ``body``, where ``out`` is after it."""
        self.raising[id(body)] = self.raising.get(id(body), _NOTHING) | ways.raises
        for node in reversed(body):
            out = self._node(node, out, ways)
            self.before[id(node)] = out = self.before.get(id(node), _NOTHING) | out
        return out

    def _node(self, node: ir.NodeT, out: Needs, ways: _Ways) -> Needs:
        match node:
            case ir.Do(events=events):
                return _before(events, out) | ways.raises
            case ir.Branch(guard=guard, then=then, orelse=orelse):
                either = self.block(then, out, ways) | self.block(orelse, out, ways)
                return _asked(guard, either) | ways.raises
            case ir.Loop():
                return self._loop(node, out, ways)
            case ir.Try(body=body, handlers=handlers, orelse=orelse, final=final):
                if final:
                    out = self.block(final, out | ways.all(), ways)
                    ways = _Ways(out, out, out, out)
                caught = [self.block(each.body, out, ways) for each in handlers]
                after = self.block(orelse, out, ways)
                thrown = ways.raises.union(*caught)
                return self.block(body, after, _Ways(thrown, ways.ret, ways.brk, ways.cont)) | thrown
            case ir.With(body=body, leave=leave):
                out = _before(leave, out | ways.all())
                return self.block(body, out, _Ways(out, out, out, out))
            case ir.Exit(kind=kind):
                kinds = {"return": ways.ret, "break": ways.brk, "continue": ways.cont, "raise": ways.raises}
                return kinds[kind]

    def _loop(self, node: ir.Loop, out: Needs, ways: _Ways) -> Needs:
        over = _NOTHING if node.over is None else frozenset({node.over.root})
        done = self.block(node.orelse, out, ways)
        top, before = done, None
        while top != before:  # what a turn needs, the turn before it must keep
            before = top
            turn = self.block(node.body, top, _Ways(ways.raises, ways.ret, out, top))
            top |= self.block(node.head, _asked(node.guard, turn | done) | over, ways)
        return top | ways.raises


def liveness(body: ir.Block) -> Liveness:
    """What is needed at each point of a function."""
    found = Liveness()
    found.block(body, _NOTHING, _Ways())
    return found


# --- events ------------------------------------------------------------------------------------------------


def _before(events: tuple[ir.Event, ...], needed: Needs) -> Needs:
    for event in reversed(events):
        needed = _event(event, needed)
    return needed


def _event(event: ir.Event, needed: Needs) -> Needs:
    match event:
        case ir.Set(var=var, into=into, value=value):
            return _without(into, needed) | {var} | _roots(value)
        case ir.Reset(token=token):
            return needed | _roots(token)
        case ir.ResetEach(container=container):
            return needed | {container.root}
        case ir.Restore(saved=saved):
            return needed | _roots(saved)
        case ir.Get(into=into):
            return _without(into, needed)
        case ir.Bind(place=place, value=value):
            if place.path:  # what lies in it counts at an exit, and whether it is empty is asked here
                return needed | {place.root} | _roots(value)
            return _without(place, needed) | (_roots(value) if place.root in needed else _NOTHING)
        case ir.Collect(container=container, value=value):
            return needed | {container.root} | _roots(value)
        case _:
            return needed


def _without(place: Place | None, needed: Needs) -> Needs:
    return needed - {place.root} if place is not None and not place.path else needed


def _roots(operand: ir.Operand) -> Needs:
    return frozenset({operand.root}) if isinstance(operand, Place) else _NOTHING


def _asked(guard: ir.Guard, needed: Needs) -> Needs:
    """What is needed before ``guard`` is decided, where ``needed`` is after it."""
    match guard:
        case ir.IsNone(place=place):
            needed |= {place.root, saved_key(place, none=True)}
        case ir.Truthy(place=place):
            needed |= {place.root, saved_key(place, none=False)}
        case ir.Opaque(text=text):
            needed |= {full_key(guard)} if text is None else {full_key(guard), _about(full_key(guard))}
        case ir.Negated(guard=inner):
            needed = _asked(inner, needed)
        case ir.Every(guards=guards) | ir.Either(guards=guards):
            for inner in reversed(guards):
                needed |= _asked(inner, needed)
        case _:
            pass
    return _before(guard.events, needed)


def _about(key: str) -> str:
    """Stands for all conditions that read the same names: an answer to one may answer another."""
    return f"{key.partition('|')[0]}|"


def kept(world: World, needed: Needs, tokens: frozenset[Place]) -> World:
    """``world`` without what nobody asks any more. What is known of ``tokens`` in attributes counts at an exit."""
    values = {
        place: value
        for place, value in world.values.items()
        if place.root in needed or isinstance(value, Token | Bag) or (place.path and place in tokens)
    }
    guards = {key: held for key, held in world.guards.items() if key in needed or _about(key) in needed}
    return replace(world, values=values, guards=guards, unset=world.unset & needed)
