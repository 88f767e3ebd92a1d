"""Exclude patterns: ruff's default list, and the globs of ``exclude`` and ``extend-exclude``.

A pattern without a separator is matched against the name of a file or folder wherever it stands; every
pattern is matched against the whole path too, taken relative to the folder of the configuration (or to the
working directory, for options). ``*`` crosses separators and ``**/`` may stand for nothing, both as in ruff.
"""

from __future__ import annotations

import fnmatch
import os
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

DEFAULT_EXCLUDES = (
    ".bzr", ".direnv", ".eggs", ".git", ".git-rewrite", ".hg", ".ipynb_checkpoints", ".mypy_cache", ".nox",
    ".pants.d", ".pyenv", ".pytest_cache", ".pytype", ".ruff_cache", ".svn", ".tox", ".venv", ".vscode",
    "__pypackages__", "_build", "buck-out", "build", "dist", "node_modules", "site-packages", "venv",
)  # fmt: skip

_WILD = re.compile(r"[*?\[]")


class Exclusion:
    """A set of exclude patterns, ready to be asked. Immutable after construction."""

    __slots__ = ("_names", "_paths", "_wild_names")

    def __init__(self, patterns: Iterable[tuple[str, str]]) -> None:
        """Take pairs of a pattern and the absolute folder that it is relative to."""
        names: set[str] = set()
        wild_names: list[str] = []
        paths: list[str] = []
        for pattern, base in patterns:
            plain = pattern.rstrip("/" + os.sep)
            if "/" in plain or os.sep in plain:
                paths.append(_path_expression(os.path.normpath(os.path.join(base, plain))))
            elif _WILD.search(plain):
                wild_names.append(fnmatch.translate(plain))
            else:
                names.add(plain)
        self._names = frozenset(names)
        self._wild_names = _one_of(wild_names)
        self._paths = _one_of(paths)

    def excludes(self, name: str, path: str) -> bool:
        """Whether the file or folder ``name`` at the absolute ``path`` is excluded for its own sake."""
        if name in self._names:
            return True
        if self._wild_names is not None and self._wild_names.match(name):
            return True
        return self._paths is not None and self._paths.match(path) is not None


def _path_expression(glob: str) -> str:
    """Translate a glob of whole paths, in which ``**`` between separators may stand for nothing."""
    mark = "\0"
    folded = glob.replace(f"{os.sep}**{os.sep}", mark)
    pieces = [fnmatch.translate(piece) for piece in folded.split(mark)]
    bodies = [piece.removeprefix("(?s:").removesuffix(r")\Z").removesuffix(r")\z") for piece in pieces]
    separator = re.escape(os.sep)
    return rf"(?s:{f'{separator}(?:.*{separator})?'.join(bodies)})\Z"


def _one_of(expressions: list[str]) -> re.Pattern[str] | None:
    return re.compile("|".join(f"(?:{expression})" for expression in expressions)) if expressions else None
