"""Which calls are hops, with which workers, and why others are passed over."""

import sys

import pytest
from programs import program

from ctxlint.analysis.callgraph import CallGraph
from ctxlint.analysis.executors import Executors
from ctxlint.analysis.spawns import Passed, Spawns

HEAD = (
    "import asyncio, functools, threading, logging.handlers, concurrent.futures\n"
    "from concurrent.futures import Executor, ThreadPoolExecutor, ProcessPoolExecutor\n"
    "from multiprocessing.pool import ThreadPool\nfrom threading import Thread\n"
    "from contextvars import copy_context\nfrom unknown import thing\n"
    "def a(*_): return 0\ndef b(*_): return 0\n"
    "class Own(ThreadPoolExecutor):\n    def submit(self, f): return f()\n"
)


def considered(text):
    linked = program({"m.py": HEAD + text})
    scopes = [each for module in linked.modules.values() for each in module.descendants()]
    classes = [each for each in scopes if each.kind == "class"]
    found = Spawns(linked.resolver, CallGraph(linked.resolver), linked.uses, classes).considered(scopes)
    return [
        each.why
        if isinstance(each, Passed)
        else f"{each.row.kind} {each.end.qualname}"
        + (" by " + each.handed[-1][0].qualname if each.handed else "")
        for each in found
        if each.row.kind in ("thread", "executor")
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Thread(target=a)", ["thread a"]),
        ("Thread(target=None)", ["unknown"]),
        ("Thread()", []),
        ("Thread(*thing)", ["hidden"]),
        ("Thread(target=a, context=copy_context())", ["named"]),
        ("Thread(target=a, context=None)", ["thread a"]),
        ("Thread(target=print)", ["outside"]),
        ("Thread(target=functools.partial(a, 1))", ["thread a"]),
        ("Thread(target=asyncio.run, args=[a])", ["thread a"]),
        ("asyncio.to_thread(a)", ["carries"]),
        ("logging.handlers.QueueListener(thing, a)", ["items"]),
        ("ThreadPoolExecutor().submit(a)", ["thread a"]),
        ("thing.submit(a)", []),
        ("thing().submit(a)", []),
        ("Own().submit(a)", []),
        ("Own().map(a, [])", []),
        ("ThreadPool().map(a, [])", ["executor a"]),
        ("async def f(loop: asyncio.AbstractEventLoop):\n    loop.run_in_executor(None, a)", ["executor a"]),
        ("async def f(loop: asyncio.AbstractEventLoop):\n    loop.run_in_executor(thing(), a)", ["executor"]),
        ("async def f(loop: asyncio.AbstractEventLoop):\n    loop.run_in_executor(Own(), a)", ["executor"]),
        ("async def f(loop: asyncio.AbstractEventLoop, e):\n    loop.run_in_executor(e, a)", ["executor"]),
        (
            "async def f(loop: asyncio.AbstractEventLoop, e=None):\n    loop.run_in_executor(e, a)",
            ["executor a"],
        ),
        ("async def f(loop: asyncio.AbstractEventLoop):\n    loop.run_in_executor(*thing)", ["hidden"]),
        (
            "async def f(loop: asyncio.AbstractEventLoop):\n    loop.run_in_executor(ProcessPoolExecutor(), a)",
            [],
        ),
    ],
)
def test_a_call_is_a_hop_or_passed_over(text, expected):
    found = considered(text)
    assert found == (
        [each.replace("thread a", "executor a") for each in expected] if "Pool" in text else expected
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("def spawn(f): Thread(target=f)\ndef g(): spawn(a)", ["thread a by g"]),
        ("def spawn(f): Thread(target=f)\ndef g(): spawn(a); spawn(b)", ["thread a by g", "thread b by g"]),
        ("def spawn(f): Thread(target=f)\ndef g(f): spawn(f)\ndef h(): g(a)", ["thread a by h"]),
        ("def spawn(f): Thread(target=f)", ["unknown"]),
        ("def spawn(f, n=1): Thread(target=f)\ndef g(): spawn(n=2)", ["unknown"]),
        ("def spawn(f): Thread(target=f)\ndef g(): thing(spawn)", ["unknown"]),
        ("def spawn(*f): Thread(target=f)\ndef g(): spawn(*thing)", ["unknown"]),
        ("def spawn(f, *args): Thread(target=f, args=args)\ndef g(): spawn(a, 1)", ["thread a by g"]),
        (
            "def runs(f): f()\ndef spawn(f, *args): Thread(target=f, args=(*args,))\ndef g(): spawn(runs, a)",
            ["thread runs by g", "thread a by g"],
        ),
        (
            "class K:\n    def __init__(self, f): self.f = f\n    def go(self): Thread(target=self.f)\ndef g(): K(a)",
            ["thread a by g"],
        ),
        (
            "def spawn(f):\n    w = functools.partial(f)\n    Thread(target=w)\ndef g(): spawn(a)",
            ["thread a by g"],
        ),
        ("def spawn(f, x): Thread(target=a if x else b)\ndef g(): spawn(a, 1)", ["thread a", "thread b"]),
    ],
)
def test_a_worker_that_comes_in_by_a_parameter(text, expected):
    assert considered(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("class T(Thread):\n    def run(self): pass\ndef g(): T()", ["thread T.run"]),
        ("class T(Thread):\n    def start(self): copy_context()\n    def run(self): pass", ["starts"]),
        ("class T(Thread):\n    def __init__(self): self.run = thing\n    def run(self): pass", ["starts"]),
        ("class T(Thread): pass\ndef g(): T(target=a)", ["thread a"]),
        ("class T(Thread):\n    def run(self): pass\ndef g(): T(target=a)", ["thread T.run"]),
        ("class T(Thread):\n    def __init__(self): super().__init__(target=a)", ["thread a"]),
        (
            "class T(Thread):\n    def __init__(self): super().__init__(target=a)\n    def run(self): pass",
            ["thread T.run"],
        ),
        ("class T:\n    def __init__(self): super().__init__(target=a)", []),
        ("def f(): object.__init__(a)", []),
        ("class T(thing): pass\ndef g(): T(target=a)", []),
    ],
)
def test_subclasses_of_thread(text, expected):
    found = considered(text)
    assert [each for each in found if each not in ("outside", "unknown")] == expected or found == expected


