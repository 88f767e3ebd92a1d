"""What the configuration declares of a project, for the rules that ask: owners of variables, Pythons, knowledge.

``target-version`` is ruff's: ``"py310"``, or ``"3.10"``. Without it the lower bound of ``requires-python`` counts: in
the ``pyproject.toml`` beside the configuration; where nothing is configured, in the closest one that says it (both as
in ruff). Without that the target is not known. The upper bound says which Python is the last. An owner's modules and
variables are looked for among the files of the program, so that a misspelled one is told and not silently without
effect.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from ctxlint.model.policy import NO_POLICY, Policy
from ctxlint.shell.config import is_configured
from ctxlint.shell.dotted_names import home, modules_by_name, unmentioned
from ctxlint.shell.layers import folder_of, strongest
from ctxlint.shell.nearest import WrongUsage, did_you_mean
from ctxlint.shell.project import PROJECT_FILE, ancestors

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ctxlint.model.sources import SourceFile
    from ctxlint.shell.config import Layer

_TARGET = re.compile(r"(?:py)?3\.?(?P<minor>\d{1,2})")
# Minor versions: the first Python with contextvars, and the last of which something is known.
_OLDEST, _NEWEST = 7, 15
_REQUIRES = re.compile(r"^\s*requires-python\s*=\s*[\"'](?P<bounds>[^\"']*)[\"']", re.MULTILINE)
_BOUND = re.compile(r"(?P<op>>=|~=|===|==|>|<=|<)\s*3\.(?P<minor>\d+)(?P<patch>\.\d+)?")
_WILD = re.compile(r"[*?\[]")


def policy_of(
    layers: Sequence[Layer],
    paths: Sequence[str],
    files: Sequence[SourceFile],
    read: Callable[[str], bytes],
    *,
    isolated: bool = False,
) -> Policy:
    """Return what the strongest layer declares. ``WrongUsage`` names a key whose value means nothing."""
    owners = strongest(layers, "owners")
    banned = strongest(layers, "banned_hops")
    inherits = strongest(layers, "thread_inherit_context")
    knowledge = strongest(layers, "knowledge")
    bounds = "" if isolated or not paths else required_python(paths[0])
    policy = Policy(
        tuple((owners.settings.owners or {}).items()) if owners is not None else (),
        target_of(layers, paths, isolated=isolated),
        _banned(banned, files, read) if banned is not None else (),
        newest=upper_bound(bounds),
        inherits=inherits.settings.thread_inherit_context if inherits is not None else None,
        knowledge=_knowledge(knowledge) if knowledge is not None else b"",
        task_roots=_functions(layers, "task_roots", files, read),
        entry_points=_functions(layers, "entry_points", files, read),
    )
    if owners is not None and policy.owners:
        _check(owners, files, read)
    return NO_POLICY if policy == NO_POLICY else policy


def _functions(
    layers: Sequence[Layer], field: str, files: Sequence[SourceFile], read: Callable[[str], bytes]
) -> tuple[str, ...]:
    """The patterns of functions that a key lists. A name without wildcards must be in a module of the program."""
    layer = strongest(layers, field)
    patterns: tuple[str, ...] = getattr(layer.settings, field) if layer is not None else ()
    if layer is None or not patterns:
        return ()
    by_name = modules_by_name(files)
    for pattern in patterns:
        if _WILD.search(pattern):
            continue
        path, rest = home(pattern, by_name)
        missing: str | None = pattern
        words: list[str] = []
        if path is not None:
            missing, words = unmentioned(rest, read(path).decode(errors="replace"))
        if missing is not None:
            known = [*words, *by_name, *(name.rpartition(".")[2] for name in by_name)]
            key = layer.key(field.replace("_", "-"))
            raise WrongUsage(f"{key}: unknown function '{pattern}'{did_you_mean(missing, sorted(known))}")
    return patterns


def _banned(layer: Layer, files: Sequence[SourceFile], read: Callable[[str], bytes]) -> tuple[str, ...]:
    from ctxlint.shell.banned import checked  # noqa: PLC0415 - few projects ban some

    return checked(layer, files, read)


def _knowledge(layer: Layer) -> bytes:
    from ctxlint.shell.knowledge import checked  # noqa: PLC0415 - few projects add some

    return checked(layer)


def target_of(layers: Sequence[Layer], paths: Sequence[str], *, isolated: bool) -> tuple[int, int] | None:
    """Return the oldest Python that is declared, or None."""
    named = strongest(layers, "target_version")
    if named is not None:
        written = named.settings.target_version or ""
        match = _TARGET.fullmatch(written)
        if match is None or not _OLDEST <= int(match["minor"]) <= _NEWEST:
            raise WrongUsage(
                f"{named.key('target-version')}: no version: {written!r}{_nearest_version(written) or ';'}"
                f' write it as "py310" or "3.10", from py3{_OLDEST} to py3{_NEWEST}'
            )
        return 3, int(match["minor"])
    return None if isolated or not paths else lower_bound(required_python(paths[0]))


def _nearest_version(written: str) -> str:
    """What was meant, spelled as it was written."""
    start = "py3" if "py" in written.lower() or "." not in written else "3."
    return did_you_mean(written, [f"{start}{minor}" for minor in range(_OLDEST, _NEWEST + 1)])


def required_python(path: str) -> str:
    """Return ``requires-python`` for a path, as it is written: of the closest ``pyproject.toml`` that says it, up to
    the configuration around it and no farther than its checkout; empty where there is none.
    """
    for place in ancestors(folder_of(path)):
        project = os.path.join(place, PROJECT_FILE)
        found = _REQUIRES.search(_text(project)) if os.path.isfile(project) else None
        if found is not None:
            return found["bounds"]
        if is_configured(place) or os.path.lexists(os.path.join(place, ".git")):
            break
    return ""


def _text(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as stream:
            return stream.read()
    except (OSError, UnicodeDecodeError):
        return ""


def lower_bound(bounds: str) -> tuple[int, int] | None:
    """Return the oldest Python that version specifiers allow, or None where they do not say."""
    lowest: list[int] = []
    below: list[int] = []
    for match in _BOUND.finditer(bounds):
        minor = int(match["minor"])
        if match["op"] == "<":
            below.append(minor - 1)
        elif match["op"] == "<=":
            below.append(minor)
        else:
            lowest.append(minor)
    if lowest:
        return 3, max(lowest)
    return (3, min(below)) if below else None


def upper_bound(bounds: str) -> tuple[int, int] | None:
    """Return the newest Python that version specifiers allow, or None where they do not say (``<3.13.2``: 3.13)."""
    highest: list[int] = []
    for match in _BOUND.finditer(bounds):
        patch = match["patch"] or ""
        if match["op"] in ("<=", "==", "===") or (match["op"] == "~=" and patch):
            highest.append(int(match["minor"]))
        elif match["op"] == "<":
            highest.append(int(match["minor"]) - (not patch.strip(".0")))
    return (3, min(highest)) if highest else None


# --- owners --------------------------------------------------------------------------------------------------


def _check(layer: Layer, files: Sequence[SourceFile], read: Callable[[str], bytes]) -> None:
    by_name = modules_by_name(files)
    packages = {name.rpartition(".")[0] for name in by_name}
    for variable, modules in (layer.settings.owners or {}).items():
        key = layer.key("owners", variable)
        for module in modules:
            if module not in by_name and not any(
                name.startswith(f"{module}.") for name in packages | by_name.keys()
            ):
                raise WrongUsage(f"{key}: unknown module '{module}'{did_you_mean(module, sorted(by_name))}")
        path, rest = home(variable, by_name)
        if path is None:
            raise WrongUsage(
                f"{key}: unknown variable '{variable}': no module of the program begins its name"
            )
        missing, words = unmentioned(rest, read(path).decode(errors="replace"))
        if missing is not None:
            raise WrongUsage(f"{key}: unknown variable '{variable}'{did_you_mean(missing, words)}")
