"""Two functions of which the second undoes what the first set: ``__enter__`` and ``__exit__``, ``start`` and ``stop``.

Whether the second does so on every normal way out is asked of the interpreter: its body is run in a world in which
the value is set and its token lies where the first function put it. A way out that leaves the value set counts only
if nothing suggests that it is the way on which the first function set nothing: no condition on the token, on its
object's changing state, or on what the first function may have asked too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ctxlint.analysis import drivers, frame_kinds
from ctxlint.analysis import scopes as sc
from ctxlint.analysis.callers import Use
from ctxlint.analysis.interpret import Owned, interpret
from ctxlint.analysis.lowering.frame import signature
from ctxlint.analysis.program import Program
from ctxlint.analysis.relevance import events, nodes
from ctxlint.analysis.scopes import Scope
from ctxlint.analysis.tokens import TokenSite
from ctxlint.knowledge.loader import frames as known_frames
from ctxlint.model import facts as f
from ctxlint.model import ir
from ctxlint.model.ids import Place
from ctxlint.model.observations import SiteExit, SiteOutcome
from ctxlint.model.spans import Span
from ctxlint.model.walk import walk

_UNDONE = ("released", "restored", "covered", "stale")
_ABSENT = frozenset({"AttributeError", "IndexError", "KeyError", "LookupError", "NameError", "RuntimeError"})
_FILLING = frozenset({"append", "appendleft", "add", "extend", "insert"})
_PREPARES = ("setUp", "setup_method", "setup_class", "setUpClass")


@dataclass(frozen=True, slots=True)
class Unbalanced:
    """What the ``partner`` of a setting function leaves undone. ``skipped``: it undoes the set, but not on the way out
    ``leaving``; ``forgotten``: the token is kept, and nobody takes it; ``gone``: the partner undoes others, and the
    token of this one ended with its function.
    """

    partner: Scope
    why: Literal["skipped", "forgotten", "gone"]
    leaving: SiteExit | None = None


def unbalanced(token: TokenSite) -> Unbalanced | None:
    """How the partner of the function that sets fails to undo it; None where it does, or there is none to ask."""
    if token.scope.kind != "function" or token.capped or token.outcome.created or token.outcome.under:
        return None
    partner = closing_half(token.program, token.scope)
    if partner is None or drivers.has_own_context(token.program, token.scope) is not None:
        return None
    kept = tuple(_kept(token))
    if not kept and not _ends_here(token):
        return None
    outcome = _partner_outcome(token, partner, kept)
    if outcome is None:
        return None
    normal = [leaving for leaving in outcome.exits if leaving.kind == "normal"]
    undone = [leaving for leaving in normal if leaving.fate in _UNDONE]
    if undone:
        leaks = [leaving for leaving in normal if leaving not in undone]
        told = next((leaving for leaving in leaks if _tells(token, partner, leaving)), None)
        return Unbalanced(partner, "skipped", told) if told is not None else None
    if not normal or _undone_by_family(token) or token.undoer is not None:
        return None
    if kept:
        alone = frame_kinds.is_enter(token.scope) or token.scope.function.name in _PREPARES
        counts = alone or _undoes_another(token, partner)
        return Unbalanced(partner, "forgotten") if counts and not _is_taken(token, kept) else None
    return Unbalanced(partner, "gone") if _undoes_another(token, partner) else None


def closing_half(program: Program, scope: Scope) -> Scope | None:
    """The one function that by its name closes what ``scope`` opens: in the same class, else in the same module."""
    if frame_kinds.is_enter(scope):
        return frame_kinds.exit_partner(program, scope)
    name = scope.function.name
    found: dict[Scope, None] = {}
    for opening, closing in known_frames().partners:
        match = re.search(rf"(?:^|_){opening}(?=_|$|[A-Z])", name)
        if match is None or name.startswith("__"):
            continue
        start = match.end() - len(opening)
        wanted = name[:start] + closing + name[start + len(opening) :]
        other = _named(program, scope, wanted)
        if other is not None:
            found[other] = None
    return next(iter(found)) if len(found) == 1 else None


def _named(program: Program, scope: Scope, name: str) -> Scope | None:
    if scope.owner is not None:
        return program.resolver.method(scope.owner, name)
    if scope.parent is None or scope.parent.kind != "module":
        return None
    found = [
        child for child in scope.parent.children if child.kind == "function" and child.function.name == name
    ]
    return found[0] if len(found) == 1 else None


# --- the token -----------------------------------------------------------------------------------------------


def reached(token: TokenSite) -> tuple[set[Place], set[Place]]:
    """The places that the token reaches in its function, and the containers that it is put into."""
    found = tuple(events(token.program.body(token.scope)))
    places = {
        event.into
        for event in found
        if isinstance(event, ir.Set) and event.into is not None and event.span == token.site.span
    }
    containers: set[Place] = set()
    for event in found:
        match event:
            case ir.Bind(place=place, value=Place() as value) if value in places:
                places.add(place)
            case ir.Collect(container=container, value=Place() as value) if value in places:
                containers.add(container)
            case _:
                pass
    return places, containers


def _kept(token: TokenSite) -> Iterator[tuple[Place, bool]]:
    """Where the token lies when the function has returned, in an attribute or a name of the module; and whether
    that is a container.
    """
    if not any(e.fate == "transferred" and e.via == "field" for e in token.exits("normal", ("transferred",))):
        return
    places, containers = reached(token)
    for found, container in ((places, False), (containers, True)):
        for place in sorted(found):
            outer = place.root not in token.scope.function.bound
            if place.root[0] != "%" and (outer or (place.path and not place.path[0].startswith("["))):
                yield place, container


def _ends_here(token: TokenSite) -> bool:
    """Is the set left in force for the partner, with its token thrown away or in a name that ends?"""
    prepares = frame_kinds.is_enter(token.scope) or token.scope.function.name in _PREPARES
    if not prepares or token.site.derived or token.is_dropped_by_custom:
        return False
    return bool(token.normal_leaks) and not token.is_taken_care_of


# --- the partner ---------------------------------------------------------------------------------------------


def _partner_outcome(
    token: TokenSite, partner: Scope, kept: tuple[tuple[Place, bool], ...]
) -> SiteOutcome | None:
    """What becomes of the set in the partner, run with the token where it was put; None where that cannot be told."""
    program = token.program
    head = partner.function.head
    before = Span(head.start - 1, head.start)
    source = Place("%opened")
    found: list[ir.EventT] = [ir.Set(before, token.site.var, source, None)]
    own = {p.name for p in partner.function.parameters}
    for place, container in kept:
        root = place.root
        if root == sc.self_name(token.scope):
            root = sc.self_name(partner) or ""
        elif root in token.scope.function.bound and root not in own:
            continue
        there = Place(root, place.path)
        found.append(ir.Collect(before, there, source) if container else ir.Bind(before, there, source))
    if kept and len(found) == 1:
        return None
    body = (ir.Do(before, tuple(found)), *program.body(partner))
    end = Span(max(partner.function.span.end - 1, 0), partner.function.span.end)
    owned = Owned(frozenset(partner.function.bound), frozenset(own))
    outcome = interpret(body, end, owned)
    if outcome is None or outcome.capped:
        return None
    return next((each for each in outcome.sites if each.site.span == before), None)


def _tells(token: TokenSite, partner: Scope, leaving: SiteExit) -> bool:
    """Does the way out have nothing to do with whether the first function set the variable?"""
    always = _is_unconditional(token.program.body(token.scope), token.site.span)
    roots = {place.root for place, _ in _kept(token)} | {sc.self_name(partner), sc.self_name(token.scope)}
    for step in leaving.trail:
        for node in _at(partner, step.span):
            if isinstance(node, f.Handler):
                if step.what == "caught" and (
                    _only_absence(node.catches) or _went_well_before(token, partner, node)
                ):
                    return False
            elif step.what in ("true", "false") and not _is_free(token, partner, node, roots, always=always):
                return False
    return True


def _at(partner: Scope, span: Span) -> Iterator[f.Node]:
    """The conditions, or the handler, at a place in the partner's text."""
    for statement in partner.body:
        for node in walk(statement, into_scopes=False):
            match node:
                case f.If(test=test) | f.While(test=test) if span in (node.span, test.span):
                    yield test
                case f.For(iterable=iterable) if span in (node.span, iterable.span):
                    yield iterable
                case f.Match(subject=subject, cases=cases) if span in (
                    node.span,
                    subject.span,
                    *(c.span for c in cases),
                ):
                    yield subject
                case f.Handler() if node.span == span:
                    yield node
                case _:
                    pass


