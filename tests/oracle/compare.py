"""What ctxlint says of generated functions, beside what CPython did.

For each site two things are compared.

**The interpreter.** The set of ways to leave that it found, each with its status (see ``execute``), is the set that
was seen: nothing more, nothing less. A fate of ``held`` or ``lost`` is ``leak``; ``released``, ``covered`` and
``restored`` are ``undone``, or ``emptied`` if ``restored`` by the function's own emptying. The places where it says
that an exception was raised were such places. ``looped`` (a set reached again while its value is in force) and the
lines of double resets agree exactly.

**The rules.** From what was seen follows the code that a site deserves:

* its token was refused because it was made in a different Context, in a generator that is not driven as a scope:
  CTX109. A handler around that reset for ValueError, or for all errors, leaves it open;
* its token, unused and in force, was pushed out of its only name by a newer one, its value was in force at the end,
  and some reset takes that name: CTX108;
* it leaks on a normal way out and is undone on another: CTX103. For a bare set ``emptied`` is no undoing here;
* it leaks on no normal way out, is undone on some way out, and leaks on a raising one: CTX104; where a ``finally``
  undoes it on some way out, only if it leaks by more than an ordinary call that raised (else it is CTX122);
* its value was seen by the consumer of such a generator, and no ``finally`` undoes it: CTX110 (of a bare set, which may
  publish its value, either; where a ``finally`` puts back what was there, which of two streams may be the other's
  value, either);
* it is bound to a name, leaks on a normal way out, and no way out undoes it: CTX102;
* in all other cases none of these; and CTX101 and CTX121 only where a normal way out leaks and none undoes;
* a line that raised "has already been used once" is a CTX105, and no other line is; "created by a different
  ContextVar" is CTX106, a TypeError or UnboundLocalError of a reset CTX113. Where a handler around the line names the
  error, silence is right, too.

Functions for which the interpreter passed its bound on worlds (``capped``) or that go too many ways are counted and
not compared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

import execute
from execute import Facts, Leaving, Site
from generate import Block, Clause, Compound, Function, Line, module

from ctxlint.analysis.analysis import Analysis
from ctxlint.model.ir import Grade
from ctxlint.model.lines import LineIndex
from ctxlint.model.observations import FrameOutcome, SiteExit
from ctxlint.model.sources import SourceFile
from ctxlint.reading import read_program
from ctxlint.rules.precedence import kept
from ctxlint.rules.registry import all_rules

PATH = "/generated/module.py"
_LEAKING = {"CTX102", "CTX103", "CTX104", "CTX108", "CTX109", "CTX110", "CTX122"}
_RESETS = {"CTX105", "CTX106", "CTX113"}
_COMPARED = _LEAKING | _RESETS | {"CTX101", "CTX121"}
_REFUSED = {"ValueError", "Exception", "BaseException"}
_MORE_TURNS = (3, 4, 5)
_TOKEN_RULES = tuple(rule for rule in all_rules() if rule.code.startswith("CTX1"))
"""They yield to each other alone, so what the others find changes nothing here."""
_UNBOUND = "UnboundLocalError"
"""Its line is not compared: where a test of an unbound name decides over nothing but ``pass``, CPython's line table
names the statement before it.
"""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One thing on which the two differ, with the script that shows it where CPython did it."""

    what: str
    story: tuple[str, ...] = ()


