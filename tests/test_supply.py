"""Who reads a unit, what libcst says against the draft, and what is remembered, with the real memory on the disk."""

import pytest

from ctxlint import engine
from ctxlint.frontend.reader import read_module
from ctxlint.model.facts import Limit
from ctxlint.model.sources import SourceFile
from ctxlint.rules.registry import all_rules
from ctxlint.shell.memory import Memory
from ctxlint.supply import Facts, _key

CODES = frozenset(rule.code for rule in all_rules())
TEXT = (
    "from contextvars import ContextVar\nv = ContextVar('v', default=[])\n\n\ndef leave(x):\n    v.set(x)\n    go()\n"
    "    go()\n\n\ndef idle():\n    return 1\n"
)


def _facts(sources, memory=None):
    def read(path):
        if path not in sources:
            raise FileNotFoundError(path)
        return sources[path].encode()

    return Facts(read, memory)


@pytest.fixture
def memory(tmp_path):
    with Memory.open(str(tmp_path / "cache"), "1") as opened:
        yield opened


def _check(sources, memory=None):
    files = [SourceFile(path, path.lstrip("/"), ("/",)) for path in sources]
    return engine.check(files, lambda path: sources[path].encode(), CODES, memory=memory)


def test_a_unit_is_drafted_and_says_what_libcst_says():
    facts = _facts({"/m.py": TEXT})
    drafted = tuple(facts.unit("/m.py", index) for index in range(4))
    assert drafted == tuple(unit.body for unit in read_module(TEXT).facts.units)
    assert (facts.units_read, facts.files_read, facts.files_opened) == (0, 0, 1)


def test_libcst_reads_what_is_confirmed_once():
    facts = _facts({"/m.py": TEXT})
    assert facts.confirm([("/m.py", 1), ("/m.py", 2)])
    assert facts.confirm([("/m.py", 2), ("/gone.py", 0)])
    size = len("v = ContextVar('v', default=[])\ndef leave(x):\n    v.set(x)\n    go()\n    go()\n")
    assert (facts.units_read, facts.files_read, facts.bytes_read) == (2, 1, size)


def test_where_libcst_says_otherwise_its_word_counts():
    """Parentheses around an annotated name are refused by libcst, and allowed by Python."""
    facts = _facts({"/m.py": "(x): int = 1\n"})
    assert facts.unit("/m.py", 0) != ()
    assert not facts.confirm([("/m.py", 0)])
    assert facts.unit("/m.py", 0) == ()
    (limit,) = facts.limits()["/m.py"]
    assert isinstance(limit, Limit)
    assert facts.confirm([("/m.py", 0)])


def test_a_statement_that_libcst_refuses_is_told_where_it_matters():
    text = "from contextvars import ContextVar\n(v): object = ContextVar('v', default=[])\n"
    report = _check({"/m.py": text})
    assert [diagnostic.code for diagnostic in report.diagnostics] == ["CTX904"]
    assert _check({"/m.py": text.replace("(v)", "v")}).diagnostics[0].code == "CTX201"


def test_files_that_are_not_there_say_nothing_and_those_that_are_no_python_are_told():
    facts = _facts({"/m.py": "def (:\n"})
    assert (facts.headings("/gone.py"), facts.headings("/m.py"), list(facts.unreadable)) == (
        None,
        None,
        ["/m.py"],
    )
    assert facts.units_with("/m.py", {"x"}) == ()
    facts = _facts({})
    facts.give({"/m.py": b"def (:\n"})
    assert facts.headings("/m.py") is None
    assert list(facts.unreadable) == ["/m.py"]


# --- memory --------------------------------------------------------------------------------------------------


def test_the_second_run_reads_nothing_and_says_the_same(memory):
    first, second = _check({"/m.py": TEXT}, memory), _check({"/m.py": TEXT}, memory)
    assert first.diagnostics == second.diagnostics == _check({"/m.py": TEXT}).diagnostics
    assert (first.statistics.units_read, second.statistics.units_read) == (2, 0)


def test_a_changed_file_is_read_again_and_no_other(memory):
    other = TEXT.replace("v.set(x)", "v.set(1)")
    _check({"/m.py": TEXT, "/n.py": TEXT + "\n"}, memory)
    changed = _check({"/m.py": other, "/n.py": TEXT + "\n"}, memory)
    assert (changed.statistics.files_read, changed.statistics.units_read) == (1, 2)


