"""Which further files are worth reading, once some are read.

Two directions, both along imports that resolve, never along bare names:

* **importers**: a file that names a variable of a file that was read (or a function that returns its value, sets or
  restores it, or returns its token), and imports it from there or from a file that passes it on; likewise of a
  ``threading.local``;
* **re-exports**: a file that was not read, from which one that was read imports such a name.

Pure: the caller says what the files hold.
"""

from __future__ import annotations

from collections.abc import Iterator

from ctxlint.analysis.declarations import makers
from ctxlint.analysis.program import Program
from ctxlint.analysis.reads import gives
from ctxlint.analysis.scopes import Scope
from ctxlint.analysis.thread_locals import ThreadLocals


def exported_words(program: Program) -> dict[str, frozenset[str]]:
    """For each file that was read, the top-level names and attributes by which others reach what it does to
    variables, or make some of their own.
    """
    found: dict[str, set[str]] = {}
    for path, module in program.modules.items():
        names = makers(program.resolver, module)
        if names:
            found[path] = set(names)
    for var in program.by_var:
        found.setdefault(var.module, set()).update(_spellings(var.qualname))
    for scope in program.relevant:
        if scope.kind == "function" and not scope.function.is_lambda and _touches(program, scope):
            found.setdefault(scope.path, set()).update(_spellings(scope.qualname))
    for scope in program.functions():
        if scope.kind == "function" and "get" in scope.spelled and gives(program, scope):
            found.setdefault(scope.path, set()).add(_spellings(scope.qualname)[0])
    for path, name in _by_thread(program):
        found.setdefault(path, set()).add(name)
    return {path: frozenset(words) for path, words in found.items()}


def _by_thread(program: Program) -> Iterator[tuple[str, str]]:
    """The files that keep state in a ``threading.local``, each with the top-level names by which others reach it."""
    states = ThreadLocals(program)
    for scope in program.functions() if states.names else ():
        if scope.kind == "function" and any(states.accesses(scope)):
            yield scope.path, _spellings(scope.qualname)[0]
    for path, module in program.modules.items():
        yield from ((path, name) for name in module.bindings if name in states.names)


def _spellings(qualname: str) -> tuple[str, ...]:
    """The outermost name is what is imported; the last is what is written after the dot."""
    first, _, rest = qualname.partition(".")
    first = first.partition("[")[0]
    last = rest.rpartition(".")[2] if rest else first
    return first, last.partition("[")[0]


def _touches(program: Program, scope: Scope) -> bool:
    effects = program.effects(scope)
    if effects.tokens or effects.restores or effects.sets or effects.resets:
        return True
    nested = scope.parent is not None and scope.parent.kind == "function"
    return bool(effects.scoped) and (nested or scope.function.is_generator)  # a wrapper, a context manager
