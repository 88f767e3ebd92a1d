"""What names turn out to be, in small programs of several files."""

import pytest
from programs import ROOT, check, expression, means, program, scope, told

VARS = "from contextvars import ContextVar\nv = ContextVar('v')\n_w = ContextVar('w')\ndef f(): pass\nclass C: pass\n"


def _one(text, expr, where="m.py"):
    """What ``expr`` means in a program of one file, ``m.py``, that imports ContextVar."""
    return means(program({"m.py": f"from contextvars import ContextVar\n{text}"}), where, expr)


# --- imports -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statement", "expr", "symbol"),
    [
        ("import vars", "vars", "module vars.py"),
        ("import vars", "vars.v", "variable vars.py:v"),
        ("import vars as x", "x.v", "variable vars.py:v"),
        ("from vars import v", "v", "variable vars.py:v"),
        ("from vars import v as x", "x", "variable vars.py:v"),
        ("from vars import _w", "_w", "variable vars.py:_w"),
        ("from vars import *", "v", "variable vars.py:v"),
        ("from vars import *", "_w", None),
        ("from vars import f", "f", "function vars.py:f"),
        ("from vars import C", "C", "class vars.py:C"),
        ("from vars import C", "C()", "instance vars.py:C"),
        ("from vars import ContextVar", "ContextVar", "external contextvars.ContextVar"),
        ("from vars import missing", "missing", None),
        ("from vars import len", "len", None),
        ("import pkg.inner", "pkg", "module pkg/__init__.py"),
        ("import pkg.inner", "pkg.inner.v", "variable pkg/inner.py:v"),
        ("import pkg.inner as x", "x.v", "variable pkg/inner.py:v"),
        ("from pkg import inner", "inner.v", "variable pkg/inner.py:v"),
        ("from pkg.inner import v", "v", "variable pkg/inner.py:v"),
        ("import pkg", "pkg.deep.v", "variable pkg/deep/__init__.py:v"),
        ("import pkg", "pkg.missing", None),
        ("from . import vars", "vars.v", "variable vars.py:v"),
        ("from .vars import v", "v", "variable vars.py:v"),
        ("from .pkg.inner import v", "v", "variable pkg/inner.py:v"),
        ("from ..vars import v", "v", None),
        ("import os.path", "os.path.join", "external os.path.join"),
        ("import os.path as p", "p", "external os.path"),
        ("from os import path", "path.join", "external os.path.join"),
        ("import vars, os", "os.getpid()", "external os.getpid()"),
        ("from space import mod", "mod.v", "variable space/mod.py:v"),
        ("import space.mod", "space.mod.v", "variable space/mod.py:v"),
        ("from contextvars import *", "ContextVar", "external contextvars.ContextVar"),
        ("from contextvars import *", "copy_context", "external contextvars.copy_context"),
        ("from contextvars import *", "anything", None),
        ("from os import *", "getpid", None),
    ],
)
def test_every_form_of_import(statement, expr, symbol):
    sources = {
        "m.py": statement,
        "vars.py": VARS,
        "pkg/__init__.py": "",
        "pkg/inner.py": VARS,
        "pkg/deep/__init__.py": VARS,
        "space/mod.py": VARS,
    }
    assert means(program(sources), "m.py", expr) == symbol


@pytest.mark.parametrize(
    ("sources", "symbol"),
    [
        ({"m.py": "from b import v", "b.py": "from vars import v"}, "variable vars.py:v"),
        (
            {"m.py": "from b import v", "b.py": "from c import x as v", "c.py": "from vars import v as x"},
            "variable vars.py:v",
        ),
        ({"m.py": "from b import v", "b.py": "from vars import *"}, "variable vars.py:v"),
        (
            {"m.py": "from b import *", "b.py": "from c import *", "c.py": "from vars import *"},
            "variable vars.py:v",
        ),
        ({"m.py": "from b import *\nfrom vars import *", "b.py": "v = 1"}, "variable vars.py:v"),
        ({"m.py": "from b import *", "b.py": "from m import *"}, None),
        ({"m.py": "from b import v", "b.py": "from m import v"}, None),
        ({"m.py": "from m import v"}, None),
        ({"m.py": "v = v"}, None),
        ({"m.py": "import vars\nv = vars.v"}, "variable vars.py:v"),
        ({"m.py": "import vars as a\nb = a\nv = b.v"}, "variable vars.py:v"),
    ],
)
def test_names_that_are_passed_on(sources, symbol):
    assert means(program({**sources, "vars.py": VARS}), "m.py", "v") == symbol


