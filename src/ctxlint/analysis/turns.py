"""Does a call in a function's text run more than once, and is each run waited for before the next?

A *turn* is one run of a loop's body, or of a comprehension's element. What a turn starts is waited for in it where the
start is awaited, its result is asked for at once, or the name that it is bound to is joined in the same body; so it is
where a pool that was made in the turn is left. Who is not certain to be waited for can overlap.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from ctxlint.analysis.scopes import Scope
from ctxlint.model import facts as f
from ctxlint.model.walk import blocks, dotted, outside, parts, walk

JOINS = frozenset({"result", "join", "get", "wait", "exception"})
_LEAVING = (f.Return, f.Break, f.Raise)
Path = tuple[f.Node, ...]


class Turns:
    """Answers for the functions of one program."""

    def __init__(self) -> None:
        """Nothing is looked at until asked."""
        self._above: dict[Scope, dict[int, f.Node]] = {}

    def path(self, scope: Scope, node: f.Node) -> Path:
        """The nodes around ``node`` in the text of ``scope``, the outermost first, itself last."""
        if scope not in self._above:
            self._above[scope] = dict(_above(scope))
        above = self._above[scope]
        found = [node]
        while id(found[-1]) in above:
            found.append(above[id(found[-1])])
        return tuple(reversed(found))

    def loops(self, scope: Scope, node: f.Node) -> Iterator[f.Node]:
        """The loops and comprehensions each of whose turns runs ``node``, the outermost first."""
        path = self.path(scope, node)
        for index, outer in enumerate(path[:-1]):
            if _turns(outer, path[index + 1]) and not _leaves(path[index:]):
                yield outer

    def is_waited_for(self, scope: Scope, node: f.Node, within: f.Node | None = None) -> bool:
        """Is what ``node`` starts over before the next turn of ``within``, or before the function goes on?"""
        path = self.path(scope, node)
        start = next((i for i, each in enumerate(path) if each is within), 0)
        inner = path[start:]
        if any(isinstance(each, f.Await) for each in inner[1 if within is not None else 0 : -1]):
            return not _is_gathered(inner)
        if any(isinstance(each, f.Call) and _runs_a_loop(each) for each in inner[:-1]):
            return True
        if len(path) > 1 and isinstance(path[-2], f.Attribute) and path[-2].attr in JOINS:
            return True
        name = bound_name(path)
        if name is None:
            return False
        body = parts(within) if within is not None else scope.body
        return any(is_join(each, name) for part in body for each in walk(part, into_scopes=False))


def bound_name(path: Path) -> str | None:
    """The name or dotted place that the value of the last node is bound to by a statement of its own."""
    if len(path) > 1 and isinstance(path[-2], f.Assign) and len(path[-2].targets) == 1:
        return dotted(path[-2].targets[0])
    return None


def is_join(node: f.Node, name: str) -> bool:
    """Does the node wait for what ``name`` holds: by a method, an ``await``, or a call that takes it?"""
    match node:
        case f.Call(func=f.Attribute(value=value, attr=attr)) if attr in JOINS and dotted(value) == name:
            return True
        case f.Await(value=value):
            return any(dotted(part) == name for part in walk(value) if isinstance(part, f.Name | f.Attribute))
        case f.Call(func=func, args=args):
            called = (dotted(func) or "").rpartition(".")[2]
            return called in ("wait", "as_completed", "gather") and any(
                dotted(part) == name
                for argument in args
                for part in walk(argument)
                if isinstance(part, f.Name | f.Attribute)
            )
        case _:
            return False


def may_follow(one: Path, other: Path) -> bool:
    """Can the second of two places of one text be reached after the first in one run, without a loop?"""
    index = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a is not b), None)
    if index is None:
        return False
    if index and not _both(one[index - 1], one[index], other[index]):
        return False
    return not _leaves(one[index:])


def _both(fork: f.Node, one: f.Node, other: f.Node) -> bool:
    """Does one run of a statement take both of its parts?"""
    match fork:
        case f.If(body=body, orelse=orelse):
            return not (_holds(body, one) and _holds(orelse, other))
        case f.Conditional(then=then, orelse=orelse):
            return not (then is one and orelse is other)
        case f.Try(handlers=handlers):
            return not any(each is other or each is one for each in handlers)
        case f.Match(cases=cases):
            return not (any(each is one for each in cases) and any(each is other for each in cases))
        case _:
            return True


def _above(scope: Scope) -> Iterator[tuple[int, f.Node]]:
    stack: list[f.Node] = list(scope.body)
    while stack:
        node = stack.pop()
        inner = isinstance(node, f.Function | f.Class)
        below = list(outside(node)) if isinstance(node, f.Function | f.Class) and inner else parts(node)
        for part in below:
            yield id(part), node
        stack += below


def _turns(loop: f.Node, part: f.Node) -> bool:
    """Does each turn of a loop run this part of it?"""
    match loop:
        case f.For(body=body):
            return _holds(body, part)
        case f.While(body=body, test=test):
            return part is test or _holds(body, part)
        case f.Comprehension(clauses=clauses):
            return part is not clauses[0]
        case f.Clause():
            return False
        case _:
            return False


def _holds(body: tuple[f.Stmt, ...], node: f.Node) -> bool:
    return any(each is node for each in body)


def _leaves(path: Path) -> bool:
    """Does a block below the first node end in a statement that leaves it for good, behind the last node?"""
    for outer, inner in itertools.pairwise(path):
        for block in blocks(outer):
            if _holds(block, inner) and isinstance(block[-1], _LEAVING):
                return True
    return False


def _runs_a_loop(call: f.Call) -> bool:
    """Does a call run an event loop until what it is given has ended?"""
    return isinstance(call.func, f.Attribute) and call.func.attr in ("run", "run_until_complete")


def _is_gathered(path: Path) -> bool:
    """Is what the last node starts awaited together with others: does the await take a display or call of several?"""
    awaited = max(i for i, each in enumerate(path) if isinstance(each, f.Await))
    return any(
        isinstance(each, f.Call) and (dotted(each.func) or "").rpartition(".")[2] in ("gather", "wait")
        for each in path[awaited + 1 : -1]
    )
