"""Writes into what ``get`` was given to return where nothing is set: a fresh object that nobody keeps.

A write is *lost* when the fallback is made in the call (``v.get([])``, or ``v.get(None) or []``) and something is put
into it at once, or through a name that is used for nothing else: whose reads all stand above the first write, outside
the loops that repeat it, and which is neither set back, returned, nor handed on. Not told: a ``get`` that can only run
after a ``set``, and one below a test of the variable, for there the fallback may never be used.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ctxlint.analysis.innocence import Got, Innocence
from ctxlint.analysis.mutability import Mutable, mutable
from ctxlint.analysis.program import Program
from ctxlint.analysis.scopes import Scope
from ctxlint.analysis.uses_of_value import Fate, Held
from ctxlint.model import facts as f
from ctxlint.model.walk import is_none

_LOOPS = (f.For, f.While)


@dataclass(frozen=True, slots=True)
class LostWrite:
    """What a ``get`` falls back to, and the writes that go with it."""

    got: Got
    fallback: Mutable
    writes: tuple[Fate, ...]


def lost_writes(program: Program, values: Innocence) -> Iterator[LostWrite]:
    """Every ``get`` of a declared variable whose fallback is written to and thrown away."""
    for var in program.by_var:
        for got in values.got(var):
            node = _value(values, got)
            fallback = _fresh(program, got, node)
            if fallback is None or not values.finds_nothing_set(got) or _tested(values, got):
                continue
            writes = tuple(_lost(values, got, node))
            if writes and all(_puts_in(values, write, fallback) for write in writes):
                yield LostWrite(got, fallback, writes)


def _value(values: Innocence, got: Got) -> f.Expr:
    """The ``get``, or the ``or`` that gives something else where it gives nothing."""
    parent = values.bindings.parent(got.scope, got.call)
    if isinstance(parent, f.Boolean) and parent.op == "or" and parent.values[0] is got.call:
        return parent
    return got.call


def _fresh(program: Program, got: Got, node: f.Expr) -> Mutable | None:
    """The container that is made where the fallback is written out."""
    fallback = node.values[-1] if isinstance(node, f.Boolean) else got.fallback
    if fallback is None:
        return None
    if isinstance(node, f.Boolean) and got.fallback is not None and not is_none(got.fallback):
        return None
    found = mutable(program.resolver, got.scope, fallback)
    if found is None or not found.is_container or (found.path, found.span) != (got.scope.path, fallback.span):
        return None
    return found


def _tested(values: Innocence, got: Got) -> bool:
    """Does the ``get`` stand below a test that asks for the variable, too?"""
    others = [each.call for each in values.got(got.var) if each.scope is got.scope and each is not got]
    return any(
        isinstance(outer, f.If | f.While | f.Conditional | f.Boolean)
        and any(_stands_in(values, got.scope, call, outer) for call in others)
        for outer in values.bindings.outer(got.scope, got.call)
    )


def _stands_in(values: Innocence, scope: Scope, node: f.Node, outer: f.Node) -> bool:
    return any(each is outer for each in values.bindings.outer(scope, node))


def _lost(values: Innocence, got: Got, node: f.Expr) -> Iterator[Fate]:
    """The writes, if the object is used for nothing else."""
    parent = values.bindings.parent(got.scope, node)
    if isinstance(parent, f.Attribute | f.Subscript):
        yield from _direct(values, got.scope, node)
    elif isinstance(parent, f.Assign) and parent.value is node and len(parent.targets) == 1:
        target = parent.targets[0]
        if (
            isinstance(target, f.Name)
            and got.scope.kind == "function"
            and target.id in got.scope.function.bound
        ):
            yield from _through_a_name(values, got.scope, target)


def _direct(values: Innocence, scope: Scope, node: f.Expr) -> tuple[Fate, ...]:
    fates = values.fates(scope, node, Held())
    return fates if all(fate.kind == "written" and not fate.through for fate in fates) else ()


def _through_a_name(values: Innocence, scope: Scope, target: f.Name) -> tuple[Fate, ...]:
    writes: list[Fate] = []
    reads: list[f.Name] = []
    for inner, name in values.bindings.uses(scope, target):
        if inner is not scope:
            return ()
        fates = _name_fates(values, scope, name)
        if any(fate.kind == "leaves" or fate.through for fate in fates):
            return ()
        writes += fates
        if not fates:
            reads.append(name)
    first = min((write.node.span.start for write in writes), default=0)
    repeated = {id(loop) for write in writes for loop in _loops(values, scope, write.node)}
    repeated -= {id(loop) for loop in _loops(values, scope, target)}
    for read in reads:
        if read.span.start > first or any(id(loop) in repeated for loop in _loops(values, scope, read)):
            return ()
    return tuple(writes)


def _name_fates(values: Innocence, scope: Scope, name: f.Name) -> tuple[Fate, ...]:
    operator = values.bindings.operator(scope, name)
    if operator:
        return (Fate("written", scope, name, f"`{operator}=` changes it", adds=True, rebinds=True),)
    return values.fates(scope, name, Held())


def _loops(values: Innocence, scope: Scope, node: f.Node) -> Iterator[f.Node]:
    return (outer for outer in values.bindings.outer(scope, node) if isinstance(outer, _LOOPS))


def _puts_in(values: Innocence, write: Fate, fallback: Mutable) -> bool:
    """Is something put in, and does the write itself not fail on a fresh object or serve for what it returns?"""
    parent = values.bindings.parent(write.scope, write.node)
    if isinstance(write.node, f.Subscript):
        if fallback.reason not in ("a dict", "a defaultdict", "a Counter", "a OrderedDict"):
            return False
        return not isinstance(parent, f.Augment) or fallback.reason in ("a defaultdict", "a Counter")
    if isinstance(write.node, f.Attribute):
        return False
    return write.adds and (write.rebinds or isinstance(parent, f.Evaluate))
