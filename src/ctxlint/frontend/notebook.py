"""A Jupyter notebook (``.ipynb``) as the text of one module: its code cells, one after another.

Rows of a cell stay rows. What IPython understands and Python does not (``%magic``, ``!command``, ``name?``) is blanked
to ``pass``, a cell of another language (``%%bash``) wholly, so nothing that is Python moves. The format:
https://nbformat.readthedocs.io/en/latest/format_description.html.
"""

from __future__ import annotations

import re

import msgspec

SUFFIX = ".ipynb"

#: Cell magics whose body is Python that runs as part of the notebook.
_OF_PYTHON = frozenset(("capture", "prun", "time", "timeit"))
_MAGIC = re.compile(r"(?P<indent>[ \t]*)(?:[%!?]|[,;/](?=\S)|[\w.*]+(?:\[[^\]]*\])?\?{1,2}\s*$|%%?\w+\?\s*$)")
_ASSIGNED = re.compile(r"(?P<head>[ \t]*[A-Za-z_][\w., \t]*=[ \t]*)(?:!|%[A-Za-z_]).*")
_CELL_MAGIC = re.compile(r"%%(?P<name>[\w.]+)")
_ROW_END = re.compile(r"\r\n|\n|\r")
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_TOKEN = re.compile(
    r"""
    (?P<triple>'''|\"\"\")
    | "(?:\\.|[^"\\\r\n])*"? | '(?:\\.|[^'\\\r\n])*'? | \#[^\r\n]*
    | (?P<open>[(\[{]) | (?P<close>[)\]}])
    """,
    re.VERBOSE,
)

# How msgspec names a place: in text that is no JSON, and in JSON of another shape.
_AT_BYTE = re.compile(r" \(byte (?P<byte>\d+)\)$")
_CUT_OFF = "Input data was truncated"
_AT_CELL = re.compile(r"^cells\[(?P<number>\d+)\]\.?")


class Notebook(msgspec.Struct, frozen=True):
    """``text`` is the module; ``cells`` says where in it each code cell begins: its first row, and its number among
    all cells, from 1.
    """

    text: str
    cells: tuple[tuple[int, int], ...]


class NoNotebookError(OSError):
    """The content is no notebook: it cannot be read as one, whatever else it is."""


class _Cell(msgspec.Struct):
    """The part of a cell that matters; outputs, which are most of a notebook, are passed over."""

    cell_type: str = ""
    source: str | list[str] = ""


class _Language(msgspec.Struct):
    name: str | None = None
    language: str | None = None


class _Metadata(msgspec.Struct):
    language_info: _Language | None = None
    kernelspec: _Language | None = None


class _Document(msgspec.Struct):
    cells: list[_Cell]
    metadata: _Metadata | None = None


_DOCUMENT = msgspec.json.Decoder(_Document)


def read_notebook(content: bytes) -> Notebook:
    """Return the notebook that a file holds. One of another language has no cells for us, an empty file neither."""
    plain = content.removeprefix(b"\xef\xbb\xbf")
    if not plain.strip():
        return Notebook("", ())
    try:
        document = _DOCUMENT.decode(plain)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise NoNotebookError(f"no notebook: {_told(str(error), plain)}") from error
    pieces: list[str] = []
    found: list[tuple[int, int]] = []
    row = 1
    for number, cell in enumerate(document.cells if _is_python(document) else (), start=1):
        if cell.cell_type == "code":
            text = _blanked(cell.source if isinstance(cell.source, str) else "".join(cell.source))
            text += "" if text.endswith(("\n", "\r")) else "\n"
            found.append((row, number))
            pieces.append(text)
            row += len(_ROW_END.findall(text))
    return Notebook("".join(pieces), tuple(found))


def _is_python(document: _Document) -> bool:
    """What the notebook says of its language; one that says nothing is taken for Python."""
    metadata = document.metadata or _Metadata()
    language = metadata.language_info.name if metadata.language_info else None
    language = language or (metadata.kernelspec.language if metadata.kernelspec else None)
    return language is None or language.lower() in ("python", "ipython", "python3")


def _blanked(source: str) -> str:
    lines = _LINE.findall(source)
    first = next((line for line in lines if line.strip()), "")
    magic = _CELL_MAGIC.match(first)
    if magic is not None and magic["name"] not in _OF_PYTHON:
        return "".join(re.sub(r"[^\r\n]", "", line) for line in lines)
    kept: list[str] = []
    state = _State()
    goes_on = False  # a magic over several lines
    for line in lines:
        if goes_on:
            written = re.sub(r"[^\r\n]", "", line)
        else:
            written = line if state.inside else _without_magic(line)
            state.pass_over(written)
        goes_on = (goes_on or written != line) and line.rstrip("\r\n").endswith("\\")
        kept.append(written)
    return "".join(kept)


def _without_magic(line: str) -> str:
    """A line at which a statement starts, as Python: a magic becomes ``pass``, what one is assigned None."""
    body = line.rstrip("\r\n")
    end = line[len(body) :]
    found = _MAGIC.match(body)
    if found is not None:
        return f"{found['indent']}pass{end}"
    assigned = _ASSIGNED.match(body)
    return f"{assigned['head']}None{end}" if assigned is not None else line


class _State:
    """Whether the next line goes on with something: a string of several lines, a bracket, a backslash."""

    def __init__(self) -> None:
        self._depth = 0
        self._quote = ""
        self._joined = False

    @property
    def inside(self) -> bool:
        return bool(self._depth or self._quote or self._joined)

    def pass_over(self, line: str) -> None:
        at = 0
        while at < len(line):
            if self._quote:
                end = line.find(self._quote, at)
                if end < 0:
                    return
                at, self._quote = end + 3, ""
                continue
            token = _TOKEN.search(line, at)
            if token is None:
                break
            at = token.end()
            self._quote = token["triple"] or ""
            self._depth += 1 if token["open"] else 0
            self._depth = max(self._depth - 1, 0) if token["close"] else self._depth
        self._joined = not self._quote and line.rstrip("\r\n").endswith("\\")


def _told(reason: str, content: bytes) -> str:
    """What is wrong with a document, and where: a row and column of the JSON, or a cell."""
    at = _AT_BYTE.search(reason)
    if at is not None or reason == _CUT_OFF:
        *above, last = content[: int(at["byte"]) if at else len(content)].split(b"\n")
        column = len(last.decode(errors="replace")) + 1
        what = reason[: at.start()] if at else "its JSON breaks off"
        return f"{what} (line {len(above) + 1}, column {column} of the file)"
    what, _, path = reason.partition(" - at `$.")
    place = _AT_CELL.sub(lambda found: f"cell {int(found['number']) + 1}: ", path.rstrip("`"))
    what = what if what[1:2].isupper() else f"{what[:1].lower()}{what[1:]}"
    return f"{place.rstrip(': .')}: {what}" if place else what
