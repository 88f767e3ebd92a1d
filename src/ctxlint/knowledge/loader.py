"""The knowledge base: TOML beside this module, decoded once and kept frozen."""

from __future__ import annotations

import functools
import importlib.resources
from typing import TypeVar

import msgspec.toml


class Swallows(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A context manager that stops exceptions. ``classes``: ``"arguments"``, a dotted class, or empty for all."""

    callable: str
    classes: str


class Calls(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``calls.toml``: what calls outside the program do to control flow."""

    schema: int
    quiet: frozenset[str]
    quiet_below: tuple[str, ...]
    no_work_below: tuple[str, ...]
    never_return: frozenset[str]
    swallows: tuple[Swallows, ...]
    tokens: dict[str, str]
    reads: dict[str, str]
    undoes: dict[str, str]

    @property
    def token_functions(self) -> frozenset[str]:
        """The last names of the functions of libraries that set or undo."""
        return frozenset(name.rpartition(".")[2] for name in (*self.tokens, *self.undoes))

    def is_quiet(self, name: str) -> bool:
        """Does a call of ``name`` never raise in earnest, and do no work?"""
        return name in self.quiet or name.startswith(self.quiet_below)

    def is_work(self, name: str) -> bool:
        """Does a call of ``name`` count as work?"""
        return not self.is_quiet(name) and not name.startswith(self.no_work_below)


class Frames(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``frames.toml``: who drives a function."""

    schema: int
    scope_generators: frozenset[str]
    fixtures: frozenset[str]
    isolated_tests: frozenset[str]
    task_starters: frozenset[str]
    start_methods: frozenset[str]
    thread_classes: frozenset[str]
    task_makers: frozenset[str]


class Values(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``values.toml``: which calls give an object that can be changed in place."""

    schema: int
    mutable: frozenset[str]
    views: frozenset[str]
    readers: frozenset[str]


_T = TypeVar("_T")


def _load(name: str, kind: type[_T]) -> _T:
    text = importlib.resources.files("ctxlint.knowledge").joinpath(name).read_text("utf-8")
    return msgspec.toml.decode(text, type=kind)


@functools.cache
def calls() -> Calls:
    """What is known of calls."""
    return _load("calls.toml", Calls)


@functools.cache
def frames() -> Frames:
    """What is known of who drives a function."""
    return _load("frames.toml", Frames)


@functools.cache
def values() -> Values:
    """What is known of the objects that calls give."""
    return _load("values.toml", Values)
