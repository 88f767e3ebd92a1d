"""Every syntax form, and what the reader gives up and refuses."""

import msgspec
import pytest
import samples

from ctxlint.frontend.reader import read_module
from ctxlint.model import facts as f
from ctxlint.model.sources import Unreadable
from ctxlint.model.spans import Span


def plain(fact):
    """Return facts as nested tuples without spans: easy to write down."""
    if isinstance(fact, tuple):
        return tuple(plain(item) for item in fact)
    if isinstance(fact, f.Name):
        return fact.id
    if isinstance(fact, f.Node):
        names = [name for name in fact.__struct_fields__ if name not in {"span", "head"}]
        return type(fact).__name__, *(plain(getattr(fact, name)) for name in names)
    return fact


EXPRESSIONS = {
    "a": "a",
    "ﬁ": "fi",
    "None": ("Literal", "none", "None"),
    "True": ("Literal", "bool", "True"),
    "0x_1": ("Literal", "int", "0x_1"),
    "1e3": ("Literal", "float", "1e3"),
    "1j": ("Literal", "complex", "1j"),
    "...": ("Literal", "ellipsis", "..."),
    r"'a\n\x41' r'\n' u'c'": ("Literal", "str", "a\nA\\nc"),
    "'''a\r\nb\rc'''": ("Literal", "str", "a\nb\nc"),
    r"'\d'": ("Literal", "str", "\\d"),
    r"'\ud800'": ("Literal", "str", "?"),
    r"b'\x00' Rb'c'": ("Literal", "bytes", r"b'\x00' Rb'c'"),
    "f'a'": ("Interpolated", ()),
    "'x' f'{a}' f'{b!r:{c}.{d}}' 'y'": ("Interpolated", ("a", "b", "c", "d")),
    "f'{{}}{a=}'": ("Interpolated", ("a",)),
    "t'{a} {b:{c}}'": ("Interpolated", ("a", "b", "c")),
    "a.b": ("Attribute", "a", "b"),
    "a[b]": ("Subscript", "a", "b"),
    "a[b,]": ("Subscript", "a", ("Display", "tuple", ("b",))),
    "a[b, c]": ("Subscript", "a", ("Display", "tuple", ("b", "c"))),
    "a[*b]": ("Subscript", "a", ("Display", "tuple", (("Starred", "b"),))),
    "a[b:c, ::d]": (
        "Subscript",
        "a",
        ("Display", "tuple", (("Operation", ":", ("b", "c")), ("Operation", ":", ("d",)))),
    ),
    "a(b, *c, d=e, **g)": (
        "Call",
        "a",
        (
            ("Argument", "b", None, ""),
            ("Argument", "c", None, "*"),
            ("Argument", "e", "d", ""),
            ("Argument", "g", None, "**"),
        ),
    ),
    "()": ("Display", "tuple", ()),
    "[a, *b]": ("Display", "list", ("a", ("Starred", "b"))),
    "{a, b}": ("Display", "set", ("a", "b")),
    "{a: b, **c}": ("DictDisplay", ("a", None), ("b", "c")),
    "{**a}": ("DictDisplay", (None,), ("a",)),
    "[a for b in c if d if e async for g in h]": (
        "Comprehension",
        "list",
        "a",
        None,
        (("Clause", "b", "c", ("d", "e"), False), ("Clause", "g", "h", (), True)),
    ),
    "{a for b in c}": ("Comprehension", "set", "a", None, (("Clause", "b", "c", (), False),)),
    "{a: b for c, d in e}": (
        "Comprehension",
        "dict",
        "a",
        "b",
        (("Clause", ("Display", "tuple", ("c", "d")), "e", (), False),),
    ),
    "(a for b in c)": ("Comprehension", "generator", "a", None, (("Clause", "b", "c", (), False),)),
    "a if b else c": ("Conditional", "b", "a", "c"),
    "a and b and c": ("Boolean", "and", ("a", "b", "c")),
    "a or (b or c) or d and e": ("Boolean", "or", ("a", "b", "c", ("Boolean", "and", ("d", "e")))),
    "not a": ("Not", "a"),
    "a < b is not c not  in d != e": ("Compare", "a", ("<", "is not", "not in", "!="), ("b", "c", "d", "e")),
    "a + b + c - d": ("Operation", "-", (("Operation", "+", ("a", "b", "c")), "d")),
    "a ** b ** c": ("Operation", "**", ("a", ("Operation", "**", ("b", "c")))),
    "-a @ ~b": ("Operation", "@", (("Operation", "-", ("a",)), ("Operation", "~", ("b",)))),
    "(a := b)": ("Walrus", "a", "b"),
    "await a": ("Await", "a"),
    "yield": ("Yield", None),
    "(yield a, b)": ("Yield", ("Display", "tuple", ("a", "b"))),
    "yield from a": ("YieldFrom", "a"),
}


