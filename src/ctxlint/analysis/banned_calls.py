"""Calls that a project's own policy bans, by what they resolve to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ctxlint.analysis.program import Program
from ctxlint.analysis.scopes import Scope
from ctxlint.analysis.spawns import Spawns
from ctxlint.analysis.symbols import ClassRef, External, FunctionRef
from ctxlint.knowledge.hops import hops
from ctxlint.model import facts as f


@dataclass(frozen=True, slots=True)
class BannedCall:
    """A call of what the configuration calls ``name``."""

    scope: Scope
    call: f.Call
    name: str


def banned_calls(
    program: Program, spawns: Spawns, scopes: tuple[Scope, ...], banned: tuple[str, ...]
) -> Iterator[BannedCall]:
    """The calls, in the text of ``scopes``, of callables with one of the ``banned`` dotted names."""
    wanted = {_plain(hops().canonical(name)): name for name in reversed(banned)}
    wanted |= {name: name for name in banned}
    for scope in scopes:
        for call in scope.calls:
            found = next(
                (wanted[name] for name in _names(program, spawns, scope, call) if name in wanted), None
            )
            if found is not None:
                yield BannedCall(scope, call, found)


def _names(program: Program, spawns: Spawns, scope: Scope, call: f.Call) -> Iterator[str]:
    """The dotted names of what a call calls: its own, and those of the bases that have the method."""
    symbol = program.resolver.resolve(scope, call.func)
    if isinstance(symbol, FunctionRef | ClassRef):
        for names in program.resolver.table.by_root.values():
            for name, path in names.items():
                if path == symbol.scope.path:
                    yield f"{name}.{symbol.scope.qualname}"
        if isinstance(symbol, FunctionRef):
            return
    found = [spawns.called(scope, call.func), symbol.name if isinstance(symbol, External) else None]
    for name in filter(None, found):
        yield _plain(name)
        canonical = hops().canonical(name)
        yield _plain(canonical)
        owner, dot, method = canonical.rpartition("().")
        for base in hops().line(owner) if dot else ():
            yield _plain(f"{base}.{method}")


def _plain(name: str) -> str:
    """The name as people write it: without the brackets of what makes an instance."""
    return name.replace("()", "")
