"""What a container holds that is written out: the entry under a key, the items that a loop over it takes."""

from __future__ import annotations

from ctxlint.model import facts as f


def entry(container: f.Expr, index: f.Literal) -> f.Expr | None:
    """What a display holds under a literal key or index; None where that is not written out."""
    if isinstance(container, f.DictDisplay):
        for key, value in zip(container.keys, container.values, strict=True):
            if isinstance(key, f.Literal) and (key.kind, key.text) == (index.kind, index.text):
                return value
        return None
    if isinstance(container, f.Display) and index.kind == "int" and index.text.isdecimal():
        position = int(index.text)
        return container.items[position] if position < len(container.items) else None
    return None


def iterated(value: f.Expr) -> f.Expr:
    """The container behind ``reversed(x)``, ``x.items()``, ``list(x)`` and their like."""
    match value:
        case f.Call(func=f.Attribute(value=inner, attr="items" | "values" | "keys" | "copy"), args=()):
            return inner
        case f.Call(func=f.Name(id="reversed" | "list" | "tuple" | "sorted" | "iter"), args=(argument, *_)):
            return iterated(argument.value)
        case _:
            return value


def elements(container: f.Expr, value: f.Expr) -> tuple[f.Expr, ...]:
    """What a loop over ``value`` takes, turn by turn, where ``container`` is the display behind it."""
    match container, value:
        case f.Display(items=items), _:
            return items
        case f.DictDisplay(values=values), f.Call(func=f.Attribute(attr="values")):
            return values
        case f.DictDisplay(keys=keys, values=values), f.Call(func=f.Attribute(attr="items")):
            pairs = zip(keys, values, strict=True)
            return tuple(f.Display(v.span, "tuple", (k, v)) for k, v in pairs if k is not None)
        case f.DictDisplay(keys=keys), _:
            return tuple(key for key in keys if key is not None)
        case _:
            return ()


def at(item: f.Expr, path: tuple[int, ...]) -> f.Expr | None:
    """What lies at ``path`` in nested displays."""
    for index in path:
        if not isinstance(item, f.Display) or not 0 <= index < len(item.items):
            return None
        item = item.items[index]
    return item
