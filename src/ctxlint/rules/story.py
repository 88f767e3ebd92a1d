"""Words that several rules share: how a set, an exit and a condition are told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ctxlint.model.diagnostics import Related
from ctxlint.model.ir import Grade

if TYPE_CHECKING:
    from ctxlint.analysis.analysis import Analysis
    from ctxlint.analysis.scopes import Scope
    from ctxlint.analysis.tokens import TokenSite
    from ctxlint.model.observations import Site, SiteExit, Step
    from ctxlint.model.spans import Location, Span

_GRADES = {
    Grade.CALL: "this call may raise",
    Grade.PROJECT: "this call raises on some way",
    Grade.LOOP: "iterating may raise",
    Grade.WITH: "entering this context manager may raise",
    Grade.SUSPEND: "an exception, or a cancellation, may come out here",
    Grade.CERTAIN: "this raises",
}
_STEPS = {
    "true": "this condition is true",
    "false": "this condition is false",
    "raised": "an exception comes out here",
    "caught": "and is caught here",
}
_TOLD = 3


def where(token: TokenSite) -> str:
    """The function at hand, as a reader would call it."""
    return name_of(token.scope)


def name_of(scope: Scope) -> str:
    """A scope's name in a message."""
    return f"`{scope.qualname}`" if scope.qualname else "the module's body"


def variable(site: Site) -> str:
    """The variable as a reader meets it at the set: ``self._storage``; a library's is told in words."""
    return site.receiver or site.var.name


def quoted(site: Site) -> str:
    """The variable in a sentence."""
    return f"`{variable(site)}`" if site.var.module else f"the current {site.var.qualname}"


def made_text(token: TokenSite) -> str:
    """The call that sets: ``v.set(…)``, or the helper that sets."""
    helper = token.site.helper
    return f"{helper}(…)" if helper is not None else f"{variable(token.site)}.set(…)"


def set_text(token: TokenSite) -> str:
    """The same in a sentence."""
    return f"`{made_text(token)}`"


def undo_text(token: TokenSite, name: str) -> str:
    """The call that undoes the set, given the name that holds the token."""
    if token.library is not None:
        return token.library.undone(name)
    return f"{variable(token.site)}.reset({name})"


def set_here(analysis: Analysis, token: TokenSite) -> Related:
    """The first step of most stories."""
    text = f"{quoted(token.site)} is set here"
    if token.site.helper is not None and token.site.var.module:
        text += f", in `{token.site.helper}`"
        text += ", which throws the token away" if token.site.setter else ", which returns the token"
    return Related(text, site_of(analysis, token))


def site_of(analysis: Analysis, token: TokenSite) -> Location:
    """Where the set stands: what precedence competes for."""
    return analysis.location(token.scope.path, token.site.span)


def place_text(token: TokenSite) -> str:
    """The place that keeps the token; empty where it has no name, in a list that a helper returned say."""
    into = token.site.into
    return str(into) if token.is_bound and into is not None and not into.root.startswith("%") else ""


def refusal(token: TokenSite) -> str:
    """What a reset in another Context does: ``raises ValueError``, except of a library that writes to its log."""
    loud = token.library is None or token.library.reset_raises
    return "raises ValueError" if loud else "fails, which only the log tells"


def exit_text(leaving: SiteExit) -> str:
    """What happens at an exit that leaks."""
    if leaving.kind == "normal":
        return "the function leaves here"
    if leaving.raised == "asyncio.CancelledError":
        return "a cancellation may come out here"
    if leaving.raised == "GeneratorExit":
        return "the generator may be closed here"
    return _GRADES.get(Grade(leaving.grade), "an exception may come out here")


def steps(analysis: Analysis, path: str, since: Span, trail: tuple[Step, ...]) -> tuple[Related, ...]:
    """What decided the way between the set and the exit, as a reader would follow it."""
    told = [step for step in trail if step.span.start > since.start][-_TOLD:]
    return tuple(Related(_STEPS[step.what], analysis.location(path, step.span)) for step in told)