@pytest.mark.parametrize(("code", "facts"), EXPRESSIONS.items())
def test_expressions(code, facts):
    assert facts == plain(samples.value(code))


STATEMENTS = {
    "pass": None,
    "...": None,
    "'docstring' 'more'": None,
    "f'{a}'": ("Evaluate", ("Interpolated", ("a",))),
    "a = b, = c": ("Assign", ("a", ("Display", "tuple", ("b",))), "c", None),
    "a: 'C[int]' = b": ("Assign", ("a",), "b", ("Literal", "str", "C[int]")),
    "a.b: c": ("Annotate", ("Attribute", "a", "b"), "c"),
    "a //= b": ("Augment", "a", "//", "b"),
    "del a, b": ("Delete", ("a", "b")),
    "del (a)": ("Delete", ("a",)),
    "return": ("Return", None),
    "raise": ("Raise", None, None),
    "raise a from b": ("Raise", "a", "b"),
    "assert a, b": ("Assert", "a", "b"),
    "import a.b as c, d": ("Import", (("Imported", "a.b", "c"), ("Imported", "d", None))),
    "from ...a.b import (c as d,)": ("ImportFrom", "a.b", 3, (("Imported", "c", "d"),), False),
    "from . import *": ("ImportFrom", "", 1, (), True),
    "global a, b": ("Scope", "global", ("a", "b")),
    "nonlocal a": ("Scope", "nonlocal", ("a",)),
    "type A[T] = B": ("TypeAliasing", "A"),
    "if a: b\nelif c: d\nelse: e": (
        "If",
        "a",
        (("Evaluate", "b"),),
        (("If", "c", (("Evaluate", "d"),), (("Evaluate", "e"),)),),
    ),
    "while a: break\nelse: continue": ("While", "a", (("Break",),), (("Continue",),)),
    "for a, in b, c: pass\nelse: d": (
        "For",
        ("Display", "tuple", ("a",)),
        ("Display", "tuple", ("b", "c")),
        (),
        (("Evaluate", "d"),),
        False,
    ),
    "async for a in b: pass": ("For", "a", "b", (), (), True),
    "with a, (b) as c.d: pass": (
        "With",
        (("WithItem", "a", None), ("WithItem", "b", ("Attribute", "c", "d"))),
        (),
        False,
    ),
    "with (a as b, c,): pass": ("With", (("WithItem", "a", "b"), ("WithItem", "c", None)), (), False),
    "async with a as b: pass": ("With", (("WithItem", "a", "b"),), (), True),
    "try: a\nexcept (B, C) as d: e\nexcept: pass\nelse: g\nfinally: h": (
        "Try",
        (("Evaluate", "a"),),
        (
            ("Handler", ("Display", "tuple", ("B", "C")), "d", (("Evaluate", "e"),)),
            ("Handler", None, None, ()),
        ),
        (("Evaluate", "g"),),
        (("Evaluate", "h"),),
        False,
    ),
    "try: a\nexcept* B: pass": ("Try", (("Evaluate", "a"),), (("Handler", "B", None, ()),), (), (), True),
    "try: a\nexcept B, C: pass": (
        "Try",
        (("Evaluate", "a"),),
        (("Handler", ("Display", "tuple", ("B", "C")), None, ()),),
        (),
        (),
        False,
    ),
    "match a, b:\n case 1: c\n case D.e: pass\n case None: pass\n case x if y: pass": (
        "Match",
        ("Display", "tuple", ("a", "b")),
        (
            ("Case", ("Pattern", (), False, ("Literal", "int", "1")), None, (("Evaluate", "c"),)),
            ("Case", ("Pattern", (), False, ("Attribute", "D", "e")), None, ()),
            ("Case", ("Pattern", (), False, ("Literal", "none", "None")), None, ()),
            ("Case", ("Pattern", ("x",), True, None), "y", ()),
        ),
    ),
    "match a:\n case {'k': b, **c} | D(e, g=h): pass\n case (i, [*j], *_) as k: pass\n case 1 | _: pass": (
        "Match",
        "a",
        (
            ("Case", ("Pattern", ("b", "c", "e", "h"), False, None), None, ()),
            ("Case", ("Pattern", ("i", "j", "k"), False, None), None, ()),
            ("Case", ("Pattern", (), True, None), None, ()),
        ),
    ),
    "@d(e)\nclass A(B, *g, c=D):\n '''doc'''\n h = 1": (
        "Class",
        "A",
        (("Argument", "B", None, ""), ("Argument", "g", None, "*"), ("Argument", "D", "c", "")),
        (("Call", "d", (("Argument", "e", None, ""),)),),
        (("Assign", ("h",), ("Literal", "int", "1"), None),),
    ),
    "@d\nasync def f(a: B = c, *, e) -> 'G': return await a": (
        "Define",
        (
            "Function",
            "f",
            (("Parameter", "a", "plain", "c", "B"), ("Parameter", "e", "keyword", None, None)),
            ("Literal", "str", "G"),
            ("d",),
            (("Return", ("Await", "a")),),
            ("a", "e"),
            (),
            (),
            True,
            False,
            False,
        ),
    ),
}


