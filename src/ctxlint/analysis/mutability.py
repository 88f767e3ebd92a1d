"""Can the object that an expression gives be changed in place?

The answer is a reason, or None: "no", and also "cannot be told". Followed are names with one assignment, both
arms of a conditional, ``or``, walruses, tuples, views, and classes of the program: an instance is mutable when
its class has state that something can write. Not followed: calls of unknown functions.
"""

from __future__ import annotations

from dataclasses import dataclass

from ctxlint.analysis import scopes as sc
from ctxlint.analysis.resolve import Resolver
from ctxlint.analysis.scopes import Scope
from ctxlint.analysis.symbols import ClassRef, External, FunctionRef
from ctxlint.knowledge.loader import values as known_values
from ctxlint.model import facts as f
from ctxlint.model.spans import Span

_FROZEN_BASES = (
    "typing.NamedTuple", "enum.Enum", "enum.IntEnum", "enum.StrEnum", "enum.Flag", "enum.IntFlag",
    "builtins.str", "builtins.int", "builtins.float", "builtins.tuple", "builtins.frozenset", "builtins.bytes",
    "builtins.Exception", "builtins.BaseException", "builtins.type", "typing.Protocol",
)  # fmt: skip
_MUTABLE_BASES = ("builtins.list", "builtins.dict", "builtins.set", "collections.", "threading.local")
_DATA_DECORATORS = (
    "dataclasses.dataclass",
    "attr.s",
    "attr.attrs",
    "attr.define",
    "attr.mutable",
    "attrs.define",
    "attrs.mutable",
)
_FROZEN_DECORATORS = ("attr.frozen", "attrs.frozen")
_CONTAINERS = frozenset({
    "a list", "a dict", "a set", "a deque", "a defaultdict", "a Counter", "a OrderedDict", "a bytearray",
})  # fmt: skip
_DEPTH = 8


@dataclass(frozen=True, slots=True)
class Mutable:
    """Why an object can be changed in place, and where that object is made."""

    reason: str
    path: str
    span: Span

    @property
    def is_container(self) -> bool:
        """Is it one of Python's own containers, which operators like ``+=`` change in place?"""
        return self.reason in _CONTAINERS


def mutable(resolver: Resolver, scope: Scope, expr: f.Expr, depth: int = 0) -> Mutable | None:  # noqa: C901, PLR0911 - a dispatch table
    """Why the value of ``expr`` can be changed in place; None where it cannot, or where that cannot be told."""
    if depth > _DEPTH:
        return None
    match expr:
        case f.Display(kind="list" | "set"):
            return Mutable(f"a {expr.kind}", scope.path, expr.span)
        case f.DictDisplay():
            return Mutable("a dict", scope.path, expr.span)
        case f.Comprehension(kind=kind):
            what = {"generator": "a generator, used up by its first reader"}.get(kind, f"a {kind}")
            return Mutable(what, scope.path, expr.span)
        case f.Display(items=items):
            return _first(resolver, scope, items, depth)
        case f.Conditional(then=then, orelse=orelse):
            return _first(resolver, scope, (then, orelse), depth)
        case f.Boolean(values=values):
            return _first(resolver, scope, values, depth)
        case f.Walrus(value=value) | f.Starred(value=value):
            return mutable(resolver, scope, value, depth + 1)
        case f.Operation(op="+" | "|" | "*" | "&" | "-" | "^", operands=operands):
            return _first(resolver, scope, operands, depth)
        case f.Name() | f.Attribute():
            return _named(resolver, scope, expr, depth)
        case f.Call():
            return _called(resolver, scope, expr, depth)
        case _:
            return None


def _first(resolver: Resolver, scope: Scope, parts: tuple[f.Expr, ...], depth: int) -> Mutable | None:
    for part in parts:
        found = mutable(resolver, scope, part, depth + 1)
        if found is not None:
            return found
    return None


def _named(resolver: Resolver, scope: Scope, expr: f.Expr, depth: int) -> Mutable | None:
    made = resolver.value(scope, expr)
    if made is None or made[1] is expr:
        return None
    return mutable(resolver, made[0], made[1], depth + 1)


def _called(resolver: Resolver, scope: Scope, call: f.Call, depth: int) -> Mutable | None:
    symbol = resolver.resolve(scope, call.func)
    known = known_values()
    match symbol:
        case External(name=name) if name in known.mutable or name.removesuffix("()") in known.mutable:
            return Mutable(f"a {name.removesuffix('()').rpartition('.')[2]}", scope.path, call.span)
        case External(name=name) if name in known.views:
            return _viewed(resolver, scope, call, depth)
        case ClassRef(scope=cls):
            why = class_state(resolver, cls)
            return Mutable(f"an instance of `{cls.qualname}`, {why}", scope.path, call.span) if why else None
        case FunctionRef(scope=inner) if not inner.function.is_async and not inner.function.is_generator:
            return _factory(resolver, inner, depth)
        case _:
            return None


