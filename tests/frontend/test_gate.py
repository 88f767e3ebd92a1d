"""The byte search that keeps files away from every parser."""

import subprocess
import sys

import pytest

from ctxlint.frontend.gate import KEPT, Gathered, holds, is_candidate, keeps_by_thread, mentions
from ctxlint.knowledge.loader import calls


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


@pytest.mark.parametrize("library", calls().tokens, ids=lambda library: library.variable)
def test_who_uses_a_library_with_tokens_is_a_candidate(library):
    """However it is imported: the package and the last name of the function stand in the file."""
    for function in library.sets | library.clears:
        package, last = function.split(".")[0], function.rpartition(".")[2]
        assert is_candidate(f"import {package}\n...{last}(x)".encode())
        assert not is_candidate(f"import {package}\n".encode())


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"import threading\nx = threading.local()", True),
        (b"import threading as t\nx = t . local()", True),
        (b"from threading import (\n    Lock,\n    local as _local,\n)", True),
        (b"from _threading_local import local", True),
        (b"import threading\nlocal = 1", False),
        (b"x = self.local", False),
    ],
)
def test_state_by_thread_is_an_attribute_of_the_module_or_imported_from_it(data, found):
    assert found is keeps_by_thread(data)
    assert not is_candidate(data)


_VARIABLES = {
    b"flask": ("flask request", "flask app"),
    b"opentelemetry": ("opentelemetry context",),
    b"localcontext": ("decimal context",),
    b"getcontext": ("decimal context",),
}


@pytest.mark.parametrize("kept", KEPT, ids=lambda kept: kept.name.decode())
def test_the_gate_knows_how_a_library_is_written_that_keeps_a_variable(kept):
    """One of the words stands in every use that the knowledge has a name for."""
    rows = [library for library in calls().tokens if library.variable in _VARIABLES[kept.name]]
    assert len(rows) == len(_VARIABLES[kept.name])
    for row in rows:
        for name in row.puts if kept.name == b"getcontext" else (*row.holds, *row.entries):
            assert any(word in f".{name.rpartition('.')[2]}".encode() for word in kept.held), name
        for name in (*row.reads, *row.proxies):
            assert any(word in name.encode() for word in kept.read), name
        assert {word.encode() for word in row.carried_by} == set(kept.carried)


@pytest.mark.parametrize(
    ("sources", "found"),
    [
        (("from flask import request\n@app.route\nThread(request.path)",), {"0"}),
        (("from flask import Flask\n@app.route", "from flask import request", "import Thread"), {"0"}),
        (("from flask import Flask\n@app.route", "from flask import request"), set()),
        (("from flask import Flask\n@app.route", "import Thread"), set()),
        (("from decimal import localcontext", "getcontext(); pool.submit"), {"0"}),
        (("getcontext().prec = 7; pool.submit(f)",), {"0"}),
        (("getcontext(); pool.submit(f)",), set()),
        (("import opentelemetry; use_span(x); get_current_span()", "pool.submit(f)"), {"0"}),
    ],
)
def test_files_that_hold_a_value_of_a_library_count_where_it_can_be_lost(sources, found):
    gathered = Gathered()
    for index, source in enumerate(sources):
        assert not is_candidate(source.encode())
        gathered.see(str(index), source.encode())
    assert {path for path, _ in gathered.candidates()} == found
    assert all(holds(content) for _, content in gathered.candidates())
