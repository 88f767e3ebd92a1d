"""One run: the programs of the given paths, the configurations that govern them, the engine, one report.

Paths of programs under different configurations are judged each under its own, and the reports are joined; what is
configured inside a program is told apart by file (``parts.py``). This is the one place where settings, discovery,
selection and the engine meet; all doors use it.
"""

from __future__ import annotations

import os
import sys
from contextlib import nullcontext
from typing import TYPE_CHECKING, NamedTuple

from ctxlint import __version__, engine
from ctxlint.model.diagnostics import Report, Statistics
from ctxlint.shell.choice import Choice
from ctxlint.shell.config import cache_dir_of
from ctxlint.shell.discovery import discover, require_existing
from ctxlint.shell.layers import Configurations, Request, folder_of, missing_sources, scope_of, strongest
from ctxlint.shell.memory import FOLDER, Memory, caches_below, is_cache
from ctxlint.shell.nearest import WrongUsage
from ctxlint.shell.notebooks import by_cell, reading
from ctxlint.shell.own import own_digest
from ctxlint.shell.parts import parts_of
from ctxlint.shell.raw import read_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from ctxlint.shell.discovery import Discovery
    from ctxlint.shell.layers import Layers

    Progress = Callable[[str, int, int], None]


class Plan(NamedTuple):
    """A request with its configurations read: the paths of programs that begin under one configuration, with its
    layers. What is configured below the beginning of a program is asked of ``configurations``, by file.
    """

    request: Request
    configurations: Configurations
    groups: tuple[tuple[Layers, tuple[str, ...]], ...]

    def output_format(self) -> tuple[str, str] | None:
        """Return the strongest ``output-format`` and how a message names it; of several programs, that of the first
        path.
        """
        layer = strongest(self.groups[0][0], "output_format") if self.groups else None
        written = layer.settings.output_format if layer else None
        return None if layer is None or written is None else (written, layer.key("output-format"))


class Outcome(NamedTuple):
    """The joined report, what discovery could not see, and why a cache was of no use. ``files`` are those that it
    speaks for, by absolute path, and ``codes`` what was shown in some of them.
    """

    report: Report
    warnings: tuple[str, ...]
    notes: tuple[str, ...] = ()
    files: frozenset[str] = frozenset()
    codes: frozenset[str] = frozenset()

    @property
    def checked(self) -> int:
        """How many files the report speaks for."""
        return len(self.files)


def reader(overlay: Mapping[str, bytes]) -> Callable[[str], bytes]:
    """Return what reads a path: from ``overlay`` where it has it, else from the disk; a notebook as a module."""
    return reading(raw_reader(overlay))


def raw_reader(overlay: Mapping[str, bytes]) -> Callable[[str], bytes]:
    """Return what reads a path as it is."""
    return (lambda path: overlay[path] if path in overlay else read_bytes(path)) if overlay else read_bytes


def plan(request: Request) -> Plan:
    """Find and read the configuration of every path. Wrong usage is told here, before any source is read."""
    configurations = Configurations(request)
    groups: dict[str, list[str]] = {}
    require_existing([path for path in request.paths if os.path.abspath(path) not in request.overlay])
    for path in request.paths:
        folder = folder_of(path)
        own = configurations.file_for(folder)
        file = configurations.file_for(configurations.program_of(folder) or folder)
        if own != file:
            configurations.nested.add(own)
        groups.setdefault(file, []).append(path)
    if not request.no_cache:
        for file in groups:
            cache_dir_of(configurations.layers(file))
    found = tuple((configurations.layers(file), tuple(paths)) for file, paths in groups.items())
    return Plan(request, configurations, found)


def run(plan: Plan, progress: Progress | None = None, *, apply_noqa: bool = True) -> Outcome:
    """Check what was planned. Wrong usage is told before anything is read. ``apply_noqa`` False leaves ``# noqa`` to
    the door that asks.
    """
    for layers, _paths in plan.groups:
        Choice(layers)
    outcomes = [
        _run_group(paths, layers, plan, progress, apply_noqa=apply_noqa) for layers, paths in plan.groups
    ]
    return outcomes[0] if len(outcomes) == 1 else _joined(outcomes)


def run_around(planned: Plan) -> Outcome | None:
    """Check the projects of the planned paths, whole; None where there is none, where the paths are all of it, or
    where it cannot be checked.
    """
    request = planned.request
    found = map(planned.configurations.program_of, map(folder_of, request.paths))
    roots = tuple(dict.fromkeys(root for root in found if root is not None))
    if request.isolated or set(roots) <= set(map(os.path.abspath, request.paths)):
        return None
    try:
        outcome = run(plan(request._replace(paths=roots)))
    except WrongUsage:  # of a configuration that lies elsewhere
        return None
    return None if outcome.report.failures else outcome


