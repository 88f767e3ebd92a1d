"""Where functions read a variable, and where they first set it."""

import pytest
from programs import program, scope

from ctxlint.analysis.reads import Reads
from ctxlint.model.ids import VarId

V = VarId("/p/m.py", "v")
HEAD = (
    "import contextlib\nfrom contextvars import ContextVar, copy_context\n"
    "from unknown import thing\nv = ContextVar('v')\n"
    "bound = v.get\nput = v.set\n"
    "def bind(x): v.set(x)\ndef push(x): return v.set(x)\n"
    "@contextlib.contextmanager\ndef held(x):\n    t = v.set(x)\n    try: yield\n    finally: v.reset(t)\n"
    "class Held:\n    def __enter__(self): self.t = v.set(1)\n    def __exit__(self, *_): v.reset(self.t)\n"
    "class K:\n    var = v\n    def __init__(self): self._v = v\n"
)


def reads(body, *, head="def f(x):"):
    text = f"{HEAD}{head}\n    {body}\n"
    linked = program({"m.py": text})
    where = scope(linked, "m.py:f")
    found = Reads(linked)
    first = found.first_set(where, V)
    lines = [text[: read.node.span.start].count("\n") - HEAD.count("\n") for read in found.of(where)]
    return lines, None if first is None else text[:first].count("\n") - HEAD.count("\n")


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        ("v.get()", [1]),
        ("v.get(None)", [1]),
        ("y = v\n    y.get()", [2]),
        ("K.var.get()", [1]),
        ("K()._v.get()", [1]),
        ("bound()", [1]),
        ("g = v.get\n    g()", [2]),
        ("x.get()", []),
        ("thing.get()", []),
        ("get = thing\n    get()", []),
        ("v.set(1)", []),
        ("put(1)", []),
        ("def g(): v.get()", []),
        ("v.set(v.get() + 1)", []),
        ("if v.get(None) is None:\n        v.set([])\n    return v.get()", []),
        ("try: return v.get()\n    except LookupError: v.set([])", []),
    ],
)
def test_the_reads_of_a_function(body, lines):
    """A read that only prepares the next value, or fills in a missing one, is none."""
    assert reads(body)[0] == lines


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("v.get()", None),
        ("v.set(1)", 1),
        ("pass\n    v.set(1)\n    v.set(2)", 2),
        ("bind(1)", 1),
        ("push(1)", 1),
        ("with held(1): pass", 1),
        ("with Held(): pass", 1),
        ("with thing(): pass", None),
        ("thing.set(1)", None),
        ("for var, value in copy_context().items(): var.set(value)", 1),
        ("for var, value in x: var.set(value)", 1),
        ("for var in x: var.set(1)", None),
    ],
)
def test_the_first_set_of_a_function(body, line):
    assert reads(body)[1] == line


def test_a_manager_around_a_function_sets_before_its_text():
    assert reads("return v.get()", head="@held(1)\ndef f(x):") == ([2], 1)


def test_of_what_is_outside_of_the_program_only_the_sets_count():
    """Who sets before it calls a reader may stand in a file that touches no variable itself."""
    linked = program(
        {"m.py": HEAD, "n.py": "from m import v\ndef f():\n    v.set(1)\n    v.get()\n"}, lazy=("n.py",)
    )
    outside = scope(linked, "n.py:f")
    found = Reads(linked).first_set(outside, V)
    assert (Reads(linked).of(outside), found) == ((), outside.calls[0].span.start)
