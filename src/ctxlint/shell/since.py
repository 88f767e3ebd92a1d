"""``--since REV``: what touches lines that changed since a revision, as git tells it.

A finding touches a change if what it reports, or a step of its story, lies in a changed row. Files that git does not
know yet have changed from end to end. Where lines were only taken away, all of the function around has changed: what
is missing is missing to it.
"""

from __future__ import annotations

import difflib
import os
import re
import subprocess
from typing import TYPE_CHECKING

from msgspec.structs import replace

from ctxlint.analysis.modules import is_notebook
from ctxlint.frontend.layout import layout
from ctxlint.frontend.text import decode
from ctxlint.model.lines import LineIndex
from ctxlint.model.sources import Unreadable
from ctxlint.shell.nearest import WrongUsage
from ctxlint.shell.project import git_root

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ctxlint.frontend.layout import Block
    from ctxlint.model.diagnostics import Diagnostic, Report
    from ctxlint.model.spans import Location

Rows = tuple[int, int]

_HUNK = re.compile(rb"@@ -\d+(?:,(?P<gone>\d+))? \+(?P<first>\d+)(?:,(?P<count>\d+))? @@")
_ESCAPE = re.compile(rb"\\([0-7]{3}|.)", re.DOTALL)
_LETTERS = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"a": b"\a", b"b": b"\b", b"f": b"\f", b"v": b"\v"}
_ALL: Rows = (1, 1 << 60)
_DIFF = (
    "-c", "core.quotePath=false", "diff", "--no-color", "--no-ext-diff", "--no-textconv", "--no-relative", "--text",
    "--find-renames", "--unified=0", "--src-prefix=a/", "--dst-prefix=b/", "--ignore-submodules",
)  # fmt: skip


class Changes:
    """What changed in the checkouts of some paths. A deletion is kept as the empty range before a row."""

    def __init__(self, paths: Sequence[str], revision: str) -> None:
        """Ask git. ``WrongUsage`` where there is none, no checkout, or no such revision."""
        self._rows: dict[str, list[Rows]] = {}
        self._commits: dict[str, str] = {}
        folders = [
            path if os.path.isdir(path) else os.path.dirname(path) for path in map(os.path.abspath, paths)
        ]
        for root in dict.fromkeys(map(_checkout, folders)):
            commit = _git(
                root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"
            )
            if commit is None:
                raise WrongUsage(f"--since: no such revision in {root}: '{revision}'")
            self._commits[root] = commit.decode().strip()
            self._note_changed(root, self._commits[root])
            for name in (_git(root, "ls-files", "--others", "--exclude-standard", "-z") or b"").split(b"\0"):
                if name:
                    self._rows[os.path.join(root, os.fsdecode(name))] = [_ALL]

    def _note_changed(self, root: str, commit: str) -> None:
        path, inside = "", 0
        for line in (_git(root, *_DIFF, commit, "--") or b"").split(b"\n"):
            if inside and not line.startswith(b"\\"):
                inside -= 1  # a line of the text, whatever it looks like
            elif line.startswith(b"+++ "):
                path = os.path.join(root, os.fsdecode(_name(line[4:])))
            elif (hunk := _HUNK.match(line)) is not None:
                first, count = int(hunk["first"]), int(hunk["count"] or 1)
                inside = count + int(hunk["gone"] or 1)
                self._rows.setdefault(path, []).append((first, first + count - 1))

    def within(self, path: str, text: str) -> list[Rows]:
        """Return the changed rows of a file, each a first and a last one."""
        found = self._rows.get(os.path.realpath(path)) or self._rows.get(os.path.abspath(path)) or []
        if not _is_on_disk(path, text):
            found = self._compared(os.path.realpath(path), text)
        if all(first <= last for first, last in found):
            return found
        blocks = layout(text).blocks
        return [rows if rows[0] <= rows[1] else _around(rows[0], blocks) for rows in found]

    def _compared(self, path: str, text: str) -> list[Rows]:
        """The changed rows of a text that an editor holds, which git has not seen."""
        for root, commit in self._commits.items():
            if path.startswith(root + os.sep):
                name = os.path.relpath(path, root).replace(os.sep, "/")
                before = _git(root, "show", f"{commit}:{name}")
                if before is not None:
                    return list(_differences(before, text))
        return [_ALL]

    def touched(self, report: Report) -> Report:
        """Return a report of those findings that touch a change."""
        rows: dict[str, list[Rows]] = {}
        lines: dict[str, LineIndex] = {}

        def is_changed(place: Location) -> bool:
            name = place.filename
            if name not in rows:
                rows[name] = self.within(name, report.texts.get(name, ""))
            if not rows[name]:
                return False
            index = lines.setdefault(name, LineIndex(report.texts.get(name, "")))
            first = index.position(place.span.start)[0]
            last = index.position(max(place.span.end - 1, place.span.start))[0]
            return any(top <= last and first <= bottom for top, bottom in rows[name])

        def is_touched(entry: Diagnostic) -> bool:
            return is_changed(entry.location) or any(is_changed(step.location) for step in entry.related)

        return replace(report, diagnostics=tuple(filter(is_touched, report.diagnostics)))


def _is_on_disk(path: str, text: str) -> bool:
    """Is the text what the file holds? What cannot be read, and the cells of a notebook, are git's business alone."""
    if is_notebook(path):
        return True
    try:
        with open(path, "rb") as file:
            return decode(file.read()) == text
    except (OSError, Unreadable, UnicodeError):
        return True


def _differences(before: bytes, text: str) -> Iterator[Rows]:
    try:
        old = _lines(decode(before))
    except (Unreadable, UnicodeError):
        yield _ALL
        return
    matcher = difflib.SequenceMatcher(None, old, _lines(text), autojunk=False)
    for tag, _, _, first, last in matcher.get_opcodes():
        if tag != "equal":
            yield (first + 1, last) if last > first else (first, first - 1)


def _lines(text: str) -> list[str]:
    index = LineIndex(text)
    return [index.line(row) for row in range(1, len(index) + 1)]


def _around(row: int, blocks: Sequence[Block]) -> Rows:
    """The innermost function around a deletion behind ``row``; without one, the rows beside it."""
    holding = [block for block in blocks if block.first <= row <= block.last]
    return (holding[-1].first, holding[-1].last) if holding else (row, row + 1)


def _checkout(folder: str) -> str:
    root = git_root(folder)
    if root is None:
        raise WrongUsage(f"--since: no git checkout: {folder}")
    return os.path.realpath(root)


def _git(root: str, *words: str) -> bytes | None:
    """What git prints; None where it fails."""
    try:
        done = subprocess.run(["git", "-C", root, *words], capture_output=True, check=False)  # noqa: S603, S607 - the user's git
    except OSError as error:
        raise WrongUsage(f"--since: cannot start git: {error.strerror or error}") from error
    return done.stdout if done.returncode == 0 else None


def _name(written: bytes) -> bytes:
    """A file's name in a diff: behind ``b/``, in quotes where it holds what must be escaped."""
    if written.startswith(b'"'):
        written = _ESCAPE.sub(_unescaped, written.rstrip()[1:-1])
    return written.rstrip(b"\t").removeprefix(b"b/")


def _unescaped(match: re.Match[bytes]) -> bytes:
    found = match[1]
    return bytes([int(found, 8)]) if len(found) > 1 else _LETTERS.get(found, found)
