"""Sets that run while a module is imported, and who depends on them.

What an import sets is set in the Context of the thread that imports, once. Code under ``if __name__ == "__main__"`` is
the program's entry, and what the module resets itself is a scope: neither counts.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass

from ctxlint.analysis import frame_kinds
from ctxlint.analysis.declarations import Declaration
from ctxlint.analysis.modules import is_notebook
from ctxlint.analysis.program import Program
from ctxlint.analysis.relevance import empties, events
from ctxlint.analysis.scopes import Scope
from ctxlint.analysis.symbols import FunctionRef
from ctxlint.analysis.unset import Unset
from ctxlint.model import facts as f
from ctxlint.model import ir
from ctxlint.model.ids import VarId
from ctxlint.model.walk import walk


@dataclass(frozen=True)
class ImportTimeSet:
    """A ``set`` in the body of a module or class. ``declaration`` is the variable's, None where it is not known."""

    program: Program
    scope: Scope
    call: f.Call
    var: VarId

    @property
    def declaration(self) -> Declaration | None:
        """Where the variable is declared."""
        return self.program.by_var.get(self.var)

    @functools.cached_property
    def reader(self) -> tuple[Scope, f.Call] | None:
        """The first ``get()`` of a function that depends on the set: the variable has no default, the call gives none,
        it is not ready to fail, and the function does not set the variable above it, by itself or through another.
        """
        declaration = self.declaration
        if declaration is None or declaration.default is not None:
            return None
        unset = self.program.once(Unset)
        found = _bare_reads(self.program, self.var)
        return next(
            (
                (scope, call)
                for scope, call in found
                if not unset.is_set_above(self.var, scope, call.span.start)
                and not _is_made_ready(self.program, self.var, scope, call)
            ),
            None,
        )


def sets_at_import(program: Program) -> Iterator[ImportTimeSet]:
    """Every set that an import runs."""
    for module in program.modules.values():
        if is_notebook(module.path):
            continue
        for scope in module.descendants():
            if scope.kind == "function" or not _is_at_import(scope):
                continue
            guarded = _guarded(scope)
            for call in _calls_of(scope, "set"):
                var = _variable(program, scope, call)
                if var is None or id(call) in guarded or not call.args:
                    continue
                if not any(_variable(program, scope, reset) == var for reset in _calls_of(scope, "reset")):
                    yield ImportTimeSet(program, scope, call, var)


def _is_made_ready(program: Program, var: VarId, scope: Scope, read: f.Call) -> bool:
    """Does a function of the program that is called above a read give the variable an empty value to start with?"""
    for call in scope.calls:
        symbol = program.resolver.resolve(scope, call.func) if call.span < read.span else None
        if isinstance(symbol, FunctionRef) and symbol.scope.path in program.modules:
            found = events(program.body(symbol.scope))
            if any(isinstance(event, ir.Set) and event.var == var and empties(event) for event in found):
                return True
    return False


def _is_at_import(scope: Scope) -> bool:
    where = scope.parent
    while where is not None and where.kind == "class":
        where = where.parent
    return scope.kind == "module" or where is None or where.kind == "module"


def _calls_of(scope: Scope, method: str) -> Iterator[f.Call]:
    for call in scope.calls:
        if isinstance(call.func, f.Attribute) and call.func.attr == method:
            yield call


def _variable(program: Program, scope: Scope, call: f.Call) -> VarId | None:
    return program.resolver.variable(scope, call.func.value) if isinstance(call.func, f.Attribute) else None


def _guarded(scope: Scope) -> frozenset[int]:
    """The nodes below ``if __name__ == …`` and ``if TYPE_CHECKING``."""
    return frozenset(
        id(inner)
        for statement in scope.body
        for node in walk(statement, into_scopes=False)
        if isinstance(node, f.If)
        and any(
            getattr(name, "id", getattr(name, "attr", "")) in ("__name__", "TYPE_CHECKING")
            for name in walk(node.test)
        )
        for part in node.body
        for inner in walk(part, into_scopes=False)
    )


def _bare_reads(program: Program, var: VarId) -> Iterator[tuple[Scope, f.Call]]:
    for scope in program.functions():
        if (
            scope.kind != "function"
            or "get" not in scope.spelled
            or frame_kinds.is_test_file(program, scope.path)
        ):
            continue
        calls = [
            call
            for call in _calls_of(scope, "get")
            if not call.args and _variable(program, scope, call) == var
        ]
        if calls:
            ready = _in_try(scope)
            yield from ((scope, call) for call in calls if id(call) not in ready)


def _in_try(scope: Scope) -> frozenset[int]:
    """The nodes in the body of a ``try`` with a handler."""
    return frozenset(
        id(inner)
        for statement in scope.body
        for node in walk(statement, into_scopes=False)
        if isinstance(node, f.Try) and node.handlers
        for part in node.body
        for inner in walk(part, into_scopes=False)
    )
