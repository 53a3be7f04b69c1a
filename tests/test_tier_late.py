"""A tier that is shared, while what is shared is late: who waits, and when it is given up."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from codestral_ls.reuse.batches import BOX_SECONDS, MOST_LATE
from codestral_ls.reuse.tier import Charge
from tests.shared_line import Stage
from tests.virtual_clock import settle

ONE = [Charge("requests", 1, 3)]
DAY = 739_000


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    """Closed after the test."""
    made = Stage()
    yield made
    await made.tier.close()


async def test_nobody_waits_longer_than_the_box_and_only_the_first_one_at_all(
    stage: Stage,
) -> None:
    """While a reply is out, it is not asked for the next one."""
    stage.line.open.clear()
    await stage.tier.keep("a", b"text", 60)
    assert len(stage.line.batches) == 1
    task = asyncio.create_task(stage.tier.recall("a"))
    await settle()
    assert task.result() == b"text"
    assert await stage.tier.claim("a", 1)
    assert await stage.tier.charge(ONE) is None
    assert len(stage.line.batches) == 1
    assert stage.tier.is_well
    stage.line.open.set()


async def test_one_late_reply_is_bad_luck_and_three_in_a_row_are_none(stage: Stage) -> None:
    """A reply in time between them begins the count anew."""
    for _ in range(2):
        for _ in range(MOST_LATE - 1):
            await stage.be_late()
        assert stage.tier.is_well
        for _ in range(3):
            await stage.tier.recall("a")
    for _ in range(20 * MOST_LATE):  # more than enough, if our own loop is busy at times
        if stage.tier.is_well:
            await stage.be_late()
    assert not stage.tier.is_well
    await stage.find()
    assert stage.tier.is_well


async def test_batches_that_were_late_together_are_late_once(stage: Stage) -> None:
    """They have met the same stall."""
    for _ in range(MOST_LATE - 1):
        stage.line.open.clear()
        await asyncio.gather(*(stage.tier.recall(f"{number}") for number in range(200)))
        assert len(stage.line.batches) >= MOST_LATE
        stage.line.open.set()
        await settle()
    assert stage.tier.is_well


async def test_a_loop_that_was_busy_does_not_blame_what_is_shared(stage: Stage) -> None:
    """Its timers were late themselves: nobody can say who was too slow."""
    for _ in range(2 * MOST_LATE):
        stage.line.open.clear()
        task = asyncio.create_task(stage.tier.recall("a"))
        await settle()
        time.sleep(2 * BOX_SECONDS)  # noqa: ASYNC251 - it is the loop that must not run
        await task
        stage.line.open.set()
        await settle()
    assert stage.tier.is_well


async def test_what_is_asked_at_the_same_time_goes_out_together(stage: Stage) -> None:
    """Two hundred questions are a few batches, each within its measure."""
    await asyncio.gather(*(stage.tier.recall(f"{number}") for number in range(200)))
    assert [len(batch) for batch in stage.line.batches] == [64, 64, 64, 8]


async def test_an_end_in_the_middle_leaves_nothing_behind(stage: Stage) -> None:
    """Whoever waits is let go."""
    stage.line.open.clear()
    tasks = [asyncio.create_task(stage.tier.recall(f"{number}")) for number in range(500)]
    await settle()
    await stage.tier.close()
    assert await asyncio.gather(*tasks) == [None] * 500
    assert await stage.tier.recall("a") is None
    assert await stage.tier.charge(ONE) is None
    assert len(asyncio.all_tasks()) == 1