def found_by(plan: Plan) -> Iterator[tuple[Layers, tuple[str, ...], Discovery]]:
    """Yield each group of a plan with its files."""
    for layers, paths in plan.groups:
        scope = scope_of(layers, plan.request, plan.configurations)
        yield layers, paths, discover(paths, scope, plan.request.overlay)


def memory_folder(plan: Plan, layers: Layers, paths: Sequence[str]) -> str | None:
    """Return where the cache of a group is: as the layers say, else where the first program of a path begins.

    None where neither is: a folder that is no project is not littered.
    """
    named = cache_dir_of(layers)
    if named is not None:
        return named
    root = next(filter(None, map(plan.configurations.program_of, map(folder_of, paths))), None)
    return os.path.join(root, FOLDER) if root else None


def memory_for(plan: Plan, layers: Layers, paths: Sequence[str]) -> Memory | None:
    """Return the memory of a group, to be closed; None with ``--no-cache`` or without a place for it."""
    folder = None if plan.request.no_cache else memory_folder(plan, layers, paths)
    return None if folder is None else Memory.open(folder, _version)


def caches_of(paths: Sequence[str]) -> list[str]:
    """Folders of the caches that a check of ``paths`` would use, and of those below them."""
    planned = plan(Request(tuple(paths)))
    used = [memory_folder(planned, layers, members) for layers, members in planned.groups]
    below = [folder for path in paths for folder in caches_below(os.path.abspath(path))]
    return sorted({folder for folder in used if folder and is_cache(folder)} | set(below))


def _version() -> str:
    """What an entry depends on besides a file's bytes."""
    from ctxlint.model.facts import READER_VERSION  # noqa: PLC0415 - a run without candidates knows no facts

    return f"{READER_VERSION} {__version__} {sys.version_info[0]}.{sys.version_info[1]}"


def _run_group(
    paths: Sequence[str], layers: Layers, plan: Plan, progress: Progress | None, *, apply_noqa: bool
) -> Outcome:
    request = plan.request
    read = reader(request.overlay)
    found = discover(paths, scope_of(layers, request, plan.configurations), request.overlay)
    parts = parts_of(found, paths, layers, plan.configurations, read)
    with memory_for(plan, layers, paths) or nullcontext() as memory:
        reports = [
            engine.check(
                part.files,
                read,
                part.codes,
                progress,
                apply_noqa=apply_noqa,
                memory=memory,
                policy=part.policy,
                codes_in=part.codes_in,
                made_by=own_digest,
            )
            for part in parts
        ]
    reports = [by_cell(report, raw_reader(request.overlay)) for report in reports]
    if found.unlisted:
        from ctxlint.shell.unlisted import with_unlisted  # noqa: PLC0415 - rare

        def codes_in(path: str) -> frozenset[str]:
            return Choice(plan.configurations.layers_for(path)).codes_in(path)

        reports[0] = with_unlisted(reports[0], found.unlisted, codes_in)
    notes = tuple(memory.notes) if memory else ()
    closest = dict.fromkeys(map(plan.configurations.file_for, map(folder_of, paths)))
    governing = (layers, *map(plan.configurations.layers, closest))
    missing = tuple(dict.fromkeys(warning for each in governing for warning in missing_sources(each)))
    outcomes = [
        Outcome(
            report,
            (*missing, *found.warnings),
            notes,
            frozenset(file.path for file in part.files if file.reported),
            part.codes,
        )
        for part, report in zip(parts, reports, strict=True)
    ]
    return outcomes[0] if len(outcomes) == 1 else _joined(outcomes)


def _joined(outcomes: Sequence[Outcome]) -> Outcome:
    """Several runs as one; what two of them say alike is said once."""
    reports = [outcome.report for outcome in outcomes]
    diagnostics = dict.fromkeys(entry for report in reports for entry in report.diagnostics)
    texts: dict[str, str] = {}
    cells: dict[str, tuple[tuple[int, int], ...]] = {}
    for report in reports:
        texts |= report.texts
        cells |= report.cells
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
            cells,
        ),
        tuple(dict.fromkeys(warning for outcome in outcomes for warning in outcome.warnings)),
        tuple(dict.fromkeys(note for outcome in outcomes for note in outcome.notes)),
        frozenset().union(*(outcome.files for outcome in outcomes)),
        frozenset().union(*(outcome.codes for outcome in outcomes)),
    )
