"""A run of ``ctxlint why``: places in, an answer for each. The program and its configuration are those of ``check``."""

from __future__ import annotations

import os
import re
from contextlib import nullcontext
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from ctxlint import engine
from ctxlint.frontend.text import decode
from ctxlint.model.lines import LineIndex
from ctxlint.model.policy import ON_DEMAND
from ctxlint.model.sources import Unreadable
from ctxlint.shell.choice import Choice
from ctxlint.shell.discovery import did_you_mean_sibling, discover
from ctxlint.shell.layers import scope_of
from ctxlint.shell.nearest import WrongUsage
from ctxlint.shell.parts import parts_of
from ctxlint.shell.session import memory_for, plan, reader
from ctxlint.why.values import Reason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ctxlint.shell.discovery import Scope
    from ctxlint.shell.layers import Request
    from ctxlint.shell.session import Plan
    from ctxlint.why.values import Answer, Entry

_PLACE = re.compile(r"(?P<path>.+?):(?P<row>\d+)(?::(?P<column>\d+))?:?")
_FORM = "write FILE, FILE:LINE or FILE:LINE:COLUMN"


class Target(NamedTuple):
    """A place as it was asked for: ``written``, and its parts."""

    written: str
    path: str
    row: int | None
    column: int | None


class Told(NamedTuple):
    """A place with its answer, and what discovery could not see."""

    target: Target
    answer: Answer
    warnings: tuple[str, ...]


def parse(written: str) -> Target:
    """Return the place that ``written`` means. ``WrongUsage`` where it means none, with what to write instead."""
    if os.path.exists(written):
        if os.path.isdir(written):
            raise WrongUsage(f"'{written}' is a folder: name a file of it; {_FORM}")
        return Target(written, written, None, None)
    found = _PLACE.fullmatch(written)
    if found is None:
        path, colon, rest = written.partition(":")
        if colon and os.path.isfile(path):
            raise WrongUsage(f"'{rest}' is no line: {_FORM}")
        raise WrongUsage(f"no such file: '{written}'{did_you_mean_sibling(written) or f': {_FORM}'}")
    path = found["path"]
    if os.path.isdir(path) or not os.path.exists(path):
        what = "is a folder" if os.path.isdir(path) else "no such file"
        raise WrongUsage(f"{what}: '{path}'{did_you_mean_sibling(path)}")
    row, column = int(found["row"]), int(found["column"]) if found["column"] else None
    if row == 0 or column == 0:
        raise WrongUsage(f"'{written}': lines and columns count from 1")
    return Target(written, path, row, column)


def ask(request: Request) -> list[Told]:
    """Return the answer for each of the request's places. Wrong usage is told before the program is read."""
    targets = [parse(written) for written in request.paths]
    texts = [_text(target) for target in targets]
    planned = [plan(request._replace(paths=(target.path,))) for target in targets]
    return [_told(target, text, each) for target, text, each in zip(targets, texts, planned, strict=True)]


def _text(target: Target) -> str:
    """The text of the file, empty where it cannot be decoded; ``WrongUsage`` where it has no such line."""
    try:
        text = decode(reader({})(target.path))
    except Unreadable as problem:
        return problem.text
    except OSError as error:
        raise WrongUsage(f"cannot read '{target.path}': {error.strerror or error}") from error
    lines = len(LineIndex(text)) - text.endswith(("\n", "\r"))
    if target.row is not None and target.row > max(lines, 1):
        count = f"{lines} line{'' if lines == 1 else 's'}"
        raise WrongUsage(f"'{target.written}': the file has {count}")
    return text


def _told(target: Target, text: str, planned: Plan) -> Told:
    from ctxlint.why.answer import Question, answer  # noqa: PLC0415 - wrong usage is told without the analysis

    path = os.path.abspath(target.path)
    ((layers, paths),) = planned.groups
    configurations = planned.configurations
    selected = Choice(configurations.layers_for(os.path.dirname(path))).codes_in(path)
    scope = scope_of(layers, planned.request, configurations)
    found = discover(paths, scope)
    reported = any(file.path == path and file.reported for file in found.files)
    # left out on purpose: it is read all the same, to say what would be told
    seen = found if reported else discover(paths, scope._replace(force_exclude=False))
    files = seen.files
    shown = next(each.display for each in files if each.path == path)
    with memory_for(planned, layers, paths) or nullcontext():
        read = reader({})
        (part,) = parts_of(seen, paths, layers, configurations, read)
        policy = replace(part.policy, asked=selected & ON_DEMAND, explains=True)
        examined = engine.examine(files, read, policy=policy)
        asked = Question(path, shown, text, target.row, target.column, selected, reported=reported)
        told = answer(examined, asked)
    if any(entry.verdict == "reported" for entry in told.entries) and _is_left_out(path, scope):
        told = replace(told, entries=tuple(map(_with_remark, told.entries)))
    return Told(target, told, _warnings(found.warnings, examined.failures))


def _is_left_out(path: str, scope: Scope) -> bool:
    """Does a run over the whole project not report the file?"""
    root = scope.program_of(os.path.dirname(path))
    found = discover((root,), scope).files if root is not None else ()
    return root is not None and not any(file.path == path and file.reported for file in found)


def _with_remark(entry: Entry) -> Entry:
    text = "a run over the project leaves this file out (`exclude`, or git ignores it): it is reported when it is named"
    return replace(entry, reasons=(*entry.reasons, Reason(text))) if entry.verdict == "reported" else entry


def _warnings(seen: Sequence[str], failures: Sequence[object]) -> tuple[str, ...]:
    wrong = [f"internal error, the answer is not complete: {failure}" for failure in failures]
    return (*seen, *wrong)
