"""The floors of the architecture: a module imports only from its own floor and those below."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent.parent / "src" / "ctxlint"
FLOORS = {
    "model": 0,
    "frontend": 1,
    "knowledge": 1,
    "analysis": 2,
    "rules": 3,
    "fixing": 3,
    "reading": 4,
    "supply": 4,
    "judging": 4,
    "engine": 4,
    "why": 4,
    "suppression": 4,
    "reporting": 4,
    "shell": 5,
    "api": 6,
    "cli": 6,
    "flake8_plugin": 6,
    "__main__": 6,
    "__init__": 0,
}
MODULES = sorted(SOURCE.rglob("*.py"))
PARSERS = {"libcst", "ast", "tokenize"}
DISK = {"os", "pathlib", "io", "shutil", "subprocess", "glob", "tempfile"}
"""What gives a module a view of the machine."""


def room(path: Path) -> str:
    relative = path.relative_to(SOURCE)
    return relative.parts[0] if len(relative.parts) > 1 else relative.stem


def imported(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def test_every_module_has_a_floor() -> None:
    assert {room(path) for path in MODULES} <= FLOORS.keys()


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(SOURCE).as_posix())
def test_a_module_imports_from_its_floor_or_below(path: Path) -> None:
    """Rooms of one floor do not know each other, but for those that are one floor's own (``engine``)."""
    mine = room(path)
    for name in imported(path):
        parts = name.split(".")
        if parts[0] == "ctxlint" and len(parts) > 1 and parts[1] in FLOORS:
            assert FLOORS[parts[1]] <= FLOORS[mine], f"{mine} imports {name}, which is above it"


@pytest.mark.parametrize(
    ("rooms", "forbidden"),
    [
        (
            (
                "model",
                "analysis",
                "rules",
                "reporting",
                "engine",
                "reading",
                "supply",
                "judging",
                "why",
                "suppression",
                "knowledge",
                "fixing",
            ),
            PARSERS,
        ),
        (
            (
                "model",
                "analysis",
                "rules",
                "frontend",
                "engine",
                "reading",
                "supply",
                "judging",
                "why",
                "suppression",
                "fixing",
            ),
            DISK - {"io"},
        ),
    ],
    ids=["parsers belong to the frontend", "the disk belongs to the shell"],
)
def test_the_pure_core_stays_pure(rooms: tuple[str, ...], forbidden: set[str]) -> None:
    found = [
        (path.relative_to(SOURCE).as_posix(), name)
        for path in MODULES
        if room(path) in rooms
        for name in imported(path)
        if name.partition(".")[0] in forbidden
    ]
    assert found == []
