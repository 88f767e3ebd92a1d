"""What the reader says of a file: its code, lowered to symbolic facts.

Facts are symbolic: names and calls as written, never what they resolve to. They depend on the text of their
file and on ``READER_VERSION`` alone, never on settings or on other files, so they can be cached by content.

A *unit* is one top-level statement, or several that share a line. Its facts are a compact tree: expressions in
evaluation order, statements with their structure. Layout, comments, parentheses and docstrings are left out.
Every span counts from the start of the file (see ``spans``).

The vocabulary is smaller than Python's grammar on purpose: arithmetic is one ``Operation`` whatever the
operator, an f-string is the expressions that it interpolates, a pattern is what it binds. What no rule can
ask about is not recorded.
"""

from __future__ import annotations

from typing import Literal as OneOf
from typing import TypeAlias

import msgspec

from ctxlint.model.spans import Span

#: Bumped whenever the reader would say something else of the same text.
READER_VERSION = 1


class Node(msgspec.Struct, frozen=True, tag=True, array_like=True, gc=False):
    """Base of every fact: frozen, tagged, and placed. A frozen tree has no cycles, so the collector need not look:
    that halves the time to build one.
    """

    span: Span


# --- Expressions -------------------------------------------------------------------------------------------


class Name(Node, frozen=True):
    """A name that is read, or bound where it stands as a target."""

    id: str


class Literal(Node, frozen=True):
    """A constant. ``text`` is the value of a string (adjacent ones joined), else the spelling in the source."""

    kind: OneOf["none", "bool", "int", "float", "complex", "str", "bytes", "ellipsis"]
    text: str


class Attribute(Node, frozen=True):
    """``value.attr``; the span covers the whole expression."""

    value: Expr
    attr: str


class Subscript(Node, frozen=True):
    """``value[index]``; several indexes are one tuple display."""

    value: Expr
    index: Expr


class Argument(Node, frozen=True):
    """One argument of a call or one base of a class. ``star`` is ``""``, ``"*"`` or ``"**"``."""

    value: Expr
    keyword: str | None
    star: str


class Call(Node, frozen=True):
    """``func(args)``; the span runs from the first character of ``func`` to the closing parenthesis."""

    func: Expr
    args: tuple[Argument, ...]


class Display(Node, frozen=True):
    """A tuple, list or set written out; elements may be ``Starred``."""

    kind: OneOf["tuple", "list", "set"]
    items: tuple[Expr, ...]


class DictDisplay(Node, frozen=True):
    """A dict written out. A key of ``None`` stands for ``**value``."""

    keys: tuple[Expr | None, ...]
    values: tuple[Expr, ...]


class Starred(Node, frozen=True):
    """``*value`` in a display, a target or a subscript."""

    value: Expr


class Lambda(Node, frozen=True):
    """A lambda; its body is one ``Return``."""

    function: Function


class Clause(Node, frozen=True):
    """One ``for target in iterable if conditions`` of a comprehension; the span starts at the target."""

    target: Expr
    iterable: Expr
    conditions: tuple[Expr, ...]
    is_async: bool


class Comprehension(Node, frozen=True):
    """A comprehension. ``value`` is set for dict comprehensions, whose ``element`` is the key."""

    kind: OneOf["list", "set", "dict", "generator"]
    element: Expr
    value: Expr | None
    clauses: tuple[Clause, ...]


class Conditional(Node, frozen=True):
    """``then if test else orelse``."""

    test: Expr
    then: Expr
    orelse: Expr


class Boolean(Node, frozen=True):
    """``a and b and c`` or ``a or b or c``, flattened where the operators agree."""

    op: OneOf["and", "or"]
    values: tuple[Expr, ...]


class Not(Node, frozen=True):
    """``not value``."""

    value: Expr


class Compare(Node, frozen=True):
    """``left op right op right …``; operators as written, ``not in`` and ``is not`` with one space."""

    left: Expr
    ops: tuple[str, ...]
    rights: tuple[Expr, ...]


