"""What CPython did with a program of ``propagation_programs``, beside what ctxlint says of its hop.

The program runs in this process, in an empty Context. The value is *lost* when, in one go, the caller's value was in
force where the hop was made and the worker read the default. It is lost exactly when CTX301 or CTX302 stands at the
line of the hop; no other line has one.
"""

from __future__ import annotations

import contextvars
import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from propagation_programs import Made

from ctxlint import engine
from ctxlint.model.lines import LineIndex
from ctxlint.model.sources import SourceFile

CODES = frozenset({"CTX301", "CTX302"})
_ROOT = "/generated"
_HOP = "  # hop"


@dataclass(slots=True)
class Observed:
    """What was in force at each go of the hop, and what the worker read then."""

    goes: list[tuple[str, list[str]]] = field(default_factory=list)

    def read(self, value: str) -> None:
        """A worker, or what looks like one, read this."""
        self.goes[-1][1].append(value)

    @property
    def lost(self) -> bool:
        """Did a worker read the default, though the caller's value was in force?"""
        return any(here == "acme" and "public" in values for here, values in self.goes)


def said(made: Made, codes: frozenset[str] = CODES) -> list[tuple[str, bool]]:
    """The findings, by code, with whether they stand at the hop."""
    texts = {f"{_ROOT}/{name.replace('.', '/')}.py": text for name, text in made.modules}
    texts[f"{_ROOT}/{made.name}/__init__.py"] = ""
    files = [SourceFile(path, path, (_ROOT,)) for path in texts]
    report = engine.check(files, lambda path: texts[path].encode(), codes)
    assert report.failures == (), report.failures
    found: list[tuple[str, bool]] = []
    for diagnostic in report.diagnostics:
        place = diagnostic.location
        row, _ = LineIndex(texts[place.filename]).position(place.span.start)
        line = texts[place.filename].split("\n")[row - 1]
        found.append((diagnostic.code, line.endswith(_HOP)))
    return found


def observed(made: Made) -> Observed:
    """Run the program."""
    seen = Observed()
    with _imported(made, seen) as modules:
        contextvars.Context().run(modules[-1].main)
    return seen


def disagreement(made: Made) -> str | None:
    """How ctxlint and CPython differ about a program; None where they agree."""
    found, seen = said(made), observed(made)
    assert seen.goes, f"the hop was not made\n{made}"
    elsewhere = [code for code, at_the_hop in found if not at_the_hop]
    if elsewhere:
        return f"{elsewhere} away from the hop\n{made}"
    if bool(found) != seen.lost:
        verdict = "lost" if seen.lost else "not lost"
        return f"CPython: {verdict} ({seen.goes}); ctxlint: {found}\n{made}"
    return None


@contextmanager
def _imported(made: Made, seen: Observed) -> Iterator[list[types.ModuleType]]:
    package = types.ModuleType(made.name)
    package.__path__ = []
    outside = types.ModuleType("oracle_probe")
    before = {
        name: sys.modules.get(name) for name in ("oracle_probe", made.name, *(n for n, _ in made.modules))
    }
    variable: list[contextvars.ContextVar[str]] = []
    outside.probe = lambda: seen.goes.append((variable[0].get(), []))
    outside.seen = seen.read
    sys.modules.update({"oracle_probe": outside, made.name: package})
    modules: list[types.ModuleType] = []
    try:
        for name, text in made.modules:
            module = types.ModuleType(name)
            sys.modules[name] = module
            setattr(package, name.rpartition(".")[2], module)
            exec(compile(text, name, "exec"), module.__dict__)  # noqa: S102 - what this module is for
            modules.append(module)
        first = modules[0]
        variable.append(first.Vars.tenant if hasattr(first, "Vars") else first.tenant)
        yield modules
    finally:
        for name, old in before.items():
            if old is None:
                sys.modules.pop(name, None)
            else:
                sys.modules[name] = old
