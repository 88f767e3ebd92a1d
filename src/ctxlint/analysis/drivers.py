"""Who drives a function, so: does a value that it leaves behind reach anybody else?

``has_own_context`` says why the value ends with a Context of the function's own, ``harmless`` why it is no leak, or
None. Both look at the whole program: decorators, classes, callers. Calls from tests do not count.
"""

from __future__ import annotations

from collections.abc import Iterator

from ctxlint.analysis.callers import Use
from ctxlint.analysis.declared_roots import declared_root
from ctxlint.analysis.following import following
from ctxlint.analysis.frame_kinds import (
    is_isolated_test,
    is_property_setter,
    is_scope_generator,
    is_test_file,
)
from ctxlint.analysis.framework_entries import entry_reason, is_command, is_initializer
from ctxlint.analysis.handed_on import (
    carries_over,
    invocation,
    is_called_directly,
    uses_below,
    uses_by_decorator,
)
from ctxlint.analysis.mailboxes import taker
from ctxlint.analysis.program import Program
from ctxlint.analysis.scopes import Assigned, Scope
from ctxlint.analysis.started import CONTEXT_RUNS, is_plain_call, runs_in_copy, starters
from ctxlint.analysis.symbols import FunctionRef
from ctxlint.analysis.undoers import undone_elsewhere, uses_outside_tests
from ctxlint.knowledge.loader import frames as known_frames
from ctxlint.model import facts as f
from ctxlint.model.ids import VarId
from ctxlint.model.walk import holds, walk

_ASGI = ("scope", "receive", "send")
_CALLERS = 50  # whoever is started by a longer chain of callers is not known


def has_own_context(program: Program, scope: Scope) -> str | None:
    """Why a value that the function leaves set ends with the function's own Context; None where it does not."""
    if scope.kind != "function":
        return None
    called = _called_in_its_own(program, scope)
    if called is not None:
        return called
    if _ends_with_its_starter(program, scope, frozenset()):
        return "every use of the function starts it in a copied Context"
    decorated = uses_by_decorator(program, scope)
    if decorated and all(_starts(program, use) for use in decorated):
        return "its decorator runs it in a copied Context"
    return None


def _called_in_its_own(program: Program, scope: Scope) -> str | None:
    """Why whoever calls the function, a framework or a declared one, gives each call a Context of its own."""
    declared = declared_root(program, scope)
    if declared is not None:
        return declared
    if any(name in known_frames().event_decorators for name in program.decorators(scope)):
        return "each event has a Context of its own"
    if is_isolated_test(program, scope):
        return "an async test runs in a Context of its own"
    if scope.function.is_async and _is_entry(program, scope):
        return "each request or connection has a Context of its own"
    called = entry_reason(program, scope)
    if called is not None:
        return called
    return "a thread runs it, in a Context of its own" if _is_thread_body(program, scope) else None


def _is_thread_body(program: Program, scope: Scope) -> bool:
    """Is this the ``run`` of a Thread or Process, called by nobody else?"""
    if scope.owner is None or scope.function.name != "run":
        return False
    bases = program.resolver.external_bases(scope.owner)
    return any(base in known_frames().thread_classes for base in bases) and not uses_outside_tests(
        program, scope
    )


def _ends_with_its_starter(program: Program, scope: Scope, seen: frozenset[Scope]) -> bool:
    """Is every use a start in a copied Context, or a call in a function of which the same holds? A function that
    calls itself says nothing of who starts it.
    """
    if len(seen) > _CALLERS:
        return False
    inner = seen | {scope}
    found = uses_outside_tests(program, scope) or _possible_calls(program, scope)
    uses = [use for use in found if use.scope not in inner]
    return bool(uses) and all(_ends_there(program, use, inner) for use in uses)


def _ends_there(program: Program, use: Use, inner: frozenset[Scope], via: tuple[Scope, ...] = ()) -> bool:
    """Is a use a start in a copied Context, or a call in a function that ends with its starter; or is it given to a
    function of the program that does only such things with it? ``via`` are those who handed it on so far.
    """
    if _starts(program, use):
        return True
    if use.scope.kind != "function" or use.scope in inner or use.scope in via:
        return False
    if use.kind == "call" or is_plain_call(program.resolver, use):
        return _bounds(program, use.scope, inner)
    calls = starters(program, use)
    return bool(calls) and all(_is_handed_on(program, use, call, inner, (*via, use.scope)) for call in calls)


