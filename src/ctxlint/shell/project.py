"""Which project a path belongs to, and the source roots from which its imports resolve.

The project of a path is the closest ancestor with a ``pyproject.toml``, ``ctxlint.toml`` or ``.ctxlint.toml``;
without one, the closest with a ``setup.cfg`` or ``setup.py``; without that, the root of the git checkout. The search
ends at the git root (a folder with ``.git``), which is looked at last. The path of a folder counts as its own
ancestor.

The source roots of a project are its folder and ``src/`` below it. A folder with a ``pyproject.toml`` of its
own inside a project (a monorepo) adds its roots for the files below it; the walk does that (``walk.py``).
"""

from __future__ import annotations

import os

CONFIG_FILES = (".ctxlint.toml", "ctxlint.toml")
PROJECT_FILE = "pyproject.toml"
PROJECT_FILES = (PROJECT_FILE, *CONFIG_FILES)
LEGACY_PROJECT_FILES = ("setup.cfg", "setup.py")


def ancestors(folder: str) -> list[str]:
    """``folder`` (absolute) and everything above it, the innermost first."""
    found = [folder]
    while (parent := os.path.dirname(folder)) != folder:
        folder = parent
        found.append(folder)
    return found


def git_root(folder: str) -> str | None:
    """Return the closest folder with a ``.git``, a folder or (worktrees, submodules) a file."""
    return next((place for place in ancestors(folder) if os.path.lexists(os.path.join(place, ".git"))), None)


def project_root(folder: str) -> str | None:
    """Return the project that ``folder`` (absolute) belongs to, or None."""
    legacy: str | None = None
    for place in ancestors(folder):
        if _holds(place, PROJECT_FILES):
            return place
        if legacy is None and _holds(place, LEGACY_PROJECT_FILES):
            legacy = place
        if os.path.lexists(os.path.join(place, ".git")):
            return legacy or place
    return legacy


def package_parent(folder: str) -> str:
    """Return the first folder without an ``__init__.py``, from ``folder`` up: imports start there."""
    return next((place for place in ancestors(folder) if not _holds(place, ("__init__.py",))), folder)


def default_roots(folder: str) -> tuple[str, ...]:
    """Return the roots of a project at ``folder``, for a file that is not below ``src``."""
    inner = os.path.join(folder, "src")
    return (folder, inner) if os.path.isdir(inner) else (folder,)


def _holds(folder: str, names: tuple[str, ...]) -> bool:
    return any(os.path.isfile(os.path.join(folder, name)) for name in names)
