"""The progress bar: on a terminal's standard error, and only once a run has taken a second.

Before that second nothing is imported or drawn. Whether there is a terminal, and whether the user wants
quiet, is the caller's to decide.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType

    from rich.progress import Progress, TaskID
    from typing_extensions import Self

DELAY = 1.0


class ProgressBar:
    """A context manager whose ``advance`` the engine calls; draws nothing before ``delay`` seconds."""

    def __init__(self, delay: float = DELAY) -> None:
        """Start the clock."""
        self._begin = time.monotonic() + delay
        self._bar: Progress | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Take the bar away, if it was ever drawn."""
        if self._bar is not None:
            self._bar.stop()

    def advance(self, stage: str, done: int, total: int) -> None:
        """Show that ``done`` of ``total`` steps of ``stage`` are done."""
        if self._bar is None:
            if time.monotonic() < self._begin:
                return
            self._bar = _draw()
        if self._task is None:
            self._task = self._bar.add_task(stage)
        self._bar.update(self._task, description=stage, completed=done, total=total or None)


def _draw() -> Progress:
    from rich.console import Console  # noqa: PLC0415 - only a long run on a terminal pays for rich
    from rich.progress import Progress  # noqa: PLC0415

    bar = Progress(console=Console(stderr=True), transient=True)
    bar.start()
    return bar
