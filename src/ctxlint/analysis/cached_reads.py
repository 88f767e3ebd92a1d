"""Functions whose result is kept for all callers, and that read a variable on the way to it.

The calls of a cached function are followed as far as they resolve. Left out: what is read only for a log, calls whose
result is thrown away, variables that are set before they are read, caches that are given a key of their own (functions
with a parameter for the key alone, too), functions that return nothing, functions that are cached themselves (they are
told for themselves), what runs a coroutine that it is given, and caches that are only given what was made of the
variable's value: it is part of the key.
"""

from __future__ import annotations

import collections
from collections.abc import Iterator
from dataclasses import dataclass

from ctxlint.analysis.callgraph import CallGraph, Edge
from ctxlint.analysis.frame_kinds import is_test_file
from ctxlint.analysis.program import Program
from ctxlint.analysis.reach import Bits, Reach
from ctxlint.analysis.reads import Read, Reads, is_returned
from ctxlint.analysis.scopes import Assigned, Scope
from ctxlint.analysis.symbols import FunctionRef
from ctxlint.model import facts as f
from ctxlint.model.ids import VarId
from ctxlint.model.walk import is_none, last_name, walk

#: Decorators that keep a result under the arguments alone, as their documentation says.
CACHES = frozenset({
    "aiocache.cached", "async_lru.alru_cache", "asyncache.cached", "cached_property.cached_property",
    "cachetools.cached", "cachetools.cachedmethod", "cachetools.func.lfu_cache", "cachetools.func.lru_cache",
    "cachetools.func.rr_cache", "cachetools.func.ttl_cache", "django.utils.functional.cached_property",
    "functools.cache", "functools.cached_property", "functools.lru_cache", "methodtools.lru_cache",
    "werkzeug.utils.cached_property",
})  # fmt: skip
_KEYS = frozenset({"key", "key_builder", "key_func", "key_generator", "make_key"})
_STEPS = 3  # names between a read and the key that are followed
_TELLING = frozenset({"critical", "debug", "error", "exception", "info", "log", "print", "warn", "warning"})


@dataclass(frozen=True, slots=True)
class CachedRead:
    """``function`` is cached by ``node``, a decorator or a call in ``scope``; ``chain`` leads from it to ``read``."""

    scope: Scope
    node: f.Expr
    cache: str
    function: Scope
    chain: tuple[Edge, ...]
    read: Read

    @property
    def is_of_an_object(self) -> bool:
        """Is it kept for one object, by way of a function? That object may live no longer than its maker's context."""
        return "property" in self.cache and bool(self.chain)


def cached_reads(program: Program) -> Iterator[CachedRead]:
    """One for each cached function that reads, by the shortest way; in the order of files and text."""
    graph = CallGraph(program.resolver)
    reads = program.once(Reads)
    idle: dict[Scope, frozenset[int]] = {}
    keys = _Keys(program, graph, reads)
    for module in program.modules.values():
        if is_test_file(program, module.path):
            continue
        found = list(_cached(program, module))
        inner = {each for _, node, _, each in found if any(node is one for one in each.function.decorators)}
        for scope, node, cache, function in found:
            if _has_key_of_its_own(function) or _gives_nothing(function):
                continue
            way = _way(keys, idle, function, inner)
            if way is not None and not ("property" in cache and _is_far(program, *way)):
                yield CachedRead(scope, node, cache, function, *way)


def _cached(program: Program, module: Scope) -> Iterator[tuple[Scope, f.Expr, str, Scope]]:
    """The cached functions of a module: where, by what, under which name."""
    for scope in module.descendants():
        if isinstance(scope.node, f.Function) and scope.parent is not None:
            for decorator in scope.node.decorators:
                cache = _cache(program, scope.parent, decorator)
                if cache is not None:
                    yield scope.parent, decorator, cache, scope
        for call in scope.calls:
            cache = _cache(program, scope, call.func) if len(call.args) == 1 else None
            symbol = program.resolver.resolve(scope, call.args[0].value) if cache is not None else None
            if cache is not None and isinstance(symbol, FunctionRef):
                yield scope, call, cache, symbol.scope


def _cache(program: Program, scope: Scope, expr: f.Expr) -> str | None:
    """The dotted name of the cache that ``expr`` is, or makes; None where it has a key of its own."""
    name = program.resolver.external(scope, expr)
    cache = name.removesuffix("()") if name is not None else None
    if cache not in CACHES:
        return None
    given = expr.args if isinstance(expr, f.Call) else ()
    return None if any(argument.keyword in _KEYS or argument.star for argument in given) else cache


def _has_key_of_its_own(function: Scope) -> bool:
    """Has the function a parameter that its text never names? It is there for the key: callers say by it what the
    result depends on (``def styles(theme, is_server=False)``).
    """
    node = function.function
    used = {part.id for statement in node.body for part in walk(statement) if isinstance(part, f.Name)}
    first = 1 if function.owner is not None else 0
    return any(
        parameter.kind in ("plain", "keyword") and parameter.name not in used
        for parameter in node.parameters[first:]
    )


