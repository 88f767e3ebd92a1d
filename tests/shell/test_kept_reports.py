"""A report that is kept, through the command line: what is printed, and what is read."""

import subprocess
import sys

PROGRAM = """\
from contextvars import ContextVar
seen = ContextVar("seen", default=[])


def add(x):
    seen.get().append(x)
"""


def _run(folder, *options):
    command = [
        sys.executable,
        "-m",
        "ctxlint",
        "--isolated",
        "--cache-dir",
        str(folder / "cache"),
        "-v",
        *options,
    ]
    result = subprocess.run([*command, "m.py"], cwd=folder, capture_output=True, text=True, check=False)
    found, _, account = result.stdout.partition("1 file in the program")
    return result.returncode, found, account


def test_a_second_run_prints_the_same_and_reads_nothing(tmp_path):
    (tmp_path / "m.py").write_text(PROGRAM, "utf-8")
    first = _run(tmp_path)
    again = _run(tmp_path)

    assert first[:2] == again[:2]
    assert "CTX202" in first[1]
    assert "1 file opened" in first[2]
    assert "0 files opened" in again[2]


def test_other_options_and_another_text_are_judged_anew(tmp_path):
    path = tmp_path / "m.py"
    path.write_text(PROGRAM, "utf-8")
    _run(tmp_path)

    assert "CTX2" not in _run(tmp_path, "--ignore", "CTX2")[1]
    assert "CTX202" in _run(tmp_path)[1]
    path.write_text("x = 1\n", "utf-8")
    assert _run(tmp_path)[1] == ""
