"""Where a function, or the coroutine that a call of it gives, is handed in the end: to ``create_task`` under a name,
to ``gather`` in a list, to a thread inside a ``partial`` or a lambda.

``starters`` follows what stands at one use through ``partial``, names of the same function, displays, comprehensions,
``append`` and loops, to the calls that take it. Where one way leads elsewhere (an ``await``, a ``return``, an
attribute) nothing is said.
"""

from __future__ import annotations

from ctxlint.analysis.arguments import names_context
from ctxlint.analysis.callers import Use
from ctxlint.analysis.program import Program
from ctxlint.analysis.resolve import Resolver
from ctxlint.analysis.scopes import Scope
from ctxlint.analysis.symbols import FunctionRef
from ctxlint.knowledge.hops import hops
from ctxlint.knowledge.targets import targets
from ctxlint.model import facts as f
from ctxlint.model.walk import parts, walk

#: What a worker is run by in a copy that its caller made for it.
CONTEXT_RUNS = ("contextvars.copy_context().run", "contextvars.Context().run")
_COLLECTING = frozenset({"append", "add"})
_PARTIAL = "functools.partial"
_LOOKING = frozenset({"builtins.len", "builtins.bool"})
_LINKS = 20  # what goes through more names and collections is not followed

_Parents = dict[int, f.Node]


def starters(program: Program, use: Use) -> tuple[f.Call, ...]:
    """The calls that what stands at a use is handed to, all of them in the scope of the use; empty where it goes
    elsewhere as well, or is called where it stands.
    """
    if is_plain_call(program.resolver, use):
        return ()
    if use.kind == "handed" and use.receiver is not None and not _passes_on(program.resolver, use):
        return (use.receiver,)
    if _is_run_later(program.resolver, use) and use.receiver is not None:
        return (use.receiver,)
    if use.scope.kind != "function" or use.kind not in ("handed", "call", "iterated"):
        return ()
    if use.kind != "handed" and not _is_coroutine(program.resolver, use):
        return ()
    calling = use.kind == "handed" and _is_async(program.resolver, use.scope, use.node)
    return _Following(program.resolver, use.scope, calling=calling).taken(use.node) or ()


def runs_in_copy(call: f.Call, name: str) -> bool:
    """Does the API ``name`` run its worker in a copy of the caller's Context on every Python that counts?"""
    rows = [row for row in hops().every(name) if row.worker.stands == "worker"]
    return bool(rows) and all(
        set(targets().verdicts(row).values()) == {"isolated-copy"} and not names_context(call, row)
        for row in rows
    )


def use_of_lambda(scope: Scope) -> Use | None:
    """The use of a lambda that is handed to a call where it is written; None for other lambdas."""
    parent = scope.parent
    if parent is None or scope.kind != "function" or not scope.function.is_lambda:
        return None
    for call in parent.calls:
        for argument in call.args:
            if isinstance(argument.value, f.Lambda) and argument.value.function is scope.node:
                return Use(parent, argument.value, "handed", call)
    return None


def _passes_on(resolver: Resolver, use: Use) -> bool:
    """Does the call that gets the function only keep it: ``partial`` or the ``append`` of a list?"""
    if use.receiver is None:
        return False
    func = use.receiver.func
    if resolver.external(use.scope, func) == _PARTIAL:
        return True
    return isinstance(func, f.Attribute) and isinstance(func.value, f.Name) and func.attr in _COLLECTING


def _is_run_later(resolver: Resolver, use: Use) -> bool:
    """Does it stand in a ``partial(context.run, f)``? Whoever calls that, ``f`` runs in the copy; but for an async
    function, of which it gives the coroutine.
    """
    call = use.receiver
    return (
        use.kind == "handed"
        and call is not None
        and bool(call.args)
        and resolver.external(use.scope, call.args[0].value) in CONTEXT_RUNS
        and not _is_async(resolver, use.scope, use.node)
    )


def is_plain_call(resolver: Resolver, use: Use) -> bool:
    """Is a function called whose body runs where the call stands, whatever its result is handed to?"""
    if not isinstance(use.node, f.Call):
        return False
    symbol = resolver.resolve(use.scope, use.node.func)
    return isinstance(symbol, FunctionRef) and not (
        symbol.scope.function.is_async
        or symbol.scope.function.is_generator
        or symbol.scope.function.decorators
    )


def _is_coroutine(resolver: Resolver, use: Use) -> bool:
    """Is this the call of a coroutine function, whose body does not run where it stands?"""
    return isinstance(use.node, f.Call) and _is_async(resolver, use.scope, use.node.func)


