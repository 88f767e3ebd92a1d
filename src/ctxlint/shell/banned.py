"""The callables of ``banned-hops``: what nothing can ever be called is told.

A dotted name may be anything that the program imports, so only what can be known is asked: whether it is a dotted name,
whether the module of the program that begins it mentions the rest, and whether it is a known callable misspelt.
"""

from __future__ import annotations

import keyword
import re
from typing import TYPE_CHECKING

from ctxlint.knowledge.hops import with_libraries
from ctxlint.shell.dotted_names import home, modules_by_name, unmentioned
from ctxlint.shell.nearest import WrongUsage, did_you_mean, nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ctxlint.model.sources import SourceFile
    from ctxlint.shell.config import Layer

_STAR = re.compile(r"import\s*\(?\s*\*")


def checked(layer: Layer, files: Sequence[SourceFile], read: Callable[[str], bytes]) -> tuple[str, ...]:
    """Return the names that the layer bans. ``WrongUsage`` names one that nothing can have."""
    names = tuple(layer.settings.banned_hops or ())
    known = sorted({_plain(name) for row in with_libraries().rows for name in row.callables} if names else ())
    key = layer.key("banned-hops")
    for name in names:
        if not _is_dotted(name):
            hint = did_you_mean(name.strip(), known) if name.strip() else ""
            raise WrongUsage(f'{key}: no dotted name: {name!r}{hint or ";"} write it as "threading.Thread"')
    by_name: dict[str, str] = {}
    for name in names:
        if name in known:
            continue
        by_name = by_name or modules_by_name(files)
        path, rest = home(name, by_name)
        if path is not None:
            content = read(path).decode(errors="replace")
            missing, words = unmentioned(rest, content)
            if missing is not None and not _STAR.search(content):
                raise WrongUsage(f"{key}: unknown callable '{name}'{did_you_mean(missing, words)}")
        elif (meant := _misspelt(name, known)) is not None:
            raise WrongUsage(f"{key}: unknown callable '{name}' — did you mean '{meant}'?")
    return names


def _is_dotted(name: str) -> bool:
    """Whether it is a module's name and something in it: without a module nobody knows which callable is meant."""
    parts = name.split(".")
    return len(parts) > 1 and all(part.isidentifier() and not keyword.iskeyword(part) for part in parts)


def _misspelt(name: str, known: list[str]) -> str | None:
    """Return the known callable of the same module that is one or two letters away. What a library has in some version,
    on some platform, is not known: any other name is taken on trust.
    """
    module, _, last = name.rpartition(".")
    lasts = [each.rpartition(".")[2] for each in known if each.rpartition(".")[0] == module]
    found = nearest(last, lasts, cutoff=0.8)
    return f"{module}.{found}" if found is not None else None


def _plain(name: str) -> str:
    """The name as people write it: without the brackets of what makes an instance."""
    return name.replace("()", "")
