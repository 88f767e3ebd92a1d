"""Which configuration governs which file: the closest one, with what it extends and what the options say; and which
program a file belongs to.

Each file is governed by its own closest configuration, as in ruff; one that lies nested inside another governs what is
below it. ``--config FILE`` governs everything, and in isolation no file does.

A program begins at the outermost configured folder above a file, up to the root of its git checkout, whichever
paths are given; without one, where ``project.py`` says. A folder whose walk leaves the file's project out is no
beginning of it: what it excludes, git ignores, a link or its ``src`` keeps away.
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
from ctxlint.shell.nearest import WrongUsage, did_you_mean
from ctxlint.shell.patterns import DEFAULT_EXCLUDES, Exclusion
from ctxlint.shell.project import ancestors, project_root
from ctxlint.shell.settings import Settings
from ctxlint.shell.walk import Inner, is_ignored

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

    ``nested`` are those that lie below the beginning of a program, as far as a walk has met them or a given path lies
    below them.
    """

    def __init__(self, request: Request) -> None:
        """Read what holds for every file. ``WrongUsage`` as ``read_chain`` and ``read_overrides`` tell it."""
        files = [entry for entry in request.config if is_config_file(entry)]
        overrides = read_overrides([entry for entry in request.config if not is_config_file(entry)])
        above = (overrides, read_environment(), Layer(request.options, request.caller, os.getcwd()))
        self._above = tuple(layer for layer in above if layer is not None)
        self._named = tuple(layer for path in files for layer in read_chain(os.path.abspath(path)))
        self.isolated = request.isolated
        self._searches = not files and not request.isolated
        self._file_of: dict[str, str] = {}
        self._layers: dict[str, Layers] = {NO_FILE: (*self._named, *self._above)}
        self._exclusions: dict[str, Exclusion] = {}
        self._programs: dict[str, str | None] = {}
        self._own: dict[str, str | None] = {}
        self._reaching: dict[str, list[str]] = {}
        self.nested: set[str] = set()

    def file_for(self, folder: str) -> str:
        """Return the configuration file that governs ``folder`` (absolute), empty where none does."""
        if not self._searches:
            return NO_FILE
        passed: list[str] = []
        place = folder
        while place not in self._file_of:
            passed.append(place)
            own, parent = self._config_in(place), os.path.dirname(place)
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

    def inner_in(self, folder: str) -> Inner | None:
        """Return what a configuration that lies in ``folder`` itself says of it and what is below, or None."""
        file = self._config_in(folder) if self._searches else None
        if file is None:
            return None
        self.nested.add(file)
        return Inner(self.exclusion_in(folder), source_folders(self.layers(file)))

    def exclusion_in(self, folder: str) -> Exclusion:
        """Return what is left out of ``folder``."""
        file = self.file_for(folder)
        if file not in self._exclusions:
            self._exclusions[file] = exclusion_of(self.layers(file))
        return self._exclusions[file]

    def program_of(self, folder: str) -> str | None:
        """Return the folder at which the program of ``folder`` begins, or None. In isolation: its project."""
        if folder not in self._programs:
            project = project_root(folder)
            tops = self._tops(project) if project is not None and not self.isolated else ()
            leading = (top for top in tops if self._leads_to(folder, top))
            self._programs[folder] = next(leading, project)
        return self._programs[folder]

    def is_forced_out(self, path: str) -> bool:
        """Whether ``path`` is left out though it is given: its configuration says ``force-exclude``, and an exclude
        means it or a folder above it.
        """
        folder = folder_of(path)
        force = strongest(self.layers_for(folder), "force_exclude")
        if force is None or not force.settings.force_exclude:
            return False
        project = None if self.isolated else project_root(folder)
        if project is not None:
            return self._excludes(path, [project, *self._configured_above(project)][-1])
        here = os.getcwd()
        return self._excludes(path, here if is_below(path, here) else os.path.dirname(path))

    def _configured_above(self, project: str) -> list[str]:
        """Which of ``project`` and the folders above it hold a configuration, the innermost first, up to the root of
        the git checkout, and not as far as the user's home: what lies there is no project.
        """
        found: list[str] = []
        home = os.path.expanduser("~")
        for place in ancestors(project):
            if place == home != project:
                break
            if self._is_configured(place):
                found.append(place)
            if os.path.lexists(os.path.join(place, ".git")):
                break
        return found

    def _is_configured(self, folder: str) -> bool:
        try:
            return self._config_in(folder) is not None
        except WrongUsage:  # it means to be one; who reads it tells what is wrong
            return True

    def _config_in(self, folder: str) -> str | None:
        if folder not in self._own:
            self._own[folder] = config_in(folder)
        return self._own[folder]

    def _tops(self, project: str) -> list[str]:
        """The configured folders from which a walk comes to ``project``, the outermost first; ``src`` aside."""
        if project not in self._reaching:
            above = reversed(self._configured_above(project))
            self._reaching[project] = [top for top in above if self._reaches(project, top)]
        return self._reaching[project]

    def _reaches(self, project: str, top: str) -> bool:
        if self._excludes(project, top) or any(map(os.path.islink, _between(project, top))):
            return False
        return not (_respects_gitignore(self.layers_for(top)) and is_ignored(project, top))

    def _leads_to(self, folder: str, top: str) -> bool:
        """Whether the ``src`` of a program at ``top`` leads to ``folder``, or to something below it."""
        src = source_folders(self.layers_for(top))
        return not src or any(is_below(folder, each) or is_below(each, folder) for each in src)

    def _excludes(self, path: str, top: str) -> bool:
        """Whether ``path``, or a folder between it and ``top``, is excluded by what governs the folder around it."""
        return any(
            self.exclusion_in(os.path.dirname(place)).excludes(os.path.basename(place), place)
            for place in _between(path, top)
        )


def is_below(path: str, top: str) -> bool:
    """Whether ``path`` is ``top`` or lies below it."""
    return path == top or path.startswith(os.path.join(top, ""))


def _between(path: str, top: str) -> list[str]:
    """``path`` and the folders above it, as far as they lie below ``top``."""
    above = ancestors(path)
    return above[: above.index(top)] if top in above else above[:-1]


def folder_of(path: str) -> str:
    """Return the absolute folder whose configuration governs a given path: itself, or that of a file."""
    place = os.path.abspath(path)
    return place if os.path.isdir(place) else os.path.dirname(place)


def is_config_file(entry: str) -> bool:
    """Whether a value of ``--config`` is meant as a file: it ends like one, or exists."""
    return "=" not in entry and (entry.endswith(".toml") or os.path.isfile(entry))


def scope_of(
    layers: Sequence[Layer], request: Request, configurations: Configurations | None = None
) -> Scope:
    """Tell discovery what the layers of a program say. Nested ``configurations`` hold where those lie."""
    return Scope(
        exclusion_of(layers),
        request.isolated,
        source_folders(layers),
        _respects_gitignore(layers),
        configurations,
    )


def source_folders(layers: Sequence[Layer]) -> tuple[str, ...]:
    """Return the folders (absolute) of the strongest ``src``, empty where no layer has one."""
    layer = strongest(layers, "src")
    return absolute(layer.settings.src or (), layer.base) if layer is not None else ()


def _respects_gitignore(layers: Sequence[Layer]) -> bool:
    layer = strongest(layers, "respect_gitignore")
    return layer is None or layer.settings.respect_gitignore is True


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
