"""From the options of ``check`` to a request: what the command line alone decides."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from ctxlint.shell.layers import Request
from ctxlint.shell.nearest import WrongUsage
from ctxlint.shell.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

STDIN = "-"


def request_of(paths: tuple[str, ...], options: dict[str, Any]) -> Request:
    """Return what the options of ``check`` or ``why`` say of ``paths``."""
    overlay: dict[str, bytes] = {}
    name = options.get("stdin_filename")
    if "stdin_filename" in options and (STDIN in paths or (name and not paths)):
        paths, overlay = _standard_input(paths, name)
    elif name:
        raise WrongUsage("--stdin-filename goes with '-' alone")
    return Request(
        paths or (".",),
        _settings(options),
        options["config"],
        options["isolated"],
        options["no_cache"],
        overlay,
    )


def _standard_input(paths: tuple[str, ...], name: str | None) -> tuple[tuple[str, ...], dict[str, bytes]]:
    """Return the path that the standard input stands for, and its bytes by the absolute path."""
    if len(paths) > 1:
        raise WrongUsage("'-' stands alone: it is the text of one file")
    if name and os.path.isdir(name):
        raise WrongUsage(f"--stdin-filename is a folder: '{name}'")
    path = name or STDIN
    return (path,), {os.path.abspath(path): sys.stdin.buffer.read()}


def _settings(options: dict[str, Any]) -> Settings:
    """Return the options that a configuration file could hold too."""
    lists = {
        key: tuple(word.strip() for entry in options[key] for word in entry.split(",") if word.strip())
        if options[key]
        else None
        for key in ("select", "ignore", "extend_select", "extend_ignore", "exclude", "extend_exclude")
    }
    if lists["select"] == ():  # an empty variable of a script: nothing would be looked for, and all be well
        raise WrongUsage("--select names no rule: write codes, beginnings of codes, names or ALL")
    return Settings(
        select=lists["select"],
        ignore=lists["ignore"],
        extend_select=lists["extend_select"],
        extend_ignore=lists["extend_ignore"],
        per_file_ignores=_pairs(options["per_file_ignores"]) or None,
        target_version=options["target_version"],
        exclude=lists["exclude"],
        extend_exclude=lists["extend_exclude"],
        force_exclude=options["force_exclude"] or None,
        respect_gitignore=options["respect_gitignore"],
        output_format=options["output_format"],
        cache_dir=options["cache_dir"],
    )


def _pairs(written: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return what ``PATTERN:CODE`` pairs say; a word without a colon is one more code of the pattern before."""
    found: dict[str, tuple[str, ...]] = {}
    for entry in written:
        pattern = ""
        for word in filter(None, map(str.strip, entry.split(","))):
            before, colon, code = word.rpartition(":")
            pattern = before if colon else pattern
            if not pattern or not code:
                raise WrongUsage(f"--per-file-ignores: '{entry}' is not PATTERN:CODE")
            found[pattern] = (*found.get(pattern, ()), code)
    return found
