"""Random small functions that set and reset context variables, as structured text.

A function is a tree of ``Line`` (a simple statement) and ``Compound`` (clauses with bodies). Everything that can go
more than one way asks the script: ``script.c3 > 0`` is a condition, ``work(4)`` a call that may raise,
``range(script.n5)`` a number of turns, ``await step(6)`` a suspension. Each has a number of its own, so each is free
to go any way whenever it is evaluated, which is exactly what the analysis assumes of code that it cannot see. What
is to be correlated is bound to a local name first.

Every ``set`` stands on a line of its own: a site is a line.
"""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

HEADER = """\
import asyncio
import contextlib
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar

from runtime import async_manager, manager, ready, script, step, touch, work

v = ContextVar("v", default="-")
w = ContextVar("w", default="-")


class AppError(Exception):
    pass


class NotFound(AppError):
    pass


class Conflict(AppError):
    pass


class Fatal(BaseException):
    pass


def push(value):
    touch()
    return v.set(value)


def pushed(value):
    touch()
    token = v.set(value)
    return token


def undo(token):
    if token is not None:
        v.reset(token)
    touch()


def drop(token):
    v.reset(token)
    touch()


def drop_other(token):
    w.reset(token)
    touch()


def clear():
    v.set(None)
    touch()

"""
"""What every generated module starts with. ``runtime`` is what ``execute`` puts in its place."""

CAUGHT = (
    "ValueError", "KeyError", "LookupError", "Exception", "Exception", "BaseException", "AppError", "NotFound",
    "(ValueError, KeyError)", "(AppError, LookupError)", "asyncio.CancelledError", "TypeError", "Fatal",
)  # fmt: skip
RAISED = ("ValueError('x')", "KeyError", "IndexError('x')", "AppError", "NotFound", "Fatal", "Exception('x')")
SUPPRESSED = ("ValueError", "Exception", "LookupError, AppError", "BaseException", "asyncio.CancelledError")
TOKENS = {"v": ("t", "u"), "w": ("s",)}


@dataclass(frozen=True, slots=True)
class Line:
    """A simple statement."""

    text: str


@dataclass(frozen=True, slots=True)
class Clause:
    """A head (``try:``, ``except ValueError:``) and what stands below it."""

    head: str
    body: Block


@dataclass(frozen=True, slots=True)
class Compound:
    """A compound statement."""

    clauses: tuple[Clause, ...]


Statement = Line | Compound
Block = tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Function:
    """A function. The prologue binds what its body takes for bound and is not shrunk."""

    name: str
    kind: str
    """``plain``, ``async``, ``manager``, ``async manager``, ``generator`` or ``async generator``."""
    prologue: tuple[Line, ...]
    body: Block

    def lines(self) -> list[str]:
        """Its text."""
        return [line for line, _ in self.rows()]

    def finals(self) -> frozenset[int]:
        """Which of its lines, counted from 0, stand in a ``finally``."""
        return frozenset(number for number, (_, final) in enumerate(self.rows()) if final)

    def rows(self) -> Iterator[tuple[str, bool]]:
        """Its lines, and whether each stands in a ``finally``."""
        is_async = self.kind.startswith("async")
        if self.kind.endswith("manager"):
            yield ("@asynccontextmanager" if is_async else "@contextmanager"), False
        yield f"{'async ' if is_async else ''}def {self.name}():", False
        yield from _rows((*self.prologue, *self.body), 1)


def _rows(block: Block, depth: int, *, final: bool = False) -> Iterator[tuple[str, bool]]:
    indent = "    " * depth
    if not block:
        yield f"{indent}pass", final
    for statement in block:
        if isinstance(statement, Line):
            yield indent + statement.text, final
        else:
            for clause in statement.clauses:
                yield indent + clause.head, final
                yield from _rows(clause.body, depth + 1, final=final or clause.head == "finally:")


def module(functions: tuple[Function, ...]) -> str:
    """A module of functions."""
    return HEADER + "".join("\n\n" + "\n".join(function.lines()) + "\n" for function in functions)


def function(seed: str, name: str) -> Function:
    """The function that belongs to a seed. One that starts with ``m`` may do more: hand a token to a function that does
    not look at it, go over a list whose emptiness it asks.
    """
    return _Writer(random.Random(seed), more=seed.startswith("m")).function(name)  # noqa: S311 - no secret


