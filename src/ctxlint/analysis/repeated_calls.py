"""Calls that have succeeded before: what raises the second time, of the same function with the same arguments, has
raised the first time. Counted only where nothing that they name is given another value by the function.
"""

from __future__ import annotations

from ctxlint.analysis.dominance import before
from ctxlint.analysis.lowering.frame import names_in, signature
from ctxlint.analysis.scopes import Scope
from ctxlint.model import facts as f
from ctxlint.model.spans import Span
from ctxlint.model.walk import walk


def has_succeeded(scope: Scope, span: Span) -> bool:
    """Has the plain call at ``span`` certainly been made before, in the same words?"""
    call = next((call for call in scope.calls if call.span == span), None)
    if call is None or not call.args or _is_awaited(scope, call) or not _are_steady(scope, call):
        return False
    text = signature(call)
    return any(
        isinstance(node, f.Call) and signature(node) == text
        for statement in before(scope.body, call)
        for node in _certain(statement)
    )


def _certain(statement: f.Node) -> list[f.Node]:
    """What a statement that has run has certainly evaluated; of one with blocks, nothing."""
    if isinstance(statement, f.If | f.While | f.For | f.Try | f.With | f.Match):
        return []
    return [*walk(statement, into_scopes=False)]


def _is_awaited(scope: Scope, call: f.Call) -> bool:
    return any(
        isinstance(node, f.Await) and node.value is call
        for statement in scope.body
        for node in walk(statement, into_scopes=False)
    )


def _are_steady(scope: Scope, call: f.Call) -> bool:
    return all(len(scope.bindings.get(name, ())) <= 1 for name in names_in(call))
