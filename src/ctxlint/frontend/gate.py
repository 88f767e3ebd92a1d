"""Which files can matter, judged from their bytes alone: what declares a variable, or state by thread.

A byte search, no parser: it lets too many files through (a marker in a comment) and never too few. What is
found in them is found by the reader.
"""

from __future__ import annotations

import functools
import re

#: A file that holds none of these declares no context variable.
MARKERS = ("contextvars", "ContextVar")

#: Of libraries that hand out tokens of their own: both words must stand in a file that uses them.
LIBRARIES = (("opentelemetry", "attach"),)

#: How ``threading.local`` is written: an attribute of the module, under whatever name, or a name imported from it.
_LOCAL = re.compile(rb"\.\s*local\b|\bfrom\s+_?threading(?:_local)?\s+import\b(?s:.*)\blocal\b")

_MARKERS = tuple(marker.encode() for marker in MARKERS)
_NOQA = re.compile(rb"[Nn][Oo][Qq][Aa]\s*:[^\r\n]*CTX")
_LIBRARIES = tuple((library.encode(), function.encode()) for library, function in LIBRARIES)


def is_candidate(data: bytes) -> bool:
    """Whether the file may declare or name a context variable, or use a library's tokens."""
    if any(marker in data for marker in _MARKERS):  # ten times as fast as one pattern
        return True
    return any(library in data and function in data for library, function in _LIBRARIES)


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
    return bool(words) and _pattern(words).search(data) is not None


@functools.lru_cache(maxsize=256)
def _pattern(words: frozenset[str]) -> re.Pattern[bytes]:
    """One pattern for all words. Bytes of other alphabets count as identifier characters."""
    alternatives = b"|".join(re.escape(word.encode()) for word in sorted(words))
    return re.compile(rb"(?<![\w\x80-\xff])(?:" + alternatives + rb")(?![\w\x80-\xff])")
