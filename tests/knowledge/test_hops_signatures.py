"""Positions and keywords of ``hops.toml`` against the signatures of this Python."""

from __future__ import annotations

import _thread
import contextvars
import inspect
import itertools
import sys

import pytest
from hop_names import concrete

from ctxlint.knowledge.hop import Slot
from ctxlint.knowledge.hops import hops

VERSION = sys.version_info[:2]
ROWS = [
    (name, hop)
    for hop in hops().rows
    for name in hop.callables
    if hop.exists(VERSION) and hop.worker.stands != "subclass"
]
UNSIGNED = {
    "_thread.start_new_thread", "asyncio.Future().add_done_callback", "atexit.register", "builtins.filter",
    "builtins.map", "builtins.max", "builtins.min", "contextvars.Context().run", "functools.partial",
    "functools.reduce", "itertools.dropwhile", "itertools.filterfalse", "itertools.starmap", "itertools.takewhile",
    "sys.setprofile", "sys.settrace", "weakref.proxy", "weakref.ref",
}  # fmt: skip
"""Have no signature, in one version or another; what they take by keyword is tried below."""


def parameters(name: str) -> list[inspect.Parameter] | None:
    """Without ``self``."""
    made = concrete(name)
    try:
        found = list(inspect.signature(made).parameters.values())
    except ValueError:
        return None
    owner, _, method = name.rpartition(".")
    static = isinstance(inspect.getattr_static(concrete(owner), method, None), staticmethod)
    unbound = owner.endswith("()") and not hasattr(made, "__self__") and not static
    return found[1:] if unbound else found


def check(slot: Slot, found: list[inspect.Parameter]) -> None:
    by_name = {parameter.name: parameter for parameter in found}
    if slot.keyword:
        assert by_name[slot.keyword].kind in (
            inspect.Parameter.POSITIONAL_OR_KEYWORD,
            inspect.Parameter.KEYWORD_ONLY,
        )
    if slot.position is None:
        assert by_name[slot.keyword].kind is inspect.Parameter.KEYWORD_ONLY
    elif slot.keyword:
        assert found[slot.position].name == slot.keyword
    else:
        kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.VAR_POSITIONAL)
        assert found[min(slot.position, len(found) - 1)].kind in kinds


@pytest.mark.parametrize(("name", "hop"), ROWS, ids=lambda v: v if isinstance(v, str) else "")
def test_a_worker_stands_where_the_signature_has_it(name, hop):
    found = parameters(name)
    if found is None:
        assert name in UNSIGNED
        return
    check(Slot(hop.worker.position, hop.worker.keyword), found)
    for slot in (hop.args, hop.kwargs, hop.governed_by, *(when.none for when in hop.when)):
        if slot is not None:
            check(slot, found)


@pytest.mark.parametrize(("name", "hop"), ROWS, ids=lambda v: v if isinstance(v, str) else "")
def test_the_arguments_of_a_worker_are_passed_as_the_signature_allows(name, hop):
    found = parameters(name)
    if found is None:
        assert name in UNSIGNED
        return
    kinds = {parameter.kind for parameter in found}
    rest, keywords = inspect.Parameter.VAR_POSITIONAL in kinds, inspect.Parameter.VAR_KEYWORD in kinds
    if hop.form == "rest":
        assert (rest, keywords) == (True, True)
    if hop.form == "rest-positional":
        assert (rest, keywords) == (True, False)
    if hop.form == "iterables" or hop.worker.every:
        assert rest


@pytest.mark.parametrize(("name", "hop"), ROWS, ids=lambda v: v if isinstance(v, str) else "")
def test_a_context_can_be_named_where_the_signature_has_the_keyword(name, hop):
    found = {parameter.name: parameter for parameter in parameters(name) or ()}
    known = hop.context is not None and hop.context.since <= VERSION
    if name in UNSIGNED and not found:
        return  # where a row names a context, its cure is run with one
    processes = "context" in found and name == "multiprocessing.pool.Pool"  # a start method's context
    assert known == ("context" in found and not processes)
    assert not known or found["context"].kind is inspect.Parameter.KEYWORD_ONLY


def test_what_has_no_signature_refuses_a_keyword_for_its_worker():
    for call in (
        lambda: map(function=int, iterable=[]),
        lambda: filter(function=int, iterable=[]),
        lambda: itertools.starmap(function=int, iterable=[]),
        lambda: itertools.takewhile(predicate=int, iterable=[]),
        lambda: _thread.start_new_thread(function=int, args=()),
        lambda: contextvars.Context().run(callable=int),
    ):
        with pytest.raises(TypeError):
            call()
