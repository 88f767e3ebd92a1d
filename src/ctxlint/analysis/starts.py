"""Where a function starts a worker in another Context, and where it waits for it.

A *start* is a call of an API that runs its worker in a copy of the caller's Context, in an empty one, or in one that
the program keeps (``ctx.run``), in some version of Python that the knowledge base judges; what it sets there does not
come back. The *wait* is the place behind which the worker is certainly done: the ``await`` or ``result()`` of what the
call gives, the end of the ``with`` of its group or pool, the call itself where it blocks. Without one it is not known
when the worker runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ctxlint.analysis.arguments import Given, as_written, handed_on, names_context, worker_arguments
from ctxlint.analysis.callables import Callables
from ctxlint.analysis.resolve import Resolver
from ctxlint.analysis.scopes import Scope
from ctxlint.knowledge.hop import Hop, Version
from ctxlint.knowledge.hops import hops
from ctxlint.knowledge.targets import targets
from ctxlint.model import facts as f
from ctxlint.model.walk import dotted, is_none, walk

_APART = frozenset({"isolated-copy", "drops"})
_RUN = "contextvars.Context().run"
_NOWHERE: Given = {}
_BLOCKING = frozenset({
    "asyncio.run", "asyncio.AbstractEventLoop().run_until_complete", "contextvars.Context().run",
    "multiprocessing.pool.ThreadPool().apply", "multiprocessing.pool.ThreadPool().map",
    "multiprocessing.pool.ThreadPool().starmap",
})  # fmt: skip
_WAITERS = frozenset({
    "asyncio.gather", "asyncio.wait", "asyncio.wait_for", "asyncio.shield", "asyncio.as_completed",
    "asyncio.wrap_future", "asyncio.ensure_future", "asyncio.create_task", "builtins.list", "builtins.tuple",
    "concurrent.futures.wait", "concurrent.futures.as_completed",
})  # fmt: skip
_JOINING = frozenset({"join", "result", "exception", "get", "wait"})
_LEFT_DONE = frozenset({"submit", "map", "create_task", "start_soon"})
_STARTERS = frozenset({"threading.Thread", "threading.Timer"})


@dataclass(frozen=True, slots=True)
class Start:
    """A call in ``scope`` that starts ``worker`` in another Context; ``wait`` is None where nothing is known of it.

    ``at`` is where it starts: the call, or the ``start()`` of a thread that was made before. It holds for Python before
    ``before``, None for every version.
    """

    scope: Scope
    call: f.Call
    at: f.Node
    callee: str
    row: Hop
    worker: Scope
    wait: f.Node | None
    before: Version | None = None


class Starts:
    """Answers for the functions of one program."""

    def __init__(self, resolver: Resolver, callables: Callables) -> None:
        """Nothing is looked at until asked."""
        self._resolver = resolver
        self._callables = callables

    def of(self, scopes: Iterable[Scope]) -> Iterator[Start]:
        """The starts whose worker is known, in the order of the text."""
        for scope in scopes:
            if scope.kind != "function" and scope.parent is not None:
                continue
            for call in scope.calls:
                name = self._resolver.external(scope, call.func)
                for row in hops().every(name) if name is not None else ():
                    yield from self._of_row(scope, call, hops().canonical(name or ""), row)

    def _of_row(self, scope: Scope, call: f.Call, callee: str, row: Hop) -> Iterator[Start]:
        apart = [v for v in targets().versions if row.exists(v) and _is_apart(row, v, call)]
        there = [v for v in targets().versions if row.exists(v)]
        if not apart or row.worker.stands != "worker" or row.wraps or names_context(call, row):
            return
        at = _started(scope, call) if callee in _STARTERS else call
        if at is None:
            return
        before = None if apart == there else (apart[-1][0], apart[-1][1] + 1)
        wait = self._wait(scope, call, callee, at)
        for expr in worker_arguments(call, row.worker):
            coroutine = row.form == "coroutine"
            arguments = self._callables.arguments(scope, *handed_on(call, row))
            for step in self._callables.of(scope, expr, arguments, _NOWHERE) or ():
                function = step.callee.function
                if function.is_generator or function.is_async != coroutine:
                    continue
                yield Start(scope, call, at, callee, row, step.callee, wait, before)

    # --- waiting ------------------------------------------------------------------------------------------

    def _wait(self, scope: Scope, call: f.Call, callee: str, at: f.Node) -> f.Node | None:
        if callee in _BLOCKING:
            return call
        for statement in scope.body:
            for node in walk(statement, into_scopes=False):
                if node.span.end >= call.span.start and self._waits_for(scope, node, call):
                    return node
        block = _block_of_owner(scope, call)
        if block is not None:
            return block
        names = {name for name in _names_of(scope, call) if name is not None}
        return self._wait_by_name(scope, names, at) if names else None

    def _waits_for(self, scope: Scope, node: f.Node, call: f.Call) -> bool:
        """Is this an ``await`` of the call, or a ``.result()`` of it?"""
        match node:
            case f.Await(value=value):
                return self._gives(scope, value, call)
            case f.Call(func=f.Attribute(value=value, attr=attr)):
                return value is call and attr in _JOINING
            case _:
                return False

    def _gives(self, scope: Scope, value: f.Expr, call: f.Call) -> bool:
        """Is what is awaited the call, or something that waits for it in turn?"""
        if value is call:
            return True
        match value:
            case f.Call(func=func, args=args) if self._is_waiter(scope, func):
                return any(self._gives(scope, argument.value, call) for argument in args)
            case f.Display(items=items):
                return any(self._gives(scope, item, call) for item in items)
            case f.Starred(value=inner):
                return self._gives(scope, inner, call)
            case f.Comprehension(element=element):
                return self._gives(scope, element, call)
            case _:
                return False

    def _is_waiter(self, scope: Scope, func: f.Expr) -> bool:
        return self._resolver.external(scope, func) in _WAITERS

    def _wait_by_name(self, scope: Scope, names: set[str], at: f.Node) -> f.Node | None:
        for statement in scope.body:
            for node in walk(statement, into_scopes=False):
                if node.span.start >= at.span.end and self._waits_by_name(scope, node, names):
                    return node
        return None

    def _waits_by_name(self, scope: Scope, node: f.Node, names: set[str]) -> bool:
        match node:
            case f.Await(value=value):
                return self._is_named(scope, value, names)
            case f.Call(func=f.Attribute(value=value, attr=attr)) if attr in _JOINING:
                return dotted(value) in names
            case f.Call() if self._is_waiter(scope, node.func):
                external = self._resolver.external(scope, node.func) or ""
                return external.startswith("concurrent.") and self._is_named(scope, node, names)
            case f.For(target=f.Name(id=each), iterable=iterable, body=body) if dotted(iterable) in names:
                return any(self._waits_by_name(scope, part, {each}) for inner in body for part in walk(inner))
            case _:
                return False

    def _is_named(self, scope: Scope, value: f.Expr, names: set[str]) -> bool:
        match value:
            case f.Name() | f.Attribute():
                return dotted(value) in names
            case f.Starred(value=inner):
                return self._is_named(scope, inner, names)
            case f.Display(items=items):
                return any(self._is_named(scope, item, names) for item in items)
            case f.Call(func=func) if self._is_waiter(scope, func):
                return any(self._is_named(scope, each, names) for each in as_written(value))
            case _:
                return False


def _is_apart(row: Hop, version: Version, call: f.Call) -> bool:
    """Does the worker run in another Context under a version?"""
    if row.kind == "here":
        return _RUN in row.callables
    return row.verdict(version, inherits=targets().inherits, none=frozenset(_left_out(row, call))) in _APART


def _left_out(row: Hop, call: f.Call) -> Iterator[str]:
    """The keywords of the parameters that are the literal None, and that the row asks for."""
    plain = as_written(call)
    for slot in (when.none for when in row.when if when.none is not None):
        given = [argument.value for argument in call.args if argument.keyword == slot.keyword]
        if slot.position is not None and slot.position < len(plain):
            given.append(plain[slot.position])
        if any(is_none(value) for value in given):
            yield slot.keyword


def _started(scope: Scope, made: f.Call) -> f.Node | None:
    """Where a thread that a call makes is started: at once, or by its name in the same function."""
    names = set(_names_of(scope, made)) - {None}
    for call in scope.calls:
        if isinstance(call.func, f.Attribute) and call.func.attr == "start":
            value = call.func.value
            if value is made or (dotted(value) in names and call.span.start > made.span.end):
                return call
    return None


def _names_of(scope: Scope, made: f.Call) -> Iterator[str | None]:
    """The names that what a call gives is bound to, also as an element of a list that is made in place."""
    for statement in scope.body:
        for node in walk(statement, into_scopes=False):
            match node:
                case f.Assign(targets=targets, value=value) if _elements(value, made):
                    yield from (dotted(target) for target in targets)
                case f.Walrus(target=target, value=value) if value is made:
                    yield target.id
                case f.WithItem(context=context, target=target) if context is made:
                    yield dotted(target)
                case f.Call(func=f.Attribute(value=value, attr="append"), args=args):
                    if any(argument.value is made for argument in args):
                        yield dotted(value)
                case _:
                    pass


def _elements(value: f.Expr, made: f.Call) -> bool:
    match value:
        case f.Display(items=items):
            return any(item is made for item in items)
        case f.Comprehension(element=element):
            return element is made
        case _:
            return value is made


def _block_of_owner(scope: Scope, call: f.Call) -> f.Node | None:
    """The ``with`` whose end waits for what a call of a method of its manager starts (a task group, a pool)."""
    if not isinstance(call.func, f.Attribute) or call.func.attr not in _LEFT_DONE:
        return None
    owner = dotted(call.func.value)
    for statement in scope.body:
        for node in walk(statement, into_scopes=False):
            if not isinstance(node, f.With):
                continue
            entered = {dotted(item.target) for item in node.items} - {None}
            if owner in entered and any(part is call for inner in node.body for part in walk(inner)):
                return node
    return None
