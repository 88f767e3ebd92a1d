"""The project that every door checks, and what the doors print, brought to one form."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "orders"
OURS = ["--extend-ignore", "E,F,W,C9"]
_LINE = re.compile(
    r"(?P<path>.+?):(?P<row>\d+):(?P<column>\d+): (?P<code>CTX\d+) (?:\[[a-z-]+\] )?(?P<message>.*)"
)


class Found(NamedTuple):
    """One finding, whoever printed it."""

    path: str
    row: int
    column: int
    code: str
    message: str


def make(folder: Path) -> Path:
    """Copy the example application into a git repository of its own, with everything added."""
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "The example")
    return folder


def git(folder: Path, *words: str) -> str:
    identity = ["-c", "user.name=Somebody", "-c", "user.email=somebody@example.org"]
    command = ["git", *identity, *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout


def run(
    folder: Path, *words: str, stdin: str | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run a Python module in a folder."""
    return subprocess.run(
        [sys.executable, "-m", *words],
        cwd=folder,
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )


def from_lines(text: str) -> set[Found]:
    """Read what flake8, or the concise report, prints."""
    matches = filter(None, map(_LINE.fullmatch, text.splitlines()))
    return {
        Found(
            match["path"].removeprefix("./"),
            int(match["row"]),
            int(match["column"]),
            match["code"],
            match["message"],
        )
        for match in matches
    }


def from_json(text: str, folder: Path) -> set[Found]:
    """Read the JSON report."""
    return {
        Found(
            os.path.relpath(entry["filename"], folder),
            entry["location"]["row"],
            entry["location"]["column"],
            entry["code"],
            entry["message"],
        )
        for entry in json.loads(text)
    }
