"""On whose behalf the service acts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

from orders.context import current_user


@contextmanager
def acting_as(name: str) -> Iterator[None]:
    """Act as somebody else for the length of a ``with`` block."""
    current_user.set(name)
    yield


class SystemUser:
    """Act as the service itself for the length of a ``with`` block."""

    def __enter__(self) -> None:
        self._before = current_user.get()
        current_user.set("system")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        current_user.set(self._before)
