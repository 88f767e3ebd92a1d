"""Scopes and what binds a name in them: the first half of linking, one file at a time.

A *binding* is one place in the text that gives a name a value. A name can have several (``try: import a`` /
``except ImportError: import b``); which one holds at a moment is not decided here, nor what a binding resolves
to: see ``resolve``. Left out on purpose: ``exec``, ``globals()["x"] = …``, ``setattr`` on modules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from ctxlint.model import facts as f
from ctxlint.model.ids import ClassId, FuncId
from ctxlint.model.walk import outside, parts


@dataclass(frozen=True, slots=True)
class Imported:
    """``import a.b`` (``attr`` None) or ``from a.b import attr``. ``level`` counts leading dots."""

    module: str
    level: int
    attr: str | None


@dataclass(frozen=True, slots=True)
class Assigned:
    """``name = value``. ``path`` leads into the value for unpacked targets (``a, b = …``); -1 from a star on."""

    value: f.Expr
    annotation: f.Expr | None = None
    path: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Annotated:
    """``name: annotation`` without a value."""

    annotation: f.Expr


@dataclass(frozen=True, slots=True)
class Entered:
    """``with value as name``."""

    value: f.Expr


@dataclass(frozen=True, slots=True)
class Iterated:
    """``for name in value``; ``path`` as in ``Assigned``, for one element."""

    value: f.Expr
    path: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Given:
    """A parameter, the ``index``-th."""

    parameter: f.Parameter
    index: int


@dataclass(frozen=True, slots=True)
class Defined:
    """A nested ``def`` or ``class``."""

    scope: Scope


@dataclass(frozen=True, slots=True)
class Unknown:
    """Bound in a way that says nothing: ``except … as``, a pattern, ``del``, an augmented assignment."""


Binding: TypeAlias = Imported | Assigned | Annotated | Entered | Iterated | Given | Defined | Unknown
_MakeBinding: TypeAlias = Callable[[tuple[int, ...]], Binding]


@dataclass(frozen=True, slots=True, eq=False)
class Scope:
    """A module, class, function or lambda. Compared by identity: there is one for each in the program.

    ``bindings``, ``children`` and ``attributes`` are filled while a unit is collected; a module's scope grows with
    each of its units (see ``library``).
    ``attributes`` (classes only) are the assignments to ``self.x`` in the class's methods. ``calls``, ``loops``
    and ``imports`` are those that stand directly in the scope, ``spelled`` the attributes that it spells and the names
    that it calls.
    """

    kind: str
    path: str
    qualname: str
    node: f.Function | f.Class | None
    parent: Scope | None
    bindings: dict[str, list[Binding]] = field(default_factory=dict[str, list[Binding]])
    children: list[Scope] = field(default_factory=list["Scope"])
    attributes: dict[str, list[tuple[Binding, Scope]]] = field(
        default_factory=dict[str, "list[tuple[Binding, Scope]]"]
    )
    stars: list[Imported] = field(default_factory=list[Imported])
    by_node: dict[int, Scope] = field(default_factory=dict[int, "Scope"])
    units: list[f.Unit] = field(default_factory=list[f.Unit])
    calls: list[f.Call] = field(default_factory=list[f.Call])
    loops: list[f.For | f.While] = field(default_factory=list["f.For | f.While"])
    imports: list[f.Import | f.ImportFrom] = field(default_factory=list["f.Import | f.ImportFrom"])
    spelled: set[str] = field(default_factory=set[str])

    @property
    def body(self) -> tuple[f.Stmt, ...]:
        """The statements directly in this scope; a module's are those of the units that were read."""
        if self.node is not None:
            return self.node.body
        return tuple(statement for unit in self.units for statement in unit.body)

    @property
    def start(self) -> int:
        """Offset in the file at which the definition starts."""
        return self.node.span.start if self.node is not None else 0

    @property
    def function(self) -> f.Function:
        """The facts of a function scope."""
        assert isinstance(self.node, f.Function)  # noqa: S101 - narrows the type for callers that know the kind
        return self.node

    @property
    def func_id(self) -> FuncId:
        """The identity of this function, or of a module's or class's body."""
        return FuncId(self.path, self.qualname, self.start)

    @property
    def class_id(self) -> ClassId:
        """The identity of this class."""
        return ClassId(self.path, self.qualname, self.start)

    @property
    def module(self) -> Scope:
        """The scope of the file."""
        scope = self
        while scope.parent is not None:
            scope = scope.parent
        return scope

    @property
    def owner(self) -> Scope | None:
        """The class whose method this function is, directly."""
        return self.parent if self.parent is not None and self.parent.kind == "class" else None

    def child(self, node: f.Function | f.Class) -> Scope:
        """The scope of a definition that stands directly in this one."""
        return self.by_node[id(node)]

    def descendants(self) -> Iterator[Scope]:
        """This scope and every one inside it, outermost first."""
        yield self
        for child in self.children:
            yield from child.descendants()


