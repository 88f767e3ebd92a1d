"""Walking facts: the parts of a node, in the order in which they stand in the struct."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ctxlint.model import facts as f
from ctxlint.model.spans import Span

_SCOPES = (f.Function, f.Class)
_SCALARS = frozenset({
    "alias", "attr", "binds", "bound", "global_names", "head", "id", "irrefutable", "is_async", "is_generator",
    "is_lambda", "is_star", "keyword", "kind", "level", "module", "name", "nonlocal_names", "op", "ops", "span",
    "star", "text",
})  # fmt: skip
_FIELDS: dict[type[f.Node], tuple[str, ...]] = {}  # the fields of each class that can hold nodes


def _fields(kind: type[f.Node]) -> tuple[str, ...]:
    found = tuple(name for name in kind.__struct_fields__ if name not in _SCALARS)
    _FIELDS[kind] = found
    return found


def parts(node: f.Node) -> list[f.Node]:
    """The nodes that ``node`` holds directly."""
    found: list[f.Node] = []
    kind = type(node)
    for field in _FIELDS[kind] if kind in _FIELDS else _fields(kind):
        value = getattr(node, field)
        if value.__class__ is tuple:
            found.extend([item for item in value if item is not None and item.__class__ is not str])
        elif value is not None:
            found.append(value)
    return found


def walk(node: f.Node, *, into_scopes: bool = True) -> Iterator[f.Node]:
    """``node`` and everything below it, outermost first, in the order of the text.

    With ``into_scopes`` False a nested function, lambda or class is yielded but its body is not entered (its
    decorators, defaults and bases are evaluated outside, so they are).
    """
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        if not into_scopes and isinstance(current, _SCOPES) and current is not node:
            below = list(outside(current))
        else:
            below = parts(current)
        below.reverse()
        stack += below


def holds(nodes: Iterable[f.Node], span: Span) -> bool:
    """Does something at ``span`` stand in one of the nodes? Nested functions and classes are not entered."""
    return any(part.span == span for node in nodes for part in walk(node, into_scopes=False))


def outside(scope: f.Function | f.Class) -> Iterator[f.Node]:
    """What a definition evaluates in the scope around it: decorators, defaults, annotations, bases."""
    yield from scope.decorators
    if isinstance(scope, f.Class):
        yield from scope.bases
        return
    for parameter in scope.parameters:
        if parameter.default is not None:
            yield parameter.default


def blocks(node: f.Node) -> tuple[tuple[f.Stmt, ...], ...]:
    """The blocks directly below a compound statement, a handler or a case, in the order of the text; of a ``try`` and a
    ``match`` those of their handlers and cases, too.
    """
    match node:
        case (
            f.If(body=body, orelse=orelse)
            | f.For(body=body, orelse=orelse)
            | f.While(body=body, orelse=orelse)
        ):
            return body, orelse
        case f.With(body=body) | f.Handler(body=body) | f.Case(body=body):
            return (body,)
        case f.Try(body=body, handlers=handlers, orelse=orelse, final=final):
            return body, *(handler.body for handler in handlers), orelse, final
        case f.Match(cases=cases):
            return tuple(case.body for case in cases)
        case _:
            return ()


def dotted(expr: f.Expr | None) -> str | None:
    """``a.b.c`` for a chain of attributes on a name, else None."""
    attrs: list[str] = []
    while isinstance(expr, f.Attribute):
        attrs.append(expr.attr)
        expr = expr.value
    if not isinstance(expr, f.Name):
        return None
    return ".".join([expr.id, *reversed(attrs)])


def receiver(node: f.Node, *methods: str) -> f.Expr | None:
    """What one of the methods is called on; None for anything but such a call."""
    func = node.func if isinstance(node, f.Call) else None
    return func.value if isinstance(func, f.Attribute) and func.attr in methods else None


def is_none(expr: f.Node | None) -> bool:
    """Is ``None`` written there?"""
    return isinstance(expr, f.Literal) and expr.kind == "none"


def last_name(expr: f.Node) -> str | None:
    """The last name of a path, and of a text that may stand for one (``hasattr(x, "name")``). An item's is that of its
    container.
    """
    match expr:
        case f.Name(id=name) | f.Attribute(attr=name) | f.Literal(kind="str", text=name):
            return name
        case f.Subscript(value=value):
            return last_name(value)
        case _:
            return None
