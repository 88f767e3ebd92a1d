"""Whatever stands in a folder is answered: with findings, or with one word on what could not be read. Never a crash.

Each case is run by the command, beside a file in which something is found: the rest has to go on.
"""

from __future__ import annotations

import errno
import json
import os
import socket
import subprocess
import sys
import xml.etree.ElementTree as ET
from inspect import signature
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import pytest
from click.testing import CliRunner

from ctxlint.cli import main
from ctxlint.reporting.format import format_names

if TYPE_CHECKING:
    from pathlib import Path

# click before 8.2 mixes the two streams unless told not to
RUNNER = CliRunner(**({"mix_stderr": False} if "mix_stderr" in signature(CliRunner).parameters else {}))
WRONG = b"from contextvars import ContextVar\nv = ContextVar('v', default=[])\n"
MENTION = b"import contextvars\n"

Found = tuple[str, str, int, int]


@pytest.fixture
def here(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "z_beside.py").write_bytes(WRONG)
    return tmp_path


class Done(NamedTuple):
    """How a run ended. A crash is raised: it has no code."""

    returncode: int
    stdout: bytes
    stderr: bytes


def start(here: Path, *words: str, stdin: bytes | None = None) -> Done:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(here)
        result = RUNNER.invoke(main, ["check", "--no-cache", *words], input=stdin)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Done(result.exit_code, result.stdout_bytes, result.stderr_bytes or b"")


def found(here: Path, *words: str, stdin: bytes | None = None) -> list[Found]:
    """Name, code, row and column of the findings; what is said besides must be no traceback."""
    done = start(here, "--output-format", "json", *words, stdin=stdin)
    assert b"Traceback" not in done.stderr
    assert b"internal error" not in done.stderr
    entries: list[dict[str, Any]] = json.loads(done.stdout)
    assert done.returncode == (1 if entries else 0), done.stderr
    return [
        (
            os.path.relpath(entry["filename"], here),
            entry["code"],
            entry["location"]["row"],
            entry["location"]["column"],
        )
        for entry in entries
    ]


BESIDE = ("z_beside.py", "CTX201", 2, 29)

READABLE = {
    "byte order mark": (b"\xef\xbb\xbf" + WRONG, 2, 29),
    "mark and cookie": (b"\xef\xbb\xbf# coding: utf-8\n" + WRONG, 3, 29),
    "latin-1": (b"# -*- coding: latin-1 -*-\nx = '\xe4\xf6'\n" + WRONG, 4, 29),
    "cookie in the second row": (
        b"#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\nx = '\x80'\n" + WRONG,
        5,
        29,
    ),
    "shift_jis": ("# coding: shift_jis\nx = 'ソ'\n".encode("shift_jis") + WRONG, 4, 29),
    "carriage return, line feed": (WRONG.replace(b"\n", b"\r\n"), 2, 29),
    "carriage return": (WRONG.replace(b"\n", b"\r"), 2, 29),
    "all line ends": (b"x = 1\r\ny = 2\rz = 3\n" + WRONG, 5, 29),
    "form feed": (b"\x0c\n" + WRONG.replace(b"\nv", b"\n\x0c\nv"), 4, 29),
    "no final line end": (WRONG.rstrip(), 2, 29),
    "wide characters": ("x = '\U0001d4b3ä'; ".encode() + WRONG, 2, 29),
    "columns in characters": (WRONG.replace(b"\nv", "\nä = '\U0001d4b3'; v".encode()), 2, 38),
    "tabs": (WRONG.replace(b"\nv", b"\nif 1:\n\tv"), 3, 30),
}


@pytest.mark.parametrize("name", READABLE)
def test_what_python_reads_is_read(here: Path, name: str) -> None:
    content, row, column = READABLE[name]
    (here / "a.py").write_bytes(content)
    compile(content, "a.py", "exec")
    assert found(here, ".") == [("a.py", "CTX201", row, column), BESIDE]


