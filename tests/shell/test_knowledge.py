"""``[tool.ctxlint.knowledge]``: how a wrong table is told, and what a run makes of a right one."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from ctxlint.shell.config import read_config
from ctxlint.shell.knowledge import checked
from ctxlint.shell.nearest import WrongUsage
from ctxlint.shell.policy import policy_of, upper_bound

HOP = """\
[[tool.ctxlint.knowledge.hop]]
callables = ["ourlib.go"]
worker = { position = 0 }
form = "rest"
kind = "thread"
verdict = "drops"
copied = "never"
"""


def wrong(folder: Path, text: str) -> str:
    path = folder / "pyproject.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(WrongUsage) as caught:
        checked(read_config(str(path)))
    return str(caught.value).replace(str(folder), "")


def test_a_right_table_is_part_of_the_policy(tmp_path):
    path = tmp_path / "pyproject.toml"
    path.write_text(f"{HOP}[tool.ctxlint]\nthread-inherit-context = true\n", "utf-8")
    policy = policy_of([read_config(str(path))], [str(tmp_path)], [], lambda _path: b"")
    assert policy.inherits is True
    assert msgspec.json.decode(policy.knowledge)["hop"][0]["callables"] == ["ourlib.go"]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"drops"', '"drop"', "hop[0].verdict: no such word: 'drop' — did you mean 'drops'?"),
        ("form", "from", "hop[0]: unknown key 'from' — did you mean 'form'?"),
        ("position", "positon", "hop[0].worker: unknown key 'positon' — did you mean 'position'?"),
        ('kind = "thread"\n', "", "hop[0]: object missing required field `kind`"),
        ('["ourlib.go"]', '"ourlib.go"', "hop[0].callables: expected `array`, got `str`"),
        ("ourlib.go", "ourlib go", "hop[0].callables: no dotted name: 'ourlib go'"),
        ("knowledge.hop", "knowledge.hops", "knowledge.hops: unknown key — did you mean 'hop'?"),
    ],
)
def test_what_is_wrong_is_told_with_file_key_and_the_nearest_right_one(tmp_path, old, new, told):
    found = wrong(tmp_path, HOP.replace(old, new))
    assert "pyproject.toml:1: tool.ctxlint.knowledge" in found
    assert told in found


@pytest.mark.parametrize(
    ("bounds", "newest"),
    [
        (">=3.10", None),
        (">=3.10,<3.13", (3, 12)),
        (">=3.10,<3.13.0", (3, 12)),
        (">=3.10,<3.13.2", (3, 13)),
        (">=3.10,<=3.13", (3, 13)),
        ("==3.12.*", (3, 12)),
        ("~=3.11", None),
        ("~=3.11.2", (3, 11)),
        (">=3.9,<4", None),
    ],
)
def test_the_newest_python_is_the_upper_bound(bounds, newest):
    assert upper_bound(bounds) == newest