def test_a_cycle_that_is_asked_from_the_other_side_gives_the_same_answers():
    sources = {
        "a.py": "from b import y\nfrom contextvars import ContextVar\nx = ContextVar('x')",
        "b.py": "from a import x\ny = x",
    }
    forwards, backwards = program(sources), program(sources)
    first = [means(forwards, "a.py", "y"), means(forwards, "b.py", "y")]
    second = [means(backwards, "b.py", "y"), means(backwards, "a.py", "y")]
    assert first == ["variable a.py:x", "variable a.py:x"]
    assert second == first


@pytest.mark.parametrize(
    "text",
    [
        "try:\n    from vars import v\nexcept ImportError:\n    v = None",
        "try:\n    from missing import v\nexcept ImportError:\n    from vars import v",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from vars import v",
        "def f():\n    global v\n    from vars import v",
    ],
)
def test_a_module_name_that_is_a_variable_on_some_way_is_that_variable(text):
    assert means(program({"m.py": text, "vars.py": VARS}), "m.py", "v") == "variable vars.py:v"


def test_the_class_of_a_fallback_import_is_the_class():
    text = (
        "try:\n    from contextvars import ContextVar\nexcept ImportError:\n    from compat import ContextVar\n"
        "v = ContextVar('v')"
    )
    assert means(program({"m.py": text}), "m.py", "v") == "variable m.py:v"


def test_a_functions_name_that_is_two_things_is_neither():
    text = (
        "def f(x):\n    if x:\n        a = v\n    else:\n        a = w\n    b = v\n    b = v\n"
        "v = ContextVar('v')\nw = ContextVar('w')"
    )
    assert (_one(text, "a", "m.py:f"), _one(text, "b", "m.py:f")) == (None, "variable m.py:v")


def test_a_module_name_that_is_two_classes_is_neither():
    assert _one("class A: pass\nclass B: pass\nx = A\nx = B\n", "x") is None


@pytest.mark.parametrize(
    ("roots", "importer", "statement", "symbol"),
    [
        (("/p/src", "/p"), "src/app/m.py", "from app.vars import v", "variable src/app/vars.py:v"),
        (("/p/src", "/p"), "src/app/m.py", "from src.app.vars import v", "variable src/app/vars.py:v"),
        (("/p/src", "/p"), "src/app/m.py", "from .vars import v", "variable src/app/vars.py:v"),
        (("/p/src", "/p"), "src/app/m.py", "from tools import v", "variable tools.py:v"),
        (("/p",), "src/app/m.py", "from app.vars import v", "external app.vars.v"),
    ],
)
def test_names_from_two_source_roots(roots, importer, statement, symbol):
    sources = {importer: statement, "src/app/vars.py": VARS, "tools.py": VARS}
    assert means(program(sources, roots=roots), importer, "v") == symbol


# --- files that are read when asked for --------------------------------------------------------------------


def test_a_file_is_read_when_a_name_is_looked_for_in_it():
    asked = []
    sources = {
        "m.py": "from b import v\nfrom c import x",
        "b.py": "from vars import v",
        "c.py": "x = 1",
        "vars.py": VARS,
    }
    linked = program(sources, lazy=("b.py", "c.py"), asked=asked)
    del asked[:]
    assert means(linked, "m.py", "v") == "variable vars.py:v"
    assert asked == ["b.py 0"]
    assert means(linked, "m.py", "v") == "variable vars.py:v"
    assert asked == ["b.py 0"]


def test_only_the_units_that_bind_a_name_are_read():
    asked = []
    text = "from vars import w\nif a:\n    x = 1\n\ndef f():\n    global v\nfrom vars import v\nv = v\n"
    linked = program({"m.py": "import b", "b.py": text, "vars.py": VARS}, lazy=("b.py",), asked=asked)
    del asked[:]
    assert means(linked, "m.py", "b.v") == "variable vars.py:v"
    assert asked == ["b.py 2", "b.py 3", "b.py 4"]


