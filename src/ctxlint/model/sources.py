"""The files of a run, as the shell hands them to the engine."""

from __future__ import annotations

import msgspec

from ctxlint.model.spans import Span


class SourceFile(msgspec.Struct, frozen=True):
    """One file of the program.

    ``path`` is absolute and is the file's identity; ``display`` is what the user sees. ``roots`` are the
    absolute source roots from which import names resolve for this file, the innermost first. ``reported``
    is False for files that are only read to judge others.
    """

    path: str
    display: str
    roots: tuple[str, ...]
    reported: bool = True


class Unreadable(Exception):  # noqa: N818 - it names a state of the file, as the rule does
    """A file cannot be decoded or parsed: why, and where (characters of the text, or bytes if undecodable)."""

    def __init__(self, message: str, span: Span, text: str = "") -> None:
        """Keep the reason, the place, and as much of the text as could be decoded, for the source frame."""
        super().__init__(message)
        self.message = message
        self.span = span
        self.text = text
