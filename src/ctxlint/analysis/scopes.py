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
    """``name = value``. ``path`` leads into the value for unpacked targets (``a, b = …``)."""

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

    ``bindings``, ``children`` and ``attributes`` are filled while the file is collected and never after.
    ``attributes`` (classes only) are the assignments to ``self.x`` in the class's methods.
    """

    kind: str
    path: str
    qualname: str
    node: f.Function | f.Class | None
    parent: Scope | None
    bindings: dict[str, list[Binding]] = field(default_factory=dict)
    children: list[Scope] = field(default_factory=list)
    attributes: dict[str, list[tuple[Binding, Scope]]] = field(default_factory=dict)
    stars: list[Imported] = field(default_factory=list)
    by_node: dict[int, Scope] = field(default_factory=dict)
    units: list[f.Unit] = field(default_factory=list)

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


def collect(path: str, module: f.ModuleFacts) -> Scope:
    """The scope tree of one file."""
    root = Scope("module", path, "", None, None, units=list(module.units))
    for unit in module.units:
        _block(root, unit.body)
    return root


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
    for part in outside(node):
        _expression(scope, part)
    if isinstance(node, f.Function):
        for index, parameter in enumerate(node.parameters):
            _bind(inner, parameter.name, Given(parameter, index))
    _block(inner, node.body)
    return inner


def _block(scope: Scope, body: Iterable[f.Stmt]) -> None:
    for statement in body:
        _statement(scope, statement)


def _statement(scope: Scope, node: f.Node) -> None:  # noqa: C901, PLR0912 - a dispatch table
    match node:
        case f.Define(function=function):
            _bind(scope, function.name, Defined(_nested(scope, function)))
            return
        case f.Class(name=name):
            _bind(scope, name, Defined(_nested(scope, node)))
            return
        case f.Assign(targets=targets, value=value, annotation=annotation):
            for target in targets:
                _target(scope, target, lambda path: Assigned(value, annotation, path))
        case f.Annotate(target=target, annotation=annotation):
            _target(scope, target, lambda path: Annotated(annotation) if not path else Unknown())
        case f.Augment(target=target):
            _target(scope, target, lambda _: Unknown())
        case f.For(target=target, iterable=iterable):
            _target(scope, target, lambda path: Iterated(iterable, path))
        case f.WithItem(context=context, target=target) if target is not None:
            _target(scope, target, lambda path: Entered(context) if not path else Unknown())
        case f.Handler(name=name) if name is not None:
            _bind(scope, name, Unknown())
        case f.Pattern(binds=names):
            for name in names:
                _bind(scope, name, Unknown())
        case f.Import() | f.ImportFrom():
            _imports(scope, node)
        case f.Delete() | f.Scope() | f.TypeAliasing():
            pass
        case _:
            pass
    _expression_parts(scope, node)


def _expression_parts(scope: Scope, node: f.Node) -> None:
    for part in parts(node):
        _expression(scope, part)


def _expression(scope: Scope, node: f.Node) -> None:
    """Lambdas and walruses below an expression; statements below a compound statement."""
    stack = [node]
    while stack:
        current = stack.pop()
        if isinstance(current, f.Lambda):
            _nested(scope, current.function)
        elif isinstance(current, f.Walrus):
            _bind(scope, current.target.id, Assigned(current.value))
            stack.append(current.value)
        elif isinstance(current, _STATEMENTS):
            _statement(scope, current)
        else:
            stack.extend(reversed(tuple(parts(current))))


_STATEMENTS = (
    *f.Stmt.__args__,  # type: ignore[attr-defined] # the members of the alias, so that no list can go stale
    f.WithItem,
    f.Handler,
    f.Pattern,
)


def _target(scope: Scope, target: f.Expr, make: _MakeBinding, path: tuple[int, ...] = ()) -> None:
    match target:
        case f.Name(id=name):
            _bind(scope, name, make(path))
        case f.Display(items=items):
            starred = False
            for index, item in enumerate(items):
                starred = starred or isinstance(item, f.Starred)
                _target(scope, item, (lambda _: Unknown()) if starred else make, (*path, index))
        case f.Starred(value=value):
            _target(scope, value, make, path)
        case f.Attribute(value=f.Name(id=name), attr=attr):
            if name == self_name(scope):
                owner = scope.owner
                assert owner is not None  # noqa: S101 - a method has a class
                owner.attributes.setdefault(attr, []).append((make(path), scope))
        case _:
            pass


def _imports(scope: Scope, node: f.Import | f.ImportFrom) -> None:
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
