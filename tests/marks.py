"""Annotated sources: what the tool should say stands beside the code that it is said of.

``# expect: CTX104:13`` pins a code to the line and to a column (from 1, in characters). Several are separated by
commas. The column may be left out where ``columns`` are not asked for (pages of rules are read by people).
"""

from __future__ import annotations

import re
from pathlib import Path

from ctxlint import engine
from ctxlint.model.diagnostics import Diagnostic, Report
from ctxlint.model.lines import LineIndex
from ctxlint.model.policy import Policy
from ctxlint.model.sources import SourceFile
from ctxlint.rules.registry import all_rules

_MARK = re.compile(r"#\s*expect:\s*(?P<codes>CTX\d{3}(?::\d+)?(?:\s*,\s*CTX\d{3}(?::\d+)?)*)")
_TARGET = re.compile(r"^#\s*target:\s*3\.(?P<minor>\d+)$", re.MULTILINE)
_OWNERS = re.compile(r"^#\s*owners:\s*(?P<name>\S+)\s*=\s*(?P<modules>.+)$", re.MULTILINE)
_BANNED = re.compile(r"^#\s*banned:\s*(?P<names>.+)$", re.MULTILINE)
_SELECT = re.compile(r"^#\s*select:\s*(?P<codes>.+)$", re.MULTILINE)

Expectation = tuple[str, int, str, int | None]
"""File (relative to the program), line, code, column."""


def expected(root: Path, *, columns: bool = True) -> list[Expectation]:
    """What the marks of a file, or of every file of a folder, ask for."""
    found: list[Expectation] = []
    for path in sources(root):
        for row, line in enumerate(path.read_text("utf-8").split("\n"), 1):
            match = _MARK.search(line)
            for mark in match["codes"].split(",") if match else ():
                code, _, column = mark.strip().partition(":")
                assert column or not columns, (
                    f"{path.name}:{row}: a mark needs a column: # expect: {code}:COLUMN"
                )
                found.append((name(root, path), row, code, int(column) if columns else None))
    return sorted(found)


def reported(root: Path, *, columns: bool = True) -> list[Expectation]:
    """What the tool says of a file, or of the program in a folder."""
    report = run(root)
    assert report.failures == ()
    return sorted(_place(report, diagnostic, columns=columns) for diagnostic in report.diagnostics)


def run(root: Path, select: str | None = None) -> Report:
    """Check a file alone, or a folder as one program, with the rules that it selects (default: the default ones)."""
    found = sources(root)
    base = root if root.is_dir() else root.parent
    files = [SourceFile(str(path), name(root, path), (str(base),)) for path in found]
    return engine.check(
        files, lambda path: Path(path).read_bytes(), selected(found, select), policy=declared(found)
    )


def declared(found: list[Path]) -> Policy:
    """What ``# target: 3.12``, ``# owners: state.tenant = middleware, state`` and ``# banned: threading.Thread``
    declare.
    """
    texts = [path.read_text("utf-8") for path in found]
    targets = [(3, int(match["minor"])) for text in texts for match in _TARGET.finditer(text)]
    owners = [
        (match["name"], tuple(module.strip() for module in match["modules"].split(",")))
        for text in texts
        for match in _OWNERS.finditer(text)
    ]
    banned = (
        name for text in texts for match in _BANNED.finditer(text) for name in match["names"].split(",")
    )
    return Policy(
        tuple(owners), targets[0] if targets else None, banned_hops=tuple(name.strip() for name in banned)
    )


def selected(found: list[Path], select: str | None = None) -> frozenset[str]:
    """The codes that ``# select: CTX115, CTX122`` (or ALL) adds to the default ones."""
    codes = {rule.code for rule in all_rules() if rule.default}
    for path in found:
        match = _SELECT.search(path.read_text("utf-8"))
        asked = select or (match["codes"].strip() if match else "")
        words = {code.strip() for code in asked.split(",")}
        wanted = [rule for rule in all_rules() if asked == "ALL" or rule.code in words]
        codes |= {selector for rule in wanted for selector in rule.selectors}
    return frozenset(codes)


def sources(root: Path) -> list[Path]:
    """The sources of a program, sorted."""
    return sorted(root.rglob("*.py")) if root.is_dir() else [root]


def name(root: Path, path: Path) -> str:
    """A source's name within its program."""
    return path.relative_to(root).as_posix() if root.is_dir() else path.name


def _place(report: Report, diagnostic: Diagnostic, *, columns: bool) -> Expectation:
    row, column = LineIndex(report.texts[diagnostic.location.filename]).position(
        diagnostic.location.span.start
    )
    return (diagnostic.location.filename, row, diagnostic.code, column if columns else None)
