"""Why a loss may be meant: the worker reads a variable that somebody sets, but is not there to see its starter's value.

Each doubt is an idiom of right code: a thread that serves whoever comes, that was started by whoever came first, or
that an object keeps for its own method; a worker that leaves values of its own behind; a value that is kept in a second
place; a variable of which only the type is known, so that the set and the read may be those of two; a set that meets
the hop only in code of which nothing is known; a read so far away that another intention lies between.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, TypeAlias

from ctxlint.analysis.callgraph import CallGraph, Edge
from ctxlint.analysis.force import Origin
from ctxlint.analysis.frame_kinds import is_enter
from ctxlint.analysis.program import Program
from ctxlint.analysis.reach import Bits, Reach
from ctxlint.analysis.reads import Read
from ctxlint.analysis.scopes import Scope
from ctxlint.analysis.spawns import Spawn
from ctxlint.knowledge.hops import hops
from ctxlint.model import facts as f
from ctxlint.model.ids import VarId
from ctxlint.model.walk import dotted, parts, walk

_TIMER = "threading.Timer"
#: Of 1,384 hops in published code none reached its read by more than five calls. Where a set is seen to come to the
#: hop a few more are let pass.
_FAR = 8
_FAR_UNSEEN = 5

Doubt: TypeAlias = Literal["", "serves", "once", "kept", "own", "twice", "which", "guessed", "far"]


class Doubts:
    """Answers for the losses of one program."""

    def __init__(self, program: Program, graph: CallGraph) -> None:
        """Nothing is looked at until asked."""
        self._program = program
        self._graph = graph
        self._vars: Bits[VarId] = Bits()
        self._reach = Reach(graph, self._left)

    def of(self, spawn: Spawn, var: VarId, chain: tuple[Edge, ...], read: Read, origin: Origin) -> Doubt:
        """Why the loss of ``var`` at the end of ``chain`` may be meant; empty where nothing says so."""
        if spawn.row.repeats or _starts_itself_again(spawn):
            return "serves"  # at times of its own, or one turn after the other
        if spawn.row.kind != "thread" or not _is_joined(spawn):
            lasting = self._lasts(spawn, chain[0].places if chain else ((read.scope, read.node),))
            if lasting:
                return lasting
        if origin.twice:
            return "twice"
        if any(_gives_what_all_share(scope, node) for scope, node in spawn.places[:1]):
            return "once"
        if var.module and var not in self._program.by_var:  # a library's has no module of the program
            return "which"
        if self._reach.of(spawn.end).marks & self._vars.of((var,)):
            return "own"
        if origin.guessed:
            return "guessed"
        return "far" if len(chain) > (_FAR if origin.seen else _FAR_UNSEEN) else ""

    def _lasts(self, spawn: Spawn, first: tuple[tuple[Scope, f.Node], ...]) -> Doubt:
        """Why the worker may outlive what started it; ``first`` is where it takes its first step towards the read."""
        if _is_endless(spawn.worker) or any(
            _in_while(scope, node) or self._ends_a_loop(scope, node, spawn.row.kind) for scope, node in first
        ):
            return "serves"
        if spawn.row.kind == "thread" and _is_once(spawn):
            return "once"
        return "kept" if spawn.row.kind == "thread" and _is_kept(spawn) else ""

    def _ends_a_loop(self, scope: Scope, node: f.Node, kind: str) -> bool:
        """Is it the way out of a loop that fails: in a handler of a ``try`` around a ``while`` (in a thread, around any
        loop), in the function's own text or in that of a method of its class?
        """
        loops = f.While | f.For if kind == "thread" else f.While
        for attempt in _nodes(scope):
            if not isinstance(attempt, f.Try):
                continue
            ends = (*(part for each in attempt.handlers for part in each.body), *attempt.final)
            if any(part is node for statement in ends for part in walk(statement)):
                tried = [part for statement in attempt.body for part in walk(statement, into_scopes=False)]
                if any(isinstance(part, loops) for part in tried):
                    return True
                inside = {id(part) for part in tried}
                return any(
                    id(edge.node) in inside
                    and edge.callee.owner is scope.owner is not None
                    and _loops(edge.callee)
                    for edge in self._graph.edges(scope)
                )
        return False

    def _left(self, scope: Scope) -> int:
        """The variables that a function leaves set for whoever called it."""
        if scope.path not in self._program.modules or is_enter(scope):
            return 0
        return self._vars.of(self._program.effects(scope).sets)


def _loops(scope: Scope) -> bool:
    return any(isinstance(node, f.While) for node in _nodes(scope))


def _starts_itself_again(spawn: Spawn) -> bool:
    """Is it a timer that its own function starts?"""
    return spawn.worker is spawn.scope and hops().canonical(spawn.callee) == _TIMER


def _is_endless(worker: Scope) -> bool:
    """Does the worker go round until somebody tells it to stop, and has nothing to give to who started it? A loop that
    it breaks itself, but for a failure, comes to an end of its own.
    """
    nodes = tuple(_nodes(worker)) if worker.kind == "function" else ()
    return any(
        isinstance(node, f.While)
        and isinstance(node.test, f.Literal)
        and node.test.text == "True"
        and not any(isinstance(part, f.Break) for part in _without_handlers(node.body))
        for node in nodes
    ) and not any(isinstance(node, f.Return) and node.value is not None for node in nodes)


def _without_handlers(body: tuple[f.Stmt, ...]) -> Iterator[f.Node]:
    stack: list[f.Node] = list(body)
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, f.Handler | f.Function | f.Class):
            stack += parts(node)


def _in_while(scope: Scope, node: f.Node) -> bool:
    return any(
        isinstance(loop, f.While) and any(part is node for statement in loop.body for part in walk(statement))
        for loop in _nodes(scope)
    )


def _is_joined(spawn: Spawn) -> bool:
    """Does the function that makes a thread wait for it? Then it works for that call alone."""
    names = {
        target.id
        for node in _nodes(spawn.scope)
        if isinstance(node, f.Assign) and node.value is spawn.node
        for target in node.targets
        if isinstance(target, f.Name)
    }
    if spawn.scope.kind != "function" or not names.isdisjoint(spawn.scope.function.global_names):
        return False
    return any(
        isinstance(call.func, f.Attribute)
        and call.func.attr == "join"
        and isinstance(call.func.value, f.Name)
        and call.func.value.id in names
        for call in spawn.scope.calls
    )


def _is_once(spawn: Spawn) -> bool:
    """Is the thread made by whoever comes first: behind a test of something that the same function then assigns?"""
    near = spawn.places if spawn.handed else spawn.places[:1]
    return any(_is_guarded(scope, node) for scope, node in near)


def _is_kept(spawn: Spawn) -> bool:
    """Is the thread an attribute of the object whose method it runs? Then it lives as long as the object. A timer runs
    once.
    """
    owner = spawn.scope.owner
    return (
        owner is not None
        and spawn.worker.owner is owner
        and hops().canonical(spawn.callee) != _TIMER
        and any(
            isinstance(node, f.Assign)
            and node.value is spawn.node
            and any(isinstance(target, f.Attribute) for target in node.targets)
            for node in _nodes(spawn.scope)
        )
    )


def _is_guarded(scope: Scope, made: f.Node) -> bool:
    kept = {
        name
        for node in _nodes(scope)
        if isinstance(node, f.Assign)
        for target in node.targets
        if (name := dotted(target)) is not None and _is_shared(scope, name)
    }
    for node in _nodes(scope) if kept else ():
        if not isinstance(node, f.If):
            continue
        inside = any(part is made for statement in node.body for part in walk(statement))
        leaves = bool(node.body) and isinstance(node.body[-1], f.Return) and node.span.start < made.span.start
        if (inside or leaves) and not kept.isdisjoint(_tested(node.test)):
            return True
    return False


def _gives_what_all_share(scope: Scope, hop: f.Node) -> bool:
    """Is the hop's result put under a global name behind a test of that name? Then whoever comes first makes it for
    all, and no caller's value is wanted there.
    """
    if scope.kind != "function":
        return False
    made = {
        target.id
        for node in _nodes(scope)
        if isinstance(node, f.Assign) and any(part is hop for part in walk(node.value))
        for target in node.targets
        if isinstance(target, f.Name) and target.id in scope.function.global_names
    }
    return any(
        isinstance(node, f.If)
        and not made.isdisjoint(_tested(node.test))
        and any(part is hop for statement in node.body for part in walk(statement))
        for node in (_nodes(scope) if made else ())
    )


def _tested(test: f.Expr) -> Iterator[str]:
    """The paths that a condition looks at, and what they are attributes of."""
    for node in walk(test):
        name = dotted(node) if isinstance(node, f.Name | f.Attribute) else None
        if name is not None:
            yield name


def _is_shared(scope: Scope, name: str) -> bool:
    """Does the path outlive the call: an attribute, or a global name?"""
    return "." in name or (isinstance(scope.node, f.Function) and name in scope.node.global_names)


def _nodes(scope: Scope) -> Iterator[f.Node]:
    for statement in scope.body:
        yield from walk(statement, into_scopes=False)
