"""Runs a generated function on CPython, once for every way that its script can go.

Each run has a fresh ``Context``. The variables are real ones behind a thin recorder: every ``set`` puts in a value of
its own (an ``Instance``), so what ``get()`` gives tells whose value is in force.

**In force.** An instance remembers the value that it replaced, as its token does. The chain of a value is the
instance itself, the one it replaced, and so on down to the value from outside or to an emptying ``set(None)``. An
instance is in force when it is in the chain of the variable's value: it is what ``get()`` gives, or what ``get()``
will give once everything above it has been undone. So the reset of an older token takes all that is above it out of
force; a saved value put back takes out what was set since; emptying takes out everything. Nothing here is computed
from the program's text: it is read off the real variable after each step.

**Status** of a site (the line of a ``set``) when the function has left, by its instances: ``leak``: one is in force.
``stale``: one is in force again although its token has been used (tokens reset in the wrong order bring it back).
``emptied``: the last to go went by the function's own ``set(None)``. ``undone``: it went in any other way.

A script that could go on for ever is bounded: ``turns`` turns a loop. A function with more ways than ``MAX_PATHS``
is not judged.
"""

from __future__ import annotations

import ast
import asyncio
import contextlib
import contextvars
import re
import sys
import types
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from generate import Function

MAX_PATHS = 400
TURNS = 2

CALL, LOOP, WITH, SUSPEND, CERTAIN = 1, 3, 4, 5, 6
"""How certain it was that something raises; the figures are those of ``ctxlint.model.ir.Grade``."""

Site = tuple[int, str]
"""The line of a ``set`` and the variable."""


class TooManyPathsError(Exception):
    """The function goes more ways than are worth running."""


class InvalidError(Exception):
    """The program is none that a person would write: a name that nothing binds."""


class _AbandonedError(BaseException):
    """The script ran into a loop that does not end."""


@dataclass(frozen=True, slots=True, order=True)
class Leaving:
    """One way to leave, as seen from a site. ``grave``: by more than an ordinary call that raised. ``final``: what
    undid it stands in a ``finally``.
    """

    kind: str
    status: str
    grave: bool = False
    final: bool = False


@dataclass(frozen=True, slots=True)
class Text:
    """What the text of a function says. ``expected``: by line the classes that handlers around it name (a bare one
    names ``BaseException``); ``wanted``: the lines of sets whose name some reset takes; ``open``: it is a generator
    that is not driven as a scope, as one with a single ``yield`` outside loops may be.
    """

    expected: Mapping[int, frozenset[str]] = field(default_factory=dict)
    wanted: frozenset[int] = frozenset()
    open: bool = False


@dataclass(slots=True)
class Facts:
    """What all runs of one function showed. The values are the scripts that showed it first."""

    exits: dict[Site, dict[Leaving, tuple[str, ...]]] = field(default_factory=dict)
    raised_at: set[tuple[Site, str, int]] = field(default_factory=set)
    """Site, status, and the line where the exception that left the function was raised."""
    looped: dict[Site, tuple[str, ...]] = field(default_factory=dict)
    doubles: dict[int, tuple[str, ...]] = field(default_factory=dict)
    foreign: dict[int, tuple[str, ...]] = field(default_factory=dict)
    missing: dict[int, tuple[str, ...]] = field(default_factory=dict)
    crossed: dict[Site, dict[int, tuple[str, ...]]] = field(default_factory=dict)
    """By site the lines on which its token was refused as one of a different Context."""
    yielded: dict[Site, tuple[str, ...]] = field(default_factory=dict)
    replaced: dict[Site, tuple[str, ...]] = field(default_factory=dict)
    text: Text = field(default_factory=Text)
    paths: int = 0


# --- values --------------------------------------------------------------------------------------------------


@dataclass(eq=False, slots=True)
class Instance:
    """The value of one execution of a ``set``."""

    site: Site
    old: object
    used: bool = False
    went: str = ""
    line: int = 0
    when: int = 0


