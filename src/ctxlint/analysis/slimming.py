"""Long functions, without what makes no difference to any variable.

Of a thousand statements ten may touch a token. What stands between them, branches and loops included, matters by what
it may raise and by whether it works with the values: a run of such **plain** nodes is one step that may raise each of
the same exceptions. Nothing is lost but the branches that a story could have named on the way to the raise, so only
functions are slimmed in which that many steps would help nobody.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator

from msgspec.structs import replace

from ctxlint.analysis.relevance import Relevance, events, guard_parts, nodes, reached
from ctxlint.model import ir
from ctxlint.model.ids import Place

_LONG = 400
"""Nodes of a function from which on it is slimmed."""


def slimmed(body: ir.Block, known: Relevance) -> ir.Block:
    """``body``, or where it is long the same with each run of plain nodes as one step."""
    if sum(1 for _ in nodes(body)) < _LONG:
        return body
    return _Slimming(known, _roots(body, known)).block(body)


def _roots(body: ir.Block, known: Relevance) -> frozenset[str]:
    """The names of places that may hold a token or a saved value, and of those whose truth is remembered."""
    found = {place.root for place in known.places | known.tokens}
    for node in nodes(body):  # to bind a name that a remembered condition reads forgets the answer
        if isinstance(node, ir.Branch | ir.Loop):
            for asked in guard_parts(node.guard):
                if isinstance(asked, ir.Opaque) and asked.key in known.keys:
                    found.update(asked.names)
    moves: list[tuple[str, str]] = []
    for event in events(body):
        match event:
            case ir.Set(into=place) if place is not None:
                found.add(place.root)
            case ir.Get(into=place) | ir.ResetEach(container=place):
                found.add(place.root)
            case ir.Reset(token=Place() as place) | ir.Restore(saved=Place() as place):
                found.add(place.root)
            case (
                ir.Bind(place=place, value=Place() as value)
                | ir.Collect(container=place, value=Place() as value)
            ):
                moves.append((place.root, value.root))
            case _:
                pass
    return frozenset(reached(found, [*moves, *((source, target) for target, source in moves)]))


class _Slimming:
    """Joins what is plain."""

    def __init__(self, known: Relevance, roots: frozenset[str]) -> None:
        self.known = known
        self.roots = roots

    def block(self, body: ir.Block) -> ir.Block:
        return tuple(self.joined(body))

    def joined(self, body: ir.Block) -> Iterator[ir.NodeT]:
        run: list[ir.NodeT] = []
        for node in body:
            if self.is_plain(node):
                run.append(node)
                continue
            if run:
                yield _step(run)
                run = []
            yield self.slim(node)
        if run:
            yield _step(run)

    def slim(self, node: ir.NodeT) -> ir.NodeT:
        match node:
            case ir.Branch(then=then, orelse=orelse):
                return replace(node, then=self.block(then), orelse=self.block(orelse))
            case ir.Loop(head=head, body=body, orelse=orelse):
                return replace(node, head=self.block(head), body=self.block(body), orelse=self.block(orelse))
            case ir.Try(body=body, handlers=handlers, orelse=orelse, final=final):
                caught = tuple(replace(each, body=self.block(each.body)) for each in handlers)
                body, orelse, final = self.block(body), self.block(orelse), self.block(final)
                return replace(node, body=body, handlers=caught, orelse=orelse, final=final)
            case ir.With(body=body):
                return replace(node, body=self.block(body))
            case _:
                return node

    def is_plain(self, node: ir.NodeT) -> bool:
        match node:
            case ir.Do(events=found):
                return all(self.is_plain_event(event) for event in found)
            case ir.Branch(guard=guard, then=then, orelse=orelse):
                return self.is_plain_guard(guard) and self.are_plain((*then, *orelse))
            case ir.Loop(head=head, guard=guard, body=body, orelse=orelse):
                return self.is_plain_guard(guard) and self.are_plain((*head, *body, *orelse))
            case ir.With(body=body, swallows=None, leave=()):
                return self.are_plain(body)
            case _:
                return False

    def are_plain(self, found: Iterable[ir.NodeT]) -> bool:
        return all(self.is_plain(node) for node in found)

    def is_plain_event(self, event: ir.Event) -> bool:
        match event:
            case ir.Call():
                return True
            case ir.Suspend(kind=kind):
                return kind == "await"
            case ir.Bind(place=place, value=value) | ir.Collect(container=place, value=value):
                return not self.is_wanted(place) and not self.is_wanted(value)
            case ir.Hand(value=value):
                return not self.is_wanted(value)
            case _:
                return False

    def is_wanted(self, operand: ir.Operand) -> bool:
        return isinstance(operand, Place) and operand.root in self.roots

    def is_plain_guard(self, guard: ir.Guard) -> bool:
        return all(self.is_plain_part(part) for part in guard_parts(guard))

    def is_plain_part(self, part: ir.Guard) -> bool:
        if not all(self.is_plain_event(event) for event in part.events):
            return False
        match part:
            case ir.Opaque(key=key):
                return key not in self.known.keys
            case ir.IsNone(place=place) | ir.Truthy(place=place):
                return place.root not in self.roots
            case ir.Negated() | ir.Every() | ir.Either():
                return True
            case _:
                return False


def _step(run: list[ir.NodeT]) -> ir.Do:
    """One step for a run of plain nodes: the first event of each kind."""
    kinds: dict[Hashable, ir.EventT] = {}
    for event in events(tuple(run)):
        match event:
            case ir.Call(grade=grade, work=work, mark=mark, raised=raised):
                kinds.setdefault((grade, work, mark, raised), event)
            case ir.Suspend(raises=raises):
                kinds.setdefault(raises, event)
            case _:
                pass
    return ir.Do(run[0].span, tuple(kinds.values()))
