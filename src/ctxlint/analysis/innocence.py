"""Is a mutable default ever put at risk? Proof of innocence, by every use of the variable in the program.

A default is innocent when the whole program only reads, copies or overrides it (see ``uses_of_value`` for what is
followed). It is *written* where a write reaches what ``get()`` gave. Otherwise it is in *doubt*: where it leaves the
program's sight, where the variable itself is handed on, and where nobody reads it yet. A public name alone proves
nothing.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass, replace

from ctxlint.analysis.arguments import parameters_of
from ctxlint.analysis.frame_kinds import is_test_file
from ctxlint.analysis.mutability import mutable
from ctxlint.analysis.names_of_value import Bindings
from ctxlint.analysis.program import Program
from ctxlint.analysis.scopes import Assigned, Scope
from ctxlint.analysis.symbols import FunctionRef, InstanceRef
from ctxlint.analysis.unset import Unset
from ctxlint.analysis.uses_of_value import Fate, Held, UsesOfValue
from ctxlint.model import facts as f
from ctxlint.model.ids import VarId
from ctxlint.model.walk import parts, receiver, walk


@dataclass(frozen=True, slots=True)
class Got:
    """One ``get`` of a variable and what becomes of its value."""

    var: VarId
    scope: Scope
    call: f.Call
    fates: tuple[Fate, ...]

    @property
    def fallback(self) -> f.Expr | None:
        """What ``get`` was given to return where nothing is set."""
        return self.call.args[0].value if self.call.args else None

    @property
    def writes(self) -> tuple[Fate, ...]:
        """The writes among what becomes of it."""
        return tuple(fate for fate in self.fates if fate.kind == "written")


@dataclass(frozen=True, slots=True)
class Proof:
    """The ``get()`` calls that were found harmless, and the first use that was not: a ``get()`` whose value may be
    changed, or the variable itself where it ``escapes``. ``written`` are the writes that reach the default for
    certain, ``left`` the first place where it leaves the program's sight or is changed after a ``set``; a doubtful one
    only where there is no other.
    """

    reads: tuple[tuple[Scope, f.Node], ...]
    doubt: tuple[Scope, f.Node] | None = None
    escapes: bool = False
    written: tuple[Fate, ...] = ()
    left: Fate | None = None

    overridden: bool = False
    """Does some ``get`` give a value of its own where nothing is set?"""

    @property
    def innocent(self) -> bool:
        """Is there a read, and nothing but harmless ones? One that overrides the default does not see it."""
        return (bool(self.reads) or self.overridden) and self.doubt is None


class Innocence:
    """Answers for the variables of one program; each answer is found once."""

    def __init__(self, program: Program) -> None:
        """Nothing is looked at until asked."""
        self._program = program
        self._uses = UsesOfValue(program)
        self._unset = program.once(Unset)
        self._proofs: dict[VarId, Proof] = {}
        self._got: dict[VarId, tuple[Got, ...]] = {}

    @property
    def bindings(self) -> Bindings:
        """Who stands in what, as far as it was looked at."""
        return self._uses.bindings

    def is_innocent(self, var: VarId) -> bool:
        """Does the program read the variable's default, and never more than that?"""
        return self.proof(var).innocent

    def proof(self, var: VarId) -> Proof:
        """The uses of the variable's default."""
        if var not in self._proofs:
            self._proofs[var] = self._prove(var)
        return self._proofs[var]

    def got(self, var: VarId) -> tuple[Got, ...]:
        """Every ``get`` of the variable in the program, in the order of files and text."""
        if var not in self._got:
            self._got[var] = tuple(
                Got(var, scope, call, self._uses.fates(scope, call, self._held(var, call)))
                for scope, call in self._gets.get(var, ())
            )
        return self._got[var]

    def fates(self, scope: Scope, node: f.Expr, held: Held) -> tuple[Fate, ...]:
        """What becomes of the object that an expression gives."""
        return self._uses.fates(scope, node, held)

    @property
    def told(self) -> Iterator[tuple[Scope, f.Node]]:
        """The places of which a rule may speak: every write, with its ``get`` and the calls between, and where a
        default leaves the program's sight.
        """
        for var, declaration in self._program.by_var.items():
            for got in self.got(var):
                for fate in got.writes:
                    yield from ((got.scope, got.call), (fate.scope, fate.node), *fate.through)
            if declaration.default is not None and (left := self.proof(var).left) is not None:
                yield left.scope, left.node

    def finds_nothing_set(self, got: Got) -> bool:
        """Can the ``get`` run where nobody has set the variable before, as far as its function and callers tell?"""
        return self._unset.may_be(got.var, got.scope, got.call.span.start)

    def is_set_above(self, got: Got) -> bool:
        """Does the function set the variable above its ``get``?"""
        return self._unset.is_set_above(got.var, got.scope, got.call.span.start)

    @functools.cached_property
    def _gets(self) -> dict[VarId, list[tuple[Scope, f.Call]]]:
        found: dict[VarId, list[tuple[Scope, f.Call]]] = {}
        for module in self._program.modules.values():
            for scope in module.descendants():
                if "get" not in scope.spelled:
                    continue
                for call in scope.calls:
                    if isinstance(call.func, f.Attribute) and call.func.attr == "get":
                        var = self._program.resolver.variable(scope, call.func.value)
                        if var is not None:
                            found.setdefault(var, []).append((scope, call))
        return found

    def _held(self, var: VarId, call: f.Call) -> Held:
        """What is known of what a ``get()`` gives: the default's class, and whether its elements can be changed."""
        declaration = self._program.by_var.get(var)
        if declaration is None or declaration.default is None or call.args:
            return Held(var)
        resolver = self._program.resolver
        made = resolver.value(declaration.made, declaration.default) or (
            declaration.made,
            declaration.default,
        )
        symbol = resolver.resolve(*made)
        items: tuple[f.Expr, ...] = ()
        if isinstance(made[1], f.Display):
            items = made[1].items
        elif isinstance(made[1], f.DictDisplay):
            items = made[1].values
        elements = any(mutable(resolver, made[0], item) is not None for item in items)
        cls = symbol.scope if isinstance(symbol, InstanceRef) else None
        bare = cls is not None and isinstance(made[1], f.Call) and not made[1].args
        return Held(var, cls, elements, _plain_fields(cls) if cls is not None and bare else frozenset())

    def _prove(self, var: VarId) -> Proof:
        reads: list[tuple[Scope, f.Node]] = []
        doubts: list[Got] = []
        overridden = False
        for got in self.got(var):
            if got.call.args:
                overridden = True
                continue
            fates = tuple(fate for fate in got.fates if not self._misses_what_is_empty(var, fate))
            if fates:
                doubts.append(replace(got, fates=fates))
            else:
                reads.append((got.scope, got.call))
        if doubts:
            told = self._told(var, doubts)
            others = [fate for got in doubts for fate in got.fates if fate not in told]
            left = min(others, key=lambda fate: fate.doubtful, default=None)
            return Proof(tuple(reads), (doubts[0].scope, doubts[0].call), written=told, left=left)
        escape = self.escape(var)
        if escape is None and not overridden and not reads:
            taken = [self._gets_of_taker(scope, expr, var) for scope, _, expr in self._mentions(var)]
            overridden = any(taken)
        return Proof(tuple(reads), escape, escapes=escape is not None, overridden=overridden)

    def _misses_what_is_empty(self, var: VarId, fate: Fate) -> bool:
        """Does a write change nothing in a container that has nothing in it, as the default has: `pop`, `del x[-1]`,
        and in a list the assignment of an item, which raises?
        """
        made = self._filled_by_nobody(var) if fate.kind == "written" else None
        if not isinstance(made, f.Display | f.DictDisplay) or parts(made):
            return False
        item = fate.node.index if isinstance(fate.node, f.Subscript) else None
        slices = isinstance(item, f.Operation) and item.op == ":"
        return not fate.adds or (isinstance(made, f.Display) and item is not None and not slices)

    def _filled_by_nobody(self, var: VarId) -> f.Expr | None:
        """What the default is, where it is written out or under a name that stands nowhere else."""
        declaration = self._program.by_var.get(var)
        made = declaration.default if declaration is not None else None
        if declaration is None or not isinstance(made, f.Name):
            return made
        uses = [
            use.node
            for use in self._program.uses.named(made.id)
            if not (isinstance(use.node, f.Name) and self.bindings.role(use.scope, use.node))
        ]
        elsewhere = (
            module.path
            for module in self._program.resolver.library.naming(made.id)
            if module.path != declaration.made.path
        )
        found = self._program.resolver.value(declaration.made, made)
        return found[1] if found is not None and uses == [made] and not any(elsewhere) else None

    def _told(self, var: VarId, doubts: list[Got]) -> tuple[Fate, ...]:
        """The writes that reach the default: not those of tests, nor those for which every caller sets a value."""
        in_tests = is_test_file(self._program, var.module)
        operators = self._is_container(var)
        found: dict[int, Fate] = {}
        for got in doubts:
            for fate in got.writes:
                tested = any(is_test_file(self._program, each.path) for each in (got.scope, fate.scope))
                if fate.rebinds and not operators:
                    continue
                if tested <= in_tests and self.finds_nothing_set(got):
                    found.setdefault(id(fate.node), fate)
        return tuple(found.values())

    def _is_container(self, var: VarId) -> bool:
        declaration = self._program.by_var.get(var)
        if declaration is None or declaration.default is None:
            return False
        found = mutable(self._program.resolver, declaration.made, declaration.default)
        return found is not None and found.is_container

    def escape(self, var: VarId) -> tuple[Scope, f.Node] | None:
        """The first place where the variable itself is handed on. Another name of a class or module for it is followed,
        and so are a loop over variables and a function of the program that only read what they hold.
        """
        for scope, node, expr in self._mentions(var):
            if not (
                self._is_declaration(scope, expr)
                or self._is_snapshot(scope, expr, var)
                or self._is_looked_at(scope, expr, var)
                or self._gets_of_taker(scope, expr, var) is not None
            ):
                return scope, node
        return None

    def _gets_of_taker(self, scope: Scope, expr: f.Expr, var: VarId) -> tuple[f.Call, ...] | None:
        """The calls of ``get`` in the function of the program that is given the variable, if it does no more with it
        than to set, to reset and to read it harmlessly; None where it is not given to such a function.
        """
        call = self.bindings.parent(scope, expr)
        if isinstance(call, f.Argument):
            call = self.bindings.parent(scope, call)
        symbol = self._program.resolver.resolve(scope, call.func) if isinstance(call, f.Call) else None
        if not isinstance(call, f.Call) or not isinstance(symbol, FunctionRef):
            return None
        taken = zip(call.args, parameters_of(call, symbol), strict=True)
        given = next((name for argument, name in taken if argument.value is expr), None)
        names = [
            node
            for statement in symbol.scope.body
            for node in walk(statement)
            if isinstance(node, f.Name) and node.id == given
        ]
        methods = [self._method_call(symbol.scope, name) for name in names]
        calls = [
            each for each in methods if each is not None and receiver(each, "get", "reset", "set") is not None
        ]
        gets = [each for each in calls if receiver(each, "get") is not None]
        kept = any(
            not each.args and self._uses.fates(symbol.scope, each, self._held(var, each)) for each in gets
        )
        return None if given is None or len(calls) < len(names) or kept else tuple(gets)

    def _method_call(self, scope: Scope, expr: f.Expr) -> f.Call | None:
        """The call of a method of what an expression gives; None where it stands in anything else."""
        method = self.bindings.parent(scope, expr)
        call = self.bindings.parent(scope, method) if isinstance(method, f.Attribute) else None
        return call if isinstance(call, f.Call) and call.func is method else None

    def _mentions(self, var: VarId) -> Iterator[tuple[Scope, f.Node, f.Expr]]:
        """Where the variable itself is named, under any of its names, and neither one of its methods is called nor
        another name is made.
        """
        pending, seen = [var.name], set[str]()
        while pending:
            name = pending.pop()
            seen.add(name)
            for use in self._program.uses.named(name):
                expr = use.node.func if isinstance(use.node, f.Call) else use.node
                if not isinstance(expr, f.Name | f.Attribute):
                    continue
                if self._program.resolver.variable(use.scope, expr) != var:
                    continue
                alias = self._alias(use.scope, expr)
                if alias is not None:
                    pending += {alias} - seen
                elif self._method_call(use.scope, expr) is None:
                    yield use.scope, use.node, expr

    def _alias(self, scope: Scope, expr: f.Expr) -> str | None:
        """The name of a class or module that ``name = variable`` makes another one for it."""
        statement = self.bindings.parent(scope, expr)
        if scope.kind == "function" or not isinstance(statement, f.Assign) or statement.value is not expr:
            return None
        names = [target.id for target in statement.targets if isinstance(target, f.Name)]
        return names[0] if len(names) == len(statement.targets) == 1 else None

    def _is_looked_at(self, scope: Scope, expr: f.Expr, var: VarId) -> bool:
        """Does it stand in a list, or in one of its rows, over which one loop of the function goes, and does that hand
        no variable on, nor anything of what they hold?
        """
        target = self._loop_target(scope, expr) if scope.kind == "function" else None
        if target is None:
            return False
        names = list(self.bindings.uses(scope, target))
        calls = [(inner, self._method_call(inner, name)) for inner, name in names]
        each = self._program.resolver.variable(scope, target) or var  # to set it to its own value is harmless
        kept = any(
            self._uses.fates(inner, call, replace(self._held(var, call), var=each))
            for inner, call in calls
            if call is not None and receiver(call, "get") is not None and not call.args
        )
        return not kept and all(self._only_asks(inner, name) for inner, name in names)

    def _loop_target(self, scope: Scope, expr: f.Expr) -> f.Name | None:
        """The name that a loop gives an element of the list that ``expr`` stands in."""
        display = self.bindings.parent(scope, expr)
        outer = self.bindings.parent(scope, display) if isinstance(display, f.Display) else None
        place: int | None = None
        if isinstance(display, f.Display) and isinstance(outer, f.Display):
            place = next(index for index, item in enumerate(display.items) if item is expr)
            display, outer = outer, self.bindings.parent(scope, outer)
        iterated: f.Node | None = display
        if isinstance(outer, f.Assign) and len(outer.targets) == 1 and isinstance(outer.targets[0], f.Name):
            uses = [name for _, name in self.bindings.uses(scope, outer.targets[0])]
            iterated = uses[0] if len(uses) == 1 else None
        loop = self.bindings.parent(scope, iterated) if iterated is not None else None
        if not isinstance(loop, f.For) or loop.iterable is not iterated:
            return None
        target: f.Expr | None = loop.target
        if place is not None:
            items = target.items if isinstance(target, f.Display) else ()
            target = items[place] if place < len(items) else None
        return target if isinstance(target, f.Name) else None

    def _only_asks(self, scope: Scope, name: f.Name) -> bool:
        """Is a method of the variable called, its name asked for, or is it the key under which a token is kept?"""
        match self.bindings.parent(scope, name):
            case f.Attribute(attr=attr):
                return attr in ("get", "name", "reset", "set")
            case f.Subscript(index=index):
                return index is name
            case _:
                return False

    def _is_snapshot(self, scope: Scope, expr: f.Expr, var: VarId) -> bool:
        """Is it the key of a dict under which its own value is kept: ``{var: var.get()}``?"""
        display = self.bindings.parent(scope, expr)
        if not isinstance(display, f.DictDisplay):
            return False
        value = next((v for k, v in zip(display.keys, display.values, strict=True) if k is expr), None)
        return any(value is got.call for got in self.got(var))

    def _is_declaration(self, scope: Scope, expr: f.Expr) -> bool:
        parent = self.bindings.parent(scope, expr)
        return isinstance(parent, f.Assign | f.Annotate) and getattr(parent, "value", None) is not expr


def _plain_fields(cls: Scope) -> frozenset[str]:
    """The fields that an object made without arguments has from its class's text, where that is a literal."""
    return frozenset(
        name
        for name, bindings in cls.bindings.items()
        if name not in cls.attributes
        and all(isinstance(each, Assigned) and isinstance(each.value, f.Literal) for each in bindings)
    )
