"""What was done, for whoever asks later."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from orders.context import current_user, request_id

trail: ContextVar[list[str]] = ContextVar("trail", default=[])


def record(event: str) -> None:
    """Add an event to the trail of this request."""
    trail.get().append(f"{request_id.get()} {current_user.get()}: {event}")


@contextmanager
def recording() -> Iterator[list[str]]:
    """A trail of its own for what runs inside."""
    events: list[str] = []
    token = trail.set(events)
    try:
        yield events
    finally:
        trail.reset(token)
