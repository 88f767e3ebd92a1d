"""``--add-noqa``: comments in files that keep their encoding, their line ends and their program."""

from __future__ import annotations

import ast
import json
import os
from typing import TYPE_CHECKING

import pytest

from ctxlint.shell.layers import Request
from ctxlint.shell.noqa import add_noqa
from ctxlint.shell.session import plan, read_bytes, run

if TYPE_CHECKING:
    from pathlib import Path

    from ctxlint.shell.noqa import Added

HEAD = b"from contextvars import ContextVar\n"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path / "a.py"


def report():
    return run(plan(Request(("a.py",), no_cache=True))).report


def added(file: Path, content: bytes) -> bytes:
    """What becomes of a file; nothing is found in it afterwards, and it is the same program."""
    file.write_bytes(content)
    found = report()
    assert found.diagnostics
    assert add_noqa(found, read_bytes).problems == ()
    after = file.read_bytes()
    assert ast.dump(ast.parse(after)) == ast.dump(ast.parse(content))
    assert report().diagnostics == ()
    assert add_noqa(report(), read_bytes).findings == 0
    assert file.read_bytes() == after
    return after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("v = ContextVar('v', default=[])\n", "v = ContextVar('v', default=[])  # noqa: CTX201\n"),
        ("v = ContextVar('v', default=[])", "v = ContextVar('v', default=[])  # noqa: CTX201"),
        ("v = ContextVar('v', default=[])  \n", "v = ContextVar('v', default=[])  # noqa: CTX201  \n"),
        ("v = ContextVar('v', default=[])  # x\n", "v = ContextVar('v', default=[])  # x  # noqa: CTX201\n"),
        (
            "v = ContextVar('v', default=[])  # noqa: E501 x\n",
            "v = ContextVar('v', default=[])  # noqa: E501, CTX201 x\n",
        ),
        (
            "v = ContextVar('v', default=[\n  1,\n])\n",
            "v = ContextVar('v', default=[  # noqa: CTX201\n  1,\n])\n",
        ),
        (
            "v = ContextVar('v', default=['''\n''', 1\n])\n",
            "v = ContextVar('v', default=['''\n''', 1\n])  # noqa: CTX201\n",
        ),
        (
            "v = ContextVar('v', default=[f'''\n{1}''', 1\n])\n",
            "v = ContextVar('v', default=[f'''\n{1}''', 1\n])  # noqa: CTX201\n",
        ),
        (
            "v = \\\n  ContextVar('v', default=[]) \\\n  or 1\n",
            "v = \\\n  ContextVar('v', default=[]) \\\n  or 1  # noqa: CTX201\n",
        ),
        (
            "v = ContextVar('v', default=[]); w = ContextVar('w', default=[])\n",
            "v = ContextVar('v', default=[]); w = ContextVar('w', default=[])  # noqa: CTX201\n",
        ),
    ],
)
def test_where_the_comment_stands(file: Path, before: str, after: str) -> None:
    assert added(file, HEAD + before.encode()).decode() == HEAD.decode() + after


V = b"v = ContextVar('v', default=['%s'])"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"\xef\xbb\xbf" + HEAD + V % "ä".encode(), b"\xef\xbb\xbf" + HEAD + V % "ä".encode()),
        (b"# coding: latin-1\n" + HEAD + V % b"\xe4", b"# coding: latin-1\n" + HEAD + V % b"\xe4"),
        (b"# coding: shift_jis\n" + HEAD + V % b"\x83\x5c\x83\x5c", None),
        (b"# coding: cp1252\r\n" + HEAD.replace(b"\n", b"\r\n") + V % b"\x80", None),
        (HEAD.replace(b"\n", b"\r") + V % b"", HEAD.replace(b"\n", b"\r") + V % b""),
        (b"\x0c\n" + HEAD + V % b"", b"\x0c\n" + HEAD + V % b""),
    ],
)
def test_encoding_and_line_ends_are_kept(file: Path, content: bytes, expected: bytes | None) -> None:
    end = b"\r\n" if b"\r\n" in content else b"\r" if b"\r" in content else b"\n"
    assert added(file, content + end) == (expected or content) + b"  # noqa: CTX201" + end


def test_modes_and_links_are_kept(file: Path, tmp_path: Path) -> None:
    (tmp_path / "real.txt").write_bytes(HEAD + V % b"" + b"\n")
    (tmp_path / "real.txt").chmod(0o750)
    file.symlink_to("real.txt")
    assert add_noqa(report(), read_bytes).files == 1
    assert file.is_symlink()
    assert (tmp_path / "real.txt").read_bytes().endswith(b"  # noqa: CTX201\n")
    assert (tmp_path / "real.txt").stat().st_mode & 0o777 == 0o750
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.py", "real.txt"]


def refused(file: Path, content: bytes, change: bytes | None = None) -> Added:
    file.write_bytes(content)
    found = report()
    if change is not None:
        file.write_bytes(change)
    return add_noqa(found, read_bytes)


def test_a_file_that_changed_in_the_meantime_is_left(file: Path) -> None:
    change = b"\n" + HEAD + V % b"" + b"\n"
    outcome = refused(file, HEAD + V % b"" + b"\n", change)
    told = "a.py is left as it was, with 1 finding: it was changed in the meantime"
    assert outcome == (0, 0, (told,), ())
    assert file.read_bytes() == change


def test_what_cannot_be_parsed_is_left(file: Path) -> None:
    content = HEAD + b"v = (\n"
    assert refused(file, content) == (0, 0, (), ("1 finding of CTX901 left: mend the file",))
    assert file.read_bytes() == content


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may write everything"
)
def test_what_cannot_be_written_is_told(file: Path) -> None:
    file.write_bytes(HEAD + V % b"" + b"\n")
    file.chmod(0o444)
    assert add_noqa(report(), read_bytes) == (
        0,
        0,
        ("cannot write a.py, with 1 finding: Permission denied",),
        (),
    )


def test_a_notebook_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    source = ["from contextvars import ContextVar\n", "v = ContextVar('v', default=[])\n"]
    cell = {"cell_type": "code", "metadata": {}, "source": source, "outputs": [], "execution_count": 1}
    book = tmp_path / "a.ipynb"
    book.write_text(json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    before = book.read_bytes()
    judged = run(plan(Request(("a.ipynb",), no_cache=True))).report
    done = add_noqa(judged, read_bytes)
    assert (done.findings, len(done.problems), book.read_bytes()) == (0, 1, before)
