"""What ``ctxlint why`` prints: each entry with its source, its verdict and the reasons; or the same as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ctxlint.model.lines import LineIndex
from ctxlint.reporting.cells import one_line
from ctxlint.reporting.frame import Canvas, draw
from ctxlint.reporting.json_text import dumps
from ctxlint.reporting.paint import painter
from ctxlint.reporting.places import Places

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ctxlint.model.spans import Location
    from ctxlint.reporting.format import View
    from ctxlint.why.values import Answer, Entry

_STYLES = {
    "reported": "warning",
    "silent": "help",
    "suppressed": "note",
    "deselected": "note",
    "yields": "note",
}
_VERDICTS = {
    "reported": "reported",
    "silent": "not reported",
    "suppressed": "suppressed",
    "deselected": "not selected",
    "yields": "gives way",
}


def render(answers: Sequence[Answer], view: View) -> str:
    """Return every entry as a block, a blank line after each. Answers without an entry are ``nothing_there``'s."""
    blocks: list[str] = []
    for answer in answers:
        files = {name: LineIndex(text) for name, text in answer.texts.items()}
        blocks += ["\n".join(_block(entry, files, view)) + "\n" for entry in answer.entries]
    return "".join(f"{block}\n" for block in blocks)


def render_json(answers: Sequence[Answer], view: View) -> str:
    """Return one array of the entries of all answers. Rows and columns count from 1, as in the JSON report."""
    found = [
        _object(entry, places, view.base)
        for answer in answers
        for places in [Places(answer.texts)]
        for entry in answer.entries
    ]
    return dumps(found, indent=2) + "\n"


def nothing_there(answer: Answer, place: str) -> str:
    """One line on a place where nothing stands: what passes there, and the nearest sites of the file."""
    files = {name: LineIndex(text) for name, text in answer.texts.items()}
    text = f"nothing is judged at {one_line(place)}"
    if answer.passing:
        text += f"; it is told in {_listed(answer.passing, files)}"
    if answer.nearest:
        return f"{text}; nearest: {_listed(answer.nearest, files)}"
    if answer.blind:
        return f"{text}: the program declares no context variable"
    return f"{text}: the file has no set, reset, declaration or hop"


def _listed(entries: Sequence[Entry], files: dict[str, LineIndex]) -> str:
    return ", ".join(
        f"line {files[entry.location.filename].position(entry.location.span.start)[0]} ({_what(entry)})"
        for entry in entries
    )


def _what(entry: Entry) -> str:
    if entry.kind == "finding":
        return f"{entry.code} {entry.rule}"
    return f"{entry.kind} of {entry.name}" if entry.kind != "hop" else f"hop by {entry.name}"


def _block(entry: Entry, files: dict[str, LineIndex], view: View) -> Iterator[str]:
    paint = painter(colour=view.colour)
    lines = files.get(entry.location.filename)
    row = lines.position(entry.location.span.start)[0] if lines else 1
    verdict = paint(_STYLES[entry.verdict], _VERDICTS[entry.verdict])
    code = f" {paint('name', f'{entry.code} {entry.rule}')}" if entry.code else ""
    what = f"{entry.kind} of" if entry.kind != "hop" else "hop by"
    head = paint("name", f"{what} `{one_line(entry.name)}`") if entry.kind != "finding" else "finding"
    declared = ""
    if entry.declared is not None and entry.declared != entry.location:
        declared = f", declared in {paint('place', _shown(entry.declared, files))}"
    yield f"{head}{declared}: {verdict}{code}"
    yield from draw(entry.location, lines, Canvas(paint, view.width, len(str(row))), "step")
    indent = " " * len(str(row))
    if entry.message:
        yield f"{indent} {one_line(entry.message)}"
    for reason in entry.reasons:
        place = ""
        if reason.location is not None:
            place = f" {paint('place', f'({_shown(reason.location, files)})')}"
        yield f"{indent} {paint('gutter', '-')} {one_line(reason.message)}{place}"
    if entry.help:
        yield f"{indent} {paint('help', 'help:')} {one_line(entry.help)}"


def _shown(location: Location, files: dict[str, LineIndex]) -> str:
    name = one_line(location.filename)
    lines = files.get(location.filename)
    if lines is None:
        return name
    row, column = lines.position(location.span.start)
    return f"{name}:{row}:{column}"


def _object(entry: Entry, places: Places, base: str) -> dict[str, Any]:
    return {
        "kind": entry.kind,
        "name": entry.name,
        **places.as_object(entry.location, base),
        "declared": places.as_object(entry.declared, base) if entry.declared is not None else None,
        "verdict": entry.verdict,
        "code": entry.code or None,
        "rule": entry.rule or None,
        "severity": entry.severity or None,
        "message": entry.message or None,
        "reasons": [
            {
                "message": reason.message,
                **(
                    places.as_object(reason.location, base)
                    if reason.location is not None
                    else {"filename": None, "location": None, "end_location": None}
                ),
            }
            for reason in entry.reasons
        ],
        "help": entry.help or None,
    }