def _bounds(program: Program, caller: Scope, inner: frozenset[Scope]) -> bool:
    """Does what a call in ``caller`` leaves set end with a Context of its own, where nobody else calls ``caller``?"""
    alone = _called_in_its_own(program, caller) is not None and not uses_outside_tests(program, caller)
    return alone or _ends_with_its_starter(program, caller, inner)


def _is_handed_on(
    program: Program, use: Use, call: f.Call, inner: frozenset[Scope], via: tuple[Scope, ...]
) -> bool:
    below = uses_below(program, use, call)
    made = invocation(program, use.scope, call)
    bounded = made is not None and (
        _starts(program, made) or (made.kind == "call" and _bounds(program, made.scope, inner))
    )
    return bool(below) and all(
        (bounded and is_called_directly(each)) or _ends_there(program, each, inner, via) for each in below
    )


def is_outermost(program: Program, manager: Scope) -> bool:
    """Is a manager only entered by functions that run in a Context of their own, once in each? Nothing stands there
    before.
    """
    uses = uses_outside_tests(program, manager)
    return len({use.scope for use in uses}) == len(uses) > 0 and all(
        use.kind == "entered" and has_own_context(program, use.scope) is not None and not use.is_in_loop
        for use in uses
    )


def ends_with_its_users(program: Program, manager: Scope) -> bool:
    """The same, and does nothing run behind the blocks, so that what they leave set nobody sees?"""
    return is_outermost(program, manager) and not any(
        isinstance(part, f.Call | f.Await | f.Yield | f.YieldFrom)
        for use in uses_outside_tests(program, manager)
        for block in _blocks(use)
        for statement in following(use.scope.body, block)
        for part in walk(statement, into_scopes=False)
    )


def _blocks(use: Use) -> Iterator[f.Node]:
    """The ``with`` statement that enters."""
    for statement in use.scope.body:
        for node in walk(statement, into_scopes=False):
            if isinstance(node, f.With) and any(holds((item.context,), use.node.span) for item in node.items):
                yield node


def starts(program: Program, scope: Scope) -> tuple[Use, ...]:
    """The uses that start a function in a copied Context, or start the functions that call it."""
    found: list[Use] = []
    seen = {scope}
    pending = [scope]
    while pending:
        for use in uses_outside_tests(program, pending.pop()):
            if _starts(program, use):
                found.append(use)
            elif use.kind == "call" and use.scope.kind == "function" and use.scope not in seen:
                seen.add(use.scope)
                pending.append(use.scope)
    return tuple(found)


def harmless(program: Program, scope: Scope, var: VarId) -> str | None:
    """Why a bare set that this function leaves behind is no leak; None where nothing shows that."""
    if scope.kind == "module":
        return "the module's body sets it for its import"
    if scope.kind != "function":
        return "a class body sets it for its import"
    if _is_local(scope, var) or is_made_in_test(program, scope, var):
        return "the variable is the function's own"
    own = has_own_context(program, scope)
    if own is not None:
        return own
    name = scope.function.name.lstrip("_")
    if name == "main" or is_command(program, scope) or _only_from_main(program, scope):
        return "the function is the program's entry"
    if is_initializer(program, scope):
        return "it prepares the worker of a pool"
    if is_scope_generator(program, scope) and ends_with_its_users(program, scope):
        return "who enters it has a Context of its own"
    if name.startswith(known_frames().setter_prefixes) or is_property_setter(program, scope):
        return "setting the variable is what the function is for"
    if scope.function.is_async and scope.function.decorators:
        return "a decorator from outside the program decides in which Context it runs"
    return _taken_care_of(program, scope, var)


def _taken_care_of(program: Program, scope: Scope, var: VarId) -> str | None:
    """Who undoes what the function leaves set, or wants it so."""
    undoer = undone_elsewhere(program, scope, var)
    if undoer is not None:
        return f"{undoer} undoes it"
    if carries_over(program, scope, var):
        return "a coroutine takes its maker's value along"
    taken = taker(program, var)
    if taken is not None and taken is not scope:
        return f"{taken.qualname} takes it and empties the variable"
    reader = _reading_caller(program, scope, var)
    return f"{reader} reads it: it is a result" if reader is not None else None


def _is_local(scope: Scope, var: VarId) -> bool:
    """Is the variable made in this very function, and known to no function inside it?"""
    bindings = scope.bindings.get(var.name, [])
    made = any(isinstance(binding, Assigned) and isinstance(binding.value, f.Call) for binding in bindings)
    if not made or var != VarId(scope.path, f"{scope.qualname}.{var.name}"):
        return False
    inside = (
        name
        for child in scope.children
        if child.node is not None
        for name in walk(child.node)
        if isinstance(name, f.Name)
    )
    return not any(name.id == var.name for name in inside)


