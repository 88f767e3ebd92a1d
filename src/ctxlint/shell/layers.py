"""Which configuration governs which file: the closest one, with what it extends and what the options say.

Each file is governed by its own closest configuration, as in ruff; one that lies nested inside the given paths
governs what is below it. ``--config FILE`` governs everything, and in isolation no file does.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from ctxlint.shell.config import (
    Layer,
    absolute,
    config_in,
    read_chain,
    read_environment,
    read_overrides,
)
from ctxlint.shell.discovery import Scope
from ctxlint.shell.memory import FOLDER
from ctxlint.shell.nearest import did_you_mean
from ctxlint.shell.patterns import DEFAULT_EXCLUDES, Exclusion
from ctxlint.shell.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Layers = tuple[Layer, ...]
NO_FILE = ""


class Request(NamedTuple):
    """What the user asks for. ``options`` holds the command line's own settings, over those of any file.

    ``overlay`` holds the bytes of files, by absolute path, that stand in for what the disk has; they need not be
    on the disk at all. ``caller`` is what a message about ``options`` names; empty: the command line.
    """

    paths: tuple[str, ...]
    options: Settings = Settings()
    config: tuple[str, ...] = ()
    isolated: bool = False
    no_cache: bool = False
    overlay: Mapping[str, bytes] = {}
    caller: str = ""


class Configurations:
    """The configuration files of one run, each read once, when it is first asked for.

    ``nested`` are those that a walk has met on its way.
    """

    def __init__(self, request: Request) -> None:
        """Read what holds for every file. ``WrongUsage`` as ``read_chain`` and ``read_overrides`` tell it."""
        files = [entry for entry in request.config if is_config_file(entry)]
        overrides = read_overrides([entry for entry in request.config if not is_config_file(entry)])
        above = (overrides, read_environment(), Layer(request.options, request.caller, os.getcwd()))
        self._above = tuple(layer for layer in above if layer is not None)
        self._named = tuple(layer for path in files for layer in read_chain(os.path.abspath(path)))
        self._searches = not files and not request.isolated
        self._file_of: dict[str, str] = {}
        self._layers: dict[str, Layers] = {NO_FILE: (*self._named, *self._above)}
        self.nested: set[str] = set()

    def file_for(self, folder: str) -> str:
        """Return the configuration file that governs ``folder`` (absolute), empty where none does."""
        if not self._searches:
            return NO_FILE
        passed: list[str] = []
        place = folder
        while place not in self._file_of:
            passed.append(place)
            own, parent = config_in(place), os.path.dirname(place)
            if own is not None or parent == place:
                self._file_of[place] = own or NO_FILE
            else:
                place = parent
        for each in passed:
            self._file_of[each] = self._file_of[place]
        return self._file_of[place]

    def layers(self, file: str) -> Layers:
        """Return what governs the files of a configuration file, the weakest first: file, overrides, options."""
        if file not in self._layers:
            self._layers[file] = (*read_chain(file), *self._above)
        return self._layers[file]

    def layers_for(self, folder: str) -> Layers:
        """Return what governs ``folder``."""
        return self.layers(self.file_for(folder))

    def exclusion_in(self, folder: str) -> Exclusion | None:
        """Return what is left out of ``folder`` and below, where a configuration of its own says so."""
        file = config_in(folder) if self._searches else None
        if file is None:
            return None
        self.nested.add(file)
        return exclusion_of(self.layers(file))


def is_config_file(entry: str) -> bool:
    """Whether a value of ``--config`` is meant as a file: it ends like one, or exists."""
    return "=" not in entry and (entry.endswith(".toml") or os.path.isfile(entry))


def scope_of(
    layers: Sequence[Layer], request: Request, configurations: Configurations | None = None
) -> Scope:
    """Tell discovery what the layers say. The excludes of nested ``configurations`` hold where those lie."""
    src = strongest(layers, "src")
    gitignore = strongest(layers, "respect_gitignore")
    force = strongest(layers, "force_exclude")
    return Scope(
        exclusion_of(layers),
        request.isolated,
        absolute(src.settings.src or (), src.base) if src else (),
        gitignore is None or gitignore.settings.respect_gitignore is True,
        force is not None and force.settings.force_exclude is True,
        configurations.exclusion_in if configurations is not None else None,
    )


def exclusion_of(layers: Sequence[Layer]) -> Exclusion:
    """Return what the layers leave out: the strongest ``exclude`` counts, ``extend-exclude`` adds up."""
    exclude = [(pattern, os.getcwd()) for pattern in DEFAULT_EXCLUDES]
    extended = [(FOLDER, os.getcwd())]  # whatever ``exclude`` says, a cache holds no sources
    for layer in layers:
        settings = layer.settings
        if settings.exclude is not None:
            exclude = [(pattern, layer.base) for pattern in settings.exclude]
        extended += [(pattern, layer.base) for pattern in settings.extend_exclude or ()]
    return Exclusion(exclude + extended)


def missing_sources(layers: Sequence[Layer]) -> tuple[str, ...]:
    """Return what is to be said of entries of ``src`` that are no folders: imports start at none of them."""
    layer = strongest(layers, "src")
    told: list[str] = []
    for written in (layer.settings.src or ()) if layer is not None else ():
        assert layer is not None  # noqa: S101 - there is an entry
        folder = absolute((written,), layer.base)[0]
        if not os.path.isdir(folder):
            told.append(f"{layer.key('src')}: no such folder: '{written}'{_nearest_folder(written, folder)}")
    return tuple(told)


def _nearest_folder(written: str, folder: str) -> str:
    try:
        with os.scandir(os.path.dirname(folder)) as entries:
            names = [entry.name for entry in entries if entry.is_dir()]
    except OSError:
        return ""
    return did_you_mean(written, [os.path.join(os.path.dirname(written), name) for name in names])


def strongest(layers: Sequence[Layer], field: str) -> Layer | None:
    """Return the strongest layer that says something of a setting, or None."""
    return next((layer for layer in reversed(layers) if getattr(layer.settings, field) is not None), None)
