"""Dotted names in a configuration, held against the program: which module begins one, and does it mention the rest?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctxlint.model.sources import SourceFile

_WORD = re.compile(r"[^\W\d]\w*")


def modules_by_name(files: Sequence[SourceFile]) -> dict[str, str]:
    """Return the program's modules, dotted, with their files."""
    from ctxlint.analysis.modules import module_table  # noqa: PLC0415 - most configurations name nothing of the program

    return {name: path for names in module_table(files).by_root.values() for name, path in names.items()}


def home(name: str, by_name: dict[str, str]) -> tuple[str | None, list[str]]:
    """Return the file of the longest module that begins a dotted name, and the rest of the name."""
    parts = name.split(".")
    for length in range(len(parts) - 1, 0, -1):
        path = by_name.get(".".join(parts[:length]))
        if path is not None:
            return path, parts[length:]
    return None, parts


def unmentioned(rest: Sequence[str], content: str) -> tuple[str | None, list[str]]:
    """Return the first of ``rest`` that a text does not mention, or None, and the words that it does."""
    words = set(_WORD.findall(content))
    return next((part for part in rest if part not in words), None), sorted(words)
