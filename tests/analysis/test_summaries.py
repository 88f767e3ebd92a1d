"""What a call of a function does to its caller's variables and tokens."""

import pytest
from programs import effects, program, scope

from ctxlint.analysis.effects import Effects, ReturnedToken
from ctxlint.model.ids import VarId

V, W = VarId("/p/m.py", "v"), VarId("/p/m.py", "w")
HEAD = "import logging\nfrom contextvars import ContextVar\nv = ContextVar('v')\nw = ContextVar('w')\n"


def _effects(text, qualname="f"):
    return effects(HEAD + text, qualname)


def test_a_function_that_does_nothing_has_no_effects():
    assert _effects("def f(): pass") == Effects(calm=True)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("def f(): return v.set(1)", [(V, ())]),
        ("def f():\n    t = v.set(1)\n    return t", [(V, ())]),
        ("def f(): return 5, v.set(1)", [(V, (1,))]),
        ("def f(): return v.set(1), w.set(2)", [(V, (0,)), (W, (1,))]),
        ("def f(x):\n    if x: return v.set(1)\n    return None", [(V, ())]),
        ("def f():\n    t = v.set(1)\n    v.reset(t)\n    return t", []),
        ("def g(): return v.set(1)\ndef f(): return g()", [(V, ())]),
        ("def g(): return v.set(1)\ndef f():\n    t = g()\n    return 1, t", [(V, (1,))]),
        (
            "def g(): return v.set(1), w.set(2)\ndef f():\n    a, b = g()\n    return b, a",
            [(V, (1,)), (W, (0,))],
        ),
        ("def f(): yield v.set(1)", []),
        ("def f(): v.set(1)", []),
    ],
)
def test_the_tokens_that_a_function_returns(text, tokens):
    found = sorted(_effects(text).tokens, key=lambda token: token.var)
    assert found == [ReturnedToken(var, path) for var, path in tokens]


@pytest.mark.parametrize(
    ("text", "resets", "keeps"),
    [
        ("def f(t): v.reset(t)", {"t"}, set()),
        ("def f(t):\n    if t: v.reset(t)", {"t"}, set()),
        ("def f(t, u): v.reset(u)", {"u"}, set()),
        ("def f(ts):\n    for t in ts: v.reset(t)", {"ts"}, set()),
        ("def g(t): v.reset(t)\ndef f(x): g(x)", {"x"}, set()),
        ("def g(t): v.reset(t)\ndef f(x): g(t=x)", {"x"}, set()),
        ("def f(o): v.reset(o.token)", set(), set()),
        ("def f(t): unknown(t)", set(), {"t"}),
        ("def f(t): return t", set(), {"t"}),
        ("def f(t, xs): xs.append(t)", set(), {"t"}),
        ("def f(t):\n    u = t", set(), {"t"}),
        ("def f(t): logging.info(t)", set(), set()),
        ("def f(t): pass", set(), set()),
    ],
)
def test_what_becomes_of_the_tokens_that_it_is_given(text, resets, keeps):
    found = _effects(text)
    assert (found.resets, found.keeps) == (resets, keeps)


def test_a_nested_function_resets_a_token_of_the_one_around_it():
    text = "def f():\n    t = v.set(1)\n    def undo(): v.reset(t)\n    undo()\n"
    assert _effects(text, "f.undo").free_resets == {"t"}
    assert _effects(text).scoped == {V}


@pytest.mark.parametrize(
    ("text", "restores", "undoes"),
    [
        ("def f(t): v.reset(t)", set(), {V}),
        ("def f(o): v.reset(o.token)", {V}, {V}),
        ("def f(): v.set(None)", {V}, {V}),
        ("def f(): v.set('')", {V}, {V}),
        ("def f(): v.set(1)", set(), set()),
        ("def f():\n    t = v.set(1)\n    v.reset(t)", set(), set()),
        ("def f():\n    t = v.set(1)\n    u = t\n    v.reset(u)", set(), set()),
        ("def g(): v.set(None)\ndef f(): g()", {V}, {V}),
        ("def g(t): v.reset(t)\ndef f(x): g(x)", set(), {V}),
        ("def g(t): v.reset(t)\ndef f(o): g(o.token)", {V}, {V}),
        ("def g(t): v.reset(t)\ndef f(x, y): g(t=y)", set(), {V}),
        ("def g(t): v.reset(t)\ndef f():\n    t = v.set(1)\n    g(t)", set(), set()),
        ("def f(t):\n    v.reset(t)\n    w.set(1)", set(), {V}),
        ("def f():\n    v.set(None)\n    v.set(1)", set(), set()),
    ],
)
def test_the_variables_that_a_function_puts_back(text, restores, undoes):
    found = _effects(text)
    assert (found.restores, found.undoes) == (restores, undoes)


