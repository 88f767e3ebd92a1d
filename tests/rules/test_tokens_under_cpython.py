"""What CTX105, CTX106, CTX113 and CTX104 say of tokens that pass through helpers, attributes and lists, executed."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar, copy_context

import pytest

tenant: ContextVar[str] = ContextVar("tenant", default="nobody")
actor: ContextVar[str] = ContextVar("actor", default="nobody")


def _leave_tenant(token):
    tenant.reset(token)


def test_a_helper_of_another_variable_refuses_the_token_and_nothing_is_undone() -> None:
    def run() -> str:
        token = actor.set("ann")
        with pytest.raises(ValueError, match="different ContextVar"):
            _leave_tenant(token)
        return actor.get()

    assert copy_context().run(run) == "ann"


def test_a_helper_that_does_not_look_raises_for_none() -> None:
    with pytest.raises(TypeError):
        copy_context().run(_leave_tenant, None)


class _Scope:
    def __init__(self, name: str) -> None:
        self.name = name
        self._token = None

    def __enter__(self) -> None:
        if self.name:
            self._token = tenant.set(self.name)

    def __exit__(self, *error: object) -> None:
        tenant.reset(self._token)


def test_an_exit_that_always_resets_fails_where_the_entry_has_not_set() -> None:
    def run(name: str) -> str:
        with _Scope(name):
            pass
        return tenant.get()

    assert copy_context().run(run, "acme") == "nobody"
    with pytest.raises(TypeError):
        copy_context().run(run, "")


class _Kept:
    def __init__(self, *, clears: bool) -> None:
        self._tokens = []
        self._clears = clears

    async def consume(self, message: str) -> None:
        self._tokens.append(tenant.set(message))
        await self.publish()

    async def publish(self) -> None:
        await asyncio.sleep(0)
        for token in self._tokens:
            tenant.reset(token)
        if self._clears:
            self._tokens.clear()


def test_a_list_that_nothing_empties_is_replayed_by_the_next_call() -> None:
    async def run(kept: _Kept) -> str:
        await kept.consume("one")
        await kept.publish()
        return tenant.get()

    assert asyncio.run(run(_Kept(clears=True))) == "nobody"
    with pytest.raises(RuntimeError, match="used once"):
        asyncio.run(run(_Kept(clears=False)))


def test_a_loop_that_certainly_turns_comes_to_its_end() -> None:
    """What stands after such a loop is reached: a set is left there (see the fixture of CTX102)."""

    def run() -> str:
        tenant.set("acme")
        for _ in range(3):
            pass
        return tenant.get()

    assert copy_context().run(run) == "acme"
