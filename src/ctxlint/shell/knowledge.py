"""``[tool.ctxlint.knowledge]``: what a project adds to the knowledge tables, checked against their schema.

The rows are those of the shipped tables (``docs/knowledge.md``). What is wrong is told with its file, line and key, and
with the nearest right word.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, cast, get_args

import msgspec

from ctxlint.knowledge.additions import Additions
from ctxlint.knowledge.hop import Copied, Cure, Explicit, Form, Hop, Kind, Slot, Stands, Verdict, When, Worker
from ctxlint.knowledge.library import TokenLibrary
from ctxlint.shell.nearest import WrongUsage, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ctxlint.shell.config import Layer

_ROWS: dict[str, type[msgspec.Struct]] = {"hop": Hop, "tokens": TokenLibrary}
_STRUCTS: dict[str, type[msgspec.Struct]] = {
    **_ROWS,
    "worker": Worker,
    "when": When,
    "context": Explicit,
    **dict.fromkeys(("args", "kwargs", "governed_by", "none"), Slot),
}
_WORDS: dict[str, tuple[str, ...]] = {
    "kind": get_args(Kind),
    "verdict": get_args(Verdict),
    "copied": get_args(Copied),
    "stands": get_args(Stands),
    "form": get_args(Form),
    "cures": get_args(Cure),
    "dropped": ("everywhere", "scopes"),
}
_NAME = re.compile(r"[^\W\d]\w*(\(\))*(\.[^\W\d]\w*(\(\))*)*")
_QUOTED = re.compile(r"[`'](?P<word>[^`']*)[`']")


def checked(layer: Layer) -> bytes:
    """Return the additions of a layer as JSON. ``WrongUsage`` tells what is not of the schema."""
    table = layer.settings.knowledge or {}
    for key in table:
        if key not in Additions.__struct_fields__:
            raise WrongUsage(
                f"{_place(layer, key)}: unknown key{did_you_mean(key, Additions.__struct_fields__)}"
            )
    for key, kind in _ROWS.items():
        rows = table.get(key)
        for index, row in enumerate(cast("list[object]", rows) if isinstance(rows, list) else ()):
            _converted(layer, row, kind, f"{key}[{index}]")
    additions = _converted(layer, table, Additions, "")
    for key, names in _dotted(additions):
        wrong = next((name for name in names if _NAME.fullmatch(name) is None), None)
        if wrong is not None:
            raise WrongUsage(
                f'{_place(layer, key)}: no dotted name: {wrong!r}; write it as "package.Class().method"'
            )
    return msgspec.json.encode(table, order="deterministic")


def _place(layer: Layer, key: str) -> str:
    head = layer.key("knowledge", re.sub(r"\W.*", "", key)) if key else layer.key("knowledge")
    return f"{head}.{key}" if key else head


def _converted(layer: Layer, value: object, kind: type[msgspec.Struct], place: str) -> Any:  # noqa: ANN401 - of ``kind``
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        reason, _, path = str(error).partition(" - at `$")
        inner = path.rstrip("`").replace("[...]", "").lstrip(".")
        where = ".".join(filter(None, (place, inner)))
        raise WrongUsage(f"{_place(layer, where)}: {_told(reason, where)}") from error


def _told(reason: str, where: str) -> str:
    """The reason in our words, with the nearest right one."""
    last = re.sub(r"\[\d+\]", "", where.rpartition(".")[2])
    match = _QUOTED.search(reason)
    word = match["word"] if match is not None else ""
    if reason.startswith("Object contains unknown field"):
        struct = _STRUCTS.get(last, Additions)
        return f"unknown key '{word}'{did_you_mean(word, _keys(struct))}"
    if reason.startswith("Invalid enum value"):
        words = _WORDS.get(last, ())
        listed = f"; it is one of {', '.join(words)}"
        return f"no such word: '{word}'{did_you_mean(word, words) or listed}"
    return f"{reason[:1].lower()}{reason[1:]}"


def _keys(struct: type[msgspec.Struct]) -> list[str]:
    """The keys of a row as they are written."""
    return [field.encode_name for field in msgspec.structs.fields(struct)]


def _dotted(additions: Additions) -> list[tuple[str, tuple[str, ...]]]:
    """The dotted names that the additions hold, by the key that they stand under."""
    found = [(f"hop[{index}].callables", row.callables) for index, row in enumerate(additions.hop)]
    found += [
        (f"tokens[{index}].{key}", tuple(sorted(getattr(library, key))))
        for index, library in enumerate(additions.tokens)
        for key in ("sets", "resets", "clears", "reads", "proxies", "holds", "entries")
    ]
    tables: Mapping[str, Mapping[str, tuple[str, ...]]] = {
        "aliases": additions.aliases,
        "factories": additions.factories,
        "bases": additions.bases,
    }
    found += [(key, (name, *others)) for key, table in tables.items() for name, others in table.items()]
    return found
