"""Contexts that are handed to other threads: by which calls, and whether one of those waits for the end.

A hand-over stands where the Context is at hand. Where that is a parameter of a function, or a function around or an
object keeps it, each call of the function is a hand-over, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import msgspec

from ctxlint.analysis import scopes as sc
from ctxlint.analysis.arguments import parameters_of, worker_arguments
from ctxlint.analysis.contexts import Contexts, Entry, Made
from ctxlint.analysis.handing import Handing
from ctxlint.analysis.resolve import Resolver
from ctxlint.analysis.scopes import Scope
from ctxlint.analysis.symbols import FunctionRef, InstanceRef, ParameterRef
from ctxlint.analysis.turns import Turns
from ctxlint.knowledge.hop import Hop
from ctxlint.model import facts as f
from ctxlint.model.walk import dotted

_DEPTH = 3
_BLOCKING = frozenset({"apply", "run_sync"})  # calls that come back when their worker has ended


@dataclass(frozen=True, slots=True)
class Hand:
    """A call that hands an ``entry`` to another thread. ``places`` are the calls by which it came to the API, the API's
    own last; the first is where the Context is at hand. ``kept``: an object keeps the Context.
    """

    entry: Entry
    row: Hop
    places: tuple[tuple[Scope, f.Call], ...]
    kept: bool = False

    @property
    def where(self) -> tuple[Scope, f.Call]:
        """The call in whose text the Context is handed over."""
        return self.places[0]

    @property
    def told(self) -> tuple[Scope, f.Call]:
        """The call to tell of: where the Context is at hand, which is the API's where an object keeps it."""
        return self.places[-1 if self.kept else 0]

    def by(self, scope: Scope, call: f.Call, made: Made, *, kept: bool) -> Hand:
        """The hand-over as a call of its function makes it."""
        return Hand(
            replace(self.entry, made=made), self.row, ((scope, call), *self.places), kept=self.kept or kept
        )


