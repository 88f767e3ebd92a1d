"""Colour and width: options, environment, terminal."""

from __future__ import annotations

import io
import os
import pty

import pytest

from ctxlint.shell.terminal import is_terminal, wants_colour, width


class Terminal(io.StringIO):
    """A stream before which a person sits."""

    def isatty(self) -> bool:
        """Say yes."""
        return True


@pytest.mark.parametrize(
    ("stream", "choice", "environment", "expected"),
    [
        (Terminal(), "auto", {}, True),
        (io.StringIO(), "auto", {}, False),
        (Terminal(), "never", {"FORCE_COLOR": "1"}, False),
        (io.StringIO(), "always", {"NO_COLOR": "1"}, True),
        (Terminal(), "auto", {"NO_COLOR": "1"}, False),
        (Terminal(), "auto", {"NO_COLOR": ""}, True),
        (io.StringIO(), "auto", {"FORCE_COLOR": "1"}, True),
        (io.StringIO(), "auto", {"FORCE_COLOR": "", "NO_COLOR": ""}, False),
        (Terminal(), "auto", {"TERM": "dumb"}, False),
        (Terminal(), "auto", {"TERM": "dumb", "FORCE_COLOR": "1"}, True),
    ],
)
def test_colour(stream: io.StringIO, choice, environment: dict[str, str], expected: bool) -> None:  # noqa: FBT001
    assert expected == wants_colour(stream, choice, environment)


def test_a_closed_stream_has_nobody() -> None:
    stream = io.StringIO()
    stream.close()

    assert not is_terminal(stream)


def test_a_pseudo_terminal_is_one() -> None:
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "w") as stream:
        assert is_terminal(stream)
    os.close(ours)


@pytest.mark.parametrize(("columns", "expected"), [("20", 60), ("120", 120), ("9999", 160), ("junk", 100)])
def test_width_is_kept_readable(monkeypatch: pytest.MonkeyPatch, columns: str, expected: int) -> None:
    monkeypatch.setenv("COLUMNS", columns)

    assert expected == width()