def _went_well_before(token: TokenSite, partner: Scope, handler: f.Handler) -> bool:
    """Does the handler stand around calls all of which the first function has made before its set, by the same words?
    Where they fail nothing was set.
    """
    blocks = (
        node.body
        for statement in partner.body
        for node in walk(statement, into_scopes=False)
        if isinstance(node, f.Try) and handler in node.handlers
    )
    made = {signature(call) for call in token.scope.calls if call.span.end <= token.site.span.start}
    calls = [
        signature(node)
        for part in next(blocks, ())
        for node in walk(part, into_scopes=False)
        if isinstance(node, f.Call)
    ]
    return bool(calls) and made.issuperset(calls)


def _only_absence(catches: f.Expr | None) -> bool:
    """Does a handler catch only what a missing token raises?"""
    kinds = catches.items if isinstance(catches, f.Display) else (catches,)
    return all(isinstance(kind, f.Name) and kind.id in _ABSENT for kind in kinds)


def _is_free(
    token: TokenSite, partner: Scope, condition: f.Node, roots: set[str | None], *, always: bool
) -> bool:
    """Does a condition ask for nothing that the first function decided, nor for the state of the token's object?"""
    parameters = {p.name for p in partner.function.parameters} - roots
    constant = {
        id(node.value): node.attr
        for node in walk(condition)
        if isinstance(node, f.Attribute) and isinstance(node.value, f.Name)
    }
    for node in walk(condition):
        if not isinstance(node, f.Name):
            continue
        if node.id in parameters:
            if not always and not frame_kinds.is_enter(token.scope):
                return False
            continue
        if node.id in roots:
            attr = constant.get(id(node))
            if not always or attr is None or not _is_fixed(partner, attr):
                return False
        elif node.id in partner.function.bound or not always:
            return False
    return True