def test_one_text_in_two_files_is_remembered_once(memory):
    _check({"/a.py": TEXT}, memory)
    assert _check({"/b.py": TEXT}, memory).statistics.units_read == 0


def test_a_unit_that_nobody_asked_for_is_drafted_later(memory):
    facts = _facts({"/m.py": TEXT}, memory)
    first = facts.unit("/m.py", 3)
    facts.remember()
    again = _facts({"/m.py": TEXT}, memory)
    assert again.unit("/m.py", 3) == first
    assert again.unit("/m.py", 2) == read_module(TEXT).facts.units[2].body
    again.remember()
    assert _facts({"/m.py": TEXT}, memory).unit("/m.py", 2) == again.unit("/m.py", 2)


def test_what_was_given_up_is_remembered(memory):
    sources = {"/m.py": "(x): int = 1\n"}
    facts = _facts(sources, memory)
    facts.confirm([("/m.py", 0)])
    facts.remember()
    again = _facts(sources, memory)
    assert again.unit("/m.py", 0) == ()
    assert again.limits() == facts.limits()
    assert (again.units_read, again.confirm([("/m.py", 0)])) == (0, True)


def test_a_file_over_a_bound_is_remembered(memory):
    sources = {"/m.py": "x = " + "(" * 300 + ")" * 300 + "\n"}
    facts = _facts(sources, memory)
    assert facts.headings("/m.py") == ()
    facts.remember()
    again = _facts(sources, memory)
    assert again.headings("/m.py") == ()
    assert again.limits() == facts.limits() != {"/m.py": ()}


@pytest.mark.parametrize("stored", [b"", b"\xc1", b"\x91\x01", b"not msgpack"])
def test_bytes_that_mean_nothing_count_for_nothing(memory, stored):
    memory.save({_key(TEXT.encode()): stored})
    report = _check({"/m.py": TEXT}, memory)
    assert report.diagnostics == _check({"/m.py": TEXT}).diagnostics
    assert report.statistics.units_read == 2


def _kept(sources, memory, selected=CODES, made_by=b"1", codes_in=None):
    files = [SourceFile(path, path.lstrip("/"), ("/",)) for path in sources]
    read = {path: text.encode() for path, text in sources.items()}.__getitem__
    return engine.check(files, read, selected, memory=memory, made_by=lambda: made_by, codes_in=codes_in)


def test_the_report_on_a_program_that_stays_the_same_is_given_again(memory):
    first = _kept({"/m.py": TEXT}, memory)
    again = _kept({"/m.py": TEXT}, memory)

    assert first.statistics.files_opened == 1
    assert again.statistics.files_opened == again.statistics.bytes_read == 0
    assert again.diagnostics == first.diagnostics != ()
    assert (again.texts, again.hidden) == (first.texts, first.hidden)


@pytest.mark.parametrize(
    "changed",
    [
        {"sources": {"/m.py": TEXT + "\n"}},
        {"sources": {"/m.py": TEXT, "/n.py": ""}},
        {"sources": {"/other.py": TEXT}},
        {"selected": CODES - {"CTX201"}},
        {"made_by": b"2"},
        {"codes_in": lambda _name: frozenset({"CTX201"})},
    ],
    ids="-".join,
)
def test_a_report_is_made_anew_when_anything_changed(memory, changed):
    _kept({"/m.py": TEXT}, memory)

    assert _kept(**{"sources": {"/m.py": TEXT}, "memory": memory, **changed}).statistics.files_opened == 1


class Plain:
    """A memory that lives as long as its test."""

    def __init__(self):
        self.entries = {}

    def load(self, keys):
        return {key: self.entries[key] for key in keys if key in self.entries}

    def save(self, entries):
        self.entries |= entries


def test_a_report_that_is_no_report_is_made_anew():
    memory = Plain()
    first = _kept({"/m.py": TEXT}, memory)
    memory.entries = dict.fromkeys(memory.entries, b"nonsense")

    again = _kept({"/m.py": TEXT}, memory)
    assert (again.diagnostics, again.statistics.files_opened) == (first.diagnostics, 1)
