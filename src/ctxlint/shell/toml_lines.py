"""Where a key stands in a TOML text, for error messages: the parser keeps no positions.

Decides by the shape of lines: table heads and ``key =`` at the beginning of a line. Inline tables and what a
string of several lines holds are not looked into; then the answer is the line of the key around, or none.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_PART = r"""(?:"[^"\n]*"|'[^'\n]*'|[\w-]+)"""
_HEAD = re.compile(rf"\s*\[{{1,2}}\s*(?P<name>{_PART}(?:\s*\.\s*{_PART})*)\s*\]")
_KEY = re.compile(rf"\s*(?P<name>{_PART}(?:\s*\.\s*{_PART})*)\s*=")
_SPLIT = re.compile(_PART)


def line_of(text: str, path: Sequence[str]) -> int | None:
    """Return the line (from 1) at which the key with the dotted ``path`` is written, or what is closest around it."""
    wanted = tuple(path)
    table: tuple[str, ...] = ()
    best: tuple[int, int] | None = None
    for number, line in enumerate(text.split("\n"), 1):
        head = _HEAD.match(line)
        key = None if head else _KEY.match(line)
        if head:
            table = _parts(head["name"])
        written = table if head else (*table, *_parts(key["name"])) if key else None
        if written is None:
            continue
        if written[: len(wanted)] == wanted:
            return number
        around = len(written) if written == wanted[: len(written)] else 0
        if around and (best is None or around > best[0]):
            best = around, number
    return best[1] if best else None


def _parts(name: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in _SPLIT.findall(name))
