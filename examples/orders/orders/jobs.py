"""Work that no request waits for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from orders.context import request_id, tenant


@dataclass(frozen=True)
class Job:
    tenant: str
    work: Callable[[], Awaitable[str]]
    cancelled: bool = False


async def run_all(jobs: Iterable[Job]) -> list[str]:
    """Run jobs one after another, in one worker."""
    return [await run(job) for job in jobs]


async def run(job: Job) -> str:
    """Run one job for its tenant."""
    token = tenant.set(job.tenant)
    if job.cancelled:
        return "cancelled"
    try:
        return await job.work()
    finally:
        tenant.reset(token)


def start(name: str, work: Callable[[], Awaitable[str]]) -> asyncio.Task[str]:
    """Run something beside the request, under a name of its own."""
    return asyncio.create_task(_named(name, work))


async def _named(name: str, work: Callable[[], Awaitable[str]]) -> str:
    request_id.set(f"{request_id.get()}/{name}")  # the task has a Context of its own, which ends with it
    return await work()
