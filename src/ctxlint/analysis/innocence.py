"""Is a mutable default ever put at risk? Proof of innocence, by every use of the variable in the program.

A default is innocent when the whole program only reads, copies or overrides it. What ``get()`` gave is followed
through names, conditionals, private functions that return it and functions of the program that are given it. It
is not innocent where it is written to, stored, handed to something unknown, or returned by a public function; nor
where nobody reads it yet, or the variable itself is handed to somebody. A public name alone proves nothing.

Between the assignments of one name the order of the text decides, not the flow: a copy bound to the same name
makes what stands below it harmless.
"""

from __future__ import annotations

from dataclasses import dataclass

from ctxlint.analysis.program import Program
from ctxlint.analysis.scopes import Scope
from ctxlint.analysis.symbols import FunctionRef
from ctxlint.knowledge.loader import values as known_values
from ctxlint.model import facts as f
from ctxlint.model.ids import VarId
from ctxlint.model.walk import parts, walk

_READING_METHODS = frozenset({
    "copy", "count", "difference", "get", "index", "intersection", "isdisjoint", "issubset", "issuperset", "items",
    "keys", "symmetric_difference", "union", "values",
})  # fmt: skip
_DEPTH = 5


@dataclass(frozen=True, slots=True)
class Proof:
    """The ``get()`` calls that were found harmless, and the first use that was not: a ``get()`` whose value may be
    changed, or the variable itself where it ``escapes``.
    """

    reads: tuple[tuple[Scope, f.Node], ...]
    doubt: tuple[Scope, f.Node] | None = None
    escapes: bool = False

    @property
    def innocent(self) -> bool:
        """Is there a read, and nothing but harmless ones?"""
        return bool(self.reads) and self.doubt is None


