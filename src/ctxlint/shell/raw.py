"""The bytes of a file, and never a wait for them: what is no file is told, not opened and read until it ends.

A named pipe waits for a writer, a device may have no end. What a shell hands over under ``/dev/fd`` (``<(command)``) or
as ``/dev/stdin`` has its writer, and is read as the standard input is; the null device is an empty file.
"""

from __future__ import annotations

import errno
import io
import os
import stat

_HANDED_OVER = ("/dev/fd", "/proc/self/fd")
_STDIN = "/dev/stdin"
_WITHOUT_WAITING = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_OF_SOCKETS = (errno.ENXIO, errno.EOPNOTSUPP)  # what Linux and macOS say of opening one
_ONE_MORE = 65536  # where the size is not known, as below /proc
_KINDS = (
    (stat.S_ISFIFO, "it is a named pipe; '-' reads the standard input"),
    (stat.S_ISSOCK, "it is a socket"),
    (stat.S_ISCHR, "it is a device"),
    (stat.S_ISBLK, "it is a device"),
)


def read_bytes(path: str) -> bytes:
    """Return the bytes of a file, without a buffer between. ``OSError`` says why it cannot be, and what is no file."""
    if os.path.dirname(path) in _HANDED_OVER or path == _STDIN:
        with io.FileIO(path) as file:
            return file.readall()
    try:
        handle = os.open(path, _WITHOUT_WAITING)
    except OSError as error:
        if error.errno in _OF_SOCKETS:
            _refuse(os.stat(path))
        raise
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            if os.path.samestat(status, os.stat(os.devnull)):
                return b""
            _refuse(status)
        return _whole(handle, status.st_size)
    finally:
        os.close(handle)


def _whole(handle: int, size: int) -> bytes:
    """Read to the end. A read that gives the size, and was asked for more, has come to it."""
    pieces: list[bytes] = []
    wanted = size + 1 if size else _ONE_MORE
    while piece := os.read(handle, wanted):
        pieces.append(piece)
        if len(piece) == size:
            break
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _refuse(status: os.stat_result) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    kind = next((said for test, said in _KINDS if test(status.st_mode)), None)
    if kind is not None:
        raise OSError(errno.EINVAL, kind)
