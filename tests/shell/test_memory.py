"""The memory: what it keeps, what it drops, and that nothing wrong with file or machine reaches the run."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import random
import resource
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from hashlib import blake2b
from inspect import signature
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ctxlint.cli import main
from ctxlint.frontend.room import with_room
from ctxlint.shell.layers import Configurations, Request, scope_of
from ctxlint.shell.memory import BOUND, FILE, FOLDER, Memory, caches_below, remove_cache
from ctxlint.shell.nearest import WrongUsage
from ctxlint.shell.patterns import Exclusion
from ctxlint.shell.session import memory_folder, memory_for, plan
from ctxlint.shell.settings import Settings

SPAWN = multiprocessing.get_context("spawn")
# click before 8.2 mixes the two streams unless told not to
RUNNER = CliRunner(**({"mix_stderr": False} if "mix_stderr" in signature(CliRunner).parameters else {}))
TODAY = int(time.time() // 86_400)


def key(number: int) -> bytes:
    return blake2b(b"%d" % number, digest_size=20).digest()


def value(number: int, size: int = 300) -> bytes:
    """Bytes that tell whose they are."""
    return (b"%d." % number * size)[:size]


def entries(*numbers: int, size: int = 300) -> dict[bytes, bytes]:
    return {key(number): value(number, size) for number in numbers}


def keep(folder: Path, kept: dict[bytes, bytes], version: str = "1", bound: int = BOUND) -> list[str]:
    """Save in a run of its own; what went wrong."""
    with Memory.open(str(folder), version, bound) as memory:
        memory.save(kept)
    return memory.notes


def known(folder: Path, *numbers: int, version: str = "1") -> list[int]:
    """Which of the numbers are known, in a run of its own; their values are right."""
    with Memory.open(str(folder), version) as memory:
        found = memory.load(map(key, numbers))
    assert memory.notes == []
    by_key = {key(number): number for number in numbers}
    assert all(data == value(by_key[name], len(data)) for name, data in found.items())
    return sorted(by_key[name] for name in found)


def execute(folder: Path, statement: str, *parameters: object) -> list[tuple[object, ...]]:
    """Ask the file behind the memory's back."""
    with contextlib.closing(sqlite3.connect(folder / FILE)) as connection, connection:
        return connection.execute(statement, parameters).fetchall()


