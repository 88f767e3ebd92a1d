"""``--statistics``: how often each rule was reported, in place of the findings. The commonest first."""

from __future__ import annotations

import collections
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ctxlint.model.diagnostics import Report
    from ctxlint.reporting.format import Format, View

#: The formats that have a word for counts.
COUNTED = ("full", "concise", "json", "json-lines")


def counted(form: Format) -> Format:
    """The format that writes counts where ``form``, one of ``COUNTED``, writes findings."""
    draw = {"json": _as_json, "json-lines": _as_json_lines}.get(form.name, _as_table)
    return form._replace(render=draw)


def counts(report: Report) -> list[tuple[str, str, int]]:
    """Code, name and number of the rules that were reported."""
    found = collections.Counter((entry.code, entry.name) for entry in report.diagnostics)
    return [
        (code, name, number)
        for (code, name), number in sorted(found.items(), key=lambda item: (-item[1], item[0]))
    ]


def _as_table(report: Report, view: View) -> str:
    del view
    rows = counts(report)
    width = max((len(str(number)) for _, _, number in rows), default=0)
    return "".join(f"{number:>{width}}  {code}  {name}\n" for code, name, number in rows)


def _as_json(report: Report, view: View) -> str:
    from json import dumps  # noqa: PLC0415 - a table needs none of it

    del view
    return dumps(_objects(report), indent=2) + "\n"


def _as_json_lines(report: Report, view: View) -> str:
    from json import dumps  # noqa: PLC0415 - a table needs none of it

    del view
    return "".join(f"{dumps(entry)}\n" for entry in _objects(report))


def _objects(report: Report) -> list[dict[str, str | int]]:
    return [{"code": code, "name": name, "count": number} for code, name, number in counts(report)]
