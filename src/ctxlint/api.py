r"""ctxlint from Python: ``check_paths`` and ``check_source``.

>>> from ctxlint.api import check_source
>>> found = check_source("from contextvars import ContextVar\nv = ContextVar('v', default=[])\n")
>>> [(problem.code, problem.place.row, problem.place.column) for problem in found.problems]
[('CTX201', 2, 29)]

What is configured, suppressed, linked and cached is so as on the command line. An argument of another type raises
``TypeError``. Wrong usage (a path that does not exist, an unknown code, a wrong configuration) raises ``WrongUsage``,
which is a ``ValueError``. Both say what to write instead. Nothing else is raised, whatever is in the files: what went
wrong inside is in ``Checked.failures``. These names are kept stable between versions.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, cast

import msgspec

from ctxlint.frontend.text import encode_like
from ctxlint.model.diagnostics import Confidence, Severity  # noqa: TC001 - msgspec needs them at run time
from ctxlint.model.lines import LineIndex
from ctxlint.model.sources import Unreadable
from ctxlint.shell.layers import Request
from ctxlint.shell.nearest import WrongUsage
from ctxlint.shell.session import plan, run
from ctxlint.shell.settings import Settings

if TYPE_CHECKING:
    from ctxlint.model.diagnostics import Diagnostic
    from ctxlint.model.spans import Location
    from ctxlint.shell.session import Outcome

__all__ = ["Checked", "Place", "Problem", "Step", "WrongUsage", "check_paths", "check_source"]

SOURCE = "<source>"


class Place(msgspec.Struct, frozen=True):
    """A stretch of a file. Rows and columns count from 1, columns in characters; the end is behind the last one.

    ``path`` is relative to the working directory where the file lies below it.
    """

    path: str
    row: int
    column: int
    end_row: int
    end_column: int


class Step(msgspec.Struct, frozen=True):
    """One step of a problem's story."""

    message: str
    place: Place


class Problem(msgspec.Struct, frozen=True):
    """A finding. ``help`` is the cure, empty where there is none."""

    code: str
    name: str
    message: str
    place: Place
    severity: Severity
    confidence: Confidence
    story: tuple[Step, ...]
    help: str


class Checked(msgspec.Struct, frozen=True):
    """The outcome of a check. ``files`` were looked at; ``hidden`` opt-in findings were made and not shown;
    ``warnings`` tell what could not be seen, ``failures`` what went wrong inside: then the result is not complete.
    """

    problems: tuple[Problem, ...]
    files: tuple[str, ...]
    hidden: int
    warnings: tuple[str, ...]
    failures: tuple[str, ...]


def check_paths(
    *paths: str | os.PathLike[str],
    select: Iterable[str] | None = None,
    ignore: Iterable[str] | None = None,
    extend_select: Iterable[str] | None = None,
    config: Iterable[str] = (),
    isolated: bool = False,
    cache: bool = True,
) -> Checked:
    """Check files and folders (default: the working directory), as ``ctxlint PATHS…`` does.

    The keywords are the options of the same names: lists of codes or names of rules; ``config`` holds files and
    ``KEY=VALUE`` pairs, ``cache`` False is ``--no-cache``. ``TypeError`` where ``paths`` holds a list (write
    ``check_paths(*paths)``) or a list is given as one text; ``WrongUsage`` names a path that does not exist and a rule
    that is not known.
    """
    request = Request(
        tuple(map(_path, paths)) or (os.curdir,),
        _settings(select, ignore, extend_select),
        _words("config", config, "KEY=VALUE") or (),
        isolated,
        not cache,
        caller="check_paths",
    )
    return _checked(run(plan(request)))


