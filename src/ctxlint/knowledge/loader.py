"""The knowledge base: TOML beside this module, decoded once and kept frozen, and what a project adds to it."""

from __future__ import annotations

import functools
import importlib.resources
from typing import Literal, NamedTuple, TypeVar

import msgspec.toml

from ctxlint.knowledge.additions import added, additions_of
from ctxlint.knowledge.library import TokenLibrary
from ctxlint.model.ids import VarId


class Swallows(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A context manager that stops exceptions. ``classes``: ``"arguments"``, a dotted class, or empty for all."""

    callable: str
    classes: str


class TokenCall(NamedTuple):
    """What a function of a library does to its variable."""

    role: Literal["set", "reset", "clear", "read"]
    library: TokenLibrary


class Calls(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``calls.toml``: what calls outside the program do to control flow."""

    schema: int
    quiet: frozenset[str]
    quiet_below: tuple[str, ...]
    no_work_below: tuple[str, ...]
    never_return: frozenset[str]
    quick_locks: frozenset[str]
    swallows: tuple[Swallows, ...]
    tokens: tuple[TokenLibrary, ...]

    @property
    def token_functions(self) -> frozenset[str]:
        """The last names of the functions of libraries that set or undo."""
        names = (
            name for library in self.tokens for name in (*library.sets, *library.resets, *library.clears)
        )
        return frozenset(name.rpartition(".")[2] for name in names)

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
    partners: tuple[tuple[str, str], ...]
    setter_prefixes: tuple[str, ...]
    entry_packages: tuple[str, ...]
    threaded_dependencies: frozenset[str]
    lifespan_applications: frozenset[str]
    startup_decorators: frozenset[str]
    middleware_classes: frozenset[str]
    middleware_decorators: frozenset[str]
    endpoint_decorators: frozenset[str]
    threaded_hooks: tuple[str, ...]
    threaded_hook_classes: frozenset[str]
    scoped_managers: frozenset[str]
    protocol_classes: frozenset[str]
    message_words: frozenset[str]
    cleanup_methods: frozenset[str]
    request_classes: frozenset[str]
    request_runners: frozenset[str]
    plain_request_classes: frozenset[str]
    commands: frozenset[str]
    draining_classes: frozenset[str]
    event_decorators: frozenset[str]


class Values(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``values.toml``: which calls give an object that can be changed in place, and which change or only read one."""

    schema: int
    mutable: frozenset[str]
    views: frozenset[str]
    readers: frozenset[str]
    writers: frozenset[str]
    locks: frozenset[str]
    copying_models: frozenset[str]
    containers: frozenset[str]
    copies: frozenset[str]
    moments: frozenset[str]


_T = TypeVar("_T", bound=msgspec.Struct)


def _load(name: str, kind: type[_T]) -> _T:
    text = importlib.resources.files("ctxlint.knowledge").joinpath(name).read_text("utf-8")
    return msgspec.toml.decode(text, type=kind)


def _with_added(shipped: _T, more: bytes) -> _T:
    """The table with what the project adds to its lists of the same names."""
    additions = additions_of(more)
    names = {*additions.__struct_fields__}.intersection(getattr(shipped, "__struct_fields__", ()))
    lists = {name: (getattr(shipped, name), getattr(additions, name)) for name in sorted(names)}
    changes = {
        name: old | new if isinstance(old, frozenset) else (*old, *new)
        for name, (old, new) in lists.items()
        if new
    }
    return msgspec.structs.replace(shipped, **changes) if changes else shipped


def calls() -> Calls:
    """What is known of calls."""
    return _calls(added.get())


@functools.lru_cache(maxsize=4)
def _calls(more: bytes) -> Calls:
    return _with_added(_load("calls.toml", Calls), more)


def token_calls() -> dict[str, TokenCall]:
    """The functions of libraries that set, undo or read a variable of the library, by dotted name."""
    return _token_calls(added.get())


@functools.lru_cache(maxsize=4)
def _token_calls(more: bytes) -> dict[str, TokenCall]:
    found: dict[str, TokenCall] = {}
    for library in _calls(more).tokens:
        found.update(dict.fromkeys(library.sets, TokenCall("set", library)))
        found.update(dict.fromkeys(library.resets, TokenCall("reset", library)))
        found.update(dict.fromkeys(library.clears, TokenCall("clear", library)))
        found.update(dict.fromkeys(library.reads, TokenCall("read", library)))
    return found


def token_library(var: VarId) -> TokenLibrary | None:
    """The library whose own variable ``var`` is; None for a variable that a program declares."""
    if var.module:
        return None
    return {library.variable: library for library in calls().tokens}[var.qualname]


def frames() -> Frames:
    """What is known of who drives a function."""
    return _frames(added.get())


@functools.lru_cache(maxsize=4)
def _frames(more: bytes) -> Frames:
    known = _with_added(_load("frames.toml", Frames), more)
    held = frozenset(name for library in _calls(more).tokens for name in library.holds)
    return msgspec.structs.replace(known, scoped_managers=known.scoped_managers | held)


@functools.cache
def values() -> Values:
    """What is known of the objects that calls give."""
    return _load("values.toml", Values)
