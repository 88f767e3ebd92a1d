"""Names to symbols: the second half of linking.

``Resolver.resolve`` says what an expression of a scope turns out to be, following assignments, imports,
re-exports, star imports, annotations, attributes of modules, classes and instances, and simple factories. It is
flow-insensitive: a name with several bindings resolves when they agree. It never guesses from a bare name: what
cannot be resolved is None.

The memo and what the library loaded on demand are the resolver's only state; both only grow, and no answer depends
on the order of questions: an answer for which a circle, or a chain that is too long, was cut short further out is not
kept.
"""

from __future__ import annotations

import builtins

from ctxlint.analysis import displays
from ctxlint.analysis import scopes as sc
from ctxlint.analysis.annotations import Annotations
from ctxlint.analysis.answers import Answers
from ctxlint.analysis.library import Library
from ctxlint.analysis.scopes import Scope
from ctxlint.analysis.symbols import (
    CONTEXT_VAR,
    ClassRef,
    External,
    FunctionRef,
    InstanceRef,
    ModuleRef,
    ParameterRef,
    Symbol,
    VariableRef,
)
from ctxlint.model import facts as f
from ctxlint.model.ids import VarId
from ctxlint.model.walk import dotted, walk

_BUILTINS = frozenset(dir(builtins))
_DEPTH = 40


