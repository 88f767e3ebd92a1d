"""CTX307, CTX308, CTX309 and CTX313 under CPython: the pages' examples, and every function that their fixtures mark.

A marked function loses the value, one of a silent fixture does not.
"""

from __future__ import annotations

import asyncio
import contextvars
import importlib.util
import inspect
import os
import re
import signal
import subprocess
import sys
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from multiprocessing.pool import ThreadPool
from pathlib import Path

import pytest

from ctxlint.rules.registry import all_rules

FIXTURES = Path(__file__).parent.parent / "fixtures"
_BLOCK = re.compile(
    r"^## (?P<heading>Example|Use instead)\n```python\n(?P<code>.*?)```", re.MULTILINE | re.DOTALL
)
needs_groups = pytest.mark.skipif(sys.version_info < (3, 11), reason="asyncio.TaskGroup came with 3.11")


def example(code, heading):
    """The names that the example of a rule's page defines when it is run."""
    (rule,) = [rule for rule in all_rules() if rule.code == code]
    (source,) = [match["code"] for match in _BLOCK.finditer(rule.page) if match["heading"] == heading]
    names = {"__name__": "example"}
    exec(compile(source, f"{code}.py", "exec"), names)  # noqa: S102 - a page of the project
    return names


def load(path):
    """A fixture as a module."""
    spec = importlib.util.spec_from_file_location(f"fixture_{path.stem}", FIXTURES / path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def call(function, *arguments):
    """What a plain or coroutine function gives, in an empty Context."""

    def run():
        made = function(*arguments)
        return asyncio.run(made) if inspect.isawaitable(made) else made

    return contextvars.Context().run(run)


# --- CTX307 --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("heading", "greeting"), [("Example", "anonymous"), ("Use instead", "kim")])
def test_307_what_a_gathered_task_sets_is_not_there(heading, greeting):
    assert call(example("CTX307", heading)["handle"], {"user": "kim"}) == f"Hello, {greeting}"


_WAITED = load(Path("set-lost-in-child/waited_for.py"))


@pytest.mark.parametrize(
    "name",
    [
        *("task", "gather", "tasks", "shield", "to_thread", "executor", "run"),
        *("thread", "in_a_copy", "in_a_named_copy"),
        pytest.param("group", marks=needs_groups),
    ],
)
def test_307_the_reader_that_waits_finds_the_default(name):
    assert call(getattr(_WAITED, name)) == "anonymous"


def test_307_a_pool_gives_nothing_back():
    with ThreadPoolExecutor(1) as pool:
        assert call(_WAITED.result, pool) == "anonymous"
    assert call(_WAITED.pool) == "anonymous"


def test_307_nor_does_a_function_that_is_called_for_it():
    assert call(_WAITED.called) == "anonymous.css"


def test_307_wait_for_has_a_task_of_its_own_before_3_12():
    assert call(_WAITED.wait_for) == ("anonymous" if sys.version_info < (3, 12) else "kim")


_SEEN = load(Path("set-lost-in-child/seen.py"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("awaited_directly", "kim"),
        ("awaited_by_name", "kim"),
        ("reads_its_own", "parent"),
        ("undoes", ""),
        ("holds", {"user": "kim"}),
        ("reads_there", "kim"),
        ("calls_it_directly", "kim"),
        ("takes", "kim"),
        ("carries_back", "kim"),
        *(
            pytest.param(name, "kim", marks=needs_groups)  # `context=` came with 3.11, too
            for name in ("shares", "shares_with_a_reader")
        ),
    ],
)
def test_307_is_silent_where_the_value_is_what_the_reader_means(name, value):
    assert call(getattr(_SEEN, name)) == value


def test_307_without_a_timeout_wait_for_awaits_in_place():
    names = load(Path("set-lost-in-child/wait_for_without_timeout.py"))
    assert [call(names.handle), call(names.handle_by_keyword)] == ["kim", "kim"]


# --- CTX308 --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("heading", "owner"), [("Example", "?"), ("Use instead", "kim")])
def test_308_a_future_calls_back_in_the_thread_that_completes_it(heading, owner, capsys):
    names = example("CTX308", heading)
    goes_on = threading.Event()
    call(names["start"], "kim", goes_on.wait)
    goes_on.set()
    names["pool"].shutdown()
    assert capsys.readouterr().out == f"{owner} True\n"


_MOMENTS = load(Path("lost-in-callback/moments.py"))


@pytest.mark.parametrize("name", ["of_a_future", "of_a_future_by_name"])
def test_308_however_the_callback_is_written(name, capsys, monkeypatch):
    goes_on = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        monkeypatch.setattr(_MOMENTS, "pool", pool)
        call(getattr(_MOMENTS, name), "kim", goes_on.wait)
        goes_on.set()
    assert capsys.readouterr().out.split()[0] == "?"


def test_308_a_future_that_somebody_else_completes(capsys):
    future = Future()
    call(_MOMENTS.of_an_annotated_future, "kim", future)
    future.set_result(None)
    assert capsys.readouterr().out == "?\n"


def test_308_a_pool_calls_back_in_a_thread_of_its_own(monkeypatch):
    """Once for ``callback=`` by keyword, once for its position; the one for errors is not called."""
    found = []
    monkeypatch.setattr(_MOMENTS, "show", lambda *_: found.append(_MOMENTS.owner.get()))
    pool = ThreadPool(1)
    call(_MOMENTS.of_a_pool, "kim", int, pool)
    pool.close()
    pool.join()
    assert found == ["?", "?"]


_AT_END = """
import asyncio, contextvars, sys
sys.path.insert(0, {folder!r})
import {module} as module

value = module.{name}("kim")
if asyncio.iscoroutine(value):
    asyncio.run(value)
"""


@pytest.mark.parametrize(
    ("module", "name", "read"),
    [
        ("moments", "at_exit_of_a_task", "?"),
        ("moments", "at_exit_of_a_scope", "?"),
        ("carried", "main", "kim"),
    ],
)
def test_308_what_atexit_runs_sees_what_the_main_thread_was_left_with(module, name, read):
    text = _AT_END.format(folder=str(FIXTURES / "lost-in-callback"), module=module, name=name)
    done = subprocess.run([sys.executable, "-B", "-c", text], capture_output=True, text=True, check=True)
    assert done.stdout.split()[-1] == read


@pytest.mark.skipif(sys.platform == "win32", reason="there a process cannot send itself the signal")
def test_308_a_signal_that_comes_while_the_loop_waits_meets_no_task(monkeypatch):
    found = []
    monkeypatch.setattr(_MOMENTS, "show", lambda *_: found.append(_MOMENTS.owner.get()))
    before = signal.getsignal(signal.SIGTERM)
    threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGTERM)).start()
    try:
        call(_MOMENTS.of_a_signal, "kim")
    finally:
        signal.signal(signal.SIGTERM, before)
    assert found == ["?"]


def test_308_asyncio_calls_back_in_a_copy(monkeypatch):
    carried = load(Path("lost-in-callback/carried.py"))
    found = []
    monkeypatch.setattr(carried, "show", lambda *_: found.append(carried.owner.get()))

    async def job():
        await asyncio.sleep(0)

    async def main():
        await carried.asyncio_carries("kim", job)
        await asyncio.sleep(0.01)

    call(main)
    assert found == ["kim"] * len(found) != []


# --- CTX309 --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("heading", "operation"), [("Example", "-"), ("Use instead", "fetch")])
def test_309_a_plain_wrapper_resets_before_a_coroutine_runs(heading, operation):
    assert call(example("CTX309", heading)["fetch"], 1) == f"{operation} 1"


_EARLY = load(Path("lost-in-framework/reset_too_early.py"))


@pytest.mark.parametrize("name", ["fetch", "fetch_far", "fetch_in_a_manager", "fetch_in_a_class"])
def test_309_whatever_holds_the_value_for_the_call(name):
    assert call(getattr(_EARLY, name), 1) == ("-", 1)


def test_309_a_method_and_generators():
    async def collected():
        return [row async for row in _EARLY.async_rows(1)]

    assert call(_EARLY.Client().fetch, 1) == ("-", 1)
    assert call(lambda: list(_EARLY.rows(1))) == [("-", 0)]
    assert call(collected) == [("-", 0)]


_WELL = load(Path("lost-in-framework/wrapped_well.py"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("awaited", "awaited"),
        ("asked", "asked"),
        ("asked_later", "asked_later"),
        ("run", "run"),
        ("rows", ["rows"]),
        ("in_an_async_scope", "async"),
        ("plain", "plain"),
    ],
)
def test_309_is_silent_where_the_body_runs_inside(name, value):
    assert call(getattr(_WELL, name)) == value


# --- CTX313 --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("heading", "read"), [("Example", "-"), ("Use instead", "r1")])
def test_313_a_task_has_its_copy_from_its_start(heading, read, capsys):
    call(example("CTX313", heading)["handle"], {"id": "r1"}, "row")
    assert capsys.readouterr().out == f"{read} row\n"


_STARTS = load(Path("set-after-spawn/starts.py"))


@pytest.mark.parametrize(
    "name", ["task", "gathered", "thread", "job", pytest.param("group", marks=needs_groups)]
)
def test_313_whatever_starts_the_worker(name, capsys):
    call(getattr(_STARTS, name), {"id": "r1"})
    assert capsys.readouterr().out == "-\n"


def test_313_a_variable_without_a_default_fails():
    with pytest.raises(LookupError):
        call(_STARTS.fails, {"id": "r1"}, lambda _request: asyncio.sleep(0))


_IN_TIME = load(Path("set-after-spawn/in_time.py"))


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("is_set_before", "r1"),
        ("is_set_again", "r1"),
        ("starts_what_sets", "own"),
        ("only_made", "r1"),
        ("with_a_value", "outer"),
        ("copies_when_awaited", "r1"),
        pytest.param("names_a_context", "r1", marks=needs_groups),
    ],
)
def test_313_is_silent_where_the_worker_sees_a_value(name, read, capsys):
    call(getattr(_IN_TIME, name), "r1")
    assert capsys.readouterr().out == f"{read}\n"
