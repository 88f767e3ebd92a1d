"""What ctxlint itself is, for what is kept from run to run."""

from __future__ import annotations

import functools
import os


@functools.cache
def own_digest() -> bytes:
    """What ctxlint is: the sizes and times of its files, so that a change to a rule forgets what it said before."""
    import hashlib  # noqa: PLC0415 - costs milliseconds, and most runs keep nothing

    top = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    digest = hashlib.blake2b(digest_size=16)
    for folder, _folders, names in sorted(os.walk(top)):
        for name in sorted(names):
            if name.endswith((".py", ".toml")):
                status = os.stat(os.path.join(folder, name))
                digest.update(
                    repr((folder, name, status.st_size, status.st_mtime_ns)).encode("utf-8", "replace")
                )
    return digest.digest()
