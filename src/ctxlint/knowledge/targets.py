"""Which Pythons the code at hand is judged for: their versions, and whether their threads inherit a Context.

A project declares them (``Policy``); without a word of it they are all that the tables know of, on the default build.
While a run is made, the rows of the tables are asked about these, and the knowledge that the project adds counts.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple

from ctxlint.knowledge.additions import adding
from ctxlint.knowledge.hop import Hop, Verdict, Version
from ctxlint.model.policy import Policy


class Targets(NamedTuple):
    """Versions, the oldest first, and ``sys.flags.thread_inherit_context`` where a version has it."""

    versions: tuple[Version, ...]
    inherits: bool

    def verdicts(self, row: Hop, *, start_method: str = "") -> dict[Version, Verdict]:
        """What becomes of the caller's Context, by version; those that do not have the API are left out."""
        return {
            version: row.verdict(version, inherits=self.inherits, start_method=start_method)
            for version in self.versions
            if row.exists(version)
        }

    def dropping(self, row: Hop) -> tuple[Version, ...]:
        """The versions on which the caller's Context is lost. A process counts as not forked: so it is on every system
        but Linux, and there from 3.14 on.
        """
        method = "spawn" if row.kind == "process" else ""
        found = self.verdicts(row, start_method=method)
        return tuple(version for version, verdict in found.items() if verdict == "drops")

    def told(self, versions: Iterable[Version]) -> str:
        """``on Python 3.10 to 3.12``; empty where these are all of the targets."""
        held = [version for version in self.versions if version in frozenset(versions)]
        if len(held) in (0, len(self.versions)):
            return ""
        runs: list[list[Version]] = []
        for version in held:
            if runs and version[1] == runs[-1][-1][1] + 1:
                runs[-1].append(version)
            else:
                runs.append([version])
        return f"on Python {' and '.join(_spelled(run) for run in runs)}"


def _spelled(run: list[Version]) -> str:
    first, last = (".".join(map(str, version)) for version in (run[0], run[-1]))
    return first if len(run) == 1 else f"{first} to {last}"


class Roots(NamedTuple):
    """Patterns of dotted names of functions that start tasks, and of those that others call for each request or job."""

    tasks: tuple[str, ...] = ()
    entries: tuple[str, ...] = ()


_targets: ContextVar[Targets | None] = ContextVar("ctxlint_targets", default=None)
_roots: ContextVar[Roots | None] = ContextVar("ctxlint_roots", default=None)
_EVERY = Targets(Policy().versions, inherits=False)


def targets() -> Targets:
    """The targets of the run at hand."""
    return _targets.get() or _EVERY


def declared_roots() -> Roots:
    """What the project of the run at hand declares to have a Context of its own."""
    return _roots.get() or Roots()


@contextmanager
def judging_for(policy: Policy) -> Generator[None]:
    """Let what is known answer for what a project declares, as long as the block runs."""
    token = _targets.set(Targets(policy.versions, policy.inherits is True))
    declared = _roots.set(Roots(policy.task_roots, policy.entry_points))
    try:
        with adding(policy.knowledge):
            yield
    finally:
        _roots.reset(declared)
        _targets.reset(token)