def test_bindings_stand_in_the_order_of_the_text_whatever_was_read_first():
    text = "b = 0\na = b = 1\nb = 2\n"
    linked = program({"m.py": "import n", "n.py": text}, lazy=("n.py",))
    for name in "ab":
        found = linked.resolver.library.named("/p/n.py", name).bindings
    assert [binding.value.text for binding in found["b"]] == ["0", "1", "2"]


def test_a_file_that_was_read_on_demand_stays():
    asked = []
    linked = program(
        {"m.py": "import b", "b.py": "from vars import v, f", "vars.py": VARS}, lazy=("b.py",), asked=asked
    )
    assert [means(linked, "m.py", text) for text in ("b.v", "b.f")] == [
        "variable vars.py:v",
        "function vars.py:f",
    ]
    assert [each for each in asked if each.startswith("b.py")] == ["b.py 0"]


def test_a_file_that_cannot_say_is_nothing():
    linked = program({"m.py": "from b import v"})
    assert means(linked, "m.py", "v") == "external b.v"
    lazy = program({"m.py": "from b import v", "b.py": ""}, lazy=("b.py",))
    assert means(lazy, "m.py", "v") is None


# --- variables -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expr", "symbol"),
    [
        ("v = ContextVar('v')", "v", "variable m.py:v"),
        ("v = ContextVar[int]('v')", "v", "variable m.py:v"),
        ("v: ContextVar[int] = ContextVar('v')", "v", "variable m.py:v"),
        ("v: ContextVar[int] = make()", "v", "variable m.py:v"),
        ("v: ContextVar[int]", "v", "variable m.py:v"),
        ("import contextvars\nv = contextvars.ContextVar('v')", "v", "variable m.py:v"),
        ("import contextvars as cv\nv = cv.ContextVar('v')", "v", "variable m.py:v"),
        ("Var = ContextVar\nv = Var('v')", "v", "variable m.py:v"),
        ("a = v = ContextVar('v')", "v", "variable m.py:v"),
        ("a, v = 1, ContextVar('v')", "v", "variable m.py:v"),
        ("a, *b = ContextVar('a'), ContextVar('b')", "b", None),
        ("a, (b, v) = 1, (2, ContextVar('v'))", "v", "variable m.py:v"),
        ("a, b = pair", "b", None),
        ("a, b = (ContextVar('a'),)", "b", None),
        ("(v := ContextVar('v'))", "v", "variable m.py:v"),
        ("x = (v := ContextVar('v'))", "x", "variable m.py:x"),
        ("v = ContextVar('v') if debug else ContextVar('other')", "v", "variable m.py:v"),
        ("v = None if debug else ContextVar('other')", "v", "variable m.py:v"),
        ("v = ContextVar('v')\nw = v\nx = w", "x", "variable m.py:v"),
        (
            "import functools\nVar = functools.partial(ContextVar, default=None)\nv = Var('v')",
            "v",
            "variable m.py:v",
        ),
        ("import functools\nv = functools.partial(ContextVar, 'v')()", "v", "variable m.py:v"),
        ("import functools\nVar = functools.partial(dict)\nv = Var()", "v", "external functools.partial()()"),
        ("import functools\nVar = functools.partial()\nv = Var()", "v", "external functools.partial()()"),
        (
            "import functools\nVar = functools.partial(ContextVar)\nVar = functools.partial(dict)\nv = Var()",
            "v",
            "external functools.partial()()",
        ),
        ("def make():\n    return ContextVar('v')\nv = make()", "v", "variable m.py:v"),
        (
            "def make():\n    return ContextVar('v')\ndef outer():\n    return make()\nv = outer()",
            "v",
            "variable m.py:v",
        ),
        (
            "def make(x):\n    if x:\n        return ContextVar('a')\n    return ContextVar('b')\nv = make()",
            "v",
            "external contextvars.ContextVar()",
        ),
        ("def make():\n    return make()\nv = make()", "v", None),
        (
            "async def make():\n    return ContextVar('v')\nv = make()",
            "v",
            "external contextvars.ContextVar()",
        ),
        ("class ContextVar: pass\nv = ContextVar('v')", "v", "variable m.py:v"),
    ],
)
def test_what_makes_a_variable(text, expr, symbol):
    assert _one(text, expr) == symbol


