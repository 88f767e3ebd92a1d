"""State of a ``threading.local`` that a coroutine writes, and that is read after an ``await``.

All tasks of an event loop run in one thread. While a coroutine waits, another one may write its own value to the same
attribute; what is read afterwards is that one's. So each coroutine of the program is walked in the order of its text,
with the functions and managers that it runs in place: a write is *in force* until the next one, *crossed* once
something waited, and told when it is read then. A coroutine that waits for what it was given, as a middleware does,
is told where another coroutine reads what it wrote.

Left out: what is asked for before it is written (one value a thread is meant), counters, values that belong to the
thread, what is cleared or put back, coroutines that only ``asyncio.run`` and its like start, locks, and tests.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ctxlint.analysis.callers import Use
from ctxlint.analysis.frame_kinds import is_test_file
from ctxlint.analysis.program import Program
from ctxlint.analysis.scopes import Scope
from ctxlint.analysis.symbols import InstanceRef
from ctxlint.analysis.thread_locals import Access, State, ThreadLocals
from ctxlint.analysis.waiting import Waiting
from ctxlint.analysis.writes_in_force import WritesInForce
from ctxlint.analysis.written_states import Crossed, Written
from ctxlint.model import facts as f

_STARTERS = frozenset({"anyio.run", "asyncio.run", "curio.run", "trio.run", "uvloop.run"})
_LOOPS = frozenset({"run_until_complete", "run_sync"})


@dataclass(frozen=True, slots=True)
class Interleaved:
    """A write, the wait behind it, and the read; each with the calls that lead to it from the coroutine ``root``."""

    root: Scope
    written: Written
    crossed: Crossed


def interleaved_writes(program: Program) -> Iterator[Interleaved]:
    """Each write once, in the order of files and text."""
    states = ThreadLocals(program)
    if not states.names:
        return
    touching = _touching(program, states)
    found: dict[tuple[str, int], Interleaved] = {}
    walks: list[tuple[Scope, WritesInForce]] = []
    for root in sorted(touching, key=lambda scope: (scope.path, scope.start)):
        if not root.function.is_async or is_test_file(program, root.path) or _is_alone(program, root):
            continue
        marks = WritesInForce(program, states)
        Waiting(program, states, touching, marks).run(root)
        walks.append((root, marks))
        for written, crossed in marks.crossed:
            found.setdefault(_place(written.scope, written.access), Interleaved(root, written, crossed))
    for root, marks in walks:
        for written, wait in marks.handed:
            reader = _reader(walks, root, written.access.state)
            if reader is not None:
                scope, access, calls = reader
                told = Interleaved(root, written, Crossed(*wait, scope, access, calls))
                found.setdefault(_place(written.scope, written.access), told)
    yield from (
        each for _, each in sorted(found.items()) if not is_test_file(program, each.written.scope.path)
    )


def _place(scope: Scope, access: Access) -> tuple[str, int]:
    return scope.path, access.node.span.start


def _reader(
    walks: list[tuple[Scope, WritesInForce]], writer: Scope, state: State
) -> tuple[Scope, Access, tuple[tuple[Scope, f.Node], ...]] | None:
    """A read of the state in another coroutine that has not written it itself."""
    for root, marks in walks:
        if root is not writer:
            for scope, access, calls in marks.unwritten:
                if access.state == state and scope is not writer:
                    return scope, access, calls
    return None


def _touching(program: Program, states: ThreadLocals) -> frozenset[Scope]:
    """The functions with an access in their own text, and those that run them."""
    own = [
        scope
        for scope in program.functions()
        if scope.kind == "function" and not scope.function.is_lambda and any(states.accesses(scope))
    ]
    found: set[Scope] = set()
    while own:
        scope = own.pop()
        if scope in found:
            continue
        found.add(scope)
        own += [
            use.scope
            for use in _uses(program, scope)
            if use.scope.kind == "function" and not use.scope.function.is_lambda
        ]
    return frozenset(found)


def _uses(program: Program, scope: Scope) -> Iterator[Use]:
    yield from program.uses.of(scope)
    if scope.owner is not None and scope.function.name.startswith("__"):
        for use in program.uses.named(scope.owner.qualname.rpartition(".")[2]):
            if isinstance(use.node, f.Call):
                symbol = program.resolver.resolve(use.scope, use.node)
                if isinstance(symbol, InstanceRef) and symbol.scope is scope.owner:
                    yield use


def _is_alone(program: Program, scope: Scope, seen: frozenset[Scope] = frozenset()) -> bool:
    """Is a coroutine, as far as the program shows, the only one that runs in its thread?"""
    uses = [use for use in program.uses.of(scope) if not is_test_file(program, use.scope.path)]
    return bool(uses) and scope not in seen and all(_starts(program, use, seen | {scope}) for use in uses)


def _starts(program: Program, use: Use, seen: frozenset[Scope]) -> bool:
    if use.kind == "handed" and use.receiver is not None:
        func = use.receiver.func
        if program.resolver.external(use.scope, func) in _STARTERS:
            return True
        return isinstance(func, f.Attribute) and func.attr in _LOOPS
    if use.kind != "call" or use.scope.kind != "function" or not use.scope.function.is_async:
        return False
    return _is_alone(program, use.scope, seen)
