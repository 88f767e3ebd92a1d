"""What CPython did with a program of ``cure_programs``, beside what ctxlint says of it.

A program is *fine* when every worker read ``acme``. Else the Context was entered twice (*clash*), could not be pickled
(*pickled*), or a worker read the default (*lost*). Processes are stood for by what counts of them: what is sent is
pickled, and runs in an empty Context, as in a process that was spawned.
"""

from __future__ import annotations

import concurrent.futures
import contextvars
import pickle
import sys
import threading
import types
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

from cure_programs import Made

from ctxlint import engine
from ctxlint.model.lines import LineIndex
from ctxlint.model.sources import SourceFile

if TYPE_CHECKING:
    from typing_extensions import Self

CODES = frozenset({"CTX301", "CTX302", "CTX303", "CTX304", "CTX305", "CTX306"})
Verdict = Literal["fine", "lost", "clash", "pickled"]
#: Which codes tell what. A wrong cure that is also a drop is told once, by what is wrong with it.
TOLD: dict[Verdict, frozenset[str]] = {
    "fine": frozenset(),
    "lost": frozenset({"CTX301", "CTX302", "CTX303", "CTX305", "CTX306"}),
    "clash": frozenset({"CTX304"}),
    "pickled": frozenset({"CTX303"}),
}
_COMPANY, _LONG = 0.08, 2.0  # seconds


class Processes:
    """A pool whose worker is another process: what it gets was pickled, and nothing is set there."""

    def __init__(self, _workers: int) -> None:
        """Nothing is started."""

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing has to be ended."""

    def submit(self, function: Callable[..., object], *args: object) -> concurrent.futures.Future[object]:
        """What ``ProcessPoolExecutor.submit`` gives."""
        future: concurrent.futures.Future[object] = concurrent.futures.Future()
        try:
            called, given = pickle.loads(pickle.dumps((function, args)))  # noqa: S301 - our own bytes
            future.set_result(contextvars.Context().run(called, *given))
        except (TypeError, AttributeError, pickle.PicklingError) as error:
            future.set_exception(error)
        return future

    def map(self, function: Callable[..., object], items: Iterable[object]) -> Iterator[object]:
        """What ``ProcessPoolExecutor.map`` gives."""
        return iter([self.submit(function, item).result() for item in items])


class Observed:
    """What the workers of one program read and met."""

    def __init__(self, company: float = _COMPANY) -> None:
        """Nothing yet. ``company``: for how many seconds a worker waits for another."""
        self._company = company
        self.values: list[str] = []
        self.errors: list[str] = []
        self._waiting = threading.Condition()
        self._here = 0

    def meet(self) -> None:
        """Wait until another worker is here, or none comes."""
        with self._waiting:
            self._here += 1
            self._waiting.notify_all()
            self._waiting.wait_for(lambda: self._here > 1, self._company)

    @property
    def verdict(self) -> Verdict | None:
        """What went wrong; None where that has nothing to do with Contexts (a lambda cannot be pickled either)."""
        if any("cannot enter context" in each for each in self.errors):
            return "clash"
        if any("Context" in each and "pickle" in each for each in self.errors):
            return "pickled"
        if self.errors:
            return None
        return "lost" if "public" in self.values else "fine"


def observed(made: Made, company: float = _COMPANY) -> Observed:
    """Run the program."""
    found = Observed(company)
    with _imported(made, found) as module:
        try:
            contextvars.Context().run(module.main)
        except (RuntimeError, TypeError, AttributeError, pickle.PicklingError) as error:
            found.errors.append(str(error))
        module.pool.shutdown()
    return found


def said(made: Made) -> list[str]:
    """The codes at the lines of the hop; with a star those that stand elsewhere."""
    path = f"/generated/{made.name}.py"
    report = engine.check([SourceFile(path, path, ("/generated",))], lambda _: made.text.encode(), CODES)
    assert report.failures == (), report.failures
    lines = made.text.split("\n")
    index = LineIndex(made.text)
    found: list[str] = []
    for diagnostic in report.diagnostics:
        line = lines[index.position(diagnostic.location.span.start)[0] - 1]
        found.append(diagnostic.code if line.endswith("# hop") else f"{diagnostic.code}*")
    return found


def disagreement(made: Made) -> str | None:
    """How ctxlint and CPython differ about a program; None where they agree."""
    seen, codes = observed(made), said(made)
    if (
        seen.verdict == "fine" and "CTX304" in codes
    ):  # on a busy machine the other may come late: wait for it longer
        seen = observed(made, _LONG)
    verdict = seen.verdict
    if verdict is None:
        return None
    told = TOLD[verdict]
    if bool(codes) == bool(told) and told.issuperset(codes):
        return None
    return f"CPython: {verdict} ({seen.values}, {seen.errors}); ctxlint: {codes}\n{made}"


@contextmanager
def _imported(made: Made, seen: Observed) -> Iterator[Any]:
    probe = types.ModuleType("oracle_probe")
    probe.__dict__.update(meet=seen.meet, seen=seen.values.append)
    module = types.ModuleType(made.name)
    names = ("oracle_probe", made.name)
    before = [sys.modules.get(name) for name in names]
    hook, processes = threading.excepthook, concurrent.futures.ProcessPoolExecutor
    sys.modules.update({"oracle_probe": probe, made.name: module})
    threading.excepthook = lambda args: seen.errors.append(str(args.exc_value))
    vars(concurrent.futures)["ProcessPoolExecutor"] = Processes
    try:
        exec(compile(made.text, made.name, "exec"), module.__dict__)  # noqa: S102 - what this module is for
        yield module
    finally:
        threading.excepthook = hook
        vars(concurrent.futures)["ProcessPoolExecutor"] = processes
        for name, old in zip(names, before, strict=True):
            if old is None:
                sys.modules.pop(name, None)
            else:
                sys.modules[name] = old
