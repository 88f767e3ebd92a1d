"""Candidates in, a report out: the half of the pipeline behind the gate.

Read and link the program, ask every rule, keep one code a site, select, leave out what is suppressed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ctxlint.analysis.analysis import Analysis
from ctxlint.analysis.library_contexts import LibraryContexts
from ctxlint.analysis.lowering.calls import library_variable
from ctxlint.analysis.program import Program
from ctxlint.frontend.gate import holds, mentions
from ctxlint.frontend.text import decode
from ctxlint.knowledge.loader import calls as known_calls
from ctxlint.knowledge.targets import judging_for
from ctxlint.model.diagnostics import Diagnostic, Failure, Report, Statistics
from ctxlint.model.policy import NO_POLICY, Policy
from ctxlint.model.sources import SourceFile, Unreadable
from ctxlint.reading import Vicinity, read_program, relink, spawning_units
from ctxlint.rules.precedence import kept
from ctxlint.rules.registry import all_rules
from ctxlint.rules.rule import Finding, Rule
from ctxlint.supply import Facts, Memory
from ctxlint.suppression.sift import audit, sift, without_reason

Claim = tuple[Rule, Finding]

#: How often libcst may contradict a draft before what it has said so far is taken as it is.
_ROUNDS = 4


@dataclass(frozen=True)
class Given:
    """What is the same for every linking of a run. ``spawning`` are the units that name the API of a hop, ``policy`` is
    what the project declared.
    """

    files: Sequence[SourceFile]
    candidates: int
    names: dict[str, str]
    spawning: tuple[tuple[str, tuple[int, ...]], ...]
    facts: Facts
    policy: Policy


@dataclass(frozen=True)
class Examined:
    """A program with what every rule claims of it, before precedence, suppression and selection. ``judged`` are the
    units, by file and index, that hold what is judged or told.
    """

    given: Given
    analysis: Analysis
    claims: tuple[Claim, ...]
    judged: tuple[tuple[str, int], ...]
    failures: tuple[Failure, ...]

    @property
    def texts(self) -> dict[str, str]:
        """The texts of the files that were opened, by the name that the user sees."""
        return {self.given.names[path]: text for path, text in self.given.facts.texts.items()}


def examine(
    files: Sequence[SourceFile],
    read: Callable[[str], bytes],
    candidates: dict[str, bytes],
    refused: dict[str, str],
    memory: Memory | None = None,
    policy: Policy = NO_POLICY,
) -> Examined:
    """What the rules say of ``files``, of which ``candidates`` passed the gate and ``refused`` could not be opened."""
    with judging_for(policy):
        return _examined(files, read, candidates, refused, memory, policy)


def _examined(
    files: Sequence[SourceFile],
    read: Callable[[str], bytes],
    candidates: dict[str, bytes],
    refused: dict[str, str],
    memory: Memory | None,
    policy: Policy,
) -> Examined:
    vicinity = Vicinity(files, read)
    program, facts = read_program(files, read, candidates, refused, memory, vicinity)
    names = {file.path: file.display for file in files}
    copies = any(b"copy_context" in content for content in candidates.values())
    libraries = any(mentions(content, known_calls().token_functions) for content in candidates.values())
    libraries = libraries or any(holds(content) for content in candidates.values())
    wanted = bool(program.declarations) or copies or libraries or policy.wants_hops
    spawning = _spawning(program, vicinity, facts, policy) if wanted else ()
    given = Given(files, len(candidates), names, spawning, facts, policy)
    examined = _asked(program, given)
    for _ in range(_ROUNDS):
        if facts.confirm(examined.judged):
            break
        program = relink(program, facts)
        examined = _asked(program, given)
    facts.remember()
    return examined


def _spawning(
    program: Program, vicinity: Vicinity, facts: Facts, policy: Policy
) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """The units that name the API of a hop, in the files where it can lose something: joined by imports to a file that
    does something to a variable, or to one that imports a library whose variable has a value somewhere.
    """
    if policy.wants_hops or policy.explains:
        return spawning_units(vicinity.files, vicinity, facts, _last_words(policy.banned_hops))
    held = LibraryContexts(program).held
    names = frozenset(
        name.partition(".")[0]
        for library in known_calls().tokens
        if library_variable(library.variable) in held
        for name in (*library.reads, *library.proxies, *library.loggers)
    )
    near = vicinity.of((*program.modules, *vicinity.importing(names)))
    return spawning_units(near, vicinity, facts)


def _last_words(names: Iterable[str]) -> frozenset[str]:
    """The identifiers under which things of these dotted names are called."""
    return frozenset(name.rpartition(".")[2] for name in names)


def _asked(program: Program, given: Given) -> Examined:
    """What every rule says of a linked program."""
    analysis = Analysis(
        program, given.facts.unreadable, given.facts.limits, given.names, given.spawning, given.policy
    )
    failures: list[Failure] = []
    claims = tuple(_claims(analysis, failures))
    try:
        judged = _judged(analysis, given, claims)
    except Exception as error:  # noqa: BLE001 - the rule that asked the same has told it; what it left stays unread
        failures.append(Failure("confirm", "", f"{type(error).__name__}: {error}"))
        judged = ()
    return Examined(given, analysis, claims, judged, (*failures, *program.failures))


def _judged(analysis: Analysis, given: Given, claims: Iterable[Claim]) -> tuple[tuple[str, int], ...]:
    paths = {name: path for path, name in given.names.items()}
    told = [
        place
        for _, finding in claims
        for place in (finding.location, *(related.location for related in finding.related))
    ]
    library = analysis.program.resolver.library
    places = {(paths.get(place.filename, place.filename), place.span.start) for place in told}
    found = {(path, library.unit_at(path, start)) for path, start in places}
    return tuple(sorted({(path, index) for path, index in found if index is not None}.union(analysis.judged)))


def judge(
    examined: Examined,
    codes_in: Callable[[str], frozenset[str]],
    *,
    apply_noqa: bool,
    marked: Mapping[str, bytes] | None = None,
) -> Report:
    """The report on what was examined: one code a site, of those that its file shows, without what is suppressed.

    ``marked`` are the reported files that may hold suppressions, by path.
    """
    reported = frozenset(file.display for file in examined.given.files if file.reported)
    texts = examined.texts
    standing = tuple(claim for claim in kept(examined.claims) if claim[1].location.filename in reported)
    audited: tuple[Claim, ...] = ()
    texts = _with_marked(texts, marked or {}, examined.given.names)
    found_in = {finding.location.filename for _rule, finding in standing}
    suspects = found_in | {examined.given.names[path] for path in marked or ()}
    read = {name: text for name, text in texts.items() if name in suspects}
    sifted = sift(standing, texts, apply_noqa=apply_noqa)
    standing = sifted.standing
    if apply_noqa:
        audited = tuple(audit(sifted, read, codes_in, blind(examined, read)))
    else:
        audited = tuple(without_reason(read, codes_in))
    answers = [rule.is_shown(finding, codes_in(finding.location.filename)) for rule, finding in standing]
    shown = [claim for claim, is_shown in zip(standing, answers, strict=True) if is_shown]
    hidden = sum(
        rule.is_optional(finding) and not is_shown
        for (rule, finding), is_shown in zip(standing, answers, strict=True)
    )
    diagnostics = tuple(sorted((_diagnostic(*claim) for claim in (*shown, *audited)), key=_order))
    named = _named(diagnostics)
    return Report(
        diagnostics,
        hidden,
        examined.failures,
        _statistics(examined),
        {name: text for name, text in texts.items() if name in named},
    )


def _with_marked(
    texts: dict[str, str], marked: Mapping[str, bytes], names: Mapping[str, str]
) -> dict[str, str]:
    """The texts of the files that were opened, and of those that hold suppressions."""
    found = dict(texts)
    for path, content in marked.items():
        if names[path] not in found:
            try:
                found[names[path]] = decode(content)
            except Unreadable:  # nothing in it matters, or it would have been told
                continue
    return found


def blind(examined: Examined, texts: Iterable[str]) -> frozenset[str]:
    """The files, by the user's names, of which something was not read: all of ``texts`` where something failed."""
    if examined.failures:
        return frozenset(texts)
    analysis = examined.analysis
    paths = (*analysis.unreadable, *(path for path, limits in analysis.limits.items() if limits))
    return frozenset(examined.given.names.get(path, path) for path in paths)


