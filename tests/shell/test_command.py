"""The shape of a command line, on a small one made for it."""

from __future__ import annotations

from inspect import signature

import click
import pytest
from click.testing import CliRunner

from ctxlint.shell.command import DefaultGroup, Word
from ctxlint.shell.nearest import WrongUsage, did_you_mean, nearest
from ctxlint.shell.terminal import put

# click before 8.2 mixes the two streams unless told not to
RUNNER = CliRunner(**({"mix_stderr": False} if "mix_stderr" in signature(CliRunner).parameters else {}))


def group(action) -> DefaultGroup:
    """Make a group whose default command does ``action``."""

    @click.group(name="tool", cls=DefaultGroup)
    def tool() -> None:
        """Do something."""

    @tool.command()
    @click.argument("paths", nargs=-1)
    @click.option("--colour", type=Word(lambda: ("red", "green")))
    @click.option("-v", "--verbose", count=True)
    def check(paths: tuple[str, ...], colour: str | None, verbose: int) -> int | None:
        return action(paths, colour, verbose)

    @tool.command()
    def other() -> None:
        put("other\n")

    return tool


def echo(paths: tuple[str, ...], colour: str | None, verbose: int) -> None:
    put(f"{' '.join(paths)} {colour} {verbose}\n")


@pytest.mark.parametrize(
    ("words", "output"),
    [
        ((), " None 0\n"),
        (("a", "b"), "a b None 0\n"),
        (("check", "a"), "a None 0\n"),
        (("-vv", "check", "a"), "a None 2\n"),
        (("--colour", "red", "check", "a"), "a red 0\n"),
        (("--colour=red", "check", "a"), "a red 0\n"),
        (("--colour", "red", "a", "check"), "a check red 0\n"),
        (("--", "check"), "check None 0\n"),
        (("other",), "other\n"),
        (("./other",), "./other None 0\n"),
    ],
)
def test_the_default_command_is_implied(words: tuple[str, ...], output: str) -> None:
    result = RUNNER.invoke(group(echo), words)

    assert (result.exit_code, result.stdout) == (0, output)


def test_what_a_command_returns_is_the_exit_code() -> None:
    assert RUNNER.invoke(group(lambda *_words: 1)).exit_code == 1
    assert RUNNER.invoke(group(lambda *_words: None)).exit_code == 0


def fail(error: BaseException):
    """Make an action that raises ``error``."""

    def action(*_words: object) -> None:
        raise error

    return action


@pytest.mark.parametrize(
    ("error", "code", "lines"),
    [
        (WrongUsage("no such thing"), 2, ["tool: error: no such thing"]),
        (click.UsageError("Two\nlines"), 2, ["tool: error: two lines"]),
        (KeyboardInterrupt(), 130, []),
    ],
)
def test_an_error_is_one_line(error: BaseException, code: int, lines: list[str]) -> None:
    result = RUNNER.invoke(group(fail(error)))

    assert (result.exit_code, result.stdout, result.stderr.splitlines()) == (code, "", lines)


def test_a_crash_does_not_look_like_findings() -> None:
    result = RUNNER.invoke(group(fail(ValueError("boom"))))

    assert result.exit_code == 2
    assert result.stderr.startswith("Traceback")
    assert result.stderr.endswith("tool: internal error: ValueError: boom\n")


@pytest.mark.parametrize(
    ("word", "expected"), [("gren", "green"), ("GREEN", "green"), ("blue", None), ("", None), ("ed", "red")]
)
def test_the_nearest_word(word: str, expected: str | None) -> None:
    assert nearest(word, ("red", "green")) == expected


def test_a_suggestion_ends_a_message() -> None:
    assert did_you_mean("gren", ("red", "green")) == " — did you mean 'green'?"
    assert did_you_mean("zzz", ("red", "green")) == ""
