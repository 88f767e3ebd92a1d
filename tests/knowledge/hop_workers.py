"""What other processes run; they import it by name."""

import contextvars

from hop_case import IN, OUT


def look(*_args: object) -> str:
    """What is seen there; a set that must not come back."""
    saw = IN.get()
    OUT.set("worker")
    return saw


def send(queue, *_args: object) -> None:
    queue.put(look())


def keep(*_args: object) -> None:
    """An initializer: what it sees stays for the jobs."""
    KEPT.set(look())


def kept(*_args: object) -> str:
    return KEPT.get()


KEPT: contextvars.ContextVar[str] = contextvars.ContextVar("KEPT", default="never ran")
