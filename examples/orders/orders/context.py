"""What every part of the service may ask: which request this is, for which tenant, on whose behalf."""

from __future__ import annotations

from contextvars import ContextVar, Token

request_id: ContextVar[str] = ContextVar("request_id", default="-")
tenant: ContextVar[str | None] = ContextVar("tenant", default=None)
current_user: ContextVar[str] = ContextVar("current_user", default="anonymous")


def enter_tenant(name: str) -> Token[str | None]:
    """Work for a tenant from here on; ``leave_tenant`` takes the token."""
    return tenant.set(name)


def leave_tenant(token: Token[str | None]) -> None:
    """End what ``enter_tenant`` began."""
    tenant.reset(token)
