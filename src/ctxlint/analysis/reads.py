"""Where functions read and where they first set a variable, in the order of their text."""

from __future__ import annotations

from dataclasses import dataclass

from ctxlint.analysis.lowering.statements import scoped_variables
from ctxlint.analysis.program import Program
from ctxlint.analysis.scopes import Scope
from ctxlint.analysis.symbols import FunctionRef
from ctxlint.model import facts as f
from ctxlint.model.ids import VarId
from ctxlint.model.walk import walk


@dataclass(frozen=True, slots=True)
class Read:
    """A call of ``get`` in the text of ``scope``."""

    var: VarId
    scope: Scope
    node: f.Call


class Reads:
    """The reads and first sets of the program's functions, found as they are asked for."""

    def __init__(self, program: Program) -> None:
        """Nothing is looked at until asked."""
        self._program = program
        self._reads: dict[Scope, tuple[Read, ...]] = {}
        self._first: dict[Scope, dict[VarId, int]] = {}

    def of(self, scope: Scope) -> tuple[Read, ...]:
        """The reads in a function's own text. One that only prepares a set of the same variable (the next depth, a
        longer stack) counts for nothing.
        """
        if scope not in self._reads:
            self._reads[scope] = tuple(self._found(scope)) if scope.path in self._program.modules else ()
        return self._reads[scope]

    def first_set(self, scope: Scope, var: VarId) -> int | None:
        """Where in a function's text the variable is first set, by itself, a helper or a context manager."""
        if scope not in self._first:
            self._first[scope] = self._sets(scope) if scope.path in self._program.modules else {}
        return self._first[scope].get(var)

    def _found(self, scope: Scope) -> list[Read]:
        if "get" not in scope.spelled:
            return []
        found = [
            Read(var, scope, call)
            for call in scope.calls
            if isinstance(call.func, f.Attribute)
            and call.func.attr == "get"
            and (var := self._program.resolver.variable(scope, call.func.value)) is not None
        ]
        if not found:
            return []
        outcome = self._program.outcome(scope)
        derived = {each.site.var for each in outcome.sites if each.site.derived} if outcome is not None else set()
        return [read for read in found if read.var not in derived]

    def _sets(self, scope: Scope) -> dict[VarId, int]:
        found: dict[VarId, int] = {}
        resolver = self._program.resolver
        for call in scope.calls:
            touched: set[VarId] = set()
            if isinstance(call.func, f.Attribute) and call.func.attr == "set":
                var = resolver.variable(scope, call.func.value)
                touched |= {var} if var is not None else set()
            symbol = resolver.resolve(scope, call.func)
            if isinstance(symbol, FunctionRef):
                effects = self._program.effects(symbol.scope)
                touched |= effects.sets | {token.var for token in effects.tokens}
            for var in touched:
                found[var] = min(found.get(var, call.span.start), call.span.start)
        for statement in scope.body:
            for node in walk(statement, into_scopes=False):
                if isinstance(node, f.WithItem):
                    for var in scoped_variables(self._program.frame(scope), node.context):
                        found[var] = min(found.get(var, node.span.start), node.span.start)
        return found