class Operation(Node, frozen=True):
    """Any other operator: arithmetic, bitwise, unary, slices (op ``:``). Left-nested chains of one operator
    are flattened, so a sum of thousands of terms is one node.
    """

    op: str
    operands: tuple[Expr, ...]


class Interpolated(Node, frozen=True):
    """An f-string or t-string: the expressions that it evaluates, in order."""

    values: tuple[Expr, ...]


class Await(Node, frozen=True):
    """``await value``."""

    value: Expr


class Yield(Node, frozen=True):
    """``yield value`` (``value`` None when bare)."""

    value: Expr | None


class YieldFrom(Node, frozen=True):
    """``yield from value``."""

    value: Expr


class Walrus(Node, frozen=True):
    """``target := value``."""

    target: Name
    value: Expr


Expr: TypeAlias = (
    Name
    | Literal
    | Attribute
    | Subscript
    | Call
    | Display
    | DictDisplay
    | Starred
    | Lambda
    | Comprehension
    | Conditional
    | Boolean
    | Not
    | Compare
    | Operation
    | Interpolated
    | Await
    | Yield
    | YieldFrom
    | Walrus
)

# --- Functions ---------------------------------------------------------------------------------------------


class Parameter(Node, frozen=True):
    """One parameter; the span is that of its name."""

    name: str
    kind: OneOf["positional", "plain", "star", "keyword", "double_star"]
    default: Expr | None
    annotation: Expr | None


class Function(Node, frozen=True):
    """A function, method or lambda. The span runs from ``def``/``async``/``lambda`` to the end of the body,
    ``head`` is the name (a lambda's ``lambda``), decorators stand outside the span.

    ``bound`` are the names that the body binds in its own scope (parameters, assignments, loops, imports,
    nested definitions, ``except … as``, patterns, walruses in comprehensions), without those declared global
    or nonlocal.
    """

    name: str
    head: Span
    parameters: tuple[Parameter, ...]
    returns: Expr | None
    decorators: tuple[Expr, ...]
    body: tuple[Stmt, ...]
    bound: tuple[str, ...]
    global_names: tuple[str, ...]
    nonlocal_names: tuple[str, ...]
    is_async: bool
    is_generator: bool
    is_lambda: bool


# --- Statements --------------------------------------------------------------------------------------------


class Evaluate(Node, frozen=True):
    """An expression as a statement."""

    value: Expr


class Assign(Node, frozen=True):
    """``target = target = value``, or ``target: annotation = value`` with one target."""

    targets: tuple[Expr, ...]
    value: Expr
    annotation: Expr | None


class Annotate(Node, frozen=True):
    """``target: annotation`` without a value."""

    target: Expr
    annotation: Expr


class Augment(Node, frozen=True):
    """``target op= value``; ``op`` without the equals sign."""

    target: Expr
    op: str
    value: Expr


class Delete(Node, frozen=True):
    """``del targets``."""

    targets: tuple[Expr, ...]


class Return(Node, frozen=True):
    """``return value``."""

    value: Expr | None


class Raise(Node, frozen=True):
    """``raise value from cause``; ``value`` None re-raises."""

    value: Expr | None
    cause: Expr | None


class Break(Node, frozen=True):
    """``break``."""


class Continue(Node, frozen=True):
    """``continue``."""


class Assert(Node, frozen=True):
    """``assert test, message``."""

    test: Expr
    message: Expr | None


class Imported(Node, frozen=True):
    """One name of an import: ``name`` dotted as written, ``alias`` None without ``as``."""

    name: str
    alias: str | None


class Import(Node, frozen=True):
    """``import a.b as c, d``."""

    names: tuple[Imported, ...]


class ImportFrom(Node, frozen=True):
    """``from ..module import names``; ``level`` counts the dots; ``star`` means ``import *`` (no names)."""

    module: str
    level: int
    names: tuple[Imported, ...]
    star: bool


class If(Node, frozen=True):
    """``if``; an ``elif`` is an ``If`` as the only statement of ``orelse``. The span is the ``if test`` line's:
    from the keyword to the end of the test. So for every compound statement: keyword to the end of the head.
    """

    test: Expr
    body: tuple[Stmt, ...]
    orelse: tuple[Stmt, ...]


