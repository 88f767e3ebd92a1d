"""What a report format is, and which there are: every module of this package that defines ``FORMAT``.

To add a format is to add one file.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from typing import TYPE_CHECKING, NamedTuple

from ctxlint import reporting

if TYPE_CHECKING:
    from collections.abc import Callable

    from ctxlint.model.diagnostics import Report


class View(NamedTuple):
    """What a format may know of where it will be read. ``base`` makes the file names absolute."""

    colour: bool = False
    width: int = 100
    base: str = ""


class Format(NamedTuple):
    """A way to write a report. A ``machine`` format writes a document, never mixed with other lines."""

    name: str
    machine: bool
    render: Callable[[Report, View], str]


@functools.cache
def all_formats() -> dict[str, Format]:
    """Return every format by its name, sorted."""
    found: dict[str, Format] = {}
    for module in pkgutil.iter_modules(reporting.__path__):
        entry = getattr(importlib.import_module(f"{reporting.__name__}.{module.name}"), "FORMAT", None)
        if isinstance(entry, Format):
            found[entry.name] = entry
    return dict(sorted(found.items()))
