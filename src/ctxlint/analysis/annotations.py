"""What an annotation says of the value of a place.

Left out: unions of several classes; of an annotation in a text, all but its first dotted name and what a typing wrapper
is put around.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from ctxlint.analysis import scopes as sc
from ctxlint.analysis.scopes import Scope
from ctxlint.analysis.symbols import CONTEXT_VAR, ClassRef, External, InstanceRef, Symbol, VariableRef
from ctxlint.model import facts as f
from ctxlint.model.ids import VarId
from ctxlint.model.walk import is_none

#: Annotations that do not say what runs when the value, or a method of it, is called.
_SAYING_NOTHING = (
    "typing.Any",
    "typing.Callable",
    "typing.Awaitable",
    "typing.Coroutine",
    "typing.TypeVar",
    "typing.ParamSpec",
    "typing_extensions.TypeVar",
    "typing_extensions.ParamSpec",
    "collections.abc.Callable",
    "collections.abc.Awaitable",
    "collections.abc.Coroutine",
    "builtins.object",
)
_TRANSPARENT = frozenset(  # typing wrappers whose first argument is the type that counts
    f"{module}.{name}"
    for module in ("typing", "typing_extensions")
    for name in ("Optional", "Final", "ClassVar", "Annotated", "Required", "NotRequired", "ReadOnly")
)
_DOTTED = re.compile(r"\s*([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)")


class Annotations:
    """Reads annotations where ``resolve`` says what an expression of a scope turns out to be."""

    def __init__(self, resolve: Callable[[Scope, f.Expr], Symbol | None]) -> None:
        """Nothing is resolved until asked."""
        self._resolve = resolve

    def means(self, scope: Scope, name: str, annotation: f.Expr) -> Symbol | None:
        """What a place annotated so holds: an instance of the class, or some context variable."""
        kind = self._kind(scope, annotation)
        if kind == CONTEXT_VAR:
            return VariableRef(VarId(scope.path, f"{scope.qualname}.{name}".lstrip(".")))
        if isinstance(kind, ClassRef):
            return InstanceRef(kind.scope)
        if not isinstance(kind, External) or kind.name.startswith(_SAYING_NOTHING):
            return None
        return External(f"{kind.name}()")

    def hold_variables(self, scope: Scope, bindings: list[sc.Binding]) -> bool:
        """Do they say that a container holds context variables (``dict[str, ContextVar[str]]``)?"""
        for binding in bindings:
            annotation = binding.parameter.annotation if isinstance(binding, sc.Given) else None
            if isinstance(binding, sc.Assigned | sc.Annotated):
                annotation = binding.annotation
            if isinstance(annotation, f.Subscript):
                index = annotation.index
                element = index.items[-1] if isinstance(index, f.Display) and index.items else index
                if self._kind(scope, element) == CONTEXT_VAR:
                    return True
        return False

    def _kind(self, scope: Scope, annotation: f.Expr) -> Symbol | None:
        match annotation:
            case f.Literal(kind="str", text=text):
                return self._textual(scope, annotation, text)
            case f.Subscript(value=value, index=index):
                base = self._resolve(scope, value)
                if isinstance(base, External) and base.name in _TRANSPARENT:
                    inner = index.items[0] if isinstance(index, f.Display) and index.items else index
                    return self._kind(scope, inner)
                return base
            case f.Operation(op="|", operands=operands):
                kinds = [operand for operand in operands if not is_none(operand)]
                return self._kind(scope, kinds[0]) if len(kinds) == 1 else None
            case f.Name() | f.Attribute():
                return self._resolve(scope, annotation)
            case _:
                return None

    def _textual(self, scope: Scope, annotation: f.Expr, text: str) -> Symbol | None:
        match = _DOTTED.match(text)
        if match is None:
            return None
        head, *attrs = match[1].split(".")
        expr: f.Expr = f.Name(annotation.span, head)
        for attr in attrs:
            expr = f.Attribute(annotation.span, expr, attr)
        found = self._resolve(scope, expr)
        if isinstance(found, External) and found.name in _TRANSPARENT and "[" in text:
            return self._textual(scope, annotation, text[text.index("[") + 1 :])
        return found
