"""The facts of one run's files: drafted by ``ast``, confirmed by libcst where they are judged, remembered.

A file is decoded and outlined when somebody first asks for it; its units are drafted one by one. ``confirm`` has
libcst read a unit: where it says the same as the draft, which is the rule, nothing changes; where it does not, its
facts replace the draft's. A unit that the draft has no words for, and a file whose syntax ``ast`` refuses, are read
by libcst at once. What was said of a file is remembered by the hash of its bytes.
"""

from __future__ import annotations

import bisect
import contextlib
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Protocol

import msgspec

from ctxlint.frontend import bounds
from ctxlint.frontend.draft import Undrafted, draft
from ctxlint.frontend.outline import headings, outline
from ctxlint.frontend.room import with_room
from ctxlint.frontend.text import decode
from ctxlint.frontend.units import Piece
from ctxlint.model.facts import ANY_NAME, Heading, Limit, Stmt
from ctxlint.model.lines import LineIndex
from ctxlint.model.sources import Unreadable

Body = tuple[Stmt, ...] | Limit


class Memory(Protocol):
    """Bytes by the hash of what they were made from; never raises for what is wrong with its place."""

    def load(self, keys: Iterable[bytes]) -> dict[bytes, bytes]:
        """The values of those keys that are known."""
        ...

    def save(self, entries: Mapping[bytes, bytes]) -> None:
        """Keep values."""
        ...


def remember(memory: Memory, key: bytes, value: object) -> None:
    """Keep a value; not where it names a file whose name is no text, which msgpack cannot hold."""
    with contextlib.suppress(UnicodeEncodeError):
        memory.save({key: msgspec.msgpack.encode(value)})


class _Stored(msgspec.Struct, frozen=True, array_like=True):
    """A file as it is remembered. Of its units those that somebody asked for; ``read`` are those that libcst read."""

    headings: tuple[Heading, ...]
    limit: Limit | None
    bodies: dict[int, msgspec.Raw]
    given_up: dict[int, Limit]
    read: tuple[int, ...]


_STORED = msgspec.msgpack.Decoder(_Stored)
_BODY: msgspec.msgpack.Decoder[tuple[Stmt, ...]] = msgspec.msgpack.Decoder(tuple[Stmt, ...])
_ENCODER = msgspec.msgpack.Encoder()


class _File:
    """One file: its text, its units, what was said of them, and which of them libcst has read."""

    __slots__ = ("bodies", "headings", "key", "limit", "lines", "news", "read", "stored", "text")

    def __init__(self, key: bytes, text: str, stored: _Stored, *, news: bool) -> None:
        self.key = key
        self.text = text
        self.headings = stored.headings
        self.limit = stored.limit
        self.stored = stored.bodies
        self.bodies: dict[int, Body] = {**stored.given_up}
        self.read = set(stored.read)
        self.news = news
        self.lines = LineIndex(text)

    def encoded(self) -> bytes:
        facts = {index: body for index, body in self.bodies.items() if not isinstance(body, Limit)}
        given_up = {index: body for index, body in self.bodies.items() if isinstance(body, Limit)}
        bodies = self.stored | {index: msgspec.Raw(_ENCODER.encode(body)) for index, body in facts.items()}
        bodies = {index: body for index, body in bodies.items() if index not in given_up}
        return _ENCODER.encode(_Stored(self.headings, self.limit, bodies, given_up, tuple(sorted(self.read))))


