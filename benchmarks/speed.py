"""CPU time and memory of ctxlint beside ``ruff check --no-cache --select B039`` on the same trees.

    python benchmarks/speed.py [-n ROUNDS] [PATH ...]

Without a path, on the installation of the running Python. ctxlint runs twice a round: cold (``--no-cache``), and warm,
with a cache that a run before the rounds has filled. Each round starts all programs in turn, so that what else the
machine does meets them alike. Told are user and system time of the process and of all that it started, the lowest and
the median of the rounds, the ratio of the lowest and of each round, the highest peak of memory, and what libcst read.
Exit codes above 1 (an error, not findings) end the comparison. Nothing below the paths is excluded, installed packages
neither, so both see the files that are counted. POSIX only.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

MEBIBYTE = 1 << 20
ALIKE = ("--isolated", "--no-respect-gitignore", "--exclude", "nothing-has-this-name")
PEAK_UNIT = 1 if sys.platform == "darwin" else 1 << 10  # ru_maxrss: bytes there, kibibytes elsewhere


class Cost(NamedTuple):
    """One run: seconds of CPU, and the peak of memory in bytes."""

    seconds: float
    peak: int


class Contestant(NamedTuple):
    """A program, by what it is called here and how it is started."""

    name: str
    command: tuple[str, ...]


def main() -> None:
    """Measure and print."""
    arguments = parse()
    paths = arguments.paths or [sys.base_prefix]
    with tempfile.TemporaryDirectory() as cache:
        contestants = contestants_for(paths, cache)
        files, size = census(paths)
        print(
            f"{files:,} Python files, {size / 1e6:.1f} MB below {' '.join(paths)}; {arguments.rounds} rounds"
        )
        print(
            f"load before: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors; Python {sys.version.split()[0]}"
        )
        for contestant in contestants:
            run(contestant)  # fills the page cache, and the warm one's own
        print(account(contestants[0]))
        costs: dict[str, list[Cost]] = {contestant.name: [] for contestant in contestants}
        for _ in range(arguments.rounds):
            for contestant in contestants:
                costs[contestant.name].append(run(contestant))
    report(costs)
    print(f"load after: {os.getloadavg()[0]:.1f}")


def contestants_for(paths: list[str], cache: str) -> tuple[Contestant, ...]:
    """Name what is compared. The first is ctxlint, cold."""
    ours = (sys.executable, "-m", "ctxlint", *ALIKE)
    return (
        Contestant("cold", (*ours, "--no-cache", *paths)),
        Contestant("warm", (*ours, "--cache-dir", cache, *paths)),
        Contestant("ruff", (ruff(), "check", *ALIKE, "--no-cache", "--select", "B039", *paths)),
        Contestant("python -c pass", (sys.executable, "-c", "pass")),
    )


def account(contestant: Contestant) -> str:
    """Return what ctxlint says that it read."""
    command = [*contestant.command, "--verbose", "--statistics"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    told = (line for line in (result.stdout + result.stderr).splitlines() if "libcst read" in line)
    return next(told, "ctxlint told nothing of what it read")


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("paths", nargs="*", metavar="PATH")
    parser.add_argument("-n", "--rounds", type=int, default=5)
    return parser.parse_args()


def ruff() -> str:
    """Return ruff's own program, without a start of Python before it."""
    if importlib.util.find_spec("ruff"):
        beside = Path(sys.executable).with_name("ruff")
        if beside.exists():
            return str(beside)
    found = shutil.which("ruff")
    if found is None:
        sys.exit("ruff is not installed: pip install -e '.[dev]'")
    return found


def census(paths: list[str]) -> tuple[int, int]:
    """Count the Python files below the paths, and their bytes."""
    sizes = [
        file.stat().st_size
        for path in map(Path, paths)
        for file in ([path] if path.is_file() else path.rglob("*.py"))
        if file.is_file()
    ]
    return len(sizes), sum(sizes)


def run(contestant: Contestant) -> Cost:
    """Start a program, let it end, and ask the system what it cost."""
    silence = [(os.POSIX_SPAWN_OPEN, stream, os.devnull, os.O_WRONLY, 0) for stream in (1, 2)]
    process = os.posix_spawn(contestant.command[0], contestant.command, os.environ, file_actions=silence)
    _, status, usage = os.wait4(process, 0)
    code = os.waitstatus_to_exitcode(status)
    if code not in (0, 1):
        sys.exit(f"{contestant.name} ended with {code}: {' '.join(contestant.command)}")
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss * PEAK_UNIT)


def report(costs: dict[str, list[Cost]]) -> None:
    """Print a line for each program, and the ratios."""
    least = {name: min(cost.seconds for cost in runs) for name, runs in costs.items()}
    for name, runs in costs.items():
        median = statistics.median(cost.seconds for cost in runs)
        peak = max(cost.peak for cost in runs) / MEBIBYTE
        print(f"{name:>15}: {least[name]:7.3f} s least, {median:7.3f} s median, {peak:6.1f} MiB")
    for kind in ("cold", "warm"):
        for other in ("ruff", "python -c pass"):
            each = [
                mine.seconds / theirs.seconds for mine, theirs in zip(costs[kind], costs[other], strict=True)
            ]
            rounds = ", ".join(f"{ratio:.2f}" for ratio in each)
            print(f"{kind} / {other}: {least[kind] / least[other]:.2f} (round by round {rounds})")


if __name__ == "__main__":
    main()
