"""The uses of a function in files of the program that touch no variable, and so were not read for their own sake."""

from __future__ import annotations

from ctxlint.analysis.callers import Use, Uses
from ctxlint.analysis.program import Program
from ctxlint.analysis.scopes import Scope


class UnreadUses:
    """Answers for one program; a file's uses are found when a name that it spells is first asked for."""

    def __init__(self, program: Program) -> None:
        """Nothing is looked at until asked."""
        self._program = program
        self._by_file: dict[tuple[str, int], Uses] = {}

    def of(self, scope: Scope) -> tuple[Use, ...]:
        """The uses of a function of a module; none of a method, which is called under too many names."""
        name = scope.function.name
        if scope.owner is not None or scope.function.is_lambda:
            return ()
        found: list[Use] = []
        for module in self._program.resolver.library.naming(name):
            if module.path in self._program.modules:
                continue
            state = module.path, len(module.units)  # a file grows by what is read of it
            if state not in self._by_file:
                self._by_file[state] = Uses(self._program.resolver, (module,))
            found += self._by_file[state].of(scope)
        return tuple(found)
