"""What is said of a hop: the words of ``hops.toml``, and the verdict of a row for a version of Python.

A *hop* is a call that runs a callable elsewhere or later (``submit``); the *worker* is that callable.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, TypeAlias

import msgspec

Version: TypeAlias = tuple[int, int]

Kind: TypeAlias = Literal["thread", "executor", "process", "task", "callback", "finalizer", "here"]
"""Where the worker runs. ``executor``: a pool whose threads outlive a job. ``process``: another process or interpreter.
``here``: in the caller, now or when what the call gives is used.
"""

Verdict: TypeAlias = Literal["shared", "isolated-copy", "carries-back", "drops", "depends", "explicit"]
"""``shared``: the worker runs in the caller's Context. ``isolated-copy``: in a copy. ``carries-back``: in a copy whose
changes come back. ``drops``: without the caller's values. ``depends``: on what no version tells. ``explicit``: in the
Context that the program names.
"""

Copied: TypeAlias = Literal[
    "never", "call", "start", "await", "registration", "iteration", "made", "worker", "given"
]
"""When the copy is taken, where one is taken. ``made``: when the owner of the method was made or entered. ``worker``:
when a pool starts its thread or process. ``iteration``: at the first step. ``given``: no copy, the named Context.
"""

Stands: TypeAlias = Literal["worker", "items", "subclass", "class", "object", "factory", "decorated"]
"""What the argument is. ``items``: an iterable of workers. ``subclass``: no argument, methods of subclasses are the
workers. ``class``, ``object``: methods of its instances, or of it. ``factory``: methods of what it gives.
``decorated``: the callable is a decorator; what stands below it is the worker, and ``methods`` of the result start it
(``__call__``: a call of it).
"""

Form: TypeAlias = Literal[
    "rest", "rest-positional", "args-kwargs", "iterables", "iterable", "starred", "coroutine", "given", "none"
]
"""How the worker's arguments are passed. ``rest``: what follows it. ``rest-positional``: the same without keywords.
``args-kwargs``: as a sequence and a mapping. ``iterables``: one item of each. ``iterable``: an item at a time.
``starred``: an item at a time, unpacked. ``coroutine``: the worker is a coroutine object. ``given``: by the callee.
"""

Cure: TypeAlias = Literal[
    "pass-value",
    "copy-run",
    "copy-run-partial",
    "copy-run-per-item",
    "copy-in-init",
    "context-argument",
    "carrying-api",
    "set-before",
    "set-in-worker",
    "return-value",
]
"""What works there. ``copy-run``: ``copy_context().run`` as the worker, the worker as its first argument;
``-partial``: both in a ``functools.partial``; ``-per-item``: a call of ``submit`` with a copy of its own for each item.
``copy-in-init``: copy when the object is made, run the body in it. ``set-before``: set before the copy is taken.
``return-value``: for what the worker sets.
"""


class Slot(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A parameter: its position without ``self``, its keyword, or both."""

    position: int | None = None
    keyword: str = ""


class Worker(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the worker stands. ``every``: so do all positional arguments from ``position`` on. ``methods``: of a
    class, object or factory, the names of the workers; all methods if empty.
    """

    position: int | None = None
    keyword: str = ""
    every: bool = False
    stands: Stands = "worker"
    methods: tuple[str, ...] = ()


class Explicit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A keyword that names the Context to run in; None counts as left out."""

    keyword: str
    since: Version = (3, 7)


class When(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A verdict, and the conditions under which it stands in place of the row's own. All that are given must hold.

    ``inherits``: ``sys.flags.thread_inherit_context`` (3.14). ``none``: that parameter is the literal None.
    """

    verdict: Verdict
    since: Version | None = None
    before: Version | None = None
    inherits: bool | None = None
    start_method: str = ""
    none: Slot | None = None
    copied: Copied | None = None

    def holds(self, version: Version, *, inherits: bool, start_method: str, none: frozenset[str]) -> bool:
        """Do all conditions hold? ``none``: keywords of the parameters that are the literal None."""
        return (
            (self.since is None or version >= self.since)
            and (self.before is None or version < self.before)
            and self.inherits in (None, inherits)
            and self.start_method in ("", start_method)
            and (self.none is None or self.none.keyword in none)
        )


START_METHODS = ("fork", "spawn", "forkserver")
_INHERITING: Version = (3, 14)  # the first with sys.flags.thread_inherit_context


class Hop(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A row: callables of one shape. ``record`` and ``evidence`` say how it was established; a project need not."""

    callables: tuple[str, ...]
    worker: Worker
    form: Form
    kind: Kind
    usual: Verdict = msgspec.field(name="verdict")
    copied: Copied
    record: str = ""
    evidence: tuple[str, ...] = ()
    when: tuple[When, ...] = ()
    args: Slot | None = None
    kwargs: Slot | None = None
    context: Explicit | None = None
    governed_by: Slot | None = None
    """An executor in this parameter decides: the hop is that of its ``submit``."""
    wraps: bool = False
    """The call gives a callable that stands for the worker."""
    kept: bool = False
    """What a worker sets is there for the next worker of the same owner."""
    repeats: bool = False
    """The worker runs at times of its own, again and again: it has no starter whose value it could be meant to see."""
    cures: tuple[Cure, ...] = ()
    carrying_api: str = ""
    runs_in: str = ""
    """Where the worker runs, in words, if that is no thread: ``a greenlet``."""
    since: Version = (3, 0)
    before: Version | None = None
    package: str = ""
    """The distribution, empty for the standard library."""
    release: str = ""
    """The release of the package that was run."""

    def exists(self, version: Version) -> bool:
        """Does Python ``version`` run workers so?"""
        return self.since <= version and (self.before is None or version < self.before)

    def verdict(
        self,
        version: Version,
        *,
        inherits: bool | None,
        start_method: str = "",
        none: frozenset[str] = frozenset(),
    ) -> Verdict:
        """What becomes of the caller's context under Python ``version``.

        ``inherits`` is ``sys.flags.thread_inherit_context``, None if it is not known; an empty ``start_method`` is not
        known either. Where the possibilities disagree, the verdict is ``depends``.
        """
        cases = self._cases(version, inherits=inherits, start_method=start_method, none=none)
        found: set[Verdict] = {verdict for verdict, _ in cases}
        return found.pop() if len(found) == 1 else "depends"

    def copied_at(self, version: Version, *, inherits: bool | None, start_method: str = "") -> Copied | None:
        """When the copy is taken under Python ``version``; None where that is not certain."""
        cases = self._cases(version, inherits=inherits, start_method=start_method)
        found: set[Copied] = {copied for _, copied in cases}
        return found.pop() if len(found) == 1 else None

    def cures_in(self, version: Version) -> tuple[Cure, ...]:
        """The cures that Python ``version`` has."""
        new = self.context is not None and version < self.context.since
        return tuple(cure for cure in self.cures if not (cure == "context-argument" and new))

    def _cases(
        self,
        version: Version,
        *,
        inherits: bool | None,
        start_method: str,
        none: frozenset[str] = frozenset(),
    ) -> Iterator[tuple[Verdict, Copied]]:
        """Verdict and moment of the copy, for each possibility of what is not known."""
        usual = When(self.usual)
        flags = (False,) if version < _INHERITING else (False, True) if inherits is None else (inherits,)
        for flag in flags:
            for method in (start_method,) if start_method else START_METHODS:
                rows = (
                    w for w in self.when if w.holds(version, inherits=flag, start_method=method, none=none)
                )
                row = next(rows, usual)
                yield row.verdict, row.copied or self.copied
