"""A thread with room for deep recursion.

An overflow of the stack inside libcst's parser ends the process without an exception, so the parser never
runs on the caller's stack, whatever its size. Starting the thread costs about a tenth of a millisecond; the
stack is address space, of which only the pages that are touched become memory.
"""

from __future__ import annotations

import contextlib
import sys
import threading
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

_T = TypeVar("_T")

_STACK = 512 * 1024 * 1024
#: Room for what ``bounds`` lets pass: libcst generates the code of each level in several frames.
_RECURSION = 200_000
_LOCK = threading.RLock()


def with_room(work: Callable[[], _T]) -> _T:
    """Return the result of ``work``, run on a thread of its own; what it raises is raised here."""
    results: list[_T] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(work())
        except BaseException as error:  # noqa: BLE001 - handed to the caller's thread as it is
            errors.append(error)

    with _LOCK, recursion_limit(_RECURSION):
        _started(run).join()
    if errors:
        raise errors[0]
    return results[0]


@contextlib.contextmanager
def recursion_limit(limit: int) -> Generator[None, None, None]:
    """Set the interpreter's recursion limit for a while."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(limit)
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def _started(run: Callable[[], None]) -> threading.Thread:
    """Return a running thread with the large stack, or with the largest that the system grants."""
    size = _STACK
    while True:
        before = threading.stack_size(size)
        try:
            thread = threading.Thread(target=run, name="ctxlint-reader", daemon=True)
            thread.start()
        except RuntimeError:
            if size <= _STACK // 32:
                raise
            size //= 2
        else:
            return thread
        finally:
            threading.stack_size(before)
