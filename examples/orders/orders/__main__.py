"""``python -m orders``: two connections and two jobs, and what the service answered."""

from __future__ import annotations

import asyncio

from orders import jobs, middleware, orders
from orders.context import tenant
from orders.web import Request, build, serve_connection

app = build(orders.page, middleware.with_request_id, middleware.with_tenant, middleware.with_audit)


async def main() -> None:
    """Serve, then work."""
    connections = {
        "first": [
            Request("r1", "/orders", "acme"),
            Request("r2", "/refund/9", "acme"),
            Request("r3", "/orders"),
        ],
        "second": [
            Request("r4", "/refund/7", "globex"),
            Request("r5", "/whoami"),
            Request("r6", "/tidy"),
        ],
    }
    for name, requests in connections.items():
        responses = await asyncio.create_task(serve_connection(app, requests))
        for request, response in zip(requests, responses, strict=True):
            asker = request.tenant or "nobody"
            print(f"{name}: {asker} asks {request.path}: {response.status} {response.body}")
    for line in await asyncio.create_task(_work()):
        print(f"worker: {line}")


async def _work() -> list[str]:
    """Run what is due, then tell for whom the idle worker stands ready."""
    due = [jobs.Job("acme", _owner, cancelled=True), jobs.Job("globex", _owner)]
    reports = await jobs.run_all(due)
    nightly = await jobs.start("nightly", _owner)
    return [*reports, nightly, f"idle, for {tenant.get()}"]


async def _owner() -> str:
    return f"done for {tenant.get()}"


if __name__ == "__main__":
    asyncio.run(main())
