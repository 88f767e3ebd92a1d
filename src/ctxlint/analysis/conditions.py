"""Which worlds hold a condition, and which do not.

A condition that is worth remembering (``relevance``) teaches: a world in which the answer was not known goes on as two,
one for each answer. Of any other both sides are taken, and nothing is learnt.
"""

from __future__ import annotations

from msgspec.structs import replace

from ctxlint.analysis import exceptions as ex
from ctxlint.analysis.flows import Flow, through
from ctxlint.analysis.relevance import full_key
from ctxlint.analysis.texts import implied
from ctxlint.analysis.transfer import Notes
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


def decide(notes: Notes, guard: ir.Guard, world: World, flow: Flow) -> tuple[list[World], list[World]]:
    """The worlds in which ``guard`` holds, and those in which it does not; what raises goes to ``flow``."""
    worlds = [world]
    if guard.events:
        ran = through(notes, guard.events, worlds)
        flow.raises += ran.raises
        worlds = ran.normal
    yes: list[World] = []
    no: list[World] = []
    for each in worlds:
        held, failed = _decided(notes, guard, each, flow)
        yes += held
        no += failed
    return yes, no


def _decided(notes: Notes, guard: ir.Guard, world: World, flow: Flow) -> tuple[list[World], list[World]]:
    match guard:
        case ir.Always():
            return [world], []
        case ir.Negated(guard=inner):
            yes, no = decide(notes, inner, world, flow)
            return no, yes
        case ir.Every(guards=guards):
            return _chain(notes, guards, world, flow)
        case ir.Either(guards=guards):
            no, yes = _chain(notes, tuple(ir.Negated(guard=g) for g in guards), world, flow)
            return yes, no
        case ir.IsNone(place=place):
            return ask(notes, place, world, flow, none=True)
        case ir.Truthy(place=place, whole=whole):
            return ask(notes, place, world, flow, none=False, whole=whole)
        case ir.Unset(var=var, exact=exact):
            missing = replace(world, unset=world.unset | {var})
            held = world.held(var)
            if not held:
                return [missing], [world]
            # What is empty again is made again, where it was only made because there was none.
            made = all(notes.created.get(newest(site), False) for site in held)
            return ([] if exact else [missing if made else world]), [world]
        case ir.Opaque():
            return _opaque(notes, guard, world)


def _chain(
    notes: Notes, guards: tuple[ir.Guard, ...], world: World, flow: Flow
) -> tuple[list[World], list[World]]:
    yes, no = [world], list[World]()
    for guard in guards:
        held: list[World] = []
        for each in yes:
            passed, failed = decide(notes, guard, each, flow)
            held += passed
            no += failed
        yes = held
    return yes, no


def _opaque(notes: Notes, guard: ir.Opaque, world: World) -> tuple[list[World], list[World]]:
    full = full_key(guard)
    known = world.guards.get(full)
    if known is None and guard.text is not None:
        known = _by_other_questions(notes, guard.text, world)
    if known is not None:
        return ([world], []) if known else ([], [world])
    if guard.key not in notes.relevance.keys:
        return [world], [world]
    held = replace(world, guards={**world.guards, full: True})
    failed = replace(world, guards={**world.guards, full: False})
    return [held], [failed]


def _by_other_questions(notes: Notes, asked: ir.TextTest, world: World) -> bool | None:
    """What the answers to other questions about the same text say."""
    for key, held in world.guards.items():
        other = notes.relevance.texts.get(key)
        if other is not None and other.subject == asked.subject:
            answer = implied(other, asked, held=held)
            if answer is not None:
                return answer
    return None


def ask(
    notes: Notes, place: Place, world: World, flow: Flow, *, none: bool, whole: bool = False
) -> tuple[list[World], list[World]]:
    """``place is None`` (``none``) or ``place`` tested for truth; ``whole``: only None is false."""
    value = world.value(place)
    if isinstance(value, Unbound):
        flight = Flight(ex.NO_VALUE, world.at, ir.Grade.CERTAIN)
        flow.raises.append(replace(world, flight=flight))
        return [], []
    answer = _answer(value, none=none)
    if answer is None and _holds_token(place, world):
        answer = not none
    if answer is not None:
        return ([world], []) if answer else ([], [world])
    if isinstance(value, Saved):
        return _saved(notes, place, value, world, none=none)
    if place not in notes.relevance.places:
        return [world], [world]
    if none:
        return [world.with_value(place, NONE)], [world.with_value(place, Known(is_none=False, truth=None))]
    known = value.is_none if isinstance(value, Known) else None
    if whole and known is False:
        return [world.with_value(place, Known(is_none=False, truth=True))], []
    return (
        [world.with_value(place, Known(is_none=False, truth=True))],
        [world.with_value(place, Known(is_none=known, truth=False))],
    )


def _holds_token(place: Place, world: World) -> bool:
    """Is a token in a part of what ``place`` holds, as in the tuple of a helper? Then it is there, and true."""
    depth = len(place.path)
    return any(
        isinstance(value, Token | Bag)
        for known, value in world.values.items()
        if known.root == place.root and len(known.path) > depth and known.path[:depth] == place.path
    )


def _saved(
    notes: Notes, place: Place, value: Saved, world: World, *, none: bool
) -> tuple[list[World], list[World]]:
    """What ``var.get()`` gave is tested: it may be put back later, so the answer is remembered beside it."""
    key = saved_key(place, none=none)
    known = world.guards.get(key)
    if known is not None:
        return ([world], []) if known else ([], [world])
    if place in notes.relevance.places:
        held = replace(world, guards={**world.guards, key: True})
        failed = replace(world, guards={**world.guards, key: False})
    else:
        held = failed = world
    empty, full = (held, failed) if none else (failed, held)
    empty = replace(empty, unset=empty.unset | {value.var})
    return ([empty], [full]) if none else ([full], [empty])


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
