"""The ``threading.local`` objects of a program, and what stands for an attribute of one in its text.

An object is known by the place where it is made: at the top of a module, in a class, as an attribute of ``self``. Of a
class that inherits from ``local`` all instances count as one. Not followed: objects that are made in a function for
itself, names with several bindings, ``__dict__``.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from ctxlint.analysis import scopes as sc
from ctxlint.analysis.occurrences import last_name, spread_names
from ctxlint.analysis.program import Program
from ctxlint.analysis.scopes import Scope, self_name
from ctxlint.analysis.symbols import External, InstanceRef
from ctxlint.model import facts as f
from ctxlint.model.spans import Span
from ctxlint.model.walk import dotted, walk

Kind: TypeAlias = Literal["read", "write", "clear", "ask"]

_LOCALS = frozenset({"threading.local", "_threading_local.local"})
_ACCESSORS: dict[str, Kind] = {
    "builtins.getattr": "read",
    "builtins.setattr": "write",
    "builtins.delattr": "clear",
    "builtins.hasattr": "ask",
}


@dataclass(frozen=True, slots=True)
class State:
    """An attribute of a ``threading.local``: where the object (or its class) is made, and the attribute's name."""

    path: str
    made: Span
    name: str


@dataclass(frozen=True, slots=True)
class Access:
    """What stands for a state at ``node``. ``shown`` is how it is written; ``value`` what ``setattr`` is given."""

    state: State
    kind: Kind
    shown: str
    node: f.Expr
    value: f.Expr | None = None


class ThreadLocals:
    """Answers for one program; nothing is looked at until asked."""

    def __init__(self, program: Program) -> None:
        """Nothing is resolved before the first question."""
        self._program = program
        self._resolver = program.resolver

    @functools.cached_property
    def names(self) -> frozenset[str]:
        """The last names under which the objects may stand; empty where the program has none."""
        found: set[str] = set()
        for module in self._program.modules.values():
            for scope in module.descendants():
                found.update(name for name, value in _made(scope) if self._is_local(scope, value))
        return spread_names(self._program, found) if found else frozenset()

    @functools.cached_property
    def classes(self) -> frozenset[Scope]:
        """The classes of the program that inherit from ``local``."""
        return frozenset(
            scope
            for module in self._program.modules.values()
            for scope in module.descendants()
            if scope.kind == "class" and not _LOCALS.isdisjoint(self._resolver.external_bases(scope))
        )

    def accesses(self, scope: Scope) -> Iterator[Access]:
        """Every access in a function's own text."""
        for statement in scope.body:
            for node in walk(statement, into_scopes=False):
                found = self.access(scope, node)
                if found is not None:
                    yield found

    def access(self, scope: Scope, node: f.Node) -> Access | None:
        """The state that ``node`` stands for; an attribute counts as read, whatever is done to it there."""
        match node:
            case f.Attribute(value=value, attr=attr):
                return self._of(scope, value, attr, "read", node)
            case f.Call(func=f.Name(), args=(first, second, *rest)):
                if not isinstance(second.value, f.Literal) or second.value.kind != "str":
                    return None
                kind = _ACCESSORS.get(self._resolver.external(scope, node.func) or "")
                given = rest[0].value if rest and kind == "write" else None
                return self._of(scope, first.value, second.value.text, kind, node, given) if kind else None
            case _:
                return None

    def _of(
        self, scope: Scope, expr: f.Expr, attr: str, kind: Kind, node: f.Expr, value: f.Expr | None = None
    ) -> Access | None:
        home = self._home(scope, expr) if not attr.startswith("__") else None
        if home is None:
            return None
        return Access(State(*home, attr), kind, f"{dotted(expr) or 'local'}.{attr}", node, value)

    def _home(self, scope: Scope, expr: f.Expr) -> tuple[str, Span] | None:
        name = last_name(expr)
        owner = scope.owner
        if owner is not None and owner in self.classes and name is not None and name == self_name(scope):
            return _class_home(owner)
        if name not in self.names:
            return None
        match self._resolver.resolve(scope, expr):
            case InstanceRef(scope=cls) if cls in self.classes:
                return _class_home(cls)
            case External(name=made) if made.removesuffix("()") in _LOCALS and made.endswith("()"):
                found = self._resolver.value(scope, expr)
                if found is None or not isinstance(found[1], f.Call) or _is_own(*found):
                    return None
                return found[0].path, found[1].span
            case _:
                return None

    def _is_local(self, scope: Scope, value: f.Expr) -> bool:
        match self._resolver.resolve(scope, value):
            case InstanceRef(scope=cls):
                return cls in self.classes
            case External(name=name):
                return name.endswith("()") and name.removesuffix("()") in _LOCALS
            case _:
                return False


def _class_home(cls: Scope) -> tuple[str, Span]:
    return cls.path, cls.node.head if isinstance(cls.node, f.Class) else Span(0, 0)


def _made(scope: Scope) -> Iterator[tuple[str, f.Call]]:
    """The calls whose result a module or class gives a name, or a method an attribute."""
    own = scope.bindings.items() if scope.kind != "function" else ()
    for name, bindings in own:
        for binding in bindings:
            if isinstance(binding, sc.Assigned) and isinstance(binding.value, f.Call):
                yield name, binding.value
    for name, found in scope.attributes.items():
        for binding, _ in found:
            if isinstance(binding, sc.Assigned) and isinstance(binding.value, f.Call):
                yield name, binding.value


def _is_own(scope: Scope, made: f.Expr) -> bool:
    """Is the object made under a name of a function's own?"""
    return scope.kind == "function" and any(
        isinstance(binding, sc.Assigned) and binding.value is made
        for bindings in scope.bindings.values()
        for binding in bindings
    )
