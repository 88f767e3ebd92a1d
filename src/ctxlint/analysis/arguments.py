"""Which parameter takes which argument of a call."""

from __future__ import annotations

from ctxlint.analysis.symbols import FunctionRef
from ctxlint.knowledge.hop import Hop, Worker
from ctxlint.model import facts as f


def worker_arguments(call: f.Call, worker: Worker) -> tuple[f.Expr, ...]:
    """The arguments of a call that are workers; none where a star hides which they are."""
    found: list[f.Expr] = []
    position = 0
    for argument in call.args:
        if argument.keyword is not None:
            if worker.keyword and argument.keyword == worker.keyword:
                found.append(argument.value)
        elif argument.star == "**":
            continue
        elif argument.star:
            if worker.every and worker.position is not None and position >= worker.position:
                found.append(argument.value)
            break
        else:
            at = worker.position
            if at is not None and (position == at or (worker.every and position > at)):
                found.append(argument.value)
            position += 1
    return tuple(found)


def names_context(call: f.Call, row: Hop) -> bool:
    """Does the call say in which Context the worker is to run (``context=``)?"""
    return row.context is not None and any(
        argument.keyword == row.context.keyword
        and not (isinstance(argument.value, f.Literal) and argument.value.kind == "none")
        for argument in call.args
    )


def parameters_of(call: f.Call, ref: FunctionRef) -> list[str | None]:
    """For each argument the name of the parameter that takes it; None where that is not known."""
    taken = ref.scope.function.parameters
    positional = [p.name for p in taken if p.kind in ("positional", "plain")]
    by_name = {p.name for p in taken}
    rest = next((p.name for p in taken if p.kind == "star"), None)
    index = 1 if ref.bound else 0
    found: list[str | None] = []
    known = True
    for argument in call.args:
        if argument.keyword is not None:
            found.append(argument.keyword if argument.keyword in by_name else None)
        elif argument.star or not known:
            known = False
            found.append(None)
        else:
            found.append(positional[index] if index < len(positional) else rest)
            index += 1
    return found
