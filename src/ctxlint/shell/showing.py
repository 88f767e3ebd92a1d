"""``--show-files`` and ``--show-settings``: what a run would look at, and by which settings. Nothing is checked."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, cast

from ctxlint.shell.choice import Choice
from ctxlint.shell.layers import NO_FILE, folder_of, is_below, source_folders, strongest
from ctxlint.shell.policy import target_of
from ctxlint.shell.project import default_roots
from ctxlint.shell.session import found_by, memory_folder
from ctxlint.shell.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctxlint.shell.layers import Layers
    from ctxlint.shell.session import Plan

# What a whole run has, or a whole program: where it begins it is said.
_OF_PROGRAM = frozenset({"output_format", "cache_dir", "respect_gitignore"})
_ADD_UP = frozenset({"extend", "extend_exclude", "extend_select", "extend_ignore"})


def files_of(plan: Plan) -> str:
    """Return the files that a run would report on, a path in a row, in their order."""
    paths = {file.path for _, _, found in found_by(plan) for file in found.files if file.reported}
    return "".join(f"{path}\n" for path in sorted(paths))


def settings_of(plan: Plan) -> str:
    """Return the settings that govern the paths as TOML, each with its origin: project by project."""
    shown: list[str] = []
    for layers, paths, found in found_by(plan):
        alike: dict[tuple[str, str | None], list[str]] = {}
        for path in paths:
            folder = folder_of(path)
            root = None if plan.request.isolated else plan.configurations.program_of(folder)
            alike.setdefault((plan.configurations.file_for(folder), root), []).append(path)
        cache = None if plan.request.no_cache else memory_folder(plan, layers, paths)
        for (file, root), given in alike.items():
            inner = found.projects if file == NO_FILE and not plan.request.isolated else ()
            shown.append(_group(layers, file, root, given, plan, cache, inner))
    return "\n".join(shown)


def _group(  # noqa: PLR0913, PLR0917 - what the rows say
    of_program: Layers,
    file: str,
    root: str | None,
    paths: Sequence[str],
    plan: Plan,
    cache: str | None,
    projects: Sequence[str],
) -> str:
    """The settings of paths that a configuration file governs, in the program under ``of_program`` that begins at
    ``root`` and uses ``cache``. ``projects`` may declare Pythons of their own.
    """
    layers = plan.configurations.layers(file)
    files = [layer.origin for layer in layers if layer.text]
    rows = [
        f"# {', '.join(paths)}",
        f"# configuration: {', '.join(files) or 'none'}",
        f"# project: {root or 'none'}",
    ]
    for field in Settings.__struct_fields__:
        said = _values(of_program if field in _OF_PROGRAM else layers, field)
        rows += [f"{_key(field)} = {value}  # {origin}" for value, origin in said]
    rows.append("")
    rows.append("# What follows from them and from the defaults:")
    declaring = root if layers is of_program else os.path.dirname(file)
    if strongest(layers, "src") is None and root is not None:
        rows.append(f"#   src: {', '.join(_starts(root, declaring, of_program))}")
    own = _target(layers, declaring, plan)
    rows.append(f"#   target-version: {own}")
    tops = [folder_of(path) for path in paths]
    for project in projects:
        target = _target(layers, project, plan)
        free = plan.configurations.file_for(project) == file and any(is_below(project, top) for top in tops)
        if free and target != own:
            rows.append(f"#   target-version in {os.path.relpath(project)}: {target}")
    rows.append(f"#   cache-dir: {cache or 'none'}")
    codes = sorted(code for code in Choice(layers).codes if not code.endswith("+"))
    rows.append(f"#   rules: {', '.join(codes)}")
    return "\n".join(rows) + "\n"


def _target(layers: Layers, folder: str | None, plan: Plan) -> str:
    target = target_of(layers, (folder,) if folder else (), isolated=plan.request.isolated)
    return "unknown" if target is None else "py" + "".join(map(str, target))


def _starts(root: str, declaring: str | None, of_program: Layers) -> dict[str, None]:
    """Where imports start below ``declaring`` without a ``src`` of its own, as the walk finds it."""
    is_package = declaring is None or os.path.isfile(os.path.join(declaring, "__init__.py"))
    own = () if declaring is None or is_package else default_roots(declaring)
    return dict.fromkeys((*own, *(source_folders(of_program) or default_roots(root))))


def _values(layers: Layers, field: str) -> list[tuple[str, str]]:
    """The values of a key that count, as TOML, each with its place; of those that add up, all."""
    said = [layer for layer in layers if getattr(layer.settings, field) is not None]
    counted = said if field in _ADD_UP else said[-1:]
    return [(_toml(getattr(layer.settings, field)), layer.key(_key(field))) for layer in counted]


def _key(field: str) -> str:
    return field.replace("_", "-")


def _toml(value: object) -> str:
    if isinstance(value, dict):
        table = cast("dict[str, object]", value)
        return "{" + ", ".join(f"{json.dumps(key)} = {_toml(each)}" for key, each in table.items()) + "}"
    if isinstance(value, (tuple, list)):
        return "[" + ", ".join(map(_toml, cast("tuple[object, ...]", value))) + "]"
    return json.dumps(value, ensure_ascii=False)