def _is_async(resolver: Resolver, scope: Scope, func: f.Node) -> bool:
    symbol = resolver.resolve(scope, func) if isinstance(func, f.Name | f.Attribute) else None
    return (
        isinstance(symbol, FunctionRef)
        and symbol.scope.function.is_async
        and not symbol.scope.function.is_generator
    )


class _Following:
    """What becomes of one expression in one function. Answers are None where it goes somewhere unknown. ``calling``:
    it is an async function, so a call of it, or of a ``partial`` of it, gives the coroutine that is followed on.
    """

    def __init__(self, resolver: Resolver, scope: Scope, *, calling: bool) -> None:
        self._calling = calling
        self._resolver = resolver
        self._scope = scope
        self._parents: _Parents = {}
        for statement in scope.body:
            _enter(statement, self._parents)
        self._names: set[str] = set()

    def taken(self, node: f.Node) -> tuple[f.Call, ...] | None:
        """The calls that take what ``node`` gives."""
        parent = self._parents.get(id(node))
        while parent is not None:
            match parent:
                case f.Argument():
                    return self._argument(parent)
                case f.Assign(targets=(f.Name(id=name),)):
                    return self._under(name)
                case f.Walrus(target=f.Name(id=name)):
                    above = self.taken(parent)
                    under = self._under(name)
                    return None if above is None or under is None else (*above, *under)
                case f.Clause() | f.For() if parent.iterable is node and isinstance(parent.target, f.Name):
                    return self._under(parent.target.id)
                case f.Comprehension(element=element, value=None) if element is node:
                    pass
                case f.Conditional(test=test) if test is not node:
                    pass
                case f.Starred() | f.Display():
                    pass
                case f.Call(func=func) if func is node and self._calling:
                    pass
                case _:
                    return None
            node, parent = parent, self._parents.get(id(parent))
        return None

    def _argument(self, argument: f.Argument) -> tuple[f.Call, ...] | None:
        call = self._parents.get(id(argument))
        if not isinstance(call, f.Call):
            return None
        name = self._resolver.external(self._scope, call.func)
        if name == _PARTIAL:
            return self.taken(call) if call.args[self._is_context_run(call)] is argument else None
        match call.func:
            case f.Attribute(value=f.Name(id=collection), attr=attr) if attr in _COLLECTING:
                return self._under(collection)
            case _:
                return () if name in _LOOKING else (call,)

    def _is_context_run(self, partial: f.Call) -> bool:
        """Is it a ``partial(context.run, f)``? To call it is to call ``f``."""
        first = partial.args[0].value
        return len(partial.args) > 1 and self._resolver.external(self._scope, first) in CONTEXT_RUNS

    def _under(self, name: str) -> tuple[f.Call, ...] | None:
        """The calls that take what lies under a name of the function."""
        if name not in self._scope.function.bound or len(self._names) >= _LINKS:
            return None
        if name in self._names:
            return ()
        self._names.add(name)
        if any(_mentions(child, name) for child in self._scope.children):
            return None
        found: list[f.Call] = []
        for statement in self._scope.body:
            for node in walk(statement, into_scopes=False):
                if isinstance(node, f.Name) and node.id == name and not self._is_no_way_out(node):
                    taken = self.taken(node)
                    if taken is None:
                        return None
                    found.extend(taken)
        return tuple(found)

    def _is_no_way_out(self, name: f.Name) -> bool:
        """Is the name bound here, tested, or only filled?"""
        match self._parents.get(id(name)):
            case f.Assign(targets=targets):
                return any(target is name for target in targets)
            case f.For(target=target) | f.Clause(target=target) | f.Walrus(target=target):
                return target is name
            case f.If(test=test) | f.While(test=test):
                return test is name
            case f.Not():
                return True
            case f.Attribute(attr=attr):
                return attr in _COLLECTING
            case _:
                return False


def _enter(node: f.Node, parents: _Parents) -> None:
    """Enter what stands below a node, nested functions and classes left out, with what holds it."""
    stack = [node]
    while stack:
        current = stack.pop()
        if isinstance(current, f.Function | f.Class):
            continue
        for part in parts(current):
            parents[id(part)] = current
            stack.append(part)


def _mentions(scope: Scope, name: str) -> bool:
    return scope.node is not None and any(
        isinstance(node, f.Name) and node.id == name for node in walk(scope.node)
    )