def unpacked(binding: Assigned) -> f.Expr | None:
    """The value that an assignment gives its name, where it is written out: of ``a, b = x, y`` that of each."""
    value = binding.value
    for index in binding.path:
        if not isinstance(value, f.Display) or not 0 <= index < len(value.items):
            return None
        value = value.items[index]
    return value


def self_name(scope: Scope) -> str | None:
    """The name of a method's first parameter; None for static methods and functions that are no methods."""
    if scope.owner is None or not isinstance(scope.node, f.Function):
        return None
    for decorator in scope.node.decorators:
        if isinstance(decorator, f.Name) and decorator.id == "staticmethod":
            return None
    for parameter in scope.node.parameters:
        return parameter.name if parameter.kind in ("positional", "plain") else None
    return None


def _bind(scope: Scope, name: str, binding: Binding) -> None:
    node = scope.node
    if isinstance(node, f.Function):
        if name in node.global_names:
            scope = scope.module
        elif name in node.nonlocal_names:
            scope = _enclosing(scope, name)
    scope.bindings.setdefault(name, []).append(binding)


def _enclosing(scope: Scope, name: str) -> Scope:
    outer = scope.parent
    while outer is not None and not (isinstance(outer.node, f.Function) and name in outer.node.bound):
        outer = outer.parent
    return outer if outer is not None else scope


def _nested(scope: Scope, node: f.Function | f.Class) -> Scope:
    kind = "class" if isinstance(node, f.Class) else "function"
    name = node.name or "<lambda>"
    qualname = f"{scope.qualname}.{name}" if scope.qualname else name
    inner = Scope(kind, scope.path, qualname, node, scope)
    scope.children.append(inner)
    scope.by_node[id(node)] = inner
    fill(scope, outside(node))
    if isinstance(node, f.Function):
        for index, parameter in enumerate(node.parameters):
            _bind(inner, parameter.name, Given(parameter, index))
    fill(inner, node.body)
    return inner


def fill(scope: Scope, nodes: Iterable[f.Node]) -> None:
    """Everything below ``nodes`` that belongs to ``scope``, in the order of the text."""
    stack = list(nodes)
    stack.reverse()
    while stack:
        node = stack.pop()
        kind = type(node)
        binder = _BINDERS.get(kind)
        if binder is not None:
            binder(scope, node)
        elif isinstance(node, f.Attribute):
            scope.spelled.add(node.attr)
        elif isinstance(node, f.Call):
            scope.calls.append(node)
            if isinstance(node.func, f.Name):
                scope.spelled.add(node.func.id)
            elif isinstance(node.func, f.Attribute) and node.func.attr == "__setattr__":
                _set_attribute(scope, node)
        if kind not in _NESTED:
            below = parts(node)
            below.reverse()
            stack += below


def _define(scope: Scope, node: f.Define) -> None:
    _bind(scope, node.function.name, Defined(_nested(scope, node.function)))


