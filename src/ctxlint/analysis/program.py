"""The linked program: its files, its variables, and for each function its body, its outcome and its summary.

Everything is computed when first asked and then kept; nothing depends on the order of questions. Functions that
call each other in a circle are summarised together, until their summaries agree (see ``fixpoint``).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import Any, TypeVar

from ctxlint.analysis.callers import Uses
from ctxlint.analysis.declarations import Declaration, declarations
from ctxlint.analysis.effects import Effects, elsewhere
from ctxlint.analysis.fixpoint import Fixpoint, Scheme
from ctxlint.analysis.interpret import Owned, interpret
from ctxlint.analysis.lowering.frame import Frame, constant, fresh, signature
from ctxlint.analysis.lowering.statements import lower_block
from ctxlint.analysis.relevance import events
from ctxlint.analysis.resolve import Resolver
from ctxlint.analysis.scopes import Annotated, Assigned, Scope, self_name
from ctxlint.analysis.summaries import Summary, position, summarise
from ctxlint.knowledge.loader import calls as known_calls
from ctxlint.knowledge.loader import frames as known_frames
from ctxlint.model import facts as f
from ctxlint.model import ir
from ctxlint.model.diagnostics import Failure
from ctxlint.model.facts import Limit
from ctxlint.model.ids import Place, VarId
from ctxlint.model.observations import FrameOutcome
from ctxlint.model.spans import Span

T = TypeVar("T")

#: Stands for files that cannot be told: a function in a circle of calls is summarised anew with all of it.
_IN_CIRCLES = ""


class Program:
    """All files that can do something to a variable, linked."""

    def __init__(self, resolver: Resolver, paths: Iterable[str], earlier: Program | None = None) -> None:
        """Link the files ``paths``; the others of the resolver's library are only asked where names come from. What an
        ``earlier`` program of the same resolver found of functions that lead to none of the new files is kept.
        """
        found = ((path, resolver.library.whole(path)) for path in sorted(paths))
        self.modules = {path: scope for path, scope in found if scope is not None}
        self.limits: dict[str, list[Limit]] = {}
        self.resolver = resolver
        self._summaries = Fixpoint(Scheme(self._summarise, Summary(), position, self._unsettled, self._keep))
        self.failures: list[Failure] = []
        self._leans: dict[Scope, set[str]] = {}
        self._solving: list[set[str]] = []
        self._answers: dict[Callable[[Program], Any], Any] = {}
        self._shown: dict[Hashable, tuple[FrameOutcome | None, frozenset[str]]] = {}
        if earlier is not None:
            self._adopt(earlier)

    def _adopt(self, earlier: Program) -> None:
        new = {*self.modules.keys() - earlier.modules.keys(), _IN_CIRCLES}
        kept = {
            scope: summary
            for scope, summary in earlier._summaries.final.items()
            if earlier._leans.get(scope, new).isdisjoint(new)
        }
        self._shown = earlier._shown
        self._leans = {scope: earlier._leans[scope] for scope in kept}
        self._summaries.adopt(kept)

    def give_up(self, path: str, message: str, span: Span) -> None:
        """Note that a bound was passed in ``path``: what was given up is reported as CTX904."""
        self.limits.setdefault(path, []).append(Limit(message, span))

    @functools.cached_property
    def declarations(self) -> tuple[Declaration, ...]:
        """Every declaration of a context variable."""
        return declarations(self.resolver, self.modules.values())

    @functools.cached_property
    def by_var(self) -> dict[VarId, Declaration]:
        """Declarations by the variable that they declare; the first where there are several."""
        found: dict[VarId, Declaration] = {}
        for declaration in self.declarations:
            if declaration.var is not None:
                found.setdefault(declaration.var, declaration)
        return found

    @functools.cached_property
    def uses(self) -> Uses:
        """Who uses which function."""
        return Uses(self.resolver, self.modules.values())

    @functools.cached_property
    def relevant(self) -> tuple[Scope, ...]:
        """The functions that can do something to a variable or a token, in the order of files and text: those
        that spell ``set``, ``reset`` or a library's like of them, and those that call, by whatever name
        resolves there, a function that was found to set, restore, return or reset. Who is left out has no effect
        worth knowing.
        """
        every = tuple(self.functions())
        methods = {"set", "reset", *known_calls().token_functions}
        pending = {scope for scope in every if not scope.spelled.isdisjoint(methods)}
        found: set[Scope] = set()
        while pending:
            found |= pending
            names = {
                scope.qualname.rpartition(".")[2] for scope in pending if _passes_on(self.effects(scope))
            }
            pending = {scope for scope in every if scope not in found and not scope.spelled.isdisjoint(names)}
        return tuple(scope for scope in every if scope in found)

    @functools.cached_property
    def touching(self) -> tuple[Scope, ...]:
        """Those of the relevant functions that were found to do something to a variable or a token."""
        return tuple(
            scope
            for scope in self.relevant
            if _passes_on(self.effects(scope))
            or ((outcome := self.outcome(scope)) is not None and outcome.sites)
        )

    @functools.cached_property
    def derived_sets(self) -> frozenset[tuple[VarId, str, Span]]:
        """The sets whose value is computed from the variable's own: variable, file, place."""
        return frozenset(
            (site.site.var, scope.path, site.site.span)
            for scope in self.relevant
            for site in getattr(self.outcome(scope), "sites", ())
            if site.site.derived
        )

    def functions(self) -> Iterator[Scope]:
        """Every function, method and lambda of the program, and the module bodies."""
        for module in self.modules.values():
            for scope in module.descendants():
                if scope.kind != "class":
                    yield scope

    def decorators(self, scope: Scope) -> tuple[str, ...]:
        """The dotted names of a function's decorators that are outside the program, arguments left out."""
        if not isinstance(scope.node, f.Function) or scope.parent is None:
            return ()
        found = [self.resolver.external(scope.parent, decorator) for decorator in scope.node.decorators]
        return tuple(name.removesuffix("()") for name in found if name is not None)

    def once(self, question: Callable[[Program], T]) -> T:
        """The answer to a question about the whole program, found when it is first asked."""
        if question not in self._answers:
            self._answers[question] = question(self)
        answer: T = self._answers[question]
        return answer

    def frame(self, scope: Scope) -> Frame:
        """What lowering knows of a function."""
        known, names = known_frames(), self.decorators(scope)
        fixture = any(name in known.fixtures for name in names)
        managed = any(name in known.scope_generators for name in names)
        return Frame(scope, self.resolver, self.effects, self._default, throws=not fixture, is_scope=managed)

    def body(self, scope: Scope) -> ir.Block:
        """The resolved IR of a function or of a module's body."""
        return self._summaries.of(scope).body

    def outcome(self, scope: Scope) -> FrameOutcome | None:
        """What interpreting a function showed; None where it touches no token."""
        return self._summaries.of(scope).outcome

    def effects(self, scope: Scope) -> Effects:
        """A function's summary."""
        if scope.path not in self.modules:
            self._lean({scope.path})
            return elsewhere(scope)
        found = self._summaries.of(scope).effects
        self._lean(self._leans[scope] if scope in self._summaries.final else {_IN_CIRCLES})
        return found

    def _lean(self, paths: set[str]) -> None:
        """Note what the summary that is being made depends on: files outside, at any depth of calls."""
        if self._solving:
            self._solving[-1] |= paths

    @staticmethod
    def _end(scope: Scope) -> Span:
        """The place that stands for falling off the end: the last character of the function."""
        if scope.node is None:
            return Span(0, 0)
        return Span(max(scope.node.span.end - 1, scope.node.span.start), scope.node.span.end)

    def _summarise(self, scope: Scope) -> Summary:
        self._solving.append(set())
        try:
            return self._summary(scope)
        finally:
            self._leans[scope] = self._solving.pop()

    def _summary(self, scope: Scope) -> Summary:
        try:
            body = lower_block(self.frame(scope), scope.body)
            outcome = self._interpreted(scope, body)
            cut = _cut_short(scope) if outcome is not None and outcome.capped else None
            return Summary(summarise(scope, body, outcome), body, outcome, cut)
        except RecursionError:
            return _given_up(scope, "is nested too deeply to follow")
        except Exception as error:  # noqa: BLE001 - the boundary of one function: a crash is told, the rest runs
            where = f"{scope.path}: {scope.qualname or 'module body'}"
            return Summary(trouble=Failure("interpret", where, f"{type(error).__name__}: {error}"))

    def _interpreted(self, scope: Scope, body: ir.Block) -> FrameOutcome | None:
        """What interpreting a body shows. Most bodies come again: in another round of a circle of calls, and once more
        when further files are read.
        """
        variables = {event.var for event in events(body) if isinstance(event, ir.Set | ir.Reset | ir.Restore)}
        owned, end = _owned(scope), self._end(scope)
        key = body, end, owned, frozenset(var for var in variables if var in self.by_var)
        if key not in self._shown:
            self._solving.append(set())
            try:
                outcome = interpret(body, end, owned, self.distinct)
            finally:
                leaned = self._solving.pop()
            self._shown[key] = outcome, frozenset(leaned)
        outcome, paths = self._shown[key]
        self._lean({*paths})
        return outcome

    @staticmethod
    def _unsettled(scope: Scope) -> Summary:
        return _given_up(scope, "calls itself through others in a way that does not settle")

    def _keep(self, scope: Scope, summary: Summary) -> None:
        if isinstance(summary.trouble, Limit):
            self.limits.setdefault(scope.path, []).append(summary.trouble)
        elif summary.trouble is not None:
            self.failures.append(summary.trouble)

    def distinct(self, one: VarId, other: VarId) -> bool:
        """Are they certainly two variables: is each declared by a call of its own?"""
        if one == other:
            return False
        found = [self.by_var.get(var) for var in (one, other)]
        if None in found:
            self._lean({one.module, other.module})
        return None not in found

    def _default(self, var: VarId) -> str | None:
        declaration = self.by_var.get(var)
        if declaration is None:
            self._lean({var.module})
        if declaration is None or declaration.default is None:
            return None
        if constant(declaration.default) is None:
            return fresh(self.resolver, declaration.made, declaration.default)
        return signature(declaration.default)


