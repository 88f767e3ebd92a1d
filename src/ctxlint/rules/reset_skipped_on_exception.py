"""An exception between `set` and `reset` leaves the value set.

## What it does
Reports a `set` that every normal way out undoes, but not an exception: the `reset` (or the `set` that puts the
old value back) is not in a `finally`, and something before it may raise. Also reported: an `except Exception`
that resets where a cancellation passes it by, and a `reset` that is in a `finally`, with an `await`, a `raise`, a
`with`, a loop or a raising call of the program between the `set` and its `try`, or before the `reset` in that
`finally`. So is an `__enter__` or `__aenter__` that sets, and then awaits, raises or enters another manager: where that
fails no `__exit__` runs.

## Why is this bad?
Errors and cancellations are ordinary. The first one that passes leaves this value for whatever runs next in the
same Context: the next request of the thread, the next message of the task. Tests of the good case never show it.

## Example
```python
from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id", default="-")


async def handle(message, process):
    token = request_id.set(message.id)  # expect: CTX104
    await process(message)
    request_id.reset(token)
```

## Use instead
```python
from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id", default="-")


async def handle(message, process):
    token = request_id.set(message.id)
    try:
        await process(message)
    finally:
        request_id.reset(token)
```

## When it is silent
When nothing between `set` and `reset` can raise; in a pytest fixture, where what stands after the `yield` always
runs; when an ordinary call stands between the `set` and the `try` whose `finally` resets (`call-before-try`,
opt-in); in an async test, whose Context ends with it. A handler that stops all that is raised and undoes the set, but
calls something first, is told on request. So is what nobody can see: where every read of the variable comes behind a
set of its own, and where only a cancellation skips the reset in a task or request whose Context ends with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ctxlint.model.diagnostics import Related
from ctxlint.rules import story
from ctxlint.rules.rule import Finding, Rule

if TYPE_CHECKING:
    from ctxlint.analysis.analysis import Analysis
    from ctxlint.analysis.tokens import TokenSite
    from ctxlint.model.observations import SiteExit


def check(analysis: Analysis) -> Iterator[Finding]:
    """Sets that only an exception leaves in force."""
    for token in analysis.token_sites:
        if token.entered_in_vain:
            yield _of_entry(analysis, token)
            continue
        if token.forgotten_leaks or token.is_in_async_test:
            continue
        if not (token.normal_undone or (token.raise_undone and not token.normal_leaks)):
            continue  # no normal way out undoes what some leave in force: the reset that is skipped is not its own
        if token.gravest_leaks:
            yield _finding(analysis, token)


def _finding(analysis: Analysis, token: TokenSite) -> Finding:
    site = story.site_of(analysis, token)
    path = token.scope.path
    leaving = token.gravest_leaks[0]
    undone = (token.normal_undone or token.raise_undone)[0]
    at = analysis.location(path, leaving.at)
    name = story.quoted(token.site)
    why, cure = _reason(token, leaving)
    return Finding(
        site,
        site,
        f"{name[0].upper()}{name[1:]} stays set in {story.where(token)} when an exception leaves between the set "
        f"and the reset: {why}.",
        (
            story.set_here(analysis, token),
            *story.steps(analysis, path, token.site.span, leaving.trail),
            Related(f"{story.exit_text(leaving)}, with the value still set", at),
            Related("this undoes it, and is skipped", analysis.location(path, undone.since)),
        ),
        cure,
        "low" if token.capped else "high",
        optional=True if token.leaks_in_its_handlers or token.leaks_unseen else None,
    )


def _of_entry(analysis: Analysis, token: TokenSite) -> Finding:
    site = story.site_of(analysis, token)
    path = token.scope.path
    leaving = token.entered_in_vain[0]
    name = story.quoted(token.site)
    leave = token.scope.function.name.replace("enter", "exit")
    return Finding(
        site,
        site,
        f"{name[0].upper()}{name[1:]} stays set when an exception leaves {story.where(token)} behind the set: "
        f"`{leave}`, which undoes it, only runs after an entry that succeeded.",
        (
            story.set_here(analysis, token),
            *story.steps(analysis, path, token.site.span, leaving.trail),
            Related(
                f"{story.exit_text(leaving)}, with the value still set", analysis.location(path, leaving.at)
            ),
        ),
        "Set last, when nothing can fail any more; or undo it in an `except BaseException:` around what follows, and "
        "raise again.",
        "high",
    )


def _reason(token: TokenSite, leaving: SiteExit) -> tuple[str, str]:
    """Why the exception passes the reset by, and what helps."""
    inside = any(undone.at.start < leaving.at.start for undone in token.raise_undone if undone.in_final)
    if token.is_protected and inside:
        cure = "Reset first in the `finally`, or give what stands before the reset a `try` of its own."
        return "what stands before the reset in the `finally` may raise", cure
    cure = "Put `try:` directly after the set and undo it in `finally:`."
    if token.is_protected:
        return "the reset stands in a `finally` that this does not reach", cure
    return "the reset is not in a `finally`", cure


RULE = Rule(
    "CTX104",
    "reset-skipped-on-exception",
    "error",
    True,
    __doc__ or "",
    check,
    ("CTX120", "CTX107", "CTX109", "CTX108", "CTX112", "CTX103"),
    mixed=True,
)
