"""What the flake8 plugin costs flake8: CPU time with it over CPU time without, on a tree without context variables.

``python benchmarks/flake8_cost.py [FILES] [ROUNDS]``. Copies modules of the running interpreter's standard library
that name no context variable, of up to 8 KB, into a folder with a project file (1,000 unless told, some of them twice),
and runs flake8 over it, serially, in turn with the plugin and without: there the distribution's metadata is hidden
from flake8. The machine may be busy, so the smallest of the rounds counts.
"""

from __future__ import annotations

import itertools
import json
import os
import resource
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

LIMIT = 8192
MARKERS = (b"contextvars", b"ContextVar", b"opentelemetry", b"threading.local")

#: Runs flake8 with or without our entry point, in a process of its own.
RUNNER = """\
import importlib.metadata, sys
with_plugin = sys.argv.pop(1) == "with"
if not with_plugin:
    found = importlib.metadata.distributions
    importlib.metadata.distributions = lambda **words: (
        each for each in found(**words) if each.metadata["Name"] != "ctxlint"
    )
from flake8.main.cli import main
sys.exit(main(sys.argv[1:]))
"""


def tree(folder: Path, wanted: int) -> int:
    """Fill a folder with modules of the standard library; how many bytes they have."""
    (folder / "pyproject.toml").touch()
    standard = Path(sysconfig.get_path("stdlib"))
    contents = [
        content
        for path in sorted(standard.rglob("*.py"))
        if "site-packages" not in path.parts and "lib2to3" not in path.parts and path.is_file()
        for content in [path.read_bytes()]
        if 0 < len(content) <= LIMIT and not any(marker in content for marker in MARKERS)
    ]
    chosen = list(itertools.islice(itertools.cycle(contents), wanted))
    for number, content in enumerate(chosen):
        target = folder / f"part{number // 100}" / f"m{number}.py"
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(content)
    return sum(map(len, chosen))


def cost(folder: Path, kind: str) -> tuple[float, str]:
    """The CPU seconds of one run, and what it printed of ours."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-c", RUNNER, kind, "-j1", "-q", "."]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if "Traceback" in result.stderr:
        sys.exit(result.stderr)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return spent, result.stderr


def main() -> None:
    """Measure and print."""
    wanted, rounds = (int(word) for word in (*sys.argv[1:], *("1000", "3")[len(sys.argv) - 1 :]))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        size = tree(folder, wanted)
        print(f"{wanted} files, {size / 1e6:.1f} MB, {rounds} rounds, Python {sys.version.split()[0]}")
        spent: dict[str, list[float]] = {"without": [], "with": []}
        for _ in range(rounds):
            for kind, found in spent.items():
                found.append(cost(folder, kind)[0])
        least = {kind: min(found) for kind, found in spent.items()}
        ratios = [each / base for base, each in zip(spent["without"], spent["with"], strict=True)]
        print(json.dumps({kind: [round(each, 2) for each in found] for kind, found in spent.items()}))
        ratio = least["with"] / least["without"]
        print(f"without {least['without']:.2f} s, with {least['with']:.2f} s: ratio {ratio:.3f}")
        print(f"round by round {', '.join(f'{ratio:.3f}' for ratio in ratios)}")


if __name__ == "__main__":
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    main()
