"""Configuration: where it is found, how files build on each other, and how its errors are told.

The closest ancestor of a file with a ``.ctxlint.toml``, a ``ctxlint.toml``, or a ``pyproject.toml`` that has a
``[tool.ctxlint]`` table (in this order) is its configuration; farther ones are not consulted (as in ruff) unless
``extend`` names them. ``--config FILE`` replaces the search, ``--config KEY=VALUE`` (TOML) overrides single keys,
the environment overrides both, other options override all, and ``--isolated`` reads no file. The keys are in
``settings.py``; what their values mean is decided by discovery and selection.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import msgspec

from ctxlint.shell.nearest import WrongUsage, did_you_mean
from ctxlint.shell.project import CONFIG_FILES, PROJECT_FILE, ancestors
from ctxlint.shell.settings import KEYS, Settings
from ctxlint.shell.toml_lines import line_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Layer(NamedTuple):
    """Settings with the place they come from: a file or options, and the folder its paths are relative to. Options that
    are not our command line's have what their names begin with, up to a ``-``, as their origin.

    ``text`` and ``table`` are those of the file, to tell where a key stands in it.
    """

    settings: Settings
    origin: str
    base: str
    text: str = ""
    table: tuple[str, ...] = ()

    def key(self, *path: str) -> str:
        """How a message names one key of this layer: option, or file, line and key."""
        if not self.origin or self.origin.endswith("-"):
            return f"{self.origin or '--'}{path[0]}"
        line = line_of(self.text, (*self.table, *path)) if self.text else None
        return f"{self.origin}{f':{line}' if line else ''}: {'.'.join((*self.table, *path[:1]))}"


CACHE_DIR = "CTXLINT_CACHE_DIR"

_MENTION = re.compile(r"""tool["']?\s*\.\s*["']?ctxlint|^\s*\[\s*tool\s*\]|^\s*tool\s*=""", re.MULTILINE)
_TABLE = ("tool", "ctxlint")
# How Python's own TOML parser, and the one that stands in for it on Python 3.10, end their messages.
_PLACE = re.compile(r" \(at (?:line (?P<row>\d+), column (?P<column>\d+)|end of document)\)$")


def find_config(folder: str) -> str | None:
    """Return the configuration file that governs ``folder`` (absolute), or None."""
    return next(filter(None, map(config_in, ancestors(folder))), None)


def config_in(folder: str) -> str | None:
    """Return the configuration file that lies in ``folder`` itself, or None."""
    for name in CONFIG_FILES:
        own = os.path.join(folder, name)
        if os.path.isfile(own):
            return own
    project = os.path.join(folder, PROJECT_FILE)
    return project if os.path.isfile(project) and _has_table(project) else None


def is_configured(folder: str) -> bool:
    """Does ``folder`` itself hold a configuration, be it a wrong one? Who reads it tells what is wrong."""
    try:
        return config_in(folder) is not None
    except WrongUsage:
        return True


def read_chain(path: str) -> tuple[Layer, ...]:
    """Return the layers of a file and of those that it extends, the weakest first. ``WrongUsage`` as below."""
    chain: list[Layer] = []
    seen: list[str] = []
    place: str | None = os.path.abspath(path)
    while place is not None:
        if place in seen:
            raise WrongUsage(f"{chain[-1].key('extend')}: the files extend each other in a circle")
        try:
            layer = read_config(place)
        except WrongUsage as error:
            raise WrongUsage(f"{chain[-1].key('extend')}: {error}") if chain else error from error
        seen.append(place)
        chain.append(layer)
        extended = layer.settings.extend
        place = None if extended is None else absolute((extended,), layer.base)[0]
    return tuple(reversed(chain))


def read_config(path: str) -> Layer:
    """Return the layer of one file. ``WrongUsage`` names the file, the line and the key that are wrong."""
    shown = _shown(path)
    text = _read(path, shown)
    written: Any = _parse(text, shown)
    table: tuple[str, ...] = ()
    if os.path.basename(path) == PROJECT_FILE:
        written = _own_table(written, shown) or {}
        table = _TABLE
    layer = Layer(Settings(), shown, os.path.dirname(os.path.abspath(path)), text, table)
    return layer._replace(settings=_convert(written, layer))


def read_overrides(pairs: Sequence[str]) -> Layer | None:
    """Return the layer of all ``--config KEY=VALUE``, each a line of TOML."""
    if not pairs:
        return None
    table: dict[str, Any] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals:
            raise WrongUsage(f"--config '{pair}' is neither KEY=VALUE nor an existing file")
        try:
            table |= _parse(pair, "--config")
        except WrongUsage as error:
            hint = f"the value is no TOML; a list is {key}='[\"{value}\"]'"
            raise WrongUsage(f"--config '{pair}': {hint}") from error
    layer = Layer(Settings(), "--config", os.getcwd())
    return layer._replace(settings=_convert(table, layer))


def read_environment() -> Layer | None:
    """Return the layer of what the environment says, or None. An empty variable says nothing."""
    folder = os.environ.get(CACHE_DIR)
    return Layer(Settings(cache_dir=folder), CACHE_DIR, os.getcwd()) if folder else None


def cache_dir_of(layers: Sequence[Layer]) -> str | None:
    """Return the cache folder (absolute) that the strongest layer names, if any does. It need not exist.

    What can be no folder is ``WrongUsage``, which names the option, the variable or the file and key.
    """
    layer = next((layer for layer in reversed(layers) if layer.settings.cache_dir is not None), None)
    if layer is None or layer.settings.cache_dir is None:
        return None
    written = layer.settings.cache_dir
    folder = absolute((written,), layer.base)[0]
    if not written or "\0" in written or (os.path.lexists(folder) and not os.path.isdir(folder)):
        keyed = layer.origin != CACHE_DIR
        place = layer.key("cache-dir") if keyed else CACHE_DIR
        raise WrongUsage(f"{place}: no folder: {written!r}")
    return folder


def absolute(paths: Sequence[str], base: str) -> tuple[str, ...]:
    """Paths of a layer, which are relative to its folder, as absolute ones."""
    return tuple(os.path.abspath(os.path.join(base, os.path.expanduser(path))) for path in paths)


def _shown(path: str) -> str:
    """An absolute path as messages have it: relative to the working directory when below it."""
    return os.path.relpath(path) if path.startswith(os.path.join(os.getcwd(), "")) else path


def _has_table(path: str) -> bool:
    """Whether a ``pyproject.toml`` speaks of us. Most do not, and then no TOML parser is imported."""
    shown = _shown(path)
    text = _read(path, shown)
    return _MENTION.search(text) is not None and _own_table(_parse(text, shown), shown) is not None


def _own_table(document: dict[str, Any], shown: str) -> dict[str, Any] | None:
    """Return ``[tool.ctxlint]``, or None."""
    tool = document.get("tool")
    own = cast("dict[str, Any]", tool).get("ctxlint") if isinstance(tool, dict) else None
    if own is not None and not isinstance(own, dict):
        raise WrongUsage(f"{shown}: tool.ctxlint is no table")
    return cast("dict[str, Any] | None", own)


def _read(path: str, shown: str) -> str:
    try:
        # some editors begin a file with a mark, which TOML does not know
        with open(path, encoding="utf-8-sig") as stream:
            return stream.read()
    except OSError as error:
        raise WrongUsage(f"cannot read {shown}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise WrongUsage(f"{shown} is not UTF-8: {error.reason} at byte {error.start}") from error


def _parse(text: str, shown: str) -> dict[str, Any]:
    from msgspec import DecodeError, toml  # noqa: PLC0415 - most runs read no TOML

    try:
        return toml.decode(text, type=dict[str, Any])
    except DecodeError as error:
        reason, row, column = _wrong_at(str(error), text)
        raise WrongUsage(f"{shown}:{row}:{column}: no TOML: {reason}") from error


def _wrong_at(told: str, text: str) -> tuple[str, int, int]:
    """What a TOML parser says, less the place at its end, and the place: row and column from 1."""
    at = _PLACE.search(told)
    lines = text.split("\n")
    row, column = (
        (int(at["row"]), int(at["column"])) if at and at["row"] else (len(lines), len(lines[-1]) + 1)
    )
    reason = told[: at.start()] if at else told
    if at and not at["row"]:
        reason += " at the end of the file"
    return f"{reason[:1].lower()}{reason[1:]}", row, column


def _convert(written: Mapping[str, Any], layer: Layer) -> Settings:
    for key in written:
        if key not in KEYS:
            place, _, name = layer.key(key).rpartition(": ")
            raise WrongUsage(
                f"{place}: unknown key '{name}'{_instead(key, layer) or did_you_mean(key, KEYS)}"
            )
    try:
        return msgspec.convert(written, Settings)
    except msgspec.ValidationError as error:
        reason, _, path = str(error).replace(" | null", "").partition(" - at `$.")
        reason = f"{reason[:1].lower()}{reason[1:]}"
        key, rest = _split(path.rstrip("`"))
        raise WrongUsage(f"{layer.key(key)}{rest}: {reason}{_form(key, reason, written.get(key))}") from error


def _instead(key: str, layer: Layer) -> str:
    """What to write instead of another linter's key, to follow it in a message."""
    from ctxlint.shell.elsewhere import KEYS as FOREIGN  # noqa: PLC0415 - only a wrong key asks

    if key == "lint":
        place = f"in [{'.'.join(layer.table)}]" if layer.table else "at the top"
        return f': there is no table of that name, its keys stand {place}, as select = ["CTX1"]'
    return f": {FOREIGN[key]}" if key in FOREIGN else ""


def _form(key: str, reason: str, value: object) -> str:
    """How a value is to be written, to follow what is wrong with it."""
    if key in _FORMS:
        return _FORMS[key]
    if isinstance(value, str) and reason.startswith("expected `array`"):
        words = ", ".join(f'"{word}"' for word in re.split(r"[\s,]+", value.strip()) if word)
        return f"; write it as {key} = [{words}]"
    return ""


_FORMS = {
    "owners": '; write it as "module.variable" = ["module", …]',
    "per-file-ignores": '; write it as "pattern" = ["CTX104", …]',
    "target-version": '; write it as "py310" or "3.10"',
    **dict.fromkeys(
        ("force-exclude", "respect-gitignore", "thread-inherit-context", "require-suppression-reason"),
        "; write true or false",
    ),
}


def _split(path: str) -> tuple[str, str]:
    """The key at the beginning of msgspec's path, and the rest of it (``[0]``) to be shown."""
    match = re.match(r"[\w-]+", path)
    key = match.group() if match else path
    rest = path[len(key) :]
    return key, "" if rest.startswith("[...]") else rest
