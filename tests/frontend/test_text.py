"""Bytes to text, as Python's own tokenizer would decode them."""

import pytest

from ctxlint.frontend.text import bracket_depth_exceeded, decode, operator_chain
from ctxlint.model.sources import Unreadable
from ctxlint.model.spans import Span


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", ""),
        (b"x = 1\r\ny\rz\x0c\n", "x = 1\r\ny\rz\x0c\n"),
        ("é = '𐐀'\n".encode(), "é = '𐐀'\n"),
        (b"\xef\xbb\xbfx\n", "x\n"),
        (b"\xef\xbb\xbf# coding: utf-8\nx\n", "# coding: utf-8\nx\n"),
        (b"# -*- coding: latin-1 -*-\n'\xe9'\n", "# -*- coding: latin-1 -*-\n'é'\n"),
        (
            b"#!python\r# vim: set fileencoding=cp1252 :\r'\x80'",
            "#!python\r# vim: set fileencoding=cp1252 :\r'€'",
        ),
        (b"\n\n# coding: latin-1\n", "\n\n# coding: latin-1\n"),
        (b"x = 1\n# coding: nonsense\n", "x = 1\n# coding: nonsense\n"),
    ],
)
def test_decodes_as_python_does(data, text):
    assert text == decode(data)


@pytest.mark.parametrize(
    ("data", "message", "span"),
    [
        (b"x = '\xe9'\n", "cannot be decoded as utf-8: invalid byte at offset 5", Span(5, 6)),
        ("é = '".encode() + b"\xff'\n", "cannot be decoded as utf-8: invalid byte at offset 6", Span(5, 6)),
        (b"\xef\xbb\xbf\xff", "cannot be decoded as utf-8: invalid byte at offset 3", Span(0, 1)),
        (b"# coding: ascii\n\x80", "cannot be decoded as ascii: invalid byte at offset 16", Span(16, 17)),
        (b"# coding: klingon\n", "unknown encoding: klingon", Span(10, 17)),
        (b"\n# coding: hex\n", "unknown encoding: hex", Span(11, 14)),
        (b"x\0y", "contains a null byte", Span(1, 2)),
        (
            b"\xef\xbb\xbf# coding: latin-1\n",
            "declares the encoding latin-1 but starts with a UTF-8 byte order mark",
            Span(10, 17),
        ),
    ],
)
def test_says_why_and_where_it_cannot_decode(data, message, span):
    with pytest.raises(Unreadable) as caught:
        decode(data)
    assert (message, span) == (caught.value.message, caught.value.span)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("(" * 200 + ")" * 200, None),
        ("x = " + "(" * 201 + ")" * 201, Span(204, 205)),
        ("[](){}" * 1000, None),
        ("'" + "(" * 500 + "'", None),
        ("'''\n" + "(" * 500 + "\n'''", None),
        ("# " + "(" * 500 + "\n", None),
        (r"'\'" + "(" * 500 + "'", None),
        (r"r'\\'" + "(" * 201, Span(205, 206)),
        ("f'" + "{{" * 500 + "'", None),
        ("f'{" + "(" * 500 + ")" * 500 + "}'", Span(0, 1005)),
        ("'unterminated\n" + "{" * 300, Span(214, 215)),
        ('"""unterminated ' + "{" * 300, None),
    ],
)
def test_finds_the_bracket_that_nests_too_deep(text, place):
    assert place == bracket_depth_exceeded(text)


def test_operators_in_strings_and_comments_are_no_chain():
    assert operator_chain("# " + "-" * 5000 + "\nx = '" + "+" * 5000 + "'\n") is None
    assert operator_chain("x = " + "not " * 1000 + "y") == Span(4, 4004)
    assert operator_chain("x = " + "-" * 999 + "y") is None
