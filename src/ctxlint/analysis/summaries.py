"""One function's summary, from its lowered body and what interpreting it showed (see ``effects``)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ctxlint.analysis.effects import NO_EFFECTS, Effects, ReturnedToken
from ctxlint.analysis.relevance import empties, events, nodes
from ctxlint.analysis.scopes import Scope
from ctxlint.model import facts as f
from ctxlint.model import ir
from ctxlint.model.diagnostics import Failure
from ctxlint.model.facts import Limit
from ctxlint.model.ids import Place, VarId
from ctxlint.model.observations import FrameOutcome
from ctxlint.model.spans import Span


@dataclass(frozen=True, slots=True)
class Summary:
    """What is known of one function: its effects, and for itself its lowered body, what interpreting it showed and
    what went wrong. Summaries are equal if their effects are: those are what a caller sees.
    """

    effects: Effects = NO_EFFECTS
    body: ir.Block = field(default=(), compare=False)
    outcome: FrameOutcome | None = field(default=None, compare=False)
    trouble: Failure | Limit | None = field(default=None, compare=False)


def position(scope: Scope) -> tuple[str, int, int, str]:
    """Where a function stands, as a key to sort by."""
    span = scope.node.span if scope.node is not None else Span(-1, 0)
    return scope.path, span.start, span.end, scope.qualname


def summarise(scope: Scope, body: ir.Block, outcome: FrameOutcome | None) -> Effects:
    """What a call of ``scope`` does to its caller."""
    found = tuple(events(body))
    mine = {p.name for p in scope.node.parameters} if isinstance(scope.node, f.Function) else set[str]()
    local = _token_places(found)
    resets: set[str] = set()
    free: set[str] = set()
    restores: set[VarId] = set()
    undoes: set[VarId] = set()
    own = {e.span for e in found if isinstance(e, ir.ResetEach) and e.container in local}
    for event in found:
        if isinstance(event, ir.Reset) and event.span in own:
            continue  # one element of a container of its own tokens
        place = _reset_place(event)
        if place is not None and place.root in mine and not place.path:
            resets.add(place.root)
        elif (
            place is not None and place.root[0] != "%" and place.root not in scope.bindings and not place.path
        ):
            free.add(place.root)
        restored = _restored(event, place, local)
        if restored is not None:
            undoes.add(restored)
            if place is None or place.root not in mine or place.path:
                restores.add(restored)
    for var, place in _given_back(found):
        if place not in local:
            undoes.add(var)
            if place.root not in mine or place.path:
                restores.add(var)
    sets = _left_set(outcome)
    return Effects(
        tokens=_returned(outcome),
        resets=frozenset(resets),
        keeps=frozenset(_kept(found, mine)),
        free_resets=frozenset(free),
        restores=frozenset(restores - sets),
        undoes=frozenset(undoes - sets),
        sets=sets,
        scoped=_scoped(outcome),
        puts=frozenset(_put(found, mine)),
        pops=frozenset(var for event in found for var in _popped(event)),
        reads=frozenset(event.var for event in found if isinstance(event, ir.Get)),
        raises=_raises(body, mine),
        returns=_returns(body),
        calm=not any(_may_raise(event) for event in found)
        and not any(isinstance(node, ir.Exit) and node.kind == "raise" for node in nodes(body)),
        works=any(_is_work(event) for event in found),
        takes=frozenset(_taken(body, found, mine)),
        leaves=frozenset(_left(body, mine)) if sets else frozenset(),
    )


def _taken(body: ir.Block, found: tuple[ir.Event, ...], mine: set[str]) -> Iterator[tuple[str, VarId, bool]]:
    """The parameters that are certainly reset, of which variable, and whether None would reach the reset, too."""
    bound = {event.place.root for event in found if isinstance(event, ir.Bind)}
    resets = [event for event in found if isinstance(event, ir.Reset) and isinstance(event.token, Place)]
    for event, strict in certain_resets(body):
        place, var = event.token, event.var or event.by
        if not isinstance(place, Place) or place.path or place.root not in mine - bound or var is None:
            continue
        if sum(other.token == place for other in resets) == 1:
            yield place.root, var, strict and (event.var is not None or event.strict)


def certain_resets(block: ir.Block, known: frozenset[Place] = frozenset()) -> Iterator[tuple[ir.Reset, bool]]:
    """The resets that every call comes to, but for the exceptions of what stands before them and for what is asked of
    their own token (then False). What a handler may stop is left out.
    """
    for node in block:
        asked = _asked_first(node)
        if asked is not None:
            known |= {asked}
            continue
        match node:
            case ir.Do(events=found):
                yield from _resets_among(found, known)
            case ir.Try(handlers=(), body=inner, orelse=orelse, final=final):
                yield from certain_resets((*inner, *orelse, *final), known)
            case ir.With(swallows=None, body=inner):
                yield from certain_resets(inner, known)
            case ir.Branch(
                guard=ir.Truthy(place=place) | ir.Negated(guard=ir.IsNone(place=place)), then=then
            ):
                yield from certain_resets(then, known | {place})
            case _:
                pass
        if any(isinstance(part, ir.Exit) for part in nodes((node,))):
            return  # what comes after it is reached on some calls only


def _asked_first(node: ir.NodeT) -> Place | None:
    """The place of ``if token is None: return``."""
    match node:
        case ir.Branch(
            guard=ir.IsNone(place=place) | ir.Negated(guard=ir.Truthy(place=place)),
            then=(*_, ir.Exit(kind="return")),
            orelse=(),
        ):
            return place
        case _:
            return None


def _resets_among(found: tuple[ir.EventT, ...], known: frozenset[Place]) -> Iterator[tuple[ir.Reset, bool]]:
    for event in found:
        if isinstance(event, ir.Reset):
            asked = isinstance(event.token, Place) and event.token in known
            if asked or not known:
                yield event, not asked


def _popped(event: ir.Event) -> tuple[VarId, ...]:
    if isinstance(event, ir.Set):
        return (event.var,) if event.derived else ()
    return event.pops if isinstance(event, ir.Call) else ()


def _restored(event: ir.Event, place: Place | None, local: set[Place]) -> VarId | None:
    """The variable that the event puts back for the caller: not by a token that the function made itself."""
    match event:
        case ir.Restore(var=var, saved=None):
            return var
        case ir.Reset(var=var):
            return var if place is None or place not in local else None
        case ir.Set(var=var, into=None) if empties(event):
            return var
        case _:
            return None


def _given_back(found: tuple[ir.Event, ...]) -> Iterator[tuple[VarId, Place]]:
    """The variables of the tokens that are handed to a function which resets them, with where each token is."""
    handed: dict[Span, list[Place]] = {}
    for event in found:
        match event:
            case ir.Reset(span=span, var=None, token=Place() as place):
                handed.setdefault(span, []).append(place)
            case ir.Call(span=span, gives_back=variables) if variables:
                yield from ((var, place) for place in handed.get(span, ()) for var in variables)
            case _:
                pass


def _reset_place(event: ir.Event) -> Place | None:
    if isinstance(event, ir.Reset):
        return event.token if isinstance(event.token, Place) else None
    return event.container if isinstance(event, ir.ResetEach) else None


def _token_places(found: tuple[ir.Event, ...]) -> set[Place]:
    """The places that a token of this function's own sets reaches, by names, attributes and containers."""
    places = {event.into for event in found if isinstance(event, ir.Set) and event.into is not None}
    for event in found:
        match event:
            case ir.Bind(place=place, value=Place() as value) if value in places:
                places.add(place)
            case ir.Collect(container=container, value=Place() as value) if value in places:
                places.add(container)
            case _:
                pass
    return places


