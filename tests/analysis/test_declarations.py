"""Which calls declare a variable, what it is called, what its default is."""

import pytest
from programs import means, program

HEAD = "import functools\nfrom contextvars import ContextVar\n"


def _declared(text):
    """Of each declaration: the variable, what a reader calls it, and whether a default is known."""
    return [
        (d.var.qualname if d.var else None, d.name, d.default is not None)
        for d in program({"m.py": HEAD + text}).declarations
    ]


@pytest.mark.parametrize(
    ("text", "declared"),
    [
        ("v = ContextVar('name')", [("v", "v", False)]),
        ("v = ContextVar('name', default=None)", [("v", "v", True)]),
        ("v = ContextVar('name', **{'default': 1})", [("v", "v", True)]),
        ("options = {'default': 1}\nv = ContextVar('name', **options)", [("v", "v", True)]),
        ("v = ContextVar('name', **{'other': 1})", [("v", "v", False)]),
        ("v = ContextVar('name', **unknown)", [("v", "v", False)]),
        ("v = ContextVar('a') if x else ContextVar('b')", [("v", "v", False), ("v", "v", False)]),
        (
            "D = {'a': ContextVar('b'), **x, y: ContextVar('c')}",
            [("D['a']", "D['a']", False), (None, "c", False)],
        ),
        ("use(ContextVar('name'))", [(None, "name", False)]),
        ("use(ContextVar(name))", [(None, "ContextVar", False)]),
        ("use(ContextVar())", [(None, "ContextVar", False)]),
        ("class C:\n    v = ContextVar('v')", [("C.v", "v", False)]),
        (
            "class C:\n    def __init__(self):\n        self.v = ContextVar('v')",
            [("C.v", "self.v", False)],
        ),
        ("for v in (ContextVar('v'),): pass", [(None, "v", False)]),
        (
            "class C:\n    def f(self):\n        self.a, self.b = x\n        self.c: int\n        use(ContextVar('v'))",
            [(None, "v", False)],
        ),
        (
            "Var = functools.partial(ContextVar, default=1)\nv = Var('v')",
            [("v", "v", True)],
        ),
        ("x = make()", []),
    ],
)
def test_what_is_declared(text, declared):
    assert _declared(text) == declared


def test_the_first_of_several_declarations_stands_for_the_variable():
    linked = program({"m.py": f"{HEAD}v = ContextVar('a')\nv = ContextVar('b', default=1)\n"})
    assert [d.default for d in linked.by_var.values()] == [None]


def test_variables_of_one_assignment_have_names_of_their_own():
    text = (
        "from contextvars import ContextVar\na, b = ContextVar('a'), ContextVar('b')\n"
        "class C:\n    def __init__(self):\n        self.c, self.d = ContextVar('c'), ContextVar('d')\n"
    )
    linked = program({"m.py": text})
    assert [declaration.var.qualname for declaration in linked.declarations] == ["a", "b", "C.c", "C.d"]
    assert means(linked, "m.py:C.__init__", "self.d") == "variable m.py:C.d"


def test_the_standard_library_s_own_module_passes_the_class_on():
    linked = program(
        {
            "contextvars.py": "from _contextvars import ContextVar\n",
            "m.py": "import contextvars\nv = contextvars.ContextVar('v')\n",
        }
    )
    assert [declaration.var.qualname for declaration in linked.declarations] == ["v"]