class Innocence:
    """Answers for the variables of one program; remembers only who stands in what."""

    def __init__(self, program: Program) -> None:
        """Nothing is looked at until asked."""
        self._program = program
        self._parents: dict[Scope, dict[int, f.Node]] = {}

    def is_innocent(self, var: VarId) -> bool:
        """Does the program read the variable's default, and never more than that?"""
        return self.proof(var).innocent

    def proof(self, var: VarId) -> Proof:
        """The uses of the variable's default, as far as they had to be looked at."""
        reads: list[tuple[Scope, f.Node]] = []
        for use in self._program.uses.named(var.name):
            expr = use.node.func if isinstance(use.node, f.Call) else use.node
            if (
                not isinstance(expr, f.Name | f.Attribute)
                or self._program.resolver.variable(use.scope, expr) != var
            ):
                continue
            call = self._method_call(use.scope, expr)
            if call is None:
                if self._is_declaration(use.scope, expr):
                    continue
                return Proof(tuple(reads), (use.scope, use.node), escapes=True)
            method, node = call
            if method == "get" and not node.args:
                if not self._harmless(use.scope, node, 0):
                    return Proof(tuple(reads), (use.scope, node))
                reads.append((use.scope, node))
        return Proof(tuple(reads))

    def _method_call(self, scope: Scope, expr: f.Expr) -> tuple[str, f.Call] | None:
        attribute = self._parent(scope, expr)
        if not isinstance(attribute, f.Attribute):
            return None
        call = self._parent(scope, attribute)
        if isinstance(call, f.Call) and call.func is attribute:
            return attribute.attr, call
        return None

    def _is_declaration(self, scope: Scope, expr: f.Expr) -> bool:
        parent = self._parent(scope, expr)
        return isinstance(parent, f.Assign | f.Annotate) and getattr(parent, "value", None) is not expr

    def _parent(self, scope: Scope, node: f.Node) -> f.Node | None:
        if scope not in self._parents:
            self._parents[scope] = {
                id(part): outer
                for statement in scope.body
                for outer in walk(statement, into_scopes=False)
                for part in parts(outer)
            }
        return self._parents[scope].get(id(node))

    # --- what becomes of the object -------------------------------------------------------------------------

    def _harmless(self, scope: Scope, node: f.Expr, depth: int) -> bool:  # noqa: C901, PLR0911 - a dispatch table
        """Is what ``node`` gives only read or copied where it stands?"""
        if depth > _DEPTH:
            return False
        parent = self._parent(scope, node)
        match parent:
            case None | f.Evaluate() | f.Compare() | f.Not() | f.Operation() | f.Interpolated() | f.Starred():
                return True
            case f.If() | f.While() | f.Assert() | f.For() | f.Clause() | f.Match():
                return True
            case f.Attribute():
                return self._attribute_harmless(scope, parent, depth)
            case f.Subscript():
                return parent.value is not node or not self._is_target(scope, parent)
            case f.Boolean() | f.Conditional() | f.Await():
                return self._harmless(scope, parent, depth + 1)
            case f.DictDisplay(keys=keys, values=values):
                return any(key is None and value is node for key, value in zip(keys, values, strict=True))
            case f.Argument():
                return parent.star != "" or self._argument_harmless(scope, parent, depth)
            case f.Walrus(target=target):
                return self._name_harmless(scope, target, depth) and self._harmless(scope, parent, depth + 1)
            case f.Assign(targets=targets):
                return all(self._target_harmless(scope, target, depth) for target in targets)
            case f.Return():
                return self._returned_harmless(scope, depth)
            case _:
                return False

    def _attribute_harmless(self, scope: Scope, attribute: f.Attribute, depth: int) -> bool:
        call = self._parent(scope, attribute)
        if isinstance(call, f.Call) and call.func is attribute:
            return attribute.attr in _READING_METHODS
        return not self._is_target(scope, attribute) and self._harmless(scope, attribute, depth + 1)

    def _is_target(self, scope: Scope, node: f.Expr) -> bool:
        parent = self._parent(scope, node)
        match parent:
            case f.Assign(targets=targets) | f.Delete(targets=targets):
                return any(target is node for target in targets)
            case f.Augment(target=target) | f.For(target=target):
                return target is node
            case f.Attribute():  # `v.get()[k].append(x)` writes to an element, which is not the default
                return False
            case f.Display():
                return self._is_target(scope, parent)
            case _:
                return False

    def _argument_harmless(self, scope: Scope, argument: f.Argument, depth: int) -> bool:
        call = self._parent(scope, argument)
        if not isinstance(call, f.Call):
            return False
        symbol = self._program.resolver.resolve(scope, call.func)
        if isinstance(symbol, FunctionRef):
            return self._parameter_harmless(symbol, call, argument, depth)
        name = self._program.resolver.external(scope, call.func)
        return name is not None and name in known_values().readers

    def _parameter_harmless(self, ref: FunctionRef, call: f.Call, argument: f.Argument, depth: int) -> bool:
        plain = [p for p in ref.scope.function.parameters if p.kind in ("positional", "plain")]
        if argument.keyword is not None:
            taken = [p for p in ref.scope.function.parameters if p.name == argument.keyword]
        else:
            position = next(i for i, a in enumerate(call.args) if a is argument) + ref.bound
            taken = plain[position : position + 1]
        return bool(taken) and self._name_harmless(ref.scope, f.Name(taken[0].span, taken[0].name), depth + 1)

    def _target_harmless(self, scope: Scope, target: f.Expr, depth: int) -> bool:
        if isinstance(target, f.Display):
            return True  # unpacking takes the elements
        return isinstance(target, f.Name) and self._name_harmless(scope, target, depth)

    def _name_harmless(self, scope: Scope, target: f.Name, depth: int) -> bool:
        """Is every use of a local name that stands below this binding, and above the next, harmless?"""
        if scope.kind != "function" or target.id not in scope.function.bound:
            return False
        end = self._next_binding(scope, target)
        for inner in scope.descendants():
            for statement in inner.body:
                for part in walk(statement, into_scopes=False):
                    if not isinstance(part, f.Name) or part.id != target.id or part is target:
                        continue
                    if target.span.start < part.span.start < end and not self._use_harmless(
                        inner, part, depth
                    ):
                        return False
        return True

    def _use_harmless(self, scope: Scope, name: f.Name, depth: int) -> bool:
        return self._is_target(scope, name) or self._harmless(scope, name, depth + 1)

    def _next_binding(self, scope: Scope, target: f.Name) -> int:
        """Where the next plain assignment of the name ends: its value is still the old object's business."""
        ends = [
            node.value.span.end
            for statement in scope.body
            for node in walk(statement, into_scopes=False)
            if isinstance(node, f.Assign)
            and node.value.span.start > target.span.start
            and any(isinstance(t, f.Name) and t.id == target.id for t in node.targets)
            and not any(t is target for t in node.targets)
        ]
        return min(ends, default=scope.function.span.end)

    def _returned_harmless(self, scope: Scope, depth: int) -> bool:
        """A private function hands it to the program's own callers only."""
        if scope.kind != "function" or not scope.function.name.startswith("_") or scope.function.is_lambda:
            return False
        uses = self._program.uses.of(scope)
        return bool(uses) and all(
            isinstance(use.node, f.Call)
            and use.kind != "mention"
            and self._harmless(use.scope, use.node, depth + 1)
            for use in uses
        )