def check_source(  # noqa: PLR0913 - as above
    source: str | bytes,
    path: str | os.PathLike[str] | None = None,
    *,
    select: Iterable[str] | None = None,
    ignore: Iterable[str] | None = None,
    extend_select: Iterable[str] | None = None,
    config: Iterable[str] = (),
    isolated: bool = False,
    cache: bool = True,
) -> Checked:
    """Check the text of one file, as ``ctxlint - --stdin-filename PATH`` does; nothing is written to ``path``.

    With a ``path``, which need not exist, the text stands for that file in its project. Without one it is a program of
    its own, with the default settings and no cache. ``source`` is text, or the bytes of a file with the encoding that
    they declare. ``TypeError`` and ``WrongUsage`` as ``check_paths``, and where ``path`` can be no file.
    """
    if not isinstance(source, (str, bytes)):  # pyright: ignore[reportUnnecessaryIsInstance] - not every caller is typed
        raise TypeError(f"source is text or bytes, not {_kind(source)}")
    place = SOURCE if path is None else _path(path)
    if not place or os.path.isdir(place):  # noqa: PTH112 - as text
        raise WrongUsage(f"check_source: path is {'a folder' if place else 'no file'}: {place!r}")
    alone = path is None
    request = Request(
        (place,),
        _settings(select, ignore, extend_select),
        _words("config", config, "KEY=VALUE") or (),
        isolated or alone,
        not cache or alone,
        {os.path.abspath(place): source if isinstance(source, bytes) else _encoded(source)},  # noqa: PTH100 - as text
        "check_source",
    )
    return _checked(run(plan(request)))


def _settings(
    select: Iterable[str] | None, ignore: Iterable[str] | None, extend_select: Iterable[str] | None
) -> Settings:
    return Settings(
        select=_words("select", select),
        ignore=_words("ignore", ignore),
        extend_select=_words("extend_select", extend_select),
    )


def _path(given: object) -> str:
    """Return a path as text. A list of paths is what one writes first."""
    kind = _kind(given)
    if isinstance(given, os.PathLike):
        given = cast("os.PathLike[str]", given).__fspath__()
    if isinstance(given, str):
        return given
    remedy = ": write os.fsdecode(path)" if isinstance(given, bytes) else ""
    remedy = ": write check_paths(*paths)" if isinstance(given, Iterable) and not remedy else remedy
    raise TypeError(f"a path is text or os.PathLike, not {kind}{remedy}")


def _words(name: str, given: object, example: str = "CTX1") -> tuple[str, ...] | None:
    """Return the texts of a list. A text is a list of letters, which nobody means."""
    if given is None:
        return None
    if isinstance(given, (str, bytes)) or not isinstance(given, Iterable):
        shown = repr(given) if isinstance(given, str) else f"'{example}'"
        raise TypeError(f"{name} is a list of texts, not {_kind(given)}: write {name}=[{shown}]")
    words = tuple(cast("Iterable[object]", given))
    for word in words:
        if not isinstance(word, str):
            raise TypeError(f"{name} is a list of texts, as {name}=['{example}']; {word!r} is {_kind(word)}")
    return cast("tuple[str, ...]", words)


def _kind(value: object) -> str:
    return type(value).__name__


def _encoded(source: str) -> bytes:
    """Return the bytes whose declared encoding gives ``source``."""
    plain = source.encode("utf-8", "surrogatepass")
    try:
        return encode_like(source, plain)
    except (UnicodeError, Unreadable):
        return plain


def _checked(outcome: Outcome) -> Checked:
    report = outcome.report
    lines = {name: LineIndex(text) for name, text in report.texts.items()}
    return Checked(
        tuple(_problem(entry, lines) for entry in report.diagnostics),
        tuple(sorted(outcome.files)),
        report.hidden,
        outcome.warnings,
        tuple(f"{each.stage}, {each.filename}: {each.message}" for each in report.failures),
    )


def _problem(entry: Diagnostic, lines: dict[str, LineIndex]) -> Problem:
    story = tuple(Step(step.message, _place(step.location, lines)) for step in entry.related)
    place = _place(entry.location, lines)
    return Problem(
        entry.code, entry.name, entry.message, place, entry.severity, entry.confidence, story, entry.help
    )


def _place(location: Location, lines: dict[str, LineIndex]) -> Place:
    found = lines.get(location.filename)
    start = found.position(location.span.start) if found else (1, 1)
    end = found.position(location.span.end) if found else (1, 1)
    return Place(location.filename, *start, *end)
