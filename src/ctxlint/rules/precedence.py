"""One code a site: of the findings at one place, those that yield to another of them are dropped.

Decided before selection, so to ignore a code never brings up another.
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
    codes: dict[Location, set[str]] = collections.defaultdict(set)
    for rule, finding in claims:
        codes[finding.site].add(rule.code)
    return tuple(claim for claim in claims if codes[claim[1].site].isdisjoint(claim[0].yields_to))


def cycle(rules: Iterable[Rule]) -> tuple[str, ...]:
    """Codes that yield to each other in a circle, empty where there is none."""
    below = {rule.code: set(rule.yields_to) for rule in rules}
    while True:
        free = {code for code, wins in below.items() if not wins & below.keys()}
        if not free:
            return tuple(sorted(below))
        below = {code: wins for code, wins in below.items() if code not in free}
