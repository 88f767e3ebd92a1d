"""The slice: which conditions of a function are worth remembering.

Every condition that is remembered can double the worlds, so only those are that stand around a way out or around
something that happens to a variable, and that are tested again or are a flag that the function sets itself.
"""

from __future__ import annotations

import collections
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from ctxlint.model import ir
from ctxlint.model.ids import Place
from ctxlint.model.spans import Span

T = TypeVar("T", bound=Hashable)

_MATTERS = (ir.Set, ir.Reset, ir.ResetEach, ir.Restore)


@dataclass(frozen=True, slots=True)
class Relevance:
    """``places`` whose truth and None-ness are remembered, ``keys`` of opaque conditions that are, and the ``tokens``:
    places that a token may reach or that are reset, of which it is remembered that they are None or unbound; ``texts``:
    what the conditions ask that ask something of a text, by their full keys.
    """

    places: frozenset[Place]
    keys: frozenset[str]
    tokens: frozenset[Place]
    texts: Mapping[str, ir.TextTest]


def relevance(body: ir.Block, *, exits: bool = True) -> Relevance:
    """The slice of a function. Without ``exits`` the conditions that only stand around ways out are left aside."""
    tested: collections.Counter[Place | str] = collections.Counter()
    around: set[Place | str] = set()
    escaping: set[Place | str] = set()
    flags: set[Place | str] = set()
    moves: list[tuple[Place, Place]] = []
    tokens = _token_places(body)
    opaque = tuple(_opaque(body))
    texts = {guard: guard.text for guard in opaque if guard.text is not None}
    pure = {guard.key for guard in opaque if guard.text is not None or guard.steady}
    for node in nodes(body):
        if isinstance(node, ir.Do):
            binds = [event for event in node.events if isinstance(event, ir.Bind)]
            flags.update(bind.place for bind in binds if isinstance(bind.value, ir.Constant))
            moves += [(bind.place, bind.value) for bind in binds if isinstance(bind.value, Place)]
        if isinstance(node, ir.Branch | ir.Loop):
            leaves = list(_leaves(node.guard))
            if isinstance(node, ir.Loop) and node.over is not None:
                leaves.append(node.over)
            tested.update(leaves)
            below = tuple(nodes(_below(node)))
            if any(_matters(part, exits=exits) or _binds(part, tokens) for part in below):
                sets = any(_sets(part) for part in below)
                around.update(leaf for leaf in leaves if sets or not _asks(leaf, pure))
            if exits and any(_may_raise(part) for part in below):
                escaping.update(leaves)
        if isinstance(node, ir.Loop):  # what the body tests is tested again on the next turn
            inner = (_leaves(part.guard) for part in nodes(node.body) if isinstance(part, ir.Branch))
            tested.update(
                leaf for leaves in inner for leaf in leaves if isinstance(leaf, Place) and not leaf.path
            )
    flags |= {place for place, source in moves if source in flags}
    subjects = collections.Counter(test.subject for test in set(texts.values()))
    for guard, test in texts.items():  # another question about the same text may be answered by this one
        tested[guard.key] += subjects[test.subject] - 1
    kept = {leaf for leaf in around if tested[leaf] > 1 or leaf in flags} | (escaping & flags)
    kept |= {source for place, source in moves if place in kept}
    return Relevance(
        frozenset(leaf for leaf in kept if isinstance(leaf, Place)),
        frozenset(leaf for leaf in kept if isinstance(leaf, str)),
        tokens,
        {full_key(guard): test for guard, test in texts.items()},
    )


def _opaque(body: ir.Block) -> Iterator[ir.Opaque]:
    for node in nodes(body):
        for part in guard_parts(node.guard) if isinstance(node, ir.Branch | ir.Loop) else ():
            if isinstance(part, ir.Opaque):
                yield part


def full_key(guard: ir.Opaque) -> str:
    """What correlates an opaque condition with the same one elsewhere: the names that it reads, and its text."""
    return f"{','.join(guard.names)}|{guard.key}"


