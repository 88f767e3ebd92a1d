"""What a name can turn out to be, once resolved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from ctxlint.analysis.scopes import Scope
from ctxlint.model.ids import VarId


@dataclass(frozen=True, slots=True)
class External:
    """Something outside the program, by its dotted name: ``contextlib.contextmanager``, ``builtins.len``.

    What a call of it returns is the name with ``()``: ``contextlib.ExitStack()``, whose attribute is
    ``contextlib.ExitStack().callback``.
    """

    name: str


@dataclass(frozen=True, slots=True)
class ModuleRef:
    """A file of the program."""

    path: str


@dataclass(frozen=True, slots=True)
class FunctionRef:
    """A function of the program. ``bound``: reached through an instance, so the first parameter is filled."""

    scope: Scope
    bound: bool = False


@dataclass(frozen=True, slots=True)
class ClassRef:
    """A class of the program."""

    scope: Scope


@dataclass(frozen=True, slots=True)
class InstanceRef:
    """An instance of a class of the program."""

    scope: Scope


@dataclass(frozen=True, slots=True)
class VariableRef:
    """A context variable."""

    var: VarId


@dataclass(frozen=True, slots=True)
class ParameterRef:
    """A parameter of an enclosing function of which nothing is known: whoever calls decides."""

    scope: Scope
    name: str


CONTEXT_VAR = External("contextvars.ContextVar")
Symbol: TypeAlias = External | ModuleRef | FunctionRef | ClassRef | InstanceRef | VariableRef | ParameterRef