def _class(scope: Scope, node: f.Class) -> None:
    _bind(scope, node.name, Defined(_nested(scope, node)))


def _lambda(scope: Scope, node: f.Lambda) -> None:
    _nested(scope, node.function)


def _assign(scope: Scope, node: f.Assign) -> None:
    for target in node.targets:
        _target(scope, target, lambda path: Assigned(node.value, node.annotation, path))


def _annotate(scope: Scope, node: f.Annotate) -> None:
    _target(scope, node.target, lambda path: Unknown() if path else Annotated(node.annotation))


def _augment(scope: Scope, node: f.Augment) -> None:
    _target(scope, node.target, lambda _: Unknown())


def _while(scope: Scope, node: f.While) -> None:
    scope.loops.append(node)


def _for(scope: Scope, node: f.For) -> None:
    scope.loops.append(node)
    _target(scope, node.target, lambda path: Iterated(node.iterable, path))


def _with_item(scope: Scope, node: f.WithItem) -> None:
    if node.target is not None:
        _target(scope, node.target, lambda path: Unknown() if path else Entered(node.context))


def _handler(scope: Scope, node: f.Handler) -> None:
    if node.name is not None:
        _bind(scope, node.name, Unknown())


def _pattern(scope: Scope, node: f.Pattern) -> None:
    for name in node.binds:
        _bind(scope, name, Unknown())


def _walrus(scope: Scope, node: f.Walrus) -> None:
    _bind(scope, node.target.id, Assigned(node.value))


def _target(scope: Scope, target: f.Expr, make: _MakeBinding, path: tuple[int, ...] = ()) -> None:
    match target:
        case f.Name(id=name):
            _bind(scope, name, make(path))
        case f.Display(items=items):
            starred = False
            for index, item in enumerate(items):
                starred = starred or isinstance(item, f.Starred)
                _target(scope, item, make, (*path, -1 if starred else index))
        case f.Starred(value=value):
            _target(scope, value, make, path)
        case f.Attribute(value=f.Name(id=name), attr=attr):
            if name == self_name(scope):
                owner = scope.owner
                assert owner is not None  # noqa: S101 - a method has a class
                owner.attributes.setdefault(attr, []).append((make(path), scope))
        case _:
            pass


def _set_attribute(scope: Scope, call: f.Call) -> None:
    """``object.__setattr__(self, "name", value)``, as classes write it that have a ``__setattr__`` of their own."""
    match call:
        case f.Call(
            func=f.Attribute(value=f.Name(id="object")),
            args=(
                f.Argument(value=f.Name() as instance),
                f.Argument(value=f.Literal(kind="str", text=name)),
                f.Argument(value=value),
            ),
        ):
            target = f.Attribute(call.span, instance, name)
            _target(scope, target, lambda path: Assigned(value, None, path))
        case _:
            pass


def _imports(scope: Scope, node: f.Import | f.ImportFrom) -> None:
    scope.imports.append(node)
    if isinstance(node, f.Import):
        for imported in node.names:
            if imported.alias is not None:
                _bind(scope, imported.alias, Imported(imported.name, 0, None))
            else:
                head = imported.name.partition(".")[0]
                _bind(scope, head, Imported(head, 0, None))
        return
    if node.star:
        scope.module.stars.append(Imported(node.module, node.level, None))
    for imported in node.names:
        _bind(scope, imported.alias or imported.name, Imported(node.module, node.level, imported.name))


_NESTED = frozenset({f.Define, f.Class, f.Lambda})
_BINDERS: dict[type[f.Node], Callable[..., None]] = {
    f.Define: _define,
    f.Class: _class,
    f.Lambda: _lambda,
    f.Assign: _assign,
    f.Annotate: _annotate,
    f.Augment: _augment,
    f.For: _for,
    f.While: _while,
    f.WithItem: _with_item,
    f.Handler: _handler,
    f.Pattern: _pattern,
    f.Walrus: _walrus,
    f.Import: _imports,
    f.ImportFrom: _imports,
}
