"""What is done with an outcome before it is printed: ``--baseline`` and its companions, ``--since``, ``--add-noqa``.

What is wrong with the options, the baseline or the revision is told before anything is checked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ctxlint.shell.nearest import WrongUsage

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ctxlint.shell.baseline import BaselineFile
    from ctxlint.shell.session import Outcome
    from ctxlint.shell.since import Changes
    from ctxlint.suppression.baseline import Known


class Taken(NamedTuple):
    """The outcome that is left, what is to be said beside it, and two answers for the exit code: are entries of the
    baseline stale, and could something not be written?

    ``done`` is what was done in place of a report.
    """

    outcome: Outcome
    remarks: tuple[str, ...] = ()
    stale: bool = False
    failed: bool = False
    done: str = ""


class Steps(NamedTuple):
    """The steps of a run, ready to be taken."""

    changes: Changes | None = None
    baseline: BaselineFile | None = None
    known: Sequence[Known] = ()
    write: bool = False
    prune: bool = False
    suppress: bool = False

    def take(
        self,
        outcome: Outcome,
        read: Callable[[str], bytes],
        around: Callable[[], Outcome | None] | None = None,
    ) -> Taken:
        """Take them in their order: baseline, changed lines, comments. ``read`` gives the bytes of a path, ``around``
        the outcome of the whole project.
        """
        if self.write and self.baseline is not None:
            if outcome.report.failures:
                return Taken(outcome, (f"error: {self.baseline.path} is not written",), failed=True)
            written = self.baseline.write(outcome, around)
            return Taken(outcome, written.remarks, done=written.done)
        taken = Taken(outcome)
        if self.baseline is not None:
            applied = self.baseline.apply(outcome, self.known, around, prune=self.prune)
            taken = Taken(applied.outcome, applied.remarks, applied.stale)
        if self.changes is not None:
            touched = self.changes.touched(taken.outcome.report)
            taken = taken._replace(outcome=taken.outcome._replace(report=touched))
        return _suppressed(taken, read) if self.suppress else taken


def steps_of(options: Mapping[str, Any], paths: Sequence[str], *, from_stdin: bool) -> Steps:
    """Return the steps that the options ask for. ``WrongUsage`` where they cannot be taken."""
    write, prune, suppress = (options[name] for name in ("write_baseline", "prune_baseline", "add_noqa"))
    if (write or prune) and not options["baseline"]:
        raise WrongUsage(f"{'--write-baseline' if write else '--prune-baseline'} needs --baseline FILE")
    if write and (prune or suppress or options["since"]):
        raise WrongUsage(
            "--write-baseline makes all findings known: use it without --prune-baseline, --since, --add-noqa"
        )
    if suppress and from_stdin:
        raise WrongUsage("--add-noqa changes files: name them")
    changes = baseline = None
    known: Sequence[Known] = ()
    if options["since"]:
        from ctxlint.shell.since import Changes  # noqa: PLC0415 - only where it is asked for

        changes = Changes(paths, options["since"])
    if options["baseline"]:
        from ctxlint.shell.baseline import BaselineFile  # noqa: PLC0415 - likewise

        baseline = BaselineFile(options["baseline"], paths)
        known = () if write else baseline.read()
    return Steps(changes, baseline, known, write, prune, suppress)


def _suppressed(taken: Taken, read: Callable[[str], bytes]) -> Taken:
    from ctxlint.shell.noqa import add_noqa, counted  # noqa: PLC0415 - likewise

    added = add_noqa(taken.outcome.report, read)
    done = f"Suppressed {counted(added.findings)} in {added.files} file{'' if added.files == 1 else 's'}."
    problems = tuple(f"error: {problem}" for problem in added.problems)
    return taken._replace(remarks=(*taken.remarks, *added.left, *problems), failed=bool(problems), done=done)
