"""The knowledge base: TOML beside this module, decoded once and kept frozen."""

from __future__ import annotations

import functools
import importlib.resources
from typing import Literal, NamedTuple, TypeVar

import msgspec.toml


class Swallows(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A context manager that stops exceptions. ``classes``: ``"arguments"``, a dotted class, or empty for all."""

    callable: str
    classes: str


class TokenLibrary(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A library that sets a variable of its own for who calls it. ``variable`` names it in words. ``sets``,
    ``resets``, ``clears`` and ``reads`` are dotted functions, ``undo`` the text of a reset with ``{}`` for the
    token, ``dropped`` where a token that nobody keeps counts, ``reset_raises`` whether a reset that fails says so.
    """

    variable: str
    sets: frozenset[str]
    resets: frozenset[str]
    clears: frozenset[str]
    reads: frozenset[str]
    undo: str
    dropped: Literal["everywhere", "scopes"]
    reset_raises: bool = True


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
    threaded_hooks: tuple[str, ...]
    threaded_hook_classes: frozenset[str]
    scoped_managers: frozenset[str]
    protocol_classes: frozenset[str]
    message_words: frozenset[str]
    cleanup_methods: frozenset[str]


class Values(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``values.toml``: which calls give an object that can be changed in place, and which change or only read one."""

    schema: int
    mutable: frozenset[str]
    views: frozenset[str]
    readers: frozenset[str]
    writers: frozenset[str]
    copies: frozenset[str]
    moments: frozenset[str]


_T = TypeVar("_T")


def _load(name: str, kind: type[_T]) -> _T:
    text = importlib.resources.files("ctxlint.knowledge").joinpath(name).read_text("utf-8")
    return msgspec.toml.decode(text, type=kind)


@functools.cache
def calls() -> Calls:
    """What is known of calls."""
    return _load("calls.toml", Calls)


@functools.cache
def token_calls() -> dict[str, TokenCall]:
    """The functions of libraries that set, undo or read a variable of the library, by dotted name."""
    found: dict[str, TokenCall] = {}
    for library in calls().tokens:
        found.update(dict.fromkeys(library.sets, TokenCall("set", library)))
        found.update(dict.fromkeys(library.resets, TokenCall("reset", library)))
        found.update(dict.fromkeys(library.clears, TokenCall("clear", library)))
        found.update(dict.fromkeys(library.reads, TokenCall("read", library)))
    return found


def token_library(variable: str) -> TokenLibrary:
    """The library whose variable is called ``variable``; LookupError where there is none."""
    return {library.variable: library for library in calls().tokens}[variable]


@functools.cache
def frames() -> Frames:
    """What is known of who drives a function."""
    return _load("frames.toml", Frames)


@functools.cache
def values() -> Values:
    """What is known of the objects that calls give."""
    return _load("values.toml", Values)