def test_an_own_class_of_the_name_makes_no_variable():
    assert (
        means(program({"m.py": "class ContextVar: pass\nv = ContextVar('v')"}), "m.py", "v")
        == "instance m.py:ContextVar"
    )


def test_a_chain_of_factories_ends_somewhere():
    links = "".join(f"def f{n + 1}():\n    return f{n}()\n" for n in range(8))
    text = f"def f0():\n    return ContextVar('v')\n{links}near = f3()\nfar = f8()"
    assert (_one(text, "near"), _one(text, "far")) == (
        "variable m.py:near",
        "external contextvars.ContextVar()",
    )


@pytest.mark.parametrize(
    ("text", "expr", "symbol"),
    [
        ("D = {'a': ContextVar('a'), 'b': 1}", "D['a']", "variable m.py:D['a']"),
        ("D = {'a': ContextVar('a'), 'b': 1}", "D['b']", None),
        ("D = {'a': ContextVar('a'), 'b': 1}", "D['c']", None),
        ("D = {'a': ContextVar('a')}", "D[key]", None),
        ("D = {1: ContextVar('a')}", "D[1]", "variable m.py:D[1]"),
        ("D = {1: ContextVar('a')}", "D['1']", None),
        ("v = ContextVar('v')\nD = {'a': v}", "D['a']", "variable m.py:v"),
        ("L = [1, ContextVar('a')]", "L[1]", "variable m.py:L[1]"),
        ("L = [1, ContextVar('a')]", "L[2]", None),
        ("L = [1, ContextVar('a')]", "L['1']", None),
        ("L = make()", "L[0]", None),
        ("L = [ContextVar('a')]\nL = []", "L[0]", "variable m.py:L[0]"),
        ("D: dict[str, ContextVar[int]] = {}", "D[key]", "variable m.py:D[]"),
        ("D: 'dict' = {}", "D[key]", None),
        ("D: dict[str, ContextVar]", "D[key]", "variable m.py:D[]"),
        ("L: list[ContextVar] = []", "L[0]", "variable m.py:L[]"),
        ("L: list[int] = []", "L[0]", None),
        ("a, L = x", "L[0]", None),
        ("", "(1, 2)[0]", None),
        ("", "unknown[0]", None),
        ("", "dict[str, int]", "external builtins.dict"),
    ],
)
def test_entries_of_containers(text, expr, symbol):
    assert _one(text, expr) == symbol


_LOOP = "v = ContextVar('v')\nw = ContextVar('w')\n"


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ("for x in (v, w)", "x"),
        ("for x in [ContextVar('a')]", "x"),
        ("for x, y in ((v, 1), (w, 2))", "x"),
        ("for x, y in ((v, 1), (w, 2))", None),
        ("for x in ALL", "x"),
        ("for x in reversed(ALL)", "x"),
        ("for x in list(tuple(ALL))", "x"),
        ("for x in {v: 1, w: 2}", "x"),
        ("for x in {'a': v}", None),
        ("for x in BY_NAME.values()", "x"),
        ("for y, x in BY_NAME.items()", "x"),
        ("for x, y in BY_NAME.items()", None),
        ("for x in BY_NAME", None),
        ("for x in (v, 1)", None),
        ("for x in ()", None),
        ("for x in unknown", None),
        ("for x in some.thing.values()", None),
        ("for x in DECLARED", "x"),
        ("for y, x in DECLARED.items()", "x"),
        ("for y, z, x in DECLARED", None),
        ("for x, y in copy_context().items()", "x"),
        ("for x in copy_context()", "x"),
        ("for y, x in copy_context().items()", None),
        ("for x in other()", None),
        ("for x, y in (v, w)", None),
        ("for x in 5", None),
    ],
)
def test_loops_over_variables(head, name):
    text = (
        f"from contextvars import copy_context\n{_LOOP}ALL = (v, w)\nBY_NAME = {{'v': v, 'w': w}}\n"
        f"DECLARED: dict[str, ContextVar] = {{}}\n"
    )
    looked = "y" if head == "for x, y in ((v, 1), (w, 2))" and name is None else "x"
    expected = f"variable m.py:f.{name}" if name else None
    assert _one(f"{text}def f():\n    {head}:\n        pass\n", looked, "m.py:f") == expected


