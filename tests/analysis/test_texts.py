"""What one question about a text says of another: compared with what Python answers on every short text."""

import itertools

import pytest

from ctxlint.analysis.texts import implied
from ctxlint.model.ir import TextTest

TEXTS = ["".join(letters) for size in range(4) for letters in itertools.product("ab", repeat=size)]
WORDS = [("a",), ("b", "ab"), ("aa", "ba"), ("bab",)]
TESTS = [TextTest("x", kind, words) for kind in ("is", "startswith", "endswith") for words in WORDS]


def asked_of(test, text):
    return text in test.words if test.kind == "is" else getattr(text, test.kind)(test.words)


@pytest.mark.parametrize("known", TESTS, ids=lambda test: f"{test.kind} {test.words}")
@pytest.mark.parametrize("held", [True, False])
def test_an_implied_answer_is_the_one_that_python_gives(known, held):
    """Whatever text the first answer leaves possible, the second question is answered as was implied."""
    possible = [text for text in TEXTS if asked_of(known, text) is held]
    for asked in TESTS:
        answers = {asked_of(asked, text) for text in possible}
        assert implied(known, asked, held=held) in (None, *(answers if len(answers) == 1 else ())), asked


def test_what_excludes_each_other_is_known():
    """One text is not two others, and does not start with what it does not start with."""
    is_a, is_b = TextTest("x", "is", ("a",)), TextTest("x", "is", ("b",))
    begins, ends = TextTest("x", "startswith", ("b",)), TextTest("x", "endswith", ("a",))

    assert implied(is_a, is_b, held=True) is False
    assert implied(is_a, begins, held=True) is False
    assert implied(begins, is_a, held=True) is False
    assert implied(is_a, ends, held=True) is True
    assert implied(ends, is_a, held=False) is False
    assert implied(begins, ends, held=True) is None
    assert implied(is_a, is_b, held=False) is None
