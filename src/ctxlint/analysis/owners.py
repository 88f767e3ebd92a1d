"""Which modules may set a variable, by the project's own declaration."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ctxlint.analysis.program import Program
from ctxlint.analysis.scopes import Scope
from ctxlint.model import facts as f
from ctxlint.model.ids import VarId
from ctxlint.model.policy import Policy
from ctxlint.model.spans import Span

_NOWHERE = Span(0, 0)


@dataclass(frozen=True, slots=True)
class ForeignSet:
    """A ``set`` of ``variable``, as the configuration calls it, outside of its ``owners``."""

    scope: Scope
    call: f.Call
    var: VarId
    variable: str
    owners: tuple[str, ...]


def foreign_sets(program: Program, policy: Policy) -> Iterator[ForeignSet]:
    """Every set of an owned variable outside of the modules listed for it."""
    owned = {
        var: (name, modules)
        for name, modules in policy.owners
        if (var := _variable(program, name)) is not None
    }
    for path, module in program.modules.items() if owned else ():
        for scope in module.descendants():
            for call in scope.calls:
                if not isinstance(call.func, f.Attribute) or call.func.attr != "set":
                    continue
                var = program.resolver.variable(scope, call.func.value)
                if var is None or var not in owned:
                    continue
                name, modules = owned[var]
                if not any(_is_in(program, path, each) for each in modules):
                    yield ForeignSet(scope, call, var, name, modules)


def _variable(program: Program, name: str) -> VarId | None:
    """The variable that a dotted name means: the longest module that begins it, then attributes."""
    parts = name.split(".")
    for length in range(len(parts) - 1, 0, -1):
        path = program.resolver.table.anywhere(".".join(parts[:length]))
        module = program.resolver.library.whole(path) if path is not None else None
        if module is None:
            continue
        expr: f.Expr = f.Name(_NOWHERE, parts[length])
        for attr in parts[length + 1 :]:
            expr = f.Attribute(_NOWHERE, expr, attr)
        return program.resolver.variable(module, expr)
    return None


def _is_in(program: Program, path: str, module: str) -> bool:
    """Is a file the module, or below the package, of this name from any root?"""
    return any(
        found == path and (name == module or name.startswith(f"{module}."))
        for names in program.resolver.table.by_root.values()
        for name, found in names.items()
    )
