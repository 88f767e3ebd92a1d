"""Whether a mutable default is ever put at risk: every use of the variable, one way of using it at a time."""

import contextlib

import pytest
from programs import check, program

from ctxlint.analysis.innocence import Innocence
from ctxlint.model.ids import VarId

HEAD = "from contextvars import ContextVar\nv = ContextVar('v', default={'a': 0})\n"


def _innocent(text, more=(), head=HEAD):
    linked = program({"m.py": head + text, **dict(more)})
    return Innocence(linked).is_innocent(VarId("/p/m.py", "v"))


@pytest.mark.parametrize(
    "body",
    [
        "v.get()",
        "return 1 in v.get()",
        "return not v.get()",
        "return v.get() | {}",
        "return f'{v.get()}'",
        "return [*v.get()]",
        "return {**v.get()}",
        "return [x for x in v.get()]",
        "if v.get(): pass",
        "while v.get(): pass",
        "assert v.get()",
        "for x in v.get(): pass",
        "match v.get():\n        case _: pass",
        "return v.get().copy()",
        "return v.get().get('a')",
        "return v.get()['a']",
        "x['a'] = v.get()['a']",
        "return (v.get() or x)['a']",
        "return (v.get() if x else y).copy()",
        "x = v.get()\n    return len(x)",
        "x = v.get()\n    x = dict(x)\n    x['a'] = 1",
        "x, y = v.get()\n    x.append(1)",
        "if (x := v.get()): return x['a']",
        "return len(v.get())",
        "return dict(**v.get())",
        "v.get({})['a'] = 1\n    v.get()",
        "v.get()\n    v.set({})",
        "return v.get().size > 1",
        "helper(v.get())",
        "helper(more=v.get())",
        "return (await v.get())['a']",
    ],
)
def test_reading_and_copying_puts_no_default_at_risk(body):
    helper = "def helper(given=None, more=None):\n    return len(given), len(more)\n"
    assert _innocent(f"{helper}async def f(x, y):\n    {body}\n")


@pytest.mark.parametrize(
    "body",
    [
        "v.get()['a'] = 1",
        "del v.get()['a']",
        "v.get()['a'] += 1",
        "v.get()['a'], x = 1, 2",
        "v.get().attribute = 1",
        "v.get().update({})",
        "v.get().attribute.append(1)",
        "for v.get()['a'] in x: pass",
        "return v.get()",
        "return {'a': v.get()}",
        "return [v.get()]",
        "unknown(v.get())",
        "helper(v.get())",
        "helper(given=v.get())",
        "helper(1, 2, v.get())",
        "helper(unknown=v.get())",
        "self.x = v.get()",
        "x = v.get()\n    x['a'] = 1",
        "x = v.get()\n    def g(): x['a'] = 1",
        "global x\n    x = v.get()",
        "a = v.get()\n    b = a\n    c = b\n    d = c\n    e = d\n    g = e\n    h = g\n    i = h\n    j = i\n    j.x",
        "v.get()\n    register(v)",
        "v.get()\n    x = v",
        "v.get()\n    x = v.get",
        "yield v.get()",
        "lambda: v.get()",
        "pass",
    ],
)
def test_writing_storing_and_handing_over_does(body):
    helper = "def helper(given):\n    given['a'] = 1\n"
    assert not _innocent(f"{helper}def f(self):\n    {body}\n")


def test_a_module_that_keeps_it_under_a_name_offers_it_to_all():
    assert not _innocent("x = v.get()\n")


@pytest.mark.parametrize(
    ("text", "innocent"),
    [
        ("def _private(): return v.get()\ndef f(): return len(_private())", True),
        ("def _private(): return v.get()\ndef f(): _private().clear()", False),
        ("def _private(): return v.get()", False),
        ("def _private(): return v.get()\nx = _private", False),
        ("def public(): return v.get()\ndef f(): return len(public())", False),
    ],
)
def test_a_private_function_hands_it_to_its_callers_only(text, innocent):
    assert _innocent(text) is innocent


def test_another_variable_of_the_name_does_not_count():
    other = {"n.py": "from contextvars import ContextVar\nv = ContextVar('v')\ndef f(): v.get()['a'] = 1\n"}
    assert _innocent("def f(): return len(v.get())\n", other)


def test_a_use_in_another_file_counts():
    assert not _innocent("def f(): return len(v.get())\n", {"n.py": "from m import v\nv.get()['a'] = 1\n"})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Nobody reads it yet."),
        ("def f(): return v.get()\n", "it is returned by `f`, which anybody may call."),
        ("def f(self): self.kept = v.get()\n", "it is kept in `self.kept`."),
        ("def f(): send(v.get())\n", "it is handed to `send`."),
        ("register(v)\ndef f(): return len(v.get())\n", "but hands the variable itself on."),
        ("def f():\n    v.set({})\n    v.get()['a'] = 1\n", "a value of its own was probably set before."),
    ],
)
def test_the_message_says_why_a_default_is_not_innocent(text, said):
    report = check({"m.py": HEAD + text}, selected=frozenset({"CTX201", "CTX201+"}))
    (message,) = [found.message for found in report.diagnostics if found.code == "CTX201"]
    assert message.endswith(said)


@pytest.mark.parametrize(
    "text",
    [
        "def f(): v.get()['a'] = 1\n",
        "def current(): return v.get()\ndef f(): current()['a'] = 1\n",
        "def put(d): d['a'] = 1\ndef f(): put(v.get())\n",
    ],
)
def test_a_write_that_reaches_the_default_is_told_with_its_place(text):
    written = Innocence(program({"m.py": HEAD + text})).proof(VarId("/p/m.py", "v")).written
    assert [(fate.how, fate.adds) for fate in written] == [("an item is assigned", True)]


@pytest.mark.parametrize(
    ("default", "body", "innocent"),
    [
        ("{}", "v.get().pop('a', None)", True),
        ("{}", "v.get()['a'] = 1", False),
        ("[]", "v.get()[-1] = 1", True),
        ("[]", "v.get()[1:] = [1]", False),
        ("[]", "v.get().append(1)", False),
        ("[0]", "v.get()[-1] = 1", False),
        ("[0]", "v.get().clear()", False),
    ],
)
def test_what_changes_nothing_in_an_empty_container_is_no_write(default, body, innocent):
    """CPython agrees: run with the default alone, the container is afterwards what it was before."""
    before, after = eval(default), eval(default)  # noqa: S307 - a literal of this file
    with contextlib.suppress(LookupError):
        exec(body.replace("v.get()", "value"), {"value": after})  # noqa: S102 - a statement of this file

    declared = HEAD.replace("{'a': 0}", default)
    assert (before == after, _innocent(f"def f(): {body}", head=declared)) == (innocent, innocent)
