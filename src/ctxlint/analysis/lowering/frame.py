"""What lowering knows of the function at hand."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from ctxlint.analysis import scopes as sc
from ctxlint.analysis.effects import Effects
from ctxlint.analysis.resolve import Resolver
from ctxlint.analysis.scopes import Scope
from ctxlint.analysis.symbols import ClassRef, FunctionRef, InstanceRef
from ctxlint.model import facts as f
from ctxlint.model import ir
from ctxlint.model.ids import Place, VarId
from ctxlint.model.walk import walk

Out: TypeAlias = "list[ir.NodeT]"
_VALUES = (str, bytes, bytearray, int, float, complex, list, tuple, dict, set, frozenset, range)
_ATTRIBUTES_OF_VALUES = frozenset(name for kind in _VALUES for name in dir(kind))
_KEEPING = frozenset({"copy", "count", "get", "index", "items", "keys", "values"})


@dataclass(frozen=True, slots=True)
class Frame:
    """The scope being lowered, the resolver, and the summaries of what it calls."""

    scope: Scope
    resolver: Resolver
    effects: Callable[[Scope], Effects]
    default: Callable[[VarId], str | None]
    """The signature of a variable's declared default, if it is a constant, or what it makes (see ``fresh``)."""
    throws: bool = True
    """Whether something can be thrown in at a ``yield``: not in a pytest fixture."""
    final: bool = False
    """Whether what is lowered stands in a ``finally``."""
    is_scope: bool = False
    """Whether a decorator makes a context manager of the function."""
    counter: Iterator[int] = field(default_factory=itertools.count)
    memo: dict[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    """What ``changed`` and ``objects`` answered, so that it is computed once a function."""

    def temporary(self) -> Place:
        """A fresh place for a value that has no name."""
        return Place(f"%{next(self.counter)}")

    def changed(self) -> frozenset[str]:
        """The names whose value may grow or shrink: a method is called that may do it, an item is put in or out."""
        if "changed" not in self.memo:
            calls = (call.func for scope in self.scope.descendants() for call in scope.calls)
            parts = (part for statement in self.scope.body for part in walk(statement))
            stored = (part.targets for part in parts if isinstance(part, f.Assign | f.Delete))
            found = [
                func.value for func in calls if isinstance(func, f.Attribute) and func.attr not in _KEEPING
            ]
            found += [t.value for targets in stored for t in targets if isinstance(t, f.Subscript)]
            self.memo["changed"] = frozenset(value.id for value in found if isinstance(value, f.Name))
        return self.memo["changed"]

    def objects(self) -> frozenset[str]:
        """The names of which the function uses an attribute that nothing has which Python itself makes false."""
        if "objects" not in self.memo:
            self.memo["objects"] = frozenset(
                node.value.id
                for statement in self.scope.body
                for node in walk(statement, into_scopes=False)
                if isinstance(node, f.Attribute)
                and isinstance(node.value, f.Name)
                and node.attr not in _ATTRIBUTES_OF_VALUES
            )
        return self.memo["objects"]

    def variable(self, expr: f.Expr) -> VarId | None:
        """The context variable that ``expr`` is."""
        return self.resolver.variable(self.scope, expr)

    def external(self, expr: f.Expr) -> str | None:
        """The dotted name of what ``expr`` is outside the program."""
        return self.resolver.external(self.scope, expr)


def emit(out: Out, event: ir.EventT) -> None:
    """Append an event, joining it to the events before it."""
    if out and isinstance(out[-1], ir.Do):
        out[-1] = ir.Do(out[-1].span, (*out[-1].events, event))
    else:
        out.append(ir.Do(event.span, (event,)))


def place_of(expr: f.Expr) -> Place | None:
    """The place that ``expr`` names: a name, or attributes and literal keys below one."""
    path: list[str] = []
    while True:
        match expr:
            case f.Name(id=name):
                return Place(name, tuple(reversed(path)))
            case f.Attribute(value=value, attr=attr):
                path.append(attr)
                expr = value
            case f.Subscript(value=value, index=f.Literal(text=text)):
                path.append(f"[{text}]")
                expr = value
            case _:
                return None


def signature(node: f.Node) -> str:
    """The text of an expression, normalised: equal for equal code wherever it stands."""
    if isinstance(node, f.Name):
        return node.id
    if isinstance(node, f.Literal):
        return f"{node.kind}:{node.text}"
    fields = [getattr(node, name) for name in node.__struct_fields__ if name != "span"]
    return f"{type(node).__name__}({','.join(_part(value) for value in fields)})"


def fresh(resolver: Resolver, scope: Scope, expr: f.Expr) -> str | None:
    """What ``Session()`` makes, a class of the program called without arguments: the class, as a text; else None."""
    if not isinstance(expr, f.Call) or expr.args:
        return None
    made = resolver.resolve(scope, expr.func)
    return f"new {made.scope.path}:{made.scope.qualname}" if isinstance(made, ClassRef) else None


def _part(value: object) -> str:
    if isinstance(value, f.Node):
        return signature(value)
    if isinstance(value, tuple):
        return "[" + ",".join(_part(item) for item in value) + "]"  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return str(value)


def names_in(node: f.Node) -> tuple[str, ...]:
    """Every name that an expression reads."""
    return tuple(dict.fromkeys(part.id for part in walk(node) if isinstance(part, f.Name)))


def constant(expr: f.Expr) -> ir.Constant | None:
    """The constant that ``expr`` is, with whether it means "nothing"."""
    match expr:
        case f.Literal(kind="none"):
            return ir.Constant("None", empty=True, truth=False)
        case f.Literal(kind="bool", text=text):
            return ir.Constant(text, empty=text == "False", truth=text == "True")
        case f.Literal(kind=kind, text=text):
            zero = text in ("0", "0.0") if kind in ("int", "float") else not text and kind in ("str", "bytes")
            return ir.Constant(f"{kind}:{text}", empty=zero, truth=None if kind == "bytes" else not zero)
        case f.Display(items=()):
            return ir.Constant(f"{expr.kind}:", empty=True, truth=False)
        case f.DictDisplay(keys=()):
            return ir.Constant("dict:", empty=True, truth=False)
        case _:
            return None


def is_get(frame: Frame, expr: f.Expr) -> VarId | None:
    """The variable whose ``get()`` the expression calls."""
    if isinstance(expr, f.Call) and isinstance(expr.func, f.Attribute) and expr.func.attr == "get":
        return frame.variable(expr.func.value)
    return None


def derives_from(frame: Frame, expr: f.Expr, var: VarId, seen: frozenset[str] = frozenset()) -> bool:
    """Is the value computed from what ``var.get()`` gives, directly or through names that are always so computed?"""
    for part in walk(expr, into_scopes=False):
        if isinstance(part, f.Call) and (is_get(frame, part) == var or _gets(frame, part, var)):
            return True
        if (
            isinstance(part, f.Name)
            and part.id not in seen
            and _is_computed(frame, part.id, var, seen | {part.id})
        ):
            return True
    return False


def _gets(frame: Frame, call: f.Call, var: VarId) -> bool:
    """Is this a call of a function of the program that is there to read the variable (``stack.get()`` of a wrapper)?"""
    symbol = frame.resolver.resolve(frame.scope, call.func)
    if not isinstance(symbol, FunctionRef) or symbol.scope is frame.scope:
        return False
    effects = frame.effects(symbol.scope)
    if var not in effects.reads or effects.sets:
        return False
    return not effects.works or _gives_back(frame, symbol.scope, var)


def _gives_back(frame: Frame, scope: Scope, var: VarId) -> bool:
    """Is what the function returns always what ``var.get()`` gives, whatever it does before (it makes the variable)?"""
    returned = [
        node.value
        for statement in scope.body
        for node in walk(statement, into_scopes=False)
        if isinstance(node, f.Return)
    ]
    return bool(returned) and all(
        isinstance(value, f.Call)
        and isinstance(value.func, f.Attribute)
        and value.func.attr == "get"
        and frame.resolver.variable(scope, value.func.value) == var
        for value in returned
    )


def _is_computed(frame: Frame, name: str, var: VarId, seen: frozenset[str]) -> bool:
    """Does every assignment of a name derive from ``var.get()``, those from its own older value aside, and those of
    None (an old value that is not wanted again), of an empty container (there was none), or of a new one behind a
    question for the old (it was empty)?
    """
    bindings = frame.scope.bindings.get(name, [])
    values = [binding.value for binding in bindings if isinstance(binding, sc.Assigned | sc.Iterated)]
    begun = _begun(frame.scope, name) if len(values) > 1 else frozenset[int]()
    own = [value for value in values if name in names_in(value) or _is_nothing(value) or id(value) in begun]
    others = [value for value in values if value not in own]
    return (
        bool(others)
        and len(own) + len(others) == len(bindings)
        and all(derives_from(frame, value, var, seen) for value in others)
    )


def _begun(scope: Scope, name: str) -> frozenset[int]:
    """The containers that are written out and given to a name where it is asked for: ``if not stack: stack = [x]``."""
    return frozenset(
        id(node.value)
        for statement in scope.body
        for asked in walk(statement, into_scopes=False)
        if isinstance(asked, f.If) and name in names_in(asked.test)
        for part in (*asked.body, *asked.orelse)
        for node in walk(part, into_scopes=False)
        if isinstance(node, f.Assign) and isinstance(node.value, f.Display)
    )


def _is_nothing(value: f.Expr) -> bool:
    known = constant(value)
    return known is not None and known.empty


def is_saved_attribute(frame: Frame, expr: f.Expr, var: VarId) -> bool:
    """Is ``self.x`` an attribute that some method fills from ``var.get()``? Then writing it back restores."""
    if not isinstance(expr, f.Attribute):
        return False
    base = frame.resolver.resolve(frame.scope, expr.value)
    if not isinstance(base, InstanceRef):
        return False
    return any(
        isinstance(binding, sc.Assigned)
        and not binding.path
        and isinstance(binding.value, f.Call)
        and isinstance(binding.value.func, f.Attribute)
        and binding.value.func.attr == "get"
        and frame.resolver.variable(method, binding.value.func.value) == var
        for ancestor in frame.resolver.ancestors(base.scope)
        for binding, method in ancestor.attributes.get(expr.attr, ())
    )
