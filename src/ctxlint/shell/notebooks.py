"""Notebooks among the files of a run: read as modules, and reported by cell."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from msgspec.structs import replace

from ctxlint.frontend.notebook import SUFFIX, NoNotebookError, read_notebook

if TYPE_CHECKING:
    from collections.abc import Callable

    from ctxlint.model.diagnostics import Report


def reading(read: Callable[[str], bytes]) -> Callable[[str], bytes]:
    """Return what reads as ``read`` does, and a notebook as the module that it is. Each is converted once."""
    modules: dict[str, bytes] = {}

    def read_module(path: str) -> bytes:
        if not path.endswith(SUFFIX):
            return read(path)
        if path not in modules:
            content = read(path)
            if not content.removeprefix(b"\xef\xbb\xbf").strip():  # Jupyter refuses to open it, too
                raise NoNotebookError("no notebook: the file is empty")
            modules[path] = read_notebook(content).text.encode("utf-8", "surrogatepass")
        return modules[path]

    return read_module


def by_cell(report: Report, read: Callable[[str], bytes]) -> Report:
    """Return the report with the cells of the notebooks that it names; ``read`` gives a file as it is."""
    cells: dict[str, tuple[tuple[int, int], ...]] = {}
    for name in report.texts:
        if name.endswith(SUFFIX):
            try:
                cells[name] = read_notebook(read(os.path.abspath(name))).cells
            except (OSError, NoNotebookError):  # changed meanwhile: rows of the module, then
                continue
    return replace(report, cells=cells) if cells else report
