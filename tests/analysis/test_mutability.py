"""Whether an object can be changed in place, and why."""

import pytest
from programs import expression, program, scope

from ctxlint.analysis.mutability import class_state, mutable

HEAD = (
    "import attr, attrs, collections, dataclasses, enum, threading, types, typing\n"
    "from dataclasses import dataclass\nimport msgspec, pydantic\n"
)


def _why(text, expr):
    linked = program({"m.py": HEAD + text})
    found = mutable(linked.resolver, scope(linked, "m.py"), expression(expr))
    return None if found is None else found.reason


@pytest.mark.parametrize(
    ("expr", "reason"),
    [
        ("[]", "a list"),
        ("[1]", "a list"),
        ("{1}", "a set"),
        ("{}", "a dict"),
        ("[x for x in y]", "a list"),
        ("{x for x in y}", "a set"),
        ("{x: 1 for x in y}", "a dict"),
        ("(x for x in y)", "a generator, used up by its first reader"),
        ("()", None),
        ("(1, [])", "a list"),
        ("(1, *[2])", "a list"),
        ("[] if x else None", "a list"),
        ("None if x else {}", "a dict"),
        ("x or []", "a list"),
        ("(y := [])", "a list"),
        ("[1] + x", "a list"),
        ("x @ []", None),
        ("list()", "a list"),
        ("collections.OrderedDict()", "a OrderedDict"),
        ("frozenset()", None),
        ("'x'", None),
        ("5", None),
        ("unknown()", None),
        ("unknown", None),
        ("types.MappingProxyType({})", None),
        ("types.MappingProxyType(made)", "a view of a dict"),
        ("types.MappingProxyType(frozen)", None),
        ("types.MappingProxyType()", None),
        ("made", "a dict"),
        ("frozen", None),
        ("factory()", "a list"),
        ("asynchronous()", None),
        ("generator()", None),
        ("harmless()", None),
        ("twice", None),
    ],
)
def test_which_values_can_be_changed(expr, reason):
    text = (
        "made = {}\nfrozen = ()\ntwice = []\ntwice = ()\ndef factory():\n    x = []\n    return x\n"
        "async def asynchronous(): return []\ndef generator(): yield []\ndef harmless(): return 1\n"
    )
    assert _why(text, expr) == reason


def test_a_chain_that_is_too_long_says_nothing():
    links = "".join(f"a{n + 1} = (a{n},)\n" for n in range(8))
    assert (_why(f"a0 = []\n{links}", "a3"), _why(f"a0 = []\n{links}", "a8")) == ("a list", None)


_CLASSES = {
    "class C: pass": None,
    "class C(list): pass": "a subclass of list",
    "class C(collections.UserDict): pass": "a subclass of UserDict",
    "class C(threading.local): pass": "a subclass of local",
    "class C(enum.Enum):\n    A = 1": None,
    "class C(typing.NamedTuple):\n    a: int": None,
    "class C(str):\n    def f(self): self.x = 1": None,
    "class C:\n    def f(self): self.x = 1": "whose `f` writes `x`",
    "class C:\n    def __init__(self): self.x = 1": "whose `x` can be assigned",
    "class C:\n    def __init__(self): self._x = 1": None,
    "class C:\n    def __init__(self): self._x = []": "which holds a mutable `_x`",
    "class C:\n    __slots__ = ('x',)\n    def __init__(self): self.x = 1": None,
    "class C:\n    def __setattr__(self, n, v): raise E\n    def __init__(self): self.x = 1": None,
    "class B:\n    def f(self): self.x = 1\nclass C(B): pass": "whose `f` writes `x`",
    "class B:\n    def __init__(self): self.x = 1\nclass C(B): pass": "whose `x` can be assigned",
    "@dataclass\nclass C:\n    x: int": "whose fields can be assigned",
    "@dataclass\nclass C:\n    x: int = 1": "whose fields can be assigned",
    "@dataclass\nclass C: pass": None,
    "@dataclass(frozen=True)\nclass C:\n    x: int": None,
    "@dataclass(frozen=False)\nclass C:\n    x: int": "whose fields can be assigned",
    "@dataclasses.dataclass(order=True)\nclass C:\n    x: int": "whose fields can be assigned",
    "@attr.s(frozen=True)\nclass C:\n    x: int": None,
    "@attr.define\nclass C:\n    x: int": "whose fields can be assigned",
    "@attrs.frozen\nclass C:\n    x: int": None,
    "@unknown\nclass C:\n    def f(self): self.x = 1": "whose `f` writes `x`",
    "class C(msgspec.Struct):\n    x: int": "whose fields can be assigned",
    "class C(msgspec.Struct, frozen=True):\n    x: int": None,
    "class C(msgspec.Struct): pass": None,
    "class C(pydantic.BaseModel):\n    x: int": "whose fields can be assigned",
    "class C(pydantic.BaseModel):\n    model_config = pydantic.ConfigDict(frozen=True)\n    x: int": None,
    "class C(pydantic.BaseModel):\n    model_config = {}\n    x: int": "whose fields can be assigned",
    "class C(pydantic.BaseModel):\n    model_config = other = None\n    x: int": "whose fields can be assigned",
}


@pytest.mark.parametrize("text", _CLASSES)
def test_why_instances_of_a_class_can_be_changed(text):
    linked = program({"m.py": HEAD + text})
    why = _CLASSES[text]
    assert class_state(linked.resolver, scope(linked, "m.py:C")) == why
    assert _why(text, "C()") == (f"an instance of `C`, {why}" if why else None)


def test_where_the_object_is_made_is_told():
    linked = program({"m.py": "from n import x", "n.py": "x = {}"})
    found = mutable(linked.resolver, scope(linked, "m.py"), expression("x"))
    assert (found.reason, found.path, found.span.start) == ("a dict", "/p/n.py", 4)
