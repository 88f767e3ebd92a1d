"""What a project declares: the oldest Python, and who owns which variable."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ctxlint.model.policy import Policy
from ctxlint.shell.nearest import WrongUsage
from ctxlint.shell.policy import lower_bound
from ctxlint.shell.session import Request, plan, run

if TYPE_CHECKING:
    from pathlib import Path

SET = "from contextvars import ContextVar\nv = ContextVar('v', default=1)\ndef f(g):\n    with v.set(2):\n        g()\n"


def checked(folder: Path) -> list[str]:
    outcome = run(plan(Request((str(folder),), no_cache=True)))
    assert outcome.report.failures == ()
    return [entry.code for entry in outcome.report.diagnostics]


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [
        (">=3.10", (3, 10)),
        (">= 3.9, <3.13", (3, 9)),
        ("~=3.11", (3, 11)),
        ("==3.12.*", (3, 12)),
        (">3.8", (3, 8)),
        ("<3.14", (3, 13)),
        ("<=3.12", (3, 12)),
        (">=3.14", (3, 14)),
        (">=3", None),
        ("", None),
    ],
)
def test_the_oldest_python_that_specifiers_allow(bounds: str, expected: tuple[int, int] | None) -> None:
    assert lower_bound(bounds) == expected


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("[project]\nrequires-python = '>=3.10'\n", ["CTX120"]),
        ("[project]\nrequires-python = '>=3.14'\n", []),
        ("[project]\nname = 'x'\n", []),
        ("[project]\nrequires-python = '>=3.10'\n[tool.ctxlint]\ntarget-version = 'py314'\n", []),
        ("[project]\nrequires-python = '>=3.14'\n[tool.ctxlint]\ntarget-version = '3.12'\n", ["CTX120"]),
    ],
)
def test_the_target_is_the_configured_one_else_that_of_the_project(
    tmp_path: Path, text: str, codes: list[str]
) -> None:
    (tmp_path / "pyproject.toml").write_text(text)
    (tmp_path / "app.py").write_text(SET)

    assert checked(tmp_path) == codes


def test_owners_are_declared_by_a_table(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.ctxlint.owners]\n'app.v' = ['app']\n")
    (tmp_path / "app.py").write_text("from contextvars import ContextVar\nv = ContextVar('v', default=1)\n")
    (tmp_path / "views.py").write_text("from app import v\ndef f():\n    v.set(2)\n")

    assert checked(tmp_path) == ["CTX118"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "target-version = '2.7'",
            "ctxlint.toml:1: target-version: no version: '2.7' — did you mean '3.7'? write",
        ),
        (
            "target-version = 'py27'",
            "no version: 'py27' — did you mean 'py37'? write it as \"py310\" or \"3.10\"",
        ),
        ("target-version = 'py399'", "no version: 'py399' — did you mean 'py39'?"),
        ("target-version = '3.6'", "from py37 to py315"),
        ("target-version = 'py3.100'", "no version: 'py3.100'"),
        ("target-version = ''", "no version: ''; write it as"),
        (
            "banned-hops = ['']",
            "ctxlint.toml:1: banned-hops: no dotted name: ''; write it as \"threading.Thread\"",
        ),
        ("banned-hops = ['threading.Thread ']", "'threading.Thread ' — did you mean 'threading.Thread'?"),
        ("banned-hops = ['Thread']", "no dotted name: 'Thread'"),
        ("banned-hops = ['app.class']", "no dotted name: 'app.class'"),
        (
            "banned-hops = ['threading.Thred']",
            "unknown callable 'threading.Thred' — did you mean 'threading.Thread'?",
        ),
        ("banned-hops = ['app.ff']", "banned-hops: unknown callable 'app.ff' — did you mean 'f'?"),
        ("owners = ['app.v']", 'write it as "module.variable" = ["module", …]'),
        ("owners = {'app.v' = 'app'}", 'write it as "module.variable" = ["module", …]'),
        ("owners = {'app.v' = ['ap']}", "owners: unknown module 'ap'"),
        ("owners = {'app.vv' = ['app']}", "owners: unknown variable 'app.vv'"),
        ("owners = {'other.v' = ['app']}", "owners: unknown variable 'other.v': no module of the program"),
    ],
)
def test_what_means_nothing_is_told_with_its_key(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "ctxlint.toml").write_text(text + "\n")
    (tmp_path / "app.py").write_text(SET)

    with pytest.raises(WrongUsage) as raised:
        checked(tmp_path)

    assert message in str(raised.value)


@pytest.mark.parametrize(
    "name",
    [
        "threading.Thread", "concurrent.futures.Executor.submit", "asyncio.TaskGroup.create_task", "app.f", "other.g",
        "signal.signal", "celery.Task.delay", "app.v", "os.startfile", "asyncio.coroutine",
    ],
)  # fmt: skip
def test_what_may_be_called_may_be_banned(tmp_path: Path, name: str) -> None:
    (tmp_path / "ctxlint.toml").write_text(f"banned-hops = ['{name}']\nignore = ['CTX120']\n")
    (tmp_path / "app.py").write_text(SET)

    assert checked(tmp_path) == []


def test_nothing_is_declared_without_a_declaration() -> None:
    assert Policy() == Policy((), None)
