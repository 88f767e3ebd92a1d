"""Which claims the comments of their files suppress, and which comments suppress nothing.

A directive counts as used when it covers a claim that stands, shown or not: what is not selected in this run is not
called unused, and neither is a word of which no rule is selected. Nothing is called unused in a file of which
something was not read.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from ctxlint.frontend.directives import PREFIX, Directive, Suppressions, means, suppressions
from ctxlint.model.lines import LineIndex
from ctxlint.model.spans import Location, Span
from ctxlint.rules.registry import all_rules
from ctxlint.rules.rule import Finding, Rule

Claim = tuple[Rule, Finding]
CodesIn = Callable[[str], frozenset[str]]

UNUSED = "CTX902"
WITHOUT_REASON = "CTX903"
_NAME_IN_NOQA = re.compile(r"#\s*noqa\s*:\s*(?P<name>[a-z]+(?:-[a-z]+)+)", re.IGNORECASE)


@dataclass(frozen=True)
class Sifted:
    """The claims that no comment suppresses, and the directives of each file with the words that were of use."""

    standing: tuple[Claim, ...]
    directives: Mapping[str, Suppressions]
    used: frozenset[tuple[str, int, str]]


def sift(claims: Iterable[Claim], texts: Mapping[str, str], *, apply_noqa: bool = True) -> Sifted:
    """Part the claims by the directives of ``texts``, which are those of the files by the user's names for them.

    ``apply_noqa`` False leaves ``# noqa`` to who asks: only our own directives count, and the codes of other linters
    for the same thing (``Rule.same_as``), of which who asks knows nothing.
    """
    written: dict[str, Suppressions] = {}
    directives: dict[str, Suppressions] = {}
    lines: dict[str, LineIndex] = {}
    standing: list[Claim] = []
    used: set[tuple[str, int, str]] = set()
    for claim in claims:
        name = claim[1].location.filename
        if name not in directives:
            written[name] = suppressions(texts.get(name, ""))
            directives[name] = written[name] if apply_noqa else written[name].without("noqa")
        if not written[name].directives:
            standing.append(claim)
            continue
        index = lines.setdefault(name, LineIndex(texts.get(name, "")))
        found = covering(claim, directives[name], index)
        if not found and not accepting(claim, written[name], index):
            standing.append(claim)
        used |= {(name, each.span.start, each.says(claim[0].code, claim[0].name) or "") for each in found}
    return Sifted(tuple(standing), directives, frozenset(used))


def covering(claim: Claim, directives: Suppressions, lines: LineIndex) -> tuple[Directive, ...]:
    """The directives that suppress a claim: they hold for the first or the last row of what it reports."""
    rule, finding = claim
    return directives.covering(rows_of(finding, lines), rule.code, rule.name)


def accepting(claim: Claim, directives: Suppressions, lines: LineIndex) -> tuple[Directive, ...]:
    """The directives by which the author accepted the same for another linter: ``# noqa: B039``. That one may report
    another place of the same story.
    """
    rule, finding = claim
    if not rule.same_as:
        return ()
    places = (finding.location, *(each.location for each in finding.related))
    rows = {
        row
        for each in places
        if each.filename == finding.location.filename
        for row in _rows(each.span, lines)
    }
    found = (each for code in rule.same_as for each in directives.covering(rows, code, ""))
    return tuple(each for each in found if each.words)


def rows_of(finding: Finding, lines: LineIndex) -> tuple[int, ...]:
    """The first and the last row of what a finding reports."""
    return _rows(finding.location.span, lines)


def _rows(span: Span, lines: LineIndex) -> tuple[int, ...]:
    rows = {lines.position(span.start)[0], lines.position(max(span.end - 1, span.start))[0]}
    return tuple(sorted(rows))


def audit(
    sifted: Sifted, texts: Mapping[str, str], codes_in: CodesIn, blind: Collection[str] = ()
) -> Iterator[Claim]:
    """What is wrong with the directives of ``texts``: of use to nobody (CTX902), or without a reason (CTX903).

    In files that are ``blind`` not everything was read, so nothing is called unused.
    """
    rules = {rule.code: rule for rule in all_rules() if rule.code in {UNUSED, WITHOUT_REASON}}
    for name, text in sorted(texts.items()):
        found = sifted.directives.get(name) or suppressions(text)
        codes = codes_in(name)
        for directive in found.directives:
            if not _is_ours(directive):
                rule = _named_by(directive, text) if UNUSED in codes and name not in blind else None
                if rule is not None:
                    yield rules[UNUSED], _name_in_noqa(rule, Location(name, directive.span))
                continue
            where = Location(name, directive.span)
            written = text[directive.span.start : directive.span.end]
            if UNUSED in codes and name not in blind and not _is_spared(directive, found):
                yield from (
                    (rules[UNUSED], Finding(where, where, f"`{written}` {what}", help=cure))
                    for what, cure in _wrong(directive, name, sifted, codes, whole=found.whole)
                )
            if WITHOUT_REASON in codes and not directive.reason and not directive.problem:
                cure = f"Write the reason behind it: `{written} the caller resets it`."
                yield rules[WITHOUT_REASON], Finding(where, where, f"`{written}` gives no reason.", help=cure)


def without_reason(texts: Mapping[str, str], codes_in: CodesIn) -> Iterator[Claim]:
    """The directives of ``texts`` that give no reason (CTX903), ``# noqa`` too: for a door that heeds those itself."""
    yield from audit(Sifted((), {}, frozenset()), texts, lambda name: codes_in(name) & {WITHOUT_REASON})


