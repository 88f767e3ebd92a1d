"""What the real ruff makes of our codes, as ``docs/suppression.md`` says."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

SOURCE = "x = 1  # noqa: CTX201\ny = 2  # ctxlint: ignore[mutable-default] a table\n"
EXTERNAL = '[lint]\nexternal = ["CTX"]\n'


def ruff(here: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        "-m",
        "ruff",
        "check",
        "--no-cache",
        "--output-format",
        "concise",
        *words,
        "a.py",
    ]
    return subprocess.run(command, cwd=here, capture_output=True, check=False, text=True)


@pytest.fixture
def here(tmp_path: Path) -> Path:
    (tmp_path / "a.py").write_text(SOURCE)
    return tmp_path


def test_without_external_ruff_takes_our_comments_away(here: Path) -> None:
    (here / "ruff.toml").touch()
    assert "RUF102" in ruff(here, "--select", "RUF").stdout
    assert ruff(here, "--select", "RUF100,RUF102", "--fix").returncode == 0
    assert "CTX201" not in (here / "a.py").read_text()


def test_with_external_ruff_leaves_them(here: Path) -> None:
    (here / "ruff.toml").write_text(EXTERNAL)
    done = ruff(here, "--select", "RUF,ERA,PGH", "--fix")
    assert (done.returncode, done.stdout) == (0, "All checks passed!\n")
    assert (here / "a.py").read_text() == SOURCE


@pytest.mark.parametrize("comment", ["# noqa: E501, CTX201", "# noqa: CTX201, E501"])
def test_codes_of_both_live_in_one_comment(here: Path, comment: str) -> None:
    (here / "ruff.toml").write_text(EXTERNAL)
    (here / "a.py").write_text(f"x = '{'a' * 100}'  {comment}\n")
    assert ruff(here, "--select", "E501,RUF100,RUF102").returncode == 0
