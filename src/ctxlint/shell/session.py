"""One run: the configurations of the given paths, the programs they govern, the engine, one report.

Paths under different configurations are judged each under its own, and the reports are joined. This is the
one place where settings, discovery, selection and the engine meet; both doors, the command line and flake8,
use it.
"""

from __future__ import annotations

import io
import os
import sys
from contextlib import nullcontext
from typing import TYPE_CHECKING, NamedTuple

from ctxlint import __version__, engine
from ctxlint.model.diagnostics import Report, Statistics
from ctxlint.rules.registry import all_rules
from ctxlint.shell.config import (
    Layer,
    Settings,
    absolute,
    cache_dir_of,
    find_config,
    read_config,
    read_environment,
    read_overrides,
)
from ctxlint.shell.discovery import Scope, discover, require_existing
from ctxlint.shell.memory import FOLDER, Memory, caches_below, is_cache
from ctxlint.shell.patterns import DEFAULT_EXCLUDES, Exclusion
from ctxlint.shell.policy import policy_of
from ctxlint.shell.project import project_root
from ctxlint.shell.selection import Wish, select_codes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from ctxlint.model.sources import SourceFile

    Progress = Callable[[str, int, int], None]


class Request(NamedTuple):
    """What the user asks for. ``options`` holds the command line's own settings, over those of any file."""

    paths: tuple[str, ...]
    options: Settings = Settings()
    config: tuple[str, ...] = ()
    isolated: bool = False
    force_exclude: bool = False
    no_cache: bool = False


class Plan(NamedTuple):
    """A request with its configurations read: which layers govern which of its paths."""

    request: Request
    groups: tuple[tuple[tuple[Layer, ...], tuple[str, ...]], ...]

    def output_format(self) -> str | None:
        """Return the strongest ``output-format``; of several configurations, that of the first path."""
        layers = self.groups[0][0] if self.groups else ()
        chosen = [layer.settings.output_format for layer in layers if layer.settings.output_format]
        return chosen[-1] if chosen else None


class Outcome(NamedTuple):
    """The joined report, how many files it speaks for, what discovery could not see, and why a cache was of no use."""

    report: Report
    checked: int
    warnings: tuple[str, ...]
    notes: tuple[str, ...] = ()


class Judged(NamedTuple):
    """A program and its report."""

    files: tuple[SourceFile, ...]
    report: Report


def layers_for(folder: str, request: Request) -> tuple[Layer, ...]:
    """Return what governs ``folder``, the weakest first: file, ``--config KEY=VALUE``, environment, options."""
    files = [entry for entry in request.config if is_config_file(entry)]
    overrides = read_overrides([entry for entry in request.config if not is_config_file(entry)])
    found = [os.path.abspath(path) for path in files]
    if not files and not request.isolated:
        own = find_config(folder)
        found = [own] if own else []
    layers = [read_config(path) for path in found]
    layers += [layer for layer in (overrides, read_environment()) if layer is not None]
    return (*layers, Layer(request.options, "", os.getcwd()))


def is_config_file(entry: str) -> bool:
    """Whether a value of ``--config`` is meant as a file: it ends like one, or exists."""
    return "=" not in entry and (entry.endswith(".toml") or os.path.isfile(entry))


def scope_of(layers: Sequence[Layer], request: Request) -> Scope:
    """Tell discovery what the layers say: the strongest counts for each key, ``extend-exclude`` adds up."""
    exclude = [(pattern, os.getcwd()) for pattern in DEFAULT_EXCLUDES]
    extended = [(FOLDER, os.getcwd())]  # whatever ``exclude`` says, a cache holds no sources
    src: tuple[str, ...] = ()
    respect_gitignore = True
    for layer in layers:
        settings = layer.settings
        if settings.exclude is not None:
            exclude = [(pattern, layer.base) for pattern in settings.exclude]
        extended += [(pattern, layer.base) for pattern in settings.extend_exclude or ()]
        if settings.src is not None:
            src = absolute(settings.src, layer.base)
        if settings.respect_gitignore is not None:
            respect_gitignore = settings.respect_gitignore
    return Scope(
        Exclusion(exclude + extended), request.isolated, src, respect_gitignore, request.force_exclude
    )


def wish_of(layer: Layer) -> Wish:
    """Return the selectors of one layer."""
    settings = layer.settings
    origin = f"{layer.origin.replace('{', '{{').replace('}', '}}')}: {{key}}" if layer.origin else "--{key}"
    return Wish(settings.select, settings.ignore or (), settings.extend_select or (), origin)


def read_bytes(path: str) -> bytes:
    """Return the bytes of a file, without a buffer between."""
    with io.FileIO(path) as file:
        return file.readall()


def plan(request: Request) -> Plan:
    """Find and read the configuration of every path. Wrong usage is told here, before any source is read."""
    groups: dict[tuple[Layer, ...], list[str]] = {}
    known: dict[str, tuple[Layer, ...]] = {}
    for path in require_existing(request.paths):
        place = os.path.abspath(path)
        folder = place if os.path.isdir(place) else os.path.dirname(place)
        if folder not in known:
            known[folder] = layers_for(folder, request)
        groups.setdefault(known[folder], []).append(path)
    if not request.no_cache:
        for layers in groups:
            cache_dir_of(layers)
    return Plan(request, tuple((layers, tuple(paths)) for layers, paths in groups.items()))