@pytest.mark.parametrize(("code", "facts"), STATEMENTS.items())
def test_statements(code, facts):
    assert (() if facts is None else (facts,)) == plain(samples.body(code))


def test_a_lambda_is_a_function_that_returns():
    read = samples.value("lambda a, *b, c=d: (yield e)").function
    assert (read.name, read.is_lambda, read.is_generator, read.bound) == (
        "<lambda>",
        True,
        True,
        ("a", "b", "c"),
    )
    assert plain(read.body) == (("Return", ("Yield", "e")),)


def test_units_that_are_not_wanted_are_not_parsed():
    text = "a = 1\n\nb = 2\ndef c(): b\n"
    reading = read_module(text, lambda unit: "b" in unit)
    assert [unit.base for unit in reading.facts.units] == [7, 13]
    assert (reading.units_read, reading.characters_read) == (2, len(text) - 7)


def test_facts_survive_json():
    for path in samples.STDLIB[3:6]:
        facts = read_module(path.read_text("utf-8")).facts
        assert facts == msgspec.json.decode(msgspec.json.encode(facts), type=f.ModuleFacts)


@pytest.mark.parametrize("text", ["", "\n", "# c", "\x0c", "   \n\t# c\n", "'''doc'''"])
def test_texts_without_code(text):
    assert samples.body(text) == ()


NEWER = (
    "import a\n\n\ntry:\n    a.b\nexcept A, B:\n    c\nx = t'{d}'\n@(\n  e\n)\ndef f[T](): g\ntype H = i\n"
)


def test_syntax_newer_than_the_host_is_read_by_libcst():
    """``except A, B:`` and t-strings are of Python 3.14: the units are the same as they would be there."""
    reading = read_module(NEWER)
    starts = [NEWER[unit.base :].split("\n", maxsplit=1)[0] for unit in reading.facts.units]
    assert starts == ["import a", "try:", "x = t'{d}'", "@(", "type H = i"]
    names = {fact.id for fact in samples.every(samples.body(NEWER)) if isinstance(fact, f.Name)}
    assert names == set("acdegxAB")
    assert all(
        samples.shown(NEWER, fact) == fact.id
        for fact in samples.every(samples.body(NEWER))
        if isinstance(fact, f.Name)
    )


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("x = 1\ny = = 2\n", Span(10, 11)),
        ("é = '𐐀'; y = = 2\n", Span(13, 14)),
        ("def f(:\n  pass\n", Span(6, 7)),
        ("if a:\nb\n", Span(6, 7)),
        ("print 'a'\n", Span(0, 9)),
    ],
)
def test_syntax_errors_have_a_message_and_a_place(text, place):
    with pytest.raises(Unreadable) as caught:
        read_module(text)
    assert caught.value.message.startswith("syntax error: ")
    assert (place.start, text) == (caught.value.span.start, caught.value.text)


@pytest.mark.parametrize(
    "text", ["x = '", "(", ")", "'''", "\\", "a\\", "x = 1 +", "\tif", "  a\n b\n", "f'{'", "\ud800"]
)
def test_broken_texts_are_unreadable_within_the_text(text):
    with pytest.raises(Unreadable) as caught:
        read_module(text)
    span = caught.value.span
    assert 0 <= span.start <= span.end <= len(text)


def test_what_only_libcst_refuses_does_not_hide_the_rest():
    """Libcst knows no starred base after a keyword; Python does."""
    text = "a\nclass A(b=c, *d):\n    pass\ne\n"
    facts = read_module(text).facts
    assert [limit.message for limit in facts.limits] == ["libcst refuses this statement: statement not read"]
    assert [unit.base for unit in facts.units] == [0, text.index("e\n")]


def test_warnings_of_the_code_are_not_ours():
    """Warnings are errors in this test run."""
    assert len(samples.body("x = '\\d'\ny = 1 is 1\n")) == 2
