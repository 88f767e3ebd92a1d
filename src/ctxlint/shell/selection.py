"""Which rules are shown: ``select``, ``ignore``, ``extend-select`` and ``extend-ignore``, with ruff's meaning.

A selector is a code (``CTX104``), the beginning of one (``CTX1``, ``CTX``), a rule's name or ``ALL``; letter
case does not matter. Within one layer (a file, the options) the longer selector wins, and of two equally long
ones ``ignore`` does. A later layer wins over an earlier one; its ``select`` starts anew, its other keys go on
from there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

from ctxlint.shell.nearest import WrongUsage, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

PREFIX = "CTX"


class _Named(Protocol):
    """What selection asks of a rule."""

    @property
    def code(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def default(self) -> bool: ...
    @property
    def selectors(self) -> tuple[str, ...]: ...


_Rule = TypeVar("_Rule", bound=_Named)


class Wish(NamedTuple):
    """One layer of selectors. ``origin`` says for messages where a key was written."""

    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    extend_ignore: tuple[str, ...] = ()
    origin: Callable[[str], str] = "--{}".format


def select_codes(rules: Sequence[_Named], wishes: Iterable[Wish] = ()) -> frozenset[str]:
    """Return the codes to show: the rules on by default, changed by each wish in turn. To name a rule is to ask for its
    opt-in findings, too.
    """
    chosen = {rule.code for rule in rules if rule.default}
    for wish in wishes:
        decided = _decide(rules, wish)
        if wish.select is not None:
            chosen.clear()
        chosen |= _all_of(rules, {code for code, wanted in decided.items() if wanted})
        chosen -= _all_of(rules, {code for code, wanted in decided.items() if not wanted})
    return frozenset(chosen)


def _all_of(rules: Sequence[_Named], codes: set[str]) -> set[str]:
    """Return the codes with what asks for opt-in findings of rules that are on."""
    return {selector for rule in rules if rule.code in codes for selector in rule.selectors}


def find_rule(word: str, rules: Sequence[_Rule]) -> _Rule | None:
    """Return the rule with this code or name."""
    return next((rule for rule in rules if word.upper() == rule.code or word.lower() == rule.name), None)


def rule_words(rules: Sequence[_Named]) -> list[str]:
    """Return every code and name, as candidates for suggestions."""
    return [word for rule in rules for word in (rule.code, rule.name)]


def _decide(rules: Sequence[_Named], wish: Wish) -> dict[str, bool]:
    """Return what one layer says of each code it mentions: broad selectors first, so that longer ones win."""
    steps: list[tuple[int, bool, frozenset[str]]] = []
    for key, wanted, selectors in (
        ("select", True, wish.select or ()),
        ("extend-select", True, wish.extend_select),
        ("ignore", False, wish.ignore),
        ("extend-ignore", False, wish.extend_ignore),
    ):
        for selector in selectors:
            length, codes = _resolve(selector, rules, wish.origin(key))
            steps.append((length, not wanted, codes))
    steps.sort(key=lambda step: step[:2])
    return {code: not ignored for _length, ignored, codes in steps for code in codes}


def codes_of(selectors: Iterable[str], rules: Sequence[_Named], origin: str) -> frozenset[str]:
    """Return what selectors mean, as a selection holds it. ``WrongUsage`` names the one that means nothing."""
    codes = {code for selector in selectors for code in _resolve(selector, rules, origin)[1]}
    return frozenset(_all_of(rules, codes))


def _resolve(selector: str, rules: Sequence[_Named], origin: str) -> tuple[int, frozenset[str]]:
    """How specific a selector is, and the codes that it means."""
    code = selector.upper()
    if code == "ALL":
        return 0, frozenset(rule.code for rule in rules)
    named = find_rule(selector, rules)
    if named is not None:
        return len(named.code), frozenset((named.code,))
    if code.startswith(PREFIX):
        matching = frozenset(rule.code for rule in rules if rule.code.startswith(code))
        if matching or code == PREFIX:
            return len(code), matching
    raise WrongUsage(f"{origin}: unknown rule '{selector}'{meant_by(selector, [*rule_words(rules), 'ALL'])}")


def meant_by(word: str, known: Sequence[str]) -> str:
    """Return what a word that is no rule of ours may have meant, to follow it in a message: ours that asks what another
    linter's code asks, else the nearest of ``known``, else where all are told.
    """
    from ctxlint.rules.registry import all_rules  # noqa: PLC0415 - a run without wrong words imports no rule

    same = next((rule for rule in all_rules() if word.upper() in rule.same_as), None)
    if same is not None:
        return f": ours that asks the same is {same.code} ({same.name})"
    return did_you_mean(word, known) or ": ours begin with CTX, see ctxlint rule --all"
