"""What runs where: the edges of functions, and what a callable comes down to."""

import pytest
from programs import expression, program, scope

from ctxlint.analysis.callgraph import CallGraph

HEAD = (
    "import asyncio, functools, contextlib, threading\n"
    "from contextvars import copy_context\nfrom unknown import thing\n"
    "def a(*_): return 0\ndef b(*_): return 0\nasync def c(): return 0\n"
    "class K:\n    def __init__(self, *_): pass\n    def m(self): pass\n    def __call__(self): pass\n"
    "    @property\n    def p(self): return 0\n"
    "class M:\n    def __enter__(self): return self\n    def __exit__(self, *_): pass\n"
    "def runs(f, *args): return f(*args)\ndef keeps(f): return 0\n"
)


def edges(text, where="f"):
    linked = program({"m.py": HEAD + text})
    found = CallGraph(linked.resolver).edges(scope(linked, f"m.py:{where}"))
    return [edge.callee.qualname for edge in found]


@pytest.mark.parametrize(
    ("body", "callees"),
    [
        ("a()", ["a"]),
        ("a(); b()", ["a", "b"]),
        ("thing()", []),
        ("K()", ["K.__init__"]),
        ("k = K(); k.m()", ["K.__init__", "K.m"]),
        ("K()()", ["K.__init__", "K.__call__"]),
        ("K().p", ["K.__init__", "K.p"]),
        ("thing.p", []),
        ("with M(): pass", ["M.__enter__", "M.__exit__"]),
        ("with thing(): pass", []),
        ("list(map(a, []))", ["a"]),
        ("sorted([], key=a)", ["a"]),
        ("functools.partial(a)", []),
        ("functools.partial(a)()", ["a"]),
        ("asyncio.run(c())", ["c", "c"]),
        ("runs(a)", ["runs", "a"]),
        ("runs(runs, a)", ["runs", "runs"]),
        ("runs(f=a)", ["runs", "a"]),
        ("runs(*[a])", ["runs"]),
        ("keeps(a)", ["keeps"]),
        ("runs(lambda: a())", ["runs", "f.<lambda>"]),
        ("copy_context().run(a)", []),
        ("copy_context().run(asyncio.run, c())", []),
        ("thing(c())", ["c"]),
        ("thing.x().y(c())", ["c"]),
        ("unheard_of(c())", []),
        ("threading.Thread(target=a)", []),
        ("[a(x) for x in ()]", ["a"]),
        ("(lambda: a())()", ["f.<lambda>"]),
        ("(a if thing else b)()", ["a", "b"]),
        ("(a if thing else thing.x)()", ["a"]),
        ("(x := a)()", ["a"]),
    ],
)
def test_the_edges_of_a_function(body, callees):
    assert edges(f"def f():\n    {body}") == callees


DECORATED = [
    ("def d(g): return g", "d", ["f"]),
    ("def d(g):\n    def w(): return g()\n    return w", "d", ["d.w", "f"]),
    ("def d(g):\n    def w(): return 0\n    return w", "d", ["d.w"]),
    ("def d(g):\n    def w(): return copy_context().run(g)\n    return w", "d", ["d.w"]),
    ("def d(g):\n    return lambda: g()", "d", ["d.<lambda>", "f"]),
    ("def d(g):\n    @functools.wraps(g)\n    def w(): return g()\n    return w", "d", ["d.w", "f"]),
    (
        "def d(n):\n    def e(g):\n        def w(): return g()\n        return w\n    return e",
        "d(1)",
        ["d.e.w", "f"],
    ),
    ("@contextlib.contextmanager\ndef d(): yield", "d()", ["f"]),
    ("class d(contextlib.ContextDecorator, M): pass", "d()", ["f"]),
    (
        "class d:\n    def __init__(self, g): self.g = g\n    def __call__(self): return self.g()",
        "d",
        ["d.__call__"],
    ),
    (
        "class d:\n    def __call__(self, g):\n        def w(): return g()\n        return w",
        "d()",
        ["d.__call__"],
    ),
    ("d = thing", "d", ["f"]),
    ("def make(): return 0\nd = [make][0]", "thing and d", []),
]


