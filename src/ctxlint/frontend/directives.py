"""Comments that ask not to hear of findings: ``# noqa`` and ``# ctxlint: ignore[…]``.

Decides what a directive says and which rows it holds for:

* ``# noqa: CTX104, CTX2``: the codes that begin so, as flake8 reads it; a bare ``# noqa`` everything. It holds for the
  logical line that it stands in (flake8's way, too: whichever of its rows). ``# flake8: noqa`` in a row of its own,
  with codes or bare, holds for the file. A list with none of our codes (``# noqa: E501``) does not concern us.
* ``# ctxlint: ignore[token-discarded, CTX2] reason``: by name or code. In the head of a ``def`` or ``class`` it holds
  for the body, too. ``# ctxlint: ignore-file[…] reason`` holds for the file, wherever it stands. Without brackets
  both mean everything.

Only comments count, not strings that look like one. Which rules there are is not known here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

import msgspec

from ctxlint.frontend.layout import Comment, Layout, layout
from ctxlint.model.spans import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Kind = Literal["noqa", "ignore", "file"]

_CODES = r"[A-Z][0-9A-Z]*[0-9]?(?:[,\s]+[A-Z][0-9A-Z]*[0-9])*"
_NOQA = re.compile(rf"#\s*noqa(?::[\s]?(?P<codes>{_CODES}))?", re.IGNORECASE)
_FLAKE8 = re.compile(rf"#\s*flake8[:=]\s*noqa(?P<named>:\s?(?P<codes>{_CODES}))?\s*$", re.IGNORECASE)
_OWN = re.compile(r"#\s*ctxlint\s*:(?P<rest>[^#]*)", re.IGNORECASE)
_IGNORE = re.compile(r"\s*ignore(?P<file>-file)?(?:\s*\[(?P<words>[^\]]*)\]|(?![\w\[-]))", re.IGNORECASE)
_MEANT = re.compile(r"\s*(?:file-?)?(?:ignor|disabl|skip|suppress|noqa|allow|off\b)", re.IGNORECASE)
_SEPARATOR = re.compile(r"[,\s]+")
_LEAD = re.compile(r"^[\s:;,.#\-\u2013\u2014]*")
_ANOTHER = re.compile(
    r"(?:noqa|type|mypy|pyright|pyre|ty|pylint|pragma|fmt|isort|nosec|nosemgrep|ruff|flake8|ctxlint|yapf)\b\s*[:\[-]|noqa\b",
    re.IGNORECASE,
)
PREFIX = "CTX"


class Directive(msgspec.Struct, frozen=True):
    """One directive. ``words`` are its codes and names as written; none means everything.

    ``rows`` are the first and the last row that it holds for. ``problem`` says what is wrong with its form; then it
    suppresses nothing. ``alone``: it stands in a row without code and holds for none.
    """

    kind: Kind
    row: int
    span: Span
    words: tuple[str, ...]
    rows: tuple[int, int]
    reason: str = ""
    problem: str = ""
    alone: bool = False

    def says(self, code: str, name: str) -> str | None:
        """The word that means a rule, empty for a directive that means everything; None where none does."""
        if self.problem:
            return None
        if not self.words:
            return ""
        return next((word for word in self.words if means(word, code, name, exact=self.kind != "noqa")), None)

    def holds_for(self, row: int) -> bool:
        """Is a row among its rows?"""
        return self.rows[0] <= row <= self.rows[1]


class Suppressions(msgspec.Struct, frozen=True):
    """The directives of one file, in the order of the text. ``whole`` is False where it could not be tokenized."""

    directives: tuple[Directive, ...] = ()
    whole: bool = True

    def without(self, kind: Kind) -> Suppressions:
        """The same but for the directives of one kind."""
        return Suppressions(tuple(each for each in self.directives if each.kind != kind), self.whole)

    def covering(self, rows: Iterable[int], code: str, name: str) -> tuple[Directive, ...]:
        """The directives that suppress a finding of a rule in one of ``rows``."""
        found = tuple(rows)
        return tuple(
            directive
            for directive in self.directives
            if any(directive.holds_for(row) for row in found) and directive.says(code, name) is not None
        )


def means(word: str, code: str, name: str, *, exact: bool) -> bool:
    """Does a word of a directive mean a rule? A code's beginning, for our own directives three digits or a family
    (``CTX1``) or the name.
    """
    return code.startswith(word.upper()) or (exact and word.lower() == name)


def suppressions(text: str) -> Suppressions:
    """The directives of a text."""
    lowered = text.lower()
    if "noqa" not in lowered and "ctxlint" not in lowered:
        return Suppressions()
    found = layout(text)
    return Suppressions(
        tuple(each for comment in found.comments for each in _directives(comment, found)), found.whole
    )


def _directives(comment: Comment, around: Layout) -> Iterator[Directive]:
    flake8 = _FLAKE8.match(comment.text)
    if flake8 is not None and around.line_at(comment.row) is None:
        words = _words(flake8["codes"])
        yield Directive("noqa", comment.row, _span(comment, flake8.span()), words, _EVERYWHERE)
        return
    noqa = _NOQA.search(comment.text)
    if noqa is not None:
        rows = around.line_at(comment.row)
        yield Directive(
            "noqa",
            comment.row,
            _span(comment, noqa.span()),
            _words(noqa["codes"]),
            rows or (comment.row, comment.row),
            _reason(comment.text[noqa.end() :]),
            alone=around.whole and rows is None,
        )
    for own in _OWN.finditer(comment.text):
        if _MEANT.match(own["rest"]):  # anything else is prose
            yield _own_directive(comment, own, around)


_EVERYWHERE = (1, 1 << 60)


def _own_directive(comment: Comment, found: re.Match[str], around: Layout) -> Directive:
    match = _IGNORE.match(found["rest"])
    if match is None:
        span = _span(comment, (found.start(), found.start() + len(found.group().rstrip())))
        rows = (comment.row, comment.row)
        problem = "write it as `# ctxlint: ignore[name] reason` or `# ctxlint: ignore-file[name] reason`"
        return Directive("ignore", comment.row, span, (), rows, problem=problem)
    span = _span(comment, (found.start(), found.start("rest") + match.end()))
    listed = match["words"]
    words = tuple(word for word in _SEPARATOR.split(listed.strip()) if word) if listed is not None else ()
    reason = _reason(comment.text[found.start("rest") + match.end() :])
    problem = "the brackets are empty" if listed is not None and not words else ""
    if match["file"]:
        return Directive("file", comment.row, span, words, _EVERYWHERE, reason, problem)
    line = around.line_at(comment.row)
    rows = line or (comment.row, comment.row)
    for block in around.heads_at(comment.row):
        rows = (min(rows[0], block.first), max(rows[1], block.last))
    alone = around.whole and line is None
    return Directive("ignore", comment.row, span, words, rows, reason, problem, alone)


def _words(codes: str | None) -> tuple[str, ...]:
    return tuple(_SEPARATOR.split(codes)) if codes else ()


def _span(comment: Comment, within: tuple[int, int]) -> Span:
    return Span(comment.start + within[0], comment.start + within[1])


def _reason(rest: str) -> str:
    """What stands behind a directive in its comment, unless it is another tool's directive."""
    said = _LEAD.sub("", rest, count=1).strip()
    return "" if _ANOTHER.match(said) else said
