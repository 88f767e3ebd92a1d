"""From findings to the report: failures, suppression, selection, order."""

import pytest
from programs import DEFAULT, EVERY, ROOT, Texts, check, files, places, program, scope

from ctxlint.analysis.analysis import Analysis
from ctxlint.analysis.effects import NO_EFFECTS
from ctxlint.analysis.library import Library
from ctxlint.analysis.modules import module_table
from ctxlint.analysis.program import Program
from ctxlint.analysis.resolve import Resolver
from ctxlint.judging import _claims
from ctxlint.model.diagnostics import Failure
from ctxlint.model.spans import Location, Span
from ctxlint.rules import mutable_default
from ctxlint.rules.registry import all_rules

VARS = "from contextvars import ContextVar\n"
WRONG = f"{VARS}v = ContextVar('v', default=[])\n"


def test_a_program_without_findings_reports_nothing():
    report = check({"m.py": f"{VARS}v = ContextVar('v')\n"})
    assert (report.diagnostics, report.hidden, report.failures, report.texts) == ((), 0, (), {})


def test_a_finding_carries_what_its_rule_says():
    (found,) = check({"m.py": WRONG}).diagnostics
    assert (found.code, found.name, found.severity) == (
        "CTX201",
        "mutable-default",
        mutable_default.RULE.severity,
    )
    assert found.location == Location("m.py", Span(63, 65))


def test_the_text_of_every_file_that_is_named_is_handed_on():
    assert check({"m.py": WRONG, "n.py": f"{VARS}w = ContextVar('w')\n"}).texts == {"m.py": WRONG}


@pytest.mark.parametrize(
    ("first", "last", "shown"),
    [
        ("", "", 1),
        ("  # noqa", "", 0),
        ("", "  # noqa", 0),
        ("  # noqa: CTX201", "", 0),
        ("", "  # noqa: CTX2", 0),
        ("  # noqa: CTX101", "", 2),
        ("  # noqa: E501", "", 1),
    ],
)
def test_a_directive_counts_on_the_first_and_on_the_last_row(first, last, shown):
    """Where it suppresses nothing that is told, too."""
    text = f"{VARS}v = ContextVar('v', default=[{first}\n    1,\n]{last}\n)\n"
    assert len(check({"m.py": text}).diagnostics) == shown
    assert len(check({"m.py": text}, apply_noqa=False).diagnostics) == 1


def test_a_directive_counts_on_every_row_of_the_statement():
    """In flake8, too."""
    text = f"{VARS}v = ContextVar('v', default=[\n    1,  # noqa\n])\n"
    assert places(check({"m.py": text})) == []


def test_what_is_not_selected_is_not_shown_and_only_opt_in_rules_are_counted():
    report = check({"m.py": WRONG}, selected=frozenset())
    assert (report.diagnostics, report.hidden) == ((), 0)


def test_findings_of_opt_in_rules_are_counted_until_they_are_selected():
    text = f"{VARS}v = ContextVar('v')\ndef handle(x):\n    v.set(x)\n"
    hidden, shown = check({"m.py": text}), check({"m.py": text}, selected=EVERY)
    named = {code for code in EVERY - DEFAULT if "+" not in code}
    assert {rule.code for rule in all_rules() if not rule.default} == named
    assert hidden.hidden == len(shown.diagnostics) - len(hidden.diagnostics)
    assert hidden.hidden > 0
    assert shown.hidden == 0


def test_findings_in_files_that_are_only_read_are_not_shown():
    assert places(check({"m.py": WRONG, "n.py": WRONG}, unreported=("n.py",))) == ["m.py:2:29 CTX201"]


def test_the_order_is_that_of_files_and_text_whatever_the_order_of_reading():
    sources = {"b.py": WRONG, "a.py": WRONG + "w = ContextVar('w', default={})\n", "c.py": WRONG}
    backwards = dict(reversed(sources.items()))
    expected = ["a.py:2:29 CTX201", "a.py:3:29 CTX201", "b.py:2:29 CTX201", "c.py:2:29 CTX201"]
    assert places(check(sources)) == expected
    assert check(sources).diagnostics == check(backwards).diagnostics


def test_progress_is_told_for_each_file_and_at_the_end():
    told = []
    check({"a.py": "", "b.py": "", "c.py": WRONG}, progress=lambda *step: told.append(step))
    assert told == [("searching", n, 3) for n in range(4)]


