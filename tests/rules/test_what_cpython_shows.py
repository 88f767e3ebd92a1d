"""The wrong examples of the pages misbehave under CPython as their rule says, and the right ones do not."""

import asyncio
import contextvars
import re
import sys
import threading
import types

import pytest

from ctxlint.rules.registry import all_rules

_BLOCK = re.compile(
    r"^## (?P<heading>Example|Use instead)\n```python\n(?P<code>.*?)```", re.MULTILINE | re.DOTALL
)


def run(code, heading):
    """The names that the example of a rule's page defines when it is run."""
    (rule,) = [rule for rule in all_rules() if rule.code == code]
    (source,) = [match["code"] for match in _BLOCK.finditer(rule.page) if match["heading"] == heading]
    names = {"__name__": "example"}
    exec(compile(source, f"{code}.py", "exec"), names)  # noqa: S102 - a page of the project
    return names


def in_a_copy(function, *arguments):
    return contextvars.copy_context().run(function, *arguments)


@pytest.mark.parametrize(("heading", "left"), [("Example", "acme"), ("Use instead", "")])
def test_112_a_block_that_fails_leaves_the_value(heading, left):
    names = run("CTX112", heading)

    def fail():
        with pytest.raises(KeyError), names["ActingAs"]("acme"):
            raise KeyError
        return names["tenant"].get()

    assert in_a_copy(fail) == left


@pytest.mark.parametrize(
    ("heading", "raised", "left"), [("Example", "ValueError", "acme"), ("Use instead", "NoneType", "")]
)
def test_107_a_task_cannot_reset_the_token_of_its_starter(heading, raised, left):
    names = run("CTX107", heading)

    async def main():
        task = await names["handle"]("acme", asyncio.sleep(0))
        await asyncio.wait([task])
        return type(task.exception()).__name__, names["tenant"].get()

    assert asyncio.run(main()) == (raised, left)


@pytest.mark.parametrize(("heading", "left"), [("Example", "acme"), ("Use instead", "")])
def test_111_a_consumer_that_stops_early_keeps_the_value(heading, left):
    names = run("CTX111", heading)

    async def source():
        yield 1
        yield 2

    async def main():
        rows = names["rows"]("acme", source())
        async for _ in rows:
            break
        return names["tenant"].get()

    assert asyncio.run(main()) == left


@pytest.mark.parametrize(("heading", "left"), [("Example", None), ("Use instead", "outer")])
def test_114_an_inner_scope_takes_the_outer_value_away(heading, left):
    names = run("CTX114", heading)

    def nest():
        with names["acting_as"]("outer"):
            with names["acting_as"]("inner"):
                pass
            return names["tenant"].get()

    assert in_a_copy(nest) == left


@pytest.mark.parametrize(("heading", "seen"), [("Example", "LookupError"), ("Use instead", "Hello")])
def test_116_another_thread_does_not_see_what_an_import_set(heading, seen):
    names = in_a_copy(run, "CTX116", heading)
    found = []

    def work():
        try:
            found.append(names["greeting"]())
        except LookupError as error:
            found.append(type(error).__name__)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == [seen]


@pytest.mark.parametrize(
    ("heading", "seen"), [("Example", ["acme", "acme"]), ("Use instead", ["acme", None])]
)
def test_117_a_job_without_a_tenant_runs_as_the_last_one(heading, seen):
    names = run("CTX117", heading)
    found = []

    async def handle(_job):
        found.append(names["tenant"].get())

    async def main():
        queue = asyncio.Queue()
        queue.put_nowait(types.SimpleNamespace(tenant="acme"))
        queue.put_nowait(types.SimpleNamespace(tenant=""))
        worker = asyncio.create_task(names["work"](queue, handle))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        worker.cancel()

    asyncio.run(main())
    assert found == seen


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="a token is a context manager there")
def test_120_the_set_happens_and_then_the_with_raises():
    names = run("CTX120", "Example")

    def export():
        with pytest.raises((TypeError, AttributeError)):
            names["export"]("acme", print)
        return names["tenant"].get()

    assert in_a_copy(export) == "acme"


@pytest.mark.parametrize(("heading", "locked"), [("Example", True), ("Use instead", False)])
def test_123_a_reset_that_raises_skips_the_release(heading, locked):
    names = run("CTX123", heading)
    lock = threading.Lock()
    manager = names["holding"](lock, "x")
    in_a_copy(manager.__enter__)
    with pytest.raises(ValueError, match="different Context"):
        in_a_copy(manager.__exit__, None, None, None)
    assert lock.locked() == locked
