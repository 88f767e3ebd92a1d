"""Blocks of IR written by hand: a function for each node, a number for each place in the text."""

from ctxlint.analysis.interpret import Owned, interpret
from ctxlint.model import ir
from ctxlint.model.ids import Place, VarId
from ctxlint.model.spans import Span

V = VarId("m.py", "v")
W = VarId("m.py", "w")
END = 99
NONE = ir.Constant("None", empty=True, truth=False)
FULL = ir.Constant("str:x", empty=False, truth=True)
VALUE_ERROR = ir.Raised("ValueError", ("ValueError", "Exception", "BaseException"))
KEY_ERROR = ir.Raised("KeyError", ("KeyError", "LookupError", "Exception", "BaseException"))
LOOKUP_ERROR = ir.Raised("LookupError", ("LookupError", "Exception", "BaseException"))
RUNTIME_ERROR = ir.Raised("RuntimeError", ("RuntimeError", "Exception", "BaseException"))
EXCEPTION = ir.Raised("Exception", ("Exception", "BaseException"), exact=False)
OPEN = ir.Opaque()


def at(number):
    """The place of a node."""
    return Span(number, number + 1)


def place(text):
    """``a.b[0]`` as a place; None and constants as they are."""
    if not isinstance(text, str):
        return text
    root, *path = text.replace("[", ".[").split(".")
    return Place(root, tuple(path))


def do(*events):
    return ir.Do(events[0].span, events)


def put(number, into="t", value=None, *, var=V, derived=False):
    return do(ir.Set(at(number), var, place(into), place(value), derived))


def reset(number, name="t", *, var=V):
    return do(ir.Reset(at(number), var, place(name)))


def each(number, container):
    return do(ir.ResetEach(at(number), place(container)))


def restore(number, saved=None, *, var=V):
    return do(ir.Restore(at(number), var, place(saved)))


def get(number, into, *, var=V):
    return do(ir.Get(at(number), var, place(into)))


def bind(number, target, value=None):
    return do(ir.Bind(at(number), place(target), place(value)))


def collect(number, container, value):
    return do(ir.Collect(at(number), place(container), place(value)))


def hand(number, value, via="argument", part=""):
    return do(ir.Hand(at(number), place(value), via, part))


def call(number, grade=ir.Grade.CALL, **fields):
    return do(ir.Call(at(number), grade, "work", **fields))


def wait(number, kind="await", *, raises=True):
    return do(ir.Suspend(at(number), kind, raises))


def leave(number, kind, raised=None):
    """A ``return``, ``break`` or ``continue``."""
    return ir.Exit(at(number), kind, raised)


def throw(number, raised=VALUE_ERROR):
    return ir.Exit(at(number), "raise", raised)


def branch(number, guard, *then, orelse=()):
    return ir.Branch(at(number), guard, then, tuple(orelse))


def loop(number, guard, *body, head=(), orelse=()):
    return ir.Loop(at(number), tuple(head), guard, body, tuple(orelse))


def attempt(number, *body, handlers=(), orelse=(), final=(), star=False):
    return ir.Try(at(number), body, tuple(handlers), tuple(orelse), tuple(final), star)


def handler(*body, catches=None, unknown=False):
    """``except catches: body``; without ``catches`` a bare one."""
    return ir.Except(at(98), catches, unknown, body)


def within(number, *body, swallows=None, leaving=(), perhaps=False):
    return ir.With(at(number), body, swallows, tuple(leaving), perhaps)


def told(key, *names):
    """A condition that is told apart by its text."""
    return ir.Opaque(key=key, names=names)


def is_none(text):
    return ir.IsNone(place=place(text))


def truthy(text):
    return ir.Truthy(place=place(text))


def negated(guard):
    return ir.Negated(guard=guard)


def every(*guards):
    return ir.Every(guards=guards)


def either(*guards):
    return ir.Either(guards=guards)


def outcome(*body, names="t u a b xs old x", parameters=""):
    """What interpreting the block showed, in a function that binds ``names``."""
    bound = frozenset(names.split()) | frozenset(parameters.split())
    found = interpret(body, at(END), Owned(bound, frozenset(parameters.split())))
    assert found is not None
    return found


def ways(*body, site=0, **owned):
    """The ways out of the block and what became of a site on each: ``raise@2 held ValueError``. Falling off the
    end is ``normal@99``.
    """
    return _told(outcome(*body, **owned).sites[site].exits)


def _told(exits):
    return sorted(f"{e.kind}@{e.at.start} {e.fate} {e.raised}".rstrip() for e in exits)


def doubles(*body):
    """The second resets: where the token was reset first, and where again."""
    return [(double.first.start, double.second.start) for double in outcome(*body).doubles]
