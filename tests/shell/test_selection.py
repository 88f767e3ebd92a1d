"""Selection: the longer selector wins, the later layer wins, unknown words are answered."""

from __future__ import annotations

import pytest

from ctxlint.rules.rule import Rule
from ctxlint.shell.nearest import WrongUsage
from ctxlint.shell.selection import Wish, find_rule, select_codes


def rule(code: str, name: str, *, default: bool = True) -> Rule:
    return Rule(code, name, "warning", default, "A rule.", lambda _analysis: ())


RULES = (
    rule("CTX101", "token-discarded"),
    rule("CTX104", "reset-skipped-on-exception"),
    rule("CTX115", "setter-discards-token", default=False),
    rule("CTX201", "mutable-default"),
)


def test_to_name_a_rule_is_to_ask_for_its_opt_in_findings_too() -> None:
    mixed = Rule("CTX117", "set-only-sometimes", "warning", True, "A rule.", lambda _analysis: (), mixed=True)
    assert select_codes([mixed]) == {"CTX117"}
    assert select_codes([mixed], [Wish(select=("CTX",))]) == {"CTX117", "CTX117+"}
    assert select_codes([mixed], [Wish(ignore=("CTX117",))]) == set()


def chosen(*wishes: Wish) -> str:
    return " ".join(sorted(code.removeprefix("CTX") for code in select_codes(RULES, wishes)))


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        (Wish(), "101 104 201"),
        (Wish(select=("ALL",)), "101 104 115 201"),
        (Wish(select=("CTX",)), "101 104 115 201"),
        (Wish(select=("CTX1",)), "101 104 115"),
        (Wish(select=("ctx10",)), "101 104"),
        (Wish(select=("token-discarded", "CTX201")), "101 201"),
        (Wish(select=("Mutable-Default",)), "201"),
        (Wish(select=()), ""),
        (Wish(ignore=("CTX1",)), "201"),
        (Wish(ignore=("ALL",)), ""),
        (Wish(extend_select=("CTX115",)), "101 104 115 201"),
        (Wish(select=("CTX1",), ignore=("CTX10",)), "115"),
        (Wish(select=("CTX101",), ignore=("CTX1",)), "101"),
        (Wish(select=("CTX1",), ignore=("CTX1",)), ""),
        (Wish(select=("ALL",), ignore=("mutable-default",)), "101 104 115"),
        (Wish(extend_select=("CTX101",), ignore=("ALL",)), "101"),
        (Wish(extend_select=("CTX1",), ignore=("CTX101",)), "104 115 201"),
    ],
)
def test_one_layer(wish: Wish, expected: str) -> None:
    assert expected == chosen(wish)


def test_a_later_layer_wins_whatever_the_length() -> None:
    file = Wish(select=("CTX104",), ignore=("CTX201",), origin="pyproject.toml: tool.ctxlint.{}".format)

    assert chosen(file) == "104"
    assert chosen(file, Wish(extend_select=("CTX1",))) == "101 104 115"
    assert chosen(file, Wish(select=("CTX2",))) == "201"
    assert chosen(file, Wish(ignore=("CTX1",))) == ""


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        (Wish(select=("CTX140",)), "--select: unknown rule 'CTX140' — did you mean 'CTX104'?"),
        (
            Wish(ignore=("token-discard",)),
            "--ignore: unknown rule 'token-discard' — did you mean 'token-discarded'?",
        ),
        (Wish(extend_select=("ALLE",)), "--extend-select: unknown rule 'ALLE' — did you mean 'ALL'?"),
        (Wish(select=("C",)), "--select: unknown rule 'C': ours begin with CTX, see ctxlint rule --all"),
        (
            Wish(select=("E501",), origin="x.toml: {}".format),
            "x.toml: select: unknown rule 'E501': ours begin with CTX, see ctxlint rule --all",
        ),
        (
            Wish(ignore=("b039",)),
            "--ignore: unknown rule 'b039': ours that asks the same is CTX201 (mutable-default)",
        ),
    ],
)
def test_an_unknown_selector_is_answered_with_the_nearest(wish: Wish, message: str) -> None:
    with pytest.raises(WrongUsage) as caught:
        chosen(wish)

    assert message == str(caught.value)


def test_a_rule_is_found_by_code_and_name() -> None:
    assert RULES[0] is find_rule("ctx101", RULES) is find_rule("TOKEN-DISCARDED", RULES)
    assert find_rule("CTX1", RULES) is None
