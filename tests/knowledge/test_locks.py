"""What the knowledge base says of locks, asked of CPython."""

import asyncio


def _went_on(*, taken: bool) -> bool:
    """Does a task that was cancelled meanwhile come through ``async with lock``? ``taken``: somebody else holds it."""
    passed = []

    async def cancelled(lock: asyncio.Lock) -> None:
        asyncio.current_task().cancel()
        async with lock:
            passed.append("in")
        passed.append("out")

    async def main() -> None:
        lock = asyncio.Lock()
        if taken:
            await lock.acquire()
        await asyncio.gather(asyncio.ensure_future(cancelled(lock)), return_exceptions=True)

    asyncio.run(main())
    return passed == ["in", "out"]


def test_a_free_lock_suspends_nothing() -> None:
    """A cancellation comes out where the task suspends: not where it takes a free lock, nor where it releases it."""
    assert (_went_on(taken=False), _went_on(taken=True)) == (True, False)