@dataclass(frozen=True, slots=True)
class _Where:
    """What may stand at a point."""

    depth: int = 0
    loop: bool = False
    handler: bool = False
    yields: bool = False
    """Whether the one ``yield`` of a manager is to stand somewhere in here."""

    def deeper(self, **changes: bool) -> _Where:
        return replace(self, depth=self.depth + 1, **changes)


@dataclass(slots=True)
class _Writer:
    """Writes one function."""

    rng: random.Random
    more: bool = False
    lists: list[str] = field(default_factory=list)
    budget: int = 0
    is_async: bool = False
    helpers: bool = False
    yields: bool = False
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def function(self, name: str) -> Function:
        rng = self.rng
        kinds = ("plain", "async", "manager", "async manager", "generator", "async generator")
        kind = rng.choices(kinds, (40, 20, 13, 9, 11, 7))[0]
        self.yields = kind.endswith("generator")
        self.is_async = kind.startswith("async")
        self.helpers = rng.random() < 0.35
        self.budget = rng.randint(3, 18)
        body = self.opening() + self.block(_Where(yields=kind.endswith("manager") or self.yields))
        return Function(name, kind, self.prologue(body), body)

    def opening(self) -> Block:
        """Mostly the function starts by setting something: else too little would happen."""
        return (Line(self.bound_set("v", "t")),) if self.rng.random() < 0.5 else ()

    def prologue(self, body: Block) -> tuple[Line, ...]:
        """Bind the names that are used and not certainly bound."""
        text = "\n".join(line for line, _ in _rows(body, 0))
        first = body[0].text if body and isinstance(body[0], Line) else ""
        found = [
            Line(f"{name} = None")
            for names in TOKENS.values()
            for name in names
            if _uses(text, name) and not first.startswith(f"{name} = ")
            if not _gets_token(text, name) or self.rng.random() < 0.9
        ]
        found += [Line(f"old_{var} = {var}.get()") for var in TOKENS if _uses(text, f"old_{var}")]
        found += [Line(f"flag_{var} = False") for var in TOKENS if _uses(text, f"flag_{var}")]
        found += [
            Line(f"{name} = script.c{next(self.numbers)} > 0") for name in ("p", "q") if _uses(text, name)
        ]
        found += [Line(f"{name} = script.l{next(self.numbers)}") for name in self.lists if _uses(text, name)]
        return tuple(found)

    # --- blocks --------------------------------------------------------------------------------------------

    def block(self, where: _Where) -> Block:
        """A few statements, one of them with the ``yield`` if it is to stand here."""
        count = self.rng.randint(1, 4 if where.depth < 2 else 2)
        at = self.rng.randrange(count) if where.yields else -1
        found: list[Statement] = []
        for index in range(count):
            if index == at:
                found += self.yielding(where)
            elif self.budget > 0:
                self.budget -= 1
                found += self.statement(replace(where, yields=False))
        return tuple(found)

    def yielding(self, where: _Where) -> Block:
        """The ``yield``, alone or inside a compound statement outside loops."""
        if where.depth < 3 and self.rng.random() < 0.6:
            inner = where.deeper()
            if self.rng.random() < 0.85:
                return (self.tried(inner),)
            return (Compound((Clause(f"with {self.suppress()}:", self.block(inner)),)),)
        return (Line("yield"),)

    def statement(self, where: _Where) -> Block:
        """One statement, or a few that belong together."""
        rng = self.rng
        kinds = {
            "work": 14, "await": 12 if self.is_async else 0, "set": 8, "bare": 3, "maybe": 4, "reset": 15,
            "guarded": 12, "forget": 1, "clear": 2, "save": 1, "put back": 3, "flagged": 4, "flag test": 3,
            "return": 4, "raise": 5, "reraise": 6 if where.handler else 0, "jump": 5 if where.loop else 0,
            "early": 2, "rebind": 1, "yield": 7 if self.yields else 0,
        }  # fmt: skip
        if where.depth < 3 and self.budget > 0:
            kinds |= {"if": 12, "loop": 8, "try": 18, "with": 4, "scoped": 16}
        kind = rng.choices(tuple(kinds), tuple(kinds.values()))[0]
        return self.written(kind, where)

    def written(self, kind: str, where: _Where) -> Block:  # noqa: C901, PLR0911, PLR0912 - a dispatch table
        rng = self.rng
        var = "w" if rng.random() < 0.2 else "v"
        name = rng.choice(TOKENS[var])
        match kind:
            case "work":
                return (Line(f"work({next(self.numbers)})"),)
            case "await":
                return (Line(f"await step({next(self.numbers)})"),)
            case "yield":
                return (Line("yield"),)
            case "set":
                return (Line(self.bound_set(var, name)),)
            case "bare":
                return (Line(f"{var}.set(script.x{next(self.numbers)})"),)
            case "maybe":
                value = f"{var}.set(script.x{next(self.numbers)})"
                test = self.test(where)
                return (Line(f"{name} = {value} if {test} else None"),)
            case "reset":
                return (Line(self.reset(var, name)),)
            case "guarded":
                test = rng.choice((f"{name} is not None", name))
                body: Block = (Line(self.reset(var, name)),)
                if rng.random() < 0.4:
                    body += (Line(f"{name} = None"),)
                return (Compound((Clause(f"if {test}:", body),)),)
            case "forget":
                return (Line(f"{name} = None"),)
            case "clear":
                return (Line("clear()" if self.helpers and var == "v" else f"{var}.set(None)"),)
            case "save":
                return (Line(f"old_{var} = {var}.get()"),)
            case "put back":
                return (Line(f"{var}.set(old_{var})"),)
            case "flagged":
                return (Line(self.bound_set(var, name)), Line(f"flag_{var} = True"))
            case "flag test":
                body = (Line(self.reset(var, name)),)
                if rng.random() < 0.5:
                    body += (Line(f"flag_{var} = False"),)
                return (Compound((Clause(f"if flag_{var}:", body),)),)
            case "return":
                return self.jump(where, "return")
            case "raise":
                return self.jump(where, f"raise {rng.choice(RAISED)}")
            case "reraise":
                return (Line("raise"),)
            case "jump":
                return self.jump(where, rng.choice(("break", "continue")))
            case "early":
                tests = (f"{name} is None", f"not {name}", f"not flag_{var}", f"flag_{var}")
                return (Compound((Clause(f"if {rng.choice(tests)}:", (Line("return"),)),)),)
            case "rebind":
                return (Line(f"{rng.choice('pq')} = script.c{next(self.numbers)} > 0"),)
            case "if":
                return (self.conditional(where.deeper()),)
            case "loop":
                return (self.loop(where.deeper()),)
            case "try":
                return (self.tried(where.deeper()),)
            case "with":
                return (Compound((Clause(self.with_head(), self.block(where.deeper())),)),)
            case _:
                return self.scoped(var, name, where.deeper())

    # --- parts ---------------------------------------------------------------------------------------------

    def bound_set(self, var: str, name: str) -> str:
        value = f"script.x{next(self.numbers)}"
        if self.helpers and var == "v" and self.rng.random() < 0.4:
            return f"{name} = {self.rng.choice(('push', 'pushed'))}({value})"
        return f"{name} = {var}.set({value})"

    def reset(self, var: str, name: str) -> str:
        if self.rng.random() < 0.04:  # the wrong variable
            return f"{'v' if var == 'w' else 'w'}.reset({name})"
        if self.helpers and var == "v" and self.rng.random() < 0.4:
            return f"undo({name})"
        if self.more and self.rng.random() < 0.3:
            wrong = self.rng.random() < 0.1
            return f"{'drop' if (var == 'v') is not wrong else 'drop_other'}({name})"
        return f"{var}.reset({name})"

    def jump(self, where: _Where, text: str) -> Block:
        """A way out, mostly conditional: what stands after it should be reached, too."""
        line: Block = (Line(text),)
        if self.rng.random() < 0.6:
            return (Compound((Clause(f"if {self.test(where)}:", line),)),)
        return line

    def test(self, where: _Where) -> str:
        """A condition: free, one that may raise, correlated, or of a token or flag."""
        del where
        rng = self.rng
        kind = rng.choices(("free", "call", "name", "token", "flag", "both"), (9, 3, 6, 3, 1, 2))[0]
        var = "w" if rng.random() < 0.2 else "v"
        name = rng.choice(TOKENS[var])
        free = f"script.c{next(self.numbers)} > 0"
        if self.lists and rng.random() < 0.5:
            return rng.choice(("", "", "not ")) + rng.choice(self.lists)
        match kind:
            case "call":
                return f"ready({next(self.numbers)})"
            case "name":
                return rng.choice(("p", "q", "not p", "not q"))
            case "token":
                return rng.choice((f"{name} is None", f"{name} is not None", name, f"not {name}"))
            case "flag":
                return rng.choice((f"flag_{var}", f"not flag_{var}"))
            case "both":
                other = rng.choice(("p", "not q", f"{name} is not None", f"ready({next(self.numbers)})"))
                return f"{other} {rng.choice(('and', 'or'))} {free}"
            case _:
                return free

    def conditional(self, where: _Where) -> Compound:
        clauses = [Clause(f"if {self.test(where)}:", self.block(where))]
        if self.rng.random() < 0.2:
            clauses.append(Clause(f"elif {self.test(where)}:", self.block(where)))
        if self.rng.random() < 0.45:
            clauses.append(Clause("else:", self.block(where)))
        return Compound(tuple(clauses))

    def loop(self, where: _Where) -> Compound:
        rng = self.rng
        inner = replace(where, loop=True)
        number = next(self.numbers)
        head = rng.choice(
            (
                f"while script.w{number} > 0:",
                f"for _ in range(script.n{number}):",
                f"for _ in script.i{number}:",
                "while True:",
            )
        )
        if self.more and not self.lists and not where.loop and rng.random() < 0.6:
            self.lists.append(f"items{number}")  # gone over once: how often is not followed, only whether
            head = f"for _ in {self.lists[0]}:"
        body = self.block(inner)
        if head == "while True:":
            body = (Compound((Clause(f"if script.e{number} > 0:", (Line("break"),)),)), *body)
        clauses = [Clause(head, body)]
        if rng.random() < 0.25:
            clauses.append(Clause("else:", self.block(where)))
        return Compound(tuple(clauses))

    def tried(self, where: _Where) -> Compound:
        rng = self.rng
        clauses = [Clause("try:", self.block(where))]
        below = replace(where, yields=False)
        handlers = rng.choices((0, 1, 2, 3), (40, 40, 15, 5))[0]
        for index in range(handlers):
            last = index == handlers - 1
            head = "except:" if last and rng.random() < 0.12 else f"except {rng.choice(CAUGHT)}:"
            clauses.append(Clause(head, self.block(replace(below, handler=True))))
        if handlers and rng.random() < 0.25:
            clauses.append(Clause("else:", self.block(below)))
        if not handlers or rng.random() < 0.35:
            clauses.append(Clause("finally:", self.block(below)))
        return Compound(tuple(clauses))

    def suppress(self) -> str:
        return f"contextlib.suppress({self.rng.choice(SUPPRESSED)})"

    def with_head(self) -> str:
        number = next(self.numbers)
        if self.is_async and self.rng.random() < 0.4:
            return f"async with async_manager({number}):"
        return f"with {self.suppress()}:" if self.rng.random() < 0.6 else f"with manager({number}):"

    def scoped(self, var: str, name: str, where: _Where) -> Block:
        """What is meant to be right: set, work in ``try``, reset in ``finally``; sometimes with something between."""
        rng = self.rng
        found: Block = (Line(self.bound_set(var, name)),)
        if rng.random() < 0.2:
            found += self.statement(where)
        final: Block = (Line(self.reset(var, name)),)
        if rng.random() < 0.2:
            final = (*self.statement(where), *final)
        return (*found, Compound((Clause("try:", self.block(where)), Clause("finally:", final))))


def _gets_token(text: str, name: str) -> bool:
    """Is a token bound to the name, or the name reset?"""
    return re.search(rf"\b{name} = (?:v\.set|w\.set|push)", text) is not None


def _uses(text: str, name: str) -> bool:
    """Does the word occur in the text?"""
    return re.search(rf"\b{name}\b", text) is not None
