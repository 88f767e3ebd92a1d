"""Reads that run once, when a module is imported, though what they read belongs to a moment of each context.

Looked at are the texts that an import runs: module bodies, class bodies, defaults and decorators of their functions;
and in them calls of ``get``, direct or through a function that does nothing but return it. Left out: code under
``if __name__ == "__main__"``, scripts that start a loop, blocks of a ``with``, modules that set the variable
themselves, what is only printed or logged, and tests.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from ctxlint.analysis.frame_kinds import is_test_file
from ctxlint.analysis.modules import is_notebook
from ctxlint.analysis.occurrences import surroundings
from ctxlint.analysis.program import Program
from ctxlint.analysis.reads import Reads
from ctxlint.analysis.scopes import Scope
from ctxlint.analysis.symbols import FunctionRef
from ctxlint.model import facts as f
from ctxlint.model.ids import VarId
from ctxlint.model.walk import walk

Place: TypeAlias = Literal["default", "decorator", "class", "module"]

_TELLING = frozenset({"critical", "debug", "error", "exception", "info", "log", "print", "warning"})
_STARTERS = frozenset({"asyncio.run", "anyio.run", "trio.run", "curio.run", "uvloop.run"})


@dataclass(frozen=True, slots=True)
class EarlyRead:
    """At ``node`` in ``scope``, a module or a class, ``var`` is read while the module is imported. ``owner`` is the
    function whose default or decorator it is, or the class; ``through`` the function that reads.
    """

    var: VarId
    scope: Scope
    node: f.Call
    place: Place
    owner: str
    through: Scope | None


def early_reads(program: Program) -> Iterator[EarlyRead]:
    """Every read at import, in the order of files and text."""
    reads = program.once(Reads)
    for module in program.modules.values():
        if is_test_file(program, module.path) or is_notebook(module.path):
            continue
        for scope in _imported(module):
            for var, call, through in _read(program, reads, scope):
                if reads.first_set(module, var) is None:
                    yield from _placed(program, scope, var, call, through)


def _imported(scope: Scope) -> Iterator[Scope]:
    """A module's body and the class bodies that run with it."""
    yield scope
    for child in scope.children:
        if child.kind == "class":
            yield from _imported(child)


def _read(program: Program, reads: Reads, scope: Scope) -> Iterator[tuple[VarId, f.Call, Scope | None]]:
    resolver = program.resolver
    for call in scope.calls:
        if isinstance(call.func, f.Attribute) and call.func.attr == "get":
            var = resolver.variable(scope, call.func.value)
            if var is not None and var in program.by_var:
                yield var, call, None
                continue
        if isinstance(call.func, f.Name | f.Attribute):
            symbol = resolver.resolve(scope, call.func)
            if isinstance(symbol, FunctionRef) and _only_reads(symbol.scope):
                yield from ((read.var, call, symbol.scope) for read in reads.of(symbol.scope))


def _only_reads(scope: Scope) -> bool:
    """Is the function's whole body ``return variable.get(…)``?"""
    body = scope.function.body
    match (
        body[0] if len(body) == 1 and not scope.function.is_async and not scope.function.decorators else None
    ):
        case f.Return(value=f.Call(func=f.Attribute(attr="get"))):
            return True
        case _:
            return False


def _placed(
    program: Program, scope: Scope, var: VarId, call: f.Call, through: Scope | None
) -> Iterator[EarlyRead]:
    around = _around(scope, call)
    if around is None or _is_main(scope, around):
        return
    definition = next((node for node in around if isinstance(node, f.Function)), None)
    if definition is not None:
        inner = (call, *around)[(call, *around).index(definition) - 1]
        decorated = any(decorator is inner for decorator in definition.decorators)
        place: Place = "decorator" if decorated else "default"
        yield EarlyRead(var, scope, call, place, definition.name, through)
    elif not any(isinstance(node, f.With) for node in around) and not _is_told(around):
        if scope.kind == "class":
            yield EarlyRead(var, scope, call, "class", scope.qualname, through)
        elif not _is_script(program, scope):
            yield EarlyRead(var, scope, call, "module", "", through)


def _around(scope: Scope, node: f.Node) -> tuple[f.Node, ...] | None:
    return next((around for each, around in surroundings(scope.body) if each is node), None)


def _is_main(scope: Scope, around: tuple[f.Node, ...]) -> bool:
    """Does the text run only where the file is started as a program?"""
    tests = (node.test for node in around if isinstance(node, f.If))
    if any(isinstance(part, f.Name) and part.id == "__name__" for test in tests for part in walk(test)):
        return True
    if scope.parent is None or scope.node is None:
        return False
    return _is_main(scope.parent, _around(scope.parent, scope.node) or ())


def _is_told(around: tuple[f.Node, ...]) -> bool:
    """Is the value only printed, logged, asserted, thrown away, or asked for by an import that refuses to go on?"""
    match around[-1] if around else None:
        case f.Evaluate(value=f.Call(func=f.Name(id=name) | f.Attribute(attr=name))):
            return name in _TELLING or len(around) == 1
        case f.Assert() | f.If(body=(f.Raise(),), orelse=()):
            return True
        case _:
            return False


def _is_script(program: Program, scope: Scope) -> bool:
    """Does the module start a loop while it is imported?"""
    return any(program.resolver.external(scope, call.func) in _STARTERS for call in scope.calls)