def test_a_file_that_cannot_be_opened_is_told_if_it_is_reported():
    gone = OSError(2, "No such file or directory")
    (found,) = check({"m.py": gone}).diagnostics
    assert (found.code, found.location.filename) == ("CTX901", "m.py")
    assert "No such file or directory" in found.message
    assert check({"m.py": gone}, unreported=("m.py",)).diagnostics == ()


def test_an_error_without_words_is_told_by_its_text():
    (found,) = check({"m.py": OSError("broken pipe")}).diagnostics
    assert "broken pipe" in found.message


# --- failures ------------------------------------------------------------------------------------------------


def test_a_rule_that_crashes_is_a_failure_and_the_others_speak():
    """An analysis that lacks what one rule asks for: the real rules, the real boundary."""
    linked = program({"m.py": WRONG})
    analysis = Analysis(linked, {}, lambda: {f"{ROOT}/m.py": None}, {f"{ROOT}/m.py": "m.py"})
    failures = []
    claims = list(_claims(analysis, failures))
    assert [rule.code for rule, _ in claims] == ["CTX201"]
    assert failures == [Failure("rule CTX904", "", "TypeError: 'NoneType' object is not iterable")]


class _Broken(Texts):
    """Facts that fail for one file."""

    def headings(self, path):
        if path.endswith("n.py"):
            raise ValueError(path)
        return super().headings(path)


def _broken(text):
    library = Library(_Broken({"m.py": text}), module_table(files(["m.py", "n.py"])))
    return Program(Resolver(library), [f"{ROOT}/m.py"])


def test_a_function_that_crashes_is_a_failure_and_has_no_effects():
    """What brings the facts fails while one function is summarised."""
    text = f"{VARS}from n import helper\nv = ContextVar('v')\ndef f(): return helper\ndef g(): v.set(1)\n"
    linked = _broken(text)
    f, g = scope(linked, "m.py:f"), scope(linked, "m.py:g")
    assert (linked.effects(f), len(linked.effects(g).sets)) == (NO_EFFECTS, 1)
    assert linked.failures == [Failure("interpret", "/p/m.py: f", "ValueError: /p/n.py")]
    assert linked.effects(f) is linked.effects(f)


def test_a_module_that_crashes_is_told_as_its_body():
    linked = _broken("import n\nn.helper()\n")
    assert linked.effects(scope(linked, "m.py")) == NO_EFFECTS
    assert [failure.filename for failure in linked.failures] == ["/p/m.py: module body"]


def test_an_expression_that_is_too_deep_is_told_and_the_others_are_judged():
    report = check({"m.py": f"{WRONG}def long():\n    v.set(1)\n    x{'.a()' * 900}\n"})
    assert (report.failures, places(report)) == ((), ["m.py:2:29 CTX201", "m.py:3:1 CTX904"])


def test_calls_that_go_too_deep_are_told_and_the_others_are_judged():
    """Each function is summarised while its caller is: a long chain of calls meets the interpreter's own bound."""
    chain = "".join(f"def f{n}():\n    f{n + 1}()\n    v.set({n})\n" for n in range(600))
    report = check({"m.py": f"{WRONG}{chain}def f600(): v.set(1)\n"})
    told = [d.message for d in report.diagnostics if d.code == "CTX904"]
    assert report.failures == ()
    assert places(report)[0] == "m.py:2:29 CTX201"
    assert len(told) >= 1
    assert {message.partition(" is ")[2] for message in told} == {
        "nested too deeply to follow; its tokens were not checked."
    }


def test_thousands_of_elif_around_a_token_are_a_note_and_no_failure():
    tests = "".join(f"    elif a == {number}: v.reset(t)\n" for number in range(3000))
    head = "from contextvars import ContextVar\nv = ContextVar('v')\n"
    text = f"{head}def f(a):\n    t = v.set(1)\n    if a: pass\n{tests}"
    report = check({"m.py": text})
    assert ([diagnostic.code for diagnostic in report.diagnostics], report.failures) == (["CTX904"], ())


def test_what_a_hop_hands_on_may_be_made_of_itself():
    text = (
        f"{VARS}import threading\nv = ContextVar('v')\ndef wrap(fn): return fn\ndef f(fn):\n    v.set(1)\n"
        "    fn = wrap(fn)\n    threading.Thread(target=fn).start()\ndef read(): v.get()\nf(read)\n"
    )
    assert check({"m.py": text}).failures == ()