def _viewed(resolver: Resolver, scope: Scope, call: f.Call, depth: int) -> Mutable | None:
    """A view of a fresh object is safe; of one that has a name, somebody can still write to it."""
    if not call.args or not isinstance(call.args[0].value, f.Name | f.Attribute):
        return None
    found = mutable(resolver, scope, call.args[0].value, depth + 1)
    return Mutable(f"a view of {found.reason}", found.path, found.span) if found is not None else None


def _factory(resolver: Resolver, scope: Scope, depth: int) -> Mutable | None:
    for value in resolver.returns(scope):
        found = mutable(resolver, scope, value, depth + 1)
        if found is not None:
            return found
    return None


def class_state(resolver: Resolver, cls: Scope) -> str | None:
    """Why instances of a class of the program can be changed; None where they cannot, or that cannot be told."""
    ancestors = resolver.ancestors(cls)
    if any(_refuses_writes(child) for ancestor in ancestors for child in ancestor.children):
        return None
    for base in resolver.external_bases(cls):
        if base in _FROZEN_BASES:
            return None
        if base.startswith(_MUTABLE_BASES):
            return f"a subclass of {base.rpartition('.')[2]}"
    for ancestor in ancestors:
        verdict = _declared(resolver, ancestor)
        if verdict is not None:
            return verdict or None
    for ancestor in ancestors:
        for attr, found in sorted(ancestor.attributes.items()):
            methods = [m for _, m in found if m.function.name not in ("__init__", "__new__", "__post_init__")]
            if methods:
                return f"whose `{methods[0].function.name}` writes `{attr}`"
    return _held_state(resolver, ancestors)


def _refuses_writes(method: Scope) -> bool:
    """Is this a ``__setitem__`` or ``__setattr__`` that does nothing but raise?"""
    if method.kind != "function" or method.function.name not in ("__setitem__", "__setattr__"):
        return False
    return all(isinstance(statement, f.Raise) for statement in method.function.body)


def _declared(resolver: Resolver, cls: Scope) -> str | None:
    """What the class's decorators and keywords say: "" frozen, a reason for mutable, None nothing."""
    node = cls.node
    assert isinstance(node, f.Class)  # noqa: S101 - a class scope has a class node
    where = cls.parent or cls
    for decorator in node.decorators:
        name = resolver.external(where, decorator)
        name = name.removesuffix("()") if name is not None else ""
        arguments = decorator.args if isinstance(decorator, f.Call) else ()
        if name in _FROZEN_DECORATORS or (name in _DATA_DECORATORS and _says(arguments, "frozen")):
            return ""
        if name in _DATA_DECORATORS:
            return "whose fields can be assigned" if _has_fields(cls) else None
    if _says(node.bases, "frozen"):
        return ""
    externals = resolver.external_bases(cls)
    if any(base in ("msgspec.Struct", "pydantic.BaseModel", "pydantic.main.BaseModel") for base in externals):
        return "whose fields can be assigned" if _has_fields(cls) and not _frozen_config(cls) else ""
    return None


def _says(arguments: tuple[f.Argument, ...], keyword: str) -> bool:
    return any(
        a.keyword == keyword and isinstance(a.value, f.Literal) and a.value.text == "True" for a in arguments
    )


def _has_fields(cls: Scope) -> bool:
    return any(
        isinstance(binding, sc.Annotated)
        or (isinstance(binding, sc.Assigned) and binding.annotation is not None)
        for bindings in cls.bindings.values()
        for binding in bindings
    )


def _frozen_config(cls: Scope) -> bool:
    for binding in cls.bindings.get("model_config", ()):
        if isinstance(binding, sc.Assigned) and isinstance(binding.value, f.Call):
            return _says(binding.value.args, "frozen")
    return False


def _held_state(resolver: Resolver, ancestors: tuple[Scope, ...]) -> str | None:
    """An attribute that the constructor fills with something mutable, or that is public and plainly assigned."""
    slots = any("__slots__" in a.bindings or "__setattr__" in a.bindings for a in ancestors)
    for ancestor in ancestors:
        for attr, found in sorted(ancestor.attributes.items()):
            for binding, method in found:
                if isinstance(binding, sc.Assigned) and mutable(resolver, method, binding.value, _DEPTH - 1):
                    return f"which holds a mutable `{attr}`"
            if not attr.startswith("_") and not slots:
                return f"whose `{attr}` can be assigned"
    return None
