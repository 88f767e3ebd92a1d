"""``# noqa`` comments: which findings a line asks not to hear of.

Decides what a directive covers, as flake8 reads it: a bare ``# noqa`` everything, ``# noqa: CTX1`` every code
that starts so. A list with none of our codes (``# noqa: E501``) does not concern us. Only comments count, not
strings that look like one. Directives of other forms are left out.
"""

from __future__ import annotations

import io
import re
import tokenize
from typing import TYPE_CHECKING

import msgspec

from ctxlint.model.lines import LineIndex

if TYPE_CHECKING:
    from collections.abc import Iterator

_NOQA = re.compile(
    r"#\s*noqa(?::[\s]?(?P<codes>[A-Z][0-9A-Z]*[0-9]?(?:[,\s]+[A-Z][0-9A-Z]*[0-9])*))?", re.IGNORECASE
)
_SEPARATOR = re.compile(r"[,\s]+")
_COMMENT = re.compile(r"#[^\r\n]*")


class Suppressions(msgspec.Struct, frozen=True):
    """The directives of one file, by row (from 1): the codes, upper-cased; no codes means all."""

    by_row: dict[int, tuple[str, ...]]

    def covers(self, row: int, code: str) -> bool:
        """Whether a finding of ``code`` in ``row`` is suppressed."""
        codes = self.by_row.get(row)
        return codes is not None and (not codes or code.upper().startswith(codes))


def suppressions(text: str) -> Suppressions:
    """Return the ``noqa`` directives of a text."""
    if "noqa" not in text.lower():
        return Suppressions({})
    found: dict[int, tuple[str, ...]] = {}
    for row, comment in _comments(text):
        match = _NOQA.search(comment)
        if match is not None:
            codes = match["codes"]
            found[row] = tuple(_SEPARATOR.split(codes.upper())) if codes else ()
    return Suppressions(found)


def _comments(text: str) -> Iterator[tuple[int, str]]:
    """Every comment with its row; where the text cannot be tokenized, whatever looks like one."""
    # One kind of line end, so that the tokenizer's rows are those of ``LineIndex``.
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(plain).readline))
    except (tokenize.TokenError, SyntaxError):
        lines = LineIndex(plain)
        yield from ((lines.position(match.start())[0], match.group()) for match in _COMMENT.finditer(plain))
        return
    yield from ((token.start[0], token.string) for token in tokens if token.type == tokenize.COMMENT)
