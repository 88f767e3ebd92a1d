"""A lock between processes: of several that need the same, one works and the others wait for what it leaves.

The system lets go of it when its holder ends, however it ends. Where a file cannot be locked (a network's disk, a
folder that is not writable) everybody works: the lock saves time and guards nothing.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator


@contextmanager
def exclusive(path: str) -> Generator[None]:
    """Hold the lock at ``path``, whose folder exists, or go on without where there can be none."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError:
        yield
        return
    try:
        with suppress(OSError):
            _wait_for(descriptor)
        yield
    finally:
        os.close(descriptor)  # closing lets go


def _wait_for(descriptor: int) -> None:
    if sys.platform == "win32":
        import msvcrt  # noqa: PLC0415 - there is one for each system

        msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)  # gives up after ten seconds: then both work
    else:
        import fcntl  # noqa: PLC0415 - likewise

        fcntl.flock(descriptor, fcntl.LOCK_EX)