@pytest.mark.parametrize(
    ("expr", "symbol"),
    [
        ("v if x else v", "variable m.py:v"),
        ("v if x else w", None),
        ("v or v", "variable m.py:v"),
        ("v or w", None),
        ("(y := v)", "variable m.py:v"),
        ("v + w", None),
        ("[v][0]", None),
        ("lambda: 1", None),
    ],
)
def test_composed_expressions(expr, symbol):
    assert _one(_LOOP, expr) == symbol


def test_awaiting_changes_nothing_of_what_a_call_returns():
    text = f"{_LOOP}async def g():\n    return v\nasync def f():\n    x = await g()\n"
    assert _one(text, "x", "m.py:f") == "variable m.py:v"


def test_a_lambda_is_a_function():
    linked = program({"m.py": "f = lambda: 1\n"})
    assert means(linked, "m.py", "f") == "function m.py:<lambda>"


# --- classes -------------------------------------------------------------------------------------------------

_CLASS = """
class Base:
    inherited = ContextVar('i')
    def method(self): return self
    @classmethod
    def build(cls): return cls
    @staticmethod
    def plain(): pass
    @property
    def held(self): return self.mine
    @property
    def opaque(self): yield self.mine
    def __init_subclass__(cls): pass
class C(Base):
    own = ContextVar('o')
    number = 5
    def __init__(self, given, typed: Base, *rest: Base):
        self.mine = ContextVar('m')
        self.typed = typed
        self.given = given
        self.left, self.right = ContextVar('l'), ContextVar('r')
        def inner():
            return super()
    def method(self): return super()
class D(C):
    inherited = None
c = C()
"""


@pytest.mark.parametrize(
    ("expr", "symbol"),
    [
        ("C.own", "variable m.py:C.own"),
        ("C.inherited", "variable m.py:Base.inherited"),
        ("c.own", "variable m.py:C.own"),
        ("c.mine", "variable m.py:C.mine"),
        ("C().mine", "variable m.py:C.mine"),
        ("c.held", None),
        ("c.opaque", None),
        ("C.held", None),
        ("c.typed", "instance m.py:Base"),
        ("c.given", None),
        ("c.number", None),
        ("c.missing", None),
        ("D.inherited", None),
        ("D.own", "variable m.py:C.own"),
        ("C.method", "function m.py:C.method"),
        ("c.method", "bound m.py:C.method"),
        ("c.build", "bound m.py:Base.build"),
        ("C.build", "bound m.py:Base.build"),
        ("c.plain", "function m.py:Base.plain"),
        ("C.plain", "function m.py:Base.plain"),
        ("D().method()", "instance m.py:Base"),
        ("D().method().method", "bound m.py:Base.method"),
        ("Base().method()", "instance m.py:Base"),
        ("C.build()", "class m.py:Base"),
        ("c.left", "variable m.py:C.left"),
    ],
)
def test_attributes_of_classes_and_instances(expr, symbol):
    assert _one(_CLASS, expr) == symbol


@pytest.mark.parametrize(
    ("where", "expr", "symbol"),
    [
        ("Base.method", "self", "instance m.py:Base"),
        ("Base.build", "cls", "class m.py:Base"),
        ("Base.__init_subclass__", "cls", "class m.py:Base"),
        ("C.__init__", "given", "parameter m.py:C.__init__:given"),
        ("C.__init__", "typed", "instance m.py:Base"),
        ("C.__init__", "rest", "parameter m.py:C.__init__:rest"),
        ("C.__init__.inner", "super()", "instance m.py:Base"),
        ("C.method", "super().method", "bound m.py:Base.method"),
        ("Base.method", "super()", None),
        ("C.method", "own", None),
    ],
)
def test_names_in_methods(where, expr, symbol):
    assert _one(_CLASS, expr, f"m.py:{where}") == symbol


