"""The pipeline: files in, a report out. Reads like its table of contents; every step is one floor's work.

Nothing but the gate is imported until a file passes it: a run over code that has no context variables costs
little more than reading the bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import msgspec

from ctxlint.frontend.gate import Gathered, has_coroutines, is_candidate, keeps_by_thread, may_hold, mentions
from ctxlint.model.diagnostics import Report, Statistics
from ctxlint.model.policy import NO_POLICY, ON_DEMAND, Policy
from ctxlint.model.sources import SourceFile

#: The one code about a suppression that a caller who heeds ``# noqa`` itself cannot tell.
WITHOUT_REASON = "CTX903"
#: Bytes of files that are kept in a run, to be looked through again.
_ROOM = 32 * 1024 * 1024

if TYPE_CHECKING:
    from ctxlint.judging import Examined
    from ctxlint.supply import Memory


def check(  # noqa: PLR0913 - each is a decision of the door that calls
    files: Sequence[SourceFile],
    read: Callable[[str], bytes],
    selected: frozenset[str],
    progress: Callable[[str, int, int], None] | None = None,
    *,
    apply_noqa: bool = True,
    memory: Memory | None = None,
    policy: Policy = NO_POLICY,
    codes_in: Callable[[str], frozenset[str]] | None = None,
    made_by: Callable[[], bytes] | None = None,
) -> Report:
    """Analyse the program that ``files`` make and report on those of them that are ``reported``.

    ``read`` returns the bytes of a path and may raise OSError. ``selected`` are the codes to show.
    ``progress`` is called with a stage, the number done and the number in all. ``apply_noqa`` False leaves
    ``# noqa`` to the caller, as flake8 wants it. ``memory`` keeps what was read from run to run, ``policy`` is what the
    project declared. ``codes_in`` gives the codes to show in a file, by the user's name for it, where files differ.
    ``made_by`` tells this ctxlint from others: with it, ``memory`` keeps the report for a program that stays the same.
    """
    tell = progress or _silent
    read = _kept(read)
    asked = selected & ON_DEMAND
    policy = msgspec.structs.replace(policy, asked=asked) if asked else policy
    marked: dict[str, bytes] = {}
    heeded = apply_noqa or WITHOUT_REASON in selected
    candidates, refused = _search(files, read, tell, policy, marked if heeded else None)
    if not candidates and not refused and not marked and not policy.wants_hops:
        return Report((), 0, (), Statistics(files=len(files)), {})

    def everywhere(_name: str) -> frozenset[str]:
        return selected

    codes = codes_in or everywhere
    key = b""
    if memory is not None and made_by is not None:
        settings = (made_by(), apply_noqa, policy, sorted(selected))
        shown = [sorted(codes_in(file.display)) for file in files if file.reported] if codes_in else []
        key = _digest(files, read, repr((settings, shown, refused)))
        found = _recalled(memory.load([key]).get(key))
        if found is not None:
            return found
    from ctxlint import judging  # noqa: PLC0415 - see the module's docstring

    examined = judging.examine(files, read, candidates, refused, memory, policy)
    report = judging.judge(examined, codes, apply_noqa=apply_noqa, marked=marked)
    if memory is not None and key and not report.failures:
        from ctxlint.supply import remember  # noqa: PLC0415 - see the module's docstring

        remember(memory, key, report)
    return report


def examine(
    files: Sequence[SourceFile],
    read: Callable[[str], bytes],
    memory: Memory | None = None,
    policy: Policy = NO_POLICY,
) -> Examined:
    """What ``check`` judges by, before anything is left out: see ``judging.examine``."""
    from ctxlint import judging  # noqa: PLC0415 - see the module's docstring

    read = _kept(read)
    candidates, refused = _search(files, read, _silent, policy)
    return judging.examine(files, read, candidates, refused, memory, policy)


def passes_gate(files: Sequence[SourceFile], read: Callable[[str], bytes]) -> bool:
    """Whether something of a program that declares nothing is worth a look. Reads every file, in their order."""
    candidates, refused = _search(files, read, _silent, NO_POLICY)
    return bool(candidates or refused)


def _search(
    files: Sequence[SourceFile],
    read: Callable[[str], bytes],
    progress: Callable[[str, int, int], None],
    policy: Policy,
    marked: dict[str, bytes] | None = None,
) -> tuple[dict[str, bytes], dict[str, str]]:
    """The bytes of every file that passes the gate; and, of the reported ones, why some cannot be read at all.

    The reported ones that may hold suppressions are put into ``marked``.
    """
    candidates: dict[str, bytes] = {}
    by_thread: dict[str, bytes] = {}
    coroutines = False
    refused: dict[str, str] = {}
    words = _markers(policy)
    libraries = Gathered()
    for number, file in enumerate(files):
        progress("searching", number, len(files))
        try:
            data = read(file.path)
        except OSError as error:
            if file.reported:
                refused[file.path] = error.strerror or str(error)
            continue
        if is_candidate(data) or (words and mentions(data, words)):
            candidates[file.path] = data
        else:
            if keeps_by_thread(data):
                by_thread[file.path] = data
            libraries.see(file.path, data)
        coroutines = coroutines or has_coroutines(data)
        if marked is not None and file.reported and may_hold(data):
            marked[file.path] = data
    if coroutines:
        candidates |= by_thread
    candidates.update(libraries.candidates())
    progress("searching", len(files), len(files))
    return candidates, refused


def _digest(files: Sequence[SourceFile], read: Callable[[str], bytes], settings: str) -> bytes:
    """What a report depends on, in short: every byte of every file, its names, and what was asked."""
    import hashlib  # noqa: PLC0415 - see the module's docstring

    digest = hashlib.blake2b(settings.encode("utf-8", "surrogateescape"), digest_size=16, person=b"report")
    for file in files:
        digest.update(repr(file).encode("utf-8", "surrogateescape"))
        try:
            data = read(file.path)
        except OSError as error:
            digest.update(repr(error).encode("utf-8", "surrogateescape"))
        else:
            digest.update(b"%d " % len(data))
            digest.update(data)
    return digest.digest()


def _recalled(found: bytes | None) -> Report | None:
    """A report as it was kept; nothing of it was read in this run."""
    try:
        report = msgspec.msgpack.decode(found, type=Report) if found is not None else None
    except msgspec.DecodeError:  # whoever wrote that, it says nothing
        return None
    if report is None:
        return None
    statistics = Statistics(files=report.statistics.files, candidates=report.statistics.candidates)
    return msgspec.structs.replace(report, statistics=statistics)


def _kept(read: Callable[[str], bytes]) -> Callable[[str], bytes]:
    """Reads as ``read`` does, a file once, as long as there is room for what was read."""
    known: dict[str, bytes] = {}
    room = _ROOM

    def kept(path: str) -> bytes:
        nonlocal room
        if path in known:
            return known[path]
        content = read(path)
        if len(content) <= room:
            room -= len(content)
            known[path] = content
        return content

    return kept


def _markers(policy: Policy) -> frozenset[str]:
    """Words of which one stands in every file that uses a token that the project knows of."""
    if not policy.knowledge:
        return frozenset()
    from ctxlint.knowledge.additions import additions_of  # noqa: PLC0415 - few projects add some

    return additions_of(policy.knowledge).markers


def _silent(stage: str, done: int, total: int) -> None:
    del stage, done, total
