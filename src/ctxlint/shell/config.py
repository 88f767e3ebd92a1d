"""Configuration: where it is found, what it may say, and how its errors are told.

The closest ancestor of a given path with a ``ctxlint.toml``, or with a ``pyproject.toml`` that has a
``[tool.ctxlint]`` table, is its configuration; farther ones are not consulted (as in ruff). ``--config FILE``
replaces the search, ``--config KEY=VALUE`` (TOML) overrides single keys, the environment overrides both, other
options override all, and ``--isolated`` reads no file. What the values mean is decided by discovery and selection.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import msgspec

from ctxlint.shell.nearest import WrongUsage, did_you_mean
from ctxlint.shell.project import ancestors

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Settings(msgspec.Struct, frozen=True, rename="kebab", forbid_unknown_fields=True):
    """The keys of ``[tool.ctxlint]``; None where a key is absent."""

    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] | None = None
    extend_select: tuple[str, ...] | None = None
    exclude: tuple[str, ...] | None = None
    extend_exclude: tuple[str, ...] | None = None
    src: tuple[str, ...] | None = None
    respect_gitignore: bool | None = None
    output_format: str | None = None
    cache_dir: str | None = None
    owners: tuple[tuple[str, tuple[str, ...]], ...] | None = None
    target_version: str | None = None


class Layer(NamedTuple):
    """Settings with the place they come from: a file or options, and the folder its paths are relative to."""

    settings: Settings
    origin: str
    base: str

    def key(self, name: str) -> str:
        """How a message names one key of this layer."""
        return f"{self.origin}: {name}" if name else self.origin


CACHE_DIR = "CTXLINT_CACHE_DIR"

_MENTION = re.compile(r"""tool["']?\s*\.\s*["']?ctxlint|^\s*\[\s*tool\s*\]|^\s*tool\s*=""", re.MULTILINE)
_KEYS = tuple(name.replace("_", "-") for name in Settings.__struct_fields__)


def find_config(folder: str) -> str | None:
    """Return the configuration file that governs ``folder`` (absolute), or None."""
    for place in ancestors(folder):
        own = os.path.join(place, "ctxlint.toml")
        if os.path.isfile(own):
            return own
        project = os.path.join(place, "pyproject.toml")
        if os.path.isfile(project) and _has_table(project):
            return project
    return None


def read_config(path: str) -> Layer:
    """Return the layer of one file. ``WrongUsage`` names the file and the key that are wrong."""
    shown = os.path.relpath(path) if path.startswith(os.path.join(os.getcwd(), "")) else path
    table: Any = _parse(_read(path, shown), shown)
    prefix = ""
    if os.path.basename(path) == "pyproject.toml":
        table = _own_table(table, shown) or {}
        prefix = "tool.ctxlint."
    return Layer(_convert(table, shown, prefix), shown, os.path.dirname(os.path.abspath(path)))


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
    return Layer(_convert(table, "--config", ""), "--config", os.getcwd())


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
        place = (layer.key("cache-dir") if keyed else CACHE_DIR) if layer.origin else "--cache-dir"
        raise WrongUsage(f"{place}: no folder: {written!r}")
    return folder


def absolute(paths: Sequence[str], base: str) -> tuple[str, ...]:
    """Paths of a layer, which are relative to its folder, as absolute ones."""
    return tuple(os.path.abspath(os.path.join(base, os.path.expanduser(path))) for path in paths)


def _has_table(path: str) -> bool:
    """Whether a ``pyproject.toml`` speaks of us. Most do not, and then no TOML parser is imported."""
    shown = path
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
        with open(path, encoding="utf-8") as stream:
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
        raise WrongUsage(f"{shown}: {error}") from error


def _convert(table: Mapping[str, Any], origin: str, prefix: str) -> Settings:
    for key in table:
        if key not in _KEYS:
            raise WrongUsage(f"{origin}: unknown key '{prefix}{key}'{did_you_mean(key, _KEYS)}")
    if "owners" in table:
        table = {**table, "owners": _owners(table["owners"], f"{origin}: {prefix}owners")}
    try:
        return msgspec.convert(table, Settings)
    except msgspec.ValidationError as error:
        reason, _, place = str(error).replace(" | null", "").partition(" - at `$.")
        key = place.rstrip("`") or "the table"
        raise WrongUsage(f"{origin}: {prefix}{key}: {reason[:1].lower()}{reason[1:]}") from error


def _owners(value: object, place: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """A table of variables, each with a list of modules, as its items: settings are hashed."""
    try:
        return tuple(msgspec.convert(value, dict[str, tuple[str, ...]]).items())
    except msgspec.ValidationError as error:
        raise WrongUsage(f'{place}: write it as "module.variable" = ["module", …]') from error
