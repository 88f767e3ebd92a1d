"""What a report format is, and which there are: every module of ``formats``, which defines ``FORMAT``.

To add a format is to add one file. Only the one that is asked for is imported.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from typing import TYPE_CHECKING, NamedTuple

from ctxlint.reporting import formats

if TYPE_CHECKING:
    from collections.abc import Callable

    from ctxlint.model.diagnostics import Report


class View(NamedTuple):
    """What a format may know of where it will be read. ``base`` makes the file names absolute; ``root`` is the folder
    to which services relate them, that of the checkout; empty where it is the same.
    """

    colour: bool = False
    width: int = 100
    base: str = ""
    root: str = ""


class Format(NamedTuple):
    """A way to write a report. A ``machine`` format writes a document, never mixed with other lines."""

    name: str
    machine: bool
    render: Callable[[Report, View], str]


@functools.cache
def format_names() -> tuple[str, ...]:
    """The names of the formats, sorted. None of them is imported."""
    return tuple(sorted(module.name.replace("_", "-") for module in pkgutil.iter_modules(formats.__path__)))


def format_named(name: str) -> Format:
    """The format of this name, which must be one of ``format_names``."""
    module = importlib.import_module(f"{formats.__name__}.{name.replace('-', '_')}")
    found = module.FORMAT
    assert isinstance(found, Format)  # noqa: S101 - what makes a module of that package a format
    return found


def all_formats() -> dict[str, Format]:
    """Every format by its name, sorted."""
    return {name: format_named(name) for name in format_names()}
