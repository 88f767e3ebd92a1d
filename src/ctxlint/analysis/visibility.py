"""Who may call a function: anybody, or only the program?

By PEP 8 a leading underscore makes a name internal, and what lies in an internal module or package is internal too,
unless a public module imports it from there: that is how a package offers what it keeps in ``_impl.py``.
"""

from __future__ import annotations

import functools
import itertools

from ctxlint.analysis.program import Program
from ctxlint.analysis.scopes import Imported, Scope


class Visibility:
    """What one program offers to others."""

    def __init__(self, program: Program) -> None:
        """Nothing is looked at until asked."""
        self._program = program

    def is_public(self, scope: Scope) -> bool:
        """May code outside the program call the function, as far as its name and its modules' names tell?"""
        if _is_internal(scope.function.name):
            return False
        if not self._is_internal_file(scope.path):
            return True
        outermost = scope
        while outermost.parent is not None and outermost.parent.kind != "module":
            outermost = outermost.parent
        name = outermost.qualname
        return not _is_internal(name) and not self._offered.isdisjoint(
            {(scope.path, "*"), (scope.path, name)}
        )

    @functools.cached_property
    def _offered(self) -> frozenset[tuple[str, str]]:
        """Files, and the names of theirs that a public module imports; ``*`` for all."""
        resolve = self._program.resolver.table.resolve
        found: set[tuple[str, str]] = set()
        for module in self._program.modules.values():
            if self._is_internal_file(module.path):
                continue
            for binding in itertools.chain(module.stars, *module.bindings.values()):
                if isinstance(binding, Imported):
                    path = resolve(module.path, binding.module, binding.level)
                    if path is not None:
                        found.add((path, binding.attr or "*"))
        return frozenset(found)

    def _is_internal_file(self, path: str) -> bool:
        within = self._program.resolver.table.within(path).removesuffix(".pyi").removesuffix(".py")
        return any(_is_internal(part) for part in within.split("/"))


def _is_internal(name: str) -> bool:
    return name.startswith("_") and not name.endswith("__")
