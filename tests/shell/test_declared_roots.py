"""``task-roots`` and ``entry-points``: what a function sets ends with the Context that it is said to have."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ctxlint.shell.layers import Request
from ctxlint.shell.nearest import WrongUsage
from ctxlint.shell.session import plan, run

if TYPE_CHECKING:
    from pathlib import Path

JOBS = """\
from contextvars import ContextVar

tenant = ContextVar("tenant", default="")


def current():
    return tenant.get()


def work():
    print(tenant.get())


def import_orders(name):
    tenant.set(name)
    work()


class Job:
    def perform(self, name):
        tenant.set(name)
        work()
"""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "app").mkdir()
    (tmp_path / "app/__init__.py").touch()
    (tmp_path / "app/jobs.py").write_text(JOBS)
    return tmp_path


def rows(here: Path, configured: str) -> list[int]:
    """The rows of the sets that are reported."""
    (here / "ctxlint.toml").write_text(configured + "\n")
    report = run(plan(Request((".",), no_cache=True))).report
    assert report.failures == ()
    assert {entry.code for entry in report.diagnostics} <= {"CTX121"}
    return [JOBS[: entry.location.span.start].count("\n") + 1 for entry in report.diagnostics]


@pytest.mark.parametrize(
    ("configured", "left"),
    [
        ("", [15, 21]),
        ("task-roots = ['app.jobs.import_orders']", [21]),
        ("entry-points = ['app.jobs.Job.perform']", [15]),
        ("task-roots = ['app.jobs.*']", []),
        ("entry-points = ['*.import_*', '*.perform']", []),
        ("entry-points = ['app.jobs.import_order?']", [21]),
    ],
)
def test_what_is_declared_is_believed(here: Path, configured: str, left: list[int]) -> None:
    assert rows(here, configured) == left


def test_a_name_that_means_nothing_is_told(here: Path) -> None:
    with pytest.raises(WrongUsage) as raised:
        rows(here, "task-roots = ['app.job.import_orders']")
    assert str(raised.value) == (
        "ctxlint.toml:1: task-roots: unknown function 'app.job.import_orders' — did you mean 'jobs'?"
    )
