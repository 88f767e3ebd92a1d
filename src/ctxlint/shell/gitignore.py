"""What one ``.gitignore`` says of an entry: ignored, kept, or nothing.

Git's meaning: the last line that matches decides; ``!`` keeps; a line without an inner slash is matched
against names at any depth, others against the path from the file's folder; an ignored folder is never
entered, so nothing below it needs asking. The walk (``walk.py``) asks the innermost file first.

Most lines are names (``build/``, ``*.py[cod]``, ``!keep.py``) and are answered once for each name by the
standard library alone. Lines with an inner slash, and those whose escapes or classes only git reads so, go to
``pathspec``, which is imported with the first of them: it would cost a third of the start-up.
"""

from __future__ import annotations

import fnmatch
import os
import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_WILD = re.compile(r"[*?\[]")
_PATHSPEC_ONLY = re.compile(r"\\|\[\^|\[!\^|\*\*|\[[^\]]*$|\[:")


class _Line(NamedTuple):
    """One pattern: whether it ignores (or keeps), whether only folders, and the test of a name or a path."""

    ignores: bool
    folders_only: bool
    matches: Callable[[str], object]


class IgnoreFile:
    """One ignore file. ``base`` is the absolute folder that its paths are relative to, with a separator."""

    __slots__ = ("_answers", "_by_name", "_by_path", "base")

    def __init__(self, folder: str, lines: Sequence[str]) -> None:
        """Read the lines; the last that matches wins, so they are kept with their numbers, last first."""
        self.base = folder if folder.endswith(os.sep) else folder + os.sep
        self._answers: dict[tuple[str, bool], tuple[int, bool] | None] = {}
        self._by_name: list[tuple[int, _Line]] = []
        self._by_path: list[tuple[int, _Line]] = []
        for number, line in enumerate(lines):
            _add(line, number, self._by_name, self._by_path)
        self._by_name.reverse()
        self._by_path.reverse()

    def decide(self, path: str, name: str, is_folder: bool) -> bool | None:  # noqa: FBT001 - a fact of the entry
        """Return True to ignore the entry, False to keep it against outer files, None for nothing said."""
        key = (name, is_folder)
        if key in self._answers:
            answer = self._answers[key]
        else:
            answer = self._answers[key] = _last_match(self._by_name, name, is_folder)
        if self._by_path:
            relative = path[len(self.base) :].replace(os.sep, "/")
            by_path = _last_match(self._by_path, relative, is_folder)
            if by_path is not None and (answer is None or by_path[0] > answer[0]):
                answer = by_path
        return None if answer is None else answer[1]

    def __bool__(self) -> bool:
        """Whether any line says anything."""
        return bool(self._by_name or self._by_path)


def read_ignore_file(path: str, folder: str) -> IgnoreFile | None:
    """Return the ignore file at ``path``, or None when it is absent, unreadable or says nothing."""
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as stream:
            lines = stream.read().removeprefix("\ufeff").splitlines()
    except OSError:
        return None
    file = IgnoreFile(folder, [line for line in lines if line.strip() and not line.startswith("#")])
    return file or None


def _last_match(lines: list[tuple[int, _Line]], subject: str, is_folder: bool) -> tuple[int, bool] | None:  # noqa: FBT001
    for number, line in lines:
        if (is_folder or not line.folders_only) and line.matches(subject):
            return number, line.ignores
    return None


def _add(line: str, number: int, by_name: list[tuple[int, _Line]], by_path: list[tuple[int, _Line]]) -> None:
    """Sort one line in among the names or the paths."""
    body = line.rstrip(" ") if not line.rstrip(" ").endswith("\\") else line
    ignores = not body.startswith("!")
    body = body if ignores else body[1:]
    folders_only = body.endswith("/")
    stem = body.rstrip("/") if folders_only else body
    if not stem:
        return
    if _PATHSPEC_ONLY.search(stem):
        by_path.append((number, _Line(ignores, folders_only, _by_pathspec(stem))))
    elif "/" not in stem:
        by_name.append((number, _Line(ignores, folders_only, _by_glob(stem))))
    elif _WILD.search(stem):
        by_path.append((number, _Line(ignores, folders_only, _by_pathspec(stem))))
    else:
        by_path.append((number, _Line(ignores, folders_only, stem.removeprefix("/").__eq__)))


def _by_glob(stem: str) -> Callable[[str], object]:
    return re.compile(fnmatch.translate(stem)).match if _WILD.search(stem) else stem.__eq__


def _by_pathspec(stem: str) -> Callable[[str], object]:
    """``pathspec``'s reading of one line, asked about the entry itself and never about what lies below it."""
    from pathspec import GitIgnoreSpec  # noqa: PLC0415 - see the module's docstring

    try:
        patterns = GitIgnoreSpec.from_lines([f"\\{stem}" if stem[0] in "!#" else stem]).patterns
    except ValueError:  # git ignores a line that it cannot read
        return lambda _subject: None
    expressions: list[re.Pattern[str]] = [pattern.regex for pattern in patterns if pattern.regex is not None]  # pyright: ignore[reportUnknownMemberType] # pathspec says Pattern without its type
    return lambda subject: any(_itself(found.match(subject)) for found in expressions)


def _itself(match: re.Match[str] | None) -> bool:
    """Whether the entry was matched, and not merely a folder above it (pathspec's group ``ps_d``)."""
    return match is not None and not match.groupdict().get("ps_d")