def _token_places(body: ir.Block) -> frozenset[Place]:
    found = {event.into for event in events(body) if isinstance(event, ir.Set) and event.into is not None}
    found.update(e.token for e in events(body) if isinstance(e, ir.Reset) and isinstance(e.token, Place))
    copies = [
        (e.value, e.place) for e in events(body) if isinstance(e, ir.Bind) and isinstance(e.value, Place)
    ]
    return frozenset(reached(found, copies))


def nodes(block: ir.Block) -> Iterator[ir.NodeT]:
    """Every node of a block, at any depth."""
    stack = list(reversed(block))
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(_below(node)))


def events(block: ir.Block) -> Iterator[ir.Event]:
    """Every event of a block, at any depth, those in conditions and at the end of ``with`` included."""
    for node in nodes(block):
        match node:
            case ir.Do(events=found):
                yield from found
            case ir.Branch(guard=guard) | ir.Loop(guard=guard):
                for part in guard_parts(guard):
                    yield from part.events
            case ir.With(leave=leave):
                yield from leave
            case _:
                pass


def guard_parts(guard: ir.Guard) -> Iterator[ir.Guard]:
    """A condition and every condition that it is made of."""
    stack: list[ir.Guard] = [guard]
    while stack:
        part = stack.pop()
        yield part
        match part:
            case ir.Negated(guard=inner):
                stack.append(inner)
            case ir.Every(guards=guards) | ir.Either(guards=guards):
                stack.extend(reversed(guards))
            case _:
                pass


def reached(starts: Iterable[T], moves: Collection[tuple[T, T]]) -> set[T]:
    """``starts``, and all that can be reached from them by ``moves`` (from, to), however many."""
    found = set(starts)
    size = -1
    while size != len(found):
        size = len(found)
        found.update(target for source, target in moves if source in found)
    return found


def final_spans(body: ir.Block) -> frozenset[Span]:
    """Where the events stand that run on every way out of something: in a ``finally``, at the end of a ``with``."""
    found: set[Span] = set()
    for node in nodes(body):
        if isinstance(node, ir.Try):
            found.update(event.span for event in events(node.final))
        elif isinstance(node, ir.With):
            found.update(event.span for event in node.leave)
    return frozenset(found)


def _below(node: ir.NodeT) -> ir.Block:
    match node:
        case ir.Branch(then=then, orelse=orelse):
            return (*then, *orelse)
        case ir.Loop(head=head, body=body, orelse=orelse):
            return (*head, *body, *orelse)
        case ir.Try(body=body, handlers=handlers, orelse=orelse, final=final):
            return (*body, *(part for handler in handlers for part in handler.body), *orelse, *final)
        case ir.With(body=body):
            return body
        case _:
            return ()


def _matters(node: ir.NodeT, *, exits: bool) -> bool:
    """Does something happen to a variable here, or is this a way out?"""
    if isinstance(node, ir.Exit):
        return exits
    return isinstance(node, ir.Do) and any(isinstance(event, _MATTERS) for event in node.events)


def _binds(node: ir.NodeT, tokens: frozenset[Place]) -> bool:
    """Is something put into a place that a reset asks for a token?"""
    return isinstance(node, ir.Do) and any(
        isinstance(event, ir.Bind) and event.place in tokens for event in node.events
    )


def _may_raise(node: ir.NodeT) -> bool:
    return isinstance(node, ir.Do) and any(isinstance(event, ir.Call | ir.Suspend) for event in node.events)


def _sets(node: ir.NodeT) -> bool:
    return isinstance(node, ir.Do) and any(isinstance(event, ir.Set) for event in node.events)


def empties(event: ir.Set) -> bool:
    """Does a set write None, the default or an empty object?"""
    return isinstance(event.value, ir.Constant) and event.value.empty


def _asks(leaf: Place | str, pure: Collection[str]) -> bool:
    """Does the condition call something, which may answer differently when it is asked again? It is remembered only
    where it decides over a set: then the same question around the reset is the author's way to pair them.
    """
    return isinstance(leaf, str) and "Call(" in leaf and leaf not in pure


def _leaves(guard: ir.Guard) -> Iterator[Place | str]:
    for part in guard_parts(guard):
        match part:
            case ir.IsNone(place=place) | ir.Truthy(place=place):
                yield place
            case ir.Opaque(key=key) if key:
                yield key
            case _:
                pass
