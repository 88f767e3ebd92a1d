"""Where the program reads, sets and holds variables of libraries that it never sees declared.

A library's variable is told by its knowledge row: what is called or used to read it, which managers hold a value, below
which decorators a function runs with one. A program that says it carries the variable by the library's own means is not
judged for it.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ctxlint.analysis.lowering.calls import library_variable
from ctxlint.analysis.program import Program
from ctxlint.analysis.regions import Region, region_of_block, withs
from ctxlint.analysis.scopes import Imported, Scope
from ctxlint.knowledge.library import TokenLibrary
from ctxlint.knowledge.loader import calls as known_calls
from ctxlint.model import facts as f
from ctxlint.model.ids import VarId
from ctxlint.model.spans import Span
from ctxlint.model.walk import is_none, walk

_LOGGING = frozenset({
    "acritical", "adebug", "aerror", "aexception", "afatal", "ainfo", "alog", "awarning", "critical", "debug", "error",
    "exception", "fatal", "info", "log", "msg", "warn", "warning",
})  # fmt: skip


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
        self._importing: dict[Scope, bool] = {}

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
    def _by_manager(self) -> dict[str, tuple[VarId, ...]]:
        return _grouped((name, each) for each in self._judged for name in each.holds)

    @functools.cached_property
    def _by_entry(self) -> dict[str, tuple[VarId, ...]]:
        return _grouped((name, each) for each in self._judged for name in each.entries)

    @functools.cached_property
    def _by_set(self) -> dict[str, VarId]:
        return {
            name: library_variable(each.variable)
            for each in self._judged
            for name in (*each.sets, *each.clears, *each.puts)
        }

    @functools.cached_property
    def _by_log(self) -> dict[str, VarId]:
        """The loggers that put the variable's values into what they write, in a program that makes them do so."""
        spelled = {
            word
            for module in self._program.modules.values()
            for scope in module.descendants()
            for word in (*scope.spelled, *scope.bindings)
        }
        return {
            name: library_variable(each.variable)
            for each in self._judged
            if each.merged_by in spelled
            for name in each.loggers
        }

    @functools.cached_property
    def _changed(self) -> dict[str, VarId]:
        """What gives an object of the library's own, by which its variable's value is changed in place."""
        return {
            f"{name}()": library_variable(each.variable) for each in self._judged for name in each.changed
        }

    @functools.cached_property
    def _names(self) -> frozenset[str]:
        return frozenset((*self._by_read, *self._by_proxy, *self._by_manager, *self._by_set))

    @functools.cached_property
    def _words(self) -> frozenset[str]:
        return frozenset(name.rpartition(".")[2] for name in self._names)

    def reads(self, scope: Scope) -> Iterator[tuple[VarId, f.Call]]:
        """The reads in a function's own text; the use of a proxy as a call without arguments."""
        if scope.kind != "function":
            return
        yield from self._logs(scope)
        if not self._is_in_sight(scope):
            return
        external = self._program.resolver.external
        for call in scope.calls:
            name = external(scope, call.func) or ""
            if name in self._by_read and not self._names_context(name, call):
                yield self._by_read[name], call
        for statement in scope.body:
            for node in walk(statement, into_scopes=False):
                if isinstance(node, f.Attribute | f.Subscript):
                    var = self._by_proxy.get(external(scope, node.value) or "")
                    if var is not None:
                        yield var, f.Call(node.span, node, ())

    def _logs(self, scope: Scope) -> Iterator[tuple[VarId, f.Call]]:
        """The calls of loggers that write the variable's values."""
        for call in scope.calls if not scope.spelled.isdisjoint(_LOGGING) and self._by_log else ():
            if isinstance(call.func, f.Attribute) and call.func.attr in _LOGGING:
                name = self._program.resolver.external(scope, call.func) or ""
                for logger, var in self._by_log.items():
                    if name.startswith(f"{logger}."):
                        yield var, call

    def _names_context(self, name: str, call: f.Call) -> bool:
        """Does a call say of which Context it wants the value?"""
        at = next((each.named_context[name] for each in self._judged if name in each.named_context), None)
        if at is None:
            return False
        plain = [argument.value for argument in call.args if argument.keyword is None]
        named = [argument.value for argument in call.args if argument.keyword == "context"]
        given = next(iter(named or plain[at : at + 1]), None)
        return given is not None and not is_none(given)

    def _is_in_sight(self, scope: Scope) -> bool:
        """Does a function spell something of a library, or see it under a name of its own (``from flask import
        request``)?
        """
        if not scope.spelled.isdisjoint(self._words):
            return True
        where: Scope | None = scope
        while where is not None:
            if where not in self._importing:
                imported = (
                    binding
                    for bindings in where.bindings.values()
                    for binding in bindings
                    if isinstance(binding, Imported) and binding.attr is not None
                )
                names = {f"{binding.module}.{binding.attr}" for binding in imported}
                self._importing[where] = not names.isdisjoint(self._names)
            if self._importing[where]:
                return True
            where = where.parent
        return False

    def sets(self, scope: Scope) -> Iterator[tuple[VarId, int]]:
        """Where a function sets a variable: the managers that it enters (any that have such a method's name count: they
        silence), calls, changes in place.
        """
        for var, node in self._put(scope):
            yield var, node.span.start
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
            for name, variables in self._by_manager.items():
                if word == name.rpartition(".")[2]:
                    yield from ((var, context.span.start) for var in variables)

    def _put(self, scope: Scope) -> Iterator[tuple[VarId, f.Node]]:
        """The calls that set a variable, and the assignments that change its value in place."""
        if not self._is_in_sight(scope):
            return
        external = self._program.resolver.external
        for call in scope.calls:
            var = self._by_set.get(external(scope, call.func) or "")
            if var is not None:
                yield var, call
        for statement in scope.body if self._changed else ():
            for node in walk(statement, into_scopes=False):
                for target in node.targets if isinstance(node, f.Assign) else ():
                    made = external(scope, target.value) if isinstance(target, f.Attribute) else None
                    if made in self._changed:
                        yield self._changed[made], node

    @functools.cached_property
    def held(self) -> dict[VarId, tuple[Held, ...]]:
        """Where each variable has a value: blocks of its managers, and functions below its decorators."""
        found: dict[VarId, list[Held]] = {}
        for scope in self._program.functions():
            if scope.kind != "function":
                continue
            for var, each in (*self._blocks(scope), *self._entered(scope), *self._changes(scope)):
                found.setdefault(var, []).append(each)
        return {var: tuple(every) for var, every in found.items()}

    def _blocks(self, scope: Scope) -> Iterator[tuple[VarId, Held]]:
        for context in withs(scope) if not scope.spelled.isdisjoint(self._words) else ():
            name = (
                self._program.resolver.external(scope, context.func) if isinstance(context, f.Call) else None
            )
            variables = self._by_manager.get(name or "", ())
            region = region_of_block(scope, context) if variables else None
            if region is not None:
                yield from ((var, Held(region, context.span)) for var in variables)

    def _changes(self, scope: Scope) -> Iterator[tuple[VarId, Held]]:
        """What is changed in place, or set without a token, is in force to the end of the function."""
        tokens = {name for each in self._judged for name in (*each.sets, *each.clears)}
        for var, node in self._put(scope) if self._changed else ():
            name = self._program.resolver.external(scope, node.func) if isinstance(node, f.Call) else None
            if name not in tokens:
                yield var, Held(Region(scope, node.span.start), node.span)

    def _entered(self, scope: Scope) -> Iterator[tuple[VarId, Held]]:
        function = scope.function
        for decorator in function.decorators if scope.parent is not None else ():
            name = self._program.resolver.external(scope.parent or scope, decorator) or ""
            for var in self._by_entry.get(name.removesuffix("()"), ()):
                yield var, Held(Region(scope, 0), function.head, entry=True)


def _grouped(named: Iterable[tuple[str, TokenLibrary]]) -> dict[str, tuple[VarId, ...]]:
    """The variables of the libraries, by name: a manager can set several."""
    found: dict[str, tuple[VarId, ...]] = {}
    for name, library in named:
        found[name] = (*found.get(name, ()), library_variable(library.variable))
    return found
