"""Classes of exceptions: what a handler stops, what a name means."""

import pytest
from blocks import EXCEPTION, KEY_ERROR, LOOKUP_ERROR, VALUE_ERROR, at
from programs import expression, program, scope

from ctxlint.analysis import exceptions as ex
from ctxlint.analysis.worlds import Flight
from ctxlint.model.ir import Except, Grade, Raised

_OWN = """
import asyncio, builtins, os, socket
class Own(ValueError): pass
class Deep(Own): pass
class Bare: pass
class Foreign(socket.timeout): pass
class Stop(BaseException): pass
class Mixed(asyncio.CancelledError, Own): pass
ALIAS = Own
GROUP = (Own, (KeyError, ALIAS))
NOTHING = ()
"""


def _flight(raised):
    return Flight(raised, at(1), Grade.CALL)


def _caught(catches, raised, *, unknown=False):
    """The names of what is stopped, and whether something passes."""
    found, passing = ex.caught(Except(at(0), catches, unknown, ()), _flight(raised))
    return [flight.raised.name for flight in found], passing is not None


@pytest.mark.parametrize(
    ("catches", "raised", "stopped", "passes"),
    [
        (None, EXCEPTION, ["Exception"], False),
        ((), EXCEPTION, [], True),
        ((VALUE_ERROR,), VALUE_ERROR, ["ValueError"], False),
        ((LOOKUP_ERROR,), KEY_ERROR, ["KeyError"], False),
        ((KEY_ERROR,), LOOKUP_ERROR, [], True),
        ((VALUE_ERROR,), EXCEPTION, ["ValueError"], True),
        ((VALUE_ERROR, KEY_ERROR), EXCEPTION, ["ValueError", "KeyError"], True),
        ((VALUE_ERROR, EXCEPTION), EXCEPTION, ["ValueError", "Exception"], False),
        ((EXCEPTION,), ex.CANCELLED, [], True),
        ((EXCEPTION,), ex.CLOSED, [], True),
        ((ex.CANCELLED,), EXCEPTION, [], True),
    ],
)
def test_what_a_handler_stops(catches, raised, stopped, passes):
    assert _caught(catches, raised) == (stopped, passes)


def test_a_class_that_could_not_be_resolved_may_stop_exceptions_only():
    assert _caught((), EXCEPTION, unknown=True) == (["Exception"], True)
    assert _caught((), ex.CANCELLED, unknown=True) == ([], True)
    assert _caught((VALUE_ERROR,), VALUE_ERROR, unknown=True) == (["ValueError"], False)


def test_what_passed_a_handler_is_known_not_to_be_of_its_class():
    _, passing = ex.class_caught((LOOKUP_ERROR,), _flight(EXCEPTION))
    assert passing.spared == {"LookupError"}
    assert ex.class_caught((KEY_ERROR,), passing) == ([], passing)


def _class(name):
    linked = program({"m.py": _OWN})
    return ex.raised_class(linked.resolver, scope(linked, "m.py"), expression(name))


@pytest.mark.parametrize(
    ("name", "raised"),
    [
        ("ValueError", VALUE_ERROR),
        ("builtins.KeyError", KEY_ERROR),
        ("Exception", Raised("Exception", ("Exception", "BaseException"))),
        ("len", None),
        ("int", None),
        ("builtins.missing", None),
        ("undefined", None),
        ("asyncio.CancelledError", ex.CANCELLED),
        ("asyncio.exceptions.CancelledError", ex.CANCELLED),
        ("socket.timeout", Raised("socket.timeout", ("socket.timeout", "Exception", "BaseException"))),
    ],
)
def test_classes_from_outside_the_program(name, raised):
    assert _class(name) == raised


@pytest.mark.parametrize(
    ("name", "bases"),
    [
        ("Own", ("/p/m.py:Own", "ValueError", "Exception", "BaseException")),
        ("ALIAS", ("/p/m.py:Own", "ValueError", "Exception", "BaseException")),
        ("Deep", ("/p/m.py:Deep", "/p/m.py:Own", "ValueError", "Exception", "BaseException")),
        ("Bare", ("/p/m.py:Bare", "Exception", "BaseException")),
        ("Foreign", ("/p/m.py:Foreign", "socket.timeout", "Exception", "BaseException")),
        ("Stop", ("/p/m.py:Stop", "BaseException")),
        (
            "Mixed",
            (
                "/p/m.py:Mixed",
                "/p/m.py:Own",
                "asyncio.CancelledError",
                "BaseException",
                "ValueError",
                "Exception",
            ),
        ),
    ],
)
def test_classes_of_the_program(name, bases):
    assert _class(name) == Raised(bases[0], bases)


@pytest.mark.parametrize(
    ("text", "names", "unknown"),
    [
        ("Own", ["/p/m.py:Own"], False),
        ("(KeyError, ValueError)", ["KeyError", "ValueError"], False),
        ("GROUP", ["/p/m.py:Own", "KeyError", "/p/m.py:Own"], False),
        ("NOTHING", [], False),
        ("()", [], False),
        ("undefined", [], True),
        ("(KeyError, undefined)", ["KeyError"], True),
        ("make()", [], True),
    ],
)
def test_the_classes_that_an_except_names(text, names, unknown):
    linked = program({"m.py": _OWN})
    found, open_ended = ex.caught_classes(linked.resolver, scope(linked, "m.py"), expression(text))
    assert ([kind.name for kind in found], open_ended) == (names, unknown)
