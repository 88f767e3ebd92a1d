"""The keys of the configuration, and the schema that is made of them."""

from __future__ import annotations

import json
from importlib.resources import files

import jsonschema
import msgspec
import pytest

from ctxlint.shell.settings import KEYS, SCHEMA_FILE, Settings, schema_text

SCHEMA = json.loads(files("ctxlint").joinpath(SCHEMA_FILE).read_text("utf-8"))


def test_the_shipped_schema_is_that_of_the_keys() -> None:
    """``python -c 'from ctxlint.shell.settings import schema_text; print(schema_text(), end="")'`` writes it."""
    assert files("ctxlint").joinpath(SCHEMA_FILE).read_text("utf-8") == schema_text()
    assert tuple(SCHEMA["properties"]) == KEYS


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize(
    "text",
    [
        "select = ['ALL']\nrespect-gitignore = false\ntarget-version = 'py310'",
        "[owners]\n'a.b' = ['a']\n[per-file-ignores]\n'tests/**' = ['CTX1']",
        "",
    ],
)
def test_schema_and_reader_accept_the_same(text: str) -> None:
    written = msgspec.toml.decode(text)
    jsonschema.validate(written, SCHEMA)
    msgspec.convert(written, Settings)


@pytest.mark.parametrize(
    "text", ["selct = []", "select = 'ALL'", "select = [1]", "owners = {a = 'b'}", "force-exclude = 1"]
)
def test_schema_and_reader_refuse_the_same(text: str) -> None:
    written = msgspec.toml.decode(text)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(written, SCHEMA)
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(written, Settings)
