"""Where a name stands: what holds it, whether it is written there, and how far one binding of it reaches."""

from __future__ import annotations

from collections.abc import Iterator

from ctxlint.analysis.scopes import Scope
from ctxlint.model import facts as f
from ctxlint.model.walk import parts, walk


class Bindings:
    """Answers for the scopes of one program; remembers who stands in what."""

    def __init__(self) -> None:
        """Nothing is looked at until asked."""
        self._parents: dict[Scope, dict[int, f.Node]] = {}

    def parent(self, scope: Scope, node: f.Node) -> f.Node | None:
        """The node of the scope that holds ``node`` directly; None for a statement of the scope's body."""
        if scope not in self._parents:
            self._parents[scope] = {
                id(part): outer
                for statement in scope.body
                for outer in walk(statement, into_scopes=False)
                for part in parts(outer)
            }
        return self._parents[scope].get(id(node))

    def outer(self, scope: Scope, node: f.Node) -> Iterator[f.Node]:
        """Everything in the scope that ``node`` stands in, the innermost first."""
        found = self.parent(scope, node)
        while found is not None:
            yield found
            found = self.parent(scope, found)

    def role(self, scope: Scope, node: f.Expr) -> str:
        """As what a target stands there: "assigned" or "deleted"; "" where it is read."""
        parent = self.parent(scope, node)
        match parent:
            case f.Assign(targets=targets) if any(target is node for target in targets):
                return "assigned"
            case f.Delete(targets=targets) if any(target is node for target in targets):
                return "deleted"
            case f.Augment(target=target) | f.For(target=target) | f.Clause(target=target):
                return "assigned" if target is node else ""
            case f.WithItem(target=target) | f.Walrus(target=target):
                return "assigned" if target is node else ""
            case f.Display() | f.Starred():
                return self.role(scope, parent)
            case _:  # also `v.get()[k].append(x)`: that writes to an element
                return ""

    def operator(self, scope: Scope, name: f.Name) -> str:
        """The operator of ``name op= value``, "" elsewhere."""
        parent = self.parent(scope, name)
        return parent.op if isinstance(parent, f.Augment) and parent.target is name else ""

    def uses(self, scope: Scope, target: f.Name) -> Iterator[tuple[Scope, f.Name]]:
        """Every place of a local name that stands below this binding and above the next, with its scope."""
        end = self._next_binding(scope, target)
        for inner in scope.descendants():
            for statement in inner.body:
                for part in walk(statement, into_scopes=False):
                    if not isinstance(part, f.Name) or part.id != target.id or part is target:
                        continue
                    if target.span.start < part.span.start < end:
                        yield inner, part

    def _next_binding(self, scope: Scope, target: f.Name) -> int:
        """Where the next binding of the name ends: the value of an assignment is still the old object's business."""
        nodes = (node for statement in scope.body for node in walk(statement, into_scopes=False))
        ends = [end for node in nodes if (end := _rebound(node, target)) > target.span.start]
        return min(ends, default=scope.function.span.end)


def _rebound(node: f.Node, name: f.Name) -> int:
    """Where ``node`` binds a name anew, which stands above; -1 where it does not."""
    match node:
        case f.Assign(targets=targets) if node.value.span.start > name.span.start:
            return node.value.span.end if any(_binds(each, name) for each in targets) else -1
        case f.For(target=target) | f.WithItem(target=target) if target is not None:
            return target.span.start if _binds(target, name) else -1
        case _:
            return -1


def _binds(target: f.Expr, name: f.Name) -> bool:
    """Does a target bind the name anew, elsewhere than at ``name`` itself?"""
    return isinstance(target, f.Name) and target.id == name.id and target is not name
