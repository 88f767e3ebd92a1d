"""``--add-noqa``: a ``# noqa`` for every finding that is left, in the files themselves.

Each file is written whole or not at all, in its own encoding and with its own line ends, and only if it then is the
same program and reads back as what was written.
"""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from ctxlint.analysis.modules import is_notebook
from ctxlint.frontend.text import decode, encode_like
from ctxlint.model.sources import Unreadable
from ctxlint.shell.writing import write_whole
from ctxlint.suppression.noqa import NOT_SUPPRESSED, CannotSuppressError, with_noqa

if TYPE_CHECKING:
    from collections.abc import Callable

    from ctxlint.model.diagnostics import Diagnostic, Report


class Added(NamedTuple):
    """How many findings were suppressed in how many files; which files could not be written, with the reason; and what
    is left where that is no mistake.
    """

    findings: int
    files: int
    problems: tuple[str, ...]
    left: tuple[str, ...] = ()


def add_noqa(report: Report, read: Callable[[str], bytes]) -> Added:
    """Put the comments into the files of a report, whose bytes ``read`` gives."""
    by_file: dict[str, list[Diagnostic]] = {}
    incurable: Counter[str] = Counter()
    for entry in report.diagnostics:
        if entry.code in NOT_SUPPRESSED:
            incurable[entry.code] += 1
        else:
            by_file.setdefault(entry.location.filename, []).append(entry)
    problems: list[str] = []
    for name, findings in by_file.items():
        try:
            _write(os.path.abspath(name), findings, report.texts.get(name, ""), read)
        except (CannotSuppressError, Unreadable, UnicodeError) as error:
            problems.append(f"{name} is left as it was{_with(findings)}: {error}")
        except OSError as error:
            problems.append(f"cannot write {name}{_with(findings)}: {error.strerror or error}")
        else:
            continue
        by_file[name] = []
    written = [findings for findings in by_file.values() if findings]
    left = tuple(
        f"{counted(number)} of {code} left: {NOT_SUPPRESSED[code]}"
        for code, number in sorted(incurable.items())
    )
    return Added(sum(map(len, written)), len(written), tuple(problems), left)


def counted(number: int) -> str:
    """Return a number of findings in words."""
    return f"{number} finding{'' if number == 1 else 's'}"


def _with(findings: list[Diagnostic]) -> str:
    return f", with {counted(len(findings))}"


def _write(path: str, findings: list[Diagnostic], judged: str, read: Callable[[str], bytes]) -> None:
    content = read(path)
    if is_notebook(path):
        raise CannotSuppressError("a notebook is not rewritten; put the comment into the cell")
    text = decode(content)
    if text != judged:
        raise CannotSuppressError("it was changed in the meantime")
    edited = with_noqa(text, findings)
    encoded = encode_like(edited, content)
    if decode(encoded) != edited:
        raise CannotSuppressError("its encoding does not give back what was written")
    write_whole(path, encoded)
