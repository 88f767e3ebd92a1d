"""A program by the configurations inside it: what each declares, and which codes it shows in its files.

What is linked is one program. It is judged as often as its configurations declare something else of it, each time for
the files of some of them; mostly once.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from ctxlint.shell.choice import Choice, by_file
from ctxlint.shell.layers import NO_FILE, folder_of, is_below
from ctxlint.shell.policy import policy_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ctxlint.model.policy import Policy
    from ctxlint.model.sources import SourceFile
    from ctxlint.shell.discovery import Discovery
    from ctxlint.shell.layers import Configurations, Layers


class Part(NamedTuple):
    """A program under one policy: of its files those are reported that the policy holds for. ``codes`` are shown in
    some of them; ``codes_in`` gives those of a file, by the user's name for it, where files differ.
    """

    policy: Policy
    files: tuple[SourceFile, ...]
    codes: frozenset[str]
    codes_in: Callable[[str], frozenset[str]] | None


def parts_of(
    found: Discovery,
    paths: Sequence[str],
    layers: Layers,
    configurations: Configurations,
    read: Callable[[str], bytes],
) -> list[Part]:
    """Return the program of ``paths``, which begins under ``layers``, in its parts: at least one."""
    files = found.files
    own = Choice(layers)
    roots = tuple(dict.fromkeys(configurations.program_of(folder_of(path)) for path in paths))
    policy = _declared(roots[0], layers, files, configurations, read)
    places = _places(roots, found.projects, configurations, layers)
    if not configurations.nested and len(places) == 1:
        return [Part(policy, files, own.codes, None if own.is_uniform else by_file(files, lambda _: own))]
    by_config: dict[str, list[SourceFile]] = {}
    for file in files:
        if file.reported:
            by_config.setdefault(configurations.file_for(os.path.dirname(file.path)), []).append(file)
    choices = {config: Choice(configurations.layers(config)) for config in by_config}
    policies = {roots[0]: policy}
    by_policy: dict[Policy, set[str]] = {policy: set()}
    for config, members in by_config.items():
        governing = configurations.layers(config)
        if governing is not layers:
            declared = _declared(os.path.dirname(config), governing, files, configurations, read)
            by_policy.setdefault(declared, set()).update(file.path for file in members)
            continue
        for file in members:
            place = _innermost(places, file.path)
            if place not in policies:
                policies[place] = _declared(place, layers, files, configurations, read)
            by_policy.setdefault(policies[place], set()).add(file.path)

    def choice(path: str) -> Choice:
        return choices.get(configurations.file_for(os.path.dirname(path)), own)

    codes = own.codes.union(*(each.codes for each in choices.values()))
    alike = own.is_uniform and all(configurations.layers(config) is layers for config in by_config)
    shown = None if alike else by_file(files, choice)
    return [
        Part(declared, _reporting(files, reported), codes, shown)
        for declared, reported in by_policy.items()
        if reported or len(by_policy) == 1
    ]


def _places(
    roots: tuple[str | None, ...],
    projects: Iterable[str],
    configurations: Configurations,
    layers: Layers,
) -> tuple[str | None, ...]:
    """Return the folders whose project may declare a Python for what is below, the first root first. A configuration
    speaks for all that it governs, with the project beside it; where none does, each project speaks for itself.
    """
    free = layers is configurations.layers(NO_FILE) and not configurations.isolated
    return tuple(dict.fromkeys((*roots, *(projects if free else ()))))


def _innermost(places: Sequence[str | None], path: str) -> str | None:
    """Return the place that lies closest around a file; without one, none of them where that is allowed."""
    around = [place for place in places if place is not None and is_below(path, place)]
    return max(around, key=len) if around else None if None in places else places[0]


def _declared(
    folder: str | None,
    layers: Layers,
    files: Sequence[SourceFile],
    configurations: Configurations,
    read: Callable[[str], bytes],
) -> Policy:
    """What the layers declare for the project at ``folder``."""
    return policy_of(layers, (folder,) if folder else (), files, read, isolated=configurations.isolated)


def _reporting(files: tuple[SourceFile, ...], paths: set[str]) -> tuple[SourceFile, ...]:
    """Return the same program, of which ``paths`` are reported."""
    return tuple(
        file if file.reported is (file.path in paths) else replace(file, reported=file.path in paths)
        for file in files
    )
