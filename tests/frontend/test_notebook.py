"""Notebooks as modules."""

from __future__ import annotations

import ast
import json

import pytest

from ctxlint.frontend.notebook import NoNotebookError, read_notebook


def notebook(*cells: str | tuple[str, str], **metadata: object) -> bytes:
    """Make a notebook of code cells, or of pairs of kind and source."""
    pairs = [cell if isinstance(cell, tuple) else ("code", cell) for cell in cells]
    made = [
        {"cell_type": kind, "metadata": {}, "source": source.splitlines(keepends=True)}
        for kind, source in pairs
    ]
    return json.dumps({"cells": made, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}).encode()


def module(*cells: str) -> str:
    text = read_notebook(notebook(*cells)).text
    ast.parse(text)
    return text


def test_cells_follow_each_other_and_keep_their_rows() -> None:
    found = read_notebook(notebook("a = 1", ("markdown", "# A title"), "b = 2\n\nc = 3\n", "", "d = 4"))

    assert found.text == "a = 1\nb = 2\n\nc = 3\n\nd = 4\n"
    assert found.cells == ((1, 1), (2, 3), (5, 4), (6, 5))


@pytest.mark.parametrize(
    ("line", "written"),
    [
        ("%matplotlib inline", "pass"),
        ("!pip install 'it", "pass"),
        ("! ls (", "pass"),
        ("?print", "pass"),
        ("print?", "pass"),
        ("a.b.c??", "pass"),
        ("%timeit?", "pass"),
        ("files = !ls *.py", "files = None"),
        ("a, b = %time f('x)", "a, b = None"),
        ("await f()", "await f()"),
        ("x = 5 % 3", "x = 5 % 3"),
        ("y = a != b", "y = a != b"),
        ("x = '?'", "x = '?'"),
    ],
)
def test_what_python_does_not_understand_is_blanked(line: str, written: str) -> None:
    text = "x = a = b = 1\n{0}\nif x:\n    {0}\n"
    assert module(text.format(line)) == text.format(written)


@pytest.mark.parametrize(
    "cell",
    [
        'text = """\n%not a magic\n!nor this?\n"""\n',
        "x = (5\n%3\n)\n",
        "x = 5 \\\n%3\n",
        "x = '''a'''\ny = [\n'%d'\n% 4]\n",
        "# a comment (\nx = 1\n",
    ],
)
def test_what_python_understands_stays(cell: str) -> None:
    assert module(cell) == cell


def test_a_magic_of_several_lines_goes_with_its_lines() -> None:
    assert module("!pip install \\\n  a \\\n  b\nx = 1\n") == "pass\n\n\nx = 1\n"


def test_a_cell_of_another_language_is_blank_and_one_of_python_is_not() -> None:
    assert module("%%bash\nfor f in *; do\n", "%%time\nx = 1\n") == "\n\npass\nx = 1\n"


def test_a_source_may_be_one_string() -> None:
    document = {"cells": [{"cell_type": "code", "source": "a = 1\nb = 2"}]}

    assert read_notebook(json.dumps(document).encode()).text == "a = 1\nb = 2\n"


def test_another_language_has_no_cells_for_us() -> None:
    assert read_notebook(notebook("x <- 1", kernelspec={"language": "R"})).text == ""
    assert read_notebook(notebook("x = 1", language_info={"name": "python"})).text == "x = 1\n"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"{", "no notebook: its JSON breaks off (line 1, column 2 of the file)"),
        (
            '{"é": [\n "é",,'.encode(),
            "no notebook: JSON is malformed: invalid character (line 2, column 6 of the file)",
        ),
        (b"x = 1\n", "no notebook: "),
        (b"[]", "no notebook: expected `object`, got `array`"),
        (b'{"worksheets": []}', "no notebook: object missing required field `cells`"),
        (b'{"cells": [1]}', "no notebook: cell 1: expected `object`, got `int`"),
        (b'{"cells": [{}, {"source": 4}]}', "no notebook: cell 2: source: expected `str | array`, got `int`"),
        (b'"\xff"', "no notebook: "),
        (b"[" * 100_000, "no notebook: "),
    ],
    ids=["cut off", "comma", "python", "list", "format 3", "number", "source", "no text", "deep"],
)
def test_what_is_no_notebook_is_told(content: bytes, told: str) -> None:
    with pytest.raises(NoNotebookError) as error:
        read_notebook(content)

    assert str(error.value).startswith(told)


@pytest.mark.parametrize("content", [b"", b"\n", b'\xef\xbb\xbf{"cells": []}', b'{"cells": [{}]}'])
def test_nothing_is_an_empty_module(content: bytes) -> None:
    assert read_notebook(content).text == ""
