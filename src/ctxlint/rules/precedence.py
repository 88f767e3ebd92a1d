"""One code a site: of the findings at one place, those that yield to another of them are dropped.

Decided before selection, so to ignore a code never brings up another. Of two rules that compete for a site an opt-in
finding never silences one that is on.
"""

from __future__ import annotations

import collections
from collections.abc import Iterable

from ctxlint.model.spans import Location
from ctxlint.rules.rule import Finding, Rule


def kept(claims: Iterable[tuple[Rule, Finding]]) -> tuple[tuple[Rule, Finding], ...]:
    """The claims that stand: for each site those whose rule yields to no other code found there; of one code at
    one place (a factory's default, told once by the factory and once by each of its calls) the last.
    """
    claims = tuple({(rule.code, finding.location): (rule, finding) for rule, finding in claims}.values())
    rivals: dict[Location, list[tuple[Rule, Finding]]] = collections.defaultdict(list)
    for claim in claims:
        rivals[claim[1].site].append(claim)
    return tuple(
        claim for claim in claims if not any(gives_way(claim, other) for other in rivals[claim[1].site])
    )


def gives_way(claim: tuple[Rule, Finding], other: tuple[Rule, Finding]) -> bool:
    """Does the other claim of the same site silence this one?"""
    (rule, finding), (stronger, found) = claim, other
    optional, rival = rule.is_optional(finding), stronger.is_optional(found)
    if optional != rival:
        compete = stronger.code in rule.yields_to or rule.code in stronger.yields_to
        return optional and compete
    return stronger.code in rule.yields_to


def cycle(rules: Iterable[Rule]) -> tuple[str, ...]:
    """Codes that yield to each other in a circle, empty where there is none."""
    below = {rule.code: set(rule.yields_to) for rule in rules}
    while True:
        free = {code for code, wins in below.items() if not wins & below.keys()}
        if not free:
            return tuple(sorted(below))
        below = {code: wins for code, wins in below.items() if code not in free}
