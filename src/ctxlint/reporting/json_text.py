"""JSON as every reader takes it: anything but ASCII is escaped, and what is no text becomes U+FFFD.

Names of files may be bytes that are no text. Python holds these as lone surrogates and would write them as such, and
many readers (serde_json, simdjson, msgspec) refuse the whole document for one of them.
"""

from __future__ import annotations

from typing import Any, cast


def dumps(value: object, indent: int | None = None) -> str:
    """Return ``value`` as JSON, without lone surrogates."""
    import json  # noqa: PLC0415 - other formats need none of it

    text = json.dumps(value, indent=indent)
    return json.dumps(_plain(value), indent=indent) if "\\ud" in text else text


def _plain(value: object) -> object:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in cast("dict[str, Any]", value).items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in cast("list[Any]", value)]
    return value