class _Keys:
    """Answers whether a variable's value is part of the key of a cached function."""

    def __init__(self, program: Program, graph: CallGraph, reads: Reads) -> None:
        self.program = program
        self.graph = graph
        self.reads = reads
        self._vars: Bits[VarId] = Bits()
        self._reach = Reach(graph, lambda scope: self._vars.of(read.var for read in reads.of(scope)))

    def hold(self, function: Scope, var: VarId) -> bool:
        """Does everybody who calls the function hand over something that was made of the variable's value?"""
        uses = [u for u in self.program.uses.of(function) if not is_test_file(self.program, u.scope.path)]
        return bool(uses) and all(
            isinstance(use.node, f.Call)
            and use.kind in ("call", "handed")
            and any(self._is_made_of(use.scope, each.value, var, _STEPS) for each in use.node.args)
            for use in uses
        )

    def _is_made_of(self, scope: Scope, expr: f.Expr, var: VarId, steps: int) -> bool:
        """Does an expression read the variable, itself, by a call, or through names that were bound to such reads?"""
        for node in walk(expr, into_scopes=False):
            if isinstance(node, f.Call) and self._reads_it(scope, node, var):
                return True
            if isinstance(node, f.Name) and steps:
                bound = scope.bindings.get(node.id, ()) if scope.kind == "function" else ()
                if bound and all(
                    isinstance(each, Assigned) and self._is_made_of(scope, each.value, var, steps - 1)
                    for each in bound
                ):
                    return True
        return False

    def _reads_it(self, scope: Scope, call: f.Call, var: VarId) -> bool:
        if self.reads.read_by(scope, call) == var:
            return True
        wanted = self._vars.of((var,))
        return any(
            edge.node is call and self._reach.of(edge.callee).marks & wanted
            for edge in self.graph.edges(scope)
        )


def _gives_nothing(function: Scope) -> bool:
    """Does the function only check something, and return None? There is no value to serve to others."""
    node = function.function
    returned = [
        part.value
        for statement in node.body
        for part in walk(statement, into_scopes=False)
        if isinstance(part, f.Return)
    ]
    given = [v for v in returned if v is not None and not is_none(v)]
    return not node.is_lambda and not node.is_generator and not given


def _way(
    keys: _Keys, idle: dict[Scope, frozenset[int]], function: Scope, cached: set[Scope]
) -> tuple[tuple[Edge, ...], Read] | None:
    """The shortest way from a function to a read whose value can matter for its result."""
    program, graph, reads = keys.program, keys.graph, keys.reads
    ways: dict[Scope, tuple[Edge, ...]] = {function: ()}
    pending = collections.deque(ways)
    while pending:
        scope = pending.popleft()
        if scope not in idle:
            idle[scope] = _idle(scope)
        for read in reads.of(scope):
            if (
                read.var in program.by_var
                and id(read.node) not in idle[scope]
                and _unset(reads, (*ways[scope], read))
                and not keys.hold(function, read.var)
            ):
                return ways[scope], read
        for edge in graph.edges(scope):
            if edge.callee in ways or edge.callee in cached or id(edge.node) in idle[scope]:
                continue
            if not _is_given_work(program, edge):
                ways[edge.callee] = (*ways[scope], edge)
                pending.append(edge.callee)
    return None


def _is_given_work(program: Program, edge: Edge) -> bool:
    """Is the function given a coroutine to run? What it reads itself decides where that runs, not what it gives."""
    for argument in edge.node.args if isinstance(edge.node, f.Call) else ():
        made = argument.value.func if isinstance(argument.value, f.Call) else None
        symbol = program.resolver.resolve(edge.caller, made) if made is not None else None
        if isinstance(symbol, FunctionRef) and symbol.scope.function.is_async:
            return not symbol.scope.function.is_generator
    return False


def _is_far(program: Program, edges: tuple[Edge, ...], read: Read) -> bool:
    """Does something on the way not return what it was given? A property is kept for one object, and such a read
    rather belongs to how that object was made.
    """
    steps = (*((edge.caller, edge.node) for edge in edges), (read.scope, read.node))
    return not all(is_returned(program, scope, node) for scope, node in steps)


def _unset(reads: Reads, way: tuple[Edge | Read, ...]) -> bool:
    """Is the variable not yet set at any step of the way?"""
    (*edges, last) = way
    if not isinstance(last, Read):
        return False
    places = [place for edge in edges if isinstance(edge, Edge) for place in edge.places]
    for scope, node in (*places, (last.scope, last.node)):
        limit = reads.first_set(scope, last.var)
        if limit is not None and node.span.start >= limit:
            return False
    return True


def _idle(scope: Scope) -> frozenset[int]:
    """The calls of a function whose result cannot matter: statements of their own, and what is logged."""
    found: set[int] = set()
    for statement in scope.body:
        for node in walk(statement, into_scopes=False):
            if not isinstance(node, f.Evaluate):
                continue
            value = node.value.value if isinstance(node.value, f.Await) else node.value
            found.add(id(value))
            if isinstance(value, f.Call) and last_name(value.func) in _TELLING:
                found.update(id(part) for part in walk(value))
    return frozenset(found)
