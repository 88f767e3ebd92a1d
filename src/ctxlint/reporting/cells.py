"""How text stands in a terminal's cells: tabs, wide characters, marks without width, control characters.

A frame prints source lines as they look in an editor, with carets below them. Both go through here, so that
they agree. Control characters are shown as pictures: a linter must not let a file move the cursor.
"""

from __future__ import annotations

import unicodedata

TAB = 4


def cell_width(character: str) -> int:
    """Return the cells of one printable character: 0 for marks and joiners, 2 for wide ones, else 1."""
    if character < "\u0300":
        return 1
    if unicodedata.combining(character) or unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


def shown(text: str) -> tuple[str, list[int]]:
    """``text`` as it is printed, and for each of its offsets (and its end) the cell at which it stands."""
    printed: list[str] = []
    cells: list[int] = []
    at = 0
    for character in text:
        cells.append(at)
        piece = _piece(character, at)
        printed.append(piece)
        at += len(piece) if piece is not character else cell_width(character)
    cells.append(at)
    return "".join(printed), cells


def one_line(text: str) -> str:
    """``text`` fit for a line of a report: line ends become spaces, control characters pictures."""
    if text.isprintable():
        return text
    return "".join(_piece(character, 0) if character not in "\t\r\n" else " " for character in text)


def _piece(character: str, at: int) -> str:
    if character == "\t":
        return " " * (TAB - at % TAB)
    code = ord(character)
    if code < 0x20:  # noqa: PLR2004 - the control characters, which have pictures from U+2400
        return chr(0x2400 + code)
    if code == 0x7F:  # noqa: PLR2004
        return "\u2421"
    bidirectional = 0x202A <= code <= 0x202E or 0x2066 <= code <= 0x2069  # noqa: PLR2004 - they reorder a line
    return "\ufffd" if bidirectional or 0x80 <= code < 0xA0 else character  # noqa: PLR2004