class Hands:
    """Finds the hand-overs of one program."""

    def __init__(self, resolver: Resolver, handing: Handing, contexts: Contexts) -> None:
        """Nothing is looked at until asked."""
        self._resolver = resolver
        self._handing = handing
        self._contexts = contexts
        self.turns = Turns()

    def of(self, scope: Scope, call: f.Call, row: Hop) -> Iterator[Hand]:
        """The hand-overs of a hop, those of a function's callers where the worker is its parameter."""
        for entry in self._contexts.of_hop(scope, call, row):
            yield from self._given(Hand(entry, row, ((scope, call),)), 0)
        for expr in worker_arguments(call, row.worker):
            symbol = self._resolver.resolve(scope, expr)
            if isinstance(symbol, ParameterRef):
                yield from self._passed(symbol, row, ((scope, call),), 0)

    def _passed(
        self, symbol: ParameterRef, row: Hop, places: tuple[tuple[Scope, f.Call], ...], depth: int
    ) -> Iterator[Hand]:
        """The hand-overs by calls of a function whose parameter is the worker."""
        for use, ref in self._handing.calls_of(symbol.scope) if depth < _DEPTH else ():
            assert isinstance(use.node, f.Call)  # noqa: S101 - calls only
            taken = list(zip(use.node.args, parameters_of(use.node, ref), strict=True))
            written = tuple(
                (use.scope, a.value, (use.scope, a.value)) for a, name in taken if name != symbol.name
            )
            here = (use.scope, use.node)
            for argument, name in taken:
                if name != symbol.name:
                    continue
                given = self._resolver.resolve(use.scope, argument.value)
                if isinstance(given, ParameterRef):
                    yield from self._passed(given, row, (here, *places), depth + 1)
                for entry in self._contexts.entered(
                    use.scope, argument.value, (use.scope, argument.value), written
                ):
                    yield Hand(entry, row, (here, *places))

    def _given(self, hand: Hand, depth: int) -> Iterator[Hand]:
        """The hand-over itself, and as it is made by the calls of its function, where those share the Context."""
        yield hand
        scope, _ = hand.where
        if depth >= _DEPTH or scope.kind != "function":
            return
        if self.end_here(hand) and not scope.function.is_async:
            return
        made = hand.entry.made
        for use, ref in self._handing.calls_of(scope):
            assert isinstance(use.node, f.Call)  # noqa: S101 - calls only
            found = self._made_for(made, scope, use.scope, use.node, ref)
            if found is not None:
                yield from self._given(
                    hand.by(use.scope, use.node, found, kept=made.kind == "attribute"), depth + 1
                )
        if made.kind == "attribute" and scope.function.name == "submit":
            yield from self._mapped(hand)

    def _made_for(
        self, made: Made, scope: Scope, caller: Scope, call: f.Call, ref: FunctionRef
    ) -> Made | None:
        """Where the Context of a function's hand-over comes from for one of its calls; None where each has another."""
        if made.kind == "parameter" and made.where is scope and isinstance(made.node, f.Parameter):
            taken = zip(call.args, parameters_of(call, ref), strict=True)
            given = next((a.value for a, name in taken if name == made.node.name), None)
            return self._contexts.origin(caller, given, (caller, given)) if given is not None else None
        if made.kind == "attribute" and isinstance(call.func, f.Attribute):
            if made.where.kind == "function" and made.where.function.name != "__init__":
                return None
            return self._kept_by(made, caller, call.func.value)
        return made if made.kind == "made" and is_nested(scope, made.where) else None

    def _kept_by(self, made: Made, scope: Scope, holder: f.Expr) -> Made | None:
        """Where the object that keeps a Context comes from: by then it is there."""
        if isinstance(holder, f.Name) and holder.id == sc.self_name(scope):
            return made
        found = self._resolver.bindings(scope, holder) if isinstance(holder, f.Name | f.Attribute) else None
        if found is None or len(found[1]) != 1:
            return None
        where, (binding,) = found
        if not isinstance(binding, sc.Entered | sc.Assigned):
            return None
        if isinstance(holder, f.Attribute):
            return Made("attribute", where, binding.value, made.maker)
        return Made("made", where, binding.value, made.maker)

    def _mapped(self, hand: Hand) -> Iterator[Hand]:
        """The calls of ``map`` of an executor whose ``submit`` hands over one Context: that calls it for each item."""
        scope, _ = hand.where
        for use in self._handing.named("map"):
            if isinstance(use.node, f.Call) and isinstance(use.node.func, f.Attribute):
                holder = self._resolver.resolve(use.scope, use.node.func.value)
                if isinstance(holder, InstanceRef) and self._resolver.method(holder.scope, "submit") is scope:
                    found = hand.by(use.scope, use.node, hand.entry.made, kept=True)
                    yield replace(found, row=msgspec.structs.replace(hand.row, form="iterables"))

    def end_here(self, hand: Hand) -> bool:
        """Is what is handed over waited for before one of the functions on its way goes on?"""
        for index, (scope, call) in enumerate(hand.places):
            path = self.turns.path(scope, call)
            if not index and _is_awaited(path, scope) and not self._in_own_turns(scope, call):
                return self.turns.is_waited_for(scope, call)
            if isinstance(call.func, f.Attribute) and call.func.attr in _BLOCKING:
                return True
            if index and self.turns.is_waited_for(scope, call) and not _is_awaited(path, scope):
                return True
            receiver = call.func.value if isinstance(call.func, f.Attribute) else None
            if index and any(isinstance(each, f.With) and enters(each, receiver) for each in path):
                return True
        return False

    def _in_own_turns(self, scope: Scope, call: f.Call) -> bool:
        return any(True for _ in self.turns.loops(scope, call))


def is_nested(scope: Scope, outer: Scope) -> bool:
    """Does ``scope`` stand inside ``outer``? What is made there is made anew by each of its calls."""
    where = scope.parent
    while where is not None and where is not outer:
        where = where.parent
    return where is outer


def enters(node: f.With, receiver: f.Expr | None) -> bool:
    """Does a ``with`` make the pool on which the method is called? It ends when its jobs have."""
    name = dotted(receiver) if receiver is not None else None
    return any(item.target is not None and dotted(item.target) == name for item in node.items if name)


def _is_awaited(path: tuple[f.Node, ...], scope: Scope) -> bool:
    """Is it awaited in an async function? Then that is over when it is, but other calls of it may be under way."""
    return (
        scope.kind == "function"
        and scope.function.is_async
        and any(isinstance(each, f.Await) for each in path)
    )
