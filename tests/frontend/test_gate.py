"""The byte search that keeps files away from every parser."""

import subprocess
import sys

import pytest

from ctxlint.frontend.gate import is_candidate, mentions


def test_candidates_name_the_module_or_the_class():
    assert is_candidate(b"from contextvars import *")
    assert is_candidate(b"# ContextVar")
    assert not is_candidate(b"import context_vars; Contextvar")


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"user.get()", True),
        (b"user_id.get()", False),
        (b"superuser", False),
        ("éuser".encode(), False),
        (b"", False),
        (b"x;Thread(", True),
    ],
)
def test_mentions_whole_identifiers_only(data, found):
    assert found is mentions(data, frozenset({"user", "Thread"}))


def test_no_words_are_mentioned_nowhere():
    assert not mentions(b"anything", frozenset())


def test_gate_text_and_units_do_not_import_libcst():
    """The pre-commit case, a file without context variables, must not pay for the parser."""
    code = (
        "import sys, ctxlint.frontend.gate, ctxlint.frontend.text, ctxlint.frontend.units, "
        "ctxlint.frontend.directives; sys.exit('libcst' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
