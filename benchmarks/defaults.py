"""38 declarations, judged by ruff (B039), flake8-bugbear (B039) and ctxlint: docs/comparison.md holds the table.

    python benchmarks/defaults.py [--flake8 PATH]

``--flake8`` is a flake8 that has flake8-bugbear; without one that column stays empty. The declarations follow what
static checkers promise and miss about ``default=``; the verdicts are this project's. ctxlint's are those of its default
rules on values, each declaration being a program of its own.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

USUAL = "from contextvars import ContextVar\n"
CODES = ("CTX201", "CTX202", "CTX204", "CTX205")


class Snippet(NamedTuple):
    """A declaration: in words, whether it deserves a finding, its text, and what it imports."""

    what: str
    wanted: bool
    code: str
    other: str = ""


def plain(what: str, default: str, before: str = "", *, wanted: bool) -> Snippet:
    """A declaration of the usual spelling."""
    return Snippet(what, wanted, f"{USUAL}{before}v = ContextVar('v', default={default})\n")


SNIPPETS = (
    plain("`[]`", "[]", wanted=True),
    Snippet(
        "`ContextVar as CV`", True, "from contextvars import ContextVar as CV\nv = CV('v', default=[])\n"
    ),
    Snippet(
        "`import contextvars as cv`", True, "import contextvars as cv\nv = cv.ContextVar('v', default={})\n"
    ),
    Snippet(
        "a call of `ContextVar[list[int]]`", True, f"{USUAL}v = ContextVar[list[int]]('v', default=[])\n"
    ),
    plain("a module's name for a dict", "_START", "_START = {}\n", wanted=True),
    plain("`[] if FLAG else ()`", "[] if FLAG else ()", "FLAG = True\n", wanted=True),
    plain("`None or []`", "None or []", wanted=True),
    plain("`(d := [])`", "(d := [])", wanted=True),
    plain("`([], 1)`", "([], 1)", wanted=True),
    plain("a generator expression", "(n for n in range(3))", wanted=True),
    plain("`bytearray()`", "bytearray()", wanted=True),
    plain("`ChainMap()`", "collections.ChainMap()", "import collections\n", wanted=True),
    plain("`array()`", "array.array('i')", "import array\n", wanted=True),
    plain("`deque as dq`", "dq()", "from collections import deque as dq\n", wanted=True),
    plain(
        "an instance with a list",
        "Box()",
        "class Box:\n    def __init__(self):\n        self.content = []\n",
        wanted=True,
    ),
    plain(
        "a frozen dataclass",
        "Point()",
        "from dataclasses import dataclass\n@dataclass(frozen=True)\nclass Point:\n    x: int = 0\n",
        wanted=False,
    ),
    plain(
        "a NamedTuple",
        "Pair(1, 2)",
        "from typing import NamedTuple\nclass Pair(NamedTuple):\n    a: int\n    b: int\n",
        wanted=False,
    ),
    plain("`object()`", "object()", wanted=False),
    plain("`Decimal`", "Decimal('1')", "from decimal import Decimal\n", wanted=False),
    plain("`timedelta`", "datetime.timedelta(1)", "import datetime\n", wanted=False),
    plain('`int("1")`', "int('1')", wanted=False),
    plain("`frozenset`", "frozenset({1})", wanted=False),
    plain("`MappingProxyType({})`", "types.MappingProxyType({})", "import types\n", wanted=False),
    plain(
        "a view of a dict that changes",
        "MappingProxyType(_LIVE)",
        "from types import MappingProxyType\n_LIVE = {}\ndef put(k):\n    _LIVE[k] = 1\n",
        wanted=True,
    ),
    plain("`tuple([])`", "tuple([])", wanted=False),
    plain("`os.environ.get`", "os.environ.get('X')", "import os\n", wanted=False),
    plain("`Path`", "Path('.')", "from pathlib import Path\n", wanted=False),
    Snippet(
        "another class named ContextVar",
        False,
        "class ContextVar:\n    def __init__(self, name, default=None): ...\nv = ContextVar('v', default=[])\n",
    ),
    Snippet('`**{"default": []}`', True, f"{USUAL}v = ContextVar('v', **{{'default': []}})\n"),
    Snippet(
        "`v.get([]).append(x)`",
        True,
        f"{USUAL}v = ContextVar('v')\ndef put(x):\n    v.get([]).append(x)\n",
    ),
    Snippet(
        "a list set at import, then appended to",
        True,
        f"{USUAL}v = ContextVar('v')\nv.set([])\ndef put(x):\n    v.get().append(x)\n",
    ),
    Snippet(
        "`try: from contextvars …`",
        True,
        "try:\n    from contextvars import ContextVar\nexcept ImportError:\n    from aiocontextvars import ContextVar\n"
        "v = ContextVar('v', default=[])\n",
    ),
    Snippet(
        "`partial(ContextVar, …)`",
        True,
        f"{USUAL}from functools import partial\nv = partial(ContextVar, default=[])('v')\n",
    ),
    plain("`[] + []`", "[] + []", wanted=True),
    Snippet("`CV = ContextVar`", True, f"{USUAL}CV = ContextVar\nv = CV('v', default={{}})\n"),
    plain('`float("nan")`', "float('nan')", wanted=False),
    plain("a lambda", "lambda: []", wanted=False),
    Snippet(
        "re-exported by another module",
        True,
        "from compat import ContextVar\nv = ContextVar('v', default=[])\n",
        USUAL,
    ),
)


def main() -> None:
    """Write the declarations to a folder, ask each tool, print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--flake8", help="a flake8 with flake8-bugbear")
    arguments = parser.parse_args()
    answers: dict[str, list[str]] = {"bugbear": [], "ruff": [], "ctxlint": []}
    with tempfile.TemporaryDirectory() as folder:
        for index, snippet in enumerate(SNIPPETS, 1):
            root = Path(folder) / f"s{index:02}"
            root.mkdir()
            (root / "declared.py").write_text(snippet.code, "utf-8")
            if snippet.other:
                (root / "compat.py").write_text(snippet.other, "utf-8")
            answers["bugbear"].append(bugbear(root, arguments.flake8))
            answers["ruff"].append(ruff(root))
            answers["ctxlint"].append(ctxlint(root))
    report(answers)


