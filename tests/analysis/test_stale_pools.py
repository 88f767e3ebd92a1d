"""Pools whose threads inherit the Context of whoever submitted when they were started."""

import pytest
from programs import files

from ctxlint import engine
from ctxlint.model.policy import Policy

TEXT = """from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar, copy_context

tenant: ContextVar[str] = ContextVar("tenant", default="public")
pool = ThreadPoolExecutor()


def read():
    return tenant.get()


def handle(name):
    token = tenant.set(name)
    try:
        pool.submit({job})
    finally:
        tenant.reset(token)
"""


@pytest.mark.parametrize(
    ("policy", "job", "codes"),
    [
        (Policy(), "read", ["CTX302"]),
        (Policy(inherits=True), "read", ["CTX302"]),
        (Policy(inherits=True, target=(3, 14)), "read", ["CTX311"]),
        (Policy(inherits=True, target=(3, 14)), "copy_context().run, read", []),
        (Policy(inherits=True, target=(3, 14)), "print", []),
    ],
)
def test_a_thread_that_inherits_has_the_context_of_who_started_it(policy, job, codes):
    text = TEXT.format(job=job)

    report = engine.check(
        files({"m.py": text}), lambda _: text.encode(), frozenset({"CTX302", "CTX311"}), policy=policy
    )

    assert report.failures == ()
    assert [each.code for each in report.diagnostics] == codes