def test_super_outside_a_class_is_nothing():
    assert _one("def f(): pass\n", "super()", "m.py:f") is None


def test_a_property_gives_what_its_method_returns():
    text = "class A:\n    v = ContextVar('v')\n    @property\n    def x(self): return A.v\n"
    assert (_one(text, "A().x"), _one(text, "A.x")) == ("variable m.py:A.v", None)


def test_a_function_that_is_kept_on_a_class_is_not_its_method():
    assert _one("def f(): pass\nclass A:\n    g = f\n", "A().g") == "function m.py:f"


def test_an_attribute_that_refers_to_itself_is_nothing():
    assert _one("class A:\n    def __init__(self):\n        self.x = self.x\n", "A().x") is None


def test_classes_that_are_each_others_bases_end():
    linked = program({"m.py": "class A(B): pass\nclass B(A): pass\nclass C(A[int], metaclass=M): pass"})
    names = [c.qualname for c in linked.resolver.ancestors(scope(linked, "m.py:C"))]
    assert names == ["C", "A", "B"]


def test_bases_outside_the_program_are_found_at_any_depth():
    text = "import abc, typing\nclass A(abc.ABC): pass\nclass B(A, typing.Generic[int], metaclass=abc.ABCMeta): pass"
    linked = program({"m.py": text})
    assert linked.resolver.external_bases(scope(linked, "m.py:B")) == ("typing.Generic", "abc.ABC")


# --- annotations ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("annotation", "symbol"),
    [
        ("C", "instance m.py:C"),
        ("'C'", "instance m.py:C"),
        ("Optional[C]", "instance m.py:C"),
        ("'Optional[C]'", "instance m.py:C"),
        ("typing.Optional['C']", "instance m.py:C"),
        ("C | None", "instance m.py:C"),
        ("None | C", "instance m.py:C"),
        ("C | int", None),
        ("ClassVar[C]", "instance m.py:C"),
        ("Annotated[C, 1]", "instance m.py:C"),
        ("'typing.Annotated[C, 1]'", "instance m.py:C"),
        ("ContextVar[int]", "variable m.py:x"),
        ("'ContextVar[int]'", "variable m.py:x"),
        ("Optional[ContextVar[int]]", "variable m.py:x"),
        ("ClassVar[Final[ContextVar[int]]]", "variable m.py:x"),
        ("int", "external builtins.int()"),
        ("os.PathLike", "external os.PathLike()"),
        ("'os.PathLike'", "external os.PathLike()"),
        ("missing", None),
        ("'???'", None),
        ("f()", None),
    ],
)
def test_what_an_annotation_says(annotation, symbol):
    imports = "import os, typing\nfrom typing import Annotated, ClassVar, Final, Optional\n"
    text = f"{imports}class C: pass\nx: {annotation}\n"
    assert _one(text, "x") == symbol


@pytest.mark.parametrize(
    ("expr", "symbol"),
    [
        ("cast(C, x)", None),
        ("cast(C, v)", "variable m.py:v"),
        ("annotated()", "instance m.py:C"),
        ("returned()", "variable m.py:v"),
        ("generated()", None),
        ("differing(1)", None),
        ("nothing()", None),
        ("handed(v)", None),
        ("endless()", None),
        ("f.attribute", None),
        ("v.set", None),
        ("unknown()", None),
    ],
)
def test_what_a_call_gives(expr, symbol):
    text = """
from typing import Iterator, cast
v = ContextVar('v')
w = ContextVar('w')
class C: pass
def f(): pass
def annotated() -> 'C': return make()
def returned(): return v
def generated() -> Iterator[int]: yield 1
def differing(x):
    if x: return v
    return w
def nothing(): return
def handed(x): return x
def endless(): return endless()
"""
    assert _one(text, expr) == symbol


def test_a_parameters_annotation_names_a_variable_of_its_own():
    assert _one("def f(x: ContextVar[int]): pass\n", "x", "m.py:f") == "variable m.py:f.x"


