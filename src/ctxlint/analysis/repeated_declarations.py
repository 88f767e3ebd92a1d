"""Variables that are made in a function: is that function run again and again?

Left out: what is remembered by name (a dict, a cache, a condition that asks for it first, ``global``), be it the
variable or the object whose constructor makes it; functions that run while classes are made or an application starts,
functions that only an import calls, and tests.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ctxlint.analysis import drivers
from ctxlint.analysis.arguments import parameters_of
from ctxlint.analysis.cached_reads import CACHES
from ctxlint.analysis.callers import Use
from ctxlint.analysis.declarations import Declaration
from ctxlint.analysis.frame_kinds import is_test_file
from ctxlint.analysis.framework_entries import is_part_of_lifespan
from ctxlint.analysis.occurrences import surroundings
from ctxlint.analysis.program import Program
from ctxlint.analysis.scopes import Scope, self_name
from ctxlint.analysis.singletons import has_one_object
from ctxlint.analysis.symbols import ClassRef, FunctionRef
from ctxlint.analysis.unread_uses import UnreadUses
from ctxlint.model import facts as f
from ctxlint.model.spans import Span
from ctxlint.model.walk import is_none, last_name, walk

_ONCE = frozenset({
    "__class_getitem__", "__init_subclass__", "__new__", "__set_name__", "configure", "create_app", "init", "lifespan",
    "main", "make_app", "ready", "setup", "startup",
})  # fmt: skip
_MAKING = frozenset({"__copy__", "__deepcopy__", "__init__", "__post_init__", "__setstate__"})
_TAKING = frozenset({"clear", "pop", "popitem"})
_MANAGERS = frozenset({"contextlib.asynccontextmanager", "contextlib.contextmanager"})
_ENTERS = frozenset({"__aenter__", "__call__", "__enter__"})


@dataclass(frozen=True, slots=True)
class Repeated:
    """A declaration in a function. ``use`` is what runs it again and again; ``proved`` is False where nobody is seen to
    do so.
    """

    declaration: Declaration
    proved: bool
    use: Use | None = None


def repeated_declarations(program: Program) -> Iterator[Repeated]:
    """Every variable that is made in a function that may run more than once, in the order of files and text."""
    for declaration in program.declarations:
        scope = declaration.scope
        if scope.kind != "function" or declaration.made is not scope or is_test_file(program, scope.path):
            continue  # the call of a factory is told where the factory makes the variable
        around = _around(scope, declaration.span)
        if around is None or _is_remembered(program, scope, around) or scope.function.name in _ONCE:
            continue
        if _ends_with_its_context(program, declaration) or is_part_of_lifespan(program, scope):
            continue
        if scope.owner is not None and _is_of_an_object(declaration) and has_one_object(program, scope.owner):
            continue
        if any(isinstance(node, f.For | f.While) for node in around) or _is_manager(program, scope):
            yield Repeated(declaration, proved=True)
            continue
        uses = _uses(program, scope)
        if _is_of_a_copy(program, scope, around) or (
            _is_of_an_object(declaration) and (_is_made_anew(scope) or _is_reset(program, declaration))
        ):
            yield Repeated(declaration, proved=False)
            continue
        again = next((use for use in uses if _is_again(program, use)), None)
        if again is not None:
            yield Repeated(declaration, proved=True, use=again)
        elif not uses:
            yield Repeated(declaration, proved=False)


def _around(scope: Scope, place: Span) -> tuple[f.Node, ...] | None:
    """What holds the call at ``place``, up to the function in which it stands."""
    return next(
        (
            around
            for node, around in surroundings(scope.body)
            if isinstance(node, f.Call) and node.span == place
        ),
        None,
    )


def _is_remembered(program: Program, scope: Scope, around: tuple[f.Node, ...]) -> bool:
    """Is the variable kept where the next call finds it?"""
    if not CACHES.isdisjoint(program.decorators(scope)) or _is_latched(program, scope):
        return True
    for node in around:
        match node:
            case f.Assign(targets=targets):
                if any(isinstance(target, f.Subscript) for target in targets):
                    return True
                names = {target.id for target in targets if isinstance(target, f.Name)}
                if not names.isdisjoint(scope.function.global_names):
                    return True
            case f.Call(func=f.Attribute(attr="setdefault")) | f.If() | f.Try() | f.Boolean():
                return True  # `find(name) or ContextVar(name)`
            case _:
                pass
    return False


def _is_latched(program: Program, scope: Scope) -> bool:
    """Does the function return at once where a name of the module or class has a value, and gives it one later?"""
    asked: dict[str, int] = {}
    for statement in scope.body:
        for node in walk(statement, into_scopes=False):
            match node:
                case f.If(test=test, body=(*_, f.Return())):
                    if (name := _asked_for(test)) is not None:
                        asked.setdefault(name, node.span.start)
                case f.Assign(targets=targets, value=value):
                    if not _is_nothing(value) and any(
                        asked.get(last_name(target) or "", node.span.start) < node.span.start
                        and _is_shared(program, scope, target)
                        for target in targets
                    ):
                        return True
                case _:
                    pass
    return False


def _asked_for(test: f.Expr) -> str | None:
    """The name of which a condition asks whether it has a value: ``made``, ``cls.made is not None``."""
    match test:
        case f.Name() | f.Attribute():
            return last_name(test)
        case f.Compare(left=left, ops=("is not",), rights=(f.Literal(kind="none"),)):
            return last_name(left)
        case _:
            return None


def _is_nothing(value: f.Expr) -> bool:
    return is_none(value) or (isinstance(value, f.Literal) and value.text == "False")


def _is_shared(program: Program, scope: Scope, target: f.Expr) -> bool:
    """Is it a name of the module, or an attribute of a class?"""
    match target:
        case f.Name(id=name):
            return scope.kind == "function" and name in scope.function.global_names
        case f.Attribute(value=holder):
            return isinstance(program.resolver.resolve(scope, holder), ClassRef)
        case _:
            return False


def _is_manager(program: Program, scope: Scope) -> bool:
    entered = scope.owner is not None and scope.function.name in _ENTERS
    return entered or not _MANAGERS.isdisjoint(program.decorators(scope))


def _ends_with_its_context(program: Program, declaration: Declaration) -> bool:
    """Does the Context that keeps the variable end with the call that makes it?"""
    own = drivers.has_own_context(program, declaration.scope) is not None
    return own or _is_set_in_a_copy(program, declaration)


def _is_set_in_a_copy(program: Program, declaration: Declaration) -> bool:
    """Does the function set it by ``context.run(variable.set, …)``? It goes with that Context."""
    scope = declaration.scope
    return any(
        isinstance(call.func, f.Attribute)
        and call.func.attr == "run"
        and bool(call.args)
        and isinstance(setter := call.args[0].value, f.Attribute)
        and setter.attr == "set"
        and program.resolver.variable(scope, setter.value) == declaration.var
        for call in scope.calls
    )


def _is_of_an_object(declaration: Declaration) -> bool:
    return declaration.name.startswith("self.")


def _is_made_anew(scope: Scope) -> bool:
    """Does the function only bring back what a constructor has made: ``__setstate__``, ``__copy__``?"""
    return scope.function.name in _MAKING - {"__init__", "__post_init__"}


def _is_of_a_copy(program: Program, scope: Scope, around: tuple[f.Node, ...]) -> bool:
    """Does a method give another object of its class the attribute that the constructor makes, too? An object made by
    copying has to have a variable of its own.
    """
    if scope.owner is None:
        return False
    made = {
        each.name.removeprefix("self.")
        for each in program.declarations
        if each.scope.owner is scope.owner and each.scope is not scope and _is_of_an_object(each)
    }
    return any(
        isinstance(target, f.Attribute) and target.attr in made
        for node in around
        if isinstance(node, f.Assign)
        for target in node.targets
    )


def _is_reset(program: Program, declaration: Declaration) -> bool:
    """Does the program reset the variable? A context forgets one of an object that is gone with what was set in it."""
    return any(
        isinstance(call.func, f.Attribute)
        and call.func.attr == "reset"
        and program.resolver.variable(scope, call.func.value) == declaration.var
        for scope in program.functions()
        if "reset" in scope.spelled
        for call in scope.calls
    )


def _is_made_once(program: Program, use: Use) -> bool:
    """Is there one of it: kept under a name of the module, or asked for first (``if not hasattr(x, "y"): x.y =
    use()``)? A name of the function's own is forgotten when it returns.
    """
    around = _around(use.scope, use.node.span) or ()
    kept = _kept(use, around)
    if any(isinstance(target, f.Name) for target in kept):
        return True  # a name of the module
    if any(isinstance(node, f.Call) and _is_installed(program, use, node) for node in around):
        return True
    if any(_is_registry(program, use.scope, target) for target in (*kept, *_named_again(use, around))):
        return True
    names = {last_name(target) for target in kept}
    tests = (node.test for node in around if isinstance(node, f.If))
    return any(
        last_name(part) in names for test in tests for part in walk(test) if last_name(part) is not None
    )


def _kept(use: Use, around: tuple[f.Node, ...]) -> list[f.Expr]:
    """What a use fills that outlives the function it stands in."""
    made = next((node for node in around if isinstance(node, f.Assign)), None)
    own = use.scope.function.bound if use.scope.kind == "function" else ()
    targets = made.targets if made is not None else ()
    return [target for target in targets if not (isinstance(target, f.Name) and target.id in own)]


def _named_again(use: Use, around: tuple[f.Node, ...]) -> Iterator[f.Expr]:
    """What is given, in the same function, the name under which a use keeps what it makes: ``slots[key] = made``."""
    names = {
        target.id
        for node in around
        if isinstance(node, f.Assign)
        for target in node.targets
        if isinstance(target, f.Name)
    }
    for statement in use.scope.body if names else ():
        for node in walk(statement, into_scopes=False):
            if isinstance(node, f.Assign) and isinstance(node.value, f.Name) and node.value.id in names:
                yield from node.targets


def _is_registry(program: Program, scope: Scope, target: f.Expr) -> bool:
    """Is it an entry of a container of the module or of a class? What is kept there stays, and so does its variable."""
    if not isinstance(target, f.Subscript):
        return False
    holder = target.value
    name = last_name(holder)
    if any(_takes_out(use, name) for use in program.uses.named(name or "")):
        return False
    match holder:
        case f.Name(id=name):
            return name in scope.module.bindings and not any(
                name in each.function.bound for each in _functions_around(scope)
            )
        case f.Attribute():
            symbol = program.resolver.resolve(scope, holder.value)
            return isinstance(symbol, ClassRef)
        case _:
            return False


def _functions_around(scope: Scope) -> Iterator[Scope]:
    where: Scope | None = scope
    while where is not None:
        if where.kind == "function":
            yield where
        where = where.parent


def _takes_out(use: Use, name: str | None) -> bool:
    """Is an entry of a container of this name taken out, near a use of the name?"""
    for call in use.scope.calls:
        func = call.func
        if isinstance(func, f.Attribute) and func.attr in _TAKING and last_name(func.value) == name:
            return True
    return any(
        isinstance(node, f.Delete)
        and any(isinstance(each, f.Subscript) and last_name(each.value) == name for each in node.targets)
        for statement in use.scope.body
        for node in walk(statement, into_scopes=False)
    )


def _is_own(scope: Scope, target: f.Expr) -> bool:
    """Is it an attribute of the object, or class, whose method this is?"""
    match target:
        case f.Attribute(value=f.Name(id=name)):
            return name == self_name(scope)
        case _:
            return False


def _is_installed(program: Program, use: Use, call: f.Call) -> bool:
    """Is it given to a function of the program that puts what it is given under a name of its module?"""
    symbol = program.resolver.resolve(use.scope, call.func)
    if not isinstance(symbol, FunctionRef):
        return False
    function = symbol.scope.function
    taken = zip(call.args, parameters_of(call, symbol), strict=True)
    given = {name for argument, name in taken if argument.value is use.node}
    return any(
        isinstance(node, f.Assign)
        and isinstance(node.value, f.Name)
        and node.value.id in given
        and any(isinstance(target, f.Name) and target.id in function.global_names for target in node.targets)
        for statement in symbol.scope.body
        for node in walk(statement, into_scopes=False)
    )


def _uses(program: Program, scope: Scope) -> list[Use]:
    """Who calls the function, or makes an instance of the class whose constructor it is; tests left out."""
    if scope.owner is not None and scope.function.name == "__init__":
        name = scope.owner.qualname.rpartition(".")[2]
        found = [use for use in program.uses.named(name) if _makes(program, use, scope.owner)]
    else:
        found = [*program.uses.of(scope)] or [*program.once(UnreadUses).of(scope)]
    return [use for use in found if not is_test_file(program, use.scope.path)]


def _makes(program: Program, use: Use, cls: Scope) -> bool:
    if not isinstance(use.node, f.Call):
        return False
    symbol = program.resolver.resolve(use.scope, use.node.func)
    return isinstance(symbol, ClassRef) and symbol.scope is cls


def _is_again(program: Program, use: Use, seen: frozenset[Scope] = frozenset()) -> bool:
    """Does a use stand in a function that runs more than once? Of one that nobody in the program uses that is taken
    for granted, but for a constructor, and for what an object is given to keep: who makes the object may make one.
    """
    scope = use.scope
    if _is_made_once(program, use):
        return False
    if use.kind == "mention" or scope.kind != "function" or scope.function.name in _ONCE or scope in seen:
        return False
    if _is_latched(program, scope):
        return False
    if drivers.has_own_context(program, scope) is not None:
        return False  # the Context that keeps the variable ends with the call
    uses = _uses(program, scope)
    if not uses:
        kept = _kept(use, _around(scope, use.node.span) or ())
        return scope.function.name not in _MAKING and not any(_is_own(scope, target) for target in kept)
    return any(_is_again(program, each, seen | {scope}) for each in uses)
