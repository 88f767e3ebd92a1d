"""Functions that a framework or the program's start calls, and whose values end with that call."""

from __future__ import annotations

from ctxlint.analysis.callers import Use
from ctxlint.analysis.program import Program
from ctxlint.analysis.scopes import Scope
from ctxlint.analysis.symbols import FunctionRef
from ctxlint.analysis.undoers import uses_outside_tests
from ctxlint.knowledge.loader import frames as known_frames
from ctxlint.model import facts as f

_AT_START = ("lifespan", "on_startup")
_ENTERING = ("enter_context", "enter_async_context")
_COMMANDS = ("command", "group", "callback")


def entry_reason(program: Program, scope: Scope) -> str | None:
    """Why what the function leaves set ends with the framework's call; None where nothing says so."""
    if is_lifespan(program, scope):
        return "an application runs its lifespan in a task of its own"
    if scope.function.is_async:
        if _takes(program, scope, known_frames().request_classes):
            return "it runs in the task of the request that it is given"
        return None
    if _takes(program, scope, known_frames().plain_request_classes):
        return "its server gives each request a Context of its own"
    if any(name in known_frames().endpoint_decorators for name in program.decorators(scope)):
        return "the framework runs a plain endpoint in a thread, in a copied Context"
    return None


def is_lifespan(program: Program, scope: Scope) -> bool:
    """Does an ASGI application run the function once, around or at its start?"""
    known = known_frames()
    if any(name in known.startup_decorators for name in program.decorators(scope)):
        return True
    return any(
        _keyword(use) in _AT_START
        and use.receiver is not None
        and program.resolver.external(use.scope, use.receiver.func) in known.lifespan_applications
        for use in program.uses.of(scope)
    )


def is_part_of_lifespan(program: Program, scope: Scope, seen: frozenset[Scope] = frozenset()) -> bool:
    """Is it a lifespan, or called and entered by functions alone that are parts of one, and in no loop?"""
    if is_lifespan(program, scope):
        return True
    uses = uses_outside_tests(program, scope)
    return bool(uses) and all(
        use.scope.kind == "function"
        and use.scope not in seen
        and _runs_once_there(use)
        and is_part_of_lifespan(program, use.scope, seen | {scope})
        for use in uses
    )


def _runs_once_there(use: Use) -> bool:
    """Is a function called, or entered, where its user's text stands, and not on each turn of a loop?"""
    entered = use.kind in ("call", "entered") or (
        isinstance(use.node, f.Call)
        and use.receiver is not None
        and isinstance(use.receiver.func, f.Attribute)
        and use.receiver.func.attr in _ENTERING
    )
    return entered and not use.is_in_loop


def is_initializer(program: Program, scope: Scope) -> bool:
    """Is the function handed to a pool, to prepare each of its workers?"""
    uses = program.uses.of(scope)
    return bool(uses) and all(_keyword(use) == "initializer" for use in uses)


def is_command(program: Program, scope: Scope) -> bool:
    """Is the function a command of the program's command line: decorated by click or typer, or by a command?"""
    return _is_command(program, scope, frozenset())


def _is_command(program: Program, scope: Scope, seen: frozenset[Scope]) -> bool:
    if scope.parent is None or scope.kind != "function" or scope in seen:
        return False
    if any(name in known_frames().commands for name in program.decorators(scope)):
        return True
    for decorator in scope.function.decorators:  # `@cli.command()`, where `cli` is such a function
        made = decorator.func if isinstance(decorator, f.Call) else decorator
        if isinstance(made, f.Attribute) and made.attr in _COMMANDS:
            group = program.resolver.resolve(scope.parent, made.value)
            if isinstance(group, FunctionRef) and _is_command(program, group.scope, seen | {scope}):
                return True
    return False


def _takes(program: Program, scope: Scope, classes: frozenset[str]) -> bool:
    """Is a parameter annotated with one of these classes, of a framework's requests or connections?"""
    parent = scope.parent
    return parent is not None and any(
        each.annotation is not None and program.resolver.external(parent, each.annotation) in classes
        for each in scope.function.parameters
    )


def _keyword(use: Use) -> str | None:
    """The keyword under which a function is handed to a call, a list of functions included."""
    for argument in use.receiver.args if use.kind == "handed" and use.receiver is not None else ():
        items = argument.value.items if isinstance(argument.value, f.Display) else (argument.value,)
        if any(item is use.node for item in items):
            return argument.keyword
    return None
