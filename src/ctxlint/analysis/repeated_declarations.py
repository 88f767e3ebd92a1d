"""Variables that are made in a function: is that function run again and again?

Left out: what is remembered by name (a dict, a cache, a condition that asks for it first, ``global``), functions that
run while classes are made or an application starts, functions that only an import calls, and tests.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ctxlint.analysis.cached_reads import CACHES
from ctxlint.analysis.callers import Use
from ctxlint.analysis.declarations import Declaration
from ctxlint.analysis.drivers import is_test_file
from ctxlint.analysis.occurrences import surroundings
from ctxlint.analysis.program import Program
from ctxlint.analysis.scopes import Scope
from ctxlint.analysis.symbols import ClassRef
from ctxlint.model import facts as f

_ONCE = frozenset({
    "__class_getitem__", "__init_subclass__", "__new__", "__set_name__", "configure", "create_app", "init", "lifespan",
    "main", "make_app", "setup", "startup",
})  # fmt: skip
_MANAGERS = frozenset({"contextlib.asynccontextmanager", "contextlib.contextmanager"})
_ENTERS = frozenset({"__aenter__", "__call__", "__enter__"})


@dataclass(frozen=True, slots=True)
class Repeated:
    """A declaration in a function. ``use`` is what runs it again and again; ``proved`` is False where nobody is seen to
    do so.
    """

    declaration: Declaration
    proved: bool
    use: Use | None = None


def repeated_declarations(program: Program) -> Iterator[Repeated]:
    """Every variable that is made in a function that may run more than once, in the order of files and text."""
    for declaration in program.declarations:
        scope = declaration.scope
        if scope.kind != "function" or declaration.made is not scope or is_test_file(program, scope.path):
            continue  # the call of a factory is told where the factory makes the variable
        around = _around(declaration)
        if around is None or _is_remembered(program, scope, around) or scope.function.name in _ONCE:
            continue
        if any(isinstance(node, f.For | f.While) for node in around) or _is_manager(program, scope):
            yield Repeated(declaration, proved=True)
            continue
        uses = _uses(program, scope)
        again = next((use for use in uses if _is_again(program, use)), None)
        if again is not None:
            yield Repeated(declaration, proved=True, use=again)
        elif not uses:
            yield Repeated(declaration, proved=False)


def _around(declaration: Declaration) -> tuple[f.Node, ...] | None:
    """What holds the call, up to its function."""
    return next(
        (
            around
            for node, around in surroundings(declaration.scope.body)
            if isinstance(node, f.Call) and node.span == declaration.span
        ),
        None,
    )


def _is_remembered(program: Program, scope: Scope, around: tuple[f.Node, ...]) -> bool:
    """Is the variable kept where the next call finds it?"""
    if not CACHES.isdisjoint(program.decorators(scope)):
        return True
    for node in around:
        match node:
            case f.Assign(targets=targets):
                if any(isinstance(target, f.Subscript) for target in targets):
                    return True
                names = {target.id for target in targets if isinstance(target, f.Name)}
                if not names.isdisjoint(scope.function.global_names):
                    return True
            case f.Call(func=f.Attribute(attr="setdefault")) | f.If() | f.Try():
                return True
            case _:
                pass
    return False


def _is_manager(program: Program, scope: Scope) -> bool:
    entered = scope.owner is not None and scope.function.name in _ENTERS
    return entered or not _MANAGERS.isdisjoint(program.decorators(scope))


def _uses(program: Program, scope: Scope) -> list[Use]:
    """Who calls the function, or makes an instance of the class whose constructor it is; tests left out."""
    if scope.owner is not None and scope.function.name == "__init__":
        name = scope.owner.qualname.rpartition(".")[2]
        found = [use for use in program.uses.named(name) if _makes(program, use, scope.owner)]
    else:
        found = list(program.uses.of(scope))
    return [use for use in found if not is_test_file(program, use.scope.path)]


def _makes(program: Program, use: Use, cls: Scope) -> bool:
    if not isinstance(use.node, f.Call):
        return False
    symbol = program.resolver.resolve(use.scope, use.node.func)
    return isinstance(symbol, ClassRef) and symbol.scope is cls


def _is_again(program: Program, use: Use, seen: frozenset[Scope] = frozenset()) -> bool:
    """Does a use stand in a function that runs more than once? Of one that nobody in the program uses that is taken
    for granted, but for a constructor: who makes the object may make one.
    """
    scope = use.scope
    if use.kind == "mention" or scope.kind != "function" or scope.function.name in _ONCE or scope in seen:
        return False
    uses = _uses(program, scope)
    if not uses:
        return scope.function.name != "__init__"
    return any(_is_again(program, each, seen | {scope}) for each in uses)
