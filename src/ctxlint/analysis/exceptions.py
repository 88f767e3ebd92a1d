"""The classes of exceptions: which handler stops which.

An exception is a ``Raised``: its name and its known ancestors. The builtin hierarchy is asked of the running
interpreter; classes of the program are followed through their bases; a class from elsewhere is taken for a
subclass of Exception unless it is one of the few that are known not to be.
"""

from __future__ import annotations

import builtins
from dataclasses import replace

from ctxlint.analysis.resolve import Resolver
from ctxlint.analysis.scopes import Scope
from ctxlint.analysis.symbols import ClassRef, External
from ctxlint.analysis.worlds import Flight
from ctxlint.model import facts as f
from ctxlint.model.ir import Except, Raised

ANY = Raised("Exception", ("Exception", "BaseException"), exact=False)
CANCELLED = Raised("asyncio.CancelledError", ("asyncio.CancelledError", "BaseException"))
USED_TOKEN = Raised("RuntimeError", ("RuntimeError", "Exception", "BaseException"))
LEAVING = Raised("SystemExit", ("SystemExit", "BaseException"))
CLOSED = Raised("GeneratorExit", ("GeneratorExit", "BaseException"))
OTHER_VARIABLE = Raised("ValueError", ("ValueError", "Exception", "BaseException"))
NO_TOKEN = Raised("TypeError", ("TypeError", "Exception", "BaseException"))
NO_VALUE = Raised("UnboundLocalError", ("UnboundLocalError", "NameError", "Exception", "BaseException"))

_CANCELLATIONS = {  # spellings of the one class; a subclass of BaseException since Python 3.8
    "asyncio.exceptions.CancelledError": CANCELLED,
    "asyncio.CancelledError": CANCELLED,
    "trio.Cancelled": CANCELLED,
    "anyio.get_cancelled_exc_class()": CANCELLED,
}


def caught(handler: Except, flight: Flight) -> tuple[list[Flight], Flight | None]:
    """The exceptions that ``handler`` stops of those that ``flight`` stands for, and what passes it by."""
    if handler.catches is None:
        return [flight], None
    return class_caught(handler.catches, flight, unknown=handler.unknown)


def class_caught(
    kinds: tuple[Raised, ...], flight: Flight, *, unknown: bool = False
) -> tuple[list[Flight], Flight | None]:
    """As ``caught``, for the classes named. Who catches a subclass of what may be in flight learns which it was, and
    what passes is known not to be one.
    """
    raised, spared = flight.raised, flight.spared
    found: list[Flight] = []
    for kind in kinds:
        if kind.name in raised.bases:
            return [*found, replace(flight, spared=spared)], None
        if not raised.exact and raised.name in kind.bases and spared.isdisjoint(kind.bases):
            found.append(replace(flight, raised=Raised(kind.name, kind.bases, exact=False), spared=spared))
            spared |= {kind.name}
    if unknown and "Exception" in raised.bases:
        found.append(flight)
    return found, replace(flight, spared=spared)


def caught_classes(resolver: Resolver, scope: Scope, expr: f.Expr) -> tuple[tuple[Raised, ...], bool]:
    """The classes that ``except expr`` names, and whether some of them could not be resolved."""
    known: list[Raised] = []
    unknown = False
    for part in _alternatives(resolver, scope, expr):
        kind = raised_class(resolver, *part)
        if kind is None:
            unknown = True
        else:
            known.append(kind)
    return tuple(known), unknown


def _alternatives(resolver: Resolver, scope: Scope, expr: f.Expr) -> list[tuple[Scope, f.Expr]]:
    made = resolver.value(scope, expr)
    if made is not None and isinstance(made[1], f.Display):
        where, display = made
        return (
            [inner for item in made[1].items for inner in _alternatives(resolver, where, item)]
            if display
            else []
        )
    return [(scope, expr)]


def raised_class(resolver: Resolver, scope: Scope, expr: f.Expr) -> Raised | None:
    """The exception class that ``expr`` names, or None."""
    symbol = resolver.resolve(scope, expr)
    if isinstance(symbol, External):
        return _external(symbol.name)
    if isinstance(symbol, ClassRef):
        return _project(resolver, symbol.scope)
    return None


def _external(name: str) -> Raised | None:
    if name in _CANCELLATIONS:
        return _CANCELLATIONS[name]
    module, _, bare = name.rpartition(".")
    if module == "builtins":
        kind = getattr(builtins, bare, None)
        if isinstance(kind, type) and issubclass(kind, BaseException):
            bases = tuple(base.__name__ for base in kind.__mro__ if base is not object)
            return Raised(bare, bases)
        return None
    return Raised(name, (name, "Exception", "BaseException"))


def _project(resolver: Resolver, cls: Scope) -> Raised:
    bases = [f"{ancestor.path}:{ancestor.qualname}" for ancestor in resolver.ancestors(cls)]
    outside = [_external(name) for name in resolver.external_bases(cls)]
    for kind in outside:
        bases.extend(kind.bases if kind is not None else ())
    if "BaseException" not in bases:
        bases.extend(("Exception", "BaseException"))
    return Raised(bases[0], tuple(dict.fromkeys(bases)))
