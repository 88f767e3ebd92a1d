"""Classes of which there is one object, by the question that stands before a second one is made.

``if cls.instance is None: cls.instance = …`` in ``__new__``, in a metaclass's ``__call__``, or in what a decorator puts
in place of the class.
"""

from __future__ import annotations

from collections.abc import Iterator

from ctxlint.analysis.program import Program
from ctxlint.analysis.scopes import Scope, self_name
from ctxlint.analysis.symbols import ClassRef, FunctionRef
from ctxlint.model import facts as f
from ctxlint.model.walk import last_name, walk


def has_one_object(program: Program, cls: Scope) -> bool:
    """Does making an object of ``cls`` first ask whether there is one?"""
    return any(_asks_first(maker) for maker in _makers(program, cls))


def _makers(program: Program, cls: Scope) -> Iterator[Scope]:
    """What runs when an object of the class is asked for, besides its constructor."""
    new = program.resolver.method(cls, "__new__")
    if new is not None:
        yield new
    for ancestor in program.resolver.ancestors(cls):
        if isinstance(ancestor.node, f.Class) and ancestor.parent is not None:
            for base in ancestor.node.bases:
                kind = program.resolver.resolve(ancestor.parent, base.value)
                if base.keyword == "metaclass" and isinstance(kind, ClassRef):
                    called = program.resolver.method(kind.scope, "__call__")
                    if called is not None:
                        yield called
    if isinstance(cls.node, f.Class) and cls.parent is not None:
        for decorator in cls.node.decorators:
            made = program.resolver.resolve(cls.parent, decorator)
            if isinstance(made, FunctionRef):
                yield made.scope
                yield from made.scope.children


def _asks_first(maker: Scope) -> bool:
    """Does a condition ask for what the function fills and the next call finds: an attribute of the class, an item of
    such a one or of a container that is not the function's own?
    """
    nodes = [node for statement in maker.body for node in walk(statement, into_scopes=False)]
    filled = {
        last_name(target)
        for node in nodes
        if isinstance(node, f.Assign)
        for target in node.targets
        if _is_lasting(maker, target)
    }
    asked = (last_name(part) for node in nodes if isinstance(node, f.If) for part in walk(node.test))
    return any(name in filled for name in asked if name is not None)


def _is_lasting(maker: Scope, target: f.Expr) -> bool:
    match target:
        case f.Attribute(value=f.Name(id=name)):
            return name == self_name(maker)
        case f.Subscript(value=f.Name(id=name)):
            return name not in maker.function.bound
        case f.Subscript(value=f.Attribute() as value):
            return _is_lasting(maker, value)
        case _:
            return False
