"""Where reports go: one to the standard output, others to files, each in its format (``--output FORMAT:PATH``).

A file is written whole or not at all: beside its place, then moved there. What cannot be written is told before
anything is read, as far as that can be known.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from ctxlint.reporting.format import View, format_named, format_names
from ctxlint.shell.nearest import WrongUsage, did_you_mean
from ctxlint.shell.project import git_root
from ctxlint.shell.writing import write_whole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctxlint.model.diagnostics import Report
    from ctxlint.reporting.format import Format

STDOUT = "-"


class Outputs(NamedTuple):
    """What is written: the format of the standard output, and the files, each a format and an absolute path."""

    stdout: Format
    files: tuple[tuple[Format, str], ...] = ()


def outputs(written: Sequence[str], name: str, origin: str = "", *, statistics: bool = False) -> Outputs:
    """Read the values of ``--output``; ``name``, which ``origin`` says, is the format of the standard output where none
    of them says one.
    """
    pairs = [_pair(each) for each in written]
    to_stdout = [form for form, path in pairs if path == STDOUT]
    if len(to_stdout) > 1:
        names = " and ".join(form.name for form in to_stdout)
        raise WrongUsage(f"--output: only one report goes to the standard output, not {names}")
    files = tuple((form, _writable(path)) for form, path in pairs if path != STDOUT)
    twice = next(
        (path for number, (_, path) in enumerate(files) if path in {other for _, other in files[:number]}), ""
    )
    if twice:
        raise WrongUsage(f"--output: two reports for one file: {os.path.relpath(twice)}")
    stdout = to_stdout[0] if to_stdout else checked(name, origin)
    return Outputs(_counted(stdout) if statistics else stdout, files)


def checked(name: str, origin: str = "") -> Format:
    """Return the format of a name, or ``WrongUsage`` with the nearest one, or with all where none is near."""
    names = format_names()
    if name not in names:
        hint = did_you_mean(name, names) or f": choose from {', '.join(names)}"
        raise WrongUsage(f"{origin}{': ' * bool(origin)}no output format '{name}'{hint}")
    return format_named(name)


def view_of(*, colour: bool, width: int) -> View:
    """What formats may know of where they are read."""
    here = os.getcwd()
    return View(colour, width, here, git_root(here) or here)


def write_files(outputs: Outputs, report: Report, view: View) -> None:
    """Write the reports that go to files. ``WrongUsage`` names one that cannot be written."""
    for form, path in outputs.files:
        text = form.render(report, view._replace(colour=False, width=View().width))
        try:
            write_whole(path, text.encode("utf-8", "surrogateescape"))
        except OSError as error:
            raise WrongUsage(f"--output: cannot write {path}: {error.strerror or error}") from error


def _pair(written: str) -> tuple[Format, str]:
    name, colon, path = written.partition(":")
    if not colon or not path:
        raise WrongUsage(f"--output: '{written}' is not FORMAT:PATH; {_remedy(name)}")
    return checked(name, "--output"), path


def _remedy(written: str) -> str:
    """What to write in place of a format alone, or of a path alone."""
    if written in format_names():
        return f"'{written}:-' is the standard output"
    suffix = written.rpartition(".")[2]
    return f"write '{suffix if suffix in format_names() else 'json'}:{written or 'PATH'}'"


def _writable(path: str) -> str:
    place = os.path.abspath(path)
    folder = os.path.dirname(place)
    if not os.path.isdir(folder):
        raise WrongUsage(f"--output: no such folder: {os.path.dirname(path)}")
    if os.path.isdir(place):
        raise WrongUsage(f"--output: is a folder: {path}")
    return place


def _counted(form: Format) -> Format:
    from ctxlint.reporting.statistics import COUNTED, counted  # noqa: PLC0415 - only with the option

    if form.name not in COUNTED:
        raise WrongUsage(f"--statistics: {form.name} has no form for it; use {', '.join(COUNTED)}")
    return counted(form)