class Resolver:
    """Resolves expressions of the program."""

    def __init__(self, library: Library) -> None:
        """Nothing is resolved until asked."""
        self.library = library
        self.table = library.table
        self.annotations = Annotations(self.resolve)
        self._answers = Answers()
        self._making: set[Scope] = set()
        self._ancestors: dict[Scope, tuple[Scope, ...]] = {}
        self._returns: dict[Scope, list[f.Expr]] = {}

    # --- expressions ---------------------------------------------------------------------------------------

    def resolve(self, scope: Scope, expr: f.Expr, depth: int = 0) -> Symbol | None:
        """What ``expr``, standing in ``scope``, turns out to be."""
        if depth > _DEPTH:
            self._answers.cut_short()
            return None
        match expr:
            case f.Name(id=name):
                return self.name(scope, name)
            case f.Attribute(value=value, attr=attr):
                return self.attribute(self.resolve(scope, value, depth + 1), attr)
            case f.Call():
                return self._result(scope, expr, depth + 1)
            case f.Subscript(value=value, index=index):
                return self._item(scope, value, index, depth + 1)
            case f.Walrus(value=value) | f.Await(value=value):
                return self.resolve(scope, value, depth + 1)
            case f.Conditional(then=then, orelse=orelse):
                return self._agreed([self.resolve(scope, part, depth + 1) for part in (then, orelse)])
            case f.Boolean(values=values):
                return self._agreed([self.resolve(scope, part, depth + 1) for part in values])
            case f.Lambda(function=function) if id(function) in scope.by_node:
                return FunctionRef(scope.child(function))
            case _:
                return None

    def variable(self, scope: Scope, expr: f.Expr) -> VarId | None:
        """The context variable that ``expr`` is, if it is one."""
        symbol = self.resolve(scope, expr)
        return symbol.var if isinstance(symbol, VariableRef) else None

    def external(self, scope: Scope, expr: f.Expr) -> str | None:
        """The dotted name of something outside the program, if ``expr`` is that."""
        symbol = self.resolve(scope, expr)
        return symbol.name if isinstance(symbol, External) else None

    def name(self, scope: Scope, name: str) -> Symbol | None:
        """What ``name`` means in ``scope``."""
        where: Scope | None = scope
        first = True
        while where is not None:
            if (first or where.kind != "class") and self._binds(where, name):
                return self._bound(where, name)
            first = False
            where = where.parent
        starred = self._starred(scope.module, name)
        if starred is not None:
            return starred
        return External(f"builtins.{name}") if name in _BUILTINS else None

    def _binds(self, scope: Scope, name: str) -> bool:
        if isinstance(scope.node, f.Function):
            return name in scope.node.bound
        if scope.node is None:
            self.library.named(scope.path, name)
        return name in scope.bindings

    def _bound(self, scope: Scope, name: str) -> Symbol | None:
        def join() -> Symbol | None:
            found = [self._binding(scope, name, binding) for binding in scope.bindings.get(name, [])]
            return self._joined(found, strict=scope.kind == "function")

        return self._answers.once((scope, name), join)

    @staticmethod
    def _agreed(found: list[Symbol | None]) -> Symbol | None:
        return found[0] if found and all(symbol == found[0] for symbol in found) else None

    @staticmethod
    def _joined(found: list[Symbol | None], *, strict: bool) -> Symbol | None:
        """One symbol of several bindings. A function's own names must all agree. Elsewhere a variable, or the
        class ContextVar of a ``try: import``, wins over what the other bindings say.
        """
        known = list(dict.fromkeys(symbol for symbol in found if symbol is not None))
        if CONTEXT_VAR in known:
            return CONTEXT_VAR
        if strict:
            return known[0] if len(known) == 1 and None not in found else None
        variables = [symbol for symbol in known if isinstance(symbol, VariableRef)]
        if variables:
            return variables[0]
        return known[0] if len(known) == 1 else None

    def _starred(self, module: Scope, name: str) -> Symbol | None:
        if name.startswith("_") or not module.stars:
            return None
        return self._answers.once((module, f"*{name}"), lambda: self._by_star(module, name))

    def _by_star(self, module: Scope, name: str) -> Symbol | None:
        found: Symbol | None = None
        for star in reversed(module.stars):
            path = self.table.resolve(module.path, star.module, star.level)
            if path is None:
                external = self.table.absolute(module.path, star.module, star.level)
                if external == "contextvars" and name in ("ContextVar", "Token", "Context", "copy_context"):
                    found = External(f"contextvars.{name}")
            else:
                found = self._exported(path, name)
            if found is not None:
                break
        return found

    def _exported(self, path: str, name: str) -> Symbol | None:
        module = self.library.named(path, name)
        return self.name(module, name) if module is not None and not self._is_builtin(module, name) else None

    def _is_builtin(self, module: Scope, name: str) -> bool:
        return name not in module.bindings and self._starred(module, name) is None

    # --- bindings ------------------------------------------------------------------------------------------

    def _binding(self, scope: Scope, name: str, binding: sc.Binding) -> Symbol | None:
        match binding:
            case sc.Imported():
                return self._imported(scope, binding)
            case sc.Defined(scope=inner):
                return ClassRef(inner) if inner.kind == "class" else FunctionRef(inner)
            case sc.Assigned():
                return self._assigned(scope, name, binding)
            case sc.Annotated(annotation=annotation):
                return self.annotations.means(scope, name, annotation)
            case sc.Given(parameter=parameter, index=index):
                return self._given(scope, parameter, index)
            case sc.Entered(value=value):
                return self.resolve(scope, value)
            case sc.Iterated(value=value, path=path):
                return self._element(scope, name, value, path)
            case _:
                return None

    def _imported(self, scope: Scope, binding: sc.Imported) -> Symbol | None:
        path = self.table.resolve(scope.path, binding.module, binding.level)
        if binding.attr is None:
            if path is not None:
                return ModuleRef(path)
            return External(binding.module)
        if path is not None and path != scope.path:
            found = self._exported(path, binding.attr)
            if found is not None:
                return found
        dotted = f"{binding.module}.{binding.attr}" if binding.module else binding.attr
        inner = self.table.resolve(scope.path, dotted, binding.level)
        if inner is not None:
            return ModuleRef(inner)
        if path is not None:
            return None
        absolute = self.table.absolute(scope.path, binding.module, binding.level)
        if absolute == "_contextvars":  # where the standard library itself is the program
            absolute = "contextvars"
        return External(f"{absolute}.{binding.attr}") if absolute else None

    def _assigned(self, scope: Scope, name: str, binding: sc.Assigned) -> Symbol | None:
        value = sc.unpacked(binding)
        if value is None:
            return None
        if self.constructs(scope, value):
            return VariableRef(VarId(scope.path, f"{scope.qualname}.{name}".lstrip(".")))
        outside = (
            scope.kind == "class" and isinstance(value, f.Name) and value.id == name
        )  # `tenant = tenant`
        found = self.resolve(scope.parent if outside and scope.parent is not None else scope, value)
        if binding.annotation is not None and (found is None or _is_field(scope, found)):
            return self.annotations.means(scope, name, binding.annotation)
        return found

    def _given(self, scope: Scope, parameter: f.Parameter, index: int) -> Symbol | None:
        if index == 0 and scope.owner is not None and sc.self_name(scope) == parameter.name:
            decorators = [self.external(scope.owner, d) for d in scope.function.decorators]
            if "builtins.classmethod" in decorators or scope.function.name in _IMPLICIT_CLASS_METHODS:
                return ClassRef(scope.owner)
            return InstanceRef(scope.owner)
        if parameter.annotation is not None and parameter.kind in ("positional", "plain", "keyword"):
            outer = scope.parent or scope
            found = self.annotations.means(
                outer, f"{scope.function.name}.{parameter.name}", parameter.annotation
            )
            if found is not None:
                return found
        return ParameterRef(scope, parameter.name)

    # --- constructors and results --------------------------------------------------------------------------

    def constructs(self, scope: Scope, expr: f.Expr, depth: int = 0) -> bool:
        """Does ``expr`` make a new context variable: a call of ContextVar, of a partial or a factory of it?"""
        return self.construction(scope, expr, depth) is not None

    def construction(self, scope: Scope, expr: f.Expr, depth: int = 0) -> tuple[Scope, f.Call] | None:
        """The call of ContextVar that ``expr`` comes down to, and the scope in which it stands."""
        if isinstance(expr, f.Walrus):
            return self.construction(scope, expr.value, depth)
        if isinstance(expr, f.Conditional):
            return self.construction(scope, expr.then, depth) or self.construction(scope, expr.orelse, depth)
        if not isinstance(expr, f.Call) or depth > 5:  # noqa: PLR2004 - factories of factories end somewhere
            return None
        func = self.resolve(scope, expr.func)
        if func == CONTEXT_VAR:
            return scope, expr
        if func == External("functools.partial()"):
            return self._partial(scope, expr)
        if isinstance(func, FunctionRef) and not func.scope.function.is_async:
            return self._factory(func.scope, depth)
        return None

    def _partial(self, scope: Scope, expr: f.Call) -> tuple[Scope, f.Call] | None:
        made = self.value(scope, expr.func)
        if made is None:
            return None
        inner, call = made
        if not isinstance(call, f.Call) or not call.args:
            return None
        if self.resolve(inner, call.args[0].value) != CONTEXT_VAR:
            return None
        return scope, f.Call(expr.span, call.args[0].value, (*expr.args, *call.args[1:]))

    def _factory(self, scope: Scope, depth: int) -> tuple[Scope, f.Call] | None:
        if scope in self._making:
            return None
        self._making.add(scope)
        values = self.returns(scope)
        made = [self.construction(scope, value, depth + 1) for value in values]
        self._making.discard(scope)
        return made[0] if len(made) == 1 else None

    def value(self, scope: Scope, expr: f.Expr, depth: int = 0) -> tuple[Scope, f.Expr] | None:
        """The one expression that ``expr`` stands for, through names with a single assignment."""
        if depth > _DEPTH:
            return None
        if not isinstance(expr, f.Name | f.Attribute):
            return scope, expr
        found = self.bindings(scope, expr)
        if found is None and depth and isinstance(expr, f.Attribute):
            return scope, expr  # a bound method of something: `put = variable.set`
        if found is None or len(found[1]) != 1:
            return None
        where, (binding,) = found
        if isinstance(binding, sc.Assigned) and not binding.path:
            return self.value(where, binding.value, depth + 1)
        if isinstance(binding, sc.Imported) and binding.attr is not None:
            path = self.table.resolve(where.path, binding.module, binding.level)
            module = self._home(path, binding.attr, depth) if path is not None else None
            if module is not None:
                return self.value(module, f.Name(expr.span, binding.attr), depth + 1)
        return None

    def _home(self, path: str, name: str, depth: int) -> Scope | None:
        """The module that binds ``name``, as ``path`` has it: itself, or one that it imports everything from."""
        module = self.library.named(path, name)
        if module is None or name in module.bindings or depth > _DEPTH:
            return module
        for star in reversed(module.stars):
            inner = self.table.resolve(module.path, star.module, star.level)
            found = self._home(inner, name, depth + 1) if inner is not None else None
            if found is not None:
                return found
        return None

    def bindings(self, scope: Scope, expr: f.Expr) -> tuple[Scope, list[sc.Binding]] | None:
        """The bindings of a name or of an attribute of a module, class or instance, with their scope."""
        if isinstance(expr, f.Name):
            where: Scope | None = scope
            while where is not None and not self._binds(where, expr.id):
                where = where.parent
            return (where, where.bindings.get(expr.id, [])) if where is not None else None
        if not isinstance(expr, f.Attribute):
            return None
        base = self.resolve(scope, expr.value)
        if isinstance(base, ModuleRef):
            module = self.library.named(base.path, expr.attr)
            return (module, module.bindings.get(expr.attr, [])) if module is not None else None
        if isinstance(base, ClassRef | InstanceRef):
            for ancestor in self.ancestors(base.scope):
                if expr.attr in ancestor.bindings:
                    return ancestor, ancestor.bindings[expr.attr]
                if expr.attr in ancestor.attributes:
                    found = ancestor.attributes[expr.attr]
                    return found[0][1], [binding for binding, _ in found]
        return None

    def _result(self, scope: Scope, call: f.Call, depth: int) -> Symbol | None:
        func = self.resolve(scope, call.func, depth)
        match func:
            case ClassRef(scope=inner):
                return InstanceRef(inner)
            case External(name="builtins.super"):
                return self._super(scope)
            case External(name="typing.cast" | "typing_extensions.cast") if len(call.args) > 1:
                return self.resolve(scope, call.args[1].value, depth)
            case External(name=name):
                return External(f"{name}()")
            case FunctionRef(scope=inner):
                return self._returned(inner, depth)
            case _:
                return None

    def returns(self, scope: Scope) -> list[f.Expr]:
        """The values that a function returns."""
        if scope not in self._returns:
            self._returns[scope] = returned(scope.function)
        return self._returns[scope]

    def _super(self, scope: Scope) -> Symbol | None:
        where: Scope | None = scope
        while where is not None and where.owner is None:
            where = where.parent
        if where is None or where.owner is None:
            return None
        ancestors = self.ancestors(where.owner)
        if len(ancestors) > 1:
            return InstanceRef(ancestors[1])
        base = self._outer_base(where.owner)
        return External(f"{base}()") if base is not None else None

    def _returned(self, scope: Scope, depth: int) -> Symbol | None:
        if scope.function.is_generator:
            return None
        values = self.returns(scope)
        if self._answers.is_pending((scope, "->")):
            return None
        found = self._answers.once(
            (scope, "->"),
            lambda: self._agreed([self.resolve(scope, value, depth) for value in values]),
        )
        if found is None and scope.function.returns is not None and scope.parent is not None:
            return self.annotations.means(scope.parent, f"{scope.function.name}()", scope.function.returns)
        return None if isinstance(found, ParameterRef) else found

    # --- attributes and items ------------------------------------------------------------------------------

    def attribute(self, base: Symbol | None, attr: str) -> Symbol | None:
        """What ``base.attr`` turns out to be."""
        match base:
            case External(name=name):
                path = self.table.anywhere(f"{name}.{attr}")  # below a namespace package, which has no file
                return ModuleRef(path) if path is not None else External(f"{name}.{attr}")
            case ModuleRef(path=path):
                return self._member(path, attr)
            case ClassRef(scope=scope):
                return self._class_attribute(scope, attr, bound=False)
            case InstanceRef(scope=scope):
                return self._class_attribute(scope, attr, bound=True)
            case _:
                return None

    def _member(self, path: str, attr: str) -> Symbol | None:
        found = self._exported(path, attr)
        if found is not None:
            return found
        stem, _, tail = path.rpartition("/")
        for candidate in (f"{stem}/{attr}.py", f"{stem}/{attr}/__init__.py"):
            if tail.startswith("__init__.") and candidate in self.table.roots:
                return ModuleRef(candidate)
        return None

    def _class_attribute(self, cls: Scope, attr: str, *, bound: bool) -> Symbol | None:
        for ancestor in self.ancestors(cls):
            found = self._own_attribute(ancestor, attr, bound=bound)
            if found is not None:
                return found
            if attr in ancestor.bindings or attr in ancestor.attributes:
                return None
        base = self._outer_base(cls) if bound and not attr.startswith("__") else None
        return External(f"{base}().{attr}") if base is not None else None

    def _outer_base(self, cls: Scope) -> str | None:
        """The one base outside the program that a class has its other attributes from; None where there are several."""
        found = [base for base in self.external_bases(cls) if base not in _MARKERS]
        return found[0] if len(found) == 1 else None

    def method(self, cls: Scope, *names: str) -> Scope | None:
        """The method of a class or of its ancestors in the program that has one of ``names``, the nearest."""
        for ancestor in self.ancestors(cls):
            for child in ancestor.children:
                if child.kind == "function" and child.function.name in names and not child.function.is_lambda:
                    return child
        return None

    def property_at(self, scope: Scope, expr: f.Attribute) -> Scope | None:
        """The property of the program that is read at ``expr``."""
        base = self.resolve(scope, expr.value)
        if not isinstance(base, InstanceRef):
            return None
        for ancestor in self.ancestors(base.scope):
            for binding in ancestor.bindings.get(expr.attr, ()):
                if isinstance(binding, sc.Defined) and binding.scope.kind == "function":
                    decorators = {self.external(ancestor, d) for d in binding.scope.function.decorators}
                    return binding.scope if decorators & PROPERTIES else None
            if expr.attr in ancestor.bindings:
                return None
        return None

    def _own_attribute(self, cls: Scope, attr: str, *, bound: bool) -> Symbol | None:
        def join() -> Symbol | None:
            found = [self._binding(cls, attr, binding) for binding in cls.bindings.get(attr, [])]
            for binding, method in cls.attributes.get(attr, []):
                found.append(self._instance_binding(cls, attr, binding, method))
            return self._joined(found, strict=False)

        symbol = self._answers.once((cls, f".{attr}"), join)
        if isinstance(symbol, FunctionRef):
            return self._method(cls, symbol, bound=bound)
        return symbol

    def _instance_binding(self, cls: Scope, attr: str, binding: sc.Binding, method: Scope) -> Symbol | None:
        value = sc.unpacked(binding) if isinstance(binding, sc.Assigned) else None
        if value is not None and self.constructs(method, value):
            return VariableRef(VarId(cls.path, f"{cls.qualname}.{attr}"))
        found = self._binding(method, attr, binding)
        return None if isinstance(found, ParameterRef) else found

    def _method(self, cls: Scope, ref: FunctionRef, *, bound: bool) -> Symbol | None:
        if ref.scope.owner is None:
            return ref
        decorators = {self.external(cls, d) for d in ref.scope.function.decorators}
        if decorators & PROPERTIES:
            return self._returned(ref.scope, 0) if bound else None
        if "builtins.staticmethod" in decorators:
            return FunctionRef(ref.scope)
        return FunctionRef(ref.scope, bound=bound or "builtins.classmethod" in decorators)

    def ancestors(self, cls: Scope) -> tuple[Scope, ...]:
        """The class and its ancestors in the program, nearest first (depth first, as good as the MRO here)."""
        if cls in self._ancestors:
            return self._ancestors[cls]
        self._ancestors[cls] = (cls,)  # a cycle of bases ends here
        found = [cls]
        node = cls.node
        assert isinstance(node, f.Class)  # noqa: S101 - a class scope has a class node
        for base in node.bases:
            symbol = self.resolve(cls.parent or cls, _unsubscripted(base.value))
            if isinstance(symbol, ClassRef):
                found.extend(a for a in self.ancestors(symbol.scope) if a not in found)
        self._ancestors[cls] = tuple(found)
        return self._ancestors[cls]

    def external_bases(self, cls: Scope) -> tuple[str, ...]:
        """The dotted names of every base, at any depth, that is not of the program."""
        found: list[str] = []
        for ancestor in self.ancestors(cls):
            assert isinstance(ancestor.node, f.Class)  # noqa: S101 - as above
            for base in ancestor.node.bases:
                name = self.external(ancestor.parent or ancestor, _unsubscripted(base.value))
                if name is not None and not base.keyword:
                    found.append(name)
        return tuple(dict.fromkeys(found))

    def _item(self, scope: Scope, value: f.Expr, index: f.Expr, depth: int) -> Symbol | None:
        base = self.resolve(scope, value, depth)
        if isinstance(base, External) and not base.name.endswith("()"):
            return base  # a generic class, subscripted
        found = self.bindings(scope, value) if isinstance(value, f.Name | f.Attribute) else None
        if found is None:
            return None
        if self.annotations.hold_variables(*found):
            return VariableRef(VarId(scope.path, f"{scope.qualname}.{dotted(value)}[]".lstrip(".")))
        if not isinstance(index, f.Literal):
            return None
        where, bindings = found
        name = (dotted(value) or "").rpartition(".")[2]
        item = f"{name}[{repr(index.text) if index.kind == 'str' else index.text}]"
        # An item may be made from itself: `table = {"a": table["a"]()}`.
        return self._answers.once((where, item), lambda: self._entry(where, bindings, index, item, depth))

    def _entry(
        self, scope: Scope, bindings: list[sc.Binding], index: f.Literal, name: str, depth: int
    ) -> Symbol | None:
        """What stands under a key that is written out, in the first display that a container is bound to."""
        for binding in bindings:
            if isinstance(binding, sc.Assigned) and not binding.path:
                entry = displays.entry(binding.value, index)
                if entry is not None and self.constructs(scope, entry):
                    return VariableRef(VarId(scope.path, f"{scope.qualname}.{name}".lstrip(".")))
                if entry is not None:
                    return self.resolve(scope, entry, depth)
        return None

    def _element(self, scope: Scope, name: str, value: f.Expr, path: tuple[int, ...]) -> Symbol | None:
        """One of several variables, in a loop over a display, over a container of variables, or over the
        items of a Context: a variable of its own, named after the loop's target.
        """
        anything = VariableRef(VarId(scope.path, f"{scope.qualname}.{name}".lstrip(".")))
        annotated = self.bindings(scope, displays.iterated(value))
        if annotated is not None and self.annotations.hold_variables(*annotated) and path in ((), (1,)):
            return anything
        made = self.value(scope, displays.iterated(value))
        if made is None:
            return None
        where, container = made
        if isinstance(container, f.Call):
            called = self.external(where, container.func)
            return anything if called == "contextvars.copy_context" and path in ((0,), ()) else None
        picked = self.elements(scope, value, path)
        return anything if picked and all(self._is_variable(*each) for each in picked) else None

    def elements(
        self, scope: Scope, value: f.Expr, path: tuple[int, ...] = ()
    ) -> tuple[tuple[Scope, f.Expr], ...] | None:
        """What a loop over ``value`` takes, turn by turn, each with its scope; None where it is not written out."""
        if path and isinstance(value, f.Call) and self.external(scope, value.func) == "builtins.zip":
            plain = len(value.args) > path[0] and not any(a.star or a.keyword for a in value.args)
            return self.elements(scope, value.args[path[0]].value, path[1:]) if plain else None
        if (
            isinstance(value, f.Call)
            and self.external(scope, value.func) == "builtins.enumerate"
            and value.args
        ):
            return self.elements(scope, value.args[0].value, path[1:]) if path[:1] == (1,) else None
        made = self.value(scope, displays.iterated(value))
        if made is None:
            return None
        where, container = made
        picked = [(where, displays.at(item, path)) for item in displays.elements(container, value)]
        found = tuple((where, item) for where, item in picked if item is not None)
        return found if picked and len(found) == len(picked) else None

    def _is_variable(self, scope: Scope, expr: f.Expr) -> bool:
        return self.constructs(scope, expr) or self.variable(scope, expr) is not None


