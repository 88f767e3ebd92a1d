"""Workers out of tables, loops, defaults and decorators, under CPython: which of them lose the value, and which not."""

from __future__ import annotations

import asyncio
import contextvars
import importlib.util
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

FIXTURES = Path(__file__).parent.parent / "fixtures"


def load(path):
    """A fixture as a module."""
    spec = importlib.util.spec_from_file_location(f"fixture_{Path(path).stem}", FIXTURES / path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


_TABLES = load("lost-in-executor/tables_and_turns.py")
_LOSING = (
    *("by_key", "by_get", "by_name", "in_a_lambda", "by_attribute_name", "through_a_class", "in_turn"),
    *("in_turn_by_name", "each_item", "bound_early", "gives_a_list", "gives_several", "decorated"),
)


def seen_by(name):
    """What the workers of a function saw, in an empty Context."""
    _TABLES.seen.clear()
    with ThreadPoolExecutor(2) as pool:
        contextvars.Context().run(getattr(_TABLES, name), pool)
    return set(_TABLES.seen)


@pytest.mark.parametrize("name", _LOSING)
def test_the_worker_finds_the_default(name):
    assert "anonymous" in seen_by(name)


@pytest.mark.parametrize("name", sorted(name for name in vars(_TABLES) if name.startswith("ok_")))
def test_its_neighbour_loses_nothing(name):
    assert seen_by(name) == {"kim"}


def test_a_cached_property_keeps_what_the_coroutine_read_and_not_which_loop_ran_it():
    fixture = load("read-cached/given_to_a_runner.py")
    query = fixture.Query("users")

    def asked(schema):
        fixture.schema.set(schema)
        return query.sql, query.scoped_sql, query.full_name

    first = contextvars.Context().run(asked, "one")
    second = contextvars.Context().run(asked, "two")
    assert first == second == ("select * from users", "select * from one.users", "one.users")


def test_a_copy_with_a_variable_of_its_own_does_not_see_the_value_of_the_object_it_was_made_of():
    fixture = load("declared-in-function/copies_of_an_object.py")
    first = fixture.Capability("first")
    bound = first.for_agent("agent")
    bound.call = first.call
    assert bound.enter("value") is None


@pytest.mark.parametrize(("name", "told"), [("by_client", "a"), ("by_server", "None"), ("by_tenant", "None")])
def test_a_thread_finds_the_second_place_and_not_the_variable(name, told, capsys, monkeypatch):
    fixture = load("lost-in-thread/only_in_unknown_code.py")
    monkeypatch.setitem(os.environ, "WORKSPACE", "")
    monkeypatch.delitem(os.environ, "WORKSPACE")
    contextvars.Context().run(getattr(fixture, name))
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and thread.name.endswith(("(show)", "(show_tenant)")):
            thread.join()
    assert capsys.readouterr().out.strip() == told


def test_a_thread_that_its_starter_waits_for_does_not_find_its_value():
    fixture = load("lost-in-thread/joined_by_its_starter.py")
    contextvars.Context().run(fixture.run)
    assert fixture.seen == ["nobody"]


def test_a_coroutine_function_runs_outside_of_the_context_and_a_plain_one_in_it():
    fixture = load("context-run-of-coroutine/wrapped_for_each.py")

    async def guarded():
        inside = await fixture.guard_later("kim")
        return inside, fixture.tenant.get()

    assert asyncio.run(guarded()) == ("kim", "kim")
    assert contextvars.Context().run(lambda: (fixture.guard("kim"), fixture.tenant.get())) == (
        "kim",
        "public",
    )


def test_a_cache_keeps_one_result_for_each_value_of_a_parameter_that_is_for_the_key():
    fixture = load("read-cached/parameter_for_the_key.py")

    def served(name):
        fixture.session.set(name)
        return fixture.styles_of("dark"), fixture.sheets("dark")

    first = contextvars.Context().run(served, "kim")
    second = contextvars.Context().run(served, None)
    assert first == (["/static/dark.css"], ["/static/dark.light.css"])
    assert second == (["https://cdn/dark.css"], ["/static/dark.light.css"])


def test_who_sets_the_variable_that_is_asked_first_does_not_need_the_other():
    fixture = load("lost-in-executor/asked_before.py")
    with ThreadPoolExecutor(1) as pool:
        contextvars.Context().run(fixture.ok_own_identity, pool)
    with ThreadPoolExecutor(1) as pool:
        contextvars.Context().run(fixture.loses_identity, pool)
    assert fixture.seen == [("kim", "kim", "kim"), (None, None, None)]


def test_a_variable_made_anew_has_lost_what_was_set():
    fixture = load("variable-rebound/made_anew_for_tests.py")
    fixture.session.set("kim")
    fixture.logout()
    assert fixture.user() == ""


@pytest.mark.parametrize(("name", "found"), [("Locals", "guest"), ("Copied", "root")])
def test_a_proxy_that_changes_its_dict_in_place_changes_it_for_the_contexts_that_were_copied_from(
    name, found
):
    fixture = load("value-mutated-in-place/attribute_of_a_proxy.py")
    proxy = getattr(fixture, name)()

    def asked():
        proxy.user = "root"
        contextvars.copy_context().run(setattr, proxy, "user", "guest")
        return proxy.user

    assert contextvars.Context().run(asked) == found


def test_workers_read_through_the_fields_of_a_dataclass():
    fixture = load("lost-in-executor/fields.py")
    with ThreadPoolExecutor() as pool:
        found = contextvars.Context().run(fixture.Agent(runner=None).run, pool)
    assert found == ["public", "public", "public", "public"]
