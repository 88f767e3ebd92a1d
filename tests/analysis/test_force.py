"""Which sets can be in force at a hop."""

import pytest
from programs import check, places

HEAD = (
    "import asyncio, contextlib\nfrom contextvars import ContextVar, copy_context\nfrom threading import Thread\n"
    "from unknown import app, thing\nv = ContextVar('v')\nw = ContextVar('w')\n"
    "def read(): return v.get()\n"
)
HOP = "def hop():\n    Thread(target=read)\n"


def lost(text, **others):
    sources = {"m.py": HEAD + text, **{f"{name}.py": other for name, other in others.items()}}
    return any("CTX301" in place for place in places(check(sources, selected=frozenset({"CTX301"}))))


IN_FORCE = {
    "published": f"def bind(x): v.set(x)\n{HOP}",
    "published method": (
        f"class S:\n    def on(self, x):\n        v.set(x)\n        thing()\ndef use(s): s.on(1)\n{HOP}"
    ),
    "hook of a framework": f"@app.before\ndef bind(x):\n    v.set(x)\n    thing.work()\n{HOP}",
    "method of a class of a framework": (
        f"class S(thing):\n    def on(self, x):\n        v.set(x)\n        thing()\n{HOP}"
    ),
    "registered": f"def bind(x):\n    v.set(x)\n    thing()\napp.add(bind)\n{HOP}",
    "registered with something unknown": f"def bind(x):\n    v.set(x)\n    thing()\ndef f(r): r.x.add(bind)\n{HOP}",
    "handed to a function of the program": (
        f"def bind(): v.set(1)\ndef call(f): f()\ndef top():\n    call(bind)\n    hop()\n{HOP}"
    ),
    "through two setters": f"def bind(x): v.set(x)\ndef enter(x): bind(x)\ndef top():\n    enter(1)\n    hop()\n{HOP}",
    "an attribute that is called": (
        f"class S:\n    def on(self, x):\n        t = v.set(x)\n        self.app(x)\n        v.reset(t)\n{HOP}"
    ),
    "a parameter that is called": f"def on(x, f):\n    t = v.set(x)\n    f()\n    v.reset(t)\n{HOP}",
    "a method of that name": (
        f"class S:\n    def go(self): hop()\ndef on(x):\n    t = v.set(1)\n    x.go()\n    v.reset(t)\n{HOP}"
    ),
    "a decorator that is used outside": (
        f"def d(f):\n    def w():\n        t = v.set(1)\n        f()\n        v.reset(t)\n    return w\n{HOP}"
    ),
    "a wrapper around a call": (
        "def d(f):\n    def w():\n        t = v.set(1)\n        f()\n        v.reset(t)\n    return w\n"
        f"{HOP}def top(): d(hop)()\n"
    ),
    "a wrapper around something unknown": (
        "def d(f):\n    def w():\n        t = v.set(1)\n        f()\n        v.reset(t)\n    return w\n"
        f"{HOP}def top(): d(thing.x)()\n"
    ),
    "a manager through a function": (
        "@contextlib.contextmanager\ndef s():\n    t = v.set(1)\n    yield\n    v.reset(t)\n"
        f"def make(): return s()\ndef top():\n    with make(): hop()\n{HOP}"
    ),
    "a manager on a stack": (
        "@contextlib.contextmanager\ndef s():\n    t = v.set(1)\n    yield\n    v.reset(t)\n"
        f"def top(stack):\n    stack.enter_context(s())\n    hop()\n{HOP}"
    ),
    "a class on a stack": (
        "class S:\n    def __enter__(self): self.t = v.set(1)\n    def __exit__(self, *_): v.reset(self.t)\n"
        f"def top(stack):\n    stack.enter_context(S())\n    hop()\n{HOP}"
    ),
    "a class as decorator": (
        "class S(contextlib.ContextDecorator):\n    def __enter__(self): self.t = v.set(1)\n"
        f"    def __exit__(self, *_): v.reset(self.t)\n{HOP}@S()\ndef top(): hop()\n"
    ),
    "in the module before it": "v.set(1)\nThread(target=read)\n",
    "by the module's main": f"def bind(x): return v.set(x)\n{HOP}if __name__ == '__main__':\n    bind(1)\n    hop()\n",
    "a helper's token that stays": (
        f"def bind(x): return v.set(x)\ndef top():\n    t = bind(1)\n    hop()\n    return t\n{HOP}"
    ),
    "undone by a function, behind the hop": (
        "def bind(x): return v.set(x)\ndef undo(t): v.reset(t)\n"
        f"def top():\n    t = bind(1)\n    hop()\n    undo(t)\n{HOP}"
    ),
    "another turn": f"def top():\n    while thing():\n        hop()\n        v.set(1)\n{HOP}",
    "awaited": f"async def bind(): v.set(1)\nasync def top():\n    await bind()\n    hop()\n{HOP}",
}
NOT = {
    "a manager that nobody enters": (
        f"@contextlib.contextmanager\ndef s():\n    t = v.set(1)\n    yield\n    v.reset(t)\n{HOP}"
    ),
    "a class that nobody enters": (
        "class S:\n    def __enter__(self): self.t = v.set(1)\n    def __exit__(self, *_): v.reset(self.t)\n"
        + HOP
    ),
    "an import": f"v.set(1)\n{HOP}",
    "nothing": HOP,
    "cleared": f"def clear(): v.set(None)\n{HOP}",
    "a request of its own": f"def on(x):\n    v.set(x)\n    print(x)\n    thing()\n{HOP}",
    "a worker": f"def on():\n    v.set(1)\n    thing()\nThread(target=on)\n{HOP}",
    "a task": f"async def on(): v.set(1)\nasync def top():\n    await asyncio.create_task(on())\n    hop()\n{HOP}",
    "in a Context": f"def on(): v.set(1)\ndef top():\n    copy_context().run(on)\n    hop()\n{HOP}",
    "undone by a function, before the hop": (
        "def bind(x): return v.set(x)\ndef undo(t): v.reset(t)\n"
        f"def top():\n    t = bind(1)\n    undo(t)\n    hop()\n{HOP}"
    ),
    "undone by name, before the hop": (
        f"def bind(x): v.set(x)\ndef unbind(): v.set(None)\ndef top():\n    bind(1)\n    unbind()\n    hop()\n{HOP}"
    ),
    "undone in a deep caller": (
        f"def bind(x): v.set(x)\ndef top():\n    t = v.set(0)\n    bind(1)\n    v.reset(t)\n    hop()\n{HOP}"
    ),
    "a method of another name": (f"def on(x):\n    t = v.set(1)\n    x.other()\n    v.reset(t)\n{HOP}"),
    "a parameter that is called, and known": (
        f"def on(f):\n    t = v.set(1)\n    f()\n    v.reset(t)\ndef top(): on(print)\n{HOP}"
    ),
    "a manager elsewhere": (
        "@contextlib.contextmanager\ndef s():\n    t = v.set(1)\n    yield\n    v.reset(t)\n"
        f"def make(): return s()\ndef top():\n    with make(): print()\n{HOP}"
    ),
    "a manager on a stack elsewhere": (
        "@contextlib.contextmanager\ndef s():\n    t = v.set(1)\n    yield\n    v.reset(t)\n"
        f"def top(stack):\n    hop()\n    stack.enter_context(s())\n{HOP}"
    ),
    "another wrapped function": (
        "def d(f):\n    def w():\n        t = v.set(1)\n        f()\n        v.reset(t)\n    return w\n"
        f"@d\ndef other(): print()\n{HOP}"
    ),
    "a table of handlers": (
        f"def top(x):\n    t = v.set(x)\n    thing[x](x)\n    T[x]()\n    v.reset(t)\nT = {{}}\n{HOP}"
    ),
    "another variable": f"def bind(x): w.set(x)\n{HOP}",
}


