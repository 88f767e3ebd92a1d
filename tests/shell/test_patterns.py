"""Exclude patterns, with ruff's meaning."""

from __future__ import annotations

import os

import pytest

from ctxlint.shell.patterns import DEFAULT_EXCLUDES, Exclusion


def excluded(pattern: str, path: str) -> bool:
    return Exclusion([(pattern, "/base")]).excludes(os.path.basename(path), path)  # noqa: PTH119 - as text


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("venv", "/base/a/venv", True),
        ("venv", "/base/a/venv2", False),
        ("venv/", "/base/a/venv", True),
        ("*_pb2.py", "/base/a/x_pb2.py", True),
        ("*_pb2.py", "/base/a/x_pb2.pyi", False),
        ("a/b.py", "/base/a/b.py", True),
        ("a/b.py", "/base/c/a/b.py", False),
        ("./a/b.py", "/base/a/b.py", True),
        ("../other", "/other", True),
        ("a/*.py", "/base/a/deep/b.py", True),
        ("a/**/b.py", "/base/a/b.py", True),
        ("a/**/b.py", "/base/a/x/y/b.py", True),
        ("**/b", "/base/b", True),
        ("**/b", "/base/x/b", True),
        ("/abs/x.py", "/abs/x.py", True),
        ("[ab].py", "/base/b.py", True),
        ("a.py", "/base/axpy", False),
    ],
)
def test_a_pattern(pattern: str, path: str, expected: bool) -> None:  # noqa: FBT001 - a parameter of pytest
    assert expected == excluded(pattern, path)


def test_no_pattern_excludes_nothing() -> None:
    assert not Exclusion([]).excludes("build", "/base/build")


def test_the_default_list_is_ruffs() -> None:
    assert 26 == len(DEFAULT_EXCLUDES) == len(set(DEFAULT_EXCLUDES))
    assert {".venv", "site-packages", "__pypackages__", "buck-out", ".git-rewrite"} < set(DEFAULT_EXCLUDES)
