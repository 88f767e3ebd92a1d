"""What statements and calls come down to: told by what becomes of the token on each way out."""

import pytest
from programs import program, scope

HEAD = (
    "import contextlib, pytest, sys, unknown\nfrom contextvars import ContextVar\n"
    "v = ContextVar('v')\nw = ContextVar('w')\n"
)

FLAG = "ok = False\nif unknown():\n    ok = True\n    t = v.set(1)\n"


def _fates(body, more=""):
    """The fates of the first set of ``f`` where it is left without an exception."""
    text = "".join(f"    {line}\n" for line in body.split("\n"))
    linked = program({"m.py": f"{HEAD}{more}def f(x, self):\n{text}"})
    site = linked.outcome(scope(linked, "m.py:f")).sites[0]
    return sorted({leaving.fate for leaving in site.exits if leaving.kind == "normal"})


@pytest.mark.parametrize(
    ("body", "fates"),
    [
        ("t, *u = v.set(1), 2\nv.reset(t)", ["released"]),
        ("a, b = v.set(1), 2\na, b = b, a\nv.reset(b)", ["released"]),
        ("(t := v.set(1))\nv.reset(t)", ["released"]),
        ("unknown.x = v.set(1)", ["transferred"]),
        ("unknown()[0] = v.set(1)", ["transferred"]),
        ("unknown().a = v.set(1)", ["transferred"]),
        ("ts = {}\nts[x] = v.set(1)\nfor t in ts.values(): v.reset(t)", ["released"]),
        ("ts = []\nts += [v.set(1)]\nfor t in reversed(ts): v.reset(t)", ["released"]),
        ("ts = [v.set(1)]\nfor var, t in zip([v], ts): var.reset(t)", ["released"]),
        ("ts = [v.set(1)]\nfor t in ts[::-1]: v.reset(t)", ["released"]),
        ("ts = [v.set(1)]\nv.reset(ts.pop())", ["released"]),
        ("ts = [v.set(n) for n in x if n]\nfor t in ts: v.reset(t)", ["covered", "released"]),
        ("t = v.set(1)\nt += 1", ["lost"]),
        ("t = v.set(1)\nunknown()[0] += t", ["held"]),
        ("t = v.set(1)\ndel t", ["lost"]),
        ("t = v.set(1)\nt.var.reset(t)", ["released"]),
        ("t = v.set(1)\nwith contextlib.ExitStack() as s:\n    s.callback(v.reset, t)", ["released"]),
        ("t = v.set(1)\nsys.exit()", []),
        ("t = v.set(1)\nreturn f(x, self)", ["held"]),
        ("with v.set(1): pass", ["released"]),
        ("t = v.set(1)\nwith t: pass", ["released"]),
        ("t = v.set(1)\nmatch x:\n    case None: v.reset(t)\n    case _: v.reset(t)", ["released"]),
        ("t = v.set(1)\nmatch x:\n    case None: v.reset(t)", ["held", "released"]),
        (
            "t = v.set(1) if x else None\nmatch t:\n    case None: pass\n    case _: v.reset(t)",
            ["released"],
        ),
        (
            f"{FLAG}match ok:\n    case True: v.reset(t)",
            ["released"],
        ),
        (
            f"{FLAG}match ok:\n    case False: pass\n    case _: v.reset(t)",
            ["released"],
        ),
        ("t = v.set(1)\nfor n in 'ab': pass\nv.reset(t)", ["released"]),
        ("t = v.set(1)\nassert x\nv.reset(t)", ["released"]),
        ("t = v.set(1)\nif True: v.reset(t)", ["released"]),
        ("t = v.set(1)\nif False: v.reset(t)", ["held"]),
        ("t = v.set(1)\nif TYPE_CHECKING: v.reset(t)", ["held"]),
        ("t = None\nif x: t = v.set(1)\nif (t is None) is False: v.reset(t)", ["held", "released"]),
        ("t = None\nif x: t = v.set(1)\nif None is not t: v.reset(t)", ["released"]),
        (f"{FLAG}if ok is True: v.reset(t)", ["released"]),
        (f"{FLAG}if ok == False: pass\nelse: v.reset(t)", ["released"]),
        ("t = v.set(1)\nwith pytest.raises(ValueError): raise ValueError", ["held"]),
        ("t = v.set(1)\nwith contextlib.suppress(ValueError): raise ValueError\nv.reset(t)", ["released"]),
        ("t = v.set(1)\nhelper(t)", ["released"]),
        ("t = v.set(1)\nhelper(token=t)", ["released"]),
        ("t = v.set(1)\nhelper(*t)", ["transferred"]),
        ("t = v.set(1)\nhelper(*x, t)", ["transferred"]),
        ("t = v.set(1)\nhelper(1, 2, t)", ["transferred"]),
        ("t = v.set(1)\nhelper(other=t)", ["transferred"]),
        ("t = v.set(1)\nstarred(t)", ["held"]),
        ("t = v.set(1)\ncoroutine(t)", ["transferred"]),
        ("t = v.set(1)\nunknown.call(t)", ["transferred"]),
        ("t = v.set(1)\nprint(t)", ["held"]),
        ("a, b = both()\nv.reset(a)\nw.reset(b)", ["released"]),
        ("ts = either(x)\nfor t in ts: v.reset(t)", ["released"]),
    ],
)
def test_what_becomes_of_a_token(body, fates):
    more = (
        "def helper(token, more=None): v.reset(token)\ndef starred(*ts): pass\n"
        "async def coroutine(t): pass\ndef both(): return v.set(1), w.set(2)\n"
        "def either(x):\n    ts = []\n    ts.append(v.set(1))\n    ts.append(w.set(2))\n    return ts\n"
    )
    assert _fates(body, more) == fates


def test_set_without_a_value_sets_nothing():
    linked = program({"m.py": f"{HEAD}def f():\n    v.set()\n    v.reset()\n"})
    assert linked.outcome(scope(linked, "m.py:f")) is None
