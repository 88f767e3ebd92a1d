"""Is a context manager ever entered inside itself? Where the program enters it, and never below that, nothing stands
there before: no outer value can be lost.

The uses in the program count, and the sets of the variable by anybody else. A manager that the program does not enter
itself is made for others, who may nest it; and so may code that is handed to a function which enters it.
"""

from __future__ import annotations

from ctxlint.analysis.sights import Sights
from ctxlint.analysis.sole_sets import Sets
from ctxlint.analysis.tokens import TokenSite
from ctxlint.analysis.undoers import uses_outside_tests


def is_never_nested(sets: Sets, sights: Sights, token: TokenSite) -> bool:
    """Is the manager that holds a set entered by functions none of which a block of it can lead to again, and is the
    variable set nowhere else?
    """
    uses = uses_outside_tests(token.program, token.scope)
    if not uses or not all(use.kind == "entered" and use.scope.kind == "function" for use in uses):
        return False
    if any(sights.handed_in(use.scope, use.node.span) for use in uses):
        return False
    entering = {use.scope for use in uses}
    own = {token.scope, *entering}
    alone = all(scope in own for scope, _ in sets.sites(token.site.var))
    return alone and not any(sets.leads_to(scope, entering) for scope in entering)
