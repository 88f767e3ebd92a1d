"""The uses of a function in files of the program that touch no variable, and so were not read for their own sake."""

from __future__ import annotations

from ctxlint.analysis.callers import Use, Uses
from ctxlint.analysis.program import Program
from ctxlint.analysis.scopes import Scope


class UnreadUses:
    """Answers for one program; the files are searched for a name when it is first asked for."""

    def __init__(self, program: Program) -> None:
        """Nothing is looked at until asked."""
        self._program = program
        self._named: dict[str, Uses] = {}

    def of(self, scope: Scope) -> tuple[Use, ...]:
        """The uses of a function of a module; none of a method, which is called under too many names."""
        name = scope.function.name
        if scope.owner is not None or scope.function.is_lambda:
            return ()
        if name not in self._named:
            found = self._program.resolver.library.naming(name)
            others = [module for module in found if module.path not in self._program.modules]
            self._named[name] = Uses(self._program.resolver, others)
        return self._named[name].of(scope)
