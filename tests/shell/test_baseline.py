"""The baseline: what is known is not told again, wherever it moves; what is gone is told."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from ctxlint.shell.baseline import BaselineFile
from ctxlint.shell.layers import Request
from ctxlint.shell.nearest import WrongUsage
from ctxlint.shell.session import plan, run
from ctxlint.shell.settings import Settings
from ctxlint.suppression.baseline import Known, decode, encode

if TYPE_CHECKING:
    from pathlib import Path

    from ctxlint.shell.session import Outcome

HEAD = "from contextvars import ContextVar\n"
V = "v = ContextVar('v', default=[])\n"
IN_F = "def make():\n    w = ContextVar('w', default={})\n    return w\n"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "a.py").write_text(HEAD + V)
    (tmp_path / "b.py").write_text(HEAD + IN_F)
    return tmp_path


def checked(*paths: str, **options: object) -> Outcome:
    settings = Settings(select=("CTX201",), **options)  # type: ignore[arg-type]
    return run(plan(Request(paths or (".",), settings, no_cache=True)))


def write(path: str = "known.json", *paths: str) -> str:
    return BaselineFile(path, paths or (".",)).write(checked(*paths)).done


def left(
    *paths: str, prune: bool = False, path: str = "known.json", **options: object
) -> tuple[list[str], bool]:
    """The files of the findings that are new, and whether entries are stale."""
    file = BaselineFile(path, paths or (".",))
    applied = file.apply(checked(*paths, **options), file.read(), prune=prune)
    return [each.location.filename for each in applied.outcome.report.diagnostics], applied.stale


def test_what_is_known_is_not_told_and_what_is_new_is(here: Path) -> None:
    assert write() == "2 findings written to known.json"
    assert left() == ([], False)
    (here / "c.py").write_text(HEAD + "x = ContextVar('x', default=set())\n")
    assert left() == (["c.py"], False)


def test_the_file_has_an_entry_in_a_row_with_names_relative_to_it(here: Path) -> None:
    (here / "ci").mkdir()
    write("ci/known.json")
    rows = (here / "ci/known.json").read_text().splitlines()
    found = json.loads("\n".join(rows))["findings"]
    assert [(each["file"], each["code"], each["scope"]) for each in found] == [
        ("../a.py", "CTX201", ""),
        ("../b.py", "CTX201", "make"),
    ]
    assert sum('"file"' in row for row in rows) == 2
    assert left(path="ci/known.json") == ([], False)


@pytest.mark.parametrize(
    "text",
    [
        f"# moved\n\n\n{HEAD}import os\n{V}",
        HEAD + "v = ContextVar(\n    'v',\n    default=[],\n)\n",
        HEAD + V.replace("\n", "  # a comment\n"),
    ],
)
def test_code_that_moves_within_its_file_stays_known(here: Path, text: str) -> None:
    write()
    (here / "a.py").write_text(text)
    assert left() == ([], False)


def test_code_that_moves_to_another_file_stays_known(here: Path) -> None:
    write()
    (here / "sub").mkdir()
    (here / "b.py").rename(here / "sub/new.py")
    assert left() == ([], False)
    assert left("sub/new.py") == ([], False)


def test_a_function_that_moves_between_files_stays_known(here: Path) -> None:
    write()
    (here / "b.py").write_text("")
    (here / "a.py").write_text(HEAD + V + IN_F)
    assert left() == ([], False)


def test_a_copy_is_new_whichever_files_are_checked(here: Path) -> None:
    write()
    (here / "0.py").write_text(HEAD + V)
    assert left() == (["0.py"], False)
    assert left("0.py") == (["0.py"], False)
    assert left("a.py") == ([], False)


def test_another_function_is_another_finding(here: Path) -> None:
    write()
    (here / "b.py").write_text(HEAD + IN_F.replace("make", "build"))
    assert left() == (["b.py"], True)


def test_what_is_gone_is_stale_until_it_is_pruned(here: Path) -> None:
    write()
    (here / "a.py").write_text(HEAD + V.replace("[]", "()"))
    assert left() == ([], True)
    assert left(prune=True) == ([], False)
    assert left() == ([], False)
    assert [entry.file for entry in decode((here / "known.json").read_bytes()).findings] == ["b.py"]


def test_what_is_gone_of_a_rule_with_an_opt_in_half_is_stale(here: Path) -> None:
    """CTX104 is on, but some of its findings are opt-in; under the default selection an entry of it ends, too."""
    leaking = "def f(work):\n    t = v.set([])\n    work()\n    v.reset(t)\n"
    (here / "a.py").write_text(HEAD + "v = ContextVar('v')\n" + leaking)
    (here / "b.py").unlink()
    file = BaselineFile("known.json", (".",))
    file.write(run(plan(Request((".",), Settings(), no_cache=True))))
    assert [entry.code for entry in decode((here / "known.json").read_bytes()).findings] == ["CTX104"]

    (here / "a.py").write_text(HEAD + "v = ContextVar('v')\n")
    outcome = run(plan(Request((".",), Settings(), no_cache=True)))
    assert file.apply(outcome, file.read(), prune=False).stale


def test_what_was_not_looked_for_is_not_stale(here: Path) -> None:
    write()
    assert left("a.py") == ([], False)
    assert left(ignore=("CTX201",)) == ([], False)
    (here / "a.py").unlink()
    assert left("b.py") == ([], False)
    assert left(".") == ([], True)


def test_writing_a_part_keeps_the_rest(here: Path) -> None:
    write()
    (here / "a.py").write_text(HEAD + V + V.replace("v", "u"))
    write("known.json", "a.py")
    assert left() == ([], False)
    assert len(decode((here / "known.json").read_bytes()).findings) == 3


def test_two_alike_count_as_two(here: Path) -> None:
    (here / "a.py").write_text(HEAD + V + V)
    write()
    (here / "a.py").write_text(HEAD + V)
    assert left() == ([], True)
    (here / "a.py").write_text(HEAD + V + V + V)
    assert left() == (["a.py"], False)


def test_a_file_that_cannot_be_read_is_never_known(here: Path) -> None:
    (here / "a.py").write_text(HEAD + "v = (\n")
    outcome = run(plan(Request((".",), no_cache=True)))
    assert "CTX901" in {each.code for each in outcome.report.diagnostics}
    file = BaselineFile("known.json", (".",))
    file.write(outcome)
    applied = file.apply(outcome, file.read(), prune=False)
    assert {each.code for each in applied.outcome.report.diagnostics} == {"CTX901"}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "no baseline at 'known.json': --write-baseline makes one"),
        (b"", "'known.json' is no baseline: Expecting value"),
        (b"[]", "'known.json' is no baseline: Expected `object`, got `array`"),
        (
            b'{"version": 9, "fingerprints": 1, "findings": []}',
            "'known.json' is a baseline of another version",
        ),
        (
            b'{"version": 1, "fingerprints": 1, "findings": [{}]}',
            "'known.json' is no baseline: Object missing",
        ),
    ],
)
def test_what_is_no_baseline_is_told(here: Path, content: bytes | None, message: str) -> None:
    if content is not None:
        (here / "known.json").write_bytes(content)
    with pytest.raises(WrongUsage) as raised:
        BaselineFile("known.json", (".",)).read()
    assert str(raised.value).startswith(message)


def test_what_is_written_is_read() -> None:
    entries = (
        Known("b.py", "CTX1", "f", "0"),
        Known('a"\udce4.py', "CTX1", "", "1"),
        Known("b.py", "CTX1", "f", "0"),
    )
    assert decode(encode(entries)).findings == tuple(sorted(entries))
    assert decode(encode(())).findings == ()
