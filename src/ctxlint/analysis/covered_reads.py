"""Can anybody see a value that a function leaves behind? Not where every read of the program comes behind a set.

A read is *covered* where its function certainly sets the variable before it, or where every place that the function is
called from is covered: what was left there before is overwritten unseen. A function that nobody calls, or that is
stored or handed to something unknown, may be run by anybody, and so may what is called by an attribute that cannot be
resolved: that has to be covered at each call of that name. A variable that is handed on itself is read by whoever gets
it.

Left out: a call in between that comes back to the function and sets another value, which the rest of the function sees.
"""

from __future__ import annotations

from collections.abc import Iterator

from ctxlint.analysis.callers import Use
from ctxlint.analysis.dominance import before
from ctxlint.analysis.frame_kinds import is_test_file
from ctxlint.analysis.innocence import Innocence
from ctxlint.analysis.program import Program
from ctxlint.analysis.reads import Reads
from ctxlint.analysis.scopes import Scope
from ctxlint.analysis.started import runs_in_copy, starters
from ctxlint.analysis.symbols import FunctionRef
from ctxlint.model import facts as f
from ctxlint.model.ids import VarId
from ctxlint.model.walk import parts

_RUNS = ("contextvars.copy_context().run", "contextvars.Context().run")
_LEAVING = (f.Return, f.Raise, f.Break, f.Continue)


class CoveredReads:
    """Answers for the variables of one program."""

    def __init__(self, program: Program) -> None:
        """Nothing is looked at until asked."""
        self._program = program
        self._reads = program.once(Reads)
        self._innocence = program.once(Innocence)
        self._all: dict[VarId, list[tuple[Scope, f.Call]]] | None = None
        self._unseen: dict[VarId, bool] = {}
        self._setting: dict[tuple[Scope, VarId], bool] = {}

    def cover(self, var: VarId) -> bool:
        """Is the variable read, and every read of it covered?"""
        if var not in self._unseen:
            found = [each for each in self._found().get(var, ()) if not self._is_test(each[0])]
            self._unseen[var] = (
                bool(found)
                and all(self._is_covered(var, scope, node, frozenset()) for scope, node in found)
                and self._innocence.escape(var) is None
            )
        return self._unseen[var]

    def _found(self) -> dict[VarId, list[tuple[Scope, f.Call]]]:
        if self._all is None:
            self._all = {}
            for module in self._program.modules.values():
                for scope in module.descendants():
                    for call in scope.calls:
                        var = self._reads.read_by(scope, call)
                        if var is not None:
                            self._all.setdefault(var, []).append((scope, call))
        return self._all

    def _is_test(self, scope: Scope) -> bool:
        return is_test_file(self._program, scope.path)

    # --- who comes to a read --------------------------------------------------------------------------------------

    def _is_covered(self, var: VarId, scope: Scope, at: f.Node, seen: frozenset[Scope]) -> bool:
        if any(self._sets(var, scope, each) for each in before(scope.body, at)):
            return True
        if scope.kind != "function" or scope.function.is_generator:
            return False
        if scope in seen:
            return True  # a circle of calls begins outside of it
        uses = [use for use in self._uses(scope) if use.scope is not scope and not self._is_test(use.scope)]
        inner = seen | {scope}
        return bool(uses) and all(
            self._runs_there(scope, use) and self._is_covered(var, use.scope, use.node, inner) for use in uses
        )

    def _uses(self, scope: Scope) -> Iterator[Use]:
        """The uses of a function, and those that may be some: an attribute of its name on an unknown object, or of a
        class that it is inherited from.
        """
        yield from self._program.uses.of(scope)
        if scope.owner is None:
            return
        resolver = self._program.resolver
        above = set(resolver.ancestors(scope.owner)) - {scope.owner}
        for use in self._program.uses.named(scope.function.name):
            expr = use.node.func if isinstance(use.node, f.Call) else use.node
            symbol = resolver.resolve(use.scope, expr) if isinstance(expr, f.Attribute) else None
            unknown = isinstance(expr, f.Attribute) and symbol is None
            if unknown or (isinstance(symbol, FunctionRef) and symbol.scope.owner in above):
                yield use

    def _runs_there(self, scope: Scope, use: Use) -> bool:
        """Does a use run the function in the Context at hand, or in a copy that is taken there?"""
        if isinstance(use.node, f.Call) and (use.kind != "handed" or not scope.function.is_async):
            return True
        calls = starters(self._program, use)
        names = [self._program.resolver.external(use.scope, call.func) for call in calls]
        return bool(calls) and all(
            name is not None and (name in _RUNS or runs_in_copy(call, name))
            for call, name in zip(calls, names, strict=True)
        )

    # --- what certainly sets --------------------------------------------------------------------------------------

    def _sets(self, var: VarId, scope: Scope, node: f.Node) -> bool:
        """Does a statement that has run, or a part of one, certainly leave the variable set?"""
        match node:
            case f.If(body=body, orelse=orelse):
                return all(any(self._sets(var, scope, each) for each in block) for block in (body, orelse))
            case f.Try(body=body, handlers=handlers, orelse=orelse, final=final):
                certain = (*final, *(() if handlers else (*body, *orelse)))
                return any(self._sets(var, scope, each) for each in certain)
            case f.With(body=body):
                return any(self._sets(var, scope, each) for each in body)
            case f.For() | f.While() | f.Match() | f.Define() | f.Class() | f.Lambda() | f.Comprehension():
                return False
            case f.Conditional(test=test):
                return self._sets(var, scope, test)
            case f.Boolean(values=(first, *_)):
                return self._sets(var, scope, first)
            case f.Call() if self._is_set(var, scope, node):
                return True
            case _:
                return any(self._sets(var, scope, part) for part in parts(node))

    def _is_set(self, var: VarId, scope: Scope, call: f.Call) -> bool:
        if isinstance(call.func, f.Attribute) and call.func.attr == "set":
            return self._program.resolver.variable(scope, call.func.value) == var
        symbol = self._program.resolver.resolve(scope, call.func)
        return isinstance(symbol, FunctionRef) and self._always_sets(symbol.scope, var)

    def _always_sets(self, scope: Scope, var: VarId) -> bool:
        """Does every call of a function that returns leave the variable set?"""
        key = scope, var
        if key not in self._setting:
            self._setting[key] = False  # while it is looked at: in a circle
            effects = self._program.effects(scope)
            leaves = var in effects.sets or any(token.var == var for token in effects.tokens)
            self._setting[key] = (
                leaves and not scope.function.is_generator and self._sets_before_leaving(scope, var)
            )
        return self._setting[key]

    def _sets_before_leaving(self, scope: Scope, var: VarId) -> bool:
        for statement in scope.body:
            if self._sets(var, scope, statement):
                return True
            if _may_leave(statement):
                return False
        return False


def _may_leave(statement: f.Node) -> bool:
    if isinstance(statement, _LEAVING):
        return True
    if isinstance(statement, f.Define | f.Class | f.Lambda):
        return False
    return any(_may_leave(part) for part in parts(statement))
