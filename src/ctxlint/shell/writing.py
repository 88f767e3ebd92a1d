"""Files are written whole or not at all: beside their place, then moved there."""

from __future__ import annotations

import os
from contextlib import suppress


def write_whole(path: str, content: bytes) -> None:
    """Put ``content`` into the file at ``path``, which may be new; a link's target is written, the mode is kept.

    May raise OSError; then the file is as it was.
    """
    place = os.path.realpath(path)
    if os.path.lexists(place) and not os.path.isfile(place):  # a device, a pipe: nothing can be moved there
        with open(place, "wb") as stream:
            stream.write(content)
        return
    if os.path.exists(place) and not os.access(place, os.W_OK):  # a move would not ask
        raise PermissionError(13, os.strerror(13), path)
    import tempfile  # noqa: PLC0415 - most runs write nothing

    handle, beside = tempfile.mkstemp(dir=os.path.dirname(place), prefix=".ctxlint-")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        os.chmod(beside, _mode_of(place))
        os.replace(beside, place)
    except BaseException:
        with suppress(OSError):
            os.unlink(beside)
        raise


def _mode_of(path: str) -> int:
    """The mode of the file that is replaced, or that of a new one."""
    try:
        return os.stat(path).st_mode & 0o7777
    except OSError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask
