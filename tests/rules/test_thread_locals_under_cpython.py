"""Two tasks of one thread: what CTX212 reports mixes their values up, what it is silent on does not."""

import asyncio
import importlib.util
import itertools
import sys
from pathlib import Path

import pytest
from test_what_cpython_shows import run

FIXTURES = Path(__file__).parents[1] / "fixtures" / "thread-local-in-async"
both = pytest.mark.parametrize


def load(name, folder=FIXTURES):
    """A fixture as a module of its own."""
    spec = importlib.util.spec_from_file_location(f"thread_local_{name}", folder / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


async def together(coroutine, values=("ada", "bob")):
    """What two tasks get that run at the same time."""
    return await asyncio.gather(*(coroutine(value) for value in values))


@both(
    ("heading", "pages"),
    [("Example", ["page of bob", "page of bob"]), ("Use instead", ["page of ada", "page of bob"])],
)
def test_212_the_other_tasks_value(heading, pages):
    assert asyncio.run(together(run("CTX212", heading)["handle"])) == pages


@both("name", ["handle", "handle_by_name", "serve"])
def test_212_each_way_to_write(name):
    first, second = asyncio.run(together(getattr(load("coroutines"), name)))
    assert first == second
    assert "bob" in second


def test_212_on_one_of_two_ways():
    module = load("coroutines")

    async def slow(user):
        return await module.on_one_way(user, slow=0.001)

    assert asyncio.run(together(slow)) == ["bob", "bob"]


def test_212_a_manager_that_puts_the_value_back_puts_back_the_wrong_one():
    """Two tasks that overlap: whoever leaves last leaves the other's value behind, outside of both blocks."""
    module = load("coroutines")
    module.current.locale = "en"
    asyncio.run(together(module.page, ("de", "fr")))
    assert module.current.locale == "de"


def test_212_an_attribute_of_an_object_that_both_share():
    service = load("coroutines").Service()
    with pytest.raises(AttributeError):  # the first one that ends takes it away
        asyncio.run(together(service.run))


def test_212_what_a_middleware_wrote_another_request_reads():
    module = load("middleware")

    async def rows():
        await asyncio.sleep(0)

    seen = []

    async def app(scope, *_):
        seen.append((scope, (await module.endpoint(rows))[1]))

    middleware = module.Middleware(app)

    async def request(name):
        await middleware(name, None, None)

    asyncio.run(together(request))
    assert seen == [("ada", "bob"), ("bob", "bob")]


def test_212_through_functions_of_another_module(monkeypatch):
    folder = FIXTURES / "across_modules"
    monkeypatch.setitem(sys.modules, "state", load("state", folder))
    service = load("service", folder)
    assert asyncio.run(together(service.handle)) == ["bob", "bob"]
    assert asyncio.run(together(service.direct)) == ["bob", "bob"]


@both("name", ["at_once", "written_again", "never_waits", "of_its_own"])
def test_212_is_silent_where_each_task_sees_its_own(name):
    assert asyncio.run(together(getattr(load("right"), name))) == ["ada", "bob"]


def test_212_is_silent_where_the_value_is_restored_before_anything_waits():
    module = load("right")
    module.current.restored = "outer"
    found = asyncio.run(together(module.restored_before))
    assert list(itertools.chain(*found)) == ["ada", "outer", "bob", "outer"]


def test_212_is_silent_below_a_lock():
    locked = load("right").Locked()
    assert asyncio.run(together(locked.run)) == ["ada", "bob"]


def test_212_is_silent_for_one_task_a_thread():
    assert asyncio.run(load("right").main()) == "main"


def test_212_is_silent_for_the_last_result_that_is_kept_with_its_key():
    requests = [{"traceparent": "0-a"}, {"traceparent": "0-b"}]
    found = asyncio.run(together(load("right").parsed_twice, requests))
    assert found == [(["0", "a"], ["0", "a"]), (["0", "b"], ["0", "b"])]
