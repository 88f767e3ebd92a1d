"""What becomes of a value where it stands in the text: written to, out of sight, or only read.

The walk starts at an expression, a ``get()`` as a rule, and follows the object that it gives through names,
conditionals, functions of the program that are given it or return it, properties, and methods of its class. What it
meets is told as *fates*. A *write* changes the object in place. The object *leaves* where it is stored, yielded,
handed to something unknown, or returned by a function that anybody may call. Where neither is met, it is only read or
copied.

Between the assignments of one name the order of the text decides, not the flow: a copy bound to the same name makes
what stands below it harmless. Not followed: attributes and items in which the object is stored.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

from ctxlint.analysis.names_of_value import Bindings
from ctxlint.analysis.program import Program
from ctxlint.analysis.resolve import PROPERTIES
from ctxlint.analysis.scopes import Annotated, Assigned, Scope, self_name
from ctxlint.analysis.symbols import ClassRef, External, FunctionRef, Symbol
from ctxlint.analysis.visibility import Visibility
from ctxlint.knowledge.loader import values as known_values
from ctxlint.model import facts as f
from ctxlint.model.ids import VarId
from ctxlint.model.walk import dotted

_READING_METHODS = frozenset({
    "copy", "count", "difference", "get", "index", "intersection", "isdisjoint", "issubset", "issuperset", "items",
    "keys", "symmetric_difference", "union", "values",
})  # fmt: skip
#: Methods of list, dict, set, deque and their kin that put something in.
_ADDING_METHODS = frozenset({
    "add", "append", "appendleft", "extend", "extendleft", "insert", "setdefault", "symmetric_difference_update",
    "update",
})  # fmt: skip
_WRITING_METHODS = _ADDING_METHODS | {
    "clear", "difference_update", "discard", "intersection_update", "move_to_end", "pop", "popitem", "popleft",
    "remove", "reverse", "rotate", "sort", "subtract",
}  # fmt: skip
#: Methods of somebody else that only read what they are given.
_TAKING_METHODS = _READING_METHODS | {"update", "extend", "extendleft", "difference_update", "format", "join"}
_CONTAINER = re.compile(r"(builtins\.(dict|list|set)|typing\.(Dict|List|Set))\(\)\.")
_DEPTH = 8


@dataclass(frozen=True, slots=True)
class Fate:
    """One thing that becomes of the object, at ``node``. ``how`` is a predicate: "`append` changes it".

    ``adds``: the write puts something in. ``rebinds``: the write is an operator like ``+=`` on a name, which changes a
    list and only rebinds the name of a number. ``through`` are the calls on the way, the outermost first. ``doubtful``:
    it leaves to where the program alone may use it (an attribute, a container, a method that only the program has), but
    is not followed there.
    """

    kind: Literal["written", "leaves"]
    scope: Scope
    node: f.Node
    how: str
    adds: bool = False
    rebinds: bool = False
    through: tuple[tuple[Scope, f.Node], ...] = ()
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """What is known of the object that is followed: the variable that it came from, its class if the program has it,
    whether its elements can be changed, too, and which of its fields hold nothing that can; and the way so far.
    ``seen`` are the parameters that were followed, which need not be followed twice.
    """

    var: VarId | None = None
    cls: Scope | None = None
    elements: bool = False
    plain: frozenset[str] = frozenset()
    depth: int = 0
    through: tuple[tuple[Scope, f.Node], ...] = ()
    seen: set[tuple[Scope, str]] = field(default_factory=set[tuple[Scope, str]], compare=False)

    def deeper(self) -> Held:
        """The same, one step further."""
        return replace(self, depth=self.depth + 1)

    def passing(self, scope: Scope, node: f.Node) -> Held:
        """The same, behind a call."""
        return replace(self, depth=self.depth + 1, through=(*self.through, (scope, node)))


class UsesOfValue:
    """Follows values of one program; remembers only who stands in what."""

    def __init__(self, program: Program) -> None:
        """Nothing is looked at until asked."""
        self._program = program
        self._visibility = program.once(Visibility)
        self.bindings = Bindings()

    def fates(self, scope: Scope, node: f.Expr, held: Held) -> tuple[Fate, ...]:
        """What becomes of the object that ``node`` gives, each place once, in the order in which it was met."""
        found = {
            (fate.kind, id(fate.node)): fate for fate in reversed(tuple(self._follow(scope, node, held)))
        }
        return tuple(reversed(found.values()))

    def _follow(self, scope: Scope, node: f.Expr, held: Held) -> Iterator[Fate]:  # noqa: C901, PLR0912 - a dispatch table
        if held.depth > _DEPTH:
            yield self._leaves(scope, node, held, "goes further than is followed", doubtful=True)
            return
        parent = self.bindings.parent(scope, node)
        match parent:
            case None | f.Evaluate() | f.Compare() | f.Not() | f.Operation() | f.Interpolated() | f.Starred():
                return
            case f.If() | f.While() | f.Assert() | f.For() | f.Clause() | f.Match() | f.Augment():
                return
            case f.Attribute():
                yield from self._attribute(scope, parent, held)
            case f.Subscript():
                yield from self._item(scope, parent, node, held)
            case f.Boolean() | f.Conditional() | f.Await():
                if getattr(parent, "test", None) is not node:
                    yield from self._follow(scope, parent, held.deeper())
            case f.DictDisplay(keys=keys, values=values):
                key = next(key for key, value in zip(keys, values, strict=True) if value is node)
                if key is not None and not self._is_variable(scope, key, held):
                    yield self._kept_in(scope, parent, node, held, "dict")
            case f.Argument():
                if not parent.star:
                    yield from self._argument(scope, parent, held)
            case f.Walrus():
                yield from self._named(scope, parent.target, held)
                yield from self._follow(scope, parent, held.deeper())
            case f.Assign(targets=targets):
                for target in targets:
                    yield from self._target(scope, target, held)
            case f.Return():
                yield from self._returned(scope, node, held)
            case f.Yield():
                yield self._leaves(scope, node, held, "is yielded")
            case f.Display(kind=kind):
                yield self._kept_in(scope, parent, node, held, kind)
            case _:
                yield self._leaves(scope, node, held, "goes where it is not followed", doubtful=True)

    def _kept_in(self, scope: Scope, display: f.Expr, node: f.Expr, held: Held, kind: str) -> Fate:
        """What is kept in a container that is written out, which a public function may give away as it stands."""
        outermost: f.Node = display
        while isinstance(above := self.bindings.parent(scope, outermost), f.Display | f.DictDisplay):
            outermost = above
        given = isinstance(above, f.Return | f.Yield) and scope.kind == "function"
        public = given and not scope.function.is_lambda and self._visibility.is_public(scope)
        return self._leaves(scope, node, held, f"is kept in a {kind}", doubtful=not public)

    def _is_variable(self, scope: Scope, key: f.Expr, held: Held) -> bool:
        """Is the key the variable itself? Such a dict is a snapshot, to set the variable to its value again."""
        return held.var is not None and self._program.resolver.variable(scope, key) == held.var

    @staticmethod
    def _leaves(scope: Scope, node: f.Node, held: Held, how: str, *, doubtful: bool = False) -> Fate:
        return Fate("leaves", scope, node, how, through=held.through, doubtful=doubtful)

    @staticmethod
    def _written(scope: Scope, node: f.Node, held: Held, how: str, *, adds: bool) -> Fate:
        return Fate("written", scope, node, how, adds, through=held.through)

    # --- its attributes, methods and items --------------------------------------------------------------------

    def _attribute(self, scope: Scope, attribute: f.Attribute, held: Held) -> Iterator[Fate]:
        call = self.bindings.parent(scope, attribute)
        if isinstance(call, f.Call) and call.func is attribute:
            yield from self._method(scope, call, attribute.attr, held)
            return
        role = self.bindings.role(scope, attribute)
        if role:
            yield self._written(
                scope, attribute, held, f"`.{attribute.attr}` is {role}", adds=role != "deleted"
            )
        elif held.cls is not None and self._program.resolver.method(held.cls, attribute.attr) is not None:
            yield self._leaves(
                scope, attribute, held, f"computes its `{attribute.attr}`, or hands out its method"
            )
        elif attribute.attr not in held.plain:
            yield from self._follow(scope, attribute, replace(held.deeper(), cls=None, plain=frozenset()))

    def _method(self, scope: Scope, call: f.Call, name: str, held: Held) -> Iterator[Fate]:
        method = self._program.resolver.method(held.cls, name) if held.cls is not None else None
        if method is not None:
            own = self_name(method)
            if own is not None:
                yield from self._received(
                    method, f.Name(method.function.head, own), held.passing(scope, call)
                )
        elif name in _READING_METHODS:
            if held.elements and name == "get":
                yield from self._follow(scope, call, replace(held.deeper(), elements=False))
        elif name in _WRITING_METHODS:
            yield self._written(scope, call, held, f"`{name}` changes it", adds=name in _ADDING_METHODS)
        else:
            yield self._leaves(scope, call, held, f"has its method `{name}` called, which may change it")

    def _item(self, scope: Scope, item: f.Subscript, node: f.Expr, held: Held) -> Iterator[Fate]:
        if item.value is not node:
            return
        role = self.bindings.role(scope, item)
        if role == "assigned" and self._gets_a_lock(scope, item):
            return  # a lock of one context alone would lock nothing
        if role:
            yield self._written(scope, item, held, f"an item is {role}", adds=role != "deleted")
        elif held.elements:
            yield from self._follow(scope, item, replace(held.deeper(), elements=False))

    def _gets_a_lock(self, scope: Scope, item: f.Subscript) -> bool:
        statement = self.bindings.parent(scope, item)
        value = statement.value if isinstance(statement, f.Assign) else None
        made = self._program.resolver.external(scope, value.func) if isinstance(value, f.Call) else None
        return made in known_values().locks

    # --- calls ------------------------------------------------------------------------------------------------

    def _argument(self, scope: Scope, argument: f.Argument, held: Held) -> Iterator[Fate]:
        call = self.bindings.parent(scope, argument)
        if not isinstance(call, f.Call):
            yield self._leaves(scope, argument.value, held, "becomes the base of a class")
            return
        resolver = self._program.resolver
        symbol = resolver.resolve(scope, call.func)
        if isinstance(symbol, FunctionRef):
            yield from self._parameter(scope, symbol, call, argument, held)
            return
        if isinstance(symbol, ClassRef) and held.cls is None and self._copies(symbol.scope, argument):
            return
        name = resolver.external(scope, call.func)
        if name in known_values().writers:
            yield self._written(scope, call, held, f"`{name.rpartition('.')[2]}` changes it", adds=True)
        elif not (name in known_values().readers or self._takes(scope, call, symbol, held)):
            called = dotted(call.func)
            where = f"`{called}`" if called else "a call"
            doubtful = name is None and self._is_own_method(scope, call.func)
            yield self._leaves(scope, argument.value, held, f"is handed to {where}", doubtful=doubtful)

    def _is_own_method(self, scope: Scope, func: f.Expr) -> bool:
        """Is a method called, of an object that is not known, that classes of the program have under this name?"""
        if not isinstance(func, f.Attribute) or self._program.resolver.resolve(scope, func.value) is not None:
            return False
        return func.attr in self._program.once(_names_of_methods)

    def _copies(self, cls: Scope, argument: f.Argument) -> bool:
        """Does the constructor of a class copy a container that it is given under this name?"""
        resolver = self._program.resolver
        bases = resolver.external_bases(cls)
        if argument.keyword is None or known_values().copying_models.isdisjoint(bases):
            return False
        if resolver.method(cls, "__init__") is not None:
            return False
        fields = (each.bindings.get(argument.keyword, ()) for each in resolver.ancestors(cls))
        found = next((bound for bound in fields if bound), ())
        kinds = [
            resolver.annotations.means(cls, "", each.annotation) if each.annotation is not None else None
            for each in found
            if isinstance(each, Annotated | Assigned)
        ]
        return bool(kinds) and all(
            isinstance(kind, External) and kind.name.removesuffix("()") in known_values().containers
            for kind in kinds
        )

    def _takes(self, scope: Scope, call: f.Call, symbol: Symbol | None, held: Held) -> bool:
        """Is it a method that only reads its argument, or the variable's own ``set``, whose ``get`` is followed?"""
        if not isinstance(call.func, f.Attribute):
            return False
        if call.func.attr == "set" and held.var is not None:
            return self._program.resolver.variable(scope, call.func.value) == held.var
        unknown = symbol is None or (
            isinstance(symbol, External) and _CONTAINER.match(symbol.name) is not None
        )
        return unknown and call.func.attr in _TAKING_METHODS

    def _parameter(
        self, scope: Scope, ref: FunctionRef, call: f.Call, argument: f.Argument, held: Held
    ) -> Iterator[Fate]:
        plain = [p for p in ref.scope.function.parameters if p.kind in ("positional", "plain")]
        if argument.keyword is not None:
            taken = [p for p in ref.scope.function.parameters if p.name == argument.keyword]
        else:
            position = next(i for i, a in enumerate(call.args) if a is argument) + ref.bound
            taken = plain[position : position + 1]
        if not taken:
            name = ref.scope.function.name
            yield self._leaves(scope, argument.value, held, f"is handed to `{name}`, where it has no name")
            return
        target = f.Name(taken[0].span, taken[0].name)
        yield from self._received(ref.scope, target, held.passing(scope, call))

    def _received(self, scope: Scope, parameter: f.Name, held: Held) -> Iterator[Fate]:
        if (scope, parameter.id) not in held.seen:
            held.seen.add((scope, parameter.id))
            yield from self._named(scope, parameter, held)

    def _returned(self, scope: Scope, node: f.Expr, held: Held) -> Iterator[Fate]:
        """An internal function hands it to the program's own callers only; of a public one these are followed, too."""
        if scope.kind != "function" or scope.function.is_lambda:
            yield self._leaves(scope, node, held, "is what a lambda gives")
            return
        name = scope.function.name
        uses = self._program.uses.of(scope)
        reads = tuple(self._property_reads(scope))
        if self._visibility.is_public(scope):
            yield self._leaves(scope, node, held, f"is returned by `{name}`, which anybody may call")
        elif not uses and not reads:
            yield self._leaves(scope, node, held, f"is returned by `{name}`, which nobody calls yet")
        for use in uses:
            if isinstance(use.node, f.Call) and use.kind != "mention":
                yield from self._follow(use.scope, use.node, held.passing(use.scope, use.node))
            else:
                yield self._leaves(use.scope, use.node, held, f"is returned by `{name}`, which is handed on")
        for where, attribute in reads:
            yield from self._follow(where, attribute, held.passing(where, attribute))

    def _property_reads(self, scope: Scope) -> Iterator[tuple[Scope, f.Attribute]]:
        resolver = self._program.resolver
        if scope.owner is None or not any(
            resolver.external(scope.owner, decorator) in PROPERTIES for decorator in scope.function.decorators
        ):
            return
        for use in self._program.uses.named(scope.function.name):
            if isinstance(use.node, f.Attribute) and resolver.property_at(use.scope, use.node) is scope:
                yield use.scope, use.node

    # --- names ------------------------------------------------------------------------------------------------

    def _target(self, scope: Scope, target: f.Expr, held: Held) -> Iterator[Fate]:
        match target:
            case f.Display():
                return  # unpacking takes the elements
            case f.Name():
                yield from self._named(scope, target, held)
            case _:
                kept = dotted(target)
                how = f"is kept in `{kept}`" if kept else "is kept in an item"
                yield self._leaves(scope, target, held, how, doubtful=True)

    def _named(self, scope: Scope, target: f.Name, held: Held) -> Iterator[Fate]:
        """What becomes of it below this binding of a local name, and above the next."""
        if scope.kind != "function" or target.id not in scope.function.bound:
            yield self._leaves(scope, target, held, f"is kept in `{target.id}`, which others see")
            return
        for inner, name in self.bindings.uses(scope, target):
            operator = self.bindings.operator(inner, name)
            if operator:
                how = f"`{operator}=` changes it"
                yield Fate("written", inner, name, how, adds=True, rebinds=True, through=held.through)
            elif not self.bindings.role(inner, name):
                yield from self._follow(inner, name, held.deeper())


def _names_of_methods(program: Program) -> frozenset[str]:
    return frozenset(
        scope.function.name
        for scope in program.functions()
        if scope.kind == "function" and scope.owner is not None
    )
