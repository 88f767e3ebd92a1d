"""What the fixtures that came of published code say, executed: the right form leaves nothing, its neighbour does."""

from __future__ import annotations

import asyncio
import importlib.util
from contextvars import ContextVar, copy_context
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

_FIXTURES = Path(__file__).parent.parent / "fixtures"


def _fixture(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location("found", _FIXTURES / name)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _answer(environ: dict[str, str], _start: object) -> dict[str, str]:
    return environ


def test_a_handed_function_is_bounded_by_the_task_that_calls_it() -> None:
    found = _fixture("set-never-undone/handed_to_own_functions.py")
    left: list[object] = []

    async def recall(_raw: object) -> None:
        await asyncio.sleep(0)

    async def run() -> None:
        memories = SimpleNamespace(queue="queue", recall=recall)
        stream: asyncio.Queue[str] = asyncio.Queue()
        stream.put_nowait("one")

        async def processor(*, raw: object) -> None:
            await found.process(memories, raw)

        task = asyncio.create_task(found.worker(processor, stream))
        await asyncio.sleep(0.01)
        task.cancel()
        left.append(found.queue.get(None))
        stream.put_nowait("two")
        await found.in_place(processor, stream)
        left.append(found.queue.get(None))

    copy_context().run(asyncio.run, run())
    assert left == [None, "queue"]


def test_a_sandboxing_decorator_leaves_nothing_and_a_counting_one_the_value() -> None:
    found = _fixture("token-discarded/sandboxing_decorators.py")

    def run() -> list[object]:
        middleware = found.Middleware(_answer)
        middleware({"PATH": "/"}, ())
        left = [found.environ.get()]
        middleware.count({"PATH": "/"}, ())
        return [*left, found.environ.get()]

    assert copy_context().run(run) == [None, {"PATH": "/"}]


def test_a_lazy_stack_and_a_linked_state_come_back() -> None:
    lazy = _fixture("token-discarded/stacks_behind_lazy_wrappers.py")
    linked = _fixture("token-discarded/linked_states.py")

    def run() -> list[object]:
        with lazy.Block(), linked.Linked():
            assert len(lazy.stack.get()) == 1
            assert linked.state.get() is not None
        left: list[object] = [lazy.stack.get(), linked.state.get()]
        with linked.NotLinked():
            pass
        return [*left, linked.mode.get() is None]

    assert copy_context().run(run) == [(), None, False]


def test_truth_and_none_ask_the_same_of_an_object_and_not_of_a_text() -> None:
    found = _fixture("reset-skipped-on-a-path/objects_that_are_none_or_true.py")

    class Loads:
        loads_late = True

        def load(self, name: str) -> str:
            return name

        def get(self, name: str) -> Any:
            return Loads() if name == "field" else "" if name == "text" else None

    def run() -> list[bool]:
        found.load(Loads(), "field")
        left = [found.current.get(None) is None]
        found.load_text(Loads(), "text")
        return [*left, found.current.get(None) is None]

    assert copy_context().run(run) == [True, False]


def test_a_second_replay_raises_and_one_after_taking_the_tokens_out_does_not() -> None:
    found = _fixture("token-reset-twice/replayed_by_each_call.py")

    async def echo(message: object) -> object:
        return message

    async def run(kind: str) -> None:
        made = getattr(found, kind)()
        await made.consume(echo, SimpleNamespace(span="span", baggage="baggage"))
        await made.publish(echo, "first")
        await made.publish(echo, "second")

    asyncio.run(run("TakenOut"))
    with pytest.raises(RuntimeError, match="already been used"):
        asyncio.run(run("TwiceInARow"))


def test_a_coroutine_that_carries_brings_its_makers_value_to_another_thread() -> None:
    session: ContextVar[str] = ContextVar("session", default="-")

    async def run() -> list[str]:
        session.set("mine")
        current = session.get()

        async def carrying() -> str:
            session.set(current)
            return session.get()

        there = await asyncio.to_thread(copy_context().run, asyncio.run, carrying())
        return [there, session.get()]

    assert copy_context().run(asyncio.run, run()) == ["mine", "mine"]
