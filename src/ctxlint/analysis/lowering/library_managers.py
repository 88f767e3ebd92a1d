"""Context managers of libraries that put back on exit what their entry found: ``with tracer.start_as_current_span(…)``.

A set inside whose token is never reset, or not on every way, ends with the block. Asked only of functions that set the
variable of the same library: to others it makes no difference.
"""

from __future__ import annotations

from ctxlint.analysis.lowering.frame import Frame
from ctxlint.knowledge.loader import calls as known_calls
from ctxlint.knowledge.loader import token_calls
from ctxlint.model import facts as f
from ctxlint.model.ids import VarId


def held_by_library(frame: Frame, context: f.Expr) -> frozenset[VarId]:
    """The variables of libraries that a context manager holds for its block, of those that the function sets.

    Where the class of the receiver cannot be told, a method counts by the name that the library gave it: the doubt
    is for silence.
    """
    if not isinstance(context, f.Call):
        return frozenset()
    name = frame.external(context.func)
    method = context.func.attr if name is None and isinstance(context.func, f.Attribute) else None
    if method is not None and frame.resolver.resolve(frame.scope, context.func) is not None:
        return frozenset()
    held = {
        library.variable
        for library in known_calls().tokens
        if name in library.holds
        or (method is not None and any(each.endswith(f"().{method}") for each in library.holds))
    }
    return frozenset(VarId("", variable) for variable in held & _set_here(frame)) if held else frozenset()


def _set_here(frame: Frame) -> frozenset[str]:
    """The variables of libraries that the function's own text sets."""
    named = (token_calls().get(frame.external(call.func) or "") for call in frame.scope.calls)
    return frozenset(known.library.variable for known in named if known is not None and known.role == "set")
