"""Where context managers and wrappers hold the values that they set.

What an ``__enter__``, or a generator before its ``yield``, sets is in force in the body of each ``with`` that enters
it, and in the function below it where it decorates one; what a wrapper sets, in the functions that it is put around. A
manager that is made and handed to something unknown holds its value from there on.
"""

from __future__ import annotations

import collections
import functools
from collections.abc import Iterator

from ctxlint.analysis import frame_kinds
from ctxlint.analysis.callers import Use
from ctxlint.analysis.program import Program
from ctxlint.analysis.reads import entry_of
from ctxlint.analysis.regions import Region, region_of_block, withs
from ctxlint.analysis.scopes import Scope
from ctxlint.analysis.symbols import ClassRef, FunctionRef
from ctxlint.model import facts as f
from ctxlint.model.ids import VarId
from ctxlint.model.observations import SiteOutcome


class Holders:
    """Answers for one program."""

    def __init__(self, program: Program) -> None:
        """Nothing is looked at until asked."""
        self._program = program

    def of(self, scope: Scope, outcome: SiteOutcome) -> Iterator[Region | None]:
        """Where a context manager or a wrapper holds a value; None where what is wrapped is outside of the program."""
        if frame_kinds.is_enter(scope):
            yield from tuple(self._entered(scope)) or ((None,) if self._is_named(scope) else ())
        elif frame_kinds.is_scope_generator(self._program, scope):
            yield from self._blocks(scope, frozenset())
        elif outcome.wrapped is not None:
            yield from tuple(self._wrapped(scope)) or (None,)

    def by_call(self, use: Use, var: VarId) -> Iterator[Region | None]:
        """Where a context manager or a wrapper that sets a value by a call holds it; see ``of``."""
        outcome = self._program.outcome(use.scope)
        for each in outcome.sites if outcome is not None else ():
            if each.site.helper is not None and each.site.var == var and each.site.span == use.node.span:
                yield from self.of(use.scope, each)

    def _entered(self, enter: Scope) -> Iterator[Region]:
        """The blocks and functions that an instance of a class is entered for."""
        yield from self._by_enter.get(enter, ())
        assert enter.owner is not None  # noqa: S101 - a method has a class
        for use in self._program.uses.named(enter.owner.node.name if enter.owner.node is not None else ""):
            made = use.node.func if isinstance(use.node, f.Call) else None
            if made is None or self._program.resolver.resolve(use.scope, made) != ClassRef(enter.owner):
                continue
            decorated = _decorated_by(use)
            if decorated is not None:
                yield Region(decorated, 0)
            elif use.kind == "handed":
                yield Region(use.scope, use.node.span.start)

    @functools.cached_property
    def _by_enter(self) -> dict[Scope, list[Region]]:
        found: dict[Scope, list[Region]] = collections.defaultdict(list)
        for scope in self._program.functions():
            for context in withs(scope):
                enter = entry_of(self._program.resolver, scope, context)
                region = region_of_block(scope, context) if enter is not None else None
                if enter is not None and region is not None:
                    found[enter].append(region)
        return found

    def _blocks(self, maker: Scope, seen: frozenset[Scope]) -> Iterator[Region]:
        """The blocks and functions that a context manager made by a function is entered for."""
        for use in self._program.uses.of(maker):
            if frame_kinds.is_test_file(self._program, use.scope.path):
                continue
            block = region_of_block(use.scope, use.node)
            decorated = _decorated_by(use)
            if block is not None:
                yield block
            elif decorated is not None:
                yield Region(decorated, 0)
            elif use.scope.kind == "function" and use.scope not in seen and _is_returned(self._program, use):
                yield from self._blocks(use.scope, seen | {maker})
            elif isinstance(
                use.node, f.Call
            ):  # one that is only named (a table of managers) is entered who knows where
                yield Region(use.scope, use.node.span.start)

    def _is_named(self, enter: Scope) -> bool:
        """Does the program, its tests left out, name a manager's class? Who gets an instance is not always known."""
        assert enter.owner is not None  # noqa: S101 - a method has a class
        uses = self._program.uses.named(enter.owner.qualname.rpartition(".")[2])
        return any(not frame_kinds.is_test_file(self._program, use.scope.path) for use in uses)

    def _wrapped(self, wrapper: Scope) -> Iterator[Region | None]:
        """The functions that a wrapper is put around."""
        maker = wrapper.parent
        while maker is not None and maker.kind == "function":
            for use in self._program.uses.of(maker):
                decorated = _decorated_by(use)
                if decorated is not None:
                    yield Region(decorated, 0)
                    continue
                for argument in use.node.args if isinstance(use.node, f.Call) else ():
                    given = self._program.resolver.resolve(use.scope, argument.value)
                    yield Region(given.scope, 0) if isinstance(given, FunctionRef) else None
            maker = maker.parent


def _decorated_by(use: Use) -> Scope | None:
    """The function that stands below a decorator."""
    for child in use.scope.children:
        if child.kind == "function" and any(each is use.node for each in child.function.decorators):
            return child
    return None


def _is_returned(program: Program, use: Use) -> bool:
    return any(value is use.node for value in program.resolver.returns(use.scope))
