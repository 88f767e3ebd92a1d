"""Resets behind a question that a leaving world answered with no: is that a way out that the author forgot?

``if root is not None and undo is not None: undo(root)`` around the reset of a set that stood behind a question too:
what is asked may well be the same in other words (an epoch, a flag that a callee returned, two names that one import
binds), and the text cannot tell. Such a way out is a doubt. It is none where the set is always made, where the question
asks for what was only found out after the set, or where it asks for the contrary of what led to the set.

A helper that returns its token with other things leaves the same doubt where one of those is asked for: it tells what
the helper did.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ctxlint.analysis.relevance import events, guard_parts, nodes
from ctxlint.analysis.scopes import Scope
from ctxlint.model import facts as f
from ctxlint.model import ir
from ctxlint.model.observations import Site, SiteExit
from ctxlint.model.spans import Span
from ctxlint.model.walk import walk

#: A question about one thing, and how it is answered.
_Answer = tuple[object, bool]


@dataclass(frozen=True, slots=True)
class Questions:
    """What in a function may have been asked in place of the question that led to a set: the ``answers`` to questions
    around resets, by place, and the ``tests`` that ask for what a helper returned beside its token.
    """

    answers: frozenset[tuple[Span, bool]]
    tests: frozenset[Span]

    def leave_open(self, leaving: SiteExit) -> bool:
        """Is a way out that leaves the set in force one that answered such a question?"""
        answered = {
            (step.span, step.what == "true") for step in leaving.trail if step.what in ("true", "false")
        }
        return not self.answers.isdisjoint(answered) or any(span in self.tests for span, _ in answered)


def questions(scope: Scope, body: ir.Block, made: Site, undone: frozenset[Span]) -> Questions:
    """The questions of a function, whose IR is ``body``, about one of its sets. ``undone`` are its resets on other ways
    out.
    """
    return Questions(frozenset(_missing(body, made, undone)), _asking_for_helper(scope, made))


def _missing(body: ir.Block, made: Site, undone: frozenset[Span]) -> Iterator[tuple[Span, bool]]:
    """The answers that lead past a reset where the question may be, in other words, the one that led to the set."""
    site = made.span
    led = tuple(_led_to(body, site, undone))
    if not led:
        return
    wanted = {answer for guard, side in led for answer in _answers(guard, holds=side)}
    known = {thing for guard, _ in led for thing in _things(guard)}
    token = {made.into.root} if made.into is not None else set[str]()
    late = _bound_after(body, site) - token
    for node in [each for each in nodes(body) if isinstance(each, ir.Branch)]:
        names = _names(node.guard) - token
        if not names or names & late or known.issuperset(_things(node.guard)) or _makes((node,), site):
            continue
        for block, side in ((node.then, True), (node.orelse, False)):
            contrary = any((what, not truth) in wanted for what, truth in _answers(node.guard, holds=side))
            if not contrary and _undoes(block, undone):
                yield node.span, not side


def _asking_for_helper(scope: Scope, made: Site) -> frozenset[Span]:
    """The conditions that ask for what a helper returned beside its token, and so for what the helper did."""
    beside = _returned_beside(scope, made) if made.helper is not None else frozenset[str]()
    token = {made.into.root} if made.into is not None else set[str]()
    return frozenset(
        node.test.span
        for statement in (scope.body if beside else ())
        for node in walk(statement, into_scopes=False)
        if isinstance(node, f.If)
        and (names := _asked_whether_there(node.test)) is not None
        and bool(names - token)
        and names - token <= beside
    )


def _asked_whether_there(test: f.Expr) -> set[str] | None:
    """The names of which a condition asks whether they are None, or true; None where it asks for anything else."""
    match test:
        case f.Name(id=name):
            return {name}
        case f.Not(value=value):
            return _asked_whether_there(value)
        case f.Compare(left=f.Name(id=name), ops=("is" | "is not",), rights=(f.Literal(kind="none"),)):
            return {name}
        case f.Boolean(values=values):
            found = [_asked_whether_there(value) for value in values]
            return None if None in found else {name for names in found if names is not None for name in names}
        case _:
            return None


def _returned_beside(scope: Scope, made: Site) -> frozenset[str]:
    """The names that get what the helper returns beside the token."""
    for statement in scope.body:
        for node in walk(statement, into_scopes=False):
            match node:
                case f.Assign(
                    targets=(f.Display(items=items),), value=f.Call() | f.Await(value=f.Call()) as value
                ):
                    call = value.value if isinstance(value, f.Await) else value
                    names = [item.id if isinstance(item, f.Name) else "" for item in items]
                    token = made.into.root if made.into is not None else ""
                    if isinstance(call, f.Call) and call.span == made.span and token in names:
                        return frozenset({*names} - {token, ""})
                case _:
                    pass
    return frozenset()


def _undoes(block: ir.Block, undone: frozenset[Span]) -> bool:
    return any(event.span in undone for event in events(block))


def _makes(block: ir.Block, site: Span) -> bool:
    return any(event.span == site and isinstance(event, ir.Set) for event in events(block))


def _led_to(block: ir.Block, site: Span, undone: frozenset[Span]) -> Iterator[tuple[ir.Guard, bool]]:
    """The questions above a set, each with the answer that leads there; not those that are above its resets, too."""
    for node in nodes(block):
        if isinstance(node, ir.Branch):
            for inner, side in ((node.then, True), (node.orelse, False)):
                if _makes(inner, site) and not _undoes(inner, undone):
                    yield node.guard, side


def _answers(guard: ir.Guard, *, holds: bool) -> Iterator[_Answer]:
    """What is certain of single questions where a guard holds, or does not."""
    match guard:
        case ir.Negated(guard=inner):
            yield from _answers(inner, holds=not holds)
        case ir.Every(guards=guards):
            for each in guards if holds else ():
                yield from _answers(each, holds=True)
        case ir.Either(guards=guards):
            for each in () if holds else guards:
                yield from _answers(each, holds=False)
        case ir.Truthy(place=place):
            yield place, holds
        case ir.IsNone(place=place):
            yield place, not holds
        case ir.Opaque(text=ir.TextTest(subject=subject)):
            yield subject, holds
        case ir.Opaque(key=key) if key:
            yield key, holds
        case _:
            pass


def _things(guard: ir.Guard) -> set[object]:
    """The single questions that a guard is made of."""
    return {
        thing
        for holds in (True, False)
        for part in guard_parts(guard)
        for thing, _ in _answers(part, holds=holds)
    }


def _names(guard: ir.Guard) -> set[str]:
    """The names that a guard asks about."""
    found: set[str] = set()
    for part in guard_parts(guard):
        match part:
            case ir.Truthy(place=place) | ir.IsNone(place=place):
                found.add(place.root)
            case ir.Opaque(names=names):
                found.update(names)
            case _:
                pass
    return found


def _bound_after(body: ir.Block, site: Span) -> set[str]:
    """The names that get a value behind the set, but for flags beside it: what they tell was not known before."""
    beside = {
        id(event)
        for node in nodes(body)
        for block in _blocks(node)
        if any(isinstance(each, ir.Do) and any(e.span == site for e in each.events) for each in block)
        for each in block
        if isinstance(each, ir.Do)
        for event in each.events
        if isinstance(event, ir.Bind) and isinstance(event.value, ir.Constant)
    }
    return {
        event.place.root
        for event in events(body)
        if isinstance(event, ir.Bind) and event.span > site and id(event) not in beside
    }


def _blocks(node: ir.NodeT) -> tuple[ir.Block, ...]:
    match node:
        case ir.Branch(then=then, orelse=orelse):
            return then, orelse
        case ir.Try(body=body, handlers=handlers, orelse=orelse, final=final):
            return body, orelse, final, *(handler.body for handler in handlers)
        case ir.With(body=body) | ir.Loop(body=body):
            return (body,)
        case _:
            return ()
