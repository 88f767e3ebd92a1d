"""From where can a function be reached by code outside of the program, in the Context of that code?

A value that users of the program set is in force at a hop only if they can get there: by a function that nobody in the
program calls. The start of the program is no such way: a module's body, ``main``, a command of its command line, what
is given that ``argparse`` read. Nor is the body of a thread or of a pool's job: it has a Context of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from ctxlint.analysis import frame_kinds
from ctxlint.analysis.callers import Use, Uses
from ctxlint.analysis.program import Program
from ctxlint.analysis.scopes import Scope
from ctxlint.analysis.symbols import External, FunctionRef
from ctxlint.analysis.unread_uses import UnreadUses
from ctxlint.knowledge.hops import hops
from ctxlint.knowledge.loader import frames as known_frames
from ctxlint.model import facts as f

_OLDEST = (3, 10)
_DECORATED = 4
#: Packages whose decorators make a function a command: the program starts there, with an empty Context.
_COMMANDS = ("click.", "rich_click.", "asyncclick.", "typer.", "cyclopts.")

_COMMAND_LINE = External("argparse.Namespace()")


class Entries:
    """Answers for the functions of one program."""

    def __init__(self, program: Program) -> None:
        """Nothing is looked at until asked."""
        self._program = program
        self._files: dict[str, Uses] = {}
        self._unread = program.once(UnreadUses)
        self._open: dict[Scope, bool] = {}
        self._kept: dict[Scope, bool] = {}

    def are_open(self, scopes: Iterable[Scope]) -> bool:
        """Can one of the functions be reached from outside?"""
        return any(self._is_open(scope) for scope in scopes)

    def are_kept(self, scopes: Iterable[Scope]) -> bool:
        """Does the program itself store one of the functions, or one that leads to it, where it may be called from: in
        a table, by a decorator, handed to something that is not known?
        """
        return any(self._is_kept(scope) for scope in scopes)

    def _is_kept(self, scope: Scope) -> bool:
        return self._is_reached(scope, self._keepers, self._kept)

    def _is_open(self, scope: Scope) -> bool:
        return self._is_reached(scope, self._callers, self._open)

    def _is_reached(
        self,
        scope: Scope,
        callers: Callable[[Scope], Iterable[Scope | None]],
        known: dict[Scope, bool],
    ) -> bool:
        """Does a function lead back, by its ``callers``, to somebody who is none of the program's functions?"""
        if scope not in known:
            seen = {scope}
            pending = [scope]
            found = False
            while pending and not found:
                each = pending.pop()
                if each in known:
                    found = known[each]
                elif each.kind == "function" and not self._starts_anew(each):
                    above = tuple(callers(each))
                    found = None in above
                    fresh = [caller for caller in above if caller is not None and caller not in seen]
                    seen.update(fresh)
                    pending += fresh
            # who comes from none but what is closed is closed with it; who leads to an open one need not be
            known.update(dict.fromkeys(() if found else seen, False))
            known[scope] = found
        return known[scope]

    def _keepers(self, scope: Scope) -> Iterator[Scope | None]:
        """The functions in which a function is used; None for one that stores it."""
        uses = [use for use in self._uses(scope) if not self._is_lost(use)]
        for use in uses:
            yield use.scope if self._runs_there(use) else None
        around = _around(scope)
        if not uses and around is not None:
            yield around

    def _callers(self, scope: Scope) -> Iterator[Scope | None]:
        """The functions in whose Context a function runs; None for somebody outside of the program."""
        uses = self._uses(scope)
        if not uses:
            yield _around(scope)
        for use in uses:
            if not self._is_lost(use):
                yield use.scope if self._runs_there(use) else None

    def _uses(self, scope: Scope) -> list[Use]:
        """The uses of a function outside of tests."""
        found = (*self._program.uses.of(scope), *self._beside(scope))
        if not found and _around(scope) is None:
            found = self._unread.of(scope)
        return [use for use in found if not frame_kinds.is_test_file(self._program, use.scope.path)]

    def _beside(self, scope: Scope) -> tuple[Use, ...]:
        """The uses in the function's own file, where that is none that touches a variable."""
        path = scope.path
        if path in self._program.modules:
            return ()
        if path not in self._files:
            module = self._program.resolver.library.whole(path)
            self._files[path] = Uses(self._program.resolver, () if module is None else (module,))
        return self._files[path].of(scope)

    def _runs_there(self, use: Use) -> bool:
        """Does the user run the function? One that is stored, or handed to something that is not known (a decorator of
        another method, a table), is called by somebody else.
        """
        if use.kind not in ("handed", "mention"):
            return True
        symbol = (
            self._program.resolver.resolve(use.scope, use.receiver.func) if use.receiver is not None else None
        )
        return (isinstance(symbol, FunctionRef) and use.scope.kind == "function") or (
            isinstance(symbol, External) and bool(hops().every(symbol.name))
        )

    def _is_lost(self, use: Use) -> bool:
        """Is a function handed to something that runs it in a Context without its user's values?"""
        if use.kind != "handed" or use.receiver is None:
            return False
        symbol = self._program.resolver.resolve(use.scope, use.receiver.func)
        rows = hops().every(symbol.name) if isinstance(symbol, External) else ()
        return bool(rows) and all(row.verdict(_OLDEST, inherits=False) == "drops" for row in rows)

    def _starts_anew(self, scope: Scope) -> bool:
        """Does the program begin here, or a thread?"""
        if scope.function.name == "main" or self._is_command(scope, _DECORATED):
            return True
        if self._takes_a_command_line(scope):
            return True
        bases = self._program.resolver.external_bases(scope.owner) if scope.owner is not None else ()
        return scope.function.name == "run" and any(base in known_frames().thread_classes for base in bases)

    def _takes_a_command_line(self, scope: Scope) -> bool:
        """Is the function of a module given what ``argparse`` read?"""
        annotations = self._program.resolver.annotations
        return scope.parent is not None and any(
            each.annotation is not None
            and annotations.means(scope.parent, each.name, each.annotation) == _COMMAND_LINE
            for each in scope.function.parameters
        )

    def _is_command(self, scope: Scope, depth: int) -> bool:
        """Is the function a command, or a group of commands, of a command line?"""
        if not isinstance(scope.node, f.Function) or scope.parent is None:
            return False
        for decorator in scope.node.decorators if depth else ():
            base = decorator
            while isinstance(base, f.Call | f.Attribute):
                name = self._program.resolver.external(scope.parent, base)
                if name is not None and name.startswith(_COMMANDS):
                    return True
                base = base.func if isinstance(base, f.Call) else base.value
            name = self._program.resolver.external(scope.parent, base)
            if name is not None and name.startswith(_COMMANDS):
                return True
            symbol = self._program.resolver.resolve(scope.parent, base)
            if isinstance(symbol, FunctionRef) and self._is_command(symbol.scope, depth - 1):
                return True
        return False


def _around(scope: Scope) -> Scope | None:
    """The function in whose text a function stands."""
    parent = scope.parent
    return parent if parent is not None and parent.kind == "function" else None
