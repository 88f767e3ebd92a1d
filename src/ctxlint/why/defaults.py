"""Why a declaration's default is silent: there is none, it cannot be changed, or nobody does more than read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ctxlint.analysis.mutability import class_state
from ctxlint.analysis.symbols import ClassRef, External, FunctionRef
from ctxlint.model import facts as f
from ctxlint.why.values import Reason, Site
from ctxlint.why.words import some, spelled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ctxlint.analysis.analysis import Analysis
    from ctxlint.analysis.declarations import Declaration
    from ctxlint.analysis.scopes import Scope
    from ctxlint.model.spans import Location


def declarations(analysis: Analysis, path: str) -> Iterator[Site]:
    """Every declaration of a file."""
    for declaration in analysis.declarations:
        if declaration.path == path:
            place = analysis.location(path, declaration.span)
            reasons = tuple(_silent(analysis, declaration))
            yield Site("declaration", place, declaration.name, place, reasons, _doubt(analysis, declaration))


def _silent(analysis: Analysis, declaration: Declaration) -> Iterator[Reason]:
    default, made = declaration.default, declaration.made
    if default is None:
        yield Reason(
            "it has no default: nothing is shared, and `get()` raises LookupError where nothing is set"
        )
        return
    place = analysis.location(made.path, default.span)
    found = analysis.mutable(made, default)
    if found is None:
        yield Reason(_unchanging(analysis, made, default), place)
        return
    yield Reason(
        f"the default is {found.reason}, but the whole program only reads, copies or overrides it", place
    )
    proof = analysis.proof(declaration)
    reads = proof.reads if proof is not None else ()
    yield from some(
        (Reason("only read here", analysis.location(where.path, node.span)) for where, node in reads), "reads"
    )


def _doubt(analysis: Analysis, declaration: Declaration) -> tuple[Reason, ...]:
    """The use that stands against a mutable default."""
    if declaration.default is None or analysis.mutable(declaration.made, declaration.default) is None:
        return ()
    proof = analysis.proof(declaration)
    if proof is None:
        return (Reason("the variable has no name by which its uses could be found"),)
    if proof.innocent:
        return ()
    if proof.doubt is None:
        return (
            Reason("nobody in the program reads it yet, so nothing shows that the default stays as it is"),
        )
    if proof.left is not None:
        what = f"what is read {proof.left.how}" if proof.left.kind == "leaves" else f"here {proof.left.how}"
        return (
            Reason(
                f"{what}: the default may be written to", _place(analysis, proof.left.scope, proof.left.node)
            ),
        )
    where, node = proof.doubt
    what = (
        "the variable itself is handed on here: its uses cannot all be seen"
        if proof.escapes
        else "what is read here is changed: the default is written to"
    )
    return (Reason(what, _place(analysis, where, node)),)


def _place(analysis: Analysis, scope: Scope, node: f.Node) -> Location:
    return analysis.location(scope.path, node.span)


def _unchanging(analysis: Analysis, scope: Scope, default: f.Expr) -> str:
    """Why ``mutable`` says nothing of an expression: because it cannot be changed, or because that cannot be told."""
    resolver = analysis.program.resolver
    match default:
        case f.Literal():
            return "the default is a constant: nobody can change it"
        case f.Display(kind="tuple"):
            return "the default is a tuple of nothing that is known to be mutable"
        case f.Lambda():
            return "the default is a function: nobody can change it"
        case f.Call(func=func):
            match resolver.resolve(scope, func):
                case ClassRef(scope=cls) if class_state(resolver, cls) is None:
                    return f"nothing shows that an instance of `{cls.qualname}` can be changed"
                case FunctionRef(scope=inner):
                    return f"what {spelled(default)} returns is not known to be mutable ({inner.qualname} was followed)"
                case External(name=name):
                    return f"what `{name}(…)` gives is not known to be mutable"
                case _:
                    return (
                        f"what {spelled(default)} gives cannot be told: it does not resolve to anything known"
                    )
        case _:
            made = resolver.value(scope, default)
            if made is not None and made[1] is not default:
                return f"{spelled(default)}: {_unchanging(analysis, *made)}"
            return f"the value of {spelled(default)} is not known to be mutable"
