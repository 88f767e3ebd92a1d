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
    the claim is about. ``location`` is where the reader is sent.
    """

    site: Location
    location: Location
    message: str
    related: tuple[Related, ...] = ()
    help: str = ""
    confidence: Confidence = "high"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule. ``default`` False means opt-in. ``yields_to`` are codes that silence this one on the same site."""

    code: str
    name: str
    severity: Severity
    default: bool
    page: str
    check: Callable[[Analysis], Iterable[Finding]]
    yields_to: tuple[str, ...] = ()

    @property
    def summary(self) -> str:
        """The first line of the page."""
        return self.page.strip().splitlines()[0]
