"""Cures that do not cure: the marked functions of the fixtures misbehave under CPython, their neighbours do not."""

import asyncio
import concurrent.futures
import contextvars
import inspect
import pickle
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

FIXTURES = Path(__file__).parent.parent / "fixtures"
CLASH = "cannot enter context"


def loaded(name):
    """The names that a fixture defines, and those of its functions in whose text a finding is marked."""
    path = FIXTURES / name
    text = path.read_text()
    module = compile(text, str(path), "exec")
    names = {"__name__": "fixture"}
    exec(module, names)  # noqa: S102 - a fixture of the project
    return names


def functions(name, code, *, marked):
    """The names of a fixture's functions at top level in whose text ``code`` is marked, or is not."""
    text = (FIXTURES / name).read_text()
    found = []
    for part in text.split("\n\n\n"):
        head = part.lstrip("\n").split("\n")[0]
        if head.startswith(("def ", "async def ")) and (f"expect: {code}" in part) == marked:
            found.append(head.partition("def ")[2].partition("(")[0])
    return found


# --- 303 -----------------------------------------------------------------------------------------------------


def test_303_a_context_cannot_be_pickled():
    with pytest.raises(TypeError, match="cannot pickle"):
        pickle.dumps(contextvars.copy_context().run)


PROGRAM = """
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from contextvars import ContextVar
from functools import partial

tenant = ContextVar("tenant", default="public")


def read(*_):
    return tenant.get()


def say(name, *_):
    return name


def main():
    tenant.set("acme")
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        print(pool.submit(read).result(), *pool.map(partial(say, tenant.get()), [1]))


if __name__ == "__main__":
    main()
"""


def test_303_a_worker_in_another_process_sees_the_default_and_its_arguments(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)

    said = subprocess.run([sys.executable, program], capture_output=True, text=True, check=True)

    assert said.stdout.split() == ["public", "acme"]


# --- 304 -----------------------------------------------------------------------------------------------------

ROWS = [1, 2, 3]
GIVEN = {"rows": ROWS, "batches": [ROWS], "flag": True, "row": 1}


def slow(*_):
    """Work that is not over before the next is begun."""
    time.sleep(0.05)


def clashes(name, function):
    """How often a function's threads found their Context entered, in the results of its jobs or in the threads."""
    found = []
    before = threading.excepthook
    threading.excepthook = lambda args: found.append(str(args.exc_value))
    submitted = []
    pools = [value for value in name.values() if isinstance(value, concurrent.futures.ThreadPoolExecutor)]
    try:
        with contextvars_of_pools(submitted):
            arguments = [argument(each) for each in inspect.signature(function).parameters]
            result = function(*arguments)
            if inspect.isawaitable(result):
                asyncio.run(awaited(result))
    except RuntimeError as error:
        found.append(str(error))
    finally:
        found += [str(error) for future in submitted if (error := _error(future)) is not None]
        for pool in pools:
            pool.submit(int).result()
        for thread in threading.enumerate():
            if thread is not threading.current_thread() and not thread.daemon and "Pool" not in thread.name:
                thread.join(5)
        threading.excepthook = before
    return sum(CLASH in each for each in found)


def _error(future):
    try:
        return future.exception(5)
    except concurrent.futures.CancelledError:
        return None


class contextvars_of_pools:  # noqa: N801 - reads as the words of a sentence
    """While it is entered, every future of a ThreadPoolExecutor is noted."""

    def __init__(self, noted):
        self.noted = noted

    def __enter__(self):
        self.submit = submit = concurrent.futures.ThreadPoolExecutor.submit

        def noting(pool, *args, **kwargs):
            future = submit(pool, *args, **kwargs)
            self.noted.append(future)
            return future

        concurrent.futures.ThreadPoolExecutor.submit = noting

    def __exit__(self, *_):
        concurrent.futures.ThreadPoolExecutor.submit = self.submit


async def awaited(result):
    return await result


def argument(name):
    if name == "queue":
        return [*ROWS]
    if name == "context":
        return contextvars.copy_context()
    if name == "other":
        return None
    return GIVEN[name]


HELPERS = {"work", "start", "spawn", "enter", "carry", "carry_by_partial", "carried_by_a_decorator", "given"}
SHARED = "context-shared-by-workers/shared.py"
OWN = "context-shared-by-workers/own_context_each.py"


@pytest.mark.parametrize("name", functions(SHARED, "CTX304", marked=True))
def test_304_one_context_for_several_threads_clashes(name):
    names = loaded(SHARED)
    names["work"] = slow
    if name == "decorated":
        names["carried_by_a_decorator"] = names["carry"](slow)

    # a busy machine may start the second thread when the first is done
    assert any(clashes(names, names[name]) for _ in range(5))


@pytest.mark.parametrize(
    "name", sorted({*functions(OWN, "CTX304", marked=False)} - HELPERS - {"carry_a_copy", "one"})
)
def test_304_a_context_each_or_one_after_the_other_does_not(name):
    names = loaded(OWN)
    names["work"] = slow

    assert clashes(names, names[name]) == 0


KEPT = "context-shared-by-workers/kept_by_an_object.py"


