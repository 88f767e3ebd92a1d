"""The memory of what earlier runs read: bytes by the hash of what they were made from, in one SQLite file.

Decides where the bytes lie, how long they stay, and that a broken memory never breaks a run: what cannot be read
counts as missing, what cannot be written is forgotten, and ``notes`` says why. Knows neither what the bytes
mean nor how a key is made. Nothing is imported, opened or created before there is something to look up in an
existing file, or something to keep: most runs find no candidate and need no memory.

A file is damaged when SQLite says so or its tables are not the ones below; it is removed and begun anew, once in
a run. Anything else (locked, full, not writable, no regular file) bypasses the memory for the rest of the run.
Each entry carries a checksum over version, key and value: SQLite has none of its own, so a flipped bit would be
handed out. Only SQLite opens the file: closing it here would drop the locks that SQLite holds on it
(https://www.sqlite.org/howtocorrupt.html, section 2.2).
"""

from __future__ import annotations

import os
import stat
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
    from types import TracebackType

    from typing_extensions import Self

_T = TypeVar("_T")

FOLDER = ".ctxlint_cache"
FILE = "ctxlint-facts-1.sqlite3"
"""The number is that of the tables: a change to them takes the next one."""
LOCK = "ctxlint.lock"
"""Empty: whoever holds it does what others wait for (``lock.py``)."""
BOUND = 256 * 1024 * 1024
DAYS_UNUSED = 30
DAYS_OF_ANOTHER_VERSION = 1  # not at once: several Pythons check one project in turn (tox)
PATIENCE = 0.5  # seconds for another run's transaction to end

_TABLE = """CREATE TABLE fact (
    version BLOB NOT NULL, key BLOB NOT NULL, used INTEGER NOT NULL, checksum INTEGER NOT NULL, value BLOB NOT NULL,
    UNIQUE (version, key))"""
_INDEX = "CREATE INDEX fact_used ON fact (used, version)"
_FILES = (f"{FILE}-wal", f"{FILE}-shm", f"{FILE}-journal", FILE, LOCK)
"""In the order of removal: while the base is there, nobody begins another one beside an old journal."""
_MARKS = {
    ".gitignore": "# Automatically created by ctxlint.\n*\n",
    "CACHEDIR.TAG": "Signature: 8a477f597d28d172789f06886806bc55\n# Created by ctxlint: bford.info/cachedir\n",
}
_CHUNK = 500  # SQLite before 3.32 takes 999 parameters
_ROW_COST = 512  # bytes of a row besides its value: key, indices, the page that is not full


