"""One code a site: which of several claims stands."""

from ctxlint.model.spans import Location, Span
from ctxlint.rules.precedence import cycle, kept
from ctxlint.rules.registry import all_rules
from ctxlint.rules.rule import Finding, Rule

HERE, THERE = Location("m.py", Span(1, 2)), Location("m.py", Span(3, 4))


def _rule(code, *yields_to):
    return Rule(code, code.lower(), "error", True, "A page.\n\nMore.", lambda _: (), yields_to)


def _claim(rule, site=HERE, message="", *, optional=None):
    return rule, Finding(site, site, message, optional=optional)


def _kept(*claims):
    return [(rule.code, finding.message) for rule, finding in kept(claims)]


A, B, C = _rule("A", "B"), _rule("B", "C"), _rule("C")


def test_a_claim_alone_stands():
    assert _kept(_claim(A)) == [("A", "")]


def test_a_claim_yields_to_another_of_the_same_site():
    assert _kept(_claim(A), _claim(B)) == [("B", "")]
    assert _kept(_claim(B), _claim(A)) == [("B", "")]


def test_claims_of_different_sites_do_not_meet():
    assert _kept(_claim(A, HERE), _claim(B, THERE)) == [("A", ""), ("B", "")]


def test_claims_that_yield_to_none_stand_side_by_side():
    assert _kept(_claim(A), _claim(C)) == [("A", ""), ("C", "")]


def test_who_yields_makes_others_yield_nevertheless():
    assert _kept(_claim(A), _claim(B), _claim(C)) == [("C", "")]


def test_of_one_code_at_one_place_the_last_stands():
    assert _kept(_claim(C, message="first"), _claim(C, message="last")) == [("C", "last")]


def test_one_code_may_speak_at_several_places_of_a_site():
    first, second = (C, Finding(HERE, HERE, "1")), (C, Finding(HERE, THERE, "2"))
    assert _kept(first, second) == [("C", "1"), ("C", "2")]


def test_no_claims_none_kept():
    assert kept(()) == ()


def test_rules_that_yield_in_a_circle_are_named():
    assert cycle((A, B, C)) == ()
    assert cycle((A, B, _rule("C", "A"), _rule("D"))) == ("A", "B", "C")
    assert cycle((_rule("A", "A"),)) == ("A",)


def test_the_rules_that_there_are_yield_in_no_circle_and_to_codes_that_exist():
    codes = {rule.code for rule in all_rules()}
    assert cycle(all_rules()) == ()
    assert [rule.code for rule in all_rules() if not codes.issuperset(rule.yields_to)] == []


def test_a_rules_summary_is_the_first_line_of_its_page():
    assert A.summary == "A page."


def test_a_finding_that_is_opt_in_silences_none_that_is_on():
    assert _kept(_claim(A), _claim(B, optional=True)) == [("A", "")]
    assert _kept(_claim(B, optional=True), _claim(C)) == [("C", "")]


def test_of_two_findings_that_are_opt_in_the_order_of_the_codes_decides():
    assert _kept(_claim(A, optional=True), _claim(B, optional=True)) == [("B", "")]


def test_a_finding_that_is_opt_in_stands_beside_one_that_it_does_not_compete_with():
    assert _kept(_claim(A, optional=True), _claim(C)) == [("A", ""), ("C", "")]


def test_a_finding_may_have_a_severity_of_its_own_and_be_opt_in():
    rule, finding = _claim(C, optional=True)
    assert (rule.severity_of(finding), rule.is_optional(finding)) == ("error", True)
    note = Finding(HERE, HERE, "", severity="note")
    assert (rule.severity_of(note), rule.is_optional(note)) == ("note", False)


def test_an_opt_in_finding_of_a_rule_that_is_on_is_shown_where_its_rule_is_named():
    mixed = Rule("M", "m", "warning", True, "A page.", lambda _: (), mixed=True)
    on, opt_in = _claim(mixed)[1], _claim(mixed, optional=True)[1]
    assert [mixed.is_shown(each, frozenset({"M"})) for each in (on, opt_in)] == [True, False]
    assert [mixed.is_shown(each, frozenset(mixed.selectors)) for each in (on, opt_in)] == [True, True]
