"""What hops lose, how far a worker is followed, and that CPython says the same of the fixtures."""

import ast
import contextvars
import sys
from concurrent.futures import Executor
from multiprocessing.pool import ThreadPool
from pathlib import Path

import pytest
from programs import check, places, program

sys.path.insert(0, str(Path(__file__).parent.parent))

import marks

from ctxlint.analysis.propagation import Propagation

FIXTURES = Path(__file__).parent.parent / "fixtures"
RUN = [
    (path, statement)
    for rule in ("lost-in-thread", "lost-in-executor")
    for path in sorted((FIXTURES / rule).glob("*.py"))
    for node in ast.parse(path.read_text("utf-8")).body
    if isinstance(node, ast.FunctionDef) and node.name == "main"
    for statement in node.body[1:]
]
"""The calls of each fixture's ``main``, which follow a set of ``tenant``."""

HEAD = (
    "from contextvars import ContextVar\nfrom threading import Thread\n"
    "from concurrent.futures import ThreadPoolExecutor\n"
    "v = ContextVar('v', default=0)\nw = ContextVar('w')\n"
)


@pytest.mark.parametrize(
    ("path", "statement"), RUN, ids=[f"{path.stem}-{ast.unparse(statement)}" for path, statement in RUN]
)
def test_a_fixture_loses_what_it_is_marked_for_and_nothing_else(path, statement):
    """In a file with marks every call of ``main`` loses the value on the way; in one without, none does."""
    namespace = {"__name__": "fixture"}
    exec(compile(path.read_text("utf-8"), path, "exec"), namespace)  # noqa: S102 - running the fixture is the test

    def ran():
        namespace["tenant"].set("acme")
        exec(compile(ast.Module([statement], []), path, "exec"), namespace)  # noqa: S102 - as above
        return set(namespace["SEEN"])

    try:
        seen = contextvars.Context().run(ran)
    finally:
        for pool in namespace.values():
            if isinstance(pool, ThreadPool):
                pool.terminate()
            elif isinstance(pool, Executor):
                pool.shutdown()
    assert seen
    assert (seen == {"acme"}) is not bool(marks.expected(path))


def lossy(text, **others):
    linked = program({"m.py": HEAD + text, **{f"{name}.py": other for name, other in others.items()}})
    scopes = [each for module in linked.modules.values() for each in module.descendants()]
    return Propagation(linked, scopes)


def told(text):
    """The variables that each hop loses, with the chain to each read."""
    return [
        [(loss.var.name, [edge.callee.qualname for edge in loss.chain]) for loss in hop.losses]
        for hop in lossy(text).lossy
    ]


def test_the_chain_of_a_loss_is_the_shortest():
    text = "def a(): v.get()\ndef b(): a()\ndef c():\n    b()\n    a()\ndef f():\n    v.set(1)\n    Thread(target=c)\n"
    assert told(text) == [[("v", ["a"])]]


def test_a_hop_tells_every_variable_that_it_loses_the_nearest_first():
    text = (
        "def a(): v.get()\ndef b():\n    a()\n    w.get()\n"
        "def f():\n    v.set(1)\n    w.set(1)\n    Thread(target=b)\n"
    )
    assert told(text) == [[("w", []), ("v", ["a"])]]


def test_the_way_from_a_worker_to_what_it_was_given_belongs_to_the_chain():
    text = "def runs(g): g()\ndef a(): v.get()\ndef f():\n    v.set(1)\n    Thread(target=runs, args=(a,))\n"
    assert told(text) == [[("v", ["a"])]]


@pytest.mark.parametrize("first", ["v.set(2)", "bind()"])
def test_what_is_set_before_a_given_function_is_called_is_not_lost(first):
    text = (
        f"def bind(): v.set(3)\ndef runs(g):\n    {first}\n    g()\ndef a(): v.get()\n"
        "def f():\n    v.set(1)\n    Thread(target=runs, args=(a,))\n"
    )
    assert told(text) == []


def test_a_program_without_sets_loses_nothing():
    assert told("def a(): v.get()\ndef f(): Thread(target=a)\n") == []


def kept(body):
    found = lossy(
        f"def r(): v.get()\ndef a():\n    {body}\ndef f():\n    v.set(1)\n"
        f"    Thread(target=a)\ndef g(): w.set(1) and print()\n"
    )
    (spawn,) = found.spawns
    followed = found.followed(spawn)
    return len(followed.reached), len(followed.reads), [(each.var.name, each.why) for each in followed.kept]


def test_why_a_variable_is_not_lost():
    assert kept("pass") == (1, 0, [])
    assert kept("v.get()") == (1, 1, [])
    assert kept("v.set(2)\n    r()") == (2, 1, [("v", "set first")])
    assert kept("w.get()") == (1, 1, [])


def test_a_variable_that_nobody_sets_and_one_that_is_set_elsewhere():
    text = "def a(): w.get()\ndef f(): Thread(target=a)\n"
    found = lossy(text)
    assert [each.why for each in found.followed(found.spawns[0]).kept] == ["never set"]
    found = lossy(text + "def g():\n    t = w.set(1)\n    print()\n    w.reset(t)\n")
    assert [each.why for each in found.followed(found.spawns[0]).kept] == ["not in force"]


def test_hops_in_tests_are_not_judged():
    text = "def a(): v.get()\ndef f():\n    v.set(1)\n    Thread(target=a)\n"
    codes = frozenset({"CTX301"})
    assert places(check({"m.py": HEAD + text}, selected=codes)) == ["m.py:9:5 CTX301"]
    assert places(check({"test_m.py": HEAD + text}, selected=codes)) == []


def test_a_common_method_in_another_unit_of_the_file_is_seen():
    text = "pool = ThreadPoolExecutor()\ndef a(x): v.get()\ndef f():\n    v.set(1)\n    pool.map(a, [1])\n"
    assert places(check({"m.py": HEAD + text}, selected=frozenset({"CTX302"}))) == ["m.py:10:5 CTX302"]


def test_the_verdict_does_not_hang_on_the_order_of_files():
    parts = {
        "a": "from contextvars import ContextVar\nv = ContextVar('v')\ndef get(): return v.get()\n",
        "b": "from threading import Thread\nfrom a import get\ndef hop(): Thread(target=get)\n",
        "c": (
            "from a import v\nfrom b import hop\ndef top():\n"
            "    t = v.set(1)\n    try: hop()\n    finally: v.reset(t)\n"
        ),
    }
    names = [dict(zip("xyz", order, strict=True)) for order in ("abc", "cba", "bca")]
    for renamed in names:
        back = {old: new for new, old in renamed.items()}
        sources = {}
        for old, text in parts.items():
            for name, new in back.items():
                text = text.replace(f"from {name} ", f"from {new}_ ")  # noqa: PLW2901 - the text grows
            sources[f"{back[old]}_.py"] = text
        assert places(check(sources, selected=frozenset({"CTX301"}))) == [f"{back['b']}_.py:3:12 CTX301"]
