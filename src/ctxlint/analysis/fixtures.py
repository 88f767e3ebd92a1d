"""The pytest fixtures around a test: those that it asks for by name, and those that are there for every test.

A fixture and a test that is no coroutine run in one Context (run with pytest 8), so a fixture that puts a variable back
behind its ``yield`` undoes what the test leaves set.
"""

from __future__ import annotations

from collections.abc import Iterator

from ctxlint.analysis.frame_kinds import is_fixture, is_test_file
from ctxlint.analysis.program import Program
from ctxlint.analysis.scopes import Scope
from ctxlint.model import facts as f


def around(program: Program, test: Scope) -> Iterator[Scope]:
    """The fixtures of a test's class, of its file and of each ``conftest.py`` above that run around it."""
    if not is_test_file(program, test.path) or not test.function.name.startswith("test"):
        return
    asked = {parameter.name for parameter in test.function.parameters}
    for home in _homes(program, test):
        for child in home.children:
            if child.kind != "function" or not is_fixture(program, child):
                continue
            if child.function.name in asked or is_for_all(child.function):
                yield child


def comes_again(program: Program, fixture: Scope) -> bool:
    """Does a fixture of a plugin or a ``conftest.py`` run around every test, so that the next one sets anew?"""
    everywhere = not is_test_file(program, fixture.path) or fixture.path.endswith("/conftest.py")
    return everywhere and is_for_all(fixture.function)


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


def is_for_all(fixture: f.Function) -> bool:
    """Does pytest run the fixture around every test that it holds for, whether it is asked for or not?"""
    return any(
        argument.keyword == "autouse"
        and isinstance(argument.value, f.Literal)
        and argument.value.text == "True"
        for decorator in fixture.decorators
        if isinstance(decorator, f.Call)
        for argument in decorator.args
    )
