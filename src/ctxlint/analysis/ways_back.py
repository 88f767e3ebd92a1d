"""What a worker sets and the function that waits for it reads afterwards: the value stays in the worker's Context.

A *lost return* is a start whose worker leaves a variable set, and a read behind the wait, in the text of the function
that starts it or of one that calls that: by a ``get``, or by a function that gives back what ``get`` gives. Claimed
only where nothing else can have put a value there: a parent that has one of its own means to read that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ctxlint.analysis.following import following
from ctxlint.analysis.frame_kinds import is_test_file
from ctxlint.analysis.program import Program
from ctxlint.analysis.propagation import Propagation
from ctxlint.analysis.resolve import returned
from ctxlint.analysis.scopes import Scope
from ctxlint.analysis.sole_sets import Placed, Sets
from ctxlint.analysis.starts import Start
from ctxlint.model import facts as f
from ctxlint.model.ids import VarId
from ctxlint.model.walk import dotted, parts, walk

_CALLERS = 3
_ANY = VarId("", "")  # no variable: only a loop over all variables sets it


@dataclass(frozen=True, slots=True)
class LostReturn:
    """A start whose worker sets ``var`` at ``placed``, and the place in ``reader`` that reads it after that: a ``get``,
    or a call of ``getter``. ``over`` are the calls that lead from the reader to the start, the reader's own first.
    """

    start: Start
    var: VarId
    placed: Placed
    reader: Scope
    read: f.Call
    getter: Scope | None
    over: tuple[tuple[Scope, f.Node], ...]


class WaysBack:
    """Answers for the starts of one program."""

    def __init__(self, program: Program, propagation: Propagation, sets: Sets) -> None:
        """Nothing is looked at until asked."""
        self._program = program
        self._graph = propagation.graph
        self._reads = propagation.reads
        self._uses = propagation.uses
        self._sets = sets

    def lost(self, starts: Iterable[Start]) -> Iterator[LostReturn]:
        """The lost returns, one for each call and variable."""
        seen: set[tuple[int, VarId]] = set()
        for start in starts:
            if start.wait is None or is_test_file(self._program, start.scope.path):
                continue
            if start.worker is start.scope or _comes_back(start):
                continue
            for var, placed in sorted(self._sets.left_by(start.worker).items()):
                found = self._read_behind(start, var, placed)
                if found is not None and (id(start.call), var) not in seen:
                    seen.add((id(start.call), var))
                    yield found

    def _read_behind(self, start: Start, var: VarId, placed: Placed) -> LostReturn | None:
        assert start.wait is not None  # noqa: S101 - only starts that are waited for
        pending: list[tuple[Scope, f.Node, tuple[tuple[Scope, f.Node], ...]]] = [
            (start.scope, start.wait, ())
        ]
        seen = {start.scope}
        while pending:
            scope, behind, over = pending.pop(0)
            if (
                self._reads.first_set(scope, _ANY) is not None
            ):  # as asgiref does: all that the worker set comes back
                continue
            read = self._first_read(scope, behind, var)
            if read is not None:
                path = frozenset({start.scope, *(where for where, _ in over)})
                if not self._is_default(start, var, scope, path):
                    return None
                return LostReturn(start, var, placed, scope, *read, over)
            if any(region.leaves for region in self._sets.regions(scope, var)):
                continue
            if scope.kind != "function" or len(over) >= _CALLERS:
                continue
            for use in self._uses.of(scope):
                if use.kind == "call" and use.scope not in seen and not self._is_left_out(use.scope):
                    seen.add(use.scope)
                    pending.append((use.scope, use.node, ((use.scope, use.node), *over)))
        return None

    def _is_left_out(self, scope: Scope) -> bool:
        return scope.kind == "class" or is_test_file(self._program, scope.path)

    def _is_default(self, start: Start, var: VarId, reader: Scope, path: frozenset[Scope]) -> bool:
        """Is the reader's Context without a value of its own? A worker that is called elsewhere, too, leaves one."""
        return self._sets.runs_apart(start.worker) and self._sets.are_apart(var, reader, path)

    def _first_read(self, scope: Scope, behind: f.Node, var: VarId) -> tuple[f.Call, Scope | None] | None:
        """The first read behind a place, by itself or through a getter."""
        getters = {id(edge.node): edge.callee for edge in self._graph.edges(scope) if not edge.through}
        for part in following(scope.body, behind):
            for call in _calls(part):
                getter = getters.get(id(call))
                if getter is not None and not self._is_getter(getter, var):
                    continue
                if getter is None and self._reads.read_by(scope, call) != var:
                    continue
                own = any(region.holds(call) for region in self._sets.regions(scope, var))
                return None if own else (call, getter)
        return None

    def _is_getter(self, scope: Scope, var: VarId) -> bool:
        """Does a function give back what it reads?"""
        if scope.kind != "function" or self._reads.first_set(scope, var) is not None:
            return False
        return any(
            isinstance(part, f.Call) and self._reads.read_by(scope, part) == var
            for value in returned(scope.function)
            for part in walk(value, into_scopes=False)
        )


def _calls(part: f.Node) -> Iterator[f.Call]:
    """The calls of a statement in the order of the text, without those of an ``assert``: that expects what it finds."""
    stack = [part]
    while stack:
        node = stack.pop()
        if isinstance(node, f.Assert | f.Function | f.Class):
            continue
        if isinstance(node, f.Call):
            yield node
        stack.extend(reversed(parts(node)))


def _comes_back(start: Start) -> bool:
    """Is the Context of ``ctx.run`` used for more than that, so that the value can be taken from it?"""
    if start.row.kind != "here" or not isinstance(start.call.func, f.Attribute):
        return False
    context = dotted(start.call.func.value)
    if context is None:
        return False
    function = start.scope.node
    if not isinstance(function, f.Function) or context not in function.bound:
        return True
    if any(parameter.name == context for parameter in function.parameters):
        return True
    nodes = [node for statement in function.body for node in walk(statement)]
    plain = {id(node.value) for node in nodes if isinstance(node, f.Attribute) and node.attr == "run"}
    plain |= {id(target) for node in nodes if isinstance(node, f.Assign) for target in node.targets}
    return any(isinstance(node, f.Name) and node.id == context and id(node) not in plain for node in nodes)