def test_an_annotation_that_says_nothing_leaves_a_parameter():
    assert _one("def f(x: missing): pass\n", "x", "m.py:f") == "parameter m.py:f:x"


def test_a_name_that_is_entered_is_what_the_manager_is():
    assert _one("class C: pass\ndef f():\n    with C() as x: pass\n", "x", "m.py:f") == "instance m.py:C"


@pytest.mark.parametrize(
    "bound", ["try: pass\n    except E as x: pass", "x += 1", "del x; x: int", "with a as (x, y): pass"]
)
def test_a_name_that_is_bound_some_other_way_is_unknown(bound):
    text = f"def f():\n    x = ContextVar('x')\n    {bound}\n"
    assert _one(text, "x", "m.py:f") in (None, "variable m.py:f.x")


# --- depth ---------------------------------------------------------------------------------------------------


def test_chains_of_names_are_followed_to_a_bound():
    links = "".join(f"a{n + 1} = a{n}\n" for n in range(60))
    linked = program({"m.py": f"from contextvars import ContextVar\na0 = ContextVar('v')\n{links}"})
    module = scope(linked, "m.py")
    assert means(linked, "m.py", "a60") == "variable m.py:a0"
    assert linked.resolver.value(module, expression("a60")) is None
    assert linked.resolver.value(module, expression("a20"))[1].args[0].value.text == "v"


def test_an_expression_that_nests_past_the_bound_is_nothing():
    linked = program({"m.py": "import os"})
    assert means(linked, "m.py", "os" + ".a" * 39) == "external os" + ".a" * 39
    assert means(linked, "m.py", "os" + ".a" * 41) is None


# --- values and bindings ------------------------------------------------------------------------------------


def _value(text, expr, more=()):
    linked = program({"m.py": text, **dict(more)})
    found = linked.resolver.value(scope(linked, "m.py"), expression(expr))
    return None if found is None else (found[0].path.removeprefix(f"{ROOT}/"), found[1].text)


@pytest.mark.parametrize(
    ("text", "expr", "value"),
    [
        ("x = 5", "x", ("m.py", "5")),
        ("x = 5\ny = x", "y", ("m.py", "5")),
        ("x = 5\nx = 6", "x", None),
        ("x, y = 5, 6", "x", None),
        ("", "5", ("m.py", "5")),
        ("", "unknown", None),
        ("from b import n", "n", ("b.py", "7")),
        ("from b import missing", "missing", None),
        ("import b", "b.n", ("b.py", "7")),
        ("import b", "b.missing", None),
        ("import b", "b", None),
        ("from c import n", "n", None),
        ("class C:\n    n = 8\n    def __init__(self): self.m = 9", "C.n", ("m.py", "8")),
        ("class C:\n    n = 8\n    def __init__(self): self.m = 9", "C().m", ("m.py", "9")),
        ("class C: pass", "C.missing", None),
        ("x = 5", "x.y", None),
    ],
)
def test_the_one_expression_that_a_name_stands_for(text, expr, value):
    assert _value(text, expr, {"b.py": "n = 7"}) == value


def test_only_names_and_attributes_have_bindings():
    linked = program({"m.py": ""})
    assert linked.resolver.bindings(scope(linked, "m.py"), expression("f()")) is None


def test_a_symbol_that_is_no_variable_has_no_identity():
    linked = program({"m.py": "import os"})
    assert linked.resolver.variable(scope(linked, "m.py"), expression("os")) is None
    assert linked.resolver.external(scope(linked, "m.py"), expression("5")) is None
    assert told(None) is None


@pytest.mark.parametrize(
    "text",
    [
        "table = {'a': table['a']()}\n",
        "table = {'a': other['b']('x')}\nother = {'b': table['a']('y')}\n",
        "class A:\n    table = {'a': A.table['a']()}\n",
        "def f():\n    table = {'a': make}\n    table = {'a': table['a'](1)}\n    return table['a']()\n",
    ],
)
def test_an_item_that_is_made_from_itself_is_nothing_known(text):
    """No answer, and no end of the stack."""
    report = check(
        {"m.py": f"from contextvars import ContextVar\nv = ContextVar('v')\n{text}\nv.set(1)\nv.get()\n"}
    )

    assert report.failures == ()
