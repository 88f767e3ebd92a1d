"""A program by the configurations inside it: what each declares, and which codes it shows in its files.

What is linked is one program. It is judged as often as its configurations declare something else of it, each time for
the files of some of them; mostly once.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from ctxlint.shell.choice import Choice, by_file
from ctxlint.shell.layers import folder_of
from ctxlint.shell.policy import policy_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ctxlint.model.policy import Policy
    from ctxlint.model.sources import SourceFile
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
    files: tuple[SourceFile, ...],
    paths: Sequence[str],
    layers: Layers,
    configurations: Configurations,
    read: Callable[[str], bytes],
) -> list[Part]:
    """Return the program of ``paths``, which begins under ``layers``, in its parts: at least one."""
    own = Choice(layers)
    roots = dict.fromkeys(configurations.program_of(folder_of(path)) for path in paths)
    policies = {root: _declared(root, layers, files, configurations, read) for root in roots}
    policy = next(iter(policies.values()))
    if not configurations.nested:
        codes_in = None if own.is_uniform else by_file(files, lambda _path: own)
        shares = _by_project(policies, files)
        if len(shares) <= 1:
            return [Part(next(iter(shares), policy), files, own.codes, codes_in)]
        return [
            Part(each, _reporting(files, reported), own.codes, codes_in) for each, reported in shares.items()
        ]
    by_config: dict[str, list[SourceFile]] = {}
    for file in files:
        if file.reported:
            by_config.setdefault(configurations.file_for(os.path.dirname(file.path)), []).append(file)
    choices: dict[str, Choice] = {}
    by_policy: dict[Policy, set[str]] = {policy: set()}
    for config, members in by_config.items():
        governing = configurations.layers(config)
        choices[config] = Choice(governing)
        declared = policy
        if governing is not layers:
            declared = _declared(os.path.dirname(config), governing, files, configurations, read)
        by_policy.setdefault(declared, set()).update(file.path for file in members)

    def choice(path: str) -> Choice:
        return choices.get(configurations.file_for(os.path.dirname(path)), own)

    codes = own.codes.union(*(each.codes for each in choices.values()))
    return [
        Part(declared, _reporting(files, reported), codes, by_file(files, choice))
        for declared, reported in by_policy.items()
        if reported or len(by_policy) == 1
    ]


def _by_project(
    policies: Mapping[str | None, Policy], files: tuple[SourceFile, ...]
) -> dict[Policy, set[str]]:
    """Part the reported files by what the projects that they lie in declare; those of no project go with the first."""
    first = next(iter(policies.values()))
    found: dict[Policy, set[str]] = {}
    for file in files if len(policies) > 1 else ():
        if not file.reported:
            continue
        around = [root for root in policies if root and file.path.startswith(os.path.join(root, ""))]
        declared = policies[max(around, key=len)] if around else first
        found.setdefault(declared, set()).add(file.path)
    return found


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
