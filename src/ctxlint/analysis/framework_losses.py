"""What frameworks lose: values that are set where no request sees them.

* FastAPI runs a plain dependency in a thread with a copied Context: what it sets reaches no endpoint.
* An ASGI server runs the lifespan in a task of its own: what it sets reaches no request.
* Starlette's ``BaseHTTPMiddleware`` runs the endpoint in a task: what that sets is not there behind ``call_next``.

Evidence: ``frames.toml``. A value counts as lost only where the program reads the variable outside of what the function
itself runs, and for the last two only where nothing else sets it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from ctxlint.analysis.callers import Use
from ctxlint.analysis.following import following
from ctxlint.analysis.frame_kinds import is_test_file
from ctxlint.analysis.program import Program
from ctxlint.analysis.propagation import Propagation
from ctxlint.analysis.scopes import Scope
from ctxlint.analysis.sole_sets import Sets
from ctxlint.analysis.symbols import FunctionRef
from ctxlint.knowledge.loader import frames as known_frames
from ctxlint.model import facts as f
from ctxlint.model.ids import VarId
from ctxlint.model.spans import Span
from ctxlint.model.walk import walk

_LEFT = ("held", "lost", "transferred")


@dataclass(frozen=True, slots=True)
class FrameworkLoss:
    """``var`` is set at ``span`` of ``scope``, or (``middleware``) read there behind ``use``. ``use`` is where the
    framework gets the function, ``reader`` one that reads the variable, or for a middleware the function that sets it.
    """

    way: Literal["dependency", "lifespan", "middleware"]
    scope: Scope
    span: Span
    var: VarId
    use: tuple[Scope, f.Node]
    reader: tuple[Scope, Span]


class FrameworkLosses:
    """Answers for the functions of one program."""

    def __init__(self, program: Program, propagation: Propagation, sets: Sets) -> None:
        """Nothing is looked at until asked."""
        self._program = program
        self._propagation = propagation
        self._sets = sets

    def found(self) -> Iterator[FrameworkLoss]:
        """What is lost, in the order of the files."""
        for scope, use in self._dependencies.items():
            if not scope.function.is_async and not is_test_file(self._program, scope.path):
                yield from self._unseen("dependency", scope, use)
        for scope, use in self._lifespans.items():
            if not is_test_file(self._program, scope.path):
                yield from self._unseen("lifespan", scope, use)
        for scope in self._program.functions():
            if scope.kind == "function" and self._is_middleware(scope):
                yield from self._behind(scope)

    # --- set where nobody sees it -------------------------------------------------------------------------

    def _unseen(
        self, way: Literal["dependency", "lifespan"], scope: Scope, use: tuple[Scope, f.Node]
    ) -> Iterator[FrameworkLoss]:
        for var, span in self._left_by(scope).items():
            if way == "lifespan" and not self._sets.are_below(var, scope):
                continue
            reader = self._reader(var, scope)
            if reader is not None:
                yield FrameworkLoss(way, scope, span, var, use, reader)

    def _left_by(self, scope: Scope) -> dict[VarId, Span]:
        """The variables that a function sets and does not undo itself, with the place in its own text."""
        found: dict[VarId, Span] = {}
        outcome = self._program.outcome(scope) if scope.path in self._program.modules else None
        for each in outcome.sites if outcome is not None else ():
            stays = any(leaving.fate in _LEFT for leaving in each.exits if leaving.kind == "normal")
            if not each.site.emptying and stays:
                found.setdefault(each.site.var, each.site.span)
        for edge in self._propagation.graph.edges(scope):
            if isinstance(edge.node, f.Call) and self._sets.runs_in_place(edge):
                for var in self._sets.left_by(edge.callee):
                    found.setdefault(var, edge.node.span)
        undone = self._program.effects(scope).undoes
        return {var: span for var, span in found.items() if var not in undone}

    def _reader(self, var: VarId, scope: Scope) -> tuple[Scope, Span] | None:
        """A read of the variable outside of what the function runs."""
        inside = self._sets.reach(scope)
        for other in self._program.functions():
            if other in inside or other.kind != "function" or is_test_file(self._program, other.path):
                continue
            if "get" in other.spelled:
                for read in self._propagation.reads.of(other):
                    if read.var == var:
                        return other, read.node.span
        return None

    @functools.cached_property
    def _dependencies(self) -> dict[Scope, tuple[Scope, f.Node]]:
        """The functions that FastAPI gets as dependencies, each with its first use."""
        known = known_frames().threaded_dependencies

        def values(name: str, call: f.Call) -> Iterator[f.Expr]:
            if name in known:
                yield from (a.value for a in call.args if a.keyword in (None, "dependency"))

        return self._handed(values)

    @functools.cached_property
    def _lifespans(self) -> dict[Scope, tuple[Scope, f.Node]]:
        """The functions that an ASGI application runs at its start, each with the use."""
        known = known_frames()

        def values(name: str, call: f.Call) -> Iterator[f.Expr]:
            if name in known.lifespan_applications:
                yield from (a.value for a in call.args if a.keyword == "lifespan")
                for argument in call.args:
                    if argument.keyword == "on_startup" and isinstance(argument.value, f.Display):
                        yield from argument.value.items

        found = self._handed(values)
        for scope in self._program.functions():
            names = self._program.decorators(scope)
            if any(name in known.startup_decorators for name in names) and scope.parent is not None:
                decorator = scope.function.decorators[-1]
                first = decorator.args[0].value if isinstance(decorator, f.Call) and decorator.args else None
                if isinstance(first, f.Literal) and first.text == "startup":
                    found.setdefault(scope, (scope.parent, decorator))
        return found

    def _handed(self, values: Callable[[str, f.Call], Iterator[f.Expr]]) -> dict[Scope, tuple[Scope, f.Node]]:
        """The functions of the program among what calls of the framework are given."""
        found: dict[Scope, tuple[Scope, f.Node]] = {}
        resolver = self._program.resolver
        for module in self._program.modules.values():
            for where in module.descendants():
                for call in (*where.calls, *_annotated(where)):
                    name = resolver.external(where, call.func)
                    for value in values(name, call) if name is not None else ():
                        symbol = resolver.resolve(where, value)
                        if isinstance(symbol, FunctionRef):
                            found.setdefault(symbol.scope, (where, call))
        return found

    # --- read behind the endpoint -------------------------------------------------------------------------

    def _is_middleware(self, scope: Scope) -> bool:
        if not scope.function.is_async or is_test_file(self._program, scope.path):
            return False
        known = known_frames()
        if any(name in known.middleware_decorators for name in self._program.decorators(scope)):
            return True
        if scope.owner is None or scope.function.name != "dispatch":
            return False
        return any(
            base in known.middleware_classes for base in self._program.resolver.external_bases(scope.owner)
        )

    def _behind(self, scope: Scope) -> Iterator[FrameworkLoss]:
        """The reads behind ``await call_next(request)`` of what only endpoints set."""
        parameters = [each.name for each in scope.function.parameters if each.name not in ("self", "cls")]
        if len(parameters) < 2:  # noqa: PLR2004 - the request, and what calls the endpoint
            return
        awaited = next(
            (
                node
                for statement in scope.body
                for node in walk(statement, into_scopes=False)
                if isinstance(node, f.Await)
                and isinstance(node.value, f.Call)
                and isinstance(node.value.func, f.Name)
                and node.value.func.id == parameters[1]
            ),
            None,
        )
        if awaited is None:
            return
        seen: set[VarId] = set()
        for part in following(scope.body, awaited):
            for call in (node for node in walk(part, into_scopes=False) if isinstance(node, f.Call)):
                var = self._propagation.reads.read_by(scope, call)
                if var is None or var in seen or any(self._sets.regions(scope, var)):
                    continue
                seen.add(var)
                setter = self._endpoint_that_sets(var, scope)
                if setter is not None:
                    yield FrameworkLoss("middleware", scope, call.span, var, (scope, awaited), setter)

    def _endpoint_that_sets(self, var: VarId, scope: Scope) -> tuple[Scope, Span] | None:
        """A set of the variable, if all of them stand in endpoints, or in what only those call."""
        sites = [
            (where, each)
            for where, each in self._sets.sites(var)
            if not is_test_file(self._program, where.path)
        ]
        if not sites or not all(self._is_below_endpoint(where, frozenset()) for where, _ in sites):
            return None
        if any(scope in self._sets.reach(where) for where, _ in sites):
            return None
        where, each = sites[0]
        return where, each.site.span

    def _is_below_endpoint(self, scope: Scope, seen: frozenset[Scope]) -> bool:
        if scope.kind != "function":
            return False
        known = known_frames()
        if scope in self._dependencies or any(
            name in known.endpoint_decorators for name in self._program.decorators(scope)
        ):
            return True
        uses: list[Use] = [
            use
            for use in self._propagation.uses.of(scope)
            if use.scope not in seen and not is_test_file(self._program, use.scope.path)
        ]
        inner = seen | {scope}
        return bool(uses) and all(
            use.kind == "call" and self._is_below_endpoint(use.scope, inner) for use in uses
        )


def _annotated(scope: Scope) -> Iterator[f.Call]:
    """The calls in the annotations of the functions directly below a scope."""
    for child in scope.children:
        for each in child.function.parameters if child.kind == "function" else ():
            for node in walk(each.annotation) if each.annotation is not None else ():
                if isinstance(node, f.Call):
                    yield node
