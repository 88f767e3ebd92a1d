"""What happens around every request."""

from __future__ import annotations

from orders import audit
from orders.context import enter_tenant, leave_tenant, request_id
from orders.web import Handle, Request, Response


async def with_request_id(request: Request, handle: Handle) -> Response:
    """Name the request in everything that is logged for it."""
    token = request_id.set(request.id)
    try:
        return await handle(request)
    finally:
        request_id.reset(token)


async def with_tenant(request: Request, handle: Handle) -> Response:
    """Work for the tenant that the request names, if it names one."""
    token = None
    if request.tenant is not None:
        token = enter_tenant(request.tenant)
    response = await handle(request)
    if token is not None:
        leave_tenant(token)
    return response


async def with_audit(request: Request, handle: Handle) -> Response:
    """Keep what is recorded during a request apart, for tenants that pay for it."""
    if request.tenant is None:
        return await handle(request)
    with audit.recording():
        return await handle(request)