def _owned(scope: Scope) -> Owned:
    """The names of a function that nobody else can reach; a module's names are everybody's, and those that a nested
    function declares nonlocal are its as well.
    """
    if not isinstance(scope.node, f.Function):
        return Owned(frozenset(), frozenset())
    inner = (each.node for each in scope.descendants() if each is not scope)
    shared = {name for node in inner if isinstance(node, f.Function) for name in node.nonlocal_names}
    parameters = frozenset(parameter.name for parameter in scope.node.parameters)
    return Owned(frozenset(scope.node.bound) - shared, parameters, frozenset(_filled(scope)))


def _filled(scope: Scope) -> Iterator[Place]:
    """The attributes of its object that this method fills, and no other of its class but with None."""
    own = self_name(scope)
    if scope.owner is None or own is None or "set" not in scope.spelled:
        return
    for name, bindings in scope.owner.attributes.items():
        if any(method is scope for _, method in bindings) and is_filled_by(scope.owner, name, scope):
            yield Place(own, (name,))


def is_filled_by(owner: Scope, name: str, method: Scope) -> bool:
    """Is an attribute given anything but None by ``method`` alone, as far as its file tells?"""
    for binding, where in owner.attributes.get(name, ()):
        nothing = isinstance(binding, Annotated) or (
            isinstance(binding, Assigned) and isinstance(binding.value, f.Literal) and not binding.path
        )
        if where is not method and not nothing:
            return False
    return not any(
        name in scope.spelled
        for scope in owner.module.descendants()
        if scope.kind == "function" and scope.owner is not owner
        if scope.owner is None or name not in scope.owner.attributes  # else it is that class's own
    )


def _given_up(scope: Scope, why: str) -> Summary:
    return Summary(trouble=_limit(scope, f"{why}; its tokens were not checked"))


def _cut_short(scope: Scope) -> Limit:
    return _limit(scope, "goes more ways than are followed; its tokens were checked on some of them")


def _limit(scope: Scope, what: str) -> Limit:
    where = scope.node.span if scope.node is not None else Span(0, 0)
    name = scope.qualname or "the module's body"
    return Limit(f"{name} {what}", where, scope.node.head if isinstance(scope.node, f.Function) else None)


def _passes_on(effects: Effects) -> bool:
    """Can a caller of a function with these effects have any because of it?"""
    return bool(effects.tokens or effects.restores or effects.sets or effects.resets or effects.free_resets)
