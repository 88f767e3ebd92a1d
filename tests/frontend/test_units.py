"""Where units start and end."""

import ast

import pytest

from ctxlint.frontend.units import split


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("", []),
        ("# only a comment\n", []),
        ("a\nb", ["a\n", "b"]),
        ("a; b\nc\n", ["a; b\n", "c\n"]),
        ("a = '''\n'''; b\nc\n", ["a = '''\n'''; b\n", "c\n"]),
        ("# x\n\n@d\n# y\n@e\ndef f():\n    pass\n# z\n", ["@d\n# y\n@e\ndef f():\n    pass\n"]),
        ("x\n@(\n  d\n)\nclass C: ...\n", ["x\n", "@(\n  d\n)\nclass C: ...\n"]),
        ("a = 1 + \\\n  2\nb\n", ["a = 1 + \\\n  2\n", "b\n"]),
        ("a\r\nb\rc\n", ["a\r\n", "b\r", "c\n"]),
        ("a\n\x0cb\n", ["a\n", "\x0cb\n"]),
        ("a = '\x0b\x0c\x1c\u2028'\nb\n", ["a = '\x0b\x0c\x1c\u2028'\n", "b\n"]),
        (
            "if x:\n    a\n\n    # in\nelse:\n    b\n\nc\n",
            ["if x:\n    a\n\n    # in\nelse:\n    b\n", "c\n"],
        ),
        ("(\na)\nb\n", ["(\na)\n", "b\n"]),
        ("async def f(): pass\n", ["async def f(): pass\n"]),
    ],
)
def test_units_are_whole_lines(text, pieces):
    assert pieces == [text[piece.start : piece.end] for piece in split(text, ast.parse(text))]


def test_statements_know_their_unit():
    pieces = split("a; b\nc\n", ast.parse("a; b\nc\n"))
    assert [len(piece.statements) for piece in pieces] == [2, 1]
