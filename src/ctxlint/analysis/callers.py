"""Who uses a function, and how: called, awaited, or handed to something that starts it.

The index is by name and built once; each use is then resolved, so a name alone never counts.
"""

from __future__ import annotations

import collections
from collections.abc import Iterable
from dataclasses import dataclass

from ctxlint.analysis.resolve import Resolver
from ctxlint.analysis.scopes import Scope
from ctxlint.analysis.symbols import FunctionRef
from ctxlint.model import facts as f
from ctxlint.model.walk import parts


@dataclass(frozen=True, slots=True)
class Use:
    """One use of a function. ``kind``: ``call`` (its result is used or awaited where it stands), ``handed`` (the
    function, or the coroutine of a call, is an argument of ``receiver``), ``iterated`` (``for`` over a call),
    ``entered`` (``with`` a call) or ``mention`` (anything else).
    """

    scope: Scope
    node: f.Node
    kind: str
    receiver: f.Expr | None = None


class Uses:
    """The uses of every function, by the name under which they stand."""

    def __init__(self, resolver: Resolver, modules: Iterable[Scope]) -> None:
        """Index the names that are read in ``modules``."""
        self._resolver = resolver
        self._by_name: dict[str, list[Use]] = collections.defaultdict(list)
        for module in modules:
            for scope in module.descendants():
                for statement in scope.body:
                    self._index(scope, statement)

    def of(self, scope: Scope) -> tuple[Use, ...]:
        """The uses of the function ``scope``, wherever they stand in the program."""
        name = scope.function.name
        return tuple(use for use in self._by_name.get(name, ()) if self._means(use, scope))

    def _means(self, use: Use, scope: Scope) -> bool:
        expr = use.node.func if isinstance(use.node, f.Call) else use.node
        if not isinstance(expr, f.Name | f.Attribute):
            return False
        symbol = self._resolver.resolve(use.scope, expr)
        return isinstance(symbol, FunctionRef) and symbol.scope is scope

    def _index(self, scope: Scope, statement: f.Node) -> None:
        stack: list[tuple[f.Node, str, f.Expr | None]] = [(statement, "mention", None)]
        while stack:
            node, kind, receiver = stack.pop()
            match node:
                case f.Function() | f.Class():
                    stack.extend((d, "mention", None) for d in node.decorators)
                    continue
                case f.Call(func=func, args=args):
                    name = _name(func)
                    if name is not None:
                        found = "call" if kind == "mention" else kind
                        self._by_name[name].append(Use(scope, node, found, receiver))
                    if isinstance(func, f.Attribute):
                        stack.append((func.value, "mention", None))
                    elif name is None:
                        stack.append((func, "mention", None))
                    stack.extend((argument.value, "handed", func) for argument in args)
                    continue
                case f.Name() | f.Attribute():
                    name = _name(node)
                    if name is not None:
                        self._by_name[name].append(Use(scope, node, kind, receiver))
                    if isinstance(node, f.Attribute):
                        stack.append((node.value, "mention", None))
                    continue
                case f.Await(value=value):
                    stack.append((value, "mention", None))
                    continue
                case f.Comprehension() | f.Starred() | f.Display() | f.Conditional():
                    # `gather(*(job(x) for x in xs))` hands every job over
                    stack.extend((part, kind, receiver) for part in parts(node))
                    continue
                case f.Clause(iterable=iterable) | f.For(iterable=iterable):
                    stack.extend((part, "mention", None) for part in parts(node) if part is not iterable)
                    stack.append((iterable, "iterated", None))
                    continue
                case f.WithItem(context=context, target=target):
                    stack.append((context, "entered", None))
                    if target is not None:
                        stack.append((target, "mention", None))
                    continue
                case _:
                    stack.extend((part, "mention", None) for part in parts(node))


def _name(expr: f.Expr) -> str | None:
    if isinstance(expr, f.Name):
        return expr.id
    return expr.attr if isinstance(expr, f.Attribute) else None
