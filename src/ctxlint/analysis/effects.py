"""What a call of a function of the program does to its caller's variables and tokens: a function's summary.

Summaries are *may* facts where they silence (a parameter that some path resets counts as reset) and *must* facts
where they accuse, so that a doubt is quiet.
"""

from __future__ import annotations

from dataclasses import dataclass

from ctxlint.analysis.scopes import Scope
from ctxlint.model.ids import VarId
from ctxlint.model.ir import Raised


@dataclass(frozen=True, slots=True)
class ReturnedToken:
    """The function returns a token of ``var``; ``path`` leads to it in a returned tuple."""

    var: VarId
    path: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Effects:
    """The summary of one function.

    ``tokens``: the tokens it returns. ``resets``: parameters whose token it resets, ``keeps``: parameters
    that it stores or hands to somebody unknown. ``free_resets``: names of enclosing functions whose token
    it resets. ``restores``: variables that it puts back or clears, ``undoes``: those, and the variables of
    the tokens that it is given and resets. ``sets``: variables that are left set when it returns.
    ``scoped``: variables that it sets and undoes on every normal way out, so that a context manager made of
    it holds them for its block. ``pops``: variables that it sets to a value computed from the old one.
    ``puts``: variables that it sets to a parameter, with the parameter. ``reads``: variables that it reads.
    ``raises``: the classes that its own text raises. ``returns`` False: it never comes back. ``calm``:
    nothing in it can raise. ``works``: it does work: it awaits, yields, or calls more than builtins,
    loggers and constructors. ``takes``: parameters that it certainly hands to the ``reset`` of one variable, with
    that, and whether it does so without looking whether there is a token. ``leaves``: variables that every call of it
    sets without keeping the token, with the parameter that it sets them to, "" for another value.
    """

    tokens: tuple[ReturnedToken, ...] = ()
    resets: frozenset[str] = frozenset()
    keeps: frozenset[str] = frozenset()
    free_resets: frozenset[str] = frozenset()
    restores: frozenset[VarId] = frozenset()
    undoes: frozenset[VarId] = frozenset()
    sets: frozenset[VarId] = frozenset()
    scoped: frozenset[VarId] = frozenset()
    puts: frozenset[tuple[VarId, str]] = frozenset()
    pops: frozenset[VarId] = frozenset()
    reads: frozenset[VarId] = frozenset()
    raises: tuple[Raised, ...] = ()
    returns: bool = True
    works: bool = False
    calm: bool = False
    takes: frozenset[tuple[str, VarId, bool]] = frozenset()
    leaves: frozenset[tuple[VarId, str]] = frozenset()


NO_EFFECTS = Effects()


def elsewhere(scope: Scope) -> Effects:
    """The summary of a function of a file that can do nothing to a variable: it works, and keeps what it is given."""
    return Effects(keeps=frozenset(p.name for p in scope.function.parameters), works=True)
