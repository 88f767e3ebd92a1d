"""Can anybody see a value that a function leaves behind? Not where every read of the program comes behind a set.

A read is *covered* where its function certainly sets the variable before it and nothing in between may set or undo it,
or where every place that the function is called from is covered: what was left there before is overwritten unseen. A
function that nobody calls, one below a decorator from outside the program, a method that a class from outside may call,
and what is stored or handed to something unknown may be run by anybody. What is called by an attribute that cannot be
resolved has to be covered at each call of that name. A variable that is handed on itself is read by whoever gets it.

Left out: an unknown call in between that comes back to a function that sets another value.
"""

from __future__ import annotations

from collections.abc import Iterator

from ctxlint.analysis.callers import Use
from ctxlint.analysis.dominance import before
from ctxlint.analysis.frame_kinds import is_test_file
from ctxlint.analysis.innocence import Innocence
from ctxlint.analysis.program import Program
from ctxlint.analysis.reads import Reads, is_set
from ctxlint.analysis.scopes import Scope
from ctxlint.analysis.started import CONTEXT_RUNS, runs_in_copy, starters
from ctxlint.analysis.symbols import FunctionRef
from ctxlint.analysis.unread_uses import UnreadUses
from ctxlint.knowledge.loader import frames as known_frames
from ctxlint.model import facts as f
from ctxlint.model.ids import VarId
from ctxlint.model.walk import parts, receiver, walk

_LEAVING = (f.Return, f.Raise, f.Break, f.Continue)
_MANY = 400  # places that are looked at for one variable
_DEEP = 20  # functions that call each other, of which the last one sets
_LONG = 2_000  # nodes of a function that is looked at


