"""One coroutine walked in the order of its text: which writes of a ``threading.local`` are read after it waited.

A point knows, for each state, the writes that may be in force, each with the wait that it crossed, if any. Where
ways meet, the writes of both are in force. Functions, managers and coroutines of the program that touch a state are
walked where they run; any other ``await`` waits, unless it is of a coroutine that never does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ctxlint.analysis.arguments import is_given
from ctxlint.analysis.program import Program
from ctxlint.analysis.scopes import Scope
from ctxlint.analysis.symbols import ClassRef, FunctionRef, InstanceRef, ParameterRef
from ctxlint.analysis.thread_locals import ThreadLocals
from ctxlint.analysis.writes_in_force import WritesInForce
from ctxlint.analysis.written_states import Calls, Known, join, may_wait
from ctxlint.model import facts as f
from ctxlint.model.walk import parts, walk

_MANAGERS = frozenset({"contextlib.contextmanager", "contextlib.asynccontextmanager"})
_LOCKS = frozenset({"anyio.Lock()", "asyncio.Lock()", "asyncio.locks.Lock()", "trio.Lock()"})
_DEPTH = 5
_TURNS = 2


@dataclass(slots=True)
class _Frame:
    """A function that is walked. ``resume`` is what runs at its ``yield``: the body of the ``with`` that entered it."""

    scope: Scope
    calls: Calls = ()
    resume: Callable[[Known], Known] | None = None
    returned: Known = None
    loose: Known = None


@dataclass(slots=True)
class Waiting:
    """The walk of one coroutine; what it finds stands in ``marks``."""

    program: Program
    states: ThreadLocals
    touching: frozenset[Scope]
    marks: WritesInForce

    def run(self, root: Scope) -> None:
        """Walk ``root``."""
        self._block(_Frame(root), root.body, {})

    # --- statements -------------------------------------------------------------------------------------------

    def _block(self, frame: _Frame, statements: Iterable[f.Stmt], known: Known) -> Known:
        for statement in statements:
            if known is None:
                return None
            known = self._statement(frame, statement, known)
            self.marks.note(known)
        return known

    def _statement(self, frame: _Frame, statement: f.Stmt, known: Known) -> Known:  # noqa: C901, PLR0911, PLR0912 - a dispatch table
        match statement:
            case f.Assign(targets=targets, value=value):
                known = self._expression(frame, value, known)
                for target in targets:
                    known = self._target(frame, target, value, known)
                return known
            case f.Augment(value=value):
                return self._expression(frame, value, known)
            case f.Delete(targets=targets):
                for target in targets:
                    known = self._target(frame, target, None, known)
                return known
            case f.Return(value=value):
                known = self._expression(frame, value, known)
                frame.returned = join(frame.returned, known)
                return None
            case f.Raise():
                for part in parts(statement):
                    known = self._expression(frame, part, known)
                self.marks.note(known)
                return None
            case f.Break() | f.Continue():
                frame.loose = join(frame.loose, known)
                return None
            case f.If(test=test, body=body, orelse=orelse):
                known = self._expression(frame, test, known)
                return join(self._block(frame, body, known), self._block(frame, orelse, known))
            case f.For() | f.While():
                return self._loop(frame, statement, known)
            case f.With():
                return self._with(frame, statement, 0, known)
            case f.Try():
                return self._try(frame, statement, known)
            case f.Match(subject=subject, cases=cases):
                known = self._expression(frame, subject, known)
                ends = [self._block(frame, case.body, known) for case in cases]
                return join(known, *ends)
            case f.Define() | f.Class():
                return known
            case _:
                for part in parts(statement):
                    known = self._expression(frame, part, known)
                return known

    def _loop(self, frame: _Frame, loop: f.For | f.While, known: Known) -> Known:
        outer, frame.loose = frame.loose, None
        if isinstance(loop, f.For):
            known = self._expression(frame, loop.iterable, known)
        for _ in range(_TURNS):
            if isinstance(loop, f.While):
                known = self._expression(frame, loop.test, known)
            elif loop.is_async:
                known = self.marks.wait(frame.scope, loop, known)
            known = join(known, self._block(frame, loop.body, known), frame.loose)
        frame.loose = outer
        return self._block(frame, loop.orelse, known)

    def _try(self, frame: _Frame, tried: f.Try, known: Known) -> Known:
        outer, frame.returned = frame.returned, None
        self.marks.trails.append(known)
        end = self._block(frame, tried.body, known)
        thrown = self.marks.trails.pop()
        ends = [self._block(frame, tried.orelse, end)]
        self.marks.trails.append(thrown)
        ends += [self._block(frame, handler.body, thrown) for handler in tried.handlers]
        thrown = self.marks.trails.pop()
        if tried.final:
            self.marks.note(self._block(frame, tried.final, thrown))
            frame.returned = self._block(frame, tried.final, frame.returned)
        frame.returned = join(outer, frame.returned)
        return self._block(frame, tried.final, join(*ends))

    def _with(self, frame: _Frame, statement: f.With, index: int, known: Known) -> Known:
        """What is known behind the items from ``index`` on, and the body."""
        if index == len(statement.items):
            return self._block(frame, statement.body, known)
        context = statement.items[index].context

        def inner(entered: Known) -> Known:
            return self._with(frame, statement, index + 1, entered)

        manager = self._manager(frame, context)
        if manager is not None:
            return self._inside(frame, manager, context, self._parts(frame, context, known), inner)
        known = self._expression(frame, context, known)
        if self.program.resolver.external(frame.scope, context) in _LOCKS:
            self.marks.locks += 1
            known = inner(known)
            self.marks.locks -= 1
            return known
        entered = self.program.resolver.resolve(frame.scope, context)
        if isinstance(entered, InstanceRef):
            names = ("__aenter__", "__aexit__") if statement.is_async else ("__enter__", "__exit__")
            enters, leaves = (self.program.resolver.method(entered.scope, name) for name in names)
            known = inner(self._run(frame, enters, context, known, awaited=statement.is_async))
            return self._run(frame, leaves, context, known, awaited=statement.is_async)
        if not statement.is_async:
            return inner(known)
        return self.marks.wait(frame.scope, context, inner(self.marks.wait(frame.scope, context, known)))

    def _manager(self, frame: _Frame, context: f.Expr) -> Scope | None:
        """The generator that ``context`` calls to enter it, where that is followed."""
        if not isinstance(context, f.Call):
            return None
        symbol = self.program.resolver.resolve(frame.scope, context.func)
        if not isinstance(symbol, FunctionRef) or not self._is_followed(frame, symbol.scope):
            return None
        made = not _MANAGERS.isdisjoint(self.program.decorators(symbol.scope))
        return symbol.scope if made else None

    def _target(self, frame: _Frame, target: f.Expr, value: f.Expr | None, known: Known) -> Known:
        access = self.states.access(frame.scope, target)
        if access is not None and self._is_made_for_each_thread(frame.scope):
            return known
        if access is not None:
            return self.marks.write(frame.scope, frame.calls, access, value, known)
        for part in parts(target):
            known = self._expression(frame, part, known)
        return known

    def _is_made_for_each_thread(self, scope: Scope) -> bool:
        """Is it the constructor of a kind of ``threading.local``? Each thread runs it anew with the same arguments."""
        return scope.owner in self.states.classes and scope.function.name == "__init__"

    # --- expressions ------------------------------------------------------------------------------------------

    def _expression(self, frame: _Frame, node: f.Node | None, known: Known) -> Known:  # noqa: C901 - a dispatch table
        match node:
            case None | f.Lambda() | f.Name() | f.Literal():
                return known
            case f.Await(value=f.Call() as call):
                return self._call(frame, call, known, awaited=True)
            case f.Await(value=value):
                return self.marks.wait(frame.scope, node, self._expression(frame, value, known))
            case f.Yield(value=value):
                known = self._expression(frame, value, known)
                if frame.resume is not None:
                    return frame.resume(known)
                return self.marks.wait(frame.scope, node, known) if frame.scope.function.is_async else known
            case f.Call():
                return self._call(frame, node, known, awaited=False)
            case f.Attribute() if (access := self.states.access(frame.scope, node)) is not None:
                return self.marks.read(frame.scope, frame.calls, access, known)
            case f.Conditional(test=test, then=then, orelse=orelse):
                known = self._expression(frame, test, known)
                return join(self._expression(frame, then, known), self._expression(frame, orelse, known))
            case f.Comprehension(clauses=clauses):
                for clause in clauses:
                    known = self._parts(frame, clause, known)
                    known = self.marks.wait(frame.scope, clause, known) if clause.is_async else known
                known = self._expression(frame, node.element, known)
                return self._expression(frame, node.value, known)
            case _:
                return self._parts(frame, node, known)

    def _parts(self, frame: _Frame, node: f.Node, known: Known) -> Known:
        for part in parts(node):
            known = self._expression(frame, part, known)
        return known

    def _call(self, frame: _Frame, call: f.Call, known: Known, *, awaited: bool) -> Known:
        access = self.states.access(frame.scope, call)
        if access is not None:
            known = self._expression(frame, access.value, known)
            return (
                known
                if access.kind == "ask"
                else self.marks.accessed(frame.scope, frame.calls, access, known)
            )
        resolver = self.program.resolver
        known = self._parts(frame, call, known)
        match resolver.resolve(frame.scope, call.func):
            case FunctionRef(scope=callee):
                return self._run(frame, callee, call, known, awaited=awaited)
            case ClassRef(scope=cls):
                return self._run(frame, resolver.method(cls, "__init__"), call, known, awaited=False)
            case InstanceRef(scope=cls):
                return self._run(frame, resolver.method(cls, "__call__"), call, known, awaited=awaited)
            case symbol:
                given = isinstance(symbol, ParameterRef) or is_given(resolver, frame.scope, call.func)
                later = self.marks.wait(frame.scope, call, known, handed=awaited and given)
                after = self._coroutines(frame, call, later)
                return after if awaited else known

    def _coroutines(self, frame: _Frame, call: f.Call, known: Known) -> Known:
        """What is known behind the coroutines that a call is given to run."""
        for argument in call.args:
            for node in walk(argument.value, into_scopes=False):
                symbol = (
                    self.program.resolver.resolve(frame.scope, node.func)
                    if isinstance(node, f.Call)
                    else None
                )
                if isinstance(symbol, FunctionRef) and symbol.scope.function.is_async:
                    known = self._run(frame, symbol.scope, node, known, awaited=True)
        return known

    # --- functions that run in place ----------------------------------------------------------------------------

    def _is_followed(self, frame: _Frame, callee: Scope) -> bool:
        on_the_way = {scope for scope, _ in frame.calls} | {frame.scope}
        return callee in self.touching and callee not in on_the_way and len(frame.calls) < _DEPTH

    def _run(
        self, frame: _Frame, callee: Scope | None, node: f.Node, known: Known, *, awaited: bool
    ) -> Known:
        if callee is None or (callee.function.is_async and not awaited):
            return known
        if self._is_followed(frame, callee) and not callee.function.is_generator:
            return self._inside(frame, callee, node, known)
        return (
            self.marks.wait(frame.scope, node, known)
            if awaited and may_wait(self.program.resolver, callee)
            else known
        )

    def _inside(
        self,
        frame: _Frame,
        callee: Scope,
        node: f.Node,
        known: Known,
        resume: Callable[[Known], Known] | None = None,
    ) -> Known:
        inner = _Frame(callee, (*frame.calls, (frame.scope, node)), resume)
        end = self._block(inner, callee.body, known)
        return join(end, inner.returned)
