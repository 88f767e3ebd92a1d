"""Where functions read and where they first set a variable, in the order of their text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ctxlint.analysis.library_contexts import LibraryContexts
from ctxlint.analysis.lowering.managers import scoped_variables
from ctxlint.analysis.program import Program
from ctxlint.analysis.resolve import Resolver
from ctxlint.analysis.scopes import Assigned, Iterated, Scope
from ctxlint.analysis.symbols import FunctionRef, InstanceRef
from ctxlint.model import facts as f
from ctxlint.model.ids import VarId
from ctxlint.model.walk import receiver, walk


@dataclass(frozen=True, slots=True)
class Read:
    """A call of ``get`` in the text of ``scope``."""

    var: VarId
    scope: Scope
    node: f.Call


class Reads:
    """The reads and first sets of the program's functions, found as they are asked for."""

    def __init__(self, program: Program) -> None:
        """Nothing is looked at until asked."""
        self._program = program
        self._reads: dict[Scope, tuple[Read, ...]] = {}
        self._every: dict[Scope, tuple[Read, ...]] = {}
        self._contained: dict[Scope, frozenset[VarId]] = {}
        self.libraries = LibraryContexts(program)
        self._first: dict[Scope, dict[VarId | None, int]] = {}  # None: every variable

    def of(self, scope: Scope) -> tuple[Read, ...]:
        """The reads in a function's own text. Where it sets the same variable, too, they count for nothing: it keeps
        the old value to put it back, makes the next one of it, or sets what it does not find.
        """
        if scope not in self._reads:
            own = self._found(scope) if scope.path in self._program.modules else []
            self._reads[scope] = (*own, *(Read(var, scope, at) for var, at in self.libraries.reads(scope)))
        return self._reads[scope]

    def every(self, scope: Scope) -> tuple[Read, ...]:
        """The reads of variables of the program, whatever the function sets."""
        if scope not in self._every:
            self._every[scope] = tuple(
                Read(var, scope, call)
                for call in scope.calls
                if (var := self.read_by(scope, call)) is not None
            )
        return self._every[scope]

    def first_set(self, scope: Scope, var: VarId) -> int | None:
        """Where in a function's text the variable is first set, by itself, a helper or a context manager."""
        if scope not in self._first:
            self._first[scope] = self._sets(scope)
            for each, at in self.libraries.sets(scope):
                self._first[scope][each] = min(self._first[scope].get(each, at), at)
        found = (self._first[scope].get(var), self._first[scope].get(None))
        return min((at for at in found if at is not None), default=None)

    def _found(self, scope: Scope) -> list[Read]:
        found = self.every(scope)
        if not found:
            return []
        outcome = self._program.outcome(scope)
        sites = outcome.sites if outcome is not None else ()
        prepared = {each.site.var for each in sites}
        return [read for read in found if read.var not in prepared]

    def read_by(self, scope: Scope, call: f.Call) -> VarId | None:
        """The variable that a call reads, whatever the function sets: by its ``get``, or by a name for that
        (``current = tenant.get``).
        """
        made = scope, call.func
        if isinstance(call.func, f.Name) or (isinstance(call.func, f.Attribute) and call.func.attr != "get"):
            if self._program.resolver.resolve(scope, call.func) is not None:
                return None
            made = self._program.resolver.value(scope, call.func) or made
        where, func = made
        if not isinstance(func, f.Attribute) or func.attr != "get":
            return None
        return self._program.resolver.variable(where, func.value)

    def _sets(self, scope: Scope) -> dict[VarId | None, int]:
        found: dict[VarId | None, int] = {}
        if isinstance(scope.node, f.Function) and scope.parent is not None:
            for decorator in scope.node.decorators:
                if self._holds_its_body(scope.node, scope.parent, decorator):
                    held = scoped_variables(self._program.frame(scope.parent), decorator)
                    found.update(dict.fromkeys(held, scope.start))
        for call in scope.calls:
            for var in self._touched(scope, call):
                found[var] = min(found.get(var, call.span.start), call.span.start)
        for statement in scope.body:
            for node in walk(statement, into_scopes=False):
                if isinstance(node, f.WithItem):
                    scoped = scoped_variables(self._program.frame(scope), node.context)
                    each = (None,) if self._replays(scope, node.context) else ()
                    for var in (*scoped, *self._entered(scope, node.context), *each):
                        found[var] = min(found.get(var, node.span.start), node.span.start)
        return found

    def _replays(self, scope: Scope, context: f.Expr) -> bool:
        """Does a manager of the program set each variable of a Context, taken out of it in pairs, at its entry?"""
        resolver = self._program.resolver
        enter = entry_of(resolver, scope, context)
        if isinstance(context, f.Call) and not isinstance(resolver.resolve(scope, context), InstanceRef):
            made = resolver.resolve(scope, context.func)
            enter = made.scope if isinstance(made, FunctionRef) else None
        return enter is not None and any(
            isinstance(call.func, f.Attribute)
            and call.func.attr == "set"
            and self._is_each(enter, call.func.value)
            for call in enter.calls
        )

    def _entered(self, scope: Scope, context: f.Expr) -> frozenset[VarId]:
        """The variables that a manager's entry certainly leaves set, whatever its exit makes of them."""
        enter = entry_of(self._program.resolver, scope, context)
        outcome = self._program.outcome(enter) if enter is not None else None
        return frozenset(
            each.site.var
            for each in (outcome.sites if outcome is not None else ())
            if all(e.fate in ("held", "transferred") for e in each.exits if e.kind == "normal") and each.exits
        )

    def _holds_its_body(self, function: f.Function, outer: Scope, decorator: f.Expr) -> bool:
        """Is a manager that decorates a function still entered when the body runs? A plain one is around a plain
        function only: of another the call just makes an object.
        """
        if function.is_generator:
            return False
        resolver = self._program.resolver
        symbol = resolver.resolve(outer, decorator)
        if isinstance(symbol, InstanceRef):
            return (
                resolver.method(symbol.scope, "__aenter__" if function.is_async else "__enter__") is not None
            )
        made = resolver.resolve(outer, decorator.func) if isinstance(decorator, f.Call) else None
        return isinstance(made, FunctionRef) and made.scope.function.is_async == function.is_async

    def _touched(self, scope: Scope, call: f.Call) -> Iterator[VarId | None]:
        """The variables that a call sets; None for every one."""
        resolver = self._program.resolver
        if isinstance(call.func, f.Attribute) and call.func.attr == "set":
            var = resolver.variable(scope, call.func.value)
            if var is not None:
                yield var
            else:
                yield from self._in_container(scope, call.func.value)
            if self._is_each(scope, call.func.value):
                yield None
        symbol = resolver.resolve(scope, call.func)
        if isinstance(symbol, FunctionRef):
            effects = self._program.effects(symbol.scope)
            yield from effects.sets
            yield from (token.var for token in effects.tokens)
            yield from self._by_containers(symbol.scope)

    def _by_containers(self, scope: Scope) -> frozenset[VarId]:
        """The variables that a function sets by way of a container that holds them (``KEYS[name].set(value)``)."""
        if scope not in self._contained:
            self._contained[scope] = frozenset(
                var
                for call in (scope.calls if scope.path in self._program.modules else ())
                if isinstance(call.func, f.Attribute) and call.func.attr == "set"
                if self._program.resolver.variable(scope, call.func.value) is None
                for var in self._in_container(scope, call.func.value)
            )
        return self._contained[scope]

    def _in_container(self, scope: Scope, expr: f.Expr) -> Iterator[VarId]:
        """The variables of the container from which an expression takes one."""
        resolver = self._program.resolver
        parts: list[tuple[Scope, f.Expr]] = [(scope, expr)]
        found = resolver.bindings(scope, expr) if isinstance(expr, f.Name) else None
        home, bindings = found if found is not None else (scope, [])
        for binding in bindings:
            if isinstance(binding, Assigned) and not binding.path:
                parts.append((home, binding.value))
            elif isinstance(binding, Iterated):
                for where, item in resolver.elements(home, binding.value, binding.path) or ():
                    var = resolver.variable(where, item)
                    if var is not None:
                        yield var
        for where, part in parts:
            match part:
                case f.Subscript(value=container):
                    made = resolver.value(where, container)
                case f.Call(func=f.Attribute(attr="get", value=container)):
                    made = resolver.value(where, container)
                case _:
                    continue
            held = made[1] if made is not None else None
            if made is not None and isinstance(held, f.DictDisplay):
                variables = (resolver.variable(made[0], value) for value in held.values)
                yield from (var for var in variables if var is not None)

    def _is_each(self, scope: Scope, expr: f.Expr) -> bool:
        """Is the name the first of the pairs that a loop takes: each variable of a Context, with its value?"""
        found = self._program.resolver.bindings(scope, expr) if isinstance(expr, f.Name) else None
        return found is not None and any(
            isinstance(binding, Iterated) and binding.path == (0,) for binding in found[1]
        )