class CoveredReads:
    """Answers for the variables of one program."""

    def __init__(self, program: Program) -> None:
        """Nothing is looked at until asked."""
        self._program = program
        self._reads = program.once(Reads)
        self._innocence = program.once(Innocence)
        self._all: dict[VarId, list[tuple[Scope, f.Node]]] | None = None
        self._unseen: dict[VarId, bool] = {}
        self._setting: dict[tuple[Scope, VarId], bool] = {}
        self._sizes: dict[Scope, int] = {}
        self._depth = 0

    def cover(self, var: VarId) -> bool:
        """Is the variable read, and every read of it covered?"""
        if var not in self._unseen:
            found = [each for each in self._found().get(var, ()) if not self._is_test(each[0])]
            self._unseen[var] = (
                bool(found) and self._are_covered(var, found) and self._innocence.escape(var) is None
            )
        return self._unseen[var]

    def _found(self) -> dict[VarId, list[tuple[Scope, f.Node]]]:
        if self._all is None:
            self._all = {}
            for module in self._program.modules.values():
                for scope in module.descendants():
                    for read in self._reads.every(scope):
                        self._all.setdefault(read.var, []).append((scope, read.node))
        return self._all

    def _is_test(self, scope: Scope) -> bool:
        return is_test_file(self._program, scope.path)

    # --- who comes to a read --------------------------------------------------------------------------------------

    def _are_covered(self, var: VarId, places: list[tuple[Scope, f.Node]]) -> bool:
        """Is every place behind a set, or else every place that its function is called from?"""
        pending = list(places)
        asked: set[Scope] = set()
        for _ in range(_MANY):
            if not pending:
                return True
            scope, at = pending.pop()
            if scope.kind == "function" and self._size(scope) > _LONG:
                return False
            if self._is_behind_a_set(var, scope, at):
                continue
            if scope in asked:
                continue  # a circle of calls begins outside of it
            asked.add(scope)
            uses = self._callers(scope)
            if uses is None:
                return False
            pending += [(use.scope, use.node) for use in uses]
        return False

    def _size(self, scope: Scope) -> int:
        if scope not in self._sizes:
            self._sizes[scope] = sum(1 for statement in scope.body for _ in walk(statement))
        return self._sizes[scope]

    def _is_behind_a_set(self, var: VarId, scope: Scope, at: f.Node) -> bool:
        """Is the place behind a set, with nothing between them that sets or undoes the variable?"""
        covered = False
        for node in before(scope.body, at):
            if self._sets(var, scope, node):
                covered = True
            elif any(self._disturbs(var, scope, part) for part in walk(node, into_scopes=False)) and any(
                self._disturbs(var, scope, part) for part in _passing(node)
            ):
                covered = False
        return covered

    def _disturbs(self, var: VarId, scope: Scope, node: f.Node) -> bool:
        """May a call set or undo the variable?"""
        if not isinstance(node, f.Call):
            return False
        of = receiver(node, "reset", "set")
        if of is not None:
            return self._program.resolver.variable(scope, of) == var
        symbol = self._program.resolver.resolve(scope, node.func)
        if not isinstance(symbol, FunctionRef):
            return False
        effects = self._program.effects(symbol.scope)
        given = {token.var for token in effects.tokens} | {taken for _, taken, _ in effects.takes}
        return var in effects.sets | effects.undoes | effects.restores | given

    def _callers(self, scope: Scope) -> list[Use] | None:
        """The uses that run a function in the Context at hand; None where somebody else may run it, too."""
        if scope.kind != "function" or scope.function.is_generator or self._is_open(scope):
            return None
        uses = [use for use in self._uses(scope) if use.scope is not scope and not self._is_test(use.scope)]
        resolved = [use for use in self._program.uses.of(scope) if use.scope is not scope]
        if not uses or not resolved or not all(self._runs_there(scope, use) for use in uses):
            return None
        return None if self._program.once(UnreadUses).of(scope) else uses

    def _is_open(self, scope: Scope) -> bool:
        """Is there a decorator, or a class above, that is not of the program and may call the function?"""
        known = known_frames()
        plain = {
            "builtins.staticmethod",
            "builtins.classmethod",
            "builtins.property",
            *known.scope_generators,
        }
        if any(decorator not in plain for decorator in self._program.decorators(scope)):
            return True
        if len(scope.function.decorators) > len(self._program.decorators(scope)):
            return True
        if scope.owner is None or (
            scope.function.name.startswith("_") and not scope.function.name.endswith("__")
        ):
            return False
        bases = self._program.resolver.external_bases(scope.owner)
        return any(not base.startswith(("abc.", "builtins.object", "typing.")) for base in bases)

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
            name is not None and (name in CONTEXT_RUNS or runs_in_copy(call, name))
            for call, name in zip(calls, names, strict=True)
        )

    # --- what certainly sets --------------------------------------------------------------------------------------

    def _sets(self, var: VarId, scope: Scope, node: f.Node) -> bool:
        """Does a statement that has run certainly leave the variable set? One with blocks does not."""
        match node:
            case f.Evaluate(value=value) | f.Assign(value=value) | f.Await(value=value):
                return self._sets(var, scope, value)
            case f.Call():
                return self._is_set(var, scope, node)
            case f.If(body=body, orelse=orelse):
                return all(
                    any(self._sets(var, scope, each) for each in block if not isinstance(each, f.If))
                    for block in (body, orelse)
                )
            case _:
                return False

    def _is_set(self, var: VarId, scope: Scope, call: f.Call) -> bool:
        if receiver(call, "set") is not None:
            return is_set(self._program, scope, call, var)
        symbol = self._program.resolver.resolve(scope, call.func)
        return isinstance(symbol, FunctionRef) and self._always_sets(symbol.scope, var)

    def _always_sets(self, scope: Scope, var: VarId) -> bool:
        """Does every call of a function that returns leave the variable set, and is that its job? What one that works
        with the value leaves behind is what the reader is not meant to see.
        """
        key = scope, var
        if key not in self._setting and self._depth < _DEEP:
            self._depth += 1
            self._setting[key] = False  # while it is looked at: in a circle
            effects = self._program.effects(scope)
            leaves = var in effects.sets or any(token.var == var for token in effects.tokens)
            self._setting[key] = (
                leaves
                and not effects.works
                and not scope.function.is_generator
                and self._sets_before_leaving(scope, var)
            )
            self._depth -= 1
        return self._setting.get(key, False)

    def _sets_before_leaving(self, scope: Scope, var: VarId) -> bool:
        for statement in scope.body:
            value = statement.value if isinstance(statement, f.Return) else None
            if self._sets(var, scope, value if value is not None else statement):
                return True
            if any(isinstance(node, _LEAVING) for node in walk(statement, into_scopes=False)):
                return False
        return False


def _passing(node: f.Node) -> Iterator[f.Node]:
    """The nodes of a statement, but for blocks that leave by ``return`` or ``raise``: who comes behind missed them."""
    pending: list[f.Node] = [node]
    while pending:
        each = pending.pop()
        yield each
        left = (
            (each.body, each.orelse)
            if isinstance(each, f.If)
            else (each.body,)
            if isinstance(each, f.Handler)
            else ()
        )
        gone = {
            id(part)
            for block in left
            if block and isinstance(block[-1], f.Return | f.Raise)
            for part in block
        }
        if not isinstance(each, f.Define | f.Class | f.Lambda):
            pending += [part for part in parts(each) if id(part) not in gone]