def _is_fixed(partner: Scope, attr: str) -> bool:
    """Is an attribute given its value by the constructor, and by nobody else?"""
    bindings = partner.owner.attributes.get(attr, []) if partner.owner is not None else []
    return bool(bindings) and all(method.function.name == "__init__" for _, method in bindings)


def _is_unconditional(body: ir.Block, span: Span) -> bool:
    """Is the set at ``span`` done whenever the function returns?"""
    for node in body:
        match node:
            case ir.Do(events=found):
                if any(event.span == span and isinstance(event, ir.Set) for event in found):
                    return True
            case ir.With(body=inner) | ir.Try(body=inner):
                if _is_unconditional(inner, span):
                    return True
            case _:
                pass
        if any(isinstance(inner, ir.Exit) and inner.kind == "return" for inner in nodes((node,))):
            return False
    return False


# --- others that undo ----------------------------------------------------------------------------------------


def _undoes_another(token: TokenSite, partner: Scope) -> bool:
    """Does the partner undo another set of the same function?"""
    undone = token.program.effects(partner).undoes
    return any(each.site.var in undone and each.site.var != token.site.var for each in token.siblings)


def _undone_by_family(token: TokenSite) -> bool:
    """Does a method of the class, of an ancestor or of a subclass undo the variable?"""
    program, owner = token.program, token.scope.owner
    if owner is None:
        return False
    return any(
        token.site.var in program.effects(method).undoes
        for method in program.relevant
        if method.owner is not None
        and method is not token.scope
        and (
            owner in program.resolver.ancestors(method.owner)
            or method.owner in program.resolver.ancestors(owner)
        )
    )


def forgotten(token: TokenSite) -> Place | None:
    """The attribute of ``self`` in which a function leaves its token, if its name is private and nobody in the program
    ever reads it, the class's other methods and subclasses included.
    """
    if token.scope.kind != "function" or token.capped or token.outcome.created or token.outcome.under:
        return None
    normal = [leaving for leaving in token.outcome.exits if leaving.kind == "normal"]
    kept = tuple(_kept(token))
    if not kept or any(leaving.fate != "transferred" or leaving.via != "field" for leaving in normal):
        return None
    me = sc.self_name(token.scope)
    private = all(
        place.root == me and place.path[0].startswith("_") and len(place.path) == 1 for place, _ in kept
    )
    if not private or _is_taken(token, kept) or _undone_by_family(token) or token.undoer is not None:
        return None
    return kept[0][0]


def _is_stored(use: Use) -> bool:
    """Is this the target of an assignment?"""
    return any(
        use.node is target
        for statement in use.scope.body
        for node in walk(statement, into_scopes=False)
        if isinstance(node, f.Assign)
        for target in node.targets
    )


def _is_filled(use: Use) -> bool:
    """Is this a container that something is only put into: ``self._tokens.append(…)``?"""
    return any(
        isinstance(call.func, f.Attribute) and call.func.value is use.node and call.func.attr in _FILLING
        for call in use.scope.calls
    )


def _is_of_another_class(token: TokenSite, use: Use) -> bool:
    """Is this the attribute of the ``self`` of a class that has nothing to do with the token's?"""
    node, owner = use.node, token.scope.owner
    other = use.scope.owner if use.scope.kind == "function" else None
    if owner is None or other is None or not isinstance(node, f.Attribute):
        return False
    if not isinstance(node.value, f.Name) or node.value.id != sc.self_name(use.scope):
        return False
    ancestors = token.program.resolver.ancestors
    related = {*ancestors(owner), owner} & {*ancestors(other), other}
    heirs = any(
        owner in ancestors(cls) and other in ancestors(cls)
        for module in token.program.modules.values()
        for cls in module.descendants()
        if cls.kind == "class"
    )
    return not related and not heirs


def _is_taken(token: TokenSite, kept: tuple[tuple[Place, bool], ...]) -> bool:
    """Does anybody in the program read what the token is kept in, by name or by a string?"""
    names = {
        place.path[-1] if place.path else place.root: f.Attribute if place.path else f.Name
        for place, _ in kept
    }
    for name, kind in names.items():
        for use in token.program.uses.named(name):
            expr = use.node.func if isinstance(use.node, f.Call) else use.node
            if not isinstance(expr, kind) or _is_of_another_class(token, use):
                continue
            if not _is_stored(use) and not _is_filled(use):
                return True
    return any(
        isinstance(node, f.Literal) and node.kind == "str" and node.text in names
        for statement in token.scope.module.body
        for node in walk(statement)
    )
