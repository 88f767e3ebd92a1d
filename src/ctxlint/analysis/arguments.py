"""Which parameter takes which argument of a call, and what a hop's worker will be called with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from ctxlint.analysis.resolve import Resolver
from ctxlint.analysis.scopes import Assigned, Scope
from ctxlint.analysis.symbols import FunctionRef, ParameterRef
from ctxlint.knowledge.hop import Hop, Slot, Worker
from ctxlint.model import facts as f
from ctxlint.model.walk import is_none


@dataclass(frozen=True, slots=True)
class Step:
    """A function that runs when a callable is called. ``through`` are the calls on the way from the callable's own
    text to it, each with the function in whose text it stands; empty where it is the callable itself.
    """

    callee: Scope
    through: tuple[tuple[Scope, f.Call], ...] = ()


@dataclass(frozen=True, slots=True)
class Arguments:
    """What a callable is called with, as far as it is known: what runs when an argument is called in turn."""

    positional: tuple[Called, ...] = ()
    named: Mapping[str, Called] = field(default_factory=dict[str, "Called"])

    def after(self, other: Arguments) -> Arguments:
        """These behind others that are filled in first, as ``partial`` does."""
        return Arguments((*other.positional, *self.positional), {**other.named, **self.named})

    def at(self, worker: Worker) -> tuple[Called, ...]:
        """The arguments that are workers."""
        named = self.named.get(worker.keyword) if worker.keyword else None
        if named is not None:
            return (named,)
        if worker.position is None:
            return ()
        end = None if worker.every else worker.position + 1
        return self.positional[worker.position : end]


Called: TypeAlias = Callable[[Arguments, int], "tuple[Step, ...] | None"]
"""What runs when a value is called with arguments, at a depth of the search; None where that is not known."""

Given: TypeAlias = Mapping[tuple[Scope, str], Called]
"""What parameters of functions hold, by function and name."""

NOTHING = Arguments()


def unknown(_arguments: Arguments, _depth: int) -> None:
    """What runs when something is called of which nothing is known."""
    return


def bound(ref: FunctionRef, arguments: Arguments) -> dict[tuple[Scope, str], Called]:
    """What the parameters of a function hold when it is called with ``arguments``."""
    taken = ref.scope.function.parameters
    names = [p.name for p in taken if p.kind in ("positional", "plain")][1 if ref.bound else 0 :]
    found = dict(zip(names, arguments.positional, strict=False))
    by_name = {p.name for p in taken if p.kind in ("plain", "keyword")}
    found.update({name: called for name, called in arguments.named.items() if name in by_name})
    star = next((p.name for p in taken if p.kind == "star"), None)
    if star is not None:
        rest = arguments.positional[len(names) :]
        found.update({f"*{star}{index}": called for index, called in enumerate(rest)})
    return {(ref.scope, name): called for name, called in found.items()}


def worker_arguments(call: f.Call, worker: Worker) -> tuple[f.Expr, ...]:
    """The arguments of a call that are workers; none where a star hides which they are."""
    found: list[f.Expr] = []
    position = 0
    for argument in call.args:
        if argument.keyword is not None:
            if worker.keyword and argument.keyword == worker.keyword:
                found.append(argument.value)
        elif argument.star == "**":
            continue
        elif argument.star:
            if worker.every and worker.position is not None and position >= worker.position:
                found.append(argument.value)
            break
        else:
            at = worker.position
            if at is not None and (position == at or (worker.every and position > at)):
                found.append(argument.value)
            position += 1
    return tuple(found)


def as_written(call: f.Call) -> tuple[f.Expr, ...]:
    """The positional arguments of a call, those with a star as such."""
    return tuple(
        f.Starred(argument.span, argument.value) if argument.star else argument.value
        for argument in call.args
        if argument.keyword is None and argument.star != "**"
    )


def handed_on(call: f.Call, row: Hop) -> tuple[tuple[f.Expr, ...], dict[str, f.Expr]]:
    """What a hop calls its worker with, as it is written: in place of the call's own arguments, or after the worker."""
    if row.form == "args-kwargs":
        args, kwargs = _slot(call, row.args), _slot(call, row.kwargs)
        positional = args.items if isinstance(args, f.Display) else ()
        pairs = zip(kwargs.keys, kwargs.values, strict=True) if isinstance(kwargs, f.DictDisplay) else ()
        named = {key.text: value for key, value in pairs if isinstance(key, f.Literal)}
        return positional, named
    if row.form not in ("rest", "rest-positional") or row.worker.position is None:
        return (), {}
    plain = as_written(call)
    named = {a.keyword: a.value for a in call.args if a.keyword is not None}
    return plain[row.worker.position + 1 :], named


def _slot(call: f.Call, slot: Slot | None) -> f.Expr | None:
    if slot is None:
        return None
    for argument in call.args:
        if argument.keyword is not None and argument.keyword == slot.keyword:
            return argument.value
    plain = [argument for argument in call.args if argument.keyword is None]
    if slot.position is None or slot.position >= len(plain) or any(argument.star for argument in plain):
        return None
    return plain[slot.position].value


def names_context(call: f.Call, row: Hop) -> bool:
    """Does the call say in which Context the worker is to run (``context=``)?"""
    return row.context is not None and any(
        argument.keyword == row.context.keyword and not is_none(argument.value) for argument in call.args
    )


def parameters_of(call: f.Call, ref: FunctionRef) -> list[str | None]:
    """For each argument the name of the parameter that takes it; None where that is not known."""
    taken = ref.scope.function.parameters
    positional = [p.name for p in taken if p.kind in ("positional", "plain")]
    by_name = {p.name for p in taken}
    rest = next((p.name for p in taken if p.kind == "star"), None)
    index = 1 if ref.bound else 0
    found: list[str | None] = []
    known = True
    for argument in call.args:
        if argument.keyword is not None:
            found.append(argument.keyword if argument.keyword in by_name else None)
        elif argument.star or not known:
            known = False
            found.append(None)
        else:
            found.append(positional[index] if index < len(positional) else rest)
            index += 1
    return found


def is_given(resolver: Resolver, scope: Scope, func: f.Expr) -> bool:
    """Is it what the constructor was given: ``self.app`` of a middleware?"""
    found = resolver.bindings(scope, func) if isinstance(func, f.Attribute) else None
    return found is not None and any(
        isinstance(binding, Assigned) and isinstance(resolver.resolve(found[0], binding.value), ParameterRef)
        for binding in found[1]
    )
