"""Is a context manager ever entered inside itself? Where the program enters it, and never below that, nothing stands
there before: no outer value can be lost.

The uses in the program count, and the sets of the variable by anybody else. A manager that the program does not enter
itself is made for others, who may nest it; and so may code that is handed to a function which enters it, if a public
function of the program is seen to lead there.
"""

from __future__ import annotations

from ctxlint.analysis.callers import Use
from ctxlint.analysis.program import Program
from ctxlint.analysis.scopes import Scope
from ctxlint.analysis.sights import Sights
from ctxlint.analysis.sole_sets import Sets
from ctxlint.analysis.symbols import ClassRef, FunctionRef
from ctxlint.analysis.tokens import TokenSite
from ctxlint.analysis.undoers import uses_outside_tests
from ctxlint.analysis.visibility import Visibility


def is_never_nested(sets: Sets, sights: Sights, token: TokenSite) -> bool:
    """Is the manager that holds a set entered by functions none of which a block of it can lead to again, and is the
    variable set nowhere else?
    """
    uses = uses_outside_tests(token.program, token.scope)
    if not uses or not all(use.kind == "entered" and use.scope.kind == "function" for use in uses):
        return False
    if any(sights.handed_in(use.scope, use.node.span) and _is_open(token.program, use.scope) for use in uses):
        return False
    entering = {use.scope for use in uses}
    own = {token.scope, *entering}
    alone = all(scope in own for scope, _ in sets.sites(token.site.var))
    return alone and not any(sets.leads_to(scope, entering) for scope in entering)


def _is_open(program: Program, entering: Scope) -> bool:
    """May anybody call the function that enters, or one that calls it? To be handed to something that runs it is no way
    back in.
    """
    visibility = program.once(Visibility)
    pending, seen = [entering], {entering}
    while pending:
        scope = pending.pop()
        inner = scope.kind == "function" and scope.parent is not None and scope.parent.kind == "function"
        if not inner and (scope.kind != "function" or visibility.is_public(scope)):
            return True
        callers = {use.scope for use in uses_outside_tests(program, scope) if not _is_put_off(program, use)}
        callers -= seen
        seen |= callers
        pending += callers
    return False


def _is_put_off(program: Program, use: Use) -> bool:
    """Is the function handed to something outside of the program, which runs it when it sees fit?"""
    if use.kind != "handed" or use.receiver is None:
        return False
    return not isinstance(program.resolver.resolve(use.scope, use.receiver.func), FunctionRef | ClassRef)
