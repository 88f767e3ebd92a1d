"""What binds a name in which scope, and what a scope knows of itself."""

import pytest
from programs import program, read, scope

from ctxlint.analysis import scopes as sc


def _kinds(text, name, where=""):
    """The kinds of a name's bindings, in the order of the text."""
    found = next(each for each in read("m.py", text).descendants() if each.qualname == where)
    return [type(binding).__name__ for binding in found.bindings.get(name, [])]


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("import x", ["Imported"]),
        ("import x.y", ["Imported"]),
        ("import y as x", ["Imported"]),
        ("from y import x", ["Imported"]),
        ("from y import z as x", ["Imported"]),
        ("x = 1", ["Assigned"]),
        ("x: int = 1", ["Assigned"]),
        ("x: int", ["Annotated"]),
        ("(x := 1)", ["Assigned"]),
        ("x += 1", ["Unknown"]),
        ("x[0] = 1", []),
        ("a, [x, *b] = y", ["Assigned"]),
        ("*x, a = y", ["Assigned"]),
        ("for x in y: pass", ["Iterated"]),
        ("for a, x in y: pass", ["Iterated"]),
        ("with y as x: pass", ["Entered"]),
        ("with y as (x, z): pass", ["Unknown"]),
        ("with y: pass", []),
        ("try: pass\nexcept E as x: pass", ["Unknown"]),
        ("try: pass\nexcept E: pass", []),
        ("match y:\n    case [x, *_]: pass", ["Unknown"]),
        ("def x(): pass", ["Defined"]),
        ("class x: pass", ["Defined"]),
        ("if y:\n    x = 1\nelse:\n    import x", ["Assigned", "Imported"]),
        ("while y:\n    x = 1\nelse:\n    x = 2", ["Assigned", "Assigned"]),
        ("f(lambda: (x := 1))", []),
        ("def f(): x = 1", []),
        ("def f():\n    global x\n    x = 1", ["Assigned"]),
        ("class C:\n    x = 1", []),
    ],
)
def test_what_binds_a_name_of_a_module(text, kinds):
    assert _kinds(text, "x") == kinds


def test_an_unpacked_target_knows_its_way_into_the_value():
    found = read("m.py", "a, (b, *c), d = v").bindings
    assert {name: found[name][0].path for name in "abcd"} == {"a": (0,), "b": (1, 0), "c": (1, -1), "d": (2,)}


def test_what_stands_after_a_star_has_no_known_place():
    found = read("m.py", "*a, b = v").bindings
    assert {name: found[name][0].path for name in "ab"} == {"a": (-1,), "b": (-1,)}


def test_nonlocal_binds_where_the_name_belongs():
    text = "def f():\n    x = 1\n    def g():\n        def h():\n            nonlocal x\n            x = 2\n"
    assert _kinds(text, "x", "f") == ["Assigned", "Assigned"]
    assert _kinds(text, "x", "f.g.h") == []


def test_a_parameter_is_bound_with_its_index():
    (found,) = read("m.py", "def f(a, /, b, *c, d, **e): pass").children
    assert {name: found.bindings[name][0].index for name in "abcde"} == {
        "a": 0,
        "b": 1,
        "c": 2,
        "d": 3,
        "e": 4,
    }


def test_defaults_and_decorators_belong_to_the_scope_around():
    module = read("m.py", "@d(x := 1)\ndef f(a=(y := 2)): z = 3\nclass C(B := object): pass")
    assert sorted(module.bindings) == ["B", "C", "f", "x", "y"]


def test_attributes_of_self_are_the_classes():
    body = "this.a = other.b = 1", "this.c.d = 2", "this.e, x = 3, 4"
    text = "class C:\n    def m(this, other):\n" + "".join(f"        {line}\n" for line in body)
    (cls,) = read("m.py", text).children
    assert {name: [method.qualname for _, method in found] for name, found in cls.attributes.items()} == {
        "a": ["C.m"],
        "e": ["C.m"],
    }


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ("def m(self)", "self"),
        ("def m(this, /)", "this"),
        ("def m(*args)", None),
        ("def m(*, a)", None),
        ("def m()", None),
        ("@classmethod\n    def m(cls)", "cls"),
        ("@staticmethod\n    def m(a)", None),
        ("@other.decorator\n    def m(a)", "a"),
    ],
)
def test_the_name_that_a_method_gives_its_object(head, name):
    (cls,) = read("m.py", f"class C:\n    {head}: pass").children
    assert sc.self_name(cls.children[0]) == name


def test_what_is_no_method_has_no_name_for_its_object():
    module = read("m.py", "def f(self): pass\nclass C: pass")
    assert [sc.self_name(each) for each in module.descendants()] == [None, None, None]


def test_a_scope_knows_its_place():
    linked = program({"m.py": "x = 1\nclass C:\n    def m(self):\n        return lambda: 1\n"})
    module, cls, method = (scope(linked, f"m.py:{name}") for name in ("", "C", "C.m"))
    (inner,) = method.children
    assert (module.kind, cls.kind, method.kind, inner.qualname) == (
        "module",
        "class",
        "function",
        "C.m.<lambda>",
    )
    assert (method.owner, inner.owner, cls.owner) == (cls, None, None)
    assert [each.module for each in (module, cls, method, inner)] == [module] * 4
    assert (module.start, cls.start) == (0, 6)
    assert (cls.class_id.qualname, cls.class_id.start) == ("C", 6)
    assert (method.func_id.module, method.func_id.qualname) == ("/p/m.py", "C.m")
    assert (len(module.body), len(cls.body), len(method.body)) == (2, 1, 1)


def test_a_scope_knows_its_calls_and_what_it_spells():
    module = read("m.py", "f(a.b.c())\ndef g():\n    h()\nx.y\n")
    assert (len(module.calls), module.spelled) == (2, {"f", "b", "c", "y"})
    assert module.children[0].spelled == {"h"}


def test_star_imports_are_the_modules_wherever_they_stand():
    module = read("m.py", "from a import *\nif x:\n    from ..b import *\n")
    assert [(star.module, star.level, star.attr) for star in module.stars] == [("a", 0, None), ("b", 2, None)]


def test_every_definition_of_one_name_has_a_scope_of_its_own():
    module = read("m.py", "if x:\n    def f(): pass\nelse:\n    def f(): pass\n")
    assert [child.qualname for child in module.children] == ["f", "f"]
    assert len({child.func_id for child in module.children}) == 2
