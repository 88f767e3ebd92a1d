"""What a walk finds: which writes are read after something waited, and which are handed to who is waited for."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from ctxlint.analysis.program import Program
from ctxlint.analysis.scopes import Scope
from ctxlint.analysis.thread_locals import Access, ThreadLocals
from ctxlint.analysis.written_states import (
    Calls,
    Crossed,
    Known,
    Written,
    is_meant_for_the_thread,
    is_nothing,
    join,
)
from ctxlint.model import facts as f


@dataclass(slots=True)
class WritesInForce:
    """Of one walk. ``crossed`` are the writes that are read after a wait, ``handed`` those in force where something
    that was given is waited for, ``unwritten`` the reads of what the walk has not written. ``trails`` collects, for
    each ``try`` at hand, what is known where an exception may come out; ``locks`` counts the locks that are held.
    """

    program: Program
    states: ThreadLocals
    crossed: list[tuple[Written, Crossed]] = field(default_factory=list["tuple[Written, Crossed]"])
    handed: list[tuple[Written, tuple[Scope, f.Node]]] = field(
        default_factory=list["tuple[Written, tuple[Scope, f.Node]]"]
    )
    unwritten: list[tuple[Scope, Access, Calls]] = field(default_factory=list["tuple[Scope, Access, Calls]"])
    trails: list[Known] = field(default_factory=list["Known"])
    locks: int = 0

    def note(self, known: Known) -> None:
        """An exception may come out with what is known here."""
        for index, trail in enumerate(self.trails):
            self.trails[index] = join(trail, known)

    def accessed(self, scope: Scope, calls: Calls, access: Access, known: Known) -> Known:
        """What is known behind a ``getattr``, ``setattr`` or ``delattr``."""
        if access.kind == "read":
            return self.read(scope, calls, access, known)
        return self.write(scope, calls, access, access.value, known)

    def read(self, scope: Scope, calls: Calls, access: Access, known: Known) -> Known:
        """What is known behind a read: the same."""
        if known is None:
            return None
        if access.state not in known:
            self.unwritten.append((scope, access, calls))
        for written in known.get(access.state, ()):
            if written.wait is not None:
                self.crossed.append((written, Crossed(*written.wait, scope, access, calls)))
        return known

    def write(self, scope: Scope, calls: Calls, access: Access, value: f.Expr | None, known: Known) -> Known:
        """What is known behind a write of ``value``, or a deletion."""
        if known is None:
            return None
        nothing = value is None or is_nothing(value)
        if nothing or is_meant_for_the_thread(self.program, self.states, scope, access, value):
            return {**known, access.state: frozenset()}
        return {**known, access.state: frozenset({Written(scope, access, calls, self.locks > 0)})}

    def wait(self, scope: Scope, node: f.Node, known: Known, *, handed: bool = False) -> Known:
        """What is known behind a wait; ``handed``: for something that the coroutine was given."""
        if known is None:
            return None
        self.note(known)
        here = (scope, node)
        if handed:
            self.handed += [(written, here) for state in known.values() for written in state]
        return {state: frozenset(self._waited(each, here) for each in known[state]) for state in known}

    def _waited(self, written: Written, here: tuple[Scope, f.Node]) -> Written:
        if written.wait is not None or (written.locked and self.locks):
            return written
        return replace(written, wait=here)
