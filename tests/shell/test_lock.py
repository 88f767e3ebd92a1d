"""One works, the others wait."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING

from ctxlint.shell.lock import exclusive

if TYPE_CHECKING:
    from pathlib import Path

HOLDER = """\
import sys
from ctxlint.shell.lock import exclusive
with exclusive(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.readline()
"""


def holder(path: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_the_second_waits_until_the_first_lets_go(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with holder(path) as first:
        second = subprocess.Popen(
            [sys.executable, "-c", HOLDER, str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        time.sleep(0.5)
        assert second.poll() is None
        first.communicate("\n")
        assert second.communicate("\n")[0] == "held\n"


def test_a_holder_that_dies_holds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with holder(path) as first:
        first.kill()
    with exclusive(str(path)):
        assert path.exists()


def test_where_nothing_can_be_locked_everybody_works(tmp_path: Path) -> None:
    worked = False
    with exclusive(str(tmp_path / "no folder" / "lock")):
        worked = True
    assert worked
