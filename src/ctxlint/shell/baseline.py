"""``--baseline``: read, compare, write, prune. What is known and what is stale is decided by the pure half.

An entry counts as stale only if this run would have found it: its file was looked at (or is gone from below the given
paths), its rule is selected, and nothing inside failed. Where code may have moved between a file that was looked at and
one that was not, the whole project is asked, and the answer is that of a run over it for the files at hand.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from ctxlint.rules.registry import all_rules
from ctxlint.shell.nearest import WrongUsage
from ctxlint.shell.noqa import counted
from ctxlint.shell.writing import write_whole
from ctxlint.suppression.baseline import Compared, compare, decode, encode, entries_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ctxlint.shell.session import Outcome
    from ctxlint.suppression.baseline import Known

_SHOWN = 10


class Applied(NamedTuple):
    """An outcome without what is known, what is to be said of the baseline, and whether entries of it are stale."""

    outcome: Outcome
    remarks: tuple[str, ...]
    stale: bool


class Written(NamedTuple):
    """What was written, and what is to be said beside it."""

    done: str
    remarks: tuple[str, ...] = ()


class BaselineFile:
    """A baseline file and a run that it is compared with."""

    def __init__(self, path: str, paths: Sequence[str]) -> None:
        """``path`` as the user gave it; ``paths`` are those that are checked."""
        self.path = path
        self._folder = os.path.dirname(os.path.abspath(path))
        self._paths = [os.path.abspath(each) for each in paths]

    def read(self) -> tuple[Known, ...]:
        """Return the entries. ``WrongUsage`` where there is no baseline, or something else."""
        try:
            with open(self.path, "rb") as stream:
                return decode(stream.read()).findings
        except FileNotFoundError as error:
            raise WrongUsage(f"no baseline at '{self.path}': --write-baseline makes one") from error
        except OSError as error:
            raise WrongUsage(f"cannot read the baseline '{self.path}': {error.strerror or error}") from error
        except ValueError as error:
            raise WrongUsage(f"'{self.path}' {error}") from error

    def apply(
        self,
        outcome: Outcome,
        entries: Sequence[Known],
        around: Callable[[], Outcome | None] | None = None,
        *,
        prune: bool,
    ) -> Applied:
        """Leave out of an outcome what is known; with ``prune`` remove what is stale from the file.

        ``around`` gives the outcome of the whole project.
        """
        compared = self._compared_with(outcome, entries, around)
        stale = [entry for entry in compared.left if self._is_looked_for(entry, outcome)]
        shown = outcome._replace(report=replace(outcome.report, diagnostics=compared.new))
        remarks = [f"{counted(compared.known)} of the baseline {self.path} not shown"] * bool(compared.known)
        if stale and prune:
            self._write([entry for entry in (*compared.taken, *compared.left) if entry not in stale])
            remarks.append(f"{_entries(len(stale))} removed from {self.path}")
        elif stale:
            remarks += [
                f"stale in {self.path}: {entry.code} in {entry.file}{f', {entry.scope}' if entry.scope else ''}"
                for entry in stale[:_SHOWN]
            ]
            more = f", {len(stale) - _SHOWN} of them not listed" if len(stale) > _SHOWN else ""
            them = "it" if len(stale) == 1 else "them"
            remarks.append(f"error: {_entries(len(stale))} stale{more}; --prune-baseline removes {them}")
        return Applied(shown, tuple(remarks), bool(stale) and not prune)

    def write(self, outcome: Outcome, around: Callable[[], Outcome | None] | None = None) -> Written:
        """Make the findings of an outcome known, and keep what stands for code elsewhere, or this run could not find;
        return what is to be said. ``around`` as above.
        """
        old = self.read() if os.path.exists(self.path) else ()
        compared = self._compared_with(outcome, old, around)
        elsewhere = compared.taken[compared.known :]
        kept = [
            *elsewhere,
            *(entry for entry in compared.left if not self._is_looked_for(entry, outcome)),
        ]
        entries = entries_of(outcome.report, self._file_of)
        found = [entry for entry in entries if entry is not None]
        self._write([*kept, *found])
        beside = f", beside {_entries(len(kept))} for what this run did not look for" if kept else ""
        done = f"{counted(len(found))} written to {self.path}{beside}"
        left = len(entries) - len(found)
        why = "that something was not checked (CTX901, CTX904) is never known"
        return Written(done, (f"{counted(left)} not written: {why}",) if left else ())

    def _compared_with(
        self, outcome: Outcome, entries: Sequence[Known], around: Callable[[], Outcome | None] | None
    ) -> Compared:
        """Compare an outcome with entries, beside the rest of its project where code may have moved between them."""
        compared = self._compared(outcome, entries)
        whole = around() if around is not None and self._may_lie_elsewhere(compared, outcome) else None
        return compared if whole is None else self._compared_within(outcome, whole, entries)

    def _compared(self, outcome: Outcome, entries: Sequence[Known]) -> Compared:
        looked_at = {self._file_of(path) for path in outcome.files}
        return compare(
            outcome.report, entries, self._file_of, lambda file: file in looked_at or not self._exists(file)
        )

    def _may_lie_elsewhere(self, compared: Compared, outcome: Outcome) -> bool:
        """Is an entry without its finding, or a finding like an entry of a file that was not looked at?"""
        apart = {(entry.code, entry.fingerprint) for entry in compared.left}
        new = entries_of(replace(outcome.report, diagnostics=compared.new), self._file_of)
        return any(self._is_looked_for(entry, outcome) for entry in compared.left) or any(
            entry is not None and (entry.code, entry.fingerprint) in apart for entry in new
        )

    def _compared_within(self, outcome: Outcome, whole: Outcome, entries: Sequence[Known]) -> Compared:
        """Compare the findings of the whole project, and keep what is said of those of ``outcome``: the entries that
        they take come first.
        """
        mine = outcome.report.diagnostics
        others = [
            each
            for each in whole.report.diagnostics
            if os.path.abspath(each.location.filename) not in outcome.files
        ]
        joined = replace(
            outcome.report,
            diagnostics=(*mine, *others),
            texts={**whole.report.texts, **outcome.report.texts},
        )
        both = outcome._replace(report=joined, files=outcome.files | whole.files)
        compared = self._compared(both, entries)
        at_hand = frozenset(mine)
        new = tuple(each for each in compared.new if each in at_hand)
        return replace(compared, new=new, known=len(mine) - len(new))

    def _is_looked_for(self, entry: Known, outcome: Outcome) -> bool:
        if outcome.report.failures or not _is_selected(entry.code, outcome.codes):
            return False
        place = self._place(entry.file)
        if place in outcome.files:
            return True
        inside = any(place == path or place.startswith(os.path.join(path, "")) for path in self._paths)
        return inside and not self._exists(entry.file)

    def _write(self, entries: Sequence[Known]) -> None:
        try:
            write_whole(self.path, encode(entries))
        except OSError as error:
            raise WrongUsage(f"cannot write the baseline '{self.path}': {error.strerror or error}") from error

    def _file_of(self, path: str) -> str:
        return os.path.relpath(os.path.abspath(path), self._folder).replace(os.sep, "/")

    def _place(self, file: str) -> str:
        return os.path.normpath(os.path.join(self._folder, file))

    def _exists(self, file: str) -> bool:
        return os.path.exists(self._place(file))


def _is_selected(code: str, codes: frozenset[str]) -> bool:
    """Is a rule's code selected? A code that no rule has any more is looked for, and never found. An entry does not say
    whether its finding is opt-in: one that was written under a wider selection is missed under a narrower one.
    """
    return code in codes or all(rule.code != code for rule in all_rules())


def _entries(number: int) -> str:
    return f"{number} {'entry' if number == 1 else 'entries'}"
