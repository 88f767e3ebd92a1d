"""The pytest fixtures around a test: those that it asks for by name, and those that are there for every test.

A fixture and a test that is no coroutine run in one Context (run with pytest 8), so a fixture that puts a variable back
behind its ``yield`` undoes what the test leaves set; but only one of the scope *function*, which ends with each test.
"""

from __future__ import annotations

import collections
from collections.abc import Iterator

from ctxlint.analysis.frame_kinds import is_fixture, is_test_file
from ctxlint.analysis.program import Program
from ctxlint.analysis.scopes import Scope
from ctxlint.model import facts as f
from ctxlint.model.spans import Span
from ctxlint.model.walk import walk


def around(program: Program, test: Scope) -> Iterator[Scope]:
    """The fixtures of a test's class, of its file and of each ``conftest.py`` above that run around it, of each
    name the innermost.
    """
    if not is_test_file(program, test.path) or not test.function.name.startswith("test"):
        return
    asked = {parameter.name for parameter in test.function.parameters}
    found: set[str] = set()
    for home in _homes(program, test):
        for fixture in program.once(_by_home).get(home, ()):
            name = _said(fixture.function, "name") or fixture.function.name
            if name not in found and (name in asked or _is_for_all(fixture.function)):
                found.add(name)
                if _is_for_each(fixture.function):
                    yield fixture


def last_yield(fixture: Scope) -> Span | None:
    """The last ``yield`` of a fixture: what stands behind it runs when the test has ended."""
    spans = [
        node.span
        for statement in fixture.body
        for node in walk(statement, into_scopes=False)
        if isinstance(node, f.Yield)
    ]
    return max(spans, default=None)


def comes_again(program: Program, fixture: Scope) -> bool:
    """Does a fixture of a plugin or a ``conftest.py`` run around every test, so that the next one sets anew?"""
    everywhere = not is_test_file(program, fixture.path) or fixture.path.endswith("/conftest.py")
    return everywhere and _is_for_all(fixture.function) and _is_for_each(fixture.function)


def _homes(program: Program, test: Scope) -> Iterator[Scope]:
    if test.owner is not None:
        yield test.owner
    yield test.module
    folder = test.path
    while "/" in folder:
        folder = folder.rpartition("/")[0]
        shared = program.modules.get(f"{folder}/conftest.py")
        if shared is not None:
            yield shared


def _by_home(program: Program) -> dict[Scope, list[Scope]]:
    """The fixtures of the program by the class or file that they stand in."""
    found: dict[Scope, list[Scope]] = collections.defaultdict(list)
    for scope in program.functions():
        if scope.kind == "function" and scope.parent is not None and is_fixture(program, scope):
            found[scope.parent].append(scope)
    return dict(found)


def _is_for_all(fixture: f.Function) -> bool:
    return _said(fixture, "autouse") == "True"


def _is_for_each(fixture: f.Function) -> bool:
    return _said(fixture, "scope") in (None, "function")


def _said(fixture: f.Function, keyword: str) -> str | None:
    """What a decorator says under a keyword, as it is written; "" where that is no literal."""
    for decorator in fixture.decorators:
        for argument in decorator.args if isinstance(decorator, f.Call) else ():
            if argument.keyword == keyword:
                return argument.value.text if isinstance(argument.value, f.Literal) else ""
    return None
