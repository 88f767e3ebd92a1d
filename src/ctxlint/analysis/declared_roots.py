"""Functions that the project declares to run in a Context of their own: ``task-roots`` and ``entry-points``.

What starts them is not to be seen in the program: a framework, a scheduler, a registry of names.
"""

from __future__ import annotations

import fnmatch

from ctxlint.analysis.program import Program
from ctxlint.analysis.scopes import Scope
from ctxlint.knowledge.targets import declared_roots


def declared_root(program: Program, scope: Scope) -> str | None:
    """How the project declares that the function has a Context of its own; None where it does not."""
    roots = declared_roots()
    if not roots.tasks and not roots.entries:
        return None
    names = [
        f"{name}.{scope.qualname}"
        for modules in program.resolver.table.by_root.values()
        for name, path in modules.items()
        if path == scope.path
    ]
    if _is_among(names, roots.tasks):
        return "the project declares it the start of a task (`task-roots`)"
    if _is_among(names, roots.entries):
        return "the project declares it an entry point, with a Context of its own (`entry-points`)"
    return None


def _is_among(names: list[str], patterns: tuple[str, ...]) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for name in names for pattern in patterns)
