"""The classes of exceptions: which handler stops which.

An exception is a ``Raised``: its name and its known ancestors. The builtin hierarchy is asked of the running
interpreter; classes of the program are followed through their bases; a class from elsewhere is taken for a
subclass of Exception unless it is one of the few that are known not to be.
"""

from __future__ import annotations

import builtins
import enum

from ctxlint.analysis.resolve import Resolver
from ctxlint.analysis.scopes import Scope
from ctxlint.analysis.symbols import ClassRef, External
from ctxlint.model import facts as f
from ctxlint.model.ir import Except, Raised

ANY = Raised("Exception", ("Exception", "BaseException"), exact=False)
CANCELLED = Raised("asyncio.CancelledError", ("asyncio.CancelledError", "BaseException"))
USED_TOKEN = Raised("RuntimeError", ("RuntimeError", "Exception", "BaseException"))
LEAVING = Raised("SystemExit", ("SystemExit", "BaseException"))
CLOSED = Raised("GeneratorExit", ("GeneratorExit", "BaseException"))

_CANCELLATIONS = {  # spellings of the one class; a subclass of BaseException since Python 3.8
    "asyncio.exceptions.CancelledError": CANCELLED,
    "asyncio.CancelledError": CANCELLED,
    "trio.Cancelled": CANCELLED,
    "anyio.get_cancelled_exc_class()": CANCELLED,
}


class Stops(enum.Enum):
    """Does a handler stop an exception?"""

    YES = enum.auto()
    NO = enum.auto()
    MAYBE = enum.auto()


def stops(handler: Except, raised: Raised) -> Stops:
    """Whether ``handler`` stops an exception of class ``raised``."""
    if handler.catches is None:
        return Stops.YES
    return class_stops(handler.catches, raised, unknown=handler.unknown)


def class_stops(caught: tuple[Raised, ...], raised: Raised, *, unknown: bool = False) -> Stops:
    """As ``stops``, for the classes named."""
    verdict = Stops.NO
    for kind in caught:
        if kind.name in raised.bases:
            return Stops.YES
        if not raised.exact and raised.name in kind.bases:
            verdict = Stops.MAYBE
    if unknown and "Exception" in raised.bases:
        return Stops.MAYBE
    return verdict


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
            return ANY if bare == "Exception" else Raised(bare, bases)
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