def _left_set(outcome: FrameOutcome | None) -> frozenset[VarId]:
    if outcome is None:
        return frozenset()
    return frozenset(
        site.site.var
        for site in outcome.sites
        if any(leaving.kind == "normal" and leaving.fate == "held" for leaving in site.exits)
    )


def _left(body: ir.Block, mine: set[str]) -> Iterator[tuple[VarId, str]]:
    """The variables that a bare set gives a value on every call, where nothing else is done to them but that a handler
    empties what could not be set.
    """
    touched = [event.var for event in events(body) if isinstance(event, ir.Set | ir.Reset | ir.Restore)]
    for node in body:
        emptied = _emptied_by_handlers(node)
        for event in _done(node.body if isinstance(node, ir.Try) else (node,)):
            match event:
                case ir.Set(var=var, into=None, derived=False, helper=None, value=value) if not empties(
                    event
                ):
                    handlers = len(node.handlers) if isinstance(node, ir.Try) else 0
                    if emptied.count(var) == handlers == touched.count(var) - 1:
                        yield var, _given_root(value, mine)
                case _:
                    pass
        if any(isinstance(part, ir.Exit) for part in nodes((node,))):
            return


def _given_root(value: ir.Operand, mine: set[str]) -> str:
    """The parameter of the function that ``value`` is; empty where it is none."""
    return value.root if isinstance(value, Place) and not value.path and value.root in mine else ""


