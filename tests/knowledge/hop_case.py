"""One worker, and what it saw: the programs of the hops record here.

A program sets ``IN`` in the caller (``case.set()``) and hands ``case.fn`` with ``case.args`` and ``case.kw`` to a hop.
What the worker saw, and whether its own set of ``OUT`` came back, is the verdict. With a cure, the three give what the
cure says in place of the bare worker, so that each program shows its cures, too.
"""

from __future__ import annotations

import contextvars
import functools
from collections.abc import Callable

IN: contextvars.ContextVar[str] = contextvars.ContextVar("IN", default="unset")
OUT: contextvars.ContextVar[str] = contextvars.ContextVar("OUT", default="unset")

VERDICTS = {
    (True, True): "shared",
    (True, False): "isolated-copy",
    (False, False): "drops",
    (False, True): "foreign",
}


class Case:
    """A worker with a memory. ``cure``: one of those that change how the worker is handed over, or empty."""

    def __init__(self, cure: str = "") -> None:
        self.cure = cure
        self.saw: list[str] = []
        self.given: contextvars.Context | None = None
        self.told: str = ""

    def set(self) -> None:
        IN.set("caller")

    def worker(self, *_args: object, **_kwargs: object) -> None:
        self.saw.append(IN.get())
        OUT.set("worker")

    async def aworker(self, *_args: object) -> None:
        self.worker()

    @property
    def fn(self) -> Callable[..., object]:
        if self.cure == "copy-run":
            return contextvars.copy_context().run
        if self.cure == "copy-run-partial":
            return functools.partial(contextvars.copy_context().run, self.worker)
        return self.worker

    @property
    def args(self) -> tuple[object, ...]:
        return (self.worker,) if self.cure == "copy-run" else ()

    @property
    def kw(self) -> dict[str, contextvars.Context]:
        if self.cure != "context-argument":
            return {}
        self.given = contextvars.copy_context()
        return {"context": self.given}

    def report(self, saw: str) -> None:
        """What a worker of another process saw."""
        self.saw.append(saw)

    def verdict(self) -> str:
        """In the caller's Context, after the hop."""
        if self.told:
            return self.told
        assert self.saw, "the worker never ran"
        return VERDICTS[self.saw[0] == "caller", OUT.get() == "worker"]


Program = Callable[[Case], object]
