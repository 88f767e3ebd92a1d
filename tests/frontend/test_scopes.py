"""What functions bind, judged by the standard library's ``symtable``."""

import ast
import symtable

import pytest
import samples

from ctxlint.model import facts as f


def _functions(text):
    """Return every named function's names, by row of the definition."""
    return {
        (text.count("\n", 0, fact.span.start) + 1, fact.name): fact
        for fact in samples.every(samples.body(text))
        if isinstance(fact, f.Function) and not fact.is_lambda
    }


def _tables(text):
    """Return the symbol tables of named functions, by row of the definition."""
    rows = {}
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            # Old tables start at the first decorator.
            rows[min([node.lineno, *(d.lineno for d in node.decorator_list)]), node.name] = node.lineno
    pending = [symtable.symtable(text, "<text>", "exec")]
    found = {}
    while pending:
        table = pending.pop()
        pending += table.get_children()
        name = table.get_name()
        if table.get_type() == "function" and not name.startswith("<") and name not in {"lambda", "listcomp"}:
            found[rows.get((table.get_lineno(), name), table.get_lineno()), name] = table
    return found


def _plain(names):
    """Leave out names that classes mangle and those that comprehensions of new Pythons bring in."""
    return {name for name in names if not name.startswith(("_", "."))}


@pytest.mark.parametrize("path", samples.STDLIB, ids=lambda path: path.stem)
def test_bound_names_of_the_standard_library(path):
    text = path.read_text("utf-8")
    functions, tables = _functions(text), _tables(text)
    shared = functions.keys() & tables.keys()
    assert len(shared) >= len(functions) * 0.9
    for key in shared:
        table, function = tables[key], functions[key]
        symbols = table.get_symbols()
        comprehended = {
            name.id
            for fact in samples.every(function.body)
            if isinstance(fact, f.Clause)
            for name in samples.every(fact.target)
            if isinstance(name, f.Name)
        }
        bound = {symbol.get_name() for symbol in symbols if symbol.is_local()}
        assert _plain(function.bound) - comprehended == _plain(bound) - comprehended, key
        declared = {symbol.get_name() for symbol in symbols if symbol.is_declared_global()}
        assert set(function.global_names) == declared, key
        free = {symbol.get_name() for symbol in symbols if symbol.is_nonlocal()}
        assert set(function.nonlocal_names) == free, key


BODIES = {
    "a = b.c = d[e] = 1": {"a"},
    "a, (b, *c), [d] = e": {"a", "b", "c", "d"},
    "a: int": {"a"},
    "a.b: int = 1": set(),
    "a += 1": {"a"},
    "del a, (b, c[d])": {"a", "b"},
    "import a.b, c as d": {"a", "d"},
    "from a import b, c as d": {"b", "d"},
    "for a, b in c: d = 1": {"a", "b", "d"},
    "with a as b, c as (d, e): pass": {"b", "d", "e"},
    "try: pass\n  except A as a: pass": {"a"},
    "[a for a in b if (c := a)]": {"c"},
    "(lambda a: (b := a))": set(),
    "(lambda a=(b := 1): a)": {"b"},
    "def a(b=(c := 1)): d = 1": {"a", "c"},
    "class A(b): c = 1": {"A"},
    "match a:\n    case [b, *c] | {'k': b, **c}: pass\n    case A(d, e=f) as g: pass\n    case _: pass": set(
        "bcdfg"
    ),
    "global a; a = 1; b = 2": {"b"},
    "if (a := 1): pass": {"a"},
    "while a: b = 1\n  else: c = 1": {"b", "c"},
}


@pytest.mark.parametrize(("code", "bound"), BODIES.items())
def test_what_binds(code, bound):
    assert bound == set(samples.only(f"def f():\n  {code}\n").function.bound)


def test_parameters_and_type_parameters_are_bound():
    function = samples.only("def f[T, *Ts, **P](a, /, b, *c, d, **e): ...\n").function
    assert function.bound == ("P", "T", "Ts", "a", "b", "c", "d", "e")
    kinds = [(parameter.name, parameter.kind) for parameter in function.parameters]
    assert kinds == [
        ("a", "positional"),
        ("b", "plain"),
        ("c", "star"),
        ("d", "keyword"),
        ("e", "double_star"),
    ]


@pytest.mark.parametrize(
    ("code", "generates"),
    [
        ("yield", True),
        ("x = yield from y", True),
        ("[(yield_) for x in y]", False),
        ("g(lambda: (yield))", False),
        ("def g(): yield", False),
        ("def g(x=(yield)): pass", True),
        ("class C: x = 1", False),
        ("with a:\n    for b in c:\n      if d: yield", True),
    ],
)
def test_generators(code, generates):
    assert generates is samples.only(f"def f():\n  {code}\n").function.is_generator


def test_a_yield_makes_the_lambda_a_generator():
    assert samples.value("lambda: (yield)").function.is_generator
