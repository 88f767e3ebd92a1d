"""Who drives a function, and so whether what it leaves set reaches anybody else."""

import pytest
from programs import check, places, program, scope

from ctxlint.analysis import drivers, frame_kinds, undoers
from ctxlint.model.ids import VarId

HEAD = (
    "import asyncio, contextlib, contextvars, pytest, threading, unittest\n"
    "from contextvars import ContextVar, copy_context\nv = ContextVar('v')\n"
)
V = VarId("/p/m.py", "v")


def _linked(text, where, more=()):
    linked = program({"m.py": HEAD + text, **dict(more)})
    return linked, scope(linked, where if ":" in where else f"m.py:{where}")


# --- halves of scopes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "generator"),
    [
        ("def f():\n    yield", True),
        ("@contextlib.contextmanager\ndef f():\n    yield", True),
        (
            "@contextlib.contextmanager\ndef f():\n    if x:\n        yield 1\n    else:\n        yield 2",
            True,
        ),
        ("def f():\n    if x:\n        yield 1\n    else:\n        yield 2", False),
        ("def f():\n    while x:\n        yield", False),
        ("def f():\n    for a in x:\n        yield a", False),
        ("def f():\n    yield from x", False),
        ("def f():\n    return 1", False),
        ("@pytest.fixture\ndef f():\n    yield", False),
        ("@pytest.fixture()\ndef f():\n    yield", False),
        ("def f():\n    yield\nfor a in f(): pass", False),
        ("def f():\n    yield\nxs = [a for a in f()]", False),
        ("def f():\n    yield\nwith f(): pass", True),
        ("def f():\n    yield\nfor a in other.f(): pass", True),
    ],
)
def test_what_is_a_scope_generator(text, generator):
    assert frame_kinds.is_scope_generator(*_linked(text, "f")) is generator


def test_yields_are_counted_outside_and_inside_loops_and_not_in_nested_definitions():
    text = (
        "def f():\n    yield 1\n    x = yield 2\n    for a in b:\n        yield 3\n    [(yield) for c in d]\n"
        "    def g():\n        yield 4\n    class C:\n        pass\n"
    )
    linked, found = _linked(text.replace("    [(yield) for c in d]\n", ""), "f")
    assert frame_kinds.yields(found.function) == (2, 1)
    assert frame_kinds.is_scope_generator(linked, found) is False


_CLASSES = """
class Base:
    def __exit__(self, *args): pass
class M(Base):
    def __init__(self): pass
    def __enter__(self): pass
    def other(self): pass
    __exit = lambda self: None
class A:
    def __aenter__(self): pass
    def __aexit__(self): pass
class N:
    def __init__(self): pass
    def __enter__(self): pass
def __enter__(): pass
"""


@pytest.mark.parametrize(
    ("name", "partner", "enters", "constructs"),
    [
        ("M.__enter__", "Base.__exit__", True, False),
        ("M.__init__", None, False, True),
        ("M.other", None, False, False),
        ("A.__aenter__", "A.__aexit__", True, False),
        ("N.__enter__", None, True, False),
        ("N.__init__", None, False, False),
        ("__enter__", None, False, False),
        ("M", None, False, False),
    ],
)
def test_the_halves_of_a_manager_class(name, partner, enters, constructs):
    linked, found = _linked(_CLASSES, name)
    other = frame_kinds.exit_partner(linked, found)
    assert (None if other is None else other.qualname) == partner
    assert (frame_kinds.is_enter(found), frame_kinds.is_manager_constructor(linked, found)) == (
        enters,
        constructs,
    )


@pytest.mark.parametrize(
    ("text", "name", "wrapper"),
    [
        ("def f(): pass", "f", True),
        ("class C:\n    def f(self): pass", "C.f", True),
        ("def f():\n    def g(): pass\n    return g", "f.g", True),
        ("def f():\n    def g(): pass\n    g()", "f.g", False),
        ("def f():\n    def g(): pass\n    g()\n    other(g)", "f.g", True),
        ("def f():\n    def g(): pass", "f.g", True),
    ],
)
def test_what_goes_out_into_the_world(text, name, wrapper):
    assert frame_kinds.is_wrapper(*_linked(text, name)) is wrapper


# --- contexts of their own -----------------------------------------------------------------------------------

