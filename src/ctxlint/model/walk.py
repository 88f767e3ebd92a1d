"""Walking facts: the parts of a node, in the order in which they stand in the struct."""

from __future__ import annotations

from collections.abc import Iterator

from ctxlint.model import facts as f

_SCOPES = (f.Function, f.Class)


def parts(node: f.Node) -> Iterator[f.Node]:
    """The nodes that ``node`` holds directly."""
    for field in node.__struct_fields__:
        value = getattr(node, field)
        if isinstance(value, f.Node):
            yield value
        elif isinstance(value, tuple):
            for item in value:  # pyright: ignore[reportUnknownVariableType] - struct fields are untyped here
                if isinstance(item, f.Node):
                    yield item


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
            below = tuple(outside(current))
        else:
            below = tuple(parts(current))
        stack.extend(reversed(below))


def outside(scope: f.Function | f.Class) -> Iterator[f.Node]:
    """What a definition evaluates in the scope around it: decorators, defaults, annotations, bases."""
    yield from scope.decorators
    if isinstance(scope, f.Class):
        yield from scope.bases
        return
    for parameter in scope.parameters:
        if parameter.default is not None:
            yield parameter.default


def dotted(expr: f.Expr | None) -> str | None:
    """``a.b.c`` for a chain of attributes on a name, else None."""
    attrs: list[str] = []
    while isinstance(expr, f.Attribute):
        attrs.append(expr.attr)
        expr = expr.value
    if not isinstance(expr, f.Name):
        return None
    return ".".join([expr.id, *reversed(attrs)])
