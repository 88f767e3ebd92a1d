"""What a finding is known by when the code around it moves."""

from __future__ import annotations

import pytest

from ctxlint.model.diagnostics import Diagnostic, Report, Statistics
from ctxlint.model.spans import Location, Span
from ctxlint.reporting.fingerprint import assigned_at, fingerprints, scope_at

MODULE = """\
class Middleware:
    async def __call__(self, request):
        token = request_id.set(
            request.id,
        )
        await self.app(request)
        request_id.reset(token)


def other(request):
    request_id.set("a"); request_id.set("a")


request_id.set(None)
"""
SET = "request_id.set(\n            request.id,\n        )"


def found(text: str, marked: str, code: str = "CTX104", filename: str = "a.py") -> Diagnostic:
    start = text.index(marked)
    place = Location(filename, Span(start, start + len(marked)))
    return Diagnostic(code, "name", "message", place, "error", "high")


def prints(text: str, *diagnostics: Diagnostic) -> tuple[str, ...]:
    return fingerprints(Report(diagnostics, 0, (), Statistics(), {"a.py": text, "b.py": text}))


def test_rule_scope_and_text_make_it() -> None:
    [first] = prints(MODULE, found(MODULE, SET))

    assert len(first) == 32
    assert [first] != [*prints(MODULE, found(MODULE, SET, code="CTX103"))]
    assert [first] != [
        *prints(MODULE.replace("__call__", "call"), found(MODULE.replace("__call__", "call"), SET))
    ]
    assert [first] != [*prints(MODULE, found(MODULE, 'request_id.set("a")'))]


@pytest.mark.parametrize(
    "moved",
    [
        "# a line more\n\n" + MODULE,
        MODULE.replace("\n", "\r\n"),
        "if True:\n"
        + MODULE.replace("class", "    class")
        .replace("\n    async", "\n        async")
        .replace("\n        token", "\n            token"),
        MODULE[MODULE.index("def other") :] + MODULE[: MODULE.index("def other")],
        MODULE.replace("    ", "\t"),
    ],
    ids=["down", "line ends", "indented", "within the file", "tabs"],
)
def test_it_survives_moving(moved: str) -> None:
    start = moved.index("request_id.set", moved.index("token ="))
    marked = moved[start : moved.index(")", start) + 1]
    before = prints(MODULE, found(MODULE, SET))

    assert before == prints(moved, found(moved, marked))
    assert before == prints(moved, found(moved, marked, filename="b.py"))


def test_the_same_text_assigned_to_another_name_is_another() -> None:
    """``default=[]`` is told at the list."""
    text = "a = ContextVar('a', default=[])\nb = ContextVar('b', default=[])\n"
    places = [Location("a.py", Span(at, at + 2)) for at in (text.index("[]"), text.rindex("[]"))]
    first, second = (Diagnostic("CTX201", "n", "m", place, "warning", "high") for place in places)

    assert prints(text, second) == prints(text, first, second)[1:]
    assert prints(text, first) != prints(text, second)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("v = f([])", "v"),
        ("    self.v: ContextVar[list[int]] = f([])  # why", "self.v"),
        ("v = ContextVar(\n    'v',\n\n    default=[],\n)\n", "v"),
        ("v = w = f([])", "v"),
        ("v = ContextVar('v',\n               default=[])\n", "v"),
        ("def g():\n    v = f(\n        default=[])\n", "v"),
        ("f(\n    default=[])\n", ""),
        ("f([])", ""),
        ("if x == []:\n    pass", ""),
        ("x = 1\nif x:\n    f([])", ""),
        ("x = 1\ndef g():\n    return f(\n        [])", ""),
        ("a, b = f([])", ""),
        ("f(default=[])", ""),
    ],
)
def test_what_is_assigned(text: str, name: str) -> None:
    assert name == assigned_at(text, text.rindex("[]"))


def test_what_is_alike_is_numbered() -> None:
    twice = found(MODULE, 'request_id.set("a")')
    pair = prints(MODULE, twice, twice)

    assert len(set(pair)) == 2
    assert pair[:1] == prints(MODULE, twice)


def test_without_a_text_the_message_counts() -> None:
    lost = Diagnostic("CTX901", "n", "first", Location("gone.py", Span(0, 0)), "error", "high")
    other = Diagnostic("CTX901", "n", "second", Location("gone.py", Span(0, 0)), "error", "high")

    assert len(set(prints("", lost, other))) == 2


@pytest.mark.parametrize(
    ("marked", "scope"),
    [
        ("token = ", "Middleware.__call__"),
        ("request.id", "Middleware.__call__"),
        ("async def", "Middleware"),
        ("__call__", "Middleware.__call__"),
        ("Middleware", "Middleware"),
        ('request_id.set("a")', "other"),
        ("request_id.set(None)", ""),
    ],
)
def test_scopes(marked: str, scope: str) -> None:
    assert scope == scope_at(MODULE, MODULE.index(marked))


def test_a_decorated_method_after_a_nested_function() -> None:
    text = (
        "class A:\n    def f(self):\n        def g():\n            pass\n\n        x = 1\n    y = 2\nz = 3\n"
    )

    assert [scope_at(text, text.index(name)) for name in ("pass", "x =", "y =", "z =")] == [
        "A.f.g",
        "A.f",
        "A",
        "",
    ]
