"""From a dotted name of the table to the object of this Python."""

from __future__ import annotations

import contextvars
import importlib
import multiprocessing

INSTANCES = {
    "multiprocessing.context.BaseContext()": multiprocessing.get_context,
    "multiprocessing.get_context()": multiprocessing.get_context,
    "contextvars.Context()": contextvars.Context,
}
"""What has attributes that its class has not."""


def found(name: str) -> object | None:
    """The object, a method through its class; None if this Python has none of that name."""
    for instance, make in INSTANCES.items():
        if name.startswith(f"{instance}."):
            return getattr(make(), name.removeprefix(f"{instance}."), None)
    parts = name.replace("()", "").split(".")
    for cut in range(len(parts), 0, -1):
        try:
            value: object = importlib.import_module(".".join(parts[:cut]))
        except ImportError:
            continue
        for part in parts[cut:]:
            value = getattr(value, part, None)
        return value
    return None


def concrete(name: str) -> object | None:
    """The object; of what is abstract, what is made of it."""
    mixed = name.replace("socketserver.ThreadingMixIn", "socketserver.ThreadingTCPServer")
    return found(mixed.replace("asyncio.AbstractEventLoop()", "asyncio.SelectorEventLoop()"))