_FIELDS = frozenset({
    "attr.Factory()", "attr.attrib()", "attr.field()", "attr.ib()", "attrs.Factory()", "attrs.field()",
    "dataclasses.field()", "msgspec.field()", "pydantic.Field()", "pydantic.PrivateAttr()", "pydantic.fields.Field()",
    "sqlmodel.Field()",
})  # fmt: skip
_MARKERS = frozenset(  # bases that give a class no methods to speak of
    {"abc.ABC", "builtins.object", "typing.Generic", "typing.Protocol", "typing_extensions.Protocol"}
)
_IMPLICIT_CLASS_METHODS = frozenset({"__new__", "__init_subclass__", "__class_getitem__"})
PROPERTIES = frozenset({"builtins.property", "functools.cached_property"})


def _is_field(scope: Scope, symbol: Symbol) -> bool:
    """Does a class say by it how a field of its instances is made (``agent: Agent = Field(…)``)? The field holds what
    its annotation says.
    """
    return scope.kind == "class" and isinstance(symbol, External) and symbol.name in _FIELDS


def returned(function: f.Function) -> list[f.Expr]:
    """The values that a function returns, nested definitions left out."""
    return [
        node.value
        for statement in function.body
        for node in walk(statement, into_scopes=False)
        if isinstance(node, f.Return) and node.value is not None
    ]


def _unsubscripted(expr: f.Expr) -> f.Expr:
    return expr.value if isinstance(expr, f.Subscript) else expr
