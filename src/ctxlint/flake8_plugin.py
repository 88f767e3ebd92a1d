"""The flake8 door: ``CTX`` findings beside flake8's own, equal to those of the command line.

flake8 shows one file at a time; a finding may need the whole program. So the program of the paths that flake8
was given is judged once in each process, as ``ctxlint PATHS…`` judges it, and each file takes its findings
from there. A file outside that program is judged with its own project. Text that flake8 holds and the disk
does not (standard input, editors) is laid over the file, and the program judged with it.

``[tool.ctxlint]`` says what the program is (``src``, ``exclude``); which codes are shown, ``# noqa`` and
output are flake8's: every rule runs, opt-in codes are in flake8's default ignores, suppressions are not
looked at. A failure inside never ends flake8's run: it is reported as CTX901 in the file concerned, or, if it
concerns the whole program, once in each process, and said on the standard error.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from ctxlint import __version__

if TYPE_CHECKING:
    import argparse
    import ast
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from ctxlint.model.diagnostics import Report

STDIN = "-"
UNREADABLE = "CTX901"
UNUSED_SUPPRESSION = "CTX902"  # suppressions are flake8's own here

Line = tuple[int, int, str]


class Judgement(NamedTuple):
    """The findings of a program by absolute path, or why there are none."""

    lines: Mapping[str, Sequence[Line]]
    problem: str = ""


class Plugin:
    """What flake8 makes for each file."""

    name = "ctxlint"
    version = __version__
    paths: ClassVar[tuple[str, ...]] = ()
    overlays: ClassVar[bool] = True
    _judged: ClassVar[dict[tuple[str, ...], Judgement]] = {}
    _told: ClassVar[set[str]] = set()

    def __init__(self, tree: ast.AST, lines: Sequence[str], filename: str) -> None:
        """Keep what flake8 read; nothing is done before ``run``."""
        del tree
        self.lines = lines
        self.filename = filename

    @classmethod
    def add_options(cls, manager: Any) -> None:  # noqa: ANN401 - flake8's OptionManager, which is not a dependency
        """Make the opt-in rules opt-in for flake8 too: ``--extend-select CTX115`` shows them."""
        from ctxlint.rules.registry import all_rules  # noqa: PLC0415 - with the door, not with the module

        manager.extend_default_ignore([rule.code for rule in all_rules() if not rule.default])

    @classmethod
    def parse_options(cls, options: argparse.Namespace) -> None:
        """Remember which paths are checked, and whether flake8 may hold text that is not on the disk."""
        given: Sequence[str] = getattr(options, "filenames", None) or (os.curdir,)
        existing = (path for path in given if path != STDIN and os.path.exists(path))  # noqa: PTH110 - as text
        cls.paths = tuple(map(os.path.abspath, existing))
        cls.overlays = STDIN in given

    @classmethod
    def forget(cls) -> None:
        """Forget every judgement, for a process that outlives the files' contents."""
        cls._judged.clear()
        cls._told.clear()

    def run(self) -> Iterator[tuple[int, int, str, type[Plugin]]]:
        """Yield row, column from 0, code with message, and this class."""
        for row, column, text in self._own_lines():
            yield row, column, text, type(self)

    def _own_lines(self) -> Iterator[Line]:
        path = os.path.abspath(self.filename)  # noqa: PTH100 - as text
        overlay = self._overlay(path) if self.overlays else None
        judgement = self._judgement_of(path) if overlay is None else _judge((path,), overlay)
        if judgement.problem and judgement.problem not in self._told:
            self._told.add(judgement.problem)
            sys.stderr.write(f"ctxlint: {judgement.problem}\n")
            yield 1, 0, f"{UNREADABLE} ctxlint could not check the program: {judgement.problem}"
        yield from judgement.lines.get(path, ())

    def _judgement_of(self, path: str) -> Judgement:
        """Return the judgement of what flake8 was given, or of the file when it lies outside that.

        A file below a given path that the program leaves out is one that the command line would not report.
        """
        if self.paths:
            judgement = self._once(self.paths)
            if path in judgement.lines or any(path.startswith(top + os.sep) for top in self.paths):
                return judgement
        return self._once((path,))

    def _once(self, key: tuple[str, ...]) -> Judgement:
        if key not in self._judged:
            self._judged[key] = _judge(key, {})
        return self._judged[key]

    def _overlay(self, path: str) -> dict[str, bytes] | None:
        """Return the file's text as bytes under its path if it differs from what the disk has."""
        held = _encoded("".join(self.lines))
        try:
            with open(path, "rb") as file:  # noqa: PTH123 - path is text
                disk = file.read()
        except OSError:
            return {path: held}
        same = disk.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n") == held.replace(b"\r\n", b"\n")
        return None if same else {path: held}


def _judge(paths: Sequence[str], overlay: Mapping[str, bytes]) -> Judgement:
    """Run the engine over the program of ``paths``. The one boundary at which nothing may reach flake8."""
    try:
        return Judgement(_lines_of(paths, overlay))
    except Exception as error:  # noqa: BLE001 - flake8 ends its run at any exception of a plugin
        return Judgement({}, f"{type(error).__name__}: {error}" if not _is_usage(error) else str(error))


def _is_usage(error: Exception) -> bool:
    from ctxlint.shell.nearest import WrongUsage  # noqa: PLC0415

    return isinstance(error, WrongUsage)


def _lines_of(paths: Sequence[str], overlay: Mapping[str, bytes]) -> dict[str, list[Line]]:
    from ctxlint.rules.registry import all_rules  # noqa: PLC0415
    from ctxlint.shell.session import judge  # noqa: PLC0415

    codes = frozenset(rule.code for rule in all_rules()) - {UNUSED_SUPPRESSION}
    lines: dict[str, list[Line]] = {}
    for outcome in judge(paths, codes, overlay):
        by_display = {
            file.display: lines.setdefault(file.path, []) for file in outcome.files if file.reported
        }
        _distribute(outcome.report, by_display)
    return lines


def _distribute(report: Report, lines: Mapping[str, list[Line]]) -> None:
    """Put each finding, and each failure that names a file, to the lines of its file."""
    from ctxlint.model.lines import LineIndex  # noqa: PLC0415

    position: dict[str, Callable[[int], tuple[int, int]]] = {}
    for entry in report.diagnostics:
        name = entry.location.filename
        if name not in position:
            position[name] = LineIndex(report.texts.get(name, "")).position
        row, column = position[name](entry.location.span.start)
        lines[name].append((row, column - 1, f"{entry.code} {entry.message}"))
    for failure in report.failures:
        message = f"ctxlint failed here, in {failure.stage}: {failure.message}"
        if failure.filename in lines:
            lines[failure.filename].append((1, 0, f"{UNREADABLE} {message}"))
        else:
            sys.stderr.write(
                f"ctxlint: internal error in {failure.stage}, {failure.filename}: {failure.message}\n"
            )


def _encoded(text: str) -> bytes:
    """Return the bytes whose declared encoding gives ``text``."""
    import io  # noqa: PLC0415
    import tokenize  # noqa: PLC0415

    plain = text.encode("utf-8", "surrogateescape")
    try:
        encoding, _lines = tokenize.detect_encoding(io.BytesIO(plain).readline)
        return text.encode(encoding)
    except (SyntaxError, UnicodeError, LookupError):
        return plain