_ASYNC = "async def f(): pass\n"
_REQUEST = "each request or connection has a Context of its own"
_STARTED = "every use of the function starts it in a copied Context"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (f"{_ASYNC}def g(): asyncio.create_task(f())", _STARTED),
        (f"{_ASYNC}def g(): asyncio.create_task(f)", _STARTED),
        (f"{_ASYNC}def g(): asyncio.run(f())", _STARTED),
        (f"{_ASYNC}async def g(): await asyncio.gather(f(), f())", _STARTED),
        (f"{_ASYNC}async def g(): await asyncio.gather(*(f() for x in xs))", _STARTED),
        (f"{_ASYNC}def g(): loop.create_task(f())", _STARTED),
        (f"{_ASYNC}def g(): group.start_soon(f)", _STARTED),
        (f"{_ASYNC}def g(): group.something(f())", None),
        (f"{_ASYNC}def g(): start(f())", None),
        (f"{_ASYNC}def g(): asyncio.create_task(f(), context=shared)", None),
        (f"{_ASYNC}async def g(): await f()", None),
        (f"{_ASYNC}async def g(): await f()\ndef h(): asyncio.create_task(f())", None),
        (f"{_ASYNC}async def g(): await f()\ndef h(): asyncio.create_task(g())", _STARTED),
        (f"{_ASYNC}async def g(): await f()\nasync def h(): await g()", None),
        (f"{_ASYNC}async def g():\n    await f()\n    await g()\nasyncio.run(g())", _STARTED),
        (_ASYNC, None),
        ("def f(): pass\ndef g(): threading.Thread(target=f).start()", _STARTED),
        ("def f(): pass\ndef g(): copy_context().run(f)", _STARTED),
        ("def f(): pass\ndef g():\n    c = copy_context()\n    c.run(f, 1)", _STARTED),
        ("def f(): pass\ndef g(): contextvars.Context().run(f)", _STARTED),
        ("def f(): pass\ndef g(): pool.submit(copy_context().run, f)", _STARTED),
        ("def f(): pass\ndef g(): loop.run_in_executor(None, copy_context().run, f)", _STARTED),
        ("def f(): pass\ndef g(): pool.submit(f)", None),
        ("def f(): pass\nf()", None),
        ("def f(): pass\nx = f", None),
        ("async def f(scope, receive, send): pass", _REQUEST),
        ("def f(scope, receive, send): pass", None),
        ("import fastapi\n@fastapi.get('/')\nasync def f(): pass", _REQUEST),
        ("import fastapi\n@fastapi.get('/')\ndef f(): pass", None),
        ("import aiohttp.web\nasync def f(r): pass\naiohttp.web.run(f)", _STARTED),
        ("import aiohttp.web\ndef f(r): pass\naiohttp.web.run(f)", None),
    ],
)
def test_whether_a_function_has_a_context_of_its_own(text, reason):
    assert drivers.has_own_context(*_linked(text, "f")) == reason


@pytest.mark.parametrize(
    ("text", "name", "reason"),
    [
        (
            "import tornado.web\nclass H(tornado.web.RequestHandler):\n    async def get(self): pass",
            "H.get",
            _REQUEST,
        ),
        ("class H:\n    async def get(self): pass", "H.get", None),
        (
            "class T(threading.Thread):\n    def run(self): pass",
            "T.run",
            "a thread runs it, in a Context of its own",
        ),
        ("class T(threading.Thread):\n    def run(self): pass\nT().run()", "T.run", None),
        ("class T(threading.Thread):\n    def other(self): pass", "T.other", None),
        ("class T:\n    def run(self): pass", "T.run", None),
        (
            "class T(unittest.IsolatedAsyncioTestCase):\n    def setUp(self): pass",
            "T.setUp",
            "an async test runs in a Context of its own",
        ),
        ("class T(unittest.TestCase):\n    def setUp(self): pass", "T.setUp", None),
        ("class T: pass", "T", None),
        ("", "", None),
    ],
)
def test_contexts_of_methods_and_of_what_is_no_function(text, name, reason):
    assert drivers.has_own_context(*_linked(text, name)) == reason


def test_an_async_test_has_a_context_of_its_own_only_in_a_file_of_tests():
    text = "async def test_it(): pass\ndef test_sync(): pass\n"
    linked = program({"test_m.py": text, "m.py": text})
    found = [
        frame_kinds.is_isolated_test(linked, scope(linked, where))
        for where in ("test_m.py:test_it", "test_m.py:test_sync", "m.py:test_it", "test_m.py")
    ]
    assert found == [True, False, False, False]


@pytest.mark.parametrize(
    ("path", "is_test"),
    [
        ("test_m.py", True),
        ("m_test.py", True),
        ("conftest.py", True),
        ("tests/m.py", True),
        ("app/tests/deep/m.py", True),
        ("app/_tests/m.py", True),
        ("app/test/m.py", True),
        ("m.py", False),
        ("testing/m.py", False),
        ("tests.py", False),
        ("contest.py", False),
    ],
)
def test_which_files_are_tests(path, is_test):
    assert frame_kinds.is_test_file(program({path: ""}), f"/p/{path}") is is_test


def test_a_call_from_a_test_is_no_use():
    text = "async def f(): pass\nasyncio.run(f())"
    test = {"test_m.py": "import m\nasync def test_f(): await m.f()"}
    other = {"n.py": "import m\nasync def g(): await m.f()"}
    assert drivers.has_own_context(*_linked(text, "f", test)) == _STARTED
    assert drivers.has_own_context(*_linked(text, "f", other)) is None


