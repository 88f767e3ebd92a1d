"""Spans are exact, on every layout."""

import ast

import libcst as cst
import pytest
import samples
from libcst.metadata import MetadataWrapper, PositionProvider

from ctxlint.frontend.positions import Source
from ctxlint.model import facts as f
from ctxlint.model.lines import LineIndex

LAYOUTS = {
    "tabs": "if a:\n\tb(c)\n\tif d:\n\t\te.f\n",
    "mixed indents": "if a:\n  b\nelse:\n        c.d(e)\nif a:\n\tb\n",
    "crlf": "a\r\nif b:\r\n    c(\r\n        d)\r\n",
    "cr": "a\rif b:\r    c(\r        d)\r",
    "mixed line ends": "a\r\nb\nif c:\r    d\r\n    e\n",
    "no final line end": "a\nb.c",
    "form feeds": "a\n\x0c\nb.c\nif d:\n\x0c    e(f)\n",
    "beyond the basic plane": "x = '𐐀𐐷'; y.z('é')\nñ.m(𐐀)\n",
    "continuations": "x = a + \\\n  b(c)\nassert a, \\\n  b\n",
    "decorators": "@a.b(c)\n# d\n@e\nclass F(g, h=i): pass\n\n@j\n\nasync def k(): pass\n",
    "comments in brackets": "a(  # (\n    b,  # )\n  # c\n  d )\n",
    "parentheses": "((a)).b((c))\n(d.e)(f)\n((g, h))\n( # x\n i, )\n",
    "semicolons": "a; b.c; d()\nif e: f; g()\n",
    "indented comment": "if a:\n    b\n  # c\n    d(e)\n        # f\ng\n",
    "lambdas": "x = lambda a, *b, c=d, **e: (f.g)\n",
}


@pytest.mark.parametrize("text", LAYOUTS.values(), ids=LAYOUTS.keys())
def test_layouts(text):
    assert samples.expected(text) == samples.placed(text)


@pytest.mark.parametrize("path", samples.STDLIB, ids=lambda path: path.stem)
def test_names_attributes_and_calls_of_the_standard_library(path):
    text = path.read_text("utf-8")
    found, expected = samples.placed(text), samples.expected(text)
    # Of what f-strings evaluate, old Pythons do not tell the place.
    assert not expected - found
    for kind, _, start, end in found - expected:
        tree = ast.parse(text[start:end].replace("\n", " "), mode="eval").body
        assert kind == type(tree).__name__.lower()


@pytest.mark.parametrize("path", samples.STDLIB[:5], ids=lambda path: path.stem)
def test_agrees_with_the_position_provider(path):
    text = path.read_text("utf-8")
    wrapper = MetadataWrapper(cst.parse_module(text), unsafe_skip_copy=True)
    ranges = wrapper.resolve(PositionProvider)
    source = Source(text, wrapper.module, 0, len(text))
    lines = LineIndex(text)
    compared = 0
    for node, place in ranges.items():
        if not isinstance(node, cst.BaseExpression | cst.BaseSmallStatement | cst.Arg):
            continue
        if isinstance(node, cst.Tuple | cst.GeneratorExp):
            continue  # their own parentheses belong to our spans
        compared += 1
        start = lines.start_of(place.start.line) + place.start.column
        end = lines.start_of(place.end.line) + place.end.column
        assert (start, end) == (source.span(node).start, source.span(node).end)
    assert compared > 500


@pytest.mark.parametrize(
    ("code", "span"),
    [
        ("(a.b)", "a.b"),
        ("( ( a.b ) )", "a.b"),
        ("(a, b)", "(a, b)"),
        ("((a, b))", "(a, b)"),
        ("( # c (\n a, b # )\n )", "( # c (\n a, b # )\n )"),
        ("a, b", "a, b"),
        ("(x for x in y)", "(x for x in y)"),
        ("( x for x in y )", "( x for x in y )"),
        ("(yield_)", "yield_"),
        ("'a' 'b'", "'a' 'b'"),
        ("a + b + (c)", "a + b + (c)"),
        ("[*a]", "[*a]"),
    ],
)
def test_parentheses_around_an_expression_are_not_part_of_it(code, span):
    text = f"x = {code}\n"
    assert span == samples.shown(text, samples.value(code))


def test_a_sole_generator_argument_is_its_content():
    text = "f(x for x in y)\n"
    call = samples.only(text).value
    assert samples.shown(text, call.args[0].value) == "x for x in y"
    assert samples.shown(text, call) == "f(x for x in y)"


HEADS = {
    "if (a): pass": "if (a)",
    "if a . b: c": "if a . b",
    "while ((a)): pass": "while ((a))",
    "for a in ( b ): pass": "for a in ( b )",
    "with a as b, c as (d): pass": "with a as b, c as (d)",
    "with (a as b, c): pass": "with (a as b, c",
    "try: pass\nfinally: pass": "try",
    "match (a): # c\n  case _: pass": "match (a)",
    "def f(): return 1": "def f(): return 1",
    "@d\nclass C:\n  x\n  # y": "class C:\n  x",
    "global a, b; c": "global a, b",
    "from a import (b,\n c)": "from a import (b,\n c)",
    "del a , b ;": "del a , b",
}


@pytest.mark.parametrize(("text", "head"), HEADS.items())
def test_spans_of_statements(text, head):
    assert head == samples.shown(text, samples.body(text)[0])


def test_spans_of_async_statements():
    text = "async def f():\n  async with a: pass\n  async  for b in c: pass\n"
    function = samples.only(text).function
    assert [samples.shown(text, inner) for inner in function.body] == ["async with a", "async  for b in c"]
    assert samples.shown(text, function.head) == "f"
    assert samples.shown(text, function) == text.rstrip("\n")


def test_spans_of_clauses():
    text = (
        "try: a\nexcept (A): a\nexcept B as b: a\nexcept : a\n"
        "match x:\n  case (1): a\n  case A() if (b): a\n  case _: a\n"
        "if a: b\nelif c: d\nelse: e\n"
    )
    attempt, match, test = samples.body(text)
    assert [samples.shown(text, h) for h in attempt.handlers] == ["except (A)", "except B as b", "except"]
    assert [samples.shown(text, c) for c in match.cases] == ["case (1)", "case A() if (b)", "case _"]
    assert samples.shown(text, test.orelse[0]) == "elif c"


def test_spans_inside_nested_f_strings():
    text = "x = f'{a.b!r:>{c.d()}} {{}} {f\"{e}\"}'\n"
    found = {
        samples.shown(text, fact) for fact in samples.every(samples.body(text)) if isinstance(fact, f.Name)
    }
    assert found == {"x", "a", "c", "e"}
    assert samples.shown(text, samples.only(text).value) == text[4:-1]