@pytest.mark.parametrize(
    ("text", "sets", "scoped"),
    [
        ("def f(): v.set(1)", {V}, set()),
        ("def f(x):\n    if x: v.set(1)", {V}, set()),
        ("def f():\n    t = v.set(1)\n    v.reset(t)", set(), {V}),
        ("def f(x):\n    t = v.set(1)\n    if x: v.reset(t)", {V}, set()),
        ("def f():\n    t = v.set(1)\n    yield\n    v.reset(t)", set(), {V}),
        ("def f():\n    v.set(1)\n    raise ValueError", set(), set()),
        ("def f():\n    old = v.get()\n    v.set(1)\n    v.set(old)", set(), {V}),
        ("def f(): return v.set(1)", set(), {V}),
        ("def f():\n    v.set(1)\n    t = w.set(1)\n    w.reset(t)", {V}, {W}),
    ],
)
def test_what_is_left_set_and_what_is_undone_on_every_normal_way_out(text, sets, scoped):
    found = _effects(text)
    assert (found.sets, found.scoped) == (sets, scoped)


@pytest.mark.parametrize(
    ("text", "puts", "pops", "reads"),
    [
        ("def f(x): v.set(x)", {(V, "x")}, set(), set()),
        ("def f(x): t = v.set(x)", set(), set(), set()),
        ("def f(x): v.set(x.y)", set(), set(), set()),
        ("def f(): v.set(v.get() + 1)", set(), {V}, {V}),
        ("def f():\n    stack = v.get()\n    v.set(stack[:-1])", set(), {V}, {V}),
        ("def f(): return v.get()", set(), set(), {V}),
    ],
)
def test_the_values_that_a_function_sets_and_reads(text, puts, pops, reads):
    found = _effects(text)
    assert (found.puts, found.pops, found.reads) == (puts, pops, reads)


@pytest.mark.parametrize(
    ("text", "raises", "returns"),
    [
        ("def f(): pass", [], True),
        ("def f(): raise ValueError", ["ValueError"], False),
        ("def f(): raise NotImplementedError", [], True),
        ("def f():\n    import sys\n    sys.exit()", [], False),
        ("def f(x):\n    if x: raise KeyError\n    raise ValueError", ["KeyError", "ValueError"], False),
        ("def f(x):\n    if x: raise KeyError\n    else: raise KeyError", ["KeyError"], False),
        ("def f(x):\n    if x: raise KeyError", ["KeyError"], True),
        ("def f(x):\n    if x: return\n    raise KeyError", ["KeyError"], True),
        ("def f(x):\n    with x: raise KeyError", ["KeyError"], False),
        ("def f(x):\n    try: raise KeyError\n    except KeyError: pass", ["KeyError"], True),
        ("def g(): raise KeyError\ndef f(): g()", ["KeyError"], False),
    ],
)
def test_whether_and_how_a_function_comes_back(text, raises, returns):
    found = _effects(text)
    assert ([raised.name for raised in found.raises], found.returns) == (raises, returns)


@pytest.mark.parametrize(
    ("text", "works"),
    [
        ("def f(): pass", False),
        ("def f(): print(len('x'))", False),
        ("def f(): logging.info('x')", False),
        ("def f(): unknown()", True),
        ("async def f(): await x", True),
        ("def f(): yield", True),
        ("def g(): pass\ndef f(): g()", False),
        ("def g(): unknown()\ndef f(): g()", True),
        ("class C: pass\ndef f(): C()", False),
        ("class C:\n    def __init__(self): unknown()\ndef f(): C()", True),
        ("class E(Exception): pass\ndef f(): E()", False),
    ],
)
def test_whether_a_function_works(text, works):
    assert _effects(text).works is works


def test_a_function_that_calls_itself_ends():
    text = "def f(n):\n    t = v.set(n)\n    f(n - 1)\n    v.reset(t)\n"
    found = _effects(text)
    assert (found.scoped, found.sets, found.restores) == ({V}, set(), set())


def test_functions_that_call_each_other_end_and_do_not_depend_on_who_is_asked_first():
    text = HEAD + "def f(n):\n    v.set(1)\n    g(n)\ndef g(n):\n    w.set(1)\n    f(n)\n"
    linked = program({"m.py": text})
    f, g = scope(linked, "m.py:f"), scope(linked, "m.py:g")
    assert (linked.effects(f).sets, linked.effects(g).sets) == ({V}, {W})
    again = program({"m.py": text})
    f, g = scope(again, "m.py:f"), scope(again, "m.py:g")
    assert (again.effects(g).sets, again.effects(f).sets) == ({W}, {V})


def test_a_module_and_a_class_body_have_summaries_too():
    assert effects(HEAD + "v.set(1)\nclass C:\n    w.set(2)\n", "").sets == {V}


def test_the_functions_that_matter_are_those_that_spell_a_method_or_call_who_has_an_effect():
    text = HEAD + (
        "def direct(): v.set(1)\ndef indirect(): direct()\ndef far(): indirect()\n"
        "def same_name(): other.direct_thing()\ndef none(): pass\n"
    )
    linked = program({"m.py": text})
    assert [found.qualname for found in linked.relevant] == ["direct", "indirect"]