def _is_ours(directive: Directive) -> bool:
    """A ``noqa`` is ours where it names one of our codes; a bare one may serve another tool."""
    return directive.kind != "noqa" or any(_is_our_word(word) for word in directive.words)


def _named_by(directive: Directive, text: str) -> Rule | None:
    """Our rule whose name a ``# noqa`` lists in place of a code."""
    found = _NAME_IN_NOQA.match(text, directive.span.start)
    return next((rule for rule in all_rules() if found and rule.name == found["name"].lower()), None)


def _name_in_noqa(rule: Rule, where: Location) -> Finding:
    cure = f"Write `# noqa: {rule.code}`, or `# ctxlint: ignore[{rule.name}]`."
    return Finding(
        where, where, f"`# noqa: {rule.name}` suppresses nothing: `# noqa` takes codes.", help=cure
    )


def _is_our_word(word: str) -> bool:
    return word.upper().startswith(PREFIX)


def _is_spared(directive: Directive, found: Suppressions) -> bool:
    """Does a directive that names CTX902 itself hold for this one's row?"""
    rule = next(rule for rule in all_rules() if rule.code == UNUSED)
    return any(
        each.words and each.holds_for(directive.row) and each.says(UNUSED, rule.name) is not None
        for each in found.directives
    )


def _wrong(
    directive: Directive, name: str, sifted: Sifted, codes: frozenset[str], *, whole: bool
) -> Iterator[tuple[str, str]]:
    """What is wrong with one directive, and the cure; at most one thing for each of its words."""
    if directive.problem:
        yield f"suppresses nothing: {directive.problem}.", ""
        return
    if directive.alone:
        yield (
            "stands in a row without code, so it suppresses nothing.",
            "Put it behind the statement that is reported, or behind the head of a `def` or `class` for its body.",
        )
        return
    ours = [word for word in directive.words if directive.kind != "noqa" or _is_our_word(word)]
    unknown = [word for word in ours if not _meant(directive, word)]
    for word in unknown:
        yield f"names no rule: there is no `{word}`.", _hint(word)
    idle = [
        word
        for word in ours
        if word not in unknown
        and (name, directive.span.start, word) not in sifted.used
        and _is_selected(directive, word, codes)
    ]
    if not directive.words and whole and (name, directive.span.start, "") not in sifted.used:
        yield "suppresses nothing: nothing is found there.", "Remove it."
    elif idle and whole:
        them = ", ".join(f"`{word}`" for word in idle)
        verb = "is" if len(idle) == 1 else "are"
        rest = len(idle) < len(directive.words)
        cure = f"Remove {them} from it." if rest else "Remove it."
        yield f"suppresses nothing: {them} {verb} not found there.", cure


def _meant(directive: Directive, word: str) -> list[Rule]:
    return [rule for rule in all_rules() if means(word, rule.code, rule.name, exact=directive.kind != "noqa")]


def _is_selected(directive: Directive, word: str, codes: frozenset[str]) -> bool:
    return any(not codes.isdisjoint(rule.selectors) for rule in _meant(directive, word))


def _hint(word: str) -> str:
    names = [each for rule in all_rules() for each in (rule.code, rule.name)]
    cased = word.upper() if _is_our_word(word) else word.lower()
    close = difflib.get_close_matches(cased, names, n=1)
    return f"Did you mean `{close[0]}`?" if close else ""