class Memory:
    """Values by key, kept from run to run. No method raises for what is wrong with the file or the machine."""

    def __init__(self, folder: str, version: str | Callable[[], str], bound: int = BOUND) -> None:
        """See ``open``."""
        self.notes: list[str] = []
        self._folder = folder
        self._path = os.path.join(folder, FILE)
        self._asked_version = version
        self._bound = bound
        self._base: _Base | None = None
        self._identity: tuple[int, int] | None = None
        self._bypassed = False

    @classmethod
    def open(cls, folder: str, version: str | Callable[[], str], bound: int = BOUND) -> Self:
        """Return the memory in ``folder`` (absolute), which need not exist; nothing is touched yet.

        Entries of another ``version`` are never seen; a function is asked at the first use. ``bound`` is how many
        bytes the file may take, about.
        """
        return cls(folder, version, bound)

    def load(self, keys: Iterable[bytes]) -> dict[bytes, bytes]:
        """Return the values of those keys that are known; a damaged value is not known."""
        wanted = list(dict.fromkeys(keys))
        if not wanted or (self._base is None and not os.path.lexists(self._path)):
            return {}
        return self._attempt(lambda base: base.read(wanted)) or {}

    def save(self, entries: Mapping[bytes, bytes]) -> None:
        """Keep the entries in one transaction, and drop what is old. Of more than half the bound, the first."""
        if entries:
            self._attempt(lambda base: base.write(entries, self._bound))

    def close(self) -> None:
        """Let go of the file. What was loaded counts as used today."""
        if self._base is not None and self._base.stale:
            self._attempt(lambda base: base.refresh())
        if self._base is not None:
            self._attempt(lambda _base: self._disconnect())

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Let go of the file."""
        self.close()

    def _attempt(self, work: Callable[[_Base], _T], *, may_begin_anew: bool = True) -> _T | None:
        """Return the result of ``work``; None where the memory is bypassed."""
        if self._bypassed:
            return None
        try:
            import sqlite3  # noqa: PLC0415 - costs milliseconds, and most runs need no memory
        except ImportError as error:  # a Python that was built without it
            self._bypass(error)
            return None
        wrong = (sqlite3.Error, OSError, OverflowError, MemoryError, _ForeignTablesError)
        try:
            return work(self._connected())
        except wrong as error:
            try:
                self._disconnect()
                damaged = _is_damage(error)
                if may_begin_anew and (damaged or self._is_of_another_run(error)):
                    if damaged:
                        self._begin_anew(error)
                    return self._attempt(work, may_begin_anew=False)
            except wrong as further:
                error = further  # what the user can cure
            self._bypass(error)
        return None

    def _connected(self) -> _Base:
        if self._base is None:
            prepare(self._folder)
            if os.path.lexists(self._path) and not stat.S_ISREG(os.lstat(self._path).st_mode):
                raise OSError("is no regular file")
            version = self._asked_version if isinstance(self._asked_version, str) else self._asked_version()
            self._identity = _identity(self._path)
            self._base = _Base(self._path, version)
            self._identity = self._identity or _identity(self._path)
        return self._base

    def _disconnect(self) -> None:
        base, self._base = self._base, None
        if base is not None:
            base.connection.close()

    def _begin_anew(self, error: Exception) -> None:
        """Remove the damaged file, unless another run has put a new one in its place by now."""
        if self._identity == _identity(self._path):
            _remove_files(self._folder)
        self._note(f"cache begun anew, {self._path} was damaged: {_reason(error)}")

    def _is_of_another_run(self, error: Exception) -> bool:
        """Has another run begun the file anew in the meantime? It removes what SQLite keeps beside the file, too."""
        if "locked" in str(error):
            return False
        return "disk I/O error" in str(error) or self._identity not in (None, _identity(self._path))

    def _bypass(self, error: Exception) -> None:
        self._bypassed = True
        reason = _reason(error)
        remedy = next(cure for sign, cure in _REMEDIES.items() if sign in reason)
        self._note(f"cache not used, {self._path}: {reason}; {remedy}")

    def _note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)


_REMEDIES = {
    "locked": "another run holds it, the next one will use it again (--no-cache leaves it alone)",
    "full": "free some space, run `ctxlint clean`, or name another folder with --cache-dir",
    "no regular file": "remove it, or name another folder with --cache-dir",
    "": "name another folder with --cache-dir, or run with --no-cache",
}
"""What to do, by a part of what SQLite or the system said."""


class _Base:
    """An open file with our tables, and what was read from it of which the day of last use is not today."""

    def __init__(self, path: str, version: str) -> None:
        self.version = version.encode()
        self.stale: set[bytes] = set()
        self.connection = _connect(path)

    def read(self, wanted: Sequence[bytes]) -> dict[bytes, bytes]:
        found: dict[bytes, bytes] = {}
        today = _today()
        for start in range(0, len(wanted), _CHUNK):
            chunk = wanted[start : start + _CHUNK]
            marks = ",".join("?" * len(chunk))
            query = f"SELECT key, used, checksum, value FROM fact WHERE version = ? AND key IN ({marks})"  # noqa: S608 - question marks
            for key, used, checksum, value in self.connection.execute(query, (self.version, *chunk)):
                if isinstance(value, bytes) and checksum == _checksum(self.version, key, value):
                    found[key] = value
                    if used != today:
                        self.stale.add(key)
        return found

    def write(self, entries: Mapping[bytes, bytes], bound: int) -> None:
        today = _today()
        rows: list[tuple[bytes, bytes, int, int, bytes]] = []
        size = 0
        for key, value in entries.items():
            if size + len(value) + _ROW_COST > bound // 2:
                break
            size += len(value) + _ROW_COST
            rows.append((self.version, key, today, _checksum(self.version, key, value), value))
        with self._transaction():
            self._touch()
            self.connection.execute(
                "DELETE FROM fact WHERE used < ? OR (used < ? AND version <> ?)",
                (today - DAYS_UNUSED, today - DAYS_OF_ANOTHER_VERSION, self.version),
            )
            self._make_room(size, bound)
            self.connection.executemany("INSERT OR REPLACE INTO fact VALUES (?, ?, ?, ?, ?)", rows)
        self.stale.clear()

    def refresh(self) -> None:
        with self._transaction():
            self._touch()
        self.stale.clear()

    def _touch(self) -> None:
        self.connection.executemany(
            "UPDATE fact SET used = ? WHERE version = ? AND key = ?",
            [(_today(), self.version, key) for key in self.stale],
        )

    def _make_room(self, wanted: int, bound: int) -> None:
        """Drop what was not used for longest, down to three quarters, where ``wanted`` bytes more were too many."""
        pages, free, page_size = (
            self.connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("page_count", "freelist_count", "page_size")
        )
        size = (pages - free) * page_size
        if size + wanted <= bound:
            return
        excess = size + wanted - bound * 3 // 4
        dropped: list[tuple[int]] = []
        for row, length in self.connection.execute("SELECT rowid, length(value) FROM fact ORDER BY used"):
            if excess <= 0:
                break
            excess -= length + _ROW_COST
            dropped.append((row,))
        self.connection.executemany("DELETE FROM fact WHERE rowid = ?", dropped)

    @contextmanager
    def _transaction(self) -> Generator[None]:
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self.connection.execute("COMMIT")
        except BaseException:  # an interrupt too must not leave the lock
            self.connection.rollback()
            raise


class _ForeignTablesError(Exception):
    """A database without our tables, or with others."""


def _connect(path: str) -> sqlite3.Connection:
    import sqlite3  # noqa: PLC0415 - see the module's docstring

    connection = sqlite3.connect(  # isolation_level None: transactions are written out
        path, timeout=PATIENCE, isolation_level=None, check_same_thread=False
    )
    try:
        connection.text_factory = bytes  # a damaged text must not be an error of its own kind
        for pragma in ("trusted_schema = OFF", "cell_size_check = ON", "synchronous = NORMAL"):
            connection.execute(f"PRAGMA {pragma}")
        if not _has_tables(connection):
            connection.execute("BEGIN IMMEDIATE")
            if not _has_tables(connection):  # another run may have been faster
                connection.execute(_TABLE)
                connection.execute(_INDEX)
            connection.execute("COMMIT")
        with suppress(
            sqlite3.OperationalError
        ):  # a race of two beginners, a network's disk: works without, too
            connection.execute("PRAGMA journal_mode = WAL").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection


def _has_tables(connection: sqlite3.Connection) -> bool:
    """Whether our tables are there; False in an empty file."""
    found = [
        sql for (sql,) in connection.execute("SELECT sql FROM sqlite_master WHERE sql NOT NULL ORDER BY type")
    ]
    if found and found != [_INDEX.encode(), _TABLE.encode()]:
        raise _ForeignTablesError("has other tables")
    return bool(found)


def _is_damage(error: BaseException) -> bool:
    """Whether the file is at fault: SQLite's OperationalError tells of locks, space and permissions."""
    import sqlite3  # noqa: PLC0415 - see the module's docstring

    if isinstance(error, sqlite3.OperationalError):
        return "unsupported file format" in str(error)
    return isinstance(error, (sqlite3.DatabaseError, _ForeignTablesError))


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__