# --- who undoes ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "name", "undoer"),
    [
        ("def start(): v.set(1)\ndef stop(): v.set(None)", "start", "stop"),
        ("def start_span(): v.set(1)\ndef end_span(): v.set(None)", "start_span", "end_span"),
        ("def push(): v.set(1)\ndef pop_all(): v.set(None)", "push", "pop_all"),
        ("def start(): v.set(1)\ndef stop(): pass", "start", None),
        ("def start(): v.set(1)\ndef other(): v.set(None)", "start", None),
        ("class C:\n    def enter(self): v.set(1)\n    def exit(self): v.set(None)", "C.enter", "C.exit"),
        ("class C:\n    def enter(self): v.set(1)\ndef exit(): v.set(None)", "C.enter", None),
        ("def f(): v.set(1)\ndef g():\n    f()\n    v.set(None)", "f", "g"),
        ("def f(): v.set(1)\ndef g():\n    t = v.set(0)\n    f()\n    v.reset(t)", "f", "g"),
        ("def f(): v.set(1)\ndef g():\n    old = v.get()\n    f()\n    v.set(old)", "f", "g"),
        ("def f(): v.set(1)\ndef g(): f()", "f", None),
        ("def f(): v.set(1)\nf()", "f", None),
        ("def f():\n    v.set(1)\n    f()\n", "f", None),
    ],
)
def test_who_undoes_what_a_function_leaves_set(text, name, undoer):
    assert undoers.undone_elsewhere(*_linked(text, name), V) == undoer


@pytest.mark.parametrize(
    ("text", "name", "reason"),
    [
        ("", "", "the module's body sets it for its import"),
        ("class C: pass", "C", "a class body sets it for its import"),
        ("def main(): pass", "main", "the function is the program's entry"),
        ("def f(): pass\nf()", "f", "the function is the program's entry"),
        ("def f(): pass\ndef main(): f()", "f", "the function is the program's entry"),
        ("def configure_it(): pass", "configure_it", "setting the variable is what the function is for"),
        ("def _init(): pass", "_init", "setting the variable is what the function is for"),
        (
            "class C:\n    def __setattr__(self, n, x): pass",
            "C.__setattr__",
            "setting the variable is what the function is for",
        ),
        ("def start(): v.set(1)\ndef stop(): v.set(None)", "start", "stop undoes it"),
        ("def f(): v.set(1)\ndef g():\n    f()\n    return v.get()", "f", "g reads it: it is a result"),
        ("def f(): v.set(1)\ndef g(): f()", "f", None),
        ("async def f(): v.set(1)\ndef g(): asyncio.run(f())", "f", _STARTED),
        (
            "import app\n@app.task\nasync def f(): v.set(1)",
            "f",
            "a decorator from outside the program decides in which Context it runs",
        ),
        ("import app\n@app.task\ndef f(): v.set(1)", "f", None),
    ],
)
def test_why_a_value_that_is_left_behind_does_no_harm(text, name, reason):
    assert drivers.harmless(*_linked(text, name), V) == reason


def test_a_variable_of_the_functions_own_does_no_harm_unless_a_nested_function_knows_it():
    text = "def f():\n    v = ContextVar('v')\n    v.set(1)\ndef g():\n    v = ContextVar('v')\n    return lambda: v\n"
    linked = program({"m.py": HEAD + text})
    why = [
        drivers.harmless(linked, scope(linked, f"m.py:{name}"), VarId("/p/m.py", f"{name}.v"))
        for name in "fg"
    ]
    assert why == ["the variable is the function's own", None]


def test_the_partner_of_a_caller_undoes_too():
    text = "def f(): v.set(1)\ndef start(): f()\ndef stop(): v.set(None)\n"
    assert undoers.undone_elsewhere(*_linked(text, "f"), V) == "stop"


def test_a_setter_of_a_property_sets():
    text = "class C:\n    @property\n    def x(self): pass\n    @x.setter\n    def x(self, value): v.set(value)\n"
    linked = program({"m.py": HEAD + text})
    getter, setter = (child for child in linked.modules["/p/m.py"].children[0].children)
    assert drivers.harmless(linked, getter, V) is None
    assert drivers.harmless(linked, setter, V) == "setting the variable is what the function is for"


def test_a_method_is_found_through_the_bases():
    text = "class A:\n    def m(self): pass\nclass B(A):\n    m2 = lambda self: 1\n"
    linked, found = _linked(text, "B")
    assert linked.resolver.method(found, "m").qualname == "A.m"
    assert linked.resolver.method(found, "missing") is None


def test_a_thread_that_sets_leaks_nothing_but_a_helper_does():
    """End to end: the body of a thread is silent, the same code in a function is not."""
    work = "v.set(1)\n        work()\n        more()\n"
    thread = f"{HEAD}class T(threading.Thread):\n    def run(self):\n        {work}"
    plain = f"{HEAD}class T:\n    def handle(self):\n        {work}"
    found = [places(check({"m.py": text}, selected=frozenset({"CTX121"}))) for text in (thread, plain)]
    assert found == [[], ["m.py:6:9 CTX121"]]
