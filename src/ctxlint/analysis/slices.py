"""One variable of a function at a time.

What happens to two variables is independent, unless one's token is reset on the other: ``n`` variables that are each
set under a condition of their own are two to the ``n`` worlds together, and two apiece. A **slice** is a function's IR
with the events of every other variable left out: a token of another variable is a value that is not None and nothing
more. All ways out are kept, and so are the conditions, whoever they belong to.
"""

from __future__ import annotations

from msgspec.structs import replace

from ctxlint.analysis.relevance import events, reached
from ctxlint.model import ir
from ctxlint.model.ids import Place, VarId

_OTHER_TOKEN = ir.Constant("token", empty=False, truth=True)


def sliced(body: ir.Block, var: VarId) -> ir.Block:
    """``body`` with what happens to ``var``, and to no other variable."""
    return _Slice(var, _token_roots(body, var)).block(body)


def _token_roots(body: ir.Block, var: VarId) -> frozenset[str]:
    """The names that a token of ``var`` may reach."""
    found = {
        e.into.root for e in events(body) if isinstance(e, ir.Set) and e.var == var and e.into is not None
    }
    moves = [
        (e.value.root, (e.place if isinstance(e, ir.Bind) else e.container).root)
        for e in events(body)
        if isinstance(e, ir.Bind | ir.Collect) and isinstance(e.value, Place)
    ]
    return frozenset(reached(found, moves))


class _Slice:
    """Leaves the events of other variables out."""

    def __init__(self, var: VarId, roots: frozenset[str]) -> None:
        self.var = var
        self.roots = roots

    def block(self, body: ir.Block) -> ir.Block:
        return tuple(self.node(node) for node in body)

    def node(self, node: ir.NodeT) -> ir.NodeT:
        match node:
            case ir.Do(events=found):
                return replace(node, events=self.kept(found))
            case ir.Branch(guard=guard, then=then, orelse=orelse):
                return replace(
                    node, guard=self.guard(guard), then=self.block(then), orelse=self.block(orelse)
                )
            case ir.Loop(head=head, guard=guard, body=body, orelse=orelse):
                inner = (self.block(part) for part in (head, body, orelse))
                head, body, orelse = inner
                return replace(node, head=head, guard=self.guard(guard), body=body, orelse=orelse)
            case ir.Try(body=body, handlers=handlers, orelse=orelse, final=final):
                body, orelse, final = (self.block(part) for part in (body, orelse, final))
                caught = tuple(replace(each, body=self.block(each.body)) for each in handlers)
                return replace(node, body=body, handlers=caught, orelse=orelse, final=final)
            case ir.With(body=body, leave=leave):
                return replace(node, body=self.block(body), leave=self.kept(leave))
            case ir.Exit():
                return node

    def guard(self, guard: ir.Guard) -> ir.Guard:
        match guard:
            case ir.Negated(guard=inner):
                guard = replace(guard, guard=self.guard(inner))
            case ir.Every(guards=guards) | ir.Either(guards=guards):
                guard = replace(guard, guards=tuple(self.guard(inner) for inner in guards))
            case ir.Unset(var=var, events=found) if var != self.var:
                guard = ir.Opaque(found)
            case _:
                pass
        return replace(guard, events=self.kept(guard.events))

    def kept(self, found: tuple[ir.EventT, ...]) -> tuple[ir.EventT, ...]:
        """Those of ``found`` that this variable may have a part in."""
        return tuple(event for each in found for event in self.event(each))

    def event(self, event: ir.EventT) -> tuple[ir.EventT, ...]:
        match event:
            case ir.Set(span=span, var=var, into=into) if var != self.var:
                return () if into is None else (ir.Bind(span, into, _OTHER_TOKEN),)
            case ir.Get(span=span, var=var, into=into) if var != self.var:
                return (ir.Bind(span, into, None),)
            case ir.Reset(var=var, token=token) if var != self.var:
                reached = isinstance(token, Place) and token.root in self.roots
                return (event,) if reached else ()
            case ir.Restore(var=var) if var != self.var:
                return ()
            case _:
                return (event,)
