"""Bytes to text, and the lexical bounds that are checked before any parser runs.

Decides how a file is decoded (PEP 263: byte order mark, cookie, else UTF-8) and whether its text nests deeper
than the parsers bear: libcst's overflows the stack of the process on thousands of nested brackets, and needs
minutes for thousands of prefix operators. Line ends, form feeds and tabs are kept as they are.

Leaves out everything that needs a grammar: an f-string is one string, whose own brackets are counted apart.
"""

from __future__ import annotations

import codecs
import re

from ctxlint.model.sources import Unreadable
from ctxlint.model.spans import Span

#: CPython's own bound for brackets.
BRACKET_LIMIT = 200
#: Above what people write, below what costs libcst seconds: its time grows with the square of the length.
CHAIN_LIMIT = 1_000

_COOKIE = re.compile(rb"[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_BLANK = re.compile(rb"[ \t\f]*(?:#|$)")
_LINE = re.compile(rb"([^\r\n]*)(?:\r\n|\r|\n)?")
_TOKEN = re.compile(
    r"""
    (?:\b[A-Za-z]{1,2})?(?:
        "{3}[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*(?:"{3}|\\?\Z)
      | '{3}[^'\\]*(?:(?:\\.|'(?!''))[^'\\]*)*(?:'{3}|\\?\Z)
      | "[^"\\\r\n]*(?:\\(?:\r\n|.)[^"\\\r\n]*)*"?
      | '[^'\\\r\n]*(?:\\(?:\r\n|.)[^'\\\r\n]*)*'?
    )
    | \#[^\r\n]*
    | [][(){}]
    """,
    re.VERBOSE | re.DOTALL,
)
_FORMATTED = re.compile(r"[A-Za-z]?[fFtT]")
_CHAIN = re.compile(rf"(?:(?:\bnot\b|\bawait\b|[-+~])[\s\\]*){{{CHAIN_LIMIT}}}")


def decode(data: bytes) -> str:
    """Return the text of a source file; raises ``Unreadable`` where Python could not decode it either."""
    marked = data.startswith(codecs.BOM_UTF8)
    body = data[len(codecs.BOM_UTF8) :] if marked else data
    encoding = _encoding(body, marked=marked)
    try:
        text = body.decode(encoding)
    except UnicodeError as error:
        start = error.start if isinstance(error, UnicodeDecodeError) else 0
        raise _undecodable(body, encoding, start, len(data) - len(body)) from error
    null = text.find("\0")
    if null >= 0:
        raise Unreadable("contains a null byte", Span(null, null + 1), text)
    return text


def encode_like(text: str, data: bytes) -> bytes:
    """Return ``text`` in the encoding of the source file ``data``, with its byte order mark if it has one.

    ``UnicodeError`` where the encoding has no bytes for it; ``Unreadable`` where ``data`` is no source.
    """
    marked = data.startswith(codecs.BOM_UTF8)
    body = data[len(codecs.BOM_UTF8) :] if marked else data
    return (codecs.BOM_UTF8 if marked else b"") + text.encode(_encoding(body, marked=marked))


def bracket_depth_exceeded(text: str, limit: int = BRACKET_LIMIT) -> Span | None:
    """Return the first bracket that is nested more than ``limit`` deep."""
    if sum(map(text.count, "([{")) <= limit:
        return None
    depth = 0
    for match in _TOKEN.finditer(text):
        written = match.group()
        if written in "([{":
            depth += 1
            if depth > limit:
                return Span(*match.span())
        elif written in ")]}":
            depth = max(depth - 1, 0)
        elif len(written) > limit and _FORMATTED.match(written) and _depth_within(written) > limit:
            return Span(*match.span())
    return None


def operator_chain(text: str) -> Span | None:
    """Return the first run of more prefix operators (``not not …``) than can be read in reasonable time."""
    if sum(map(text.count, ("not", "await", "-", "+", "~"))) < CHAIN_LIMIT:
        return None
    found = _CHAIN.search(text)
    if found is None:
        return None
    code_only = _TOKEN.sub(lambda match: "." * (match.end() - match.start()), text)
    found = _CHAIN.search(code_only)
    return Span(*found.span()) if found else None


def _encoding(body: bytes, *, marked: bool) -> str:
    """Return the declared encoding, UTF-8 unless one of the first two lines says otherwise."""
    first = _LINE.match(body)
    if first is None:  # pragma: no cover - the pattern matches the empty string
        return "utf-8"
    cookie = _COOKIE.match(first[1])
    before = 0
    if cookie is None and _BLANK.match(first[1]):
        second = _LINE.match(body, first.end())
        cookie = _COOKIE.match(second[1]) if second else None
        before = first.end()
    if cookie is None:
        return "utf-8"
    name = cookie[1].decode("latin-1")
    place = Span(*(at + before for at in cookie.span(1)))
    try:
        found = codecs.lookup(name)
        " ".encode(name)  # refuses codecs that are not for text
    except (LookupError, UnicodeError) as error:
        raise Unreadable(f"unknown encoding: {name}", place, body.decode("latin-1")) from error
    if marked and found.name != "utf-8":
        message = f"declares the encoding {name} but starts with a UTF-8 byte order mark"
        raise Unreadable(message, place, body.decode("utf-8", "replace"))
    return found.name


def _undecodable(body: bytes, encoding: str, start: int, skipped: int) -> Unreadable:
    """Return the error for a byte at ``start`` of ``body`` that ``encoding`` has no character for."""
    before = body[:start].decode(encoding, "replace")
    text = body.decode(encoding, "replace")
    message = f"cannot be decoded as {encoding}: invalid byte at offset {start + skipped}"
    return Unreadable(message, Span(len(before), len(before) + 1), text)


def _depth_within(written: str) -> int:
    """How deep the brackets of one f-string may nest: the running depth of all that it holds."""
    depth = deepest = 0
    for match in re.finditer(r"[][(){}]", written.replace("{{", "").replace("}}", "")):
        depth = depth + 1 if match.group() in "([{" else max(depth - 1, 0)
        deepest = max(deepest, depth)
    return deepest
