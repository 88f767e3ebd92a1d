"""What CTX102, CTX103 and CTX104 say of tokens kept on objects and in dicts, and of `old_value`, executed."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from contextvars import ContextVar, Token, copy_context

import pytest

tenant: ContextVar[str] = ContextVar("tenant", default="nobody")


class _ForGood:
    def open(self) -> None:
        self._opened = tenant.set("acme")

    def close(self) -> None:
        """Forget the token."""


class _ForAWhile(_ForGood):
    def close(self) -> None:
        tenant.reset(self._opened)


@pytest.mark.parametrize(("kept", "left"), [(_ForGood, "acme"), (_ForAWhile, "nobody")])
def test_a_token_that_nobody_reads_undoes_nothing(kept: type[_ForGood], left: str) -> None:
    def run() -> str:
        opened = kept()
        opened.open()
        opened.close()
        return tenant.get()

    assert copy_context().run(run) == left


@pytest.mark.parametrize(("key", "left"), [("tenant", "nobody"), ("actor", "acme")])
def test_only_the_key_of_the_token_tells_that_there_is_one(key: str, left: str) -> None:
    def run() -> str:
        tokens = {}
        tokens["tenant"] = tenant.set("acme")
        if key in tokens:
            tenant.reset(tokens["tenant"])
        return tenant.get()

    assert copy_context().run(run) == left


@pytest.mark.parametrize(("in_finally", "left"), [(True, "outer"), (False, "acme")])
def test_the_old_value_set_again_restores_where_it_is_reached(*, in_finally: bool, left: str) -> None:
    def fail() -> None:
        raise OSError

    def export() -> None:
        token = tenant.set("acme")
        if in_finally:
            try:
                fail()
            finally:
                tenant.set(token.old_value)
        else:
            fail()
            tenant.set(token.old_value)

    def run() -> str:
        tenant.set("outer")
        with pytest.raises(OSError):  # noqa: PT011 - what is raised has no message
            export()
        return tenant.get()

    assert copy_context().run(run) == left


class _Pause:
    def __await__(self) -> Generator[None, None, None]:
        yield


def test_what_comes_out_of_the_await_comes_before_the_token() -> None:
    async def enter() -> Token[str]:
        await _Pause()
        return tenant.set("acme")

    async def export() -> None:
        token = await enter()
        tenant.reset(token)

    def run() -> str:
        exporting = export()
        exporting.send(None)
        with pytest.raises(asyncio.CancelledError):
            exporting.throw(asyncio.CancelledError())
        return tenant.get()

    assert copy_context().run(run) == "nobody"
