"""Requests, responses, and a connection that serves its requests one after another, as keep-alive does.

An asyncio server runs one task for each connection. All requests of a connection share that task's Context.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Request:
    id: str
    path: str
    tenant: str | None = None


@dataclass(frozen=True)
class Response:
    status: int
    body: object


Handle = Callable[[Request], Awaitable[Response]]
Middleware = Callable[[Request, Handle], Awaitable[Response]]


class NotFound(Exception):
    """There is no such page, or not for this tenant."""


def build(handle: Handle, *layers: Middleware) -> Handle:
    """Put the layers around ``handle``, the first outermost."""
    for layer in reversed(layers):
        handle = _around(layer, handle)
    return handle


def _around(layer: Middleware, inner: Handle) -> Handle:
    async def handle(request: Request) -> Response:
        return await layer(request, inner)

    return handle


async def serve_connection(handle: Handle, requests: Iterable[Request]) -> list[Response]:
    """Answer every request of one connection; an error answers 404 or 500 and the connection lives on."""
    responses: list[Response] = []
    for request in requests:
        try:
            responses.append(await handle(request))
        except NotFound as error:
            responses.append(Response(404, str(error)))
        except Exception as error:
            responses.append(Response(500, repr(error)))
    return responses