_OUTSIDE = "-"
_EMPTY = object()


def _chain(value: object) -> list[Instance]:
    found: list[Instance] = []
    while isinstance(value, Instance):
        found.append(value)
        value = value.old
    return found


@dataclass(eq=False, slots=True)
class Token:
    """A real token, and what the recorder knows of it."""

    real: contextvars.Token[object]
    var: Variable
    instance: Instance


class Variable:
    """A ``ContextVar`` that tells the run what happens to it."""

    def __init__(self, name: str, *, default: object) -> None:
        self.real: contextvars.ContextVar[object] = contextvars.ContextVar(name, default=default)

    def get(self) -> object:
        return self.real.get()

    def set(self, value: object) -> Token | None:
        run = _current()
        before = self.real.get()
        if value is None:
            self.real.set(_EMPTY)
            run.changed(self.real, before, "emptied" if run.is_own_frame() else "undone")
        elif value is _EMPTY or value == _OUTSIDE or isinstance(value, Instance):
            self.real.set(value)
            run.changed(self.real, before, "undone")
        else:
            instance = Instance((run.line(), self.real.name), before)
            if any(other.site == instance.site for other in _chain(before)):
                run.looped.add(instance.site)
            run.instances.append(instance)
            run.displace()
            token = self.real.set(instance)
            return Token(token, self, instance)
        return None

    def reset(self, token: Token | None) -> None:
        run = _current()
        before = self.real.get()
        try:
            self._reset(run, token)
        except RuntimeError as error:
            run.doubles.add(run.line())
            raise run.marked(error, CERTAIN) from None
        except ValueError as error:
            run.foreign.add(run.line())
            raise run.marked(error, CERTAIN) from None
        except TypeError as error:
            if run.is_own_frame() or run.is_dropped():
                run.missing.add(run.line())
            raise run.marked(error, CERTAIN) from None
        run.changed(self.real, before, "undone")
        token.instance.used = True
        run.gone(token.instance, "undone")

    def _reset(self, run: Run, token: Token | None) -> None:
        """Reset the real variable. A generator is driven in another Context after each ``yield``; that CPython refuses
        a token for it is noted, and the old value is put back as if the Context were the same, so that what follows is
        seen, too.
        """
        if token is not None and token.instance.used:
            raise RuntimeError("has already been used once")  # also where it was put back for CPython
        try:
            self.real.reset(token.real if token is not None else token)  # type: ignore[arg-type] # None: as CPython
        except ValueError as error:
            if token is None or not str(error).endswith("different Context"):
                raise
            run.crossed.add((token.instance.site, run.line()))
            self.real.set(token.instance.old)


