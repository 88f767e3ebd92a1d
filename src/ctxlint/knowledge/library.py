"""The words of a row that tells of a library with a variable of its own."""

from __future__ import annotations

from typing import Literal

import msgspec


class TokenLibrary(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A library that sets a variable of its own for who calls it. ``variable`` names it in words, ``undo`` is the text
    of a reset with ``{}`` for the token; the sets hold dotted names.

    ``sets`` give a token that ``resets`` take back, ``clears`` undo without one, ``reads`` look. ``dropped`` says where
    a token that nobody keeps counts, ``reset_raises`` whether a reset that fails says so. ``proxies`` are objects whose
    every use is a read; ``holds`` are context managers that set on entry and undo on exit; ``entries`` are decorators
    of functions that run with it set.
    """

    variable: str
    sets: frozenset[str] = frozenset()
    resets: frozenset[str] = frozenset()
    clears: frozenset[str] = frozenset()
    reads: frozenset[str] = frozenset()
    undo: str = ""
    dropped: Literal["everywhere", "scopes"] = "scopes"
    reset_raises: bool = True
    proxies: frozenset[str] = frozenset()
    holds: frozenset[str] = frozenset()
    entries: frozenset[str] = frozenset()
    carried_by: frozenset[str] = frozenset()
    """Words of programs in which the variable comes along by itself."""
    named_context: dict[str, int] = {}
    """Of the reads that may be told which Context to look into (``context=``), at which position."""
    loggers: frozenset[str] = frozenset()
    """What makes loggers that write the variable's values, in programs that spell ``merged_by``."""
    merged_by: str = ""
    changed: frozenset[str] = frozenset()
    """What gives the variable's value, an object with settings; ``puts`` set another, without a token."""
    puts: frozenset[str] = frozenset()
    package: str = ""
    """The distribution, ``release`` the one that was read, ``evidence`` where."""
    release: str = ""
    evidence: tuple[str, ...] = ()

    def undone(self, token: str) -> str:
        """The text of the call that undoes a set, given the name of its token."""
        if self.undo:
            return self.undo.format(token)
        names = sorted(name.rpartition(".")[2] for name in self.resets or self.clears)
        return f"{names[0]}({token if self.resets else ''})" if names else f"reset({token})"
