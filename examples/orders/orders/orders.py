"""The pages: list orders, refund one, tidy up."""

from __future__ import annotations

from orders import audit
from orders.context import current_user, tenant
from orders.users import SystemUser, acting_as
from orders.web import NotFound, Request, Response

ORDERS = {"acme": {"1": "anvil", "2": "rocket skates"}, "globex": {"7": "submarine"}}


async def page(request: Request) -> Response:
    """Find the page of a request."""
    action, _, number = request.path.strip("/").partition("/")
    if action == "orders":
        return list_orders()
    if action == "refund":
        return refund(number)
    if action == "tidy":
        return tidy()
    if action == "whoami":
        return Response(200, current_user.get())
    raise NotFound(request.path)


def list_orders() -> Response:
    """The orders of the tenant, to nobody else."""
    owner = tenant.get()
    if owner is None:
        return Response(401, "no tenant")
    audit.record(f"list {owner}")
    return Response(200, sorted(ORDERS[owner].values()))


def refund(number: str) -> Response:
    """Give the money back, which only billing may do."""
    owner = tenant.get()
    if owner is None or number not in ORDERS[owner]:
        raise NotFound(f"order {number}")
    with acting_as("billing"):
        audit.record(f"refund {number}")
    return Response(200, f"refunded {ORDERS[owner][number]}")


def tidy() -> Response:
    """Done by the service itself, for no tenant."""
    with SystemUser():
        audit.record("tidy")
    return Response(200, audit.trail.get()[-1])
