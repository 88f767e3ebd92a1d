"""``# noqa``, as flake8 reads it."""

import pytest

from ctxlint.frontend.directives import suppressions


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
    assert covered is suppressions(f"a\n{line}\n").covers(2, "CTX104")
    assert not suppressions(f"a\n{line}\n").covers(1, "CTX104")


def test_rows_are_those_of_the_text():
    text = "'''\n# noqa\n'''\r\nx  # noqa\ry # noqa: CTX2\n"
    found = suppressions(text)
    assert [row for row in range(1, 8) if found.covers(row, "CTX201")] == [4, 5]


def test_text_that_is_not_python_is_searched_by_line():
    assert suppressions("x = (\n# noqa\n").covers(2, "CTX104")
