"""Who uses a function, and how: called, awaited, or handed to something that starts it.

The index is by name and built once; each use is then resolved, so a name alone never counts.
"""

from __future__ import annotations

import collections
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ctxlint.analysis.resolve import Resolver
from ctxlint.analysis.scopes import Scope
from ctxlint.analysis.symbols import FunctionRef
from ctxlint.model import facts as f
from ctxlint.model.walk import holds, parts


@dataclass(frozen=True, slots=True)
class Use:
    """One use of a function. ``kind``: ``call`` (its result is used or awaited where it stands), ``handed`` (the
    function, or the coroutine of a call, is an argument of the call ``receiver``), ``iterated`` (``for`` over a call),
    ``entered`` (``with`` a call) or ``mention`` (anything else).
    """

    scope: Scope
    node: f.Node
    kind: str
    receiver: f.Call | None = None

    @property
    def is_in_loop(self) -> bool:
        """Does it stand in the body of a loop of its function, so that each turn uses it anew?"""
        return any(holds(loop.body, self.node.span) for loop in self.scope.loops)


class Uses:
    """The uses of every function, by the name under which they stand."""

    def __init__(self, resolver: Resolver, modules: Iterable[Scope]) -> None:
        """Index the names that are read in ``modules``."""
        self._resolver = resolver
        self._by_name: dict[str, list[Use]] = collections.defaultdict(list)
        self._by_function: dict[str, dict[Scope, tuple[Use, ...]]] = {}
        for module in modules:
            for scope in module.descendants():
                for statement in scope.body:
                    self._index(scope, statement)

    def of(self, scope: Scope) -> tuple[Use, ...]:
        """The uses of the function ``scope``, wherever they stand in the program."""
        name = scope.function.name
        if name not in self._by_function:
            found: dict[Scope, list[Use]] = collections.defaultdict(list)
            for use in self._by_name.get(name, ()):
                meant = self._meant(use)
                if meant is not None:
                    found[meant].append(use)
            self._by_function[name] = {meant: tuple(uses) for meant, uses in found.items()}
        return self._by_function[name].get(scope, ())

    def named(self, name: str) -> tuple[Use, ...]:
        """Everything that stands under a name or attribute ``name``, whatever it means there."""
        return tuple(self._by_name.get(name, ()))

    def _meant(self, use: Use) -> Scope | None:
        """The function that stands there. Each use of a name is resolved once, however many functions have the name."""
        expr = use.node.func if isinstance(use.node, f.Call) else use.node
        if not isinstance(expr, f.Name | f.Attribute):
            return None
        symbol = self._resolver.resolve(use.scope, expr)
        return symbol.scope if isinstance(symbol, FunctionRef) else None

    def _index(self, scope: Scope, statement: f.Node) -> None:
        """Enter every name below ``statement`` with the role in which it stands."""
        stack = [_Seen(statement)]
        while stack:
            seen = stack.pop()
            node = seen.node
            name = _name(node.func if isinstance(node, f.Call) else node)
            if name is not None:
                called = isinstance(node, f.Call) and seen.kind == "mention"
                kind = "call" if called else seen.kind
                self._by_name[name].append(Use(scope, node, kind, seen.receiver))
            stack.extend(_below(seen))


@dataclass(frozen=True, slots=True)
class _Seen:
    """A node and the role in which it stands, as in ``Use``."""

    node: f.Node
    kind: str = "mention"
    receiver: f.Call | None = None


def _below(seen: _Seen) -> Iterator[_Seen]:
    match seen.node:
        case f.Function() | f.Class():
            yield from (_Seen(part) for part in _around(seen.node))
        case f.Call(func=func, args=args):
            if isinstance(func, f.Attribute):
                yield _Seen(func.value)
            elif not isinstance(func, f.Name):
                yield _Seen(func)
            yield from (_Seen(argument.value, "handed", seen.node) for argument in args)
        case f.Attribute(value=value) | f.Await(value=value):
            yield _Seen(value)
        case f.Comprehension() | f.Starred() | f.Display() | f.Conditional():
            # `gather(*(job(x) for x in xs))` hands every job over
            yield from (_Seen(part, seen.kind, seen.receiver) for part in parts(seen.node))
        case f.Clause(iterable=iterable) | f.For(iterable=iterable):
            yield _Seen(iterable, "iterated")
            yield from (_Seen(part) for part in parts(seen.node) if part is not iterable)
        case f.WithItem(context=context):
            yield _Seen(context, "entered")
            yield from (_Seen(part) for part in parts(seen.node) if part is not context)
        case _:
            yield from (_Seen(part) for part in parts(seen.node))


def _around(node: f.Function | f.Class) -> Iterator[f.Expr]:
    """What a definition evaluates in the scope around it: decorators, defaults, ``Annotated[User, Depends(get)]``."""
    yield from node.decorators
    for parameter in node.parameters if isinstance(node, f.Function) else ():
        if parameter.default is not None and not isinstance(parameter.default, f.Literal):
            yield parameter.default
        annotation = parameter.annotation
        if isinstance(annotation, f.Subscript) and isinstance(annotation.index, f.Display):
            yield from (part for part in annotation.index.items if isinstance(part, f.Call))


def _name(expr: f.Node) -> str | None:
    if isinstance(expr, f.Name):
        return expr.id
    return expr.attr if isinstance(expr, f.Attribute) else None
