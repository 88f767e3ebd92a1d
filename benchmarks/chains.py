"""The chain search on programs of 1,000, 3,000 and 10,000 small modules: CPU seconds and peak memory of ctxlint.

    python benchmarks/chains.py [MODULES …]

Each program declares one variable, sets it in a request's manager and starts one thread or pool job in every tenth
module. From there calls lead through three other modules, some of them in circles, to a read; every module calls two
more that read nothing. A search that walked from each hop on its own would visit the same functions again and again.
Linear cost shows as the same time for a module in each row.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SIZES = (1_000, 3_000, 10_000)
HOPS = 10  # a hop in every so many modules

STATE = """
from contextlib import contextmanager
from contextvars import ContextVar

tenant = ContextVar("tenant", default="public")


@contextmanager
def acting_as(name):
    token = tenant.set(name)
    try:
        yield
    finally:
        tenant.reset(token)


def current():
    return tenant.get()
"""

PLAIN = """
from program import m{first}, m{second}, state


class Service{number}:
    def __init__(self, rows):
        self.rows = rows

    def total(self):
        return sum(self.rows) + {number}


def leaf(rows):
    return Service{number}(rows).total()


def step(rows, depth):
    if depth > 3:
        return state.current()
    return m{first}.step(rows, depth + 1) or m{second}.leaf(rows)
"""

HOP = """
import threading


def start(rows):
    threading.Thread(target=step, args=(rows, 0)).start()


def request(rows, name):
    with state.acting_as(name):
        start(rows)
"""


def write(folder: Path, modules: int) -> None:
    """Write the program."""
    package = folder / "program"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "state.py").write_text(STATE)
    for number in range(modules):
        first, second = (number * 7 + 1) % modules, (number * 3 + 2) % modules
        text = PLAIN.format(number=number, first=first, second=second)
        (package / f"m{number}.py").write_text(text + (HOP if number % HOPS == 0 else ""))


def measured(folder: Path) -> tuple[float, float, float, str]:
    """CPU seconds, wall seconds, peak memory in MiB, and the last line of one cold run."""
    command = [sys.executable, "-m", "ctxlint", "--isolated", "--no-cache", "--select", "CTX301", str(folder)]
    read, write_end = os.pipe()
    started = time.perf_counter()
    with subprocess.Popen(command, stdout=write_end, stderr=subprocess.DEVNULL) as process:
        os.close(write_end)
        with os.fdopen(read, errors="replace") as stream:
            lines = stream.read().splitlines()
        _, _, usage = os.wait4(process.pid, 0)
        process.returncode = 0
    wall = time.perf_counter() - started
    scale = 1024 if sys.platform != "darwin" else 1024 * 1024
    return usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / scale, lines[-1] if lines else ""


def main() -> None:
    """Print a row for each size."""
    sizes = tuple(int(word.replace(",", "")) for word in sys.argv[1:]) or SIZES
    print(f"{'modules':>8} {'CPU s':>8} {'ms/module':>10} {'wall s':>8} {'MiB':>7}  last line")
    for size in sizes:
        with tempfile.TemporaryDirectory() as name:
            write(Path(name), size)
            cpu, wall, peak, last = measured(Path(name))
        print(
            f"{size:>8,} {cpu:>8.1f} {cpu * 1000 / size:>10.2f} {wall:>8.1f} {peak:>7.0f}  {last}", flush=True
        )


if __name__ == "__main__":
    main()
