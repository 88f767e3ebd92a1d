"""What kind of frame a function is: a test, a fixture, half of a context manager, a wrapper, a property's setter."""

from __future__ import annotations

from ctxlint.analysis.program import Program
from ctxlint.analysis.scopes import Scope, self_name
from ctxlint.knowledge.loader import frames as known_frames
from ctxlint.model import facts as f
from ctxlint.model.walk import parts

_ENTERS = {"__enter__": "__exit__", "__aenter__": "__aexit__"}
_TEST_FOLDERS = frozenset({"tests", "_tests", "test"})


def is_test_file(program: Program, path: str) -> bool:
    """Is the file a test: ``test_*.py``, ``*_test.py``, ``conftest.py``, or below a folder ``tests``, ``_tests`` or
    ``test`` of its project?
    """
    *folders, name = program.resolver.table.within(path).split("/")
    return (
        name.startswith("test_")
        or name.endswith("_test.py")
        or name == "conftest.py"
        or not _TEST_FOLDERS.isdisjoint(folders)
    )


def exit_partner(program: Program, scope: Scope) -> Scope | None:
    """The ``__exit__`` of an ``__enter__``, through the program's base classes."""
    if scope.owner is None or scope.kind != "function":
        return None
    wanted = _ENTERS.get(scope.function.name)
    return program.resolver.method(scope.owner, wanted) if wanted is not None else None


def is_wrapper(program: Program, scope: Scope) -> bool:
    """Is this a nested function that goes out into the world, or a method? One that is only called where it is
    made wraps nothing.
    """
    if scope.parent is None or scope.parent.kind != "function":
        return True
    uses = program.uses.of(scope)
    return not uses or any(use.kind != "call" for use in uses)


def is_enter(scope: Scope) -> bool:
    """Is this ``__enter__`` or ``__aenter__``?"""
    return scope.kind == "function" and scope.owner is not None and scope.function.name in _ENTERS


def is_manager_constructor(program: Program, scope: Scope) -> bool:
    """Is this the constructor of a class that is a context manager?"""
    if scope.kind != "function" or scope.owner is None or scope.function.name != "__init__":
        return False
    return program.resolver.method(scope.owner, "__exit__", "__aexit__") is not None


def end_of_block(program: Program, scope: Scope) -> Scope | None:
    """The exit of the context manager that a method prepares and returns: ``with client(name): …``."""
    if scope.kind != "function" or scope.owner is None or scope.function.name == "__init__":
        return None
    own = self_name(scope)
    returned = program.resolver.returns(scope)
    if not returned or not all(isinstance(value, f.Name) and value.id == own for value in returned):
        return None
    return program.resolver.method(scope.owner, "__exit__", "__aexit__")


def is_scope_generator(program: Program, scope: Scope) -> bool:
    """Exactly one ``yield``, outside loops, and no caller in the program iterates it; or declared as a scope."""
    if scope.kind != "function" or not scope.function.is_generator:
        return False
    if any(name in known_frames().scope_generators for name in program.decorators(scope)):
        return True
    if is_fixture(program, scope) or yields(scope.function) != (1, 0):
        return False
    return not any(use.kind == "iterated" for use in program.uses.of(scope))


def yields(function: f.Function) -> tuple[int, int]:
    """How many ``yield`` a function has outside loops, and how many inside."""
    outside = inside = 0
    stack: list[tuple[f.Node, bool]] = [(statement, False) for statement in function.body]
    while stack:
        node, looped = stack.pop()
        if isinstance(node, f.Function | f.Class):
            continue
        if isinstance(node, f.Yield | f.YieldFrom):
            outside, inside = (
                (outside, inside + 1) if looped or isinstance(node, f.YieldFrom) else (outside + 1, inside)
            )
        below = looped or isinstance(node, f.For | f.While | f.Comprehension)
        stack.extend((part, below) for part in parts(node))
    return outside, inside


def is_fixture(program: Program, scope: Scope) -> bool:
    """Is this a pytest fixture?"""
    return any(name in known_frames().fixtures for name in program.decorators(scope))


def is_isolated_test(program: Program, scope: Scope) -> bool:
    """Is this an async test, or a function inside one? The test's Context ends with it: so unittest from 3.11 on, and
    the pytest plugins for asyncio, anyio and trio.
    """
    where: Scope | None = scope
    while where is not None and where.kind == "function":
        bases = program.resolver.external_bases(where.owner) if where.owner is not None else ()
        if any(base in known_frames().isolated_tests for base in bases):
            return True
        if (
            where.function.is_async
            and where.function.name.startswith("test")
            and is_test_file(program, where.path)
        ):
            return True
        where = where.parent
    return False


def is_property_setter(program: Program, scope: Scope) -> bool:
    """Does an assignment, an item or the interpreter call the function, so that nobody can take what it returns?"""
    if scope.function.name in ("__set__", "__setattr__", "__delattr__", "__setitem__", "__new__"):
        return True
    return any(
        isinstance(decorator, f.Attribute) and decorator.attr in ("setter", "deleter")
        for decorator in scope.function.decorators
    ) or any(name.startswith("atexit.") for name in program.decorators(scope))
