"""Inputs made to overflow: each ends in facts or in a limit, none in a crash."""

import sys
import threading

import pytest

from ctxlint.frontend.reader import read_module
from ctxlint.model.sources import Unreadable

DEEP = {
    "brackets": "x = " + "(" * 3_000 + ")" * 3_000,
    "brackets in an f-string": "x = f'{" + "(" * 3_000 + ")" * 3_000 + "}'",
    "not": "x = " + "not " * 100_000 + "a",
    "minus": "x = " + "-" * 100_000 + "a",
    "lambda": "x = " + "lambda: " * 20_000 + "a",
    "conditional": "x = " + "a if b else " * 20_000 + "c",
    "attributes": "x = a" + ".b" * 20_000,
    "calls": "x = a" + "()" * 20_000,
    "power": "x = " + "a**" * 20_000 + "a",
    "sum": "x = " + "a + " * 100_000 + "a",
    "patterns": "match a:\n case " + "(" * 3_000 + "b" + ")" * 3_000 + ": pass",
}


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP.keys())
def test_what_is_too_deep_is_a_limit(text):
    facts = read_module(text + "\n").facts
    assert len(facts.limits) == 1
    assert facts.limits[0].message.endswith("not read")
    assert facts.units == ()


LONG = {
    "elif": "if a: b\n" + "elif a: b\n" * 3_000,
    "sum": "x = " + "a + " * 5_000 + "a",
    "strings": "x = (" + "'a'\n" * 3_000 + ")",
    "and": "x = " + "a and " * 3_000 + "a",
    "comparison": "x = " + "a < " * 3_000 + "a",
    "for": "x = [a " + "for a in b " * 3_000 + "]",
    "import": "import a" + ".b" * 3_000,
    "elements": "x = [" + "a, " * 3_000 + "]",
    "with": "with (" + "a as b, " * 3_000 + "): pass",
}


@pytest.mark.parametrize("text", LONG.values(), ids=LONG.keys())
def test_what_is_long_is_read_or_a_limit(text):
    facts = read_module(text + "\n").facts
    assert len(facts.units) + len(facts.limits) == 1


def test_a_deep_statement_does_not_hide_the_others():
    """Where the host's parser bears it, only the deep statement is given up."""
    text = "import a\nx = " + "a + " * 1_500 + "a\nb = 1\n"
    facts = read_module(text).facts
    assert [limit.span.start for limit in facts.limits] == [9]
    assert [0, text.index("b = 1")] == [unit.base for unit in facts.units]


def test_the_reader_leaves_the_process_as_it_was():
    before = sys.getrecursionlimit(), threading.stack_size(), threading.active_count()
    read_module("a = 1\n")
    with pytest.raises(Unreadable):
        read_module("a = = 1\n")
    assert before == (sys.getrecursionlimit(), threading.stack_size(), threading.active_count())


def test_threads_may_read_at_once():
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(read_module("a = b.c\n").facts)) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [found[0]] * 8 == found