@pytest.mark.parametrize("text", IN_FORCE.values(), ids=IN_FORCE)
def test_a_set_that_can_be_in_force(text):
    assert lost(text)


@pytest.mark.parametrize("text", NOT.values(), ids=NOT)
def test_a_set_that_cannot_be_in_force(text):
    assert not lost(text)


def test_a_set_in_a_test_does_not_count():
    tests = "from m import v, hop\ndef bind(): v.set(1)\ndef test_it():\n    v.set(1)\n    hop()\n"
    assert not lost(HOP, test_m=tests)
    assert lost(HOP, web=tests)


def test_a_manager_that_only_a_test_enters_is_entered_by_nobody():
    manager = "@contextlib.contextmanager\ndef s():\n    t = v.set(1)\n    yield\n    v.reset(t)\n"
    assert not lost(manager + HOP, test_m="from m import s\ndef test_it():\n    with s(): pass\n")


def test_the_nearest_set_is_told():
    text = (
        HEAD
        + "def bind(x): v.set(x)\ndef top():\n    t = v.set(2)\n    Thread(target=read)\n    v.reset(t)\n"
    )
    report = check({"m.py": text}, selected=frozenset({"CTX301"}))
    (diagnostic,) = report.diagnostics
    first = diagnostic.related[0]
    assert text[first.location.span.start : first.location.span.end] == "v.set(2)"
