"""Words of ruff and flake8 that people bring along, each with what to write here instead: options, keys, commands.

Only for the end of an error message: none of these words is understood, and none ever changes what a run does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_NO_REPAIRS = (
    "ctxlint repairs nothing: each finding says what to write; --add-noqa and --baseline keep what is known"
)
_ONE_PROCESS = "a run is one process, and the next one is answered from the cache"

OPTIONS: Mapping[str, str] = {
    **dict.fromkeys(
        (
            "--fix", "--no-fix", "--fix-only", "--no-fix-only", "--unsafe-fixes", "--no-unsafe-fixes", "--diff",
            "--show-fixes", "--no-show-fixes", "--fixable", "--unfixable", "--exit-non-zero-on-fix",
        ),
        _NO_REPAIRS,
    ),
    **dict.fromkeys(("--jobs", "-j"), _ONE_PROCESS),
    "-e": "write --exit-zero",
    "-n": "write --no-cache",
    "-s": "write --quiet",
    "--silent": "write --quiet",
    "--count": "write --statistics",
    "--exit-non-zero": "that is so: findings end in exit code 1",
    "--explain": "write ctxlint rule CODE",
    "--extend-per-file-ignores": "write --per-file-ignores PATTERN:CODE",
    "--format": "write --output-format",
    "--output-file": "write --output FORMAT:PATH",
    "--tee": "write --output FORMAT:PATH: the report goes to the standard output as well",
    "--preview": "what is opt-in is asked for by --extend-select CODE",
    "--show-source": "write --output-format full",
    "--stdin-display-name": "write --stdin-filename",
}  # fmt: skip

KEYS: Mapping[str, str] = {
    **dict.fromkeys(
        ("fix", "fix-only", "fixable", "unfixable", "extend-fixable", "unsafe-fixes", "show-fixes"),
        "ctxlint repairs nothing",
    ),
    "baseline": "it is an option: --baseline FILE",
    "disable": "write ignore",
    "enable": "write extend-select",
    "extend-per-file-ignores": "write per-file-ignores",
    "format": "write output-format",
    "per-file-ignore": "write per-file-ignores",
    "preview": "what is opt-in is asked for by extend-select",
    "python-version": "write target-version",
    "requires-python": "it stands in [project]; here it is target-version",
}

COMMANDS: Mapping[str, str] = {
    "config": "ctxlint --show-settings",
    "explain": "ctxlint rule CODE",
    "help": "ctxlint --help",
    "linter": "ctxlint rule --all",
    "version": "ctxlint --version",
}