@pytest.mark.parametrize(("text", "decorator", "callees"), DECORATED)
def test_what_a_decorator_puts_in_place_of_a_function(text, decorator, callees):
    assert edges(f"{text}\n@{decorator}\ndef f(): return 0\ndef g(): f()", "g") == callees


WORKERS = [
    ("a", ["a"]),
    ("K", ["K.__init__"]),
    ("K()", ["K.__call__"]),
    ("K().m", ["K.m"]),
    ("functools.partial(functools.partial(a, 1), 2)", ["a"]),
    ("functools.partial()", None),
    ("functools.partial(*[a])", None),
    ("functools.partial(runs, a)", ["runs", "a"]),
    ("functools.partial(asyncio.run, c())", ["c"]),
    ("c()", ["c"]),
    ("copy_context().run", []),
    ("thing", []),
    ("thing.x()", []),
    ("unheard_of", None),
    ("[a][0]", ["a"]),
    ("[a, b][x]", ["a", "b"]),
    ("[a, unheard_of][x]", None),
    ("a if x else b", ["a", "b"]),
    ("a if x else unheard_of", None),
    ("made()", ["made.inner", "b"]),
    ("made(1)()", None),
    ("yields()", None),
    ("JOBS['a']", ["a"]),
    ("chosen", ["a", "b"]),
    ("elif_chosen", ["a", "b", "K.__init__"]),
    ("rebound", None),
    ("unpacked", None),
    ("parameter", None),
]


@pytest.mark.parametrize(("expr", "callees"), WORKERS)
def test_what_runs_when_a_value_is_called(expr, callees):
    text = (
        "def made(f=b):\n    def inner(): return b()\n    return inner\n"
        "def yields(): yield a\n"
        "JOBS = {'a': a}\n"
        "def f(x, parameter):\n    if x: chosen = a\n    else: chosen = b\n"
        "    if x: elif_chosen = a\n    elif parameter: elif_chosen = b\n    else: elif_chosen = K\n"
        "    rebound = a\n    rebound = b\n    unpacked, = thing()\n    unpacked, = thing()\n"
    )
    linked = program({"m.py": HEAD + text})
    where = scope(linked, "m.py:f")
    found = CallGraph(linked.resolver).callables.of(where, expression(expr))
    reached = None if found is None else [step.callee.qualname for step in found]
    assert reached == (["made.inner"] if expr == "made()" else callees)


def test_a_function_that_hands_itself_on_comes_to_an_end():
    text = "def f(g, n):\n    g()\n    f(g, n)\n    f(lambda: f(g, n), n)\ndef h(): f(a, 1)"
    assert "a" in edges(text, "h")


def test_a_long_chain_of_partials_is_given_up():
    text = "p0 = a\n" + "".join(f"p{n + 1} = functools.partial(p{n})\n" for n in range(20))
    linked = program({"m.py": HEAD + text})
    found = CallGraph(linked.resolver).callables
    assert found.of(scope(linked, "m.py:"), expression("p3")) is not None
    assert not found.of(scope(linked, "m.py:"), expression("p20"))


COMPREHENDED = [
    ("[Thread(target=w) for w in (a, b)]", ["a", "b"]),
    ("[Thread(target=w) for _, w in ((1, a), (2, b))]", ["a", "b"]),
    ("[Thread(target=w) for w in thing]", None),
    ("[Thread(target=w) for [*w] in (a, b)]", None),
    ("[Thread(target=w) for n, w in enumerate((a, b))]", ["a", "b"]),
    ("[Thread(target=w) for n, w in zip((1, 2), (a, b))]", ["a", "b"]),
    ("[Thread(target=w) for w, n in enumerate((a, b))]", None),
    ("[Thread(target=w) for n, w in zip(*thing)]", None),
]


@pytest.mark.parametrize(("expr", "callees"), COMPREHENDED)
def test_the_names_of_a_comprehension(expr, callees):
    """A name of the same spelling outside is another one."""
    linked = program({"m.py": f"{HEAD}from threading import Thread\ndef f():\n    return {expr}\n"})
    where = scope(linked, "m.py:f")
    (call,) = [call for call in where.calls if call.args and call.args[0].keyword == "target"]
    found = CallGraph(linked.resolver).callables.of(where, call.args[0].value)
    assert (None if found is None else [step.callee.qualname for step in found]) == callees
