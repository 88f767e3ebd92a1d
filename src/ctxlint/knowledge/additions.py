"""What a project knows of its own and other code, beside the shipped tables: ``[tool.ctxlint.knowledge]``.

The rows are of the shipped tables' schema. They come as bytes (JSON), so that they are one value in the policy of a run
and in the key of whatever is kept of it. While a run is made, ``added`` holds them, and the lookups of this package
answer with them: what is known is asked for in many places, and is the same in all of them.
"""

from __future__ import annotations

import functools
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar

import msgspec

from ctxlint.knowledge.hop import Hop
from ctxlint.knowledge.library import TokenLibrary

added: ContextVar[bytes] = ContextVar("ctxlint_added_knowledge", default=b"")
"""The additions of the run at hand; empty where there are none."""


class Additions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What may be added. ``hop`` and ``tokens`` are rows; the others add to the shipped lists and tables of the same
    name, and are explained there (``hops.toml``, ``frames.toml``, ``calls.toml``).
    """

    hop: tuple[Hop, ...] = ()
    tokens: tuple[TokenLibrary, ...] = ()
    aliases: dict[str, tuple[str, ...]] = {}
    factories: dict[str, tuple[str, ...]] = {}
    bases: dict[str, tuple[str, ...]] = {}
    task_starters: frozenset[str] = frozenset()
    task_makers: frozenset[str] = frozenset()
    scope_generators: frozenset[str] = frozenset()
    scoped_managers: frozenset[str] = frozenset()
    fixtures: frozenset[str] = frozenset()
    entry_packages: tuple[str, ...] = ()
    thread_classes: frozenset[str] = frozenset()
    protocol_classes: frozenset[str] = frozenset()
    setter_prefixes: tuple[str, ...] = ()
    partners: tuple[tuple[str, str], ...] = ()
    quiet: frozenset[str] = frozenset()
    never_return: frozenset[str] = frozenset()

    @property
    def markers(self) -> frozenset[str]:
        """Words of which one stands in every file that uses a token of one of the libraries."""
        return frozenset(
            name.rpartition(".")[2].removesuffix("()")
            for library in self.tokens
            for name in (*library.sets, *library.resets, *library.clears)
        )


@functools.lru_cache(maxsize=4)
def additions_of(text: bytes) -> Additions:
    """The additions that ``text`` holds. Raises ``msgspec.ValidationError`` when it is not of the schema."""
    return msgspec.json.decode(text, type=Additions) if text else Additions()


@contextmanager
def adding(text: bytes) -> Generator[None]:
    """Let the lookups of this package know the additions in ``text``, too, as long as the block runs."""
    token = added.set(text)
    try:
        yield
    finally:
        added.reset(token)
