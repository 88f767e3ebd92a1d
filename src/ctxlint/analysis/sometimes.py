"""Sets that a condition decides on, with nothing that sets or clears when it is false.

Walked by an example: in ``for job in jobs: if job.tenant: tenant.set(job.tenant); run(job)`` the second job without a
tenant runs as the first one's. That needs a turn of the loop that reaches the set again while its value is in force
(``looped``, the interpreter's word), a condition on what the turn brought, no other set of the variable in the loop,
and work behind the condition.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from ctxlint.analysis.lowering.frame import names_in
from ctxlint.analysis.relevance import events
from ctxlint.analysis.scopes import Scope
from ctxlint.analysis.tokens import TokenSite
from ctxlint.knowledge.loader import frames as known_frames
from ctxlint.model import facts as f
from ctxlint.model import ir
from ctxlint.model.spans import Span
from ctxlint.model.walk import blocks, holds, walk

_Loop: TypeAlias = f.For | f.While


@dataclass(frozen=True, slots=True)
class Sometimes:
    """A set below ``condition``. ``where`` it counts: in a ``loop`` over what comes in, in a ``protocol`` callback, or
    ``elsewhere``, where it depends on who calls. ``work`` is what sees the value from before.
    """

    condition: f.Expr
    where: Literal["loop", "protocol", "elsewhere"]
    work: Span | None


def set_sometimes(token: TokenSite) -> Sometimes | None:
    """Why the value from before stays when a condition is false; None where it does not, or that cannot be told."""
    scope = token.scope
    if scope.kind != "function" or token.outcome.created or token.outcome.under or token.site.derived:
        return None
    if token.outcome.yielded is not None:  # a generator that publishes what belongs to each item
        return None
    around = _around(scope, token.site.span)
    branch = next((node for node in reversed(around) if isinstance(node, f.If)), None)
    if (
        branch is None
        or not holds(branch.body, token.site.span)
        or _ends(branch.orelse)
        or _ends(branch.body)
    ):
        return None
    if token.site.var.name in names_in(branch.test) or _asks_variable(token, branch):
        return None
    below = around[around.index(branch) :]
    if any(isinstance(node, f.For | f.While) for node in below):
        return None
    loop = next((node for node in reversed(around) if isinstance(node, f.For | f.While)), None)
    if _is_set_besides(token, loop.body if loop is not None else scope.body, branch):
        return None
    if loop is not None:
        return _in_loop(token, loop, branch)
    return _in_function(token, branch)


def _in_loop(token: TokenSite, loop: _Loop, branch: f.If) -> Sometimes | None:
    brought = set(_bound_in(loop))
    worked = _work_behind(loop, branch)
    if not token.outcome.looped or worked is None or not brought.intersection(names_in(branch.test)):
        return None
    return Sometimes(branch.test, "loop" if _brings_messages(loop, branch) else "elsewhere", worked)


def _in_function(token: TokenSite, branch: f.If) -> Sometimes | None:
    program, scope = token.program, token.scope
    call = next((call for call in scope.calls if call.span == token.site.span), None)
    value = names_in(call.args[0].value) if call is not None and call.args else ()
    if not token.normal_leaks or token.normal_undone or token.undoer is not None:
        return None
    if not set(value).intersection(names_in(branch.test)) - {"self", "cls"}:
        return None
    bases = program.resolver.external_bases(scope.owner) if scope.owner is not None else ()
    if scope.function.name != "__init__" and any(base in known_frames().protocol_classes for base in bases):
        return Sometimes(branch.test, "protocol", token.outcome.worked)
    return Sometimes(branch.test, "elsewhere", token.outcome.worked) if token.own_context is None else None


# --- the text ------------------------------------------------------------------------------------------------


def _around(scope: Scope, span: Span) -> list[f.Node]:
    """The statements around a place, outermost first."""
    found: list[f.Node] = []
    below: tuple[f.Node, ...] = scope.body
    while True:
        node = next((each for each in below if holds((each,), span)), None)
        if node is None:
            return found
        found.append(node)
        below = tuple(inner for part in blocks(node) for inner in part)


def _ends(body: tuple[f.Stmt, ...]) -> bool:
    """Does a block lead out of the turn or the function, so that nothing after the condition runs?"""
    return bool(body) and isinstance(body[-1], f.Continue | f.Break | f.Return | f.Raise)


def _asks_variable(token: TokenSite, branch: f.If) -> bool:
    """Does the condition rest on the variable's value?"""
    return any(
        isinstance(event, ir.Get) and event.var == token.site.var and event.span.start < token.site.span.start
        for event in events(token.program.body(token.scope))
    ) or any(
        isinstance(node, f.Attribute) and token.program.resolver.variable(token.scope, node) == token.site.var
        for node in walk(branch.test)
    )


def _is_set_besides(token: TokenSite, body: tuple[f.Stmt, ...], branch: f.If) -> bool:
    """Does something else in the loop or function set, reset or clear the variable?"""
    inside = {node.span for part in branch.body for node in walk(part, into_scopes=False)}
    spans = {node.span for part in body for node in walk(part, into_scopes=False)} - inside
    return any(
        isinstance(event, ir.Set | ir.Reset | ir.Restore)
        and event.var in (token.site.var, None)
        and event.span in spans
        for event in events(token.program.body(token.scope))
    )


def _bound_in(loop: _Loop) -> Iterator[str]:
    """The names that a turn of a loop binds anew."""
    if isinstance(loop, f.For):
        yield from names_in(loop.target)
    for statement in loop.body:
        for node in walk(statement, into_scopes=False):
            match node:
                case f.Assign(targets=targets):
                    yield from (name for target in targets for name in names_in(target))
                case f.Walrus(target=f.Name(id=name)):
                    yield name
                case _:
                    pass
    if isinstance(loop, f.While):
        yield from (node.target.id for node in walk(loop.test) if isinstance(node, f.Walrus))


def _work_behind(loop: _Loop, branch: f.If) -> Span | None:
    """The first await or call in the loop behind the condition that is no logging and no builtin by its name."""
    end = max(node.span.end for part in (branch, *branch.body) for node in walk(part))
    for statement in loop.body:
        for node in walk(statement, into_scopes=False):
            if isinstance(node, f.Await | f.Call | f.With) and node.span.start > end and not _reports(node):
                return node.span
    return None


def _reports(node: f.Node) -> bool:
    func = node.func if isinstance(node, f.Call) else None
    if isinstance(func, f.Name):
        return func.id in ("print", "len", "str", "int", "repr", "isinstance")
    return isinstance(func, f.Attribute) and func.attr in (
        "debug",
        "info",
        "warning",
        "error",
        "exception",
        "task_done",
    )


def _brings_messages(loop: _Loop, branch: f.If) -> bool:
    """Is the loop one over messages or jobs: an ``async for``, a ``while`` that fetches, a ``for`` that says so?"""
    if isinstance(loop, f.While):
        asked = set(names_in(branch.test))
        return any(
            isinstance(node, f.Assign)
            and isinstance(node.value, f.Await | f.Call)
            and asked.intersection(name for target in node.targets for name in names_in(target))
            for statement in loop.body
            for node in walk(statement, into_scopes=False)
        )
    words = known_frames().message_words
    return loop.is_async or any(
        name.strip("_").lower().removesuffix("s") in words for name in names_in(loop.target)
    )
