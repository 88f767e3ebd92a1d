"""The event IR: a function's code reduced to what happens to variables and tokens.

Terms:

* An **event** is one thing that happens: a ``set``, a ``reset``, a call that may raise, a suspension.
* An **operand** is what an event works on: a ``Place``, a ``Constant``, or None for "anything else".
* A **guard** is a condition reduced to what can be decided about tokens and flags.
* A **block** is a tuple of nodes that run one after another.

An example. This function ::

    async def handle(request):
        token = tenant.set(request.tenant)
        try:
            await view(request)
        finally:
            tenant.reset(token)

is the block ::

    Do(Set(tenant, into=token, value=None))
    Try(body=(Do(Call(view), Suspend(await)),), handlers=(), orelse=(), final=(Do(Reset(tenant, token)),))

Spans are relative to the file. Exceptions are data: an event that may raise says how sure that is and what
class leaves it. Python has no goto, so there is no graph: ``Branch``, ``Loop``, ``Try`` and ``Exit`` nest.
"""

from __future__ import annotations

import enum
from typing import Literal, TypeAlias

import msgspec

from ctxlint.model.ids import FuncId, Place, VarId
from ctxlint.model.spans import Span


class Constant(msgspec.Struct, frozen=True, array_like=True):
    """A value known from the text. ``empty`` marks the values that mean "nothing": None, False, 0, "" and
    empty containers written out.
    """

    text: str
    empty: bool
    truth: bool | None = None


Operand: TypeAlias = Place | Constant | None


class Grade(enum.IntEnum):
    """How seriously to take that an event may raise. Higher is more certain."""

    NEVER = 0
    CALL = 1
    """An ordinary call, the program's or not."""
    PROJECT = 2
    """A call of a function of the program that raises or awaits in the open."""
    LOOP = 3
    """Iterating over something."""
    WITH = 4
    """Entering a context manager."""
    SUSPEND = 5
    """``await`` or ``yield``: also cancelled or closed here."""
    CERTAIN = 6
    """``raise`` and ``assert``."""


class Raised(msgspec.Struct, frozen=True, array_like=True):
    """The class of an exception: ``name`` is a dotted name, or one of the three that stand for many:
    ``Exception`` (anything an ordinary call raises), ``asyncio.CancelledError``, ``GeneratorExit``.
    ``bases`` are its known ancestors, itself included; ``exact`` False where a subclass may be meant.
    """

    name: str
    bases: tuple[str, ...]
    exact: bool = True


class Event(msgspec.Struct, frozen=True, tag=True):
    """Base of the events."""

    span: Span


class Set(Event, frozen=True):
    """``var.set(value)``; the token goes ``into`` a place, or nowhere. ``derived``: the value is computed from
    what ``var.get()`` gave (the next depth, a longer stack, a copy with an entry more). ``helper`` is the function
    of the program whose call returned the token, None for a set in this function's own text.
    """

    var: VarId
    into: Place | None
    value: Operand
    derived: bool = False
    helper: str | None = None
    receiver: str = ""
    """The variable as it is written where it is set: ``self._storage``."""
    setter: bool = False
    """Whether ``helper`` sets and keeps the token from its caller."""


class Reset(Event, frozen=True):
    """``var.reset(token)`` in any spelling. ``var`` None where the receiver is not known (``t.var.reset(t)``), or
    where a function of the program resets what it is given: ``by`` is then the one variable that it resets it of, if
    nothing but the token itself decides, and ``strict`` says that it does not look at the token first.
    """

    var: VarId | None
    token: Operand
    by: VarId | None = None
    strict: bool = False


class ResetEach(Event, frozen=True):
    """A loop that resets every token of a container."""

    container: Place


class Restore(Event, frozen=True):
    """Something else that puts ``var`` back to what it was before this function's sets: a helper that clears, or,
    with ``saved``, one that sets what it is given, if that place holds a value saved from the variable.
    """

    var: VarId
    saved: Place | None = None


class Get(Event, frozen=True):
    """``var.get()`` into a place."""

    var: VarId
    into: Place


class Bind(Event, frozen=True):
    """``place = operand``; None forgets what the place held."""

    place: Place
    value: Operand


class Collect(Event, frozen=True):
    """``container.append(operand)``, or an element of a display."""

    container: Place
    value: Operand


class Hand(Event, frozen=True):
    """A value leaves this frame's care: returned, yielded, stored, captured, passed to something unknown."""

    value: Operand
    via: Literal["return", "yield", "field", "container", "closure", "argument"]
    part: str = ""
    """Which element of a returned tuple it is: ``[1]``."""


class Call(Event, frozen=True):
    """A call, or anything else that may raise without suspending. ``target`` is known for functions of the
    program. ``work`` False for what only prepares or reports: builtins, logging, constructors. ``mark``:
    ``wrapped`` for a call of what this function wraps, ``recursion`` for a call of itself, ``spawn`` for
    the start of a task. ``raised`` are the
    classes that a function of the program raises in its own text, ``pops`` the variables that it sets to a value
    computed from the old one, ``gives_back`` those of the tokens that it is given and resets.
    """

    grade: Grade
    callee: str
    target: FuncId | None = None
    work: bool = True
    mark: Literal["", "wrapped", "recursion", "spawn"] = ""
    raised: tuple[Raised, ...] = ()
    pops: tuple[VarId, ...] = ()
    gives_back: tuple[VarId, ...] = ()