def run(plan: Plan, progress: Progress | None = None) -> Outcome:
    """Check what was planned. Wrong usage is told before anything is read."""
    known = {layers: select_codes(all_rules(), map(wish_of, layers)) for layers, _paths in plan.groups}
    outcomes = [
        _run_group(paths, layers, plan.request, known[layers], progress) for layers, paths in plan.groups
    ]
    return outcomes[0] if len(outcomes) == 1 else _joined(outcomes)


def judge(paths: Sequence[str], codes: frozenset[str], overlay: Mapping[str, bytes]) -> Iterator[Judged]:
    """Judge the programs of ``paths`` for a door that selects and suppresses by itself.

    ``overlay`` holds the bytes of files, by absolute path, that stand in for what the disk has; they need not
    be on the disk at all.
    """
    request = Request(tuple(paths))
    existing = [path for path in paths if path not in overlay or os.path.exists(path)]
    groups = plan(request._replace(paths=tuple(existing))).groups
    missing = [path for path in paths if path not in existing]
    for layers, members in (
        *groups,
        *((layers_for(os.path.dirname(path), request), (path,)) for path in missing),
    ):
        files = discover(members, scope_of(layers, request), overlay).files

        def read(path: str) -> bytes:
            return overlay[path] if path in overlay else read_bytes(path)

        with memory_for(members, layers, request) or nullcontext() as memory:
            policy = policy_of(layers, members, files, read, isolated=request.isolated)
            report = engine.check(files, read, codes, apply_noqa=False, memory=memory, policy=policy)
        yield Judged(files, report)


def memory_folder(paths: Sequence[str], layers: Sequence[Layer]) -> str | None:
    """Return where the cache of a run over ``paths`` is: as the layers say, else in the first project of a path.

    None where neither is: a folder that is no project is not littered.
    """
    named = cache_dir_of(layers)
    if named is not None:
        return named
    places = map(os.path.abspath, paths)
    folders = dict.fromkeys(place if os.path.isdir(place) else os.path.dirname(place) for place in places)
    root = next(filter(None, map(project_root, folders)), None)
    return os.path.join(root, FOLDER) if root else None


def memory_for(paths: Sequence[str], layers: Sequence[Layer], request: Request) -> Memory | None:
    """Return the memory of a run over ``paths``, to be closed; None with ``--no-cache`` or without a place for it."""
    folder = None if request.no_cache else memory_folder(paths, layers)
    return None if folder is None else Memory.open(folder, _version)


def caches_of(paths: Sequence[str]) -> list[str]:
    """Folders of the caches that a check of ``paths`` would use, and of those below them."""
    groups = plan(Request(tuple(paths))).groups
    used = [memory_folder(members, layers) for layers, members in groups]
    below = [folder for path in paths for folder in caches_below(os.path.abspath(path))]
    return sorted({folder for folder in used if folder and is_cache(folder)} | set(below))


def _version() -> str:
    """What an entry depends on besides a file's bytes."""
    from ctxlint.model.facts import READER_VERSION  # noqa: PLC0415 - a run without candidates knows no facts

    return f"{READER_VERSION} {__version__} {sys.version_info[0]}.{sys.version_info[1]}"


def _run_group(
    paths: Sequence[str],
    layers: tuple[Layer, ...],
    request: Request,
    selected: frozenset[str],
    progress: Progress | None,
) -> Outcome:
    found = discover(paths, scope_of(layers, request))
    policy = policy_of(layers, paths, found.files, read_bytes, isolated=request.isolated)
    with memory_for(paths, layers, request) or nullcontext() as memory:
        report = engine.check(found.files, read_bytes, selected, progress, memory=memory, policy=policy)
    notes = tuple(memory.notes) if memory else ()
    return Outcome(report, sum(file.reported for file in found.files), found.warnings, notes)


def _joined(outcomes: Sequence[Outcome]) -> Outcome:
    """Several runs as one; what two of them say alike is said once."""
    reports = [outcome.report for outcome in outcomes]
    diagnostics = dict.fromkeys(entry for report in reports for entry in report.diagnostics)
    texts: dict[str, str] = {}
    for report in reports:
        texts |= report.texts
    totals = [
        sum(getattr(report.statistics, field) for report in reports) for field in Statistics.__struct_fields__
    ]
    return Outcome(
        Report(
            tuple(sorted(diagnostics, key=lambda entry: (entry.location, entry.code))),
            sum(report.hidden for report in reports),
            tuple(dict.fromkeys(failure for report in reports for failure in report.failures)),
            Statistics(*totals),
            texts,
        ),
        sum(outcome.checked for outcome in outcomes),
        tuple(dict.fromkeys(warning for outcome in outcomes for warning in outcome.warnings)),
        tuple(dict.fromkeys(note for outcome in outcomes for note in outcome.notes)),
    )
