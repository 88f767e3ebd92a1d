"""What the rest of a function may still ask."""

from blocks import OPEN, at, bind, place

from ctxlint.analysis.liveness import liveness
from ctxlint.model import ir


def test_what_travels_by_copies_over_several_turns_is_needed_before_the_first():
    """``while …: if d: …; d = c; c = b; b = a``: the fourth turn asks what ``a`` held before the first."""
    asks = ir.Branch(at(1), ir.Truthy((), place("d")), (), ())
    moves = (bind(2, "d", "c"), bind(3, "c", "b"), bind(4, "b", "a"))
    loop = ir.Loop(at(0), (), OPEN, (asks, *moves), ())

    found = liveness((loop,)).before[id(loop)]

    assert {name for name in found if name in set("abcd")} == set("abcd")
