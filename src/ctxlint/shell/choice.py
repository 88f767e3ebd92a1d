"""Which codes are shown in which file: the selection of its configuration, less its ``per-file-ignores``.

``require-suppression-reason`` asks for CTX903 whatever is selected, unless it is ignored by its own code or name.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from ctxlint.shell.layers import strongest
from ctxlint.shell.patterns import Exclusion
from ctxlint.shell.rule_heads import rule_heads
from ctxlint.shell.selection import Wish, codes_of, select_codes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ctxlint.model.sources import SourceFile
    from ctxlint.shell.config import Layer

REASON_REQUIRED = ("CTX903", "suppression-without-reason")


class _PerFile(NamedTuple):
    """One entry of ``per-file-ignores``: the files it means, and the codes that are not shown there."""

    files: Exclusion
    others: bool
    codes: frozenset[str]

    def covers(self, path: str) -> bool:
        return self.files.excludes(os.path.basename(path), path) is not self.others


class Choice:
    """What one configuration shows. Immutable after construction."""

    __slots__ = ("_per_file", "codes")

    def __init__(self, layers: Sequence[Layer]) -> None:
        """Read the selectors of the layers. ``WrongUsage`` names the one that means nothing."""
        self.codes = select_codes(rule_heads(), map(wish_of, layers)) | _required(layers)
        self._per_file = _per_file(layers)

    def codes_in(self, path: str) -> frozenset[str]:
        """Return the codes that are shown in the file at an absolute path."""
        return self.codes.difference(*(entry.codes for entry in self._per_file if entry.covers(path)))

    @property
    def is_uniform(self) -> bool:
        """Are the same codes shown in every file?"""
        return not self._per_file


def wish_of(layer: Layer) -> Wish:
    """Return the selectors of one layer."""
    settings = layer.settings
    return Wish(
        settings.select,
        settings.ignore or (),
        settings.extend_select or (),
        settings.extend_ignore or (),
        layer.key,
    )


def by_file(files: Sequence[SourceFile], choices: Callable[[str], Choice]) -> Callable[[str], frozenset[str]]:
    """Return what answers, for a file as the user sees it, with its codes. ``choices`` knows a path's choice."""
    paths: dict[str, str] = {}

    def codes(shown: str) -> frozenset[str]:
        if not paths:
            paths.update((file.display, file.path) for file in files)
        path = paths.get(shown, shown)
        return choices(path).codes_in(path)

    return codes


def _required(layers: Sequence[Layer]) -> frozenset[str]:
    layer = strongest(layers, "require_suppression_reason")
    if layer is None or not layer.settings.require_suppression_reason:
        return frozenset()
    ignored = {
        word.upper()
        for each in layers
        for word in (*(each.settings.ignore or ()), *(each.settings.extend_ignore or ()))
    }
    named = any(word.upper() in ignored for word in REASON_REQUIRED)
    return frozenset() if named else frozenset(REASON_REQUIRED[:1])


def _per_file(layers: Sequence[Layer]) -> tuple[_PerFile, ...]:
    layer = strongest(layers, "per_file_ignores")
    found: list[_PerFile] = []
    for pattern, selectors in (layer.settings.per_file_ignores or {}).items() if layer else ():
        assert layer is not None  # noqa: S101 - there is an entry
        codes = codes_of(selectors, rule_heads(), layer.key("per-file-ignores", pattern))
        files = Exclusion([(pattern.removeprefix("!"), layer.base)])
        found.append(_PerFile(files, pattern.startswith("!"), codes))
    return tuple(found)