def _checksum(version: bytes, key: bytes, value: bytes) -> int:
    from zlib import crc32  # noqa: PLC0415 - loads a library, and most runs need no memory

    return crc32(value, crc32(key, crc32(version)))


def _today() -> int:
    return int(time.time() // 86_400)


def _identity(path: str) -> tuple[int, int] | None:
    try:
        status = os.lstat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def prepare(folder: str) -> None:
    """Make the folder. What keeps it out of git and backups is put into our own, never beside others' files."""
    own = os.path.basename(folder) == FOLDER and not os.path.islink(folder)
    own = own or not os.path.isdir(folder)
    os.makedirs(folder, exist_ok=True)
    for name, text in _MARKS.items() if own else ():
        with suppress(FileExistsError), open(os.path.join(folder, name), "x", encoding="utf-8") as stream:
            stream.write(text)


def _remove_files(folder: str) -> None:
    for name in _FILES:
        with suppress(FileNotFoundError):
            os.unlink(os.path.join(folder, name))


def caches_below(top: str) -> Iterator[str]:
    """Folders that hold a memory, ``top`` and below; links are not followed."""
    for folder, _folders, files in os.walk(top):
        if os.path.basename(folder) == FOLDER or FILE in files:
            yield folder


def is_cache(folder: str) -> bool:
    """Whether a folder holds a memory, or is made for one."""
    return os.path.isdir(folder) and (
        os.path.basename(folder) == FOLDER or os.path.lexists(os.path.join(folder, FILE))
    )


def remove_cache(folder: str) -> None:
    """Remove what ``Memory`` put into ``folder``, and the folder if nothing else is in it. May raise OSError."""
    _remove_files(folder)
    for name, text in _MARKS.items():
        with suppress(FileNotFoundError, UnicodeDecodeError):
            path = os.path.join(folder, name)
            with open(path, encoding="utf-8") as stream:
                ours = stream.read(len(text) + 1) == text
            if ours:
                os.unlink(path)
    if not os.path.islink(folder) and not os.listdir(folder):
        os.rmdir(folder)
