"""What a rule is: metadata, a page, a check. One file a rule; the file's docstring is the page.

The page is Markdown with the headings *What it does*, *Why is this bad?*, *Example*, *Use instead*, and where
they apply *When it is silent*, *Limits*, *References*. Its Python blocks are run as tests: in *Example* every
finding is marked ``# expect: CODE``, in *Use instead* there is none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ctxlint.analysis.analysis import Analysis
    from ctxlint.model.diagnostics import Confidence, Related, Severity
    from ctxlint.model.spans import Location


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule's claim about a site.

    ``site`` is what precedence competes for: the location of the ``set`` (or of the ``reset``, the hop …) that
    the claim is about. ``location`` is where the reader is sent. ``severity`` and ``optional`` (opt-in) are None where
    they are the rule's own.
    """

    site: Location
    location: Location
    message: str
    related: tuple[Related, ...] = ()
    help: str = ""
    confidence: Confidence = "high"
    severity: Severity | None = None
    optional: bool | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule. ``default`` False means opt-in; ``mixed``: it is on, but some of its findings are opt-in. ``yields_to``
    are codes that silence this one on the same site. ``same_as`` are the codes of other linters for the same thing: a
    ``# noqa`` for one of them holds for the rule.
    """

    code: str
    name: str
    severity: Severity
    default: bool
    page: str
    check: Callable[[Analysis], Iterable[Finding]]
    yields_to: tuple[str, ...] = ()
    mixed: bool = False
    same_as: tuple[str, ...] = ()

    @property
    def selectors(self) -> tuple[str, ...]:
        """What a selection holds when it wants all of the rule: its code, and ``CODE+`` for opt-in findings of a rule
        that is on.
        """
        return (self.code, f"{self.code}+") if self.mixed else (self.code,)

    def severity_of(self, finding: Finding) -> Severity:
        """The severity of one finding."""
        return finding.severity or self.severity

    def is_optional(self, finding: Finding) -> bool:
        """Is a finding reported only where it is asked for?"""
        return not self.default if finding.optional is None else finding.optional

    def is_shown(self, finding: Finding, selected: frozenset[str]) -> bool:
        """Does a selection want the finding?"""
        apart = self.mixed and self.is_optional(finding)
        return (f"{self.code}+" if apart else self.code) in selected

    @property
    def summary(self) -> str:
        """The first line of the page."""
        return self.page.strip().splitlines()[0]