def _claims(analysis: Analysis, failures: list[Failure]) -> Iterator[Claim]:
    for rule in all_rules():
        try:
            found = list(rule.check(analysis))
        except Exception as error:  # noqa: BLE001 - the one boundary: a crash becomes a failure that is reported
            failures.append(Failure(f"rule {rule.code}", "", f"{type(error).__name__}: {error}"))
            continue
        yield from ((rule, finding) for finding in found)


def _diagnostic(rule: Rule, finding: Finding) -> Diagnostic:
    return Diagnostic(
        rule.code,
        rule.name,
        finding.message,
        finding.location,
        rule.severity_of(finding),
        finding.confidence,
        finding.related,
        finding.help,
    )


def _order(diagnostic: Diagnostic) -> tuple[object, ...]:
    return (diagnostic.location, diagnostic.code, diagnostic.message)


def _named(diagnostics: Iterable[Diagnostic]) -> frozenset[str]:
    """The files that some location of the diagnostics names."""
    return frozenset(
        place.filename
        for diagnostic in diagnostics
        for place in (diagnostic.location, *(related.location for related in diagnostic.related))
    )


def _statistics(examined: Examined) -> Statistics:
    facts = examined.given.facts
    return Statistics(
        files=len(examined.given.files),
        candidates=examined.given.candidates,
        files_opened=facts.files_opened,
        files_read=facts.files_read,
        units_read=facts.units_read,
        bytes_read=facts.bytes_read,
    )