UNREADABLE = {
    "undecodable": (WRONG + b"x = '\xe4'\n", 3, 6),
    "undecodable by its cookie": (b"# coding: ascii\n" + WRONG + b"x = '\xc3\xa4'\n", 4, 6),
    "unknown encoding": (b"# coding: klingon\n" + WRONG, 1, 11),
    "no text encoding": (b"# coding: hex\n" + WRONG, 1, 11),
    "mark and another cookie": (b"\xef\xbb\xbf# coding: latin-1\n" + WRONG, 1, 11),
    "null byte": (WRONG + b"x = '\0'\n", 3, 6),
    "syntax error": (WRONG + b"x = (\n", None, None),
    "indentation": (WRONG + b"  x = 1\n", None, None),
    "final backslash": (WRONG + b"x = 1 \\\n", 3, 8),
    "python 2": (WRONG + b"print 'x'\n", None, None),
    "merge conflict": (b"<<<<<<< HEAD\n" + WRONG, None, None),
    "utf-16": (WRONG.decode().encode("utf-16"), None, None),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_python_refuses_is_said_once_with_its_place(here: Path, name: str) -> None:
    content, row, column = UNREADABLE[name]
    (here / "a.py").write_bytes(content)
    with pytest.raises((SyntaxError, ValueError, LookupError)):
        compile(content, "a.py", "exec")
    rest = found(here, ".")
    if name == "utf-16":  # its bytes do not name what matters: the gate lets it pass
        assert rest == [BESIDE]
        return
    first, *others = rest
    assert others == [BESIDE]
    assert first[:2] == ("a.py", "CTX901")
    if row is not None:
        assert first[2:] == (row, column)


@pytest.mark.parametrize("content", [b"", b"\n", b"\xef\xbb\xbf", b"#", b"\x0c", b"\r", b" ", b"\\"])
def test_nothing_is_found_in_nothing(here: Path, content: bytes) -> None:
    (here / "a.py").write_bytes(content)
    assert found(here, ".") == [BESIDE]
    assert found(here, "a.py") == []
    assert found(here, "-", stdin=content) == []


def test_a_folder_with_the_name_of_a_module(here: Path) -> None:
    (here / "x.py").mkdir()
    (here / "x.py/inner.py").write_bytes(WRONG)
    assert found(here, ".") == [("x.py/inner.py", "CTX201", 2, 29), BESIDE]
    assert found(here, "x.py") == [("x.py/inner.py", "CTX201", 2, 29)]


def test_links(here: Path) -> None:
    (here / "broken.py").symlink_to("nowhere.py")
    (here / "self.py").symlink_to("self.py")
    (here / "up").symlink_to(".")
    (here / "linked.py").symlink_to("z_beside.py")
    assert found(here, ".") == [("linked.py", "CTX201", 2, 29), BESIDE]
    done = start(here, "broken.py")
    assert (done.returncode, done.stderr) == (2, b"ctxlint: error: broken link: 'broken.py'\n")
    done = start(here, "self.py", "z_beside.py")
    assert (done.returncode, done.stderr) == (2, b"ctxlint: error: broken link: 'self.py'\n")


def test_pipes_and_sockets_are_not_opened(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(here / "pipe.py")
    monkeypatch.chdir(here)  # the name of a socket is short
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket.py")
        assert found(here, ".") == [BESIDE]


def test_the_null_device_is_an_empty_file(here: Path) -> None:
    assert found(here, "/dev/null") == []


def test_what_is_named_and_no_file_is_told(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipe would wait for its writer, and a device may never end."""
    os.mkfifo(here / "pipe.py")
    monkeypatch.chdir(here)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket.py")
        for name, reason in (
            ("pipe.py", "it is a named pipe; '-' reads the standard input"),
            ("socket.py", "it is a socket"),
            ("/dev/zero", "it is a device"),
        ):
            done = start(here, "--output-format", "concise", "-q", name)
            said = f"{name}:1:1: CTX901 [unreadable-file] The file was not checked: {reason}.\n"
            assert (done.returncode, done.stdout.decode()) == (1, said)


def test_a_pipe_does_not_hold_up_what_is_beside_it(here: Path) -> None:
    os.mkfifo(here / "pipe.py")
    assert found(here, "pipe.py", ".") == [("pipe.py", "CTX901", 1, 1), BESIDE]
    command = [sys.executable, "-m", "ctxlint", "why", "pipe.py:1"]
    why = subprocess.run(command, cwd=here, capture_output=True, check=False, timeout=60)
    assert (why.returncode, b"it is a named pipe" in why.stderr) == (2, True)


@pytest.mark.skipif(not os.path.isdir("/dev/fd"), reason="no shell hands a file over there")  # noqa: PTH112 - a device folder
def test_what_a_shell_hands_over_is_read(here: Path) -> None:
    """``ctxlint <(command)``: the pipe has a writer."""
    reading, writing = os.pipe()
    os.write(writing, WRONG)
    os.close(writing)
    command = [sys.executable, "-m", "ctxlint", "--output-format", "concise", "-q", f"/dev/fd/{reading}"]
    done = subprocess.run(command, cwd=here, capture_output=True, check=False, pass_fds=[reading], timeout=60)
    os.close(reading)
    assert done.stdout.startswith(f"/dev/fd/{reading}:2:29: CTX201 ".encode())


@pytest.fixture
def unlisted(here: Path) -> str:
    """Make a folder that nobody can list, not even the superuser: its path is too long. Its path from ``here``."""
    name = "d" * 200
    inside = os.open(here, os.O_RDONLY)
    for _ in range(21):
        os.mkdir(name, dir_fd=inside)
        deeper = os.open(name, os.O_RDONLY, dir_fd=inside)
        os.close(inside)
        inside = deeper
    os.close(inside)
    path = name
    while len(f"{here}/{path}") < os.pathconf(here, "PC_PATH_MAX"):
        path = f"{path}/{name}"
    return path


def test_a_folder_that_cannot_be_listed_is_said(here: Path, unlisted: str) -> None:
    assert found(here, ".") == [(unlisted, "CTX901", 1, 1), BESIDE]
    done = start(here, "--output-format", "concise", "d" * 200)
    reason = os.strerror(errno.ENAMETOOLONG)
    said = f"{unlisted}:1:1: CTX901 [unreadable-file] The folder was not checked: {reason}.\n"
    assert (done.returncode, done.stdout.decode().splitlines(keepends=True)[0]) == (1, said)
    for form in ("full", "sarif", "github", "gitlab", "junit", "pylint", "rdjson"):
        assert start(here, "--output-format", form, ".").returncode == 1


def test_a_folder_that_is_not_asked_for_is_a_warning(here: Path, unlisted: str) -> None:
    done = start(here, "--output-format", "json", "z_beside.py", "--ignore", "CTX201")
    assert (done.returncode, done.stdout) == (0, b"[]\n")
    assert f"ctxlint: warning: cannot list {here}/{unlisted}: ".encode() in done.stderr
    assert start(here, "-q", "--ignore", "CTX201,CTX901", ".") == (0, b"", b"")


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may read everything"
)
def test_what_may_not_be_read_is_said(here: Path) -> None:
    (here / "a.py").write_bytes(WRONG)
    (here / "a.py").chmod(0)
    (here / "closed").mkdir(mode=0)
    assert found(here, ".") == [("a.py", "CTX901", 1, 1), ("closed", "CTX901", 1, 1), BESIDE]


@pytest.mark.parametrize(
    "name", [b"caf\xe9.py", "ü .py".encode(), b"a\nb.py", b"-x.py", b"#.py", b"a:1.py", b"\x1b[31m.py"]
)
def test_any_name(here: Path, name: bytes) -> None:
    path = os.path.join(os.fsencode(here), name)  # noqa: PTH118 - bytes
    with open(path, "wb") as stream:  # noqa: PTH123 - likewise
        stream.write(WRONG)
    shown = name.decode("utf-8", "replace")  # JSON has no bytes that are no text
    assert sorted(found(here, ".")) == sorted([(shown, "CTX201", 2, 29), BESIDE])
    for form in format_names():
        done = start(here, "--output-format", form, "--output", f"{form}:report", ".")
        assert (done.returncode, b"Traceback" in done.stderr) == (1, False)
        for document in (done.stdout, (here / "report").read_bytes()):
            read_by_a_strict_reader(form, document)
    assert start(here, "--", os.fsdecode(name)).returncode == 1


def read_by_a_strict_reader(form: str, document: bytes) -> None:
    """Read a report as one does who knows what JSON, XML and text are; names may be bytes in the formats of lines."""
    if form in {"json", "gitlab", "rdjson", "sarif"}:
        msgspec.json.decode(document)
    elif form == "json-lines":
        assert len([msgspec.json.decode(line) for line in document.splitlines()]) == 2
    elif form == "junit":
        assert len(ET.fromstring(document)) == 2  # noqa: S314 - our own
    elif form != "full":
        text = document.decode("utf-8", "surrogateescape").removesuffix("\n")
        rows = [row for row in text.split("\n") if not row.startswith("Found ")]
        assert len(rows) == 2
        assert all("CTX201" in row for row in rows)


def test_a_name_without_suffix_is_taken_when_it_is_named(here: Path) -> None:
    (here / "script").write_bytes(b"#!/usr/bin/env python3\n" + WRONG)
    assert found(here, ".") == [BESIDE]
    assert found(here, "script") == [("script", "CTX201", 3, 29)]


def test_deep_and_long(here: Path) -> None:
    (here / "a.py").write_bytes(WRONG + b"x = " + b"(" * 150 + b"1" + b")" * 150 + b"\n")
    (here / "b.py").write_bytes(WRONG + b"x = " + b"-" * 5_000 + b"1\n")
    (here / "c.py").write_bytes(WRONG + b"x = '" + b"a" * 300_000 + b"'\n")
    codes = {(name, code) for name, code, _, _ in found(here, ".")}
    assert {("a.py", "CTX201"), ("b.py", "CTX904"), ("c.py", "CTX201"), ("z_beside.py", "CTX201")} <= codes


def test_what_only_libcst_refuses_is_said(here: Path) -> None:
    """A form feed in front of a statement in a class: a note, and the rest of the file goes on."""
    inside = b"class A:\n    x = 1\n\x0c    v = ContextVar('v', default=[])\n"
    (here / "a.py").write_bytes(
        b"from contextvars import ContextVar\n" + inside + b"w = ContextVar('w', default={})\n"
    )
    assert found(here, ".") == [("a.py", "CTX904", 2, 1), ("a.py", "CTX201", 5, 29), BESIDE]


# --- the standard input --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["byte order mark", "latin-1", "carriage return", "form feed"])
def test_the_standard_input_is_read_as_a_file_is(here: Path, name: str) -> None:
    content, row, column = READABLE[name]
    assert found(here, "-", stdin=content) == [("-", "CTX201", row, column)]
    assert found(here, "-", "--stdin-filename", "new/a.py", stdin=content) == [
        ("new/a.py", "CTX201", row, column)
    ]


def test_the_standard_input_is_linked_with_its_project(here: Path) -> None:
    (here / "use.py").write_text("import z_beside\ndef f():\n    z_beside.v.get().append(1)\n")
    assert found(here, "--stdin-filename", "z_beside.py", stdin=WRONG) == [("z_beside.py", "CTX202", 2, 29)]
    clean = WRONG.replace(b"[]", b"()")
    assert found(here, "-", "--stdin-filename", "z_beside.py", stdin=clean) == []
    assert found(here, "-", stdin=b"x = (\n" + MENTION) == [("-", "CTX901", 1, 5)]


def test_the_standard_input_follows_the_configuration_of_its_name(here: Path) -> None:
    (here / "sub").mkdir()
    (here / "sub/ctxlint.toml").write_text("ignore = ['CTX201']\nextend-exclude = ['gen.py']\n")
    assert found(here, "-", "--stdin-filename", "sub/a.py", stdin=WRONG) == []
    assert found(here, "-", "--stdin-filename", "sub/a.py", "--isolated", stdin=WRONG) != []
    words = ("-", "--stdin-filename", "sub/gen.py", "--select", "CTX201")
    assert found(here, *words, stdin=WRONG) == [("sub/gen.py", "CTX201", 2, 29)]
    assert found(here, *words, "--force-exclude", stdin=WRONG) == []


def test_a_file_that_uses_the_variable_and_cannot_be_parsed_is_said(here: Path) -> None:
    """It names no context variable itself: an import leads to it."""
    (here / "work.py").write_bytes(b"from z_beside import v\n\n\ndef worker(:\n    return v.get()\n")
    assert ("work.py", "CTX901", 4, 12) in found(here, ".")


@pytest.mark.parametrize("imports", ["", "import os\n", "import plain\n"])
def test_a_file_without_variables_that_cannot_be_parsed_is_not_said(here: Path, imports: str) -> None:
    """As README, the page of CTX901 and the limits say; ``compileall`` and other linters tell it."""
    (here / "plain.py").write_text("x = 1\n")
    before = found(here, ".")
    (here / "other.py").write_text(f"{imports}def worker(:\n    return 1\n")
    assert found(here, ".") == before


def test_a_form_feed_before_a_statement(here: Path) -> None:
    declared = b"\x0cv = ContextVar('v', default=[])\n\x0cw = ContextVar('w', default=[])\n"
    (here / "pages.py").write_bytes(b"from contextvars import ContextVar\n" + declared)
    assert [each[:3] for each in found(here, "pages.py")] == [
        ("pages.py", "CTX201", 2),
        ("pages.py", "CTX201", 3),
    ]