# --- one run -------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Run:
    """One run: the choices it was told to make, those it made, and what happened."""

    code: types.CodeType
    told: list[int]
    raisable: tuple[type[Exception], ...]
    turns: int
    finals: frozenset[int]
    made: list[tuple[int, int]] = field(default_factory=list)
    story: list[str] = field(default_factory=list)
    turned: dict[str, int] = field(default_factory=dict)
    instances: list[Instance] = field(default_factory=list)
    looped: set[Site] = field(default_factory=set)
    doubles: set[int] = field(default_factory=set)
    foreign: set[int] = field(default_factory=set)
    missing: set[int] = field(default_factory=set)
    crossed: set[tuple[Site, int]] = field(default_factory=set)
    yielded: set[Site] = field(default_factory=set)
    displaced: list[Instance] = field(default_factory=list)
    targets: dict[int, str] = field(default_factory=dict)
    context: contextvars.Context = field(default_factory=contextvars.Context)
    """The Context that the function runs in; that of a generator is another one after each ``yield``."""
    steps: int = 0
    moves: int = 0

    def pick(self, count: int) -> int:
        """The next choice of ``count``."""
        at = len(self.made)
        choice = self.told[at] if at < len(self.told) else 0
        self.made.append((choice, count))
        return choice

    def line(self) -> int:
        """The line of the function that is judged."""
        return self._frame().f_lineno

    def is_own_frame(self) -> bool:
        """Is it the function itself that calls the recorder, and not a helper?"""
        return sys._getframe(2).f_code is self.code  # noqa: SLF001 - the caller's caller is what is asked for

    @staticmethod
    def is_dropped() -> bool:
        """Is it a helper that resets what it is given without looking at it?"""
        return sys._getframe(2).f_code.co_name.startswith("drop")  # noqa: SLF001 - see above

    def _frame(self) -> types.FrameType:
        frame: types.FrameType | None = sys._getframe(1)  # noqa: SLF001 - the frame is what is asked for
        while frame is not None and frame.f_code is not self.code:
            frame = frame.f_back
        assert frame is not None
        return frame

    def displace(self) -> None:
        """Note the token, unused and in force, that the one to come pushes out of its only name."""
        frame = self._frame()
        name = self.targets.get(frame.f_lineno)
        held = frame.f_locals.get(name) if name is not None else None
        if (
            isinstance(held, Token)
            and not held.instance.used
            and held.instance in _chain(held.var.real.get())
        ):
            others = [other for key, other in frame.f_locals.items() if other is held and key != name]
            if not others:
                self.displaced.append(held.instance)

    def changed(self, var: contextvars.ContextVar[object], before: object, how: str) -> None:
        """Note what went out of force."""
        now = _chain(var.get())
        for instance in _chain(before):
            if instance not in now:
                self.gone(instance, how)

    def gone(self, instance: Instance, how: str) -> None:
        """Note that an instance went out of force, or that its token was used."""
        self.moves += 1
        instance.went, instance.line, instance.when = how, self.line(), self.moves

    def marked(self, error: BaseException, grade: int) -> BaseException:
        """An exception that knows where it came from."""
        error.origin, error.grade = self.line(), grade  # type: ignore[attr-defined]
        return error

    def may_raise(self, what: str, grade: int, *more: type[BaseException]) -> None:
        """A point at which anything an ordinary call raises may be raised."""
        error = self.drawn(what, more)
        if error is not None:
            raise self.marked(error, grade)

    def drawn(self, what: str, more: tuple[type[BaseException], ...] = ()) -> BaseException | None:
        kinds = (*self.raisable, *more)
        choice = self.pick(len(kinds) + 1)
        self.story.append(f"{what} raises {kinds[choice - 1].__name__}" if choice else what)
        return kinds[choice - 1](what) if choice else None

    def condition(self, name: str) -> int:
        """A scripted condition; ``w…`` ends its loop after a few turns, ``e…`` breaks out of one."""
        self.steps += 1
        if self.steps > 200:
            raise _AbandonedError
        turned = self.turned.get(name, 0)
        if name[0] == "w" and turned >= self.turns:
            return 0
        if name[0] == "e" and turned >= self.turns:
            return 1
        choice = self.pick(2)
        self.turned[name] = turned + (choice if name[0] == "w" else 1)
        self.story.append(f"{name}={choice}")
        return choice


_RUN: list[Run] = []


def _current() -> Run:
    return _RUN[-1]


# --- what the generated code calls ---------------------------------------------------------------------------


class _Script:
    """``script.c1``: a condition; ``.n1``: a number of turns; ``.i1``: an iterable; ``.x1``: a value."""

    def __getattr__(self, name: str) -> object:
        run = _current()
        if name[0] == "x":
            return object()
        if name[0] == "n":
            count = run.pick(run.turns + 1)
            run.story.append(f"{name}={count}")
            return count
        if name[0] == "i":
            return _items(run, name)
        if name[0] == "l":
            return _List(name, run.pick(run.turns + 1))
        return run.condition(name)


