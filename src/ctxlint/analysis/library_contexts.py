"""Where the program reads, sets and holds variables of libraries that it never sees declared.

A library's variable is told by its knowledge row: what is called or used to read it, which managers hold a value, below
which decorators a function runs with one. A program that says it carries the variable by the library's own means is not
judged for it.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass

from ctxlint.analysis.lowering.calls import library_variable
from ctxlint.analysis.program import Program
from ctxlint.analysis.regions import Region, region_of_block, withs
from ctxlint.analysis.scopes import Scope
from ctxlint.knowledge.library import TokenLibrary
from ctxlint.knowledge.loader import calls as known_calls
from ctxlint.model import facts as f
from ctxlint.model.ids import VarId
from ctxlint.model.spans import Span
from ctxlint.model.walk import walk


@dataclass(frozen=True, slots=True)
class Held:
    """A region in which a library's variable has a value, and the place where it got it. ``entry``: the whole function,
    which a framework calls so.
    """

    region: Region
    span: Span
    entry: bool = False


class LibraryContexts:
    """Answers for one program."""

    def __init__(self, program: Program) -> None:
        """Nothing is looked at until asked."""
        self._program = program

    @functools.cached_property
    def _judged(self) -> tuple[TokenLibrary, ...]:
        """The libraries that the program does not carry by their own means."""
        carriers = frozenset(word for library in known_calls().tokens for word in library.carried_by)
        spelled = {
            word
            for module in self._program.modules.values()
            for scope in module.descendants()
            for word in carriers.intersection(scope.spelled)
        }
        return tuple(library for library in known_calls().tokens if spelled.isdisjoint(library.carried_by))

    @functools.cached_property
    def _by_read(self) -> dict[str, VarId]:
        return {name: library_variable(each.variable) for each in self._judged for name in each.reads}

    @functools.cached_property
    def _by_proxy(self) -> dict[str, VarId]:
        return {name: library_variable(each.variable) for each in self._judged for name in each.proxies}

    @functools.cached_property
    def _by_manager(self) -> dict[str, VarId]:
        return {name: library_variable(each.variable) for each in self._judged for name in each.holds}

    @functools.cached_property
    def _by_entry(self) -> dict[str, VarId]:
        return {name: library_variable(each.variable) for each in self._judged for name in each.entries}

    @functools.cached_property
    def _words(self) -> frozenset[str]:
        names = (*self._by_read, *self._by_proxy, *self._by_manager)
        return frozenset(name.rpartition(".")[2] for name in names)

    def reads(self, scope: Scope) -> Iterator[tuple[VarId, f.Call]]:
        """The reads in a function's own text; the use of a proxy as a call without arguments."""
        if scope.kind != "function" or scope.spelled.isdisjoint(self._words):
            return
        external = self._program.resolver.external
        for call in scope.calls:
            var = self._by_read.get(external(scope, call.func) or "")
            if var is not None:
                yield var, call
        for statement in scope.body:
            for node in walk(statement, into_scopes=False):
                if isinstance(node, f.Attribute):
                    var = self._by_proxy.get(external(scope, node.value) or "")
                    if var is not None:
                        yield var, f.Call(node.span, node, ())

    def sets(self, scope: Scope) -> Iterator[tuple[VarId, int]]:
        """The managers that a function enters, with where. Any that have such a method's name count: they silence."""
        if scope.spelled.isdisjoint(self._words):
            return
        for context in withs(scope):
            called = context.func if isinstance(context, f.Call) else None
            word = (
                called.attr
                if isinstance(called, f.Attribute)
                else called.id
                if isinstance(called, f.Name)
                else ""
            )
            for name, var in self._by_manager.items():
                if word == name.rpartition(".")[2]:
                    yield var, context.span.start

    @functools.cached_property
    def held(self) -> dict[VarId, tuple[Held, ...]]:
        """Where each variable has a value: blocks of its managers, and functions below its decorators."""
        found: dict[VarId, list[Held]] = {}
        for scope in self._program.functions():
            if scope.kind != "function":
                continue
            for var, each in (*self._blocks(scope), *self._entered(scope)):
                found.setdefault(var, []).append(each)
        return {var: tuple(every) for var, every in found.items()}

    def _blocks(self, scope: Scope) -> Iterator[tuple[VarId, Held]]:
        for context in withs(scope) if not scope.spelled.isdisjoint(self._words) else ():
            name = (
                self._program.resolver.external(scope, context.func) if isinstance(context, f.Call) else None
            )
            var = self._by_manager.get(name or "")
            region = region_of_block(scope, context) if var is not None else None
            if var is not None and region is not None:
                yield var, Held(region, context.span)

    def _entered(self, scope: Scope) -> Iterator[tuple[VarId, Held]]:
        function = scope.function
        for decorator in function.decorators if scope.parent is not None else ():
            name = self._program.resolver.external(scope.parent or scope, decorator) or ""
            var = self._by_entry.get(name.removesuffix("()"))
            if var is not None:
                yield var, Held(Region(scope, 0), function.head, entry=True)
