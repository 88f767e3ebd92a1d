"""The keys of ``[tool.ctxlint]``: their names, types and meanings, and the JSON Schema made of them.

The one list of the keys: the reader of configuration files, the schema that editors use
(``ctxlint.schema.json``, shipped beside the package's modules) and the documentation's table follow it.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

SCHEMA_FILE = "ctxlint.schema.json"
_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_RULES = "codes (`CTX104`), beginnings of codes (`CTX1`), names (`token-discarded`) or `ALL`"

Words = tuple[str, ...]


class Settings(msgspec.Struct, frozen=True, rename="kebab", forbid_unknown_fields=True):
    """What a configuration says; None where a key is absent."""

    extend: Annotated[
        str | None, Meta(description="A configuration file that this one builds on; its own keys win.")
    ] = None
    select: Annotated[
        Words | None, Meta(description=f"The rules to show, in place of the default ones: {_RULES}.")
    ] = None
    ignore: Annotated[Words | None, Meta(description=f"Rules not to show: {_RULES}.")] = None
    extend_select: Annotated[
        Words | None, Meta(description="Rules to show besides the selected ones; opt-in ones too.")
    ] = None
    extend_ignore: Annotated[Words | None, Meta(description="Rules not to show, besides `ignore`.")] = None
    per_file_ignores: Annotated[
        dict[str, Words] | None,
        Meta(
            description="Rules not to show in the files that a pattern matches; `!pattern` means all others."
        ),
    ] = None
    exclude: Annotated[
        Words | None, Meta(description="Patterns of files and folders to leave out, instead of the default.")
    ] = None
    extend_exclude: Annotated[Words | None, Meta(description="Patterns to leave out besides.")] = None
    force_exclude: Annotated[
        bool | None, Meta(description="Whether excludes hold for paths that are named, too.")
    ] = None
    respect_gitignore: Annotated[
        bool | None, Meta(description="Whether what git ignores is left out (default: true).")
    ] = None
    src: Annotated[
        Words | None, Meta(description="The folders at which import names start (default: `.` and `src`).")
    ] = None
    target_version: Annotated[
        str | None,
        Meta(
            description='The oldest Python that the project supports: "py310" or "3.10"'
            " (default: the lower bound of `requires-python`)."
        ),
    ] = None
    thread_inherit_context: Annotated[
        bool | None,
        Meta(description="Whether new threads inherit the context of their starter (a flag of Python 3.14)."),
    ] = None
    owners: Annotated[
        dict[str, Words] | None,
        Meta(description="The modules that may set a variable, by the variable's dotted name (CTX118)."),
    ] = None
    banned_hops: Annotated[
        Words | None,
        Meta(
            description="Dotted names of callables that run work elsewhere and must not be called (CTX312)."
        ),
    ] = None
    knowledge: Annotated[
        dict[str, Any] | None, Meta(description="What is to be known of code outside the program.")
    ] = None
    task_roots: Annotated[
        Words | None,
        Meta(
            description="Dotted names of functions, or patterns of them, that run as the start of a task:"
            " what they set ends with it."
        ),
    ] = None
    entry_points: Annotated[
        Words | None,
        Meta(
            description="Dotted names of functions, or patterns of them, that a framework calls in a context"
            " of their own for each request or job."
        ),
    ] = None
    require_suppression_reason: Annotated[
        bool | None, Meta(description="Whether a suppression needs a reason beside it (CTX903).")
    ] = None
    output_format: Annotated[
        str | None, Meta(description="The format of the report (default: full on a terminal, else concise).")
    ] = None
    cache_dir: Annotated[
        str | None, Meta(description="Where the cache is (default: `.ctxlint_cache` in the project).")
    ] = None


KEYS = tuple(name.replace("_", "-") for name in Settings.__struct_fields__)
"""The keys as they are written."""


def schema_text() -> str:
    """Return the JSON Schema of ``ctxlint.toml`` and of ``[tool.ctxlint]``, as it is shipped."""
    import json  # noqa: PLC0415 - a run needs no schema

    body: dict[str, Any] = msgspec.json.schema(Settings)["$defs"][Settings.__name__]
    head = {
        "title": "ctxlint",
        "description": "The configuration of ctxlint: ctxlint.toml or [tool.ctxlint].",
    }
    properties = {key: _without_null(value) for key, value in body["properties"].items()}
    return json.dumps({"$schema": _DRAFT, **body, **head, "properties": properties}, indent=2) + "\n"


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A key that may be absent: TOML has no null."""
    (kind,) = (each for each in schema["anyOf"] if each != {"type": "null"})
    return {"description": schema["description"], **kind}