class Suspend(Event, frozen=True):
    """A suspension. ``raises`` False where what is thrown in cannot matter (a fixture's ``yield``)."""

    kind: Literal["await", "yield"]
    raises: bool = True


EventT: TypeAlias = Set | Reset | ResetEach | Restore | Get | Bind | Collect | Hand | Call | Suspend

# --- Guards ------------------------------------------------------------------------------------------------


class GuardNode(msgspec.Struct, frozen=True, tag=True):
    """Base of the guards. ``events`` happen before it is decided."""

    events: tuple[EventT, ...] = ()


class Always(GuardNode, frozen=True):
    """``while True``, or a case that always matches."""


class TextTest(msgspec.Struct, frozen=True, array_like=True):
    """A question about one text: whether it is, starts with or ends with one of ``words``. ``subject`` says which."""

    subject: str
    kind: Literal["is", "startswith", "endswith"]
    words: tuple[str, ...]


class Opaque(GuardNode, frozen=True):
    """Undecidable; ``key`` (the text, normalised) correlates it with the same condition elsewhere, and
    ``names`` are what it reads: binding one of them forgets it. An empty key correlates with nothing. ``text``:
    what is asked, where that is a question about a text, which correlates with other questions about it. ``typed``: the
    name whose type is asked for, where that is all. ``steady``: it asks by a call what kind of object a name holds, so
    it is answered alike until another is bound to the name.
    """

    key: str = ""
    names: tuple[str, ...] = ()
    text: TextTest | None = None
    typed: str = ""
    steady: bool = False


class IsNone(GuardNode, frozen=True):
    """``place is None``."""

    place: Place = Place("")


class Truthy(GuardNode, frozen=True):
    """``place`` tested for truth; correlates on its own value where nothing is known of it. ``whole``: what lies there
    is an object of some class, or None, and no text, number or collection, so that it is false only where it is None.
    """

    place: Place = Place("")
    whole: bool = False


class Unset(GuardNode, frozen=True):
    """``var.get(None) is None`` and its like: true where no value is set, so a set below it overwrites nothing.
    ``exact`` False for ``not var.get()``, which an empty value satisfies too.
    """

    var: VarId = VarId("", "")
    exact: bool = True


class Negated(GuardNode, frozen=True):
    """``not guard``."""

    guard: Guard = Always()


class Every(GuardNode, frozen=True):
    """``a and b``."""

    guards: tuple[Guard, ...] = ()


class Either(GuardNode, frozen=True):
    """``a or b``."""

    guards: tuple[Guard, ...] = ()


Guard: TypeAlias = Always | Opaque | IsNone | Truthy | Unset | Negated | Every | Either

# --- Structure ---------------------------------------------------------------------------------------------


class Structure(msgspec.Struct, frozen=True, tag=True):
    """Base of the structured nodes."""

    span: Span


class Do(Structure, frozen=True):
    """Events, one after another."""

    events: tuple[EventT, ...]


class Branch(Structure, frozen=True):
    """``if guard: then else: orelse``; ``span`` is the condition's. ``told`` False for a condition inside an
    expression, which no story names.
    """

    guard: Guard
    then: Block
    orelse: Block
    told: bool = True


class Loop(Structure, frozen=True):
    """``while`` and ``for``. ``head`` runs before each turn, then ``guard`` decides whether there is one. ``once``:
    there certainly is a first one. ``over``: the name whose truth is the same as whether there is a first one.
    """

    head: Block
    guard: Guard
    body: Block
    orelse: Block
    once: bool = False
    over: Place | None = None


class Except(Structure, frozen=True):
    """One handler. ``catches`` None catches everything; a class that could not be resolved is ``unknown``."""

    catches: tuple[Raised, ...] | None
    unknown: bool
    body: Block


class Try(Structure, frozen=True):
    """``try``. ``star`` for ``except*``."""

    body: Block
    handlers: tuple[Except, ...]
    orelse: Block
    final: Block
    star: bool = False


class With(Structure, frozen=True):
    """The body of a ``with`` whose manager was entered already. ``swallows``: None never, else what stops there
    (an empty tuple: anything), for certain or, with ``perhaps``, on some ways. ``leave`` runs on the way out,
    whatever the way.
    """

    body: Block
    swallows: tuple[Raised, ...] | None
    leave: tuple[EventT, ...]
    perhaps: bool = False


class Exit(Structure, frozen=True):
    """A way out. ``raised`` is None for a re-raise of what is being handled."""

    kind: Literal["return", "raise", "break", "continue"]
    raised: Raised | None = None


NodeT: TypeAlias = Do | Branch | Loop | Try | With | Exit
Block: TypeAlias = tuple[NodeT, ...]