def _done(body: ir.Block) -> Iterator[ir.Event]:
    """The events that stand in a block itself."""
    return (event for node in body if isinstance(node, ir.Do) for event in node.events)


def _emptied_by_handlers(node: ir.NodeT) -> list[VarId]:
    """The variables that the handlers of a ``try`` empty, once for each handler that does."""
    handlers = node.handlers if isinstance(node, ir.Try) else ()
    return [
        event.var
        for handler in handlers
        for event in _done(handler.body)
        if isinstance(event, ir.Set) and empties(event)
    ]


def _put(found: tuple[ir.Event, ...], mine: set[str]) -> Iterator[tuple[VarId, str]]:
    for event in found:
        match event:
            case ir.Set(var=var, into=None, value=Place(root=root, path=())) if root in mine:
                yield var, root
            case ir.Restore(var=var, saved=Place(root=root)) if root in mine:
                yield var, root
            case _:
                pass


def _scoped(outcome: FrameOutcome | None) -> frozenset[VarId]:
    if outcome is None:
        return frozenset()
    return frozenset(
        site.site.var
        for site in outcome.sites
        if any(leaving.kind == "normal" for leaving in site.exits)
        and all(
            leaving.fate in ("released", "restored", "covered", "transferred")
            for leaving in site.exits
            if leaving.kind == "normal"
        )
    )


def _returned(outcome: FrameOutcome | None) -> tuple[ReturnedToken, ...]:
    found: dict[ReturnedToken, None] = {}
    for site in outcome.sites if outcome is not None else ():
        for leaving in site.exits:
            if (
                leaving.kind == "normal"
                and leaving.fate == "transferred"
                and leaving.via.startswith("return")
            ):
                index = leaving.via.removeprefix("return").strip("[]")
                found[ReturnedToken(site.site.var, (int(index),) if index else ())] = None
    return tuple(found)


def _kept(found: tuple[ir.Event, ...], mine: set[str]) -> set[str]:
    kept: set[str] = set()
    for event in found:
        value = event.value if isinstance(event, ir.Hand | ir.Collect | ir.Bind) else None
        if isinstance(value, Place) and value.root in mine:
            kept.add(value.root)
    return kept


def _raises(body: ir.Block, mine: set[str]) -> tuple[ir.Raised, ...]:
    """What the function's own text raises. What its callees raise is theirs, or every function would; and what only
    the wrong type of an argument raises is no way that a call is made for.
    """
    checks = {
        id(part) for node in nodes(body) if isinstance(node, ir.Branch) for part in _of_type_check(node, mine)
    }
    found = {
        node.raised: None
        for node in nodes(body)
        if isinstance(node, ir.Exit)
        and id(node) not in checks
        and node.kind == "raise"
        and node.raised is not None
        and node.raised.name not in ("NotImplementedError", "SystemExit")
    }
    return tuple(found)


def _of_type_check(node: ir.Branch, mine: set[str]) -> ir.Block:
    """``raise`` as all that is done where ``isinstance`` of a parameter said no."""
    match node:
        case ir.Branch(
            guard=ir.Negated(guard=ir.Opaque(typed=name)), then=(ir.Do(), ir.Exit()) | (ir.Exit(),) as then
        ):
            return then if name in mine else ()
        case _:
            return ()


def _returns(body: ir.Block) -> bool:
    """Can a block be left otherwise than by raising? Told from its last statement alone."""
    if any(isinstance(node, ir.Exit) and node.kind == "return" for node in nodes(body)) or not body:
        return True
    match body[-1]:
        case ir.Exit(kind="raise", raised=raised):
            return raised is not None and raised.name == "NotImplementedError"  # abstract: a subclass returns
        case ir.Branch(then=then, orelse=orelse):
            return _returns(then) or _returns(orelse)
        case ir.With(body=inner, swallows=None):
            return _returns(inner)
        case _:
            return True


def _may_raise(event: ir.Event) -> bool:
    return isinstance(event, ir.Suspend) or (isinstance(event, ir.Call) and event.grade is not ir.Grade.NEVER)


def _is_work(event: ir.Event) -> bool:
    return isinstance(event, ir.Suspend) or (isinstance(event, ir.Call) and event.work)
