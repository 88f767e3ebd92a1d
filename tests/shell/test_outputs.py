"""Where reports go."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from ctxlint.model.diagnostics import Report, Statistics
from ctxlint.shell.nearest import WrongUsage
from ctxlint.shell.outputs import Outputs, outputs, view_of, write_files

EMPTY = Report((), 0, (), Statistics(), {})

FORMATS = "concise, full, github, gitlab, json, json-lines, junit, pylint, rdjson, sarif"


def write(found: Outputs) -> None:
    write_files(found, EMPTY, view_of(colour=True, width=80))


@pytest.fixture(autouse=True)
def _inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_the_named_format_goes_to_the_standard_output() -> None:
    found = outputs((), "json")

    assert (found.stdout.name, found.files) == ("json", ())


def test_several_at_once(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    found = outputs(("json:out/a.json", "sarif:b.sarif", "pylint:-"), "full")
    write(found)

    assert found.stdout.name == "pylint"
    assert (tmp_path / "out/a.json").read_text() == "[]\n"
    assert (tmp_path / "b.sarif").read_text().startswith("{")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.sarif", "out"]


def test_a_file_is_replaced_and_keeps_its_mode(tmp_path: Path) -> None:
    target = tmp_path / "a.json"
    target.write_text("old " * 1000)
    target.chmod(0o640)
    write(outputs(("json:a.json",), "full"))

    assert target.read_text() == "[]\n"
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


def test_a_new_file_has_the_mode_of_new_files(tmp_path: Path) -> None:
    mask = os.umask(0o027)
    try:
        write(outputs(("json:a.json",), "full"))
    finally:
        os.umask(mask)

    assert stat.S_IMODE((tmp_path / "a.json").stat().st_mode) == 0o640


def test_a_device_is_written_to_and_stays() -> None:
    write(outputs((f"json:{os.devnull}",), "full"))

    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (("json",), "--output: 'json' is not FORMAT:PATH; 'json:-' is the standard output"),
        (("json:",), "--output: 'json:' is not FORMAT:PATH; 'json:-' is the standard output"),
        (("jsn:a",), "--output: no output format 'jsn' — did you mean 'json'?"),
        (("srif:-",), "--output: no output format 'srif' — did you mean 'sarif'?"),
        (("bad:a",), f"--output: no output format 'bad': choose from {FORMATS}"),
        (("out.sarif",), "--output: 'out.sarif' is not FORMAT:PATH; write 'sarif:out.sarif'"),
        (("report",), "--output: 'report' is not FORMAT:PATH; write 'json:report'"),
        (("json:no/a",), "--output: no such folder: no"),
        (("json:.",), "--output: is a folder: ."),
        (("json:-", "full:-"), "--output: only one report goes to the standard output, not json and full"),
        (("json:a", "full:./a"), "--output: two reports for one file: a"),
    ],
)
def test_wrong_values_are_told_before_the_run(written: tuple[str, ...], told: str) -> None:
    with pytest.raises(WrongUsage) as error:
        outputs(written, "full")

    assert str(error.value) == told


def test_a_wrong_format_of_the_configuration_is_told() -> None:
    with pytest.raises(WrongUsage, match="no output format 'xml'"):
        outputs((), "xml")


def test_counts_have_no_form_in_every_format() -> None:
    assert outputs((), "concise", statistics=True).stdout.name == "concise"
    with pytest.raises(WrongUsage, match="--statistics: sarif has no form for it"):
        outputs((), "sarif", statistics=True)


def test_a_path_may_hold_a_colon(tmp_path: Path) -> None:
    write(outputs(("json:a:b.json",), "full"))

    assert (tmp_path / "a:b.json").exists()


def test_what_cannot_be_written_is_told(tmp_path: Path) -> None:
    """A folder that goes away during the run."""
    (tmp_path / "out").mkdir()
    found = outputs(("json:out/a.json",), "full")
    (tmp_path / "out").rmdir()

    with pytest.raises(WrongUsage, match=r"cannot write .*a\.json: No such file or directory"):
        write(found)


def test_names_are_related_to_the_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "service").mkdir()
    monkeypatch.chdir(tmp_path / "service")
    view = view_of(colour=False, width=80)

    assert (view.base, view.root) == (str(tmp_path / "service"), str(tmp_path))
