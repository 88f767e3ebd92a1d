"""The example application: exactly the findings it is there for, and each of them is a bug that shows when it runs."""

from __future__ import annotations

import asyncio
import importlib
import subprocess
import sys
from contextvars import Context
from pathlib import Path
from types import SimpleNamespace

import marks
import pytest

EXAMPLE = Path(__file__).parent.parent / "examples" / "orders"
MODULES = ("__main__", "audit", "context", "jobs", "middleware", "orders", "users", "web")

FINDINGS = [
    ("orders/audit.py", 'trail: ContextVar[list[str]] = ContextVar("trail", default=[])', "CTX202", "[]"),
    ("orders/jobs.py", "    token = tenant.set(job.tenant)", "CTX103", "tenant.set"),
    ("orders/middleware.py", "        token = enter_tenant(request.tenant)", "CTX104", "enter_tenant"),
    ("orders/users.py", "    current_user.set(name)", "CTX101", "current_user.set"),
]
"""File, line, code, and what the finding's column points at."""


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch):
    """Import the application anew; its modules are forgotten afterwards."""
    for name in ("orders", *(f"orders.{module}" for module in MODULES)):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.syspath_prepend(str(EXAMPLE))
    return SimpleNamespace(**{name: importlib.import_module(f"orders.{name}") for name in MODULES})


def serve(app, *requests: tuple[str, str, str | None]) -> list[object]:
    """Send requests over one connection, which is one task; the bodies of the answers."""
    sent = [app.web.Request(*request) for request in requests]
    return [response.body for response in asyncio.run(app.web.serve_connection(app.__main__.app, sent))]


# --- what ctxlint says --------------------------------------------------------------------------------------


def test_the_example_has_exactly_its_four_findings() -> None:
    """Of four kinds, one of them across modules; all the other uses of context variables are right."""
    found = [
        (filename, lines[row - 1], code, lines[row - 1][column - 1 :].startswith(what))
        for (filename, row, code, column), (_, _, _, what) in zip(
            marks.reported(EXAMPLE), FINDINGS, strict=True
        )
        for lines in [(EXAMPLE / filename).read_text("utf-8").split("\n")]
    ]
    assert found == [(filename, line, code, True) for filename, line, code, _ in FINDINGS]


def test_the_example_runs_as_a_program() -> None:
    """It ends well: nothing in it fails loudly, which is what such bugs are like."""
    ran = subprocess.run(
        [sys.executable, "-m", "orders"], cwd=EXAMPLE, capture_output=True, text=True, check=True, timeout=60
    )
    assert ran.stdout.splitlines()[-1] == "worker: idle, for acme"


# --- what CPython says --------------------------------------------------------------------------------------


def test_ctx104_a_failed_request_leaves_its_tenant_to_the_next_one(app) -> None:
    """Who names no tenant is turned away, unless somebody's request failed before."""
    nobody = ("r2", "/orders", None)
    assert serve(app, ("r1", "/orders", "acme"), nobody)[1] == "no tenant"
    assert serve(app, ("r1", "/refund/none", "acme"), nobody)[1] == ["anvil", "rocket skates"]


def test_ctx101_whoever_acted_as_billing_stays_billing(app) -> None:
    """The block ends, the user stays."""
    assert serve(app, ("r1", "/whoami", None)) == ["anonymous"]
    assert serve(app, ("r1", "/refund/7", "globex"), ("r2", "/whoami", None))[1] == "billing"


def test_ctx103_after_a_cancelled_job_the_worker_works_for_its_tenant(app) -> None:
    """A job that ran leaves no tenant behind, one that was cancelled does."""

    async def worker(*, cancelled: bool) -> str | None:
        await app.jobs.run(app.jobs.Job("acme", lambda: asyncio.sleep(0, "done"), cancelled=cancelled))
        return app.context.tenant.get()

    assert asyncio.run(worker(cancelled=False)) is None
    assert asyncio.run(worker(cancelled=True)) == "acme"


def test_ctx202_contexts_that_share_nothing_share_the_default_list(app) -> None:
    """What one Context records, another reads, though neither copied the other."""
    Context().run(app.audit.record, "paid")
    assert Context().run(app.audit.trail.get) == ["- anonymous: paid"]


def test_what_is_silent_is_right(app) -> None:
    """The uses of context variables that ctxlint accepts leave nothing behind, failing or not."""

    def after_a_failure(manager) -> tuple[str, bool]:
        with pytest.raises(ZeroDivisionError), manager:
            raise ZeroDivisionError
        return app.context.current_user.get(), app.audit.trail.get() is default

    async def failing(_request) -> None:
        raise ZeroDivisionError

    async def request_id_after_a_failure() -> str:
        with pytest.raises(ZeroDivisionError):
            await app.middleware.with_request_id(app.web.Request("r1", "/"), failing)
        return app.context.request_id.get()

    async def request_id_after_a_named_task() -> tuple[str, str]:
        async def who() -> str:
            return app.context.request_id.get()

        return await app.jobs.start("nightly", who), app.context.request_id.get()

    default = Context().run(app.audit.trail.get)
    assert Context().run(after_a_failure, app.users.SystemUser()) == ("anonymous", True)
    assert Context().run(after_a_failure, app.audit.recording()) == ("anonymous", True)
    assert asyncio.run(request_id_after_a_failure()) == "-"
    assert asyncio.run(request_id_after_a_named_task()) == ("-/nightly", "-")