def is_made_in_test(program: Program, scope: Scope, var: VarId) -> bool:
    """Is the variable made by a test that the function is, or stands in? Nobody else can ask for it."""
    where: Scope | None = scope
    while where is not None and where.kind == "function":
        if var == VarId(where.path, f"{where.qualname}.{var.name}"):
            return where.function.name.startswith("test") and is_test_file(program, where.path)
        where = where.parent
    return False


def _reading_caller(program: Program, scope: Scope, var: VarId) -> str | None:
    """A caller that reads the variable in its own text, so that the value is meant for it."""
    for use in uses_outside_tests(program, scope):
        if use.kind == "call" and use.scope.kind == "function" and var in program.effects(use.scope).reads:
            return use.scope.qualname
    return None


def _possible_calls(program: Program, scope: Scope) -> tuple[Use, ...]:
    """The calls of an attribute of a method's name on objects of unknown classes: one of them may be meant. They are
    asked only where no call is known, and only for silence.
    """
    if scope.owner is None or scope.function.name.startswith("__"):
        return ()
    return tuple(
        use
        for use in program.uses.named(scope.function.name)
        if use.kind == "call"
        and isinstance(use.node, f.Call)
        and isinstance(use.node.func, f.Attribute)
        and program.resolver.resolve(use.scope, use.node.func) is None
        and not is_test_file(program, use.scope.path)
    )


def _starts(program: Program, use: Use) -> bool:
    """Is the function handed to something that runs it in a copied Context of its own?"""
    calls = starters(program, use)
    return bool(calls) and all(_is_start(program, use, call) for call in calls)


def _is_start(program: Program, use: Use, call: f.Call) -> bool:
    """Does a call run what it is handed in a copied Context of its own?"""
    receiver = call.func
    name = program.resolver.external(use.scope, receiver)
    if any(argument.keyword == "context" for argument in call.args):
        return False  # an explicit Context may be shared
    for argument in call.args:  # `pool.submit(copy_context().run, function)`
        if program.resolver.external(use.scope, argument.value) in CONTEXT_RUNS:
            return True
    if name is None and _runs_requests(program, use.scope, receiver):
        return True
    if name is None:  # a loop, group or nursery whose class cannot be told
        return isinstance(receiver, f.Attribute) and receiver.attr in known_frames().start_methods
    if scope_is_async(program, use) and name.startswith(known_frames().entry_packages):
        return True  # a server's framework: what it is handed runs once a request, in the request's task
    known = known_frames()
    return name in known.task_starters or name in known.request_runners or runs_in_copy(call, name)


def _runs_requests(program: Program, scope: Scope, func: f.Expr) -> bool:
    """Does a name that is bound in several places mean, in each of them, what makes a function a server's?"""
    found = program.resolver.bindings(scope, func) if isinstance(func, f.Name) else None
    return (
        found is not None
        and bool(found[1])
        and all(
            isinstance(binding, Assigned)
            and program.resolver.external(found[0], binding.value) in known_frames().request_runners
            for binding in found[1]
        )
    )


def scope_is_async(program: Program, use: Use) -> bool:
    """Is the function that is used a coroutine function?"""
    expr = use.node.func if isinstance(use.node, f.Call) else use.node
    symbol = program.resolver.resolve(use.scope, expr) if isinstance(expr, f.Name | f.Attribute) else None
    return isinstance(symbol, FunctionRef) and symbol.scope.function.is_async


def _is_entry(program: Program, scope: Scope) -> bool:
    names = tuple(p.name for p in scope.function.parameters if p.name not in ("self", "cls"))
    if names[:3] == _ASGI:
        return True
    if any(name.startswith(known_frames().entry_packages) for name in program.decorators(scope)):
        return True
    where: Scope | None = (
        scope  # a coroutine function inside a method of a framework's class is driven by it too
    )
    while where is not None:
        bases = program.resolver.external_bases(where.owner) if where.owner is not None else ()
        if any(base.startswith(known_frames().entry_packages) for base in bases):
            return True
        where = where.parent
    return False


def _only_from_main(program: Program, scope: Scope) -> bool:
    uses = uses_outside_tests(program, scope)
    return bool(uses) and all(
        use.scope.kind == "module" or (use.scope.kind == "function" and use.scope.function.name == "main")
        for use in uses
    )
