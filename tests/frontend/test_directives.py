"""``# noqa``, as flake8 reads it, and ``# ctxlint: ignore``: what they say and which rows they hold for."""

import pytest

from ctxlint.frontend.directives import suppressions
from ctxlint.frontend.gate import may_hold
from ctxlint.frontend.layout import Block, layout


def covers(text, row, code, name="some-rule"):
    return bool(suppressions(text).covering((row,), code, name))


def rows(text, code="CTX201", name="mutable-default"):
    """The rows in which a finding would be suppressed."""
    return [row for row in range(1, text.count("\n") + 2) if covers(text, row, code, name)]


@pytest.mark.parametrize(
    ("line", "covered"),
    [
        ("x = 1  # noqa", True),
        ("x = 1  # NOQA", True),
        ("x = 1  #noqa", True),
        ("x = 1  # noqa: CTX104", True),
        ("x = 1  # noqa:CTX104", True),
        ("x = 1  # noqa: ctx1", True),
        ("x = 1  # noqa: CTX", True),
        ("x = 1  # noqa: E501, CTX104", True),
        ("x = 1  # noqa: E501 CTX104", True),
        ("x = 1  # type: ignore # noqa: E501,CTX1 because", True),
        ("x = 1  # noqa: E501", False),
        ("x = 1  # noqa: CTX105", False),
        ("x = '# noqa'", False),
        ("x = 1", False),
    ],
)
def test_one_line(line, covered):
    assert covered is covers(f"a\n{line}\n", 2, "CTX104")
    assert not covers(f"a\n{line}\n", 1, "CTX104")


def test_rows_are_those_of_the_text():
    text = "'''\n# noqa\n'''\r\nx  # noqa\ry # noqa: CTX2\n"
    assert [row for row in range(1, 8) if covers(text, row, "CTX201")] == [4, 5]


def test_text_that_is_not_python_is_searched_by_line():
    assert covers("x = (\n# noqa\n", 2, "CTX104")
    assert not suppressions("x = (\n# noqa\n").whole


# --- rows ----------------------------------------------------------------------------------------------------

CALL = "a\nf(\n  1,\n  2,\n)\nb\n"


@pytest.mark.parametrize("row", [2, 3, 4, 5])
@pytest.mark.parametrize("comment", ["# noqa", "# noqa: CTX201", "# ctxlint: ignore[mutable-default] why"])
def test_any_row_of_a_statement_will_do(row, comment):
    lines = CALL.split("\n")
    lines[row - 1] += f"  {comment}"
    assert rows("\n".join(lines)) == [2, 3, 4, 5]


def test_the_head_of_a_compound_statement_is_one():
    assert rows("with (\n  a as b,\n):  # noqa\n  c\n") == [1, 2, 3]
    assert rows("if a:\n  b \\\n  + c  # noqa\n  d\n") == [2, 3]


BODY = "async def f(\n    a,\n):\n    b\n    class C: pass\n\n    # end\nc\n"


@pytest.mark.parametrize("row", [1, 2, 3])
def test_our_own_comment_in_a_head_holds_for_the_body(row):
    lines = BODY.split("\n")
    lines[row - 1] += "  # ctxlint: ignore[CTX2]"
    assert rows("\n".join(lines)) == [1, 2, 3, 4, 5]
    assert rows("\n".join(lines).replace("ctxlint: ignore[CTX2]", "noqa: CTX2")) == [1, 2, 3]


def test_bodies_end_where_the_indentation_does():
    text = "class A:  # ctxlint: ignore\n  def f(self):\n    a\n  def g(self): b\nc\n"
    assert rows(text) == [1, 2, 3, 4]
    assert layout(text).blocks == (Block("A", 1, 1, 4), Block("f", 2, 2, 3), Block("g", 4, 4, 4))


def test_a_comment_in_a_row_of_its_own_holds_for_none():
    (directive,) = suppressions("a\n# ctxlint: ignore[CTX2]\nb\n").directives
    assert directive.alone
    assert rows("a\n# ctxlint: ignore[CTX2]\nb\n") == [2]


@pytest.mark.parametrize(
    "text",
    [
        "# ctxlint: ignore-file[mutable-default] why\na\nb\n",
        "a\nb  # ctxlint: ignore-file\nc\n",
        "a\n\t# flake8: noqa\nb\n",
        "# flake8: noqa: CTX2, E501\na\nb\n",
    ],
)
def test_for_the_whole_file(text):
    assert rows(text) == [1, 2, 3, 4]


def test_flake8s_word_for_the_file_stands_alone():
    assert rows("a  # flake8: noqa\n") == []


# --- words ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("comment", "words", "reason"),
    [
        ("# ctxlint: ignore[token-discarded] a cache", ("token-discarded",), "a cache"),
        ("#ctxlint:ignore[CTX1,ctx201]: why", ("CTX1", "ctx201"), "why"),
        ("# ctxlint: ignore[a b] -- why # not", ("a", "b"), "why # not"),
        ("# ctxlint: ignore", (), ""),
        ("# ctxlint: ignore, for now", (), "for now"),
        ("# type: ignore # ctxlint: ignore[x]  # pylint: disable=all", ("x",), ""),
        ("# noqa: CTX104 \u2014 it is reset by the caller", ("CTX104",), "it is reset by the caller"),
        ("# noqa: CTX104 # pragma: no cover", ("CTX104",), ""),
        ("# noqa: CTX104 type of a token", ("CTX104",), "type of a token"),
    ],
)
def test_words_and_reason(comment, words, reason):
    (directive,) = suppressions(f"a  {comment}\n").directives
    assert (directive.words, directive.reason, directive.problem) == (words, reason, "")


@pytest.mark.parametrize(
    "comment",
    [
        "# ctxlint: ignored[x]",
        "# ctxlint: ignore[",
        "# ctxlint: ignore[]",
        "# ctxlint: disable=CTX1",
        "# ctxlint: file-ignore[x]",
    ],
)
def test_what_is_no_directive_but_meant_as_one_suppresses_nothing(comment):
    (directive,) = suppressions(f"a  {comment}\n").directives
    assert directive.problem
    assert rows(f"a  {comment}\n") == []


@pytest.mark.parametrize("comment", ["# ctxlint: a linter", "# ctxlint finds it", "# see ctxlint: ignore[x]"])
def test_prose_is_no_directive(comment):
    assert suppressions(f"a  {comment}\n").directives == ()


def test_two_in_one_comment():
    found = suppressions("a  # noqa: E501  # ctxlint: ignore[CTX1] because\n").directives
    assert [each.words for each in found] == [("E501",), ("CTX1",)]


@pytest.mark.parametrize(
    ("line", "may"),
    [
        (b"a  # noqa: E501, CTX104", True),
        (b"a  # NOQA:CTX1", True),
        (b"# ctxlint: ignore", True),
        (b"a  # noqa", False),
        (b"SSL_CTX = 1", False),
    ],
)
def test_the_gate_knows_files_that_name_us(line, may):
    assert may_hold(line) is may