def entry_of(resolver: Resolver, scope: Scope, context: f.Expr) -> Scope | None:
    """The method by which a ``with`` enters a manager, if that is an object of a class of the program."""
    symbol = resolver.resolve(scope, context)
    return (
        resolver.method(symbol.scope, "__enter__", "__aenter__") if isinstance(symbol, InstanceRef) else None
    )


def is_set(program: Program, scope: Scope, call: f.Call, var: VarId) -> bool:
    """Is it a call of the variable's own ``set``?"""
    of = receiver(call, "set")
    return of is not None and program.resolver.variable(scope, of) == var


def gives(program: Program, scope: Scope) -> bool:
    """Does the function return something of what ``get`` of a variable of the program gives?"""
    variable = program.resolver.variable
    return any(
        isinstance(call.func, f.Attribute)
        and call.func.attr == "get"
        and variable(scope, call.func.value) in program.by_var
        and is_returned(program, scope, call)
        for call in scope.calls
    )


def is_returned(program: Program, scope: Scope, node: f.Node) -> bool:
    """Is ``node`` part of what the function returns, itself or through a name?"""
    nodes = [part for value in program.resolver.returns(scope) for part in walk(value, into_scopes=False)]
    names = {part.id for part in nodes if isinstance(part, f.Name)}
    nodes += [
        part
        for name in names
        for binding in scope.bindings.get(name, ())
        if isinstance(binding, Assigned)
        for part in walk(binding.value, into_scopes=False)
    ]
    return any(part is node for part in nodes)
