"""What the streams can show: whether they are terminals, want colour, and how text is put on them.

``NO_COLOR`` and ``FORCE_COLOR`` (each set to anything but nothing), ``TERM=dumb`` and ``--color`` decide; the
option wins, then ``FORCE_COLOR``, then ``NO_COLOR``, then the terminal.
"""

from __future__ import annotations

import io
import os
import sys
from typing import IO, TYPE_CHECKING, Literal

from ctxlint.shell.nearest import WrongUsage

if TYPE_CHECKING:
    from collections.abc import Mapping

READER_LEFT = 141  # as a shell tells it of a program that died of SIGPIPE
ColorChoice = Literal["auto", "always", "never"]


def wants_colour(stream: IO[str], choice: ColorChoice, environment: Mapping[str, str] = os.environ) -> bool:
    """Whether to colour what goes to ``stream``."""
    if choice != "auto":
        return choice == "always"
    if environment.get("FORCE_COLOR"):
        return True
    if environment.get("NO_COLOR") or environment.get("TERM") == "dumb":
        return False
    return is_terminal(stream)


def is_terminal(stream: IO[str]) -> bool:
    """Whether a person sits before ``stream``; a closed stream has nobody."""
    try:
        return stream.isatty()
    except (AttributeError, ValueError):
        return False


def width() -> int:
    """Columns of the terminal, within what reads well."""
    try:
        columns = int(os.environ.get("COLUMNS", "0")) or os.get_terminal_size(sys.stdout.fileno()).columns
    except (OSError, ValueError, AttributeError):
        columns = 100
    return max(60, min(columns, 160))


def never_fail_to_encode() -> None:
    """Let text that the streams' encodings lack appear escaped, rather than end the run."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def put(text: str) -> None:
    """Write to the standard output and flush. A reader that has left ends the run without a word; where the text cannot
    be written (a full disk, a stream that was closed), that is told.
    """
    if sys.stdout is None:  # pyright: ignore[reportUnnecessaryComparison] - Python's answer to a closed descriptor
        raise WrongUsage("cannot write to the standard output: it is closed")
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())  # the interpreter's own last flush goes there
        if isinstance(error, BrokenPipeError):
            sys.exit(READER_LEFT)
        raise WrongUsage(f"cannot write to the standard output: {error.strerror or error}") from error


def say(line: str) -> None:
    """Write one line to the standard error, if there is one."""
    if sys.stderr is not None:  # pyright: ignore[reportUnnecessaryComparison] - as above
        sys.stderr.write(line + "\n")
        sys.stderr.flush()
