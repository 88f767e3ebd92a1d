"""Which files can matter, judged from their bytes alone: what declares a variable, or state by thread.

A byte search, no parser: it lets too many files through (a marker in a comment) and never too few. What is
found in them is found by the reader.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

#: A file that holds none of these declares no context variable.
MARKERS = ("contextvars", "ContextVar")

#: Of libraries that hand out tokens of their own: both words must stand in a file that uses them.
LIBRARIES = (("opentelemetry", "attach"),)


class Kept(NamedTuple):
    """A library that keeps a variable of its own for who calls it. ``name`` stands in every file that uses it; one of
    ``held`` where the variable gets a value, one of ``read`` where it is read, one of ``carried`` where the program
    takes it along by the library's own means.
    """

    name: bytes
    held: tuple[bytes, ...]
    read: tuple[bytes, ...]
    carried: tuple[bytes, ...] = ()


#: A program that names none of the markers can lose the variables of these (the rows of ``knowledge/calls.toml``).
KEPT = (
    Kept(
        b"flask",
        (b"route", b"_request", b"_context", b".get", b".post", b".put", b".patch", b".delete"),
        (b"request", b"session", b"current_app", b"g"),
        (b"copy_current_request_context", b"stream_with_context"),
    ),
    Kept(
        b"opentelemetry",
        (b"start_as_current_span", b"use_span"),
        (b"get_current", b"get_baggage", b"get_all"),
        (b"ThreadingInstrumentor",),
    ),
    Kept(b"localcontext", (b"localcontext",), (b"getcontext",)),
    Kept(b"getcontext", (b"setcontext", b".prec", b".rounding"), (b"getcontext",)),
)

#: Of the calls that run something elsewhere without the Context one of these stands in nearly every file.
_HOPS = (b"Thread", b".submit", b"Executor", b"Pool", b"Process", b"Timer", b"_thread")

#: How ``threading.local`` is written: an attribute of the module, under whatever name, or a name imported from it.
_LOCAL = re.compile(rb"\.\s*local\b|\bfrom\s+_?threading(?:_local)?\s+import\b(?s:.*)\blocal\b")

#: Turns whatever is no part of an identifier into spaces.
_BETWEEN = bytes(
    ord(" ") if chr(code).isascii() and not (chr(code).isalnum() or chr(code) == "_") else code
    for code in range(256)
)

_MARKERS = tuple(marker.encode() for marker in MARKERS)
_NOQA = re.compile(rb"[Nn][Oo][Qq][Aa]\s*:[^\r\n]*CTX")
_LIBRARIES = tuple((library.encode(), function.encode()) for library, function in LIBRARIES)


def is_candidate(data: bytes) -> bool:
    """Whether the file may declare or name a context variable, or use a library's tokens."""
    if any(marker in data for marker in _MARKERS):  # ten times as fast as one pattern
        return True
    return any(library in data and function in data for library, function in _LIBRARIES)


class Gathered:
    """What the files of a program that are no candidates show of libraries that keep variables, file after file."""

    def __init__(self) -> None:
        """No file was seen yet."""
        self._files: dict[bytes, dict[str, bytes]] = {}
        self._read: set[bytes] = set()
        self._hops = False

    def see(self, path: str, data: bytes) -> None:
        """Note what one file shows."""
        for kept in KEPT:
            if kept.name in data:
                if any(word in data for word in (*kept.held, *kept.carried)):
                    self._files.setdefault(kept.name, {})[path] = data
                if any(word in data for word in kept.read) or kept.name in kept.held:
                    self._read.add(kept.name)
        self._hops = self._hops or any(word in data for word in _HOPS)

    def candidates(self) -> Iterator[tuple[str, bytes]]:
        """The files that hold or carry a variable which the program can lose: that it reads, in one that has hops."""
        for name, files in self._files.items():
            if self._hops and name in self._read:
                yield from files.items()


def holds(data: bytes) -> bool:
    """Whether a variable of one of the libraries may get a value in the file."""
    return any(kept.name in data and any(word in data for word in kept.held) for kept in KEPT)


def may_hold(data: bytes) -> bool:
    """Whether the file may hold a suppression that names us: ``# noqa: CTX104``, ``# ctxlint: ignore``.

    In capitals and small letters as people write them; the comment itself may be written in any.
    """
    return b"ctxlint:" in data or (b"CTX" in data and _NOQA.search(data) is not None)


def keeps_by_thread(data: bytes) -> bool:
    """Whether the file may make a ``threading.local``, which matters in a program with coroutines."""
    return b"threading" in data and _LOCAL.search(data) is not None


def has_coroutines(data: bytes) -> bool:
    """Whether the file may define a coroutine."""
    return b"async" in data


def mentions(data: bytes, words: frozenset[str]) -> bool:
    """Whether one of ``words`` stands in the file as a whole identifier."""
    return any(word in data for word in map(str.encode, words)) and not identifiers(data).isdisjoint(
        map(str.encode, words)
    )


def identifiers(data: bytes) -> frozenset[bytes]:
    """Everything in the file that may be an identifier. Bytes of other alphabets count as characters of one.

    Looking for many words in it is several times as fast as a pattern of them.
    """
    return frozenset(data.translate(_BETWEEN).split())
