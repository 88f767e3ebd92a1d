"""What a name stands for where it has no one value: the turns of a loop, the branches of a condition, a parameter
that was stored.
"""

from __future__ import annotations

from collections.abc import Iterator

from ctxlint.analysis import scopes as sc
from ctxlint.analysis.resolve import Resolver
from ctxlint.analysis.scopes import Scope
from ctxlint.model import facts as f
from ctxlint.model.walk import walk

Parts = tuple[tuple[Scope, f.Expr], ...]


class Targets:
    """Answers for the names of one program."""

    def __init__(self, resolver: Resolver) -> None:
        """Nothing is looked at until asked."""
        self._resolver = resolver
        self._clauses: dict[Scope, dict[int, tuple[f.Clause, tuple[int, ...]]]] = {}

    def comprehended(self, scope: Scope, name: f.Name) -> Parts | None:
        """What a comprehension's own name takes, turn by turn, empty where that is not known; None for other names."""
        if scope not in self._clauses:
            self._clauses[scope] = dict(_comprehended(scope))
        found = self._clauses[scope].get(id(name))
        if found is None:
            return None
        clause, path = found
        return self._resolver.elements(scope, clause.iterable, path) or ()

    def looped(self, scope: Scope, expr: f.Expr) -> Parts | None:
        """What the target of a ``for`` takes, turn by turn, where that is all that binds the name."""
        found = self._resolver.bindings(scope, expr) if isinstance(expr, f.Name) else None
        if found is None or len(found[1]) != 1:
            return None
        where, (binding,) = found
        if not isinstance(binding, sc.Iterated):
            return None
        return self._resolver.elements(where, binding.value, binding.path)

    def turned(self, scope: Scope, name: f.Name) -> tuple[Scope, f.Expr, tuple[int, ...]] | None:
        """What a loop or comprehension takes the name from, with the way into each of its items."""
        self.comprehended(scope, name)
        clause = self._clauses[scope].get(id(name))
        if clause is not None:
            return scope, clause[0].iterable, clause[1]
        found = self._resolver.bindings(scope, name)
        if found is None or len(found[1]) != 1:
            return None
        where, (binding,) = found
        return (where, binding.value, binding.path) if isinstance(binding, sc.Iterated) else None

    def picked(self, scope: Scope, expr: f.Expr) -> Parts | None:
        """What a key takes out of a container that is written out (``TABLE[kind]``, ``TABLE.get(kind, other)``): one
        of its values, where the key says not which. None where that is not known.
        """
        match expr:
            case f.Subscript(value=container, index=key):
                others: Parts = ()
            case f.Call(func=f.Attribute(value=container, attr="get"), args=args) if _are_plain(args):
                key, others = args[0].value, tuple((scope, argument.value) for argument in args[1:])
            case _:
                return None
        made = self._resolver.value(scope, container)
        if made is None:
            return None
        where, held = made
        match held:
            case f.DictDisplay(keys=keys, values=values) if None not in keys:
                exact = tuple(v for k, v in zip(keys, values, strict=True) if _is_same(k, key))
                values = exact or values
            case f.Display(items=values) if not any(isinstance(item, f.Starred) for item in values):
                if isinstance(key, f.Literal) and key.kind == "int" and key.text.isdecimal():
                    values = values[int(key.text) :][:1]
            case _:
                return None
        return (*((where, value) for value in values), *others)

    def alternatives(self, scope: Scope, expr: f.Expr) -> Parts:
        """The values of a name that each branch of one condition binds once, or of an attribute that has one value."""
        found = self._resolver.bindings(scope, expr) if isinstance(expr, f.Name | f.Attribute) else None
        if found is None:
            return ()
        where, bindings = found
        if not all(isinstance(binding, sc.Assigned) and not binding.path for binding in bindings):
            return ()
        values = [binding.value for binding in bindings if isinstance(binding, sc.Assigned)]
        if len(values) == 1:
            return ((where, values[0]),) if values[0] is not expr else ()
        if isinstance(expr, f.Name) and not _in_branches(where, expr.id, values):
            return ()
        return tuple((where, value) for value in values) if isinstance(expr, f.Name) else ()


def _are_plain(args: tuple[f.Argument, ...]) -> bool:
    return len(args) in (1, 2) and not any(argument.star or argument.keyword for argument in args)


def _is_same(key: f.Expr | None, other: f.Expr) -> bool:
    return (
        isinstance(key, f.Literal)
        and isinstance(other, f.Literal)
        and (key.kind, key.text) == (other.kind, other.text)
    )


def _comprehended(scope: Scope) -> Iterator[tuple[int, tuple[f.Clause, tuple[int, ...]]]]:
    """The uses of each comprehension's names, the innermost last, so that it counts."""
    for statement in scope.body:
        for node in walk(statement, into_scopes=False):
            if not isinstance(node, f.Comprehension):
                continue
            names = {name: (clause, path) for clause in node.clauses for name, path in _names(clause.target)}
            for part in walk(node):
                if isinstance(part, f.Name) and part.id in names:
                    yield id(part), names[part.id]


def _names(target: f.Expr, path: tuple[int, ...] = ()) -> Iterator[tuple[str, tuple[int, ...]]]:
    match target:
        case f.Name(id=name):
            yield name, path
        case f.Display(items=items):
            for index, item in enumerate(items):
                yield from _names(item, (*path, index))
        case _:
            pass


def _in_branches(scope: Scope, name: str, values: list[f.Expr]) -> bool:
    """Do the values stand in different branches of one ``if``, so that one of them counts, and no other?"""
    return any(
        isinstance(node, f.If) and sorted(map(id, _last(node, name))) == sorted(map(id, values))
        for statement in scope.body
        for node in walk(statement, into_scopes=False)
    )


def _last(node: f.If, name: str) -> Iterator[f.Expr]:
    """The values that the branches give the name, if each gives one."""
    for branch in (node.body, node.orelse):
        if len(branch) == 1 and isinstance(branch[0], f.If):
            yield from _last(branch[0], name)
            continue
        for statement in branch:
            if isinstance(statement, f.Assign) and any(
                isinstance(target, f.Name) and target.id == name for target in statement.targets
            ):
                yield statement.value