class While(Node, frozen=True):
    """``while test: body else: orelse``."""

    test: Expr
    body: tuple[Stmt, ...]
    orelse: tuple[Stmt, ...]


class For(Node, frozen=True):
    """``for target in iterable: body else: orelse``."""

    target: Expr
    iterable: Expr
    body: tuple[Stmt, ...]
    orelse: tuple[Stmt, ...]
    is_async: bool


class WithItem(Node, frozen=True):
    """One ``context as target`` of a ``with``."""

    context: Expr
    target: Expr | None


class With(Node, frozen=True):
    """``with items: body``."""

    items: tuple[WithItem, ...]
    body: tuple[Stmt, ...]
    is_async: bool


class Handler(Node, frozen=True):
    """One ``except catches as name``; None catches everything, several classes are a tuple display."""

    catches: Expr | None
    name: str | None
    body: tuple[Stmt, ...]


class Try(Node, frozen=True):
    """``try``; ``is_star`` for ``except*``. The span is the keyword."""

    body: tuple[Stmt, ...]
    handlers: tuple[Handler, ...]
    orelse: tuple[Stmt, ...]
    final: tuple[Stmt, ...]
    is_star: bool


class Pattern(Node, frozen=True):
    """What a ``case`` pattern can do: bind names, and fail or not (``irrefutable``). ``literal`` is the value
    of a pattern that is one constant or dotted name, else None.
    """

    binds: tuple[str, ...]
    irrefutable: bool
    literal: Expr | None


class Case(Node, frozen=True):
    """One ``case pattern if guard``."""

    pattern: Pattern
    guard: Expr | None
    body: tuple[Stmt, ...]


class Match(Node, frozen=True):
    """``match subject``."""

    subject: Expr
    cases: tuple[Case, ...]


class Define(Node, frozen=True):
    """``def``; the span is the function's own."""

    function: Function


class Class(Node, frozen=True):
    """``class``: from the keyword to the end of the body; ``head`` is the name."""

    name: str
    head: Span
    bases: tuple[Argument, ...]
    decorators: tuple[Expr, ...]
    body: tuple[Stmt, ...]


class Scope(Node, frozen=True):
    """``global`` or ``nonlocal``."""

    kind: OneOf["global", "nonlocal"]
    names: tuple[str, ...]


class TypeAliasing(Node, frozen=True):
    """``type name = …``: binds the name; the value is lazy, so it is not recorded."""

    name: str


Stmt: TypeAlias = (
    Evaluate
    | Assign
    | Annotate
    | Augment
    | Delete
    | Return
    | Raise
    | Break
    | Continue
    | Assert
    | Import
    | ImportFrom
    | If
    | While
    | For
    | With
    | Try
    | Match
    | Define
    | Class
    | Scope
    | TypeAliasing
)

# --- Units and modules -------------------------------------------------------------------------------------


class Unit(msgspec.Struct, frozen=True, array_like=True):
    """One read unit of a file: its facts, and the character of the file at which its text starts."""

    base: int
    body: tuple[Stmt, ...]


#: Stands for every name, where it is not known which ones a unit binds.
ANY_NAME = "*"


class Heading(msgspec.Struct, frozen=True, array_like=True):
    """What is known of a unit before it is read: its extent in the text, the names that it binds in the module's
    scope (those that its functions declare ``global`` included), and whether it holds ``import *``.
    """

    start: int
    end: int
    binds: tuple[str, ...]
    star: bool


class ModuleFacts(msgspec.Struct, frozen=True, array_like=True):
    """Everything read of one file, in the order of the text. ``limits`` says what was given up, and where."""

    units: tuple[Unit, ...]
    limits: tuple[Limit, ...] = ()


class Limit(msgspec.Struct, frozen=True, array_like=True):
    """A bound that the input passed: what was given up, in words for the user, and where (file span). ``head`` is the
    name of the function that it is about.
    """

    message: str
    span: Span
    head: Span | None = None
