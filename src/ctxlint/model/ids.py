"""Identities in the linked program. A module is its file, so ids hold the file's path, never an import name."""

from __future__ import annotations

import msgspec


class VarId(msgspec.Struct, frozen=True, array_like=True, order=True):
    """A context variable: the file that declares it, and how it is reached there (``Tenant.current``)."""

    module: str
    qualname: str

    @property
    def name(self) -> str:
        """The last part: what a reader would call the variable."""
        return self.qualname.rpartition(".")[2]


class FuncId(msgspec.Struct, frozen=True, array_like=True, order=True):
    """A function, method or lambda. ``start`` tells apart definitions of one name (``if``/``else``, overloads)."""

    module: str
    qualname: str
    start: int


class ClassId(msgspec.Struct, frozen=True, array_like=True, order=True):
    """A class of the program."""

    module: str
    qualname: str
    start: int


class Place(msgspec.Struct, frozen=True, array_like=True, order=True):
    """What can hold a token: a name, or a path of attributes and literal keys below one (``self._token``).

    Temporaries that lowering makes have a root that starts with ``%``, which no name can.
    """

    root: str
    path: tuple[str, ...] = ()

    def __str__(self) -> str:
        """As it would be written."""
        return self.root + "".join(part if part.startswith("[") else f".{part}" for part in self.path)