@dataclass(slots=True)
class Tally:
    """The figures of a run."""

    functions: int = 0
    compared: int = 0
    sites: int = 0
    paths: int = 0
    capped: int = 0
    too_long: int = 0
    codes: dict[str, int] = field(default_factory=dict)
    failures: list[tuple[Function, tuple[Disagreement, ...]]] = field(default_factory=list)

    def __str__(self) -> str:
        codes = ", ".join(f"{code} {count}" for code, count in sorted(self.codes.items()))
        return (
            f"{self.functions} functions, {self.compared} compared on {self.paths} paths and {self.sites} sites; "
            f"{self.too_long} go too many ways, {self.capped} past the bound on worlds; reported: {codes}; "
            f"{len(self.failures)} disagreements"
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """What ctxlint says of one function."""

    outcome: FrameOutcome | None
    findings: frozenset[tuple[int, str]]


def verdicts(text: str) -> tuple[dict[str, Verdict], LineIndex]:
    """Analyse a module: the interpreter's outcome and the findings, by function."""
    data = text.encode()
    files = (SourceFile(PATH, "module.py", ("/generated",)),)
    program, _ = read_program(files, lambda _: data, {PATH: data}, {})
    analysis = Analysis(program, {}, dict, {PATH: "module.py"})
    lines = LineIndex(text)
    claims = kept((rule, finding) for rule in _TOKEN_RULES for finding in rule.check(analysis))
    assert not program.failures, program.failures
    found = [(lines.position(finding.location.span.start)[0], rule.code) for rule, finding in claims]
    by_name: dict[str, Verdict] = {}
    for scope in program.functions():
        if scope.kind == "function":
            first = lines.position(scope.function.span.start)[0]
            last = lines.position(scope.function.span.end)[0]
            mine = frozenset((row, code) for row, code in found if first <= row <= last)
            by_name[scope.qualname] = Verdict(program.outcome(scope), mine)
    return by_name, lines


def check(functions: tuple[Function, ...], tally: Tally) -> None:
    """Run and judge the functions as one module."""
    text = module(functions)
    by_name, lines = verdicts(text)
    namespace = execute.load(text)
    for function in functions:
        tally.functions += 1
        verdict = by_name[function.name]
        if verdict.outcome is not None and verdict.outcome.capped:
            tally.capped += 1
            continue
        try:
            seen = execute.facts(namespace, function)
            found = disagreements(seen, verdict, lines)
            for turns in _MORE_TURNS:  # what needs another turn of a loop to be seen
                if found and _has_loop(function.body):
                    seen = execute.facts(namespace, function, turns)
                    found = disagreements(seen, verdict, lines)
        except execute.TooManyPathsError:
            tally.too_long += 1
            continue
        tally.compared += 1
        tally.paths += seen.paths
        tally.sites += len(seen.exits)
        for _, code in verdict.findings:
            tally.codes[code] = tally.codes.get(code, 0) + 1
        if found:
            tally.failures.append((function, tuple(found)))


def _has_loop(body: Block) -> bool:
    return any(
        clause.head.startswith(("for", "while")) or _has_loop(clause.body)
        for statement in body
        if isinstance(statement, Compound)
        for clause in statement.clauses
    )


# --- the comparison ------------------------------------------------------------------------------------------


def disagreements(seen: Facts, verdict: Verdict, lines: LineIndex) -> list[Disagreement]:
    """Everything on which CPython and ctxlint differ about one function."""
    found: list[Disagreement] = []
    outcome = verdict.outcome or FrameOutcome((), (), frozenset(), capped=False)
    said: dict[Site, set[Leaving]] = {}
    bound: dict[Site, bool] = {}
    looped: set[Site] = set()
    for each in outcome.sites:
        site = (lines.position(each.site.span.start)[0], each.site.var.name)
        bound[site] = each.site.into is not None
        said.setdefault(site, set()).update(_leaving(leaving) for leaving in each.exits)
        if each.looped:
            looped.add(site)
        for leaving in each.exits:
            at = (site, _status(leaving), lines.position(leaving.at.start)[0])
            if leaving.kind == "raise" and leaving.raised != _UNBOUND and at not in seen.raised_at:
                found.append(
                    Disagreement(f"{site}: ctxlint lets {at[1]} leave by an exception from line {at[2]}")
                )
    for site in sorted({*said, *seen.exits}):
        real = seen.exits.get(site, {})
        ours = said.get(site, set())
        found += [Disagreement(f"{site}: ctxlint alone says {each}") for each in sorted(ours - real.keys())]
        found += [
            Disagreement(f"{site}: CPython alone shows {each}", real[each])
            for each in sorted(real.keys() - ours)
        ]
    found += [
        Disagreement(f"{site}: ctxlint alone says looped") for site in sorted(looped - seen.looped.keys())
    ]
    found += [
        Disagreement(f"{site}: CPython alone shows looped", seen.looped[site])
        for site in sorted(seen.looped.keys() - looped)
    ]
    return found + list(_findings(seen, verdict, bound))


def _findings(seen: Facts, verdict: Verdict, bound: dict[Site, bool]) -> Iterator[Disagreement]:
    reported = {(row, code) for row, code in verdict.findings if code in _COMPARED}
    for site, exits in sorted(seen.exits.items()):
        right = deserved(site, seen, is_bound=bound.get(site, False))
        opt_in = (
            "CTX122" in right
            or (  # as is CTX104 where an ordinary call in the very handler that undoes it raises
                "CTX104" in right and not any(each.grave and each.status == "leak" for each in exits)
            )
        )
        if "CTX103" in right and any(each.kind == "raise" and each.status == "leak" for each in exits):
            # on request where a question around the reset is a doubt; then a raising way out counts
            right |= {"CTX104"}
        if "CTX103" in right and seen.text.open and site in seen.yielded:
            right |= {"CTX110"}  # likewise what the consumer of a generator sees
        if opt_in and any(told == "CTX114" for _, told in verdict.findings):
            right |= {
                None
            }  # CTX114 is on by default in a context manager, and of the same site; its line is another
        said = {said for row, said in reported if row == site[0]} - _RESETS
        may = _may_stay(exits)
        if not any(said & _LEAKING == ({each} if each else set()) for each in right) or (
            said - _LEAKING and not may
        ):
            yield Disagreement(
                f"{site}: reported {sorted(said)}, deserved {sorted(each or 'nothing' for each in right)}: "
                f"{sorted(exits)}"
            )
    yield from _resets(reported, "CTX105", seen.doubles, frozenset(), "a token used twice")
    yield from _resets(
        reported, "CTX106", seen.foreign, _expecting(seen, "ValueError"), "a token of another variable"
    )
    yield from _resets(reported, "CTX113", seen.missing, _expecting(seen, "TypeError"), "a missing token")


def _expecting(seen: Facts, kind: str) -> frozenset[int]:
    """The lines around which a handler names the class: who does so may mean it."""
    return frozenset(row for row, names in seen.text.expected.items() if kind in names)


def _resets(
    reported: set[tuple[int, str]],
    code: str,
    real: dict[int, tuple[str, ...]],
    expected: frozenset[int],
    what: str,
) -> Iterator[Disagreement]:
    rows = {row for row, said in reported if said == code}
    for row in sorted((rows ^ real.keys()) - (expected & real.keys())):
        who = "ctxlint" if row in rows else "CPython"
        yield Disagreement(f"line {row}: {who} alone sees {what}", real.get(row, ()))


def deserved(site: Site, seen: Facts, *, is_bound: bool) -> set[str | None]:
    """The codes that a site may have: one, unless the text leaves open whether a refusal is meant."""
    crossed = seen.crossed.get(site, {}).keys() if seen.text.open else set[int]()
    ready = {row for row in crossed if not _REFUSED.isdisjoint(seen.text.expected.get(row, ()))}
    if crossed - ready:
        return {"CTX109"}
    exits = seen.exits[site]
    if site in seen.replaced and site[0] in seen.text.wanted:
        right: str | None = "CTX108"
    else:
        right = code(exits, is_bound=is_bound)
    found = {right}
    seen_by_consumer = seen.text.open and site in seen.yielded and not crossed
    if seen_by_consumer and right in (None, "CTX102", "CTX122"):
        if not _is_protected(exits):
            found = {"CTX110"} if is_bound else {"CTX110", right}
        elif not any(e.final and e.status == "emptied" for e in exits):
            found = {"CTX110", right}
    return found | {"CTX109"} if crossed else found


def _is_protected(exits: Iterable[Leaving]) -> bool:
    return any(e.final and e.status in ("undone", "emptied") for e in exits)


def code(exits: Iterable[Leaving], *, is_bound: bool) -> str | None:
    """The code that a site deserves for the ways out that were seen."""
    exits = set(exits)
    leaks = [e for e in exits if e.kind == "normal" and e.status == "leak"]
    undone = _normal_undone(exits, is_bound=is_bound)
    raise_undone = [e for e in exits if e.kind == "raise" and e.status in ("undone", "emptied")]
    protected = _is_protected(exits)
    raise_leaks = [e for e in exits if e.kind == "raise" and e.status == "leak"]
    if leaks and undone:
        return "CTX103"
    if not leaks and (undone or raise_undone) and any(e.grave or not protected for e in raise_leaks):
        return "CTX104"
    if not leaks and protected and raise_leaks:
        return "CTX122"
    every = [e for e in exits if e.status in ("undone", "emptied")]
    return "CTX102" if is_bound and leaks and not every else None


def _normal_undone(exits: set[Leaving], *, is_bound: bool) -> list[Leaving]:
    leaks = any(e.kind == "normal" and e.status == "leak" for e in exits)
    statuses = ("undone",) if leaks and not is_bound else ("undone", "emptied")
    return [e for e in exits if e.kind == "normal" and e.status in statuses]


def _may_stay(exits: Iterable[Leaving]) -> bool:
    exits = set(exits)
    return any(e.kind == "normal" and e.status == "leak" for e in exits) and not _normal_undone(
        exits, is_bound=False
    )


def _leaving(leaving: SiteExit) -> Leaving:
    grave = leaving.kind == "raise" and leaving.grade > Grade.CALL
    return Leaving(leaving.kind, _status(leaving), grave, leaving.in_final)


def _status(leaving: SiteExit) -> str:
    match leaving.fate:
        case "held" | "lost":
            return "leak"
        case "restored" if leaving.via == "emptied":
            return "emptied"
        case "released" | "covered" | "restored":
            return "undone"
        case fate:
            return fate


# --- shrinking -----------------------------------------------------------------------------------------------


def shrunk(function: Function) -> Function:
    """A smaller function on which the two still differ: statements and clauses are dropped while they do."""
    changed = True
    while changed:
        changed = False
        for body in _smaller(function.body):
            candidate = replace(function, body=body)
            if _fails(candidate):
                function, changed = candidate, True
                break
    return function


def _fails(function: Function) -> bool:
    tally = Tally()
    if not _ends(function.body) or function.kind.endswith(("manager", "generator")) != (
        "yield" in str(function.body)
    ):
        return False
    try:
        compile(module((function,)), "generated", "exec")
        check((function,), tally)
    except (SyntaxError, execute.InvalidError):
        return False
    return bool(tally.failures)


def _ends(body: Block) -> bool:
    """Does every endless loop still ask the script whether to go on?"""
    return all(
        _ends(clause.body) and (clause.head != "while True:" or "script.e" in _first_head(clause.body))
        for statement in body
        if isinstance(statement, Compound)
        for clause in statement.clauses
    )


def _first_head(body: Block) -> str:
    return (
        body[0].clauses[0].head if body and isinstance(body[0], Compound) and body[0].clauses[0].body else ""
    )


def _smaller(block: Block) -> Iterator[Block]:
    for index, statement in enumerate(block):
        before, after = block[:index], block[index + 1 :]
        yield before + after
        if isinstance(statement, Compound):
            for clause in statement.clauses:
                yield before + clause.body + after
            for other in _smaller_compound(statement):
                yield (*before, other, *after)


def _smaller_compound(statement: Compound) -> Iterator[Compound]:
    clauses = statement.clauses
    for index, clause in enumerate(clauses):
        if index:
            yield Compound(clauses[:index] + clauses[index + 1 :])
        for body in _smaller(clause.body):
            yield Compound((*clauses[:index], Clause(clause.head, body), *clauses[index + 1 :]))


def report(function: Function) -> str:
    """A disagreement as text: the smallest program that shows it, and what differs."""
    small = shrunk(function)
    tally = Tally()
    check((small,), tally)
    (_, found), *_ = tally.failures
    text = module((small,))
    start = text.count("\n") - len(small.lines()) + 1
    shown = [f"{start + index:4} {line}" for index, line in enumerate(small.lines())]
    told = [f"  {each.what}" + (f"\n      {'; '.join(each.story)}" if each.story else "") for each in found]
    return "\n".join([*shown, *told])


Progress = Callable[[Tally], None]


def survey(functions: Iterable[Function], size: int = 40, progress: Progress | None = None) -> Tally:
    """Check many functions, ``size`` to a module."""
    tally = Tally()
    batch: list[Function] = []
    for function in functions:
        batch.append(function)
        if len(batch) == size:
            check(tuple(batch), tally)
            batch = []
            if progress is not None:
                progress(tally)
    if batch:
        check(tuple(batch), tally)
    return tally


__all__ = ["Line", "Tally", "report", "survey"]