def _items(run: Run, name: str) -> Iterator[int]:
    for turn in range(run.turns + 1):
        run.may_raise(f"next({name})", LOOP)
        if turn == run.turns:
            return
        more = run.pick(2)
        run.story.append(f"{name} goes on" if more else f"{name} ends")
        if not more:
            return
        yield turn


class _List:
    """``script.l1``: something with a length; to go over it may raise."""

    def __init__(self, name: str, length: int) -> None:
        self.name, self.length = name, length
        _current().story.append(f"{name} has {length}")

    def __len__(self) -> int:
        return self.length

    def __iter__(self) -> Iterator[int]:
        for turn in range(self.length + 1):
            _current().may_raise(f"next({self.name})", LOOP)
            if turn < self.length:
                yield turn


def work(number: int) -> None:
    """A call that may raise."""
    _current().may_raise(f"work({number})", CALL)


def ready(number: int) -> bool:
    """A condition that may raise."""
    run = _current()
    run.may_raise(f"ready({number})", CALL)
    choice = run.pick(2)
    run.story.append(f"ready({number}) is {bool(choice)}")
    return bool(choice)


def touch() -> None:
    """What a helper does besides."""
    _current().may_raise("the helper", CALL)


class _Suspension:
    def __init__(self, number: int) -> None:
        self.number = number

    def __await__(self) -> Iterator[str]:
        yield f"step({self.number})"


class _Manager:
    def __init__(self, number: int) -> None:
        self.number = number
        _current().may_raise(f"manager({number})", CALL)

    def __enter__(self) -> None:
        _current().may_raise("entering", WITH)

    def __exit__(self, *error: object) -> None:
        pass


class _AsyncManager:
    def __init__(self, number: int) -> None:
        _current().may_raise(f"async_manager({number})", CALL)
        self.number = number

    async def __aenter__(self) -> None:
        await _Suspension(self.number)

    async def __aexit__(self, *error: object) -> None:
        # What an exit raises while another exception passes through it counts as that one (docs/architecture.md),
        # so the programs leave it no choice there.
        if error[0] is None:
            await _Suspension(self.number)


def _step(number: int) -> _Suspension:
    _current().may_raise(f"step({number})", CALL)
    return _Suspension(number)


_MODULES = {
    "asyncio": asyncio,
    "contextlib": types.SimpleNamespace(
        suppress=contextlib.suppress,
        contextmanager=contextlib.contextmanager,
        asynccontextmanager=contextlib.asynccontextmanager,
    ),
    "contextvars": types.SimpleNamespace(ContextVar=Variable),
    "runtime": types.SimpleNamespace(
        script=_Script(),
        work=work,
        ready=ready,
        touch=touch,
        step=_step,
        manager=_Manager,
        async_manager=_AsyncManager,
    ),
}


