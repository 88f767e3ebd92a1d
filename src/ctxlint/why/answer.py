"""From an examined program to an answer: the sites at a place of one file, each with its verdict.

The verdict on a claim follows ``judging.judge`` step by step: precedence, the files that are reported, suppression,
selection. Where a step drops the claim, it is named.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ctxlint.frontend.directives import suppressions
from ctxlint.judging import blind
from ctxlint.knowledge.targets import judging_for
from ctxlint.model.lines import LineIndex
from ctxlint.model.spans import Location, Span
from ctxlint.rules.precedence import gives_way, kept
from ctxlint.suppression.sift import accepting, audit, covering, sift
from ctxlint.why.defaults import declarations
from ctxlint.why.hops import hops
from ctxlint.why.others import calls_of_others
from ctxlint.why.resets import resets
from ctxlint.why.tokens import sets
from ctxlint.why.values import Answer, Entry, Reason, Site

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ctxlint.judging import Claim, Examined
    from ctxlint.rules.rule import Finding
    from ctxlint.why.values import Verdict

_NEAREST = 3
_OF_RESETS = ("CTX105", "CTX106", "CTX113", "CTX119")
_ABOUT = (
    *((code, "reset") for code in _OF_RESETS),
    ("CTX1", "set"),
    ("CTX2", "declaration"),
    ("CTX3", "hop"),
)
_WRITTEN = {"noqa": "# noqa", "ignore": "# ctxlint: ignore", "file": "# ctxlint: ignore-file"}
_ORDER = ("reported", "suppressed", "deselected", "yields", "silent")


@dataclass(frozen=True, slots=True)
class Question:
    """A place: a file, by its path and as the user sees it, a row and a column if they were given, both from 1.

    ``selected`` are the codes to show; ``reported`` False where the options leave the file out.
    """

    path: str
    display: str
    text: str
    row: int | None
    column: int | None
    selected: frozenset[str]
    reported: bool = True


def answer(examined: Examined, question: Question) -> Answer:
    """Everything that can be said of the place, in the order of the text."""
    with judging_for(examined.given.policy):
        return _answered(examined, question)


def _answered(examined: Examined, question: Question) -> Answer:
    lines = LineIndex(question.text)
    sites = _sites(examined, question)
    standing = kept(examined.claims)
    every = [
        entry for site, claims in sites for entry in _entries(examined, question, site, claims, standing)
    ]
    every += _audited(examined, question, standing)
    every.sort(key=lambda entry: (entry.location, _ORDER.index(entry.verdict), entry.code, entry.name))
    entries = tuple(_at(every, question, lines))
    if not entries and question.row is not None:
        others = calls_of_others(examined.analysis, question.path)
        entries = tuple(_at((_silent(site) for site in others), question, lines))
    nearest: tuple[Entry, ...] = ()
    passing: tuple[Entry, ...] = ()
    if not entries and question.row is not None:
        nearest = _nearest(every, question.row, lines)
        passing = tuple(entry for entry in every if entry.code and _passes(entry, question, lines))
    blind = not examined.analysis.declarations
    return Answer(entries, nearest, passing, blind, {**examined.texts, question.display: question.text})


# --- where ---------------------------------------------------------------------------------------------------


def _at(entries: Iterable[Entry], question: Question, lines: LineIndex) -> list[Entry]:
    """The entries that begin in the row, or whose message points there; else those that reach over it."""
    found = list(entries)
    row, column = question.row, question.column
    if row is None:
        return found
    begin = [entry for entry in found if lines.position(entry.location.span.start)[0] == row]
    over = begin or [entry for entry in found if row in _rows(entry.over or entry.location, lines)]
    if column is None:
        return over
    return [entry for entry in over if _covers((entry.over or entry.location).span, row, column, lines)]


def _covers(span: Span, row: int, column: int, lines: LineIndex) -> bool:
    offset = lines.start_of(row) + column - 1
    return span.start <= offset < max(span.end, span.start + 1)


def _rows(location: Location, lines: LineIndex) -> range:
    span = location.span
    return range(lines.position(span.start)[0], lines.position(max(span.end - 1, span.start))[0] + 1)


def _nearest(entries: Iterable[Entry], row: int, lines: LineIndex) -> tuple[Entry, ...]:
    """The nearest sites of the file, one entry each, in the order of the text."""
    firsts = {entry.location: entry for entry in reversed(list(entries))}.values()
    by_distance = sorted(firsts, key=lambda each: abs(lines.position(each.location.span.start)[0] - row))
    return tuple(sorted(by_distance[:_NEAREST], key=lambda each: each.location))


def _passes(entry: Entry, question: Question, lines: LineIndex) -> bool:
    """Does the story of a finding name the row?"""
    return any(
        step.location is not None
        and step.location.filename == question.display
        and lines.position(step.location.span.start)[0] == question.row
        for step in entry.reasons
    )


# --- what ----------------------------------------------------------------------------------------------------


def _sites(examined: Examined, question: Question) -> Iterator[tuple[Site, list[Claim]]]:
    """The sites of the file, each with the claims about it; and the claims about none."""
    analysis, path = examined.analysis, question.path
    found = [
        *sets(analysis, path),
        *resets(analysis, path),
        *declarations(analysis, path),
        *hops(analysis, path),
    ]
    claims = [claim for claim in examined.claims if claim[1].site.filename == question.display]
    for _, group in itertools.groupby(sorted(found, key=_by_place), key=_by_place):
        same = list(group)
        for number, site in enumerate(same):
            mine = [
                claim for claim in claims if _is_about(claim, site, alone=len(same) == 1, first=number == 0)
            ]
            claims = [claim for claim in claims if claim not in mine]
            yield site, mine
    for claim in claims:
        yield Site("finding", claim[1].site, claim[0].name, None, ()), [claim]


def _by_place(site: Site) -> tuple[Location, str]:
    return site.place, site.kind


def _is_about(claim: Claim, site: Site, *, alone: bool, first: bool) -> bool:
    """Is the claim about this site? Of several sets at one place (a call that returns two tokens) the story tells."""
    rule, finding = claim
    kind = next((kind for beginning, kind in _ABOUT if rule.code.startswith(beginning)), None)
    if finding.site != site.place or site.kind != kind:
        return False
    if alone or not site.opening:
        return first
    return bool(finding.related) and finding.related[0].message == site.opening


def _entries(
    examined: Examined, question: Question, site: Site, claims: list[Claim], standing: tuple[Claim, ...]
) -> Iterator[Entry]:
    if not claims:
        yield _silent(site)
        return
    for rule, finding in claims:
        verdict, why = _verdict(examined, question, (rule, finding), standing)
        story = tuple(Reason(step.message, step.location) for step in finding.related)
        yield Entry(
            site.kind,
            finding.location,
            site.name,
            site.declared,
            verdict,
            (*why, *story, *site.beside),
            rule.code,
            rule.name,
            rule.severity_of(finding),
            finding.message,
            finding.help,
            _whole(finding),
        )


def _whole(finding: Finding) -> Location:
    """What a finding holds for: a limit is shown at the name of a function, and holds for all of it."""
    inner, outer = finding.location, finding.site
    encloses = outer.span.start <= inner.span.start and inner.span.end <= outer.span.end
    return outer if inner.filename == outer.filename and encloses else inner


def _audited(examined: Examined, question: Question, standing: tuple[Claim, ...]) -> Iterator[Entry]:
    """What is wrong with the suppressions of the file."""
    if not question.reported:
        return
    texts = {question.display: question.text}
    sifted = sift((claim for claim in standing if claim[1].location.filename == question.display), texts)
    for rule, finding in audit(sifted, texts, lambda _name: question.selected, blind(examined, texts)):
        yield Entry(
            "finding",
            finding.location,
            rule.name,
            None,
            "reported",
            (),
            rule.code,
            rule.name,
            rule.severity_of(finding),
            finding.message,
            finding.help,
        )


def _silent(site: Site) -> Entry:
    return Entry(site.kind, site.place, site.name, site.declared, "silent", (*site.reasons, *site.beside))


def _verdict(
    examined: Examined, question: Question, claim: Claim, standing: tuple[Claim, ...]
) -> tuple[Verdict, tuple[Reason, ...]]:
    """Where a claim ends, and why it is not shown if it is not."""
    rule, finding = claim
    if claim not in standing:
        return "yields", (_winner(claim, standing),)
    if not question.reported:
        return "deselected", (Reason("the file is left out: `exclude` names it, and `force-exclude` is on"),)
    text = examined.texts.get(finding.location.filename, "")
    lines = LineIndex(text)
    found = suppressions(text)
    directive = next(iter((*covering(claim, found, lines), *accepting(claim, found, lines))), None)
    if directive is not None:
        place = Location(finding.location.filename, directive.span)
        written = _WRITTEN[directive.kind]
        return "suppressed", (Reason(f"a `{written}` in line {directive.row} suppresses {rule.code}", place),)
    if not rule.is_shown(finding, question.selected):
        how = (
            "`select` and `ignore` leave it out"
            if not rule.is_optional(finding)
            else f"it is opt-in: `--extend-select {rule.code}`"
        )
        return "deselected", (Reason(f"{rule.code} is not selected: {how}"),)
    return "reported", ()


def _winner(claim: Claim, standing: tuple[Claim, ...]) -> Reason:
    """What stands in a claim's place."""
    rule, finding = claim
    for other, found in standing:
        if found.site == finding.site and gives_way(claim, (other, found)):
            return Reason(f"{other.code} {other.name} takes precedence at this place", found.location)
    return Reason(f"{rule.code} is told once for this place, by the other finding", finding.location)
