"""Can a place run where nobody has set a variable before? Asked of its function's text, and of the callers'.

A ``set`` that stands above the place in its function, in a branch or not, counts as set: so does one above the call in
every caller that the program shows. A function that nobody calls, and one that is handed on, may run anywhere.
"""

from __future__ import annotations

from ctxlint.analysis.frame_kinds import is_test_file
from ctxlint.analysis.program import Program
from ctxlint.analysis.reads import Reads
from ctxlint.analysis.scopes import Scope
from ctxlint.model import facts as f
from ctxlint.model.ids import VarId

_ENTRIES = {"__exit__": "__enter__", "__aexit__": "__aenter__"}


class Unset:
    """Answers for one program."""

    def __init__(self, program: Program) -> None:
        """Nothing is looked at until asked."""
        self._program = program
        self._reads = program.once(Reads)

    def may_be(self, var: VarId, scope: Scope, at: int) -> bool:
        """Can ``at`` in the text of ``scope`` be reached without a set of ``var``, as far as the program shows?"""
        return self._may_be(var, scope, at, frozenset())

    def is_set_above(self, var: VarId, scope: Scope, at: int) -> bool:
        """Does the text of ``scope`` set the variable above ``at``, in a branch or not?"""
        first = self._reads.first_set(scope, var)
        return first is not None and first < at

    def _may_be(self, var: VarId, scope: Scope, at: int, seen: frozenset[Scope]) -> bool:
        if self.is_set_above(var, scope, at):
            return False
        if scope.kind != "function" or scope in seen or scope.function.is_lambda:
            return scope not in seen  # a circle of calls begins outside of it
        enter = _ENTRIES.get(scope.function.name)
        # it runs in the Context in which its object was entered
        if enter is not None and scope.owner is not None:
            partner = self._program.resolver.method(scope.owner, enter)
            return partner is None or self._reads.first_set(partner, var) is None
        uses = [
            use for use in self._program.uses.of(scope) if not is_test_file(self._program, use.scope.path)
        ]
        if not uses or not all(isinstance(use.node, f.Call) for use in uses):
            return True
        return any(self._may_be(var, use.scope, use.node.span.start, seen | {scope}) for use in uses)