def load(text: str) -> dict[str, object]:
    """The namespace of a generated module, its imports replaced."""
    builtins = dict(vars(__import__("builtins")))
    builtins["__import__"] = lambda name, *_: _MODULES[name]
    namespace: dict[str, object] = {"__builtins__": builtins, "__name__": "generated"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a `return` in `finally` is what is wanted here
        exec(compile(text, "generated", "exec"), namespace)  # noqa: S102 - the text is our own
    return namespace


# --- all runs ------------------------------------------------------------------------------------------------


def facts(namespace: dict[str, object], function: Function, turns: int = TURNS) -> Facts:
    """Run the function once for every way."""
    target = namespace[function.name]
    code = getattr(target, "__wrapped__", target).__code__
    raisable = _representatives(namespace, function)
    finals = frozenset(code.co_firstlineno + number for number in function.finals())
    targets, resets = _targets(function, code.co_firstlineno)
    found = Facts(text=read(function, code.co_firstlineno))
    told: list[int] | None = []
    while told is not None:
        run = Run(code, told, raisable, turns, finals, targets=targets)
        with _traced(run, resets):
            _one(run, target, function.kind, found)
        found.paths += 1
        if found.paths > MAX_PATHS:
            raise TooManyPathsError
        told = _next(run.made)
    return found


def read(function: Function, first: int) -> Text:
    """What is to be known of a function's text, its lines counted from ``first``."""
    lines = function.lines()
    tree = ast.parse("\n".join(lines))
    expected: dict[int, set[str]] = {}
    for node in ast.walk(tree):
        caught: list[ast.expr | None] = []
        if isinstance(node, ast.Try):
            caught = [handler.type for handler in node.handlers]
        elif isinstance(node, ast.With):
            calls = (item.context_expr for item in node.items)
            caught = [kind for call in calls if "suppress" in ast.unparse(call) for kind in call.args]  # type: ignore[attr-defined]
        names = {ast.unparse(kind) if kind is not None else "BaseException" for kind in caught}
        for statement in node.body if names else ():  # type: ignore[attr-defined]
            for row in range(statement.lineno, (statement.end_lineno or 0) + 1):
                expected.setdefault(first + row - 1, set()).update(
                    word for name in names for word in re.findall(r"\w+", name)
                )
    targets, _ = _targets(function, first)
    taken = set(re.findall(r"(?:\.reset|undo|drop|drop_other)\((\w+)\)", "\n".join(lines)))
    wanted = frozenset(row for row, name in targets.items() if name in taken)
    loops = [node for node in ast.walk(tree) if isinstance(node, ast.For | ast.While)]
    looped = any(isinstance(part, ast.Yield) for loop in loops for part in ast.walk(loop))
    several = sum(isinstance(node, ast.Yield) for node in ast.walk(tree)) > 1
    if any(isinstance(node, ast.Raise) and node.exc is None for node in ast.walk(tree)):
        # What is raised again may be caught further out: then every handler of the text is around every line.
        every = set[str]().union(*expected.values())
        expected = {first + number: every for number in range(len(lines))}
    frozen = {row: frozenset(names) for row, names in expected.items()}
    return Text(frozen, wanted, function.kind.endswith("generator") and (looped or several))


_SET = re.compile(r"(?P<name>\w+) = (?:\w+\.set|push|pushed)\(")
_RESET = re.compile(r"\b(?:[vw]\.reset|undo|drop|drop_other)\((?P<name>\w+)\)")


def _targets(function: Function, first: int) -> tuple[dict[int, str], frozenset[int]]:
    """By line, the name that gets a token there; and the lines of resets of names that may not be bound."""
    lines = {first + number: text.strip() for number, text in enumerate(function.lines())}
    bound = {line.text.partition(" ")[0] for line in function.prologue}
    targets = {row: match["name"] for row, text in lines.items() if (match := _SET.match(text))}
    resets = {
        row for row, text in lines.items() if (match := _RESET.search(text)) and match["name"] not in bound
    }
    return targets, frozenset(resets)


@contextlib.contextmanager
def _traced(run: Run, resets: frozenset[int]) -> Iterator[None]:
    """A run of which it is noted where a reset takes a name that is not bound: the function may swallow the error."""

    def local(frame: types.FrameType, event: str, argument: object) -> object:
        if event == "exception" and frame.f_lineno in resets and argument[0] is UnboundLocalError:  # type: ignore[index]
            run.missing.add(frame.f_lineno)
        return local

    before = sys.gettrace()
    if resets:
        sys.settrace(lambda frame, _event, _argument: local if frame.f_code is run.code else None)
    try:
        yield
    finally:
        sys.settrace(before)


def _next(made: list[tuple[int, int]]) -> list[int] | None:
    """The choices of the next run: the last one that can still go another way does."""
    while made:
        choice, count = made.pop()
        if choice + 1 < count:
            return [c for c, _ in made] + [choice + 1]
    return None


def _representatives(namespace: dict[str, object], function: Function) -> tuple[type[Exception], ...]:
    """One exception for each way that the handlers of the function can tell exceptions apart."""
    kinds: list[type[Exception]] = [OSError, ValueError, KeyError, IndexError, TypeError]
    kinds += [namespace["Conflict"], namespace["NotFound"]]  # type: ignore[list-item]
    caught = " ".join(row for row in function.lines() if "except" in row or "suppress" in row)
    names = {"ValueError", "KeyError", "LookupError", "TypeError", "AppError", "NotFound"}
    named = [n for n in sorted(names) if n in caught]
    classes = [namespace.get(n) or getattr(__import__("builtins"), n) for n in named]
    found: dict[tuple[bool, ...], type[Exception]] = {}
    for kind in kinds:
        found.setdefault(tuple(issubclass(kind, cls) for cls in classes), kind)
    return tuple(found.values())


def _one(run: Run, target: Callable[[], object], kind: str, found: Facts) -> None:
    _RUN.append(run)
    error: BaseException | None = None
    try:
        run.context.run(_DRIVERS[kind], run, getattr(target, "__wrapped__", target))
    except _AbandonedError:
        return
    except BaseException as raised:  # noqa: BLE001 - every class is an outcome
        error = raised
    finally:
        _RUN.pop()
    if run.steps > 200:
        return
    _note(run, error, found)


def _note(run: Run, error: BaseException | None, found: Facts) -> None:
    story = tuple(run.story)
    chains = [instance for value in run.context.values() for instance in _chain(value)]
    statuses: dict[Site, str] = {}
    final: dict[Site, bool] = {}
    for instance in sorted(
        run.instances, key=lambda each: each.when
    ):  # unless one is in force, the last to go
        status = ("stale" if instance.used else "leak") if instance in chains else instance.went
        if statuses.get(instance.site) not in ("leak", "stale") or status == "leak":
            statuses[instance.site] = status
            final[instance.site] = status in ("undone", "emptied") and instance.line in run.finals
    at, grade = _origin(run, error)
    kind = "normal" if error is None else "raise"
    for site, status in statuses.items():
        leaving = Leaving(kind, status, grade > CALL, final[site])
        found.exits.setdefault(site, {}).setdefault(leaving, story)
        if error is not None:
            found.raised_at.add((site, status, at))
    for site in run.looped:
        found.looped.setdefault(site, story)
    _note_refusals(run, chains, story, found)


def _note_refusals(run: Run, chains: list[Instance], story: tuple[str, ...], found: Facts) -> None:
    for lines, told in (
        (run.doubles, found.doubles),
        (run.foreign, found.foreign),
        (run.missing, found.missing),
    ):
        for line in lines:
            told.setdefault(line, story)
    for site, line in run.crossed:
        found.crossed.setdefault(site, {}).setdefault(line, story)
    for site in run.yielded:
        found.yielded.setdefault(site, story)
    for instance in run.displaced:
        if instance in chains:
            found.replaced.setdefault(instance.site, story)


def _origin(run: Run, error: BaseException | None) -> tuple[int, int]:
    """Where an exception was raised, and how certain that was."""
    if error is None:
        return 0, 0
    marked = getattr(error, "origin", None)
    if marked is not None:
        return marked, error.grade  # type: ignore[attr-defined]
    if type(error) is NameError:
        raise InvalidError(str(error))
    trace, line = error.__traceback__, 0
    while trace is not None:
        if trace.tb_frame.f_code is run.code:
            line = trace.tb_lineno
        if trace.tb_next is None and trace.tb_frame.f_code is not run.code:
            raise AssertionError("only the function raises without being told to") from error
        trace = trace.tb_next
    return line, CERTAIN


# --- drivers -------------------------------------------------------------------------------------------------


def _drive_plain(run: Run, target: Callable[[], object]) -> None:
    del run
    target()


def _drive_async(run: Run, target: Callable[[], types.CoroutineType[object, object, object]]) -> None:
    coroutine = target()
    with contextlib.suppress(StopIteration):
        _drive(run, coroutine, lambda: coroutine.cr_frame.f_lineno)


def _drive(run: Run, steps: object, line: Callable[[], int]) -> None:
    """Advance an awaitable by hand: at each suspension it goes on, fails, or is cancelled."""
    what = steps.send(None)  # type: ignore[attr-defined]
    while True:
        error = run.drawn(what, (asyncio.CancelledError,))
        if error is None:
            what = steps.send(None)  # type: ignore[attr-defined]
        else:
            error.origin, error.grade = line(), SUSPEND  # type: ignore[attr-defined]
            what = steps.throw(error)  # type: ignore[attr-defined]


def _drive_manager(run: Run, target: Callable[[], types.GeneratorType[object, object, object]]) -> None:
    generator = target()
    try:
        next(generator)
    except StopIteration:
        return
    error = run.drawn("the block", (asyncio.CancelledError, GeneratorExit))
    with contextlib.suppress(StopIteration):
        if error is None:
            next(generator)
        else:
            error.origin, error.grade = generator.gi_frame.f_lineno, SUSPEND  # type: ignore[attr-defined]
            generator.throw(error)


def _drive_async_manager(run: Run, target: Callable[[], types.AsyncGeneratorType[object, object]]) -> None:
    generator = target()

    def line() -> int:
        return generator.ag_frame.f_lineno

    try:
        with contextlib.suppress(StopIteration):
            _drive(run, generator.__anext__(), line)
        error = run.drawn("the block", (asyncio.CancelledError, GeneratorExit))
        with contextlib.suppress(StopIteration):
            if error is None:
                _drive(run, generator.__anext__(), line)
            else:
                error.origin, error.grade = line(), SUSPEND  # type: ignore[attr-defined]
                _drive(run, generator.athrow(error), line)
    except StopAsyncIteration:
        return


def _drive_generator(run: Run, target: Callable[[], types.GeneratorType[object, object, object]]) -> None:
    generator = target()
    run.context = contextvars.copy_context()
    with contextlib.suppress(StopIteration):
        run.context.run(next, generator)
        while True:
            error = _resumed(run)
            if error is None:
                run.context.run(next, generator)
            else:
                error.origin, error.grade = generator.gi_frame.f_lineno, SUSPEND  # type: ignore[attr-defined]
                run.context.run(generator.throw, error)


def _drive_async_generator(run: Run, target: Callable[[], types.AsyncGeneratorType[object, object]]) -> None:
    generator = target()

    def line() -> int:
        return generator.ag_frame.f_lineno

    def step(awaitable: object) -> None:
        with contextlib.suppress(StopIteration):
            run.context.run(_drive, run, awaitable, line)

    run.context = contextvars.copy_context()
    with contextlib.suppress(StopAsyncIteration):
        step(generator.__anext__())
        while True:
            error = _resumed(run)
            if error is None:
                step(generator.__anext__())
            else:
                error.origin, error.grade = line(), SUSPEND  # type: ignore[attr-defined]
                step(generator.athrow(error))


def _resumed(run: Run) -> BaseException | None:
    """Note what the consumer sees, and go on in another Context; what is thrown in there, if anything."""
    run.steps += 10
    if run.steps > 200:
        raise _AbandonedError
    for value in run.context.values():
        if isinstance(value, Instance):
            run.yielded.add(value.site)
    run.context = run.context.copy()
    return run.drawn("the consumer", (asyncio.CancelledError, GeneratorExit))


_DRIVERS: dict[str, Callable[..., None]] = {
    "plain": _drive_plain,
    "async": _drive_async,
    "manager": _drive_manager,
    "async manager": _drive_async_manager,
    "generator": _drive_generator,
    "async generator": _drive_async_generator,
}
