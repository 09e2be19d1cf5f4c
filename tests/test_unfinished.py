"""What goes on although whoever asked for it is gone."""

import asyncio
import gc
from typing import Any

import pytest

from gateway.unfinished import Unfinished, is_cancelled


class Work:
    """Work that ends when it is told to.

    Attributes:
        undone: what came of it and was undone.
    """

    def __init__(self) -> None:
        self.may_end = asyncio.Event()
        self.has_ended = asyncio.Event()
        self.undone: list[str] = []

    async def __call__(self, *, fails: bool = False) -> str:
        """Do it."""
        await self.may_end.wait()
        self.has_ended.set()
        if fails:
            raise LookupError
        return "what comes of it"

    async def undo(self, result: str) -> None:
        """Undo it."""
        self.undone.append(result)


@pytest.fixture
def work() -> Work:
    return Work()


async def _cancelled(asking: asyncio.Task[Any]) -> None:
    await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking


async def test_who_waits_gets_what_comes_of_the_work(work: Work) -> None:
    unfinished = Unfinished()
    work.may_end.set()
    assert await unfinished.to_the_end(work()) == "what comes of it"
    assert await unfinished.or_undone(work(), work.undo) == "what comes of it"
    with pytest.raises(LookupError):
        await unfinished.to_the_end(work(fails=True))
    with pytest.raises(LookupError):
        await unfinished.or_undone(work(fails=True), work.undo)
    await unfinished.end()
    assert work.undone == []


async def test_work_goes_to_the_end_when_who_waits_is_cancelled(work: Work) -> None:
    unfinished = Unfinished()
    await _cancelled(asyncio.create_task(unfinished.to_the_end(work())))
    assert not work.has_ended.is_set()
    work.may_end.set()
    await unfinished.end()
    assert work.has_ended.is_set()


async def test_what_comes_of_work_for_nobody_is_undone(work: Work) -> None:
    unfinished = Unfinished()
    await _cancelled(asyncio.create_task(unfinished.or_undone(work(), work.undo)))
    assert work.undone == []
    work.may_end.set()
    await unfinished.end()
    assert work.undone == ["what comes of it"]


async def test_of_work_for_nobody_that_fails_nothing_is_undone(work: Work) -> None:
    unfinished = Unfinished()
    await _cancelled(asyncio.create_task(unfinished.or_undone(work(fails=True), work.undo)))
    work.may_end.set()
    await unfinished.end()
    assert work.has_ended.is_set()
    assert work.undone == []


async def test_the_end_waits_as_long_as_its_patience_and_cancels_the_rest(work: Work) -> None:
    unfinished, soon = Unfinished(patience=0.3), asyncio.sleep(0.1, "done")
    lasting, short = unfinished.begin(work()), unfinished.begin(soon)
    began = asyncio.get_running_loop().time()
    async with asyncio.timeout(20):
        await unfinished.end()
    assert asyncio.get_running_loop().time() - began > 0.25
    assert short.result() == "done"
    assert lasting.cancelled()
    assert not work.has_ended.is_set()


async def test_the_end_of_nothing_is_at_once() -> None:
    async with asyncio.timeout(30):
        await Unfinished(patience=60).end()


async def test_asyncio_does_not_complain_of_a_failure_that_nobody_hears_of(work: Work) -> None:
    complaints: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, complaint: complaints.append(complaint))
    unfinished = Unfinished()
    unfinished.begin(work(fails=True))
    work.may_end.set()
    await unfinished.end()
    gc.collect()
    assert complaints == []


async def test_a_task_knows_whether_it_is_being_cancelled() -> None:
    told: list[bool] = []

    async def asking() -> None:
        told.append(is_cancelled())
        try:
            await asyncio.sleep(60)
        finally:
            told.append(is_cancelled())

    await _cancelled(asyncio.create_task(asking()))
    assert told == [False, True]