RECEIVERS = [
    ("def f(p): p.submit(a)", None),
    ("def f(p): p.submit(a)\nf(ThreadPoolExecutor())", "executor a"),
    ("def f(p): p.submit(a)\nf(ThreadPoolExecutor())\nf(Own())", None),
    ("def f(p): p.submit(a)\nf(*thing)", None),
    ("def f(p): p.submit(a)\nf(thing)", None),
    ("def f(p: Executor): p.submit(a)\nf(ThreadPoolExecutor())", "executor a"),
    ("def f(p: Executor): p.submit(a)\nf(ProcessPoolExecutor())", None),
    ("def f(p=None):\n    p = p or ThreadPoolExecutor()\n    p.submit(a)", None),
    ("def f(p=None): (p or ThreadPoolExecutor()).submit(a)", "executor a"),
    ("def f(p=None): (p or ThreadPoolExecutor()).submit(a)\nf(thing())", None),
    ("def f(x): (ThreadPoolExecutor() if x else ThreadPoolExecutor(1)).submit(a)", "executor a"),
    ("def f(x): (ThreadPoolExecutor() if x else ProcessPoolExecutor()).submit(a)", None),
    ("def f():\n    for p in thing: p.submit(a)", None),
    ("class K:\n    p: Executor\n    def f(self): self.p.submit(a)", None),
    (
        "class K:\n    p: thing\n    def __init__(self): self.p = thing()\n    def f(self): self.p.submit(a)",
        None,
    ),
    (
        (
            "def deep(p):\n    return deep(p)\ndef f(p): p.submit(a)\n"
            "def g(p): f(p)\ndef h(p): g(p)\nh(ThreadPoolExecutor())"
        ),
        "executor a",
    ),
    ("def f(p): f(p); p.submit(a)", None),
    ("submit = ThreadPoolExecutor().submit\nsubmit(a)", "executor a"),
]


@pytest.mark.parametrize(("text", "expected"), RECEIVERS)
def test_where_an_executor_comes_from(text, expected):
    found = [each for each in considered(text) if each.startswith("executor ")]
    assert found == ([expected] if expected else [])


def test_a_pool_that_many_functions_hand_on_is_found_in_as_many_steps_as_there_are_calls():
    """Five layers of six functions, each of which calls all of the next: 7,776 ways, 180 calls."""
    layers = [
        f"def f{layer}_{each}(pool): {'; '.join(f'f{layer + 1}_{other}(pool)' for other in range(6))}\n"
        for layer in range(4)
        for each in range(6)
    ]
    last = "".join(f"def f4_{each}(pool): pool.submit(a)\n" for each in range(6))
    first = "".join(f"f0_{each}(ThreadPoolExecutor())\n" for each in range(6))
    steps = 0

    def look(frame, event, _):
        nonlocal steps
        steps += event == "call" and frame.f_code is Executors.known.__code__

    before = sys.getprofile()
    sys.setprofile(look)
    try:
        found = considered("".join(layers) + last + first)
    finally:
        sys.setprofile(before)

    assert found == ["executor a"] * 6
    assert steps < 6 * 180