def listing(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / FOLDER


# --- what is kept --------------------------------------------------------------------------------------------


def test_what_was_saved_is_known_to_later_runs(folder: Path) -> None:
    kept = entries(*range(1200))
    with Memory.open(str(folder), "1") as memory:
        assert memory.load(kept) == {}
        memory.save(kept)
        assert memory.load(kept) == kept

    with Memory.open(str(folder), "1") as memory:
        assert memory.load([*kept, *kept, key(5000)]) == kept
        assert memory.load([]) == {}
    assert memory.notes == []


def test_any_bytes_are_kept(folder: Path) -> None:
    kept = {b"": b"", b"\0": b"\0" * 9, b"k": bytes(range(256)), "schlüssel".encode(): b"x" * 200_000}
    keep(folder, kept)

    with Memory.open(str(folder), "1") as memory:
        assert memory.load(kept) == kept


def test_a_later_value_counts(folder: Path) -> None:
    keep(folder, {b"k": b"old"})
    keep(folder, {b"k": b"new"})

    with Memory.open(str(folder), "1") as memory:
        assert memory.load([b"k"]) == {b"k": b"new"}


def test_the_threads_of_a_run_share_it(folder: Path) -> None:
    """Files are read on a thread with a large stack."""
    with Memory.open(str(folder), "1") as memory:
        with_room(lambda: memory.save(entries(1)))
        assert memory.load([key(1)]) == with_room(lambda: memory.load([key(1)])) == entries(1)


def test_nothing_is_touched_or_imported_before_there_is_something_to_keep(folder: Path) -> None:
    program = (
        "import sys\n"
        "from ctxlint.shell.memory import Memory\n"
        "with Memory.open(sys.argv[1], sys.exit) as memory:\n"
        "    assert memory.load([b'a']) == {}\n"
        "    memory.save({})\n"
        "assert memory.notes == []\n"
        "assert 'sqlite3' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program, folder], check=True)

    assert not folder.exists()


def test_the_folder_stays_out_of_git_and_backups(folder: Path) -> None:
    keep(folder, entries(1))

    assert listing(folder) == [".gitignore", "CACHEDIR.TAG", FILE]
    assert (folder / ".gitignore").read_text().splitlines()[-1] == "*"
    assert (folder / "CACHEDIR.TAG").read_text().startswith("Signature: 8a477f597d28d172789f06886806bc55\n")


def test_the_folder_of_others_is_not_marked(tmp_path: Path) -> None:
    (tmp_path / "theirs.txt").touch()
    keep(tmp_path, entries(1))
    keep(tmp_path / "new/deep", entries(1))

    assert listing(tmp_path) == [FILE, "new", "theirs.txt"]
    assert listing(tmp_path / "new/deep") == [".gitignore", "CACHEDIR.TAG", FILE]


# --- what is dropped -----------------------------------------------------------------------------------------


def test_entries_of_another_version_are_never_read(folder: Path) -> None:
    keep(folder, {key(1): b"of one"}, version="1")
    keep(folder, {key(1): b"of two"}, version="2")

    for version, expected in (("1", b"of one"), ("2", b"of two")):
        with Memory.open(str(folder), lambda version=version: version) as memory:
            assert memory.load([key(1)]) == {key(1): expected}
    assert known(folder, 1, version="3") == []


def test_entries_of_another_version_are_dropped_when_that_one_is_not_run_for_a_day(folder: Path) -> None:
    """Until then, Pythons that check one project in turn do not throw each other's work away."""
    keep(folder, entries(1, 2), version="old")
    keep(folder, entries(3), version="new")
    assert known(folder, 1, 2, version="old") == [1, 2]

    execute(folder, "UPDATE fact SET used = ? WHERE version = ?", TODAY - 2, b"old")
    keep(folder, entries(4), version="new")

    assert execute(folder, "SELECT DISTINCT version FROM fact") == [(b"new",)]


def test_what_is_not_used_for_thirty_days_is_dropped_and_loading_is_using(folder: Path) -> None:
    keep(folder, entries(1, 2, 3))
    execute(folder, "UPDATE fact SET used = ? WHERE key <> ?", TODAY - 31, key(3))
    assert known(folder, 1) == [1]

    ((used,),) = execute(folder, "SELECT used FROM fact WHERE key = ?", key(1))
    assert used >= TODAY  # a day later, where midnight came in between
    keep(folder, entries(4))
    assert known(folder, 1, 2, 3, 4) == [1, 3, 4]


def test_what_is_loaded_and_then_something_saved_counts_as_used(folder: Path) -> None:
    keep(folder, entries(1, 2))
    execute(folder, "UPDATE fact SET used = ?", TODAY - 31)
    with Memory.open(str(folder), "1") as memory:
        memory.load([key(1)])
        memory.save(entries(3))

    assert known(folder, 1, 2, 3) == [1, 3]


@pytest.mark.parametrize("size", [10, 700, 4000, 30_000])
def test_the_file_is_bounded_and_what_was_used_last_stays(folder: Path, size: int) -> None:
    bound = 1024 * 1024
    runs, each = 14, 100_000 // (size + 500) + 1
    for run in range(runs):
        if (folder / FILE).exists():
            execute(folder, "UPDATE fact SET used = used - 1")
        assert keep(folder, entries(*range(run * each, run * each + each), size=size), bound=bound) == []

    assert (folder / FILE).stat().st_size < bound * 1.5
    found = known(folder, *range(runs * each))
    assert found == list(range(found[0], runs * each)), "the oldest went first"
    assert len(found) >= each * 2


def test_of_more_than_half_the_bound_the_first_are_kept(folder: Path) -> None:
    keep(folder, entries(*range(10), size=10_000), bound=100_000)

    assert known(folder, *range(10)) == [0, 1, 2, 3]


# --- what is wrong with the file -----------------------------------------------------------------------------


def test_a_value_that_fails_its_checksum_is_missing(folder: Path) -> None:
    keep(folder, entries(*range(6)))
    execute(folder, "UPDATE fact SET value = ? WHERE key = ?", b"wrong", key(1))
    execute(folder, "UPDATE fact SET value = 'text' WHERE key = ?", key(2))
    execute(folder, "UPDATE fact SET value = 7, checksum = 'x' WHERE key = ?", key(3))
    execute(folder, "UPDATE fact SET value = (SELECT value FROM fact WHERE key = ?), checksum = "
                    "(SELECT checksum FROM fact WHERE key = ?) WHERE key = ?", key(5), key(5), key(4))  # fmt: skip

    assert known(folder, *range(6)) == [0, 5]
    keep(folder, entries(1))
    assert known(folder, *range(6)) == [0, 1, 5]


def theirs(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE songs (title TEXT)")


def our_table_and_more(path: Path) -> None:
    keep(path.parent, entries(1))
    execute(path.parent, "CREATE TRIGGER t AFTER INSERT ON fact BEGIN DELETE FROM fact; END")


def cut(path: Path) -> None:
    keep(path.parent, entries(*range(100)))
    os.truncate(path, path.stat().st_size // 2)


DAMAGES = {
    "no database": lambda path: path.write_bytes(b"Dear diary, " * 1000),
    "tables of others": theirs,
    "a trigger": our_table_and_more,
    "cut off": cut,
    "a header alone": lambda path: path.write_bytes(b"SQLite format 3\0" + b"\0" * 84),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_begun_anew_with_one_note(folder: Path, damage: str) -> None:
    folder.mkdir()
    DAMAGES[damage](folder / FILE)
    with Memory.open(str(folder), "1") as memory:
        assert memory.load(entries(*range(100))) == {}
        memory.save(entries(1, 2))
        assert memory.load(entries(*range(100))) == entries(1, 2)

    (note,) = memory.notes
    assert note.startswith(f"cache begun anew, {folder / FILE} was damaged: ")
    assert known(folder, 1, 2) == [1, 2]


@pytest.mark.parametrize("content", [b"", b"x", None])  # SQLite begins a base in a file of one byte, too
def test_an_empty_or_vanished_file_is_no_damage(folder: Path, content: bytes | None) -> None:
    folder.mkdir()
    if content is not None:
        (folder / FILE).write_bytes(content)

    assert keep(folder, entries(1)) == []
    assert known(folder, 1) == [1]


def test_damage_is_noticed_while_saving_too(folder: Path) -> None:
    folder.mkdir()
    (folder / FILE).write_bytes(b"no database" * 500)

    (note,) = keep(folder, entries(1))
    assert note.startswith("cache begun anew")
    assert known(folder, 1) == [1]


def test_no_damage_gives_a_wrong_value_or_an_error(tmp_path: Path) -> None:
    """Bytes of a good file are overwritten at random; the bases and journals of two states are mixed."""
    keep(tmp_path / "good", entries(*range(60)))
    good = (tmp_path / "good" / FILE).read_bytes()
    chance = random.Random(7)  # noqa: S311 - no secret
    anew = 0
    for turn in range(150):
        folder = tmp_path / str(turn)
        folder.mkdir()
        damaged = bytearray(good)
        for _ in range(chance.choice((1, 3, 40))):
            at = chance.randrange(chance.choice((100, len(good))))
            damaged[at : at + 4] = chance.randbytes(4)[: len(good) - at]
        (folder / FILE).write_bytes(damaged)
        if turn % 3 == 0:
            (folder / f"{FILE}-wal").write_bytes(chance.randbytes(5000))
        with Memory.open(str(folder), "1") as memory:
            found = memory.load(entries(*range(60)))
            assert found.items() <= entries(*range(60)).items()
            memory.save(entries(*range(30, 90)))
            assert memory.load(entries(*range(90))).items() <= entries(*range(90)).items()
        assert len(memory.notes) <= 2
        anew += any(note.startswith("cache begun anew") for note in memory.notes)
    assert anew > 20


def test_a_file_that_another_run_began_anew_is_left_alone(folder: Path) -> None:
    """Two runs find the damage; the second to act must not remove what the first has saved."""
    folder.mkdir()
    keep(folder, entries(*range(200)))
    with Memory.open(str(folder), "1") as late:
        assert len(late.load(entries(0))) == 1
        content = bytearray((folder / FILE).read_bytes())
        content[4096:] = b"\xff" * (len(content) - 4096)
        with (folder / FILE).open("r+b") as stream:
            stream.write(content)
        (folder / FILE).rename(folder / "aside")
        for tail in ("-wal", "-shm"):
            (folder / f"{FILE}{tail}").unlink(missing_ok=True)
        keep(folder, entries(500))
        assert late.load(entries(*range(200))).items() <= entries(*range(200)).items()

    assert known(folder, 500) == [500]


# --- what is wrong with the machine --------------------------------------------------------------------------


def bypassed(folder: Path) -> str:
    """Use the memory of ``folder``; it knows nothing, keeps nothing, and says why."""
    with Memory.open(str(folder), "1") as memory:
        memory.load([key(1)])
        memory.save(entries(1))
        memory.save(entries(2))
        assert memory.load([key(1), key(2)]) == {}
    (note,) = memory.notes
    assert note.startswith(f"cache not used, {folder / FILE}: ")
    return note.removeprefix(f"cache not used, {folder / FILE}: ")


def test_what_is_no_regular_file_is_bypassed(tmp_path: Path) -> None:
    kinds = (
        Path.mkdir,
        os.mkfifo,
        lambda path: path.symlink_to(tmp_path / "theirs"),
        lambda path: path.symlink_to(path),
    )
    for number, make in enumerate(kinds):
        folder = tmp_path / str(number)
        folder.mkdir()
        make(folder / FILE)
        assert bypassed(folder).startswith("is no regular file; remove it, or name another folder")
    assert not (tmp_path / "theirs").exists()


def test_a_folder_that_cannot_be_is_bypassed(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    assert bypassed(tmp_path / "file") == (
        "File exists; name another folder with --cache-dir, or run with --no-cache"
    )
    assert bypassed(tmp_path / "file/below").startswith("Not a directory; ")
    assert bypassed(tmp_path / ("long" * 100)).startswith("File name too long; ")


@contextlib.contextmanager
def as_nobody():
    """Become a user without rights, where the tests run as the superuser."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.parametrize("mode", [0o000, 0o555])
@pytest.mark.parametrize("filled", [True, False])
def test_a_folder_without_rights_is_bypassed(mode: int, filled: bool) -> None:  # noqa: FBT001
    with tempfile.TemporaryDirectory() as top:
        os.chmod(top, 0o755)  # noqa: PTH101, S103 - its parent is what everybody may enter
        folder = Path(top) / FOLDER
        if filled:
            keep(folder, entries(1))
        else:
            folder.mkdir()
        before = listing(folder)
        folder.chmod(mode)
        with as_nobody():
            reason = bypassed(folder)
        folder.chmod(0o755)

        assert reason.partition(";")[0] in {
            "Permission denied", "unable to open database file", "attempt to write a readonly database",
        }  # fmt: skip
        assert before == listing(folder)


def save_with_little_room(folder: str, answers) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
    with Memory.open(folder, "1") as memory:
        memory.save(entries(*range(100), size=10_000))
        found = memory.load(entries(*range(100)))
    answers.put((memory.notes, found))


def test_where_nothing_more_can_be_written_the_old_stays(folder: Path) -> None:
    keep(folder, entries(1))
    answers = SPAWN.Queue()
    process = SPAWN.Process(target=save_with_little_room, args=(str(folder), answers))
    process.start()
    (note,), found = answers.get(timeout=60)
    process.join()

    reason = note.removeprefix(f"cache not used, {folder / FILE}: ").partition(";")[0]
    assert reason in {"disk I/O error", "database or disk is full"}
    assert found == {}
    assert known(folder, *range(100)) == [1]


def test_a_python_without_sqlite_has_no_memory(folder: Path) -> None:
    program = (
        "import sys; sys.modules['sqlite3'] = None\n"
        "from ctxlint.shell.memory import Memory\n"
        "with Memory.open(sys.argv[1], '1') as memory:\n"
        "    memory.save({b'a': b'b'})\n"
        "    assert memory.load([b'a']) == {}\n"
        "print(*memory.notes)\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", program, folder], check=True, capture_output=True, text=True
    )

    assert result.stdout.startswith("cache not used, ")
    assert "sqlite3" in result.stdout


# --- other runs ----------------------------------------------------------------------------------------------


def test_a_locked_file_is_bypassed_after_a_moment_and_read_all_the_same(folder: Path) -> None:
    keep(folder, entries(1))
    with contextlib.closing(sqlite3.connect(folder / FILE, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        begin = time.monotonic()
        with Memory.open(str(folder), "1") as memory:
            assert memory.load([key(1)]) == entries(1)
            for number in range(20):
                memory.save(entries(number))
        assert time.monotonic() - begin < 5

    (note,) = memory.notes
    assert note.startswith(f"cache not used, {folder / FILE}: database is locked; another run holds it")
    assert known(folder, 0, 1) == [1]


def load_and_save(folder: str, seed: int, answers) -> None:
    """Six runs over overlapping numbers, as parallel checks of one project do."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    wrong: list[int] = []
    notes: list[str] = []
    for _ in range(6):
        with Memory.open(folder, "1") as memory:
            numbers = chance.sample(range(300), 100)
            found = memory.load(map(key, numbers))
            wrong += [number for number in numbers if found.get(key(number), value(number)) != value(number)]
            memory.save({key(number): value(number) for number in numbers if key(number) not in found})
        notes += memory.notes
    answers.put((wrong, notes))


def in_parallel(folder: Path, count: int) -> list[tuple[list[int], list[str]]]:
    answers = SPAWN.Queue()
    processes = [SPAWN.Process(target=load_and_save, args=(str(folder), n, answers)) for n in range(count)]
    for process in processes:
        process.start()
    results = [answers.get(timeout=100) for _ in processes]
    for process in processes:
        process.join()
        assert process.exitcode == 0
    return results


@pytest.mark.parametrize("damaged", [False, True])
def test_parallel_runs_end_well_with_right_values(folder: Path, damaged: bool) -> None:  # noqa: FBT001
    """All begin at once: with no folder at all, or with a damaged file that each of them finds."""
    if damaged:
        folder.mkdir()
        (folder / FILE).write_bytes(b"no database" * 1000)
    results = in_parallel(folder, 6)

    assert [wrong for wrong, _notes in results] == [[]] * 6
    allowed = ("locked", "begun anew") if damaged else ("locked",)
    assert [n for _, notes in results for n in notes if not any(word in n for word in allowed)] == []
    assert len(known(folder, *range(300))) > 50
    assert execute(folder, "PRAGMA integrity_check") == [("ok",)]


def save_much(folder: str) -> None:
    with Memory.open(folder, "1") as memory:
        memory.save(entries(*range(100, 4000), size=20_000))


def test_a_killed_writer_leaves_all_or_nothing(folder: Path) -> None:
    keep(folder, entries(1))
    process = SPAWN.Process(target=save_much, args=(str(folder),))
    process.start()
    journal = folder / f"{FILE}-wal"
    while process.is_alive() and not (journal.exists() and journal.stat().st_size > 8_000_000):
        time.sleep(0.001)
    assert process.pid is not None
    with contextlib.suppress(ProcessLookupError):
        os.kill(process.pid, signal.SIGKILL)
    process.join()

    assert len(known(folder, *range(100, 4000))) in {0, 3900}
    assert known(folder, 1) == [1]
    assert keep(folder, entries(2)) == []
    assert known(folder, 1, 2) == [1, 2]


# --- where it is ---------------------------------------------------------------------------------------------


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a project, as the working directory."""
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "src").mkdir()
    (tmp_path / "src/a.py").write_text("x = 1\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CTXLINT_CACHE_DIR", raising=False)
    return tmp_path


def place(
    *paths: str, cache_dir: str | None = None, config: tuple[str, ...] = (), **more: bool
) -> str | None:
    """Where the run would have its memory."""
    request = Request(paths or (".",), Settings(cache_dir=cache_dir), config, **more)
    planned = plan(request)
    ((layers, members),) = planned.groups
    memory = memory_for(planned, layers, members)
    return None if memory is None else memory_folder(planned, layers, members)


def test_the_cache_is_in_the_project(here: Path) -> None:
    for paths in ((), ("src",), ("src/a.py",), (str(here / "src"),)):
        assert place(*paths) == str(here / FOLDER)
    assert place(isolated=True) == str(here / FOLDER)


def test_without_a_project_there_is_no_cache_unless_one_is_named(here: Path) -> None:
    (here / "pyproject.toml").unlink()

    assert place("src") is None
    assert place("src", isolated=True) is None
    assert place("src", isolated=True, cache_dir="c") == str(here / "c")


def test_option_before_environment_before_configuration(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (here / "pyproject.toml").write_text("[tool.ctxlint]\ncache-dir = '../of-file'\n")
    assert place("src") == str(here.parent / "of-file")
    assert place("src", isolated=True) == str(here / FOLDER)
    assert place("src", config=("cache-dir='pair'",)) == str(here / "pair")

    monkeypatch.setenv("CTXLINT_CACHE_DIR", "of-environment")
    assert place("src") == str(here / "of-environment")
    assert place("src", config=("cache-dir='pair'",)) == str(here / "of-environment")
    assert place("src", isolated=True) == str(here / "of-environment")
    assert place("src", cache_dir="of-option") == str(here / "of-option")
    assert place("src", cache_dir="of-option", no_cache=True) is None

    monkeypatch.setenv("CTXLINT_CACHE_DIR", "")
    assert place("src") == str(here.parent / "of-file")


def test_a_relative_key_is_relative_to_its_file(here: Path) -> None:
    (here / "src/ctxlint.toml").write_text("cache-dir = 'c'\n")

    assert place("src") == str(here / "src/c")


def test_home_is_understood(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(here / "home"))

    assert place("src", cache_dir="~/c") == str(here / "home/c")


def test_what_can_be_no_folder_is_told_with_its_place(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def told(**words: object) -> str:
        with pytest.raises(WrongUsage) as caught:
            place("src", **words)
        return str(caught.value)

    assert told(cache_dir="src/a.py") == "--cache-dir: no folder: 'src/a.py'"
    assert told(cache_dir="") == "--cache-dir: no folder: ''"
    assert told(config=("cache-dir='src/a.py'",)) == "--config: cache-dir: no folder: 'src/a.py'"
    assert told(config=("cache-dir=1",)) == "--config: cache-dir: expected `str`, got `int`"
    (here / "ctxlint.toml").write_text('cache-dir = "a\\u0000b"\n')
    assert told() == r"ctxlint.toml:1: cache-dir: no folder: 'a\x00b'"
    monkeypatch.setenv("CTXLINT_CACHE_DIR", "src/a.py")
    assert told() == "CTXLINT_CACHE_DIR: no folder: 'src/a.py'"
    assert place("src", no_cache=True) is None


def test_a_cache_is_never_walked_whatever_exclude_says(here: Path) -> None:
    (here / FOLDER).mkdir()
    (here / FOLDER / "a.py").touch()
    request = Request((".",), Settings(exclude=(), respect_gitignore=False))
    exclusion = scope_of(Configurations(request).layers_for(str(here)), request).exclusion

    assert isinstance(exclusion, Exclusion)
    assert exclusion.excludes(FOLDER, str(here / FOLDER))
    assert not exclusion.excludes("build", str(here / "build"))
    assert "no findings in 1 file." in run("--exclude", "zzz", "--no-respect-gitignore").stdout


# --- the command line ----------------------------------------------------------------------------------------


def run(*words: str) -> Result:
    return RUNNER.invoke(main, words, env={"NO_COLOR": None, "FORCE_COLOR": None})


@pytest.mark.usefixtures("here")
def test_the_options_are_taken_and_told() -> None:
    for words in (("--cache-dir", "c"), ("--cache-dir=c", "src"), ("--no-cache", "--cache-dir", "src/a.py")):
        result = run(*words)
        assert (result.exit_code, result.stderr) == (0, "")
    result = run("--cache-dir", "src/a.py")
    assert (result.exit_code, result.stderr) == (2, "ctxlint: error: --cache-dir: no folder: 'src/a.py'\n")
    text = run("--help").stdout
    assert "--cache-dir DIR" in text
    assert "CTXLINT_CACHE_DIR" in text
    assert "clean " in text


def test_clean_removes_caches_and_nothing_else(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CTXLINT_CACHE_DIR", str(here / "named"))
    (here / "named").mkdir()
    (here / "named/theirs.txt").touch()
    (here / "named/.gitignore").write_text("*.log\n")
    for folder in (here / FOLDER, here / "sub" / FOLDER, here / "named", here / "other"):
        keep(folder, entries(1))
    outside = here.parent / f"{here.name}-outside"
    keep(outside / FOLDER, entries(1))
    result = run("clean")

    removed = sorted(map(str, (here / FOLDER, here / "named", here / "other", here / "sub" / FOLDER)))
    assert result.stdout.splitlines() == [f"Removed the cache in {folder}" for folder in removed]
    assert (result.exit_code, result.stderr) == (0, "")
    assert listing(here) == ["named", "pyproject.toml", "src", "sub"]
    assert listing(here / "named") == [".gitignore", "theirs.txt"]
    assert known(outside / FOLDER, 1) == [1]


def test_clean_of_a_part_removes_what_a_check_of_it_would_use(here: Path) -> None:
    keep(here / FOLDER, entries(1))

    assert run("clean", "src/a.py").stdout == f"Removed the cache in {here / FOLDER}\n"
    assert not (here / FOLDER).exists()
    assert (run("clean").stdout, run("clean").exit_code) == ("", 0)


@pytest.mark.usefixtures("here")
def test_clean_of_nothing_that_exists_is_wrong_usage() -> None:
    result = run("clean", "sr")

    assert result.exit_code == 2
    assert result.stderr == "ctxlint: error: no such file or directory: 'sr' — did you mean 'src'?\n"


def test_a_cache_that_cannot_be_removed_is_named(here: Path) -> None:
    (here / FOLDER).mkdir()
    (here / FOLDER / FILE).mkdir()
    result = run("clean")

    assert result.exit_code == 2
    assert result.stderr.startswith(f"ctxlint: error: cannot remove the cache in {here / FOLDER}: ")


def test_links_are_not_followed_to_find_caches(tmp_path: Path) -> None:
    keep(tmp_path / "far" / FOLDER, entries(1))
    (tmp_path / "near").mkdir()
    (tmp_path / "near/link").symlink_to(tmp_path / "far")

    assert list(caches_below(str(tmp_path / "near"))) == []
    assert list(caches_below(str(tmp_path / "far"))) == [str(tmp_path / "far" / FOLDER)]


def test_a_linked_cache_is_emptied_and_the_link_stays(tmp_path: Path) -> None:
    (tmp_path / "fast").mkdir()
    (tmp_path / FOLDER).symlink_to(tmp_path / "fast")
    assert keep(tmp_path / FOLDER, entries(1)) == []
    remove_cache(str(tmp_path / FOLDER))

    assert listing(tmp_path / "fast") == []
    assert (tmp_path / FOLDER).is_symlink()
