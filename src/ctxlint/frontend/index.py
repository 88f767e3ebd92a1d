"""What a file imports, read off its text without a parser.

The index only finds files that are worth opening, so it may say too much (an import in a docstring) and never too
little: every ``import`` statement that ``ast`` sees is found.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator


class ImportRef(msgspec.Struct, frozen=True):
    """One ``import module`` (no names) or ``from module import names``; ``star`` for ``*``."""

    module: str
    level: int
    names: tuple[str, ...]
    star: bool


_GAP = r"(?:[ \t\f]|\\\r?\n)"
_STATEMENT = re.compile(
    rf"""(?:^|[;:]){_GAP}*
    (?:
        from {_GAP}* (?P<dots>[. \t\f]*) (?P<module>[\w.]*(?:{_GAP}*\.{_GAP}*\w+)*) {_GAP}* import \b {_GAP}*
        (?P<names> \( [^)]* (?: \#[^\n]*\n [^)]* )* \) | (?:[^\n\r;\#\\]|\\\r?\n)+ )
      | import {_GAP}+ (?P<modules> (?:[^\n\r;\#\\]|\\\r?\n)+ )
    )""",
    re.MULTILINE | re.VERBOSE,
)
_COMMENT = re.compile(r"#[^\n]*")
_ALIAS = re.compile(r"\s+as\s+\w+")
_SPACE = re.compile(r"[\s\\]+")


def imports(text: str) -> tuple[ImportRef, ...]:
    """Every import of a text, nested ones included."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    found: list[ImportRef] = []
    for match in _statements(text):
        if match["modules"] is not None:
            found += [ImportRef(name, 0, (), star=False) for name in _listed(match["modules"])]
            continue
        names = _listed(match["names"].strip("()"))
        kept = tuple(name for name in names if name != "*")
        module = _SPACE.sub("", match["module"])
        dots = match["dots"].count(".")
        leading = len(module) - len(module.lstrip("."))
        found.append(ImportRef(module.lstrip("."), dots + leading, kept, star=len(kept) != len(names)))
    return tuple(found)


def _statements(text: str) -> Iterator[re.Match[str]]:
    """What the pattern finds. It is tried from lines on that hold the word, which is much faster to find."""
    done = 0
    while (word := text.find("import", done)) >= 0:
        match = _STATEMENT.search(text, max(_line_of(text, word), done))
        if match is None:
            return
        yield match
        done = match.end()


def _line_of(text: str, place: int) -> int:
    """Where the line starts that holds ``place``, with those before it that a backslash joins to it."""
    start = text.rfind("\n", 0, place) + 1
    while start and text.endswith("\\\n", 0, start):
        start = text.rfind("\n", 0, start - 1) + 1
    return start


def _listed(text: str) -> list[str]:
    """The names of a list, comments and aliases left out."""
    plain = _COMMENT.sub("", text) if "#" in text else text
    plain = _ALIAS.sub("", plain.replace("\\", " "))
    return [name for part in plain.split(",") if (name := "".join(part.split()))]
