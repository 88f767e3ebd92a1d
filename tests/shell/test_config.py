"""Configuration: which file governs, what it may hold, and how its errors are told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ctxlint.shell.config import Settings, find_config, read_config, read_overrides
from ctxlint.shell.nearest import WrongUsage

if TYPE_CHECKING:
    from pathlib import Path


def test_the_closest_file_that_speaks_of_us_governs(tmp_path: Path) -> None:
    (tmp_path / "a/b/c").mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text("[tool.ctxlint]\n")
    (tmp_path / "a/b/pyproject.toml").write_text("[tool.other]\nkey = 'ctxlint'\n")

    assert str(tmp_path / "pyproject.toml") == find_config(str(tmp_path / "a/b/c"))

    (tmp_path / "a/ctxlint.toml").touch()

    assert str(tmp_path / "a/ctxlint.toml") == find_config(str(tmp_path / "a/b/c"))


@pytest.mark.parametrize(
    "text",
    [
        "[tool.ctxlint]",
        "[ tool . ctxlint ]",
        '["tool"."ctxlint"]',
        "tool.ctxlint.src = []",
        "[tool]\nctxlint.src = []",
        "tool = {ctxlint = {}}",
        "[tool.ctxlint.future]",
    ],
)
def test_every_spelling_of_the_table_is_seen(tmp_path: Path, text: str) -> None:
    (tmp_path / "pyproject.toml").write_text(text + "\n")

    assert find_config(str(tmp_path)) is not None


def test_every_key_is_read(tmp_path: Path) -> None:
    (tmp_path / "ctxlint.toml").write_text(
        'select = ["ALL"]\nignore = ["CTX1"]\nextend-select = []\nexclude = ["a"]\nextend-exclude = ["b"]\n'
        'src = ["lib"]\nrespect-gitignore = false\noutput-format = "json"\n'
    )

    layer = read_config(str(tmp_path / "ctxlint.toml"))

    assert layer.settings == Settings(
        select=("ALL",),
        ignore=("CTX1",),
        extend_select=(),
        exclude=("a",),
        extend_exclude=("b",),
        src=("lib",),
        respect_gitignore=False,
        output_format="json",
    )
    assert str(tmp_path) == layer.base


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "[tool.ctxlint]\nselct = []",
            "pyproject.toml:2: unknown key 'tool.ctxlint.selct' — did you mean 'select'?",
        ),
        ("[tool.ctxlint]\nzzz = 1", "pyproject.toml:2: unknown key 'tool.ctxlint.zzz'"),
        (
            "[tool.ctxlint]\nselect = 'ALL'",
            'pyproject.toml:2: tool.ctxlint.select: expected `array`, got `str`; write it as select = ["ALL"]',
        ),
        (
            "[tool.ctxlint]\nsrc = 'lib, app'",
            'pyproject.toml:2: tool.ctxlint.src: expected `array`, got `str`; write it as src = ["lib", "app"]',
        ),
        (
            "[tool.ctxlint]\nforce-exclude = 'yes'",
            "pyproject.toml:2: tool.ctxlint.force-exclude: expected `bool`, got `str`; write true or false",
        ),
        (
            "[tool.ctxlint]\n[tool.ctxlint.lint]\nselect = []",
            "pyproject.toml:2: unknown key 'tool.ctxlint.lint': there is no table of that name, its keys stand",
        ),
        (
            "[tool.ctxlint]\nfixable = []",
            "pyproject.toml:2: unknown key 'tool.ctxlint.fixable': ctxlint repairs",
        ),
        (
            "[tool.ctxlint]\nselect = [1]",
            "pyproject.toml:2: tool.ctxlint.select[0]: expected `str`, got `int`",
        ),
        ("[tool]\nctxlint = 3", "pyproject.toml: tool.ctxlint is no table"),
        ("tool = 3", None),
        ("[tool.ctxlint", "pyproject.toml:1:14: no TOML: expected ']' at the end of a table declaration"),
        ("[tool.ctxlint]\nselect = [1,,]", "pyproject.toml:2:13: no TOML: invalid value"),
        ("[tool.ctxlint]\nselect = [", "pyproject.toml:3:1: no TOML: "),
    ],
)
def test_an_error_names_file_and_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, message: str | None
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text(text + "\n")

    if message is None:
        assert read_config(str(tmp_path / "pyproject.toml")).settings == Settings()
        return
    with pytest.raises(WrongUsage) as caught:
        read_config(str(tmp_path / "pyproject.toml"))
    assert str(caught.value).startswith(message)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ctxlint.toml").write_bytes(b"a = '\xff'")

    with pytest.raises(WrongUsage, match=r"ctxlint\.toml is not UTF-8: invalid start byte at byte 5"):
        read_config(str(tmp_path / "ctxlint.toml"))
    with pytest.raises(WrongUsage, match=r"cannot read none\.toml: No such file or directory"):
        read_config("none.toml")


def test_a_mark_at_the_beginning_is_passed_over(tmp_path: Path) -> None:
    """Editors of Windows write it."""
    for name in ("ctxlint.toml", "pyproject.toml"):
        head = "" if name == "ctxlint.toml" else "[tool.ctxlint]\n"
        (tmp_path / name).write_text(f"\ufeff{head}select = ['CTX1']\n", encoding="utf-8")
        assert read_config(str(tmp_path / name)).settings == Settings(select=("CTX1",))


def test_single_keys_override(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    layer = read_overrides(['select = ["CTX1"]', "respect-gitignore=false"])

    assert layer is not None
    assert Settings(select=("CTX1",), respect_gitignore=False) == layer.settings
    assert read_overrides([]) is None


@pytest.mark.parametrize(
    ("pair", "message"),
    [
        ("selekt=[]", "--config: unknown key 'selekt' — did you mean 'select'?"),
        ("select=CTX1", "--config 'select=CTX1': the value is no TOML; a list is select='[\"CTX1\"]'"),
        ("select", "--config 'select' is neither KEY=VALUE nor an existing file"),
        ("select='a'", "--config: select: expected `array`, got `str`"),
    ],
)
def test_a_wrong_override_is_told(pair: str, message: str) -> None:
    with pytest.raises(WrongUsage) as caught:
        read_overrides([pair])

    assert str(caught.value).startswith(message)