def bugbear(root: Path, flake8: str | None) -> str:
    """B039 of flake8-bugbear, or nothing."""
    if flake8 is None:
        return ""
    return "B039" if "B039" in output(flake8, "--isolated", "--select", "B039", str(root)) else ""


def ruff(root: Path) -> str:
    """B039 of ruff, or nothing."""
    words = ("-m", "ruff", "check", "--isolated", "--no-cache", "--select", "B039", str(root))
    return "B039" if "B039" in output(sys.executable, *words) else ""


def ctxlint(root: Path) -> str:
    """The codes on values that ctxlint gives by default."""
    words = ("-m", "ctxlint", "--isolated", "--no-cache", "--output-format", "json", str(root))
    found = {finding["code"] for finding in json.loads(output(sys.executable, *words))}
    return ", ".join(sorted(found.intersection(CODES)))


def output(*command: str) -> str:
    """What a command prints; an error ends the comparison."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode > 1:
        sys.exit(f"{command[0]} ended with {done.returncode}: {done.stderr[-400:]}")
    return done.stdout


def report(answers: dict[str, list[str]]) -> None:
    """The table, and what each tool missed and said falsely."""
    print("| # | declaration | wanted | bugbear | ruff | ctxlint |\n|---|---|---|---|---|---|")
    for index, snippet in enumerate(SNIPPETS):
        cells = " | ".join(verdict(answers[tool][index], wanted=snippet.wanted) for tool in answers)
        print(f"| {index + 1} | {snippet.what} | {'finding' if snippet.wanted else 'silence'} | {cells} |")
    missed = {
        tool: sum(s.wanted and not a for s, a in zip(SNIPPETS, found, strict=True))
        for tool, found in answers.items()
    }
    false = {
        tool: sum(bool(a) and not s.wanted for s, a in zip(SNIPPETS, found, strict=True))
        for tool, found in answers.items()
    }
    totals = " | ".join(f"{missed[tool]} missed, {false[tool]} false" for tool in answers)
    print(f"| | **together** | | {totals} |")


def verdict(answer: str, *, wanted: bool) -> str:
    """A cell: the codes, or why there are none."""
    if answer:
        return answer if wanted else f"**false** {answer}"
    return "**missed**" if wanted else ""


if __name__ == "__main__":
    main()