class Facts:
    """What is known of the files of one run. Grows while the run reads, and says the same at every asking, until
    ``confirm`` finds otherwise.
    """

    def __init__(self, read: Callable[[str], bytes], memory: Memory | None = None) -> None:
        """``read`` returns the bytes of a path and may raise OSError."""
        self._read = read
        self._memory = memory
        self._files: dict[str, _File | None] = {}
        self._given: dict[str, bytes] = {}
        self._remembered: dict[bytes, bytes] = {}
        self._fresh: tuple[str, tuple[Piece, ...]] = ("", ())
        self._paths_read: set[str] = set()
        self.unreadable: dict[str, Unreadable] = {}
        self.units_read = 0
        self.bytes_read = 0

    # --- what is asked ------------------------------------------------------------------------------------

    def give(self, contents: Mapping[str, bytes]) -> None:
        """Take the bytes of candidates, which are at hand. What is wrong with one of them is to be told."""
        self._given |= contents
        if self._memory is not None:
            self._remembered |= self._memory.load([_key(content) for content in contents.values()])

    def headings(self, path: str) -> tuple[Heading, ...] | None:
        """The units of a file; None where it cannot be read."""
        file = self._file(path)
        return file.headings if file is not None else None

    def unit(self, path: str, index: int) -> tuple[Stmt, ...]:
        """The facts of one unit; nothing where it was given up."""
        file = self._file(path)
        assert file is not None  # noqa: S101 - who knows a heading has the file
        body = self._body(path, file, index)
        return () if isinstance(body, Limit) else body

    def units_with(self, path: str, words: Iterable[str]) -> tuple[int, ...]:
        """The units of a file in whose text one of the words stands as a whole identifier."""
        file = self._file(path)
        if file is None:
            return ()
        starts = [heading.start for heading in file.headings]
        places = [place for word in words for place in _places(file.text, word)]
        found = {(bisect.bisect_right(starts, place) - 1, place) for place in places}
        inside = {index for index, place in found if index >= 0 and place < file.headings[index].end}
        return tuple(sorted(inside))

    def names(self, path: str, word: str) -> bool:
        """Do the bytes of a file have a word, be it part of a longer one?"""
        with contextlib.suppress(OSError):
            return word.encode("utf-8", "replace") in self._read(path)
        return False

    def confirm(self, units: Iterable[tuple[str, int]]) -> bool:
        """Have libcst read the units. False where it says something else of one than the draft did."""
        agreed = True
        for path, index in units:
            file = self._file(path)
            if file is None or index in file.read:
                continue
            before = self._body(path, file, index)
            self._take_read(path, file, index)
            after = file.bodies[index]
            if not _equal(before, after):
                agreed = False
        return agreed

    def remember(self) -> None:
        """Keep what is new for the next run."""
        if self._memory is not None:
            news = {
                file.key: file.encoded() for file in self._files.values() if file is not None and file.news
            }
            self._memory.save(news)

    @property
    def files_read(self) -> int:
        """How many files libcst has read something of."""
        return len(self._paths_read)

    @property
    def files_opened(self) -> int:
        """How many files were outlined, by ``ast`` or from memory."""
        return sum(file is not None for file in self._files.values())

    @property
    def texts(self) -> dict[str, str]:
        """The texts of the files that were opened, and what could be decoded of those that cannot be read."""
        found = {path: file.text for path, file in self._files.items() if file is not None}
        return found | {path: problem.text for path, problem in self.unreadable.items()}

    def limits(self) -> dict[str, tuple[Limit, ...]]:
        """What was given up of the files that were opened."""
        found: dict[str, tuple[Limit, ...]] = {}
        for path, file in self._files.items():
            if file is not None:
                whole = (file.limit,) if file.limit is not None else ()
                parts = tuple(body for _, body in sorted(file.bodies.items()) if isinstance(body, Limit))
                found[path] = (*whole, *parts)
        return found

    # --- how it is read -----------------------------------------------------------------------------------

    def _file(self, path: str) -> _File | None:
        if path not in self._files:
            self._files[path] = self._opened(path)
        return self._files[path]

    def _opened(self, path: str) -> _File | None:
        try:
            content = self._given[path] if path in self._given else self._read(path)
            key = _key(content)
            text = decode(content)
            stored = self._recalled(key)
            if stored is not None:
                return _File(key, text, stored, news=False)
            pieces = outline(text)
        except Unreadable as problem:
            self.unreadable[path] = problem
            return None
        except OSError:
            return None
        if isinstance(pieces, Limit):
            return _File(key, text, _Stored((), pieces, {}, {}, ()), news=True)
        self._fresh = path, pieces
        return _File(key, text, _Stored(headings(text, pieces), None, {}, {}, ()), news=True)

    def _recalled(self, key: bytes) -> _Stored | None:
        if self._memory is None:
            return None
        found = self._remembered.pop(key, None) or self._memory.load([key]).get(key)
        if found is None:
            return None
        try:
            return _STORED.decode(found)
        except msgspec.DecodeError:  # whoever wrote that, it says nothing
            return None

    def _body(self, path: str, file: _File, index: int) -> Body:
        if index not in file.bodies:
            if index in file.stored:
                file.bodies[index] = _BODY.decode(file.stored[index])
            else:
                self._take(path, file, index)
        return file.bodies[index]

    def _take(self, path: str, file: _File, index: int) -> None:
        file.news = True
        if file.headings[index].binds != (ANY_NAME,):
            try:
                file.bodies[index] = draft(file.text, self._piece(path, file, index), file.lines)
            except (RecursionError, MemoryError, Undrafted, SyntaxError, ValueError):
                pass
            else:
                return
        self._take_read(path, file, index)

    def _piece(self, path: str, file: _File, index: int) -> Piece:
        """One unit with its syntax trees: those of the file where it was just opened, else parsed again, with empty
        lines before it so that the rows are the file's. Trees are heavy, so no other file's are kept.
        """
        if self._fresh[0] == path:
            return self._fresh[1][index]
        heading = file.headings[index]
        padded = "\n" * (file.lines.position(heading.start)[0] - 1) + file.text[heading.start : heading.end]
        return Piece(heading.start, heading.end, tuple(bounds.parse(padded).body))

    def _take_read(self, path: str, file: _File, index: int) -> None:
        from ctxlint.frontend.reader import read_unit  # noqa: PLC0415 - libcst is imported only for who needs it

        heading = file.headings[index]
        file.bodies[index] = read_unit(file.text, heading.start, heading.end)
        file.read.add(index)
        file.news = True
        code = file.text[heading.start : heading.end]
        self.units_read += 1
        self.bytes_read += len(code) if code.isascii() else len(code.encode("utf-8", "replace"))
        self._paths_read.add(path)


def _places(text: str, word: str) -> Iterator[int]:
    """Where a word stands as a whole identifier."""
    place = text.find(word)
    while place >= 0:
        end = place + len(word)
        around = text[place - 1 : place] + text[end : end + 1] if place else text[end : end + 1]
        if "_" not in around and not any(map(str.isalnum, around)):
            yield place
        place = text.find(word, end)


def _key(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=16).digest()


def _equal(before: Body, after: Body) -> bool:
    """Compared with room: equality of deep facts recurses."""
    return with_room(lambda: before == after)