@pytest.mark.parametrize(
    ("name", "clash"),
    [
        ("by_a_service", True),
        ("by_map_of_a_pool", True),
        ("by_coroutines", True),
        ("by_a_copying_service", False),
        ("by_a_waiting_service", False),
        ("waited_for_by_the_caller", False),
        ("a_service_each", False),
        ("by_coroutines_in_turn", False),
    ],
)
def test_304_one_context_that_an_object_keeps(name, clash):
    names = loaded(KEPT)
    names["work"] = slow

    assert bool(clashes(names, names[name])) == clash


NESTED = "context-shared-by-workers/nested.py"


@pytest.mark.parametrize(
    ("name", "clash"),
    [
        ("by_a_nested_function", True),
        ("by_a_lambda", True),
        ("by_itself", True),
        ("by_a_call", True),
        ("of_the_module", True),
        ("in_turn", False),
        ("in_a_copy", False),
        ("in_another", False),
        ("guarded", False),
    ],
)
def test_304_run_inside_run_of_one_context(name, clash):
    names = loaded(NESTED)
    if clash:
        with pytest.raises(RuntimeError, match=CLASH):
            names[name]()
    else:
        assert names[name]() == "public"


# --- 305 -----------------------------------------------------------------------------------------------------


def test_305_what_is_copied_in_the_worker_is_not_the_starters():
    names = loaded("context-copied-too-late/in_the_worker.py")

    contextvars.Context().run(names["main"], "acme")

    assert {*names["SEEN"]} - {"started"} == {"public"}


def test_305_what_is_copied_before_is():
    names = loaded("context-copied-too-late/in_time.py")
    del names["serves"]
    names["serves"] = lambda _: None

    contextvars.Context().run(names["main"], "acme")

    assert {each for each in names["SEEN"] if isinstance(each, str)} == {"acme", "own"}


# --- 306 -----------------------------------------------------------------------------------------------------

MADE = "context-run-of-coroutine/made_only.py"
INSIDE = "context-run-of-coroutine/runs_inside.py"


def seen_in(names, name, *, giving):
    """What the bodies of the fixture see when its function is run with a Context in which the tenant is acme."""
    seen = []
    tenant = names["tenant"]

    async def write(*_):
        seen.append(tenant.get())

    def steps(*_):
        seen.append(tenant.get())
        yield 1

    async def events(*_):
        seen.append(tenant.get())
        yield 1

    names.update(write=write, steps=steps, events=events)
    context = contextvars.copy_context()
    context.run(tenant.set, "acme")
    if giving:
        names["copy_context"] = lambda: context
    function = names[name]
    result = function(*([context] if inspect.signature(function).parameters else []))
    if inspect.isawaitable(result):
        asyncio.run(awaited(result))
    elif inspect.isgenerator(result):
        list(result)
    return seen


@pytest.mark.parametrize(
    "name",
    [
        "awaited", "of_a_copy", "of_a_bare_parameter", "by_a_name", "by_a_lambda", "by_a_partial",
        "by_a_function_that_gives_it_back", "in_a_task", "gathered", "in_another_loop", "waited_for", "given_back",
        "looped", "looped_by_for", "listed", "delegated", "looped_asynchronously", "closed_at_the_end",
        "partial_of_run",
    ],
)  # fmt: skip
def test_306_the_body_runs_in_the_context_of_who_awaits(name):
    seen = seen_in(loaded(MADE), name, giving=True)

    assert seen
    assert {*seen} == {"public"}


@pytest.mark.parametrize(
    "name",
    [
        "task_made_inside",
        "task_made_by_a_function",
        "loop_inside",
        "driven_in_the_context",
        "listed_in_the_context",
    ],
)
def test_306_a_task_that_is_made_inside_runs_there(name):
    names = loaded_without(INSIDE, "unknown")

    assert {*seen_in(names, name, giving=False)} == {"acme"}


@pytest.mark.skipif(sys.version_info < (3, 11), reason="create_task(context=) is of 3.11")
def test_306_a_task_that_is_given_the_context_runs_there():
    assert {*seen_in(loaded_without(INSIDE, "unknown"), "task_in_the_context", giving=False)} == {"acme"}


def loaded_without(name, package):
    """As ``loaded``, without what is imported from a package that does not exist."""
    text = "\n".join(
        line for line in (FIXTURES / name).read_text().split("\n") if not line.startswith(f"from {package}")
    )
    names = {"__name__": "fixture", "shared": lambda function: function, "drive": list}
    exec(compile(text, name, "exec"), names)  # noqa: S102 - a fixture of the project
    return names


# --- 311 -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "make", ["named_values", "bound_values", "by_a_lambda", "by_a_nested_function", "ContextPool"]
)
def test_311_a_lasting_pool_shows_later_jobs_the_values_of_its_maker(make):
    names = loaded("stale-in-pool/adopted.py")
    tenant = names["tenant"]

    def first():
        tenant.set("first")
        return names[make]()

    def second(pool):
        tenant.set("second")
        return pool.submit(tenant.get).result()

    pool = contextvars.Context().run(first)
    with pool:
        assert contextvars.Context().run(second, pool) == "first"


def test_311_what_a_job_leaves_the_next_one_finds():
    names = loaded("stale-in-pool/left_by_a_job.py")

    names["export"]("acme")
    names["report"]()
    names["pool"].shutdown()

    assert names["SEEN"] == ["ACME", "acme"]
