"""The findings of a program, made once and kept for every process that asks for them again.

For a door that is asked file by file, in several processes, about one program (flake8). The findings are kept in the
memory of the project, under a digest of all that they depend on: the bytes of every file of the program, what was
declared and selected, and ctxlint itself. Whoever finds none there makes them under a lock; the others wait for it.

A program in which no file passes the gate has no findings, and nothing but its bytes is looked at.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import nullcontext
from typing import TYPE_CHECKING

import msgspec

from ctxlint import engine
from ctxlint.shell.layers import folder_of
from ctxlint.shell.lock import exclusive
from ctxlint.shell.memory import LOCK, prepare
from ctxlint.shell.own import own_digest
from ctxlint.shell.policy import required_python
from ctxlint.shell.session import found_by, memory_folder, memory_for, plan, reader, run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ctxlint.shell.layers import Request
    from ctxlint.shell.memory import Memory
    from ctxlint.shell.session import Outcome, Plan


class Line(msgspec.Struct, frozen=True, array_like=True):
    """A finding as a line of its file: row and column from 1."""

    row: int
    column: int
    code: str
    message: str


class Findings(msgspec.Struct, frozen=True, array_like=True):
    """The findings of a program by absolute path, and what went wrong inside."""

    lines: dict[str, tuple[Line, ...]]
    failures: tuple[str, ...] = ()


class Checked(msgspec.Struct, frozen=True):
    """The findings of a program, and the absolute paths of the files for which they speak."""

    findings: Findings
    paths: frozenset[str]


_NONE = Findings({})
_FINDINGS = msgspec.msgpack.Decoder(Findings)


def check_shared(request: Request) -> Checked:
    """What ``request`` finds, ``# noqa`` left to the caller. ``WrongUsage`` as ``session.plan`` tells it."""
    planned = plan(request)
    groups = tuple(found_by(planned))
    files = tuple(dict.fromkeys(file for _, _, found in groups for file in found.files))
    paths = frozenset(file.path for file in files if file.reported)
    digest = hashlib.blake2b(digest_size=16)
    gate = engine.passes_gate(files, _noting(reader(request.overlay), digest.update))
    if not paths or not (gate or _asks_for_more(planned)):
        return Checked(_NONE, paths)
    projects = {project for _, _, found in groups for project in found.projects}
    for part in (repr(files).encode("utf-8", "surrogateescape"), *_declared(planned, projects)):
        digest.update(part)
    layers, members, _found = groups[0]
    folder = None if request.no_cache else memory_folder(planned, layers, members)
    with memory_for(planned, layers, members) or nullcontext() as memory:
        key = digest.digest()
        found = _recalled(memory, key)
        if found is None:
            with exclusive(os.path.join(folder, LOCK)) if folder and _made(folder) else nullcontext():
                found = _recalled(memory, key) or _made_now(planned, memory, key)
    return Checked(found, paths)


def _noting(read: Callable[[str], bytes], note: Callable[[bytes], None]) -> Callable[[str], bytes]:
    """What reads as ``read`` does, and notes what was read, each file with its length."""

    def noting(path: str) -> bytes:
        try:
            content = read(path)
        except OSError as error:
            note(f"?{error}".encode("utf-8", "surrogateescape"))
            raise
        note(b"%d " % len(content))
        note(content)
        return content

    return noting


def _asks_for_more(plan: Plan) -> bool:
    """Whether something is declared or selected by which a program without variables may have findings, too."""
    files = sorted(plan.configurations.nested)
    governing = [layers for layers, _ in plan.groups] + [plan.configurations.layers(file) for file in files]
    return any(
        value is not None
        for layers in governing
        for layer in layers
        for value in (
            layer.settings.knowledge,
            layer.settings.banned_hops,
            layer.settings.select,
            layer.settings.extend_select,
            layer.settings.require_suppression_reason,
        )
    )


def _declared(plan: Plan, projects: set[str]) -> Iterable[bytes]:
    """What findings depend on besides the files of the program; ``projects`` lie below its beginning."""
    yield own_digest()
    nested = sorted(plan.configurations.nested)
    layers = [governing for governing, _ in plan.groups] + [
        plan.configurations.layers(file) for file in nested
    ]
    yield repr(layers).encode("utf-8", "surrogateescape")
    roots = set(map(plan.configurations.program_of, map(folder_of, plan.request.paths)))
    for root in sorted(filter(None, roots | projects | set(map(os.path.dirname, nested)))):
        yield repr((root, required_python(root))).encode("utf-8", "surrogateescape")


def _made(folder: str) -> bool:
    """Whether the folder of the memory is there, made if need be; the memory itself says why it cannot."""
    try:
        prepare(folder)
    except OSError:
        return False
    return True


def _recalled(memory: Memory | None, key: bytes) -> Findings | None:
    found = memory.load([key]).get(key) if memory is not None else None
    try:
        return None if found is None else _FINDINGS.decode(found)
    except msgspec.DecodeError:  # whoever wrote that, it says nothing
        return None


def _made_now(plan: Plan, memory: Memory | None, key: bytes) -> Findings:
    outcome = run(plan, apply_noqa=False)
    found = Findings(_lines(outcome), tuple(_failures(outcome)))
    if memory is not None and not found.failures:
        from ctxlint.supply import remember  # noqa: PLC0415 - findings recalled need no reader

        remember(memory, key, found)
    return found


def _lines(outcome: Outcome) -> dict[str, tuple[Line, ...]]:
    from ctxlint.reporting.cells import one_line  # noqa: PLC0415 - findings recalled need no words
    from ctxlint.reporting.places import Places  # noqa: PLC0415 - likewise

    report = outcome.report
    places = Places(report.texts, report.cells)
    lines: dict[str, list[Line]] = {}
    for entry in report.diagnostics:
        row, column, _cell = places.start(entry.location)
        path = os.path.abspath(entry.location.filename)
        lines.setdefault(path, []).append(Line(row, column, entry.code, one_line(entry.message)))
    return {path: tuple(found) for path, found in lines.items()}


def _failures(outcome: Outcome) -> Iterable[str]:
    for failure in outcome.report.failures:
        place = f", {failure.filename}" if failure.filename else ""
        yield f"internal error in {failure.stage}{place}: {failure.message}"
