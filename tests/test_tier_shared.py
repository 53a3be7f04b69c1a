"""A tier that is shared, while what is shared is late, gone and back: nobody waits for it."""

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest

from codestral_ls.reuse.absence import FIRST_PAUSE, LONGEST_PAUSE, QUIET_SECONDS, Absence
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


async def test_while_it_is_gone_memory_serves(stage: Stage) -> None:
    """With the texts and the bounds that were known before."""
    await stage.tier.keep("a", b"before", 60)
    stage.line.answers["TAKE"] = [0, 9]
    assert await stage.tier.charge([Charge("money", 1, 10, day=DAY)]) is None
    await stage.lose()
    count = len(stage.line.batches)
    await stage.tier.keep("b", b"during", 60)
    assert await stage.tier.recall("a") == b"before"
    assert await stage.tier.recall("b") == b"during"
    assert await stage.tier.claim("b", 60)
    await stage.tier.release("b")
    assert await stage.tier.charge([Charge("money", 1, 10, day=DAY)]) is None
    assert await stage.tier.charge([Charge("money", 1, 10, day=DAY)]) is not None
    assert len(stage.line.batches) == count


async def test_texts_of_others_that_were_just_recalled_serve_as_well(stage: Stage) -> None:
    """For a minute: nobody knows how much longer they were to live."""
    stage.line.answers["GET"] = b"of others"
    assert await stage.tier.recall("a") == b"of others"
    await stage.lose()
    assert await stage.tier.recall("a") == b"of others"
    await stage.time.pass_time(61)
    assert await stage.tier.recall("a") is None


async def test_what_was_taken_meanwhile_is_settled_when_it_is_back(stage: Stage) -> None:
    """Once, as sums."""
    await stage.lose()
    for _ in range(5):
        await stage.tier.charge([*ONE, Charge("money", 10, 100, day=DAY)])
    await stage.tier.settle([Charge("money", -4, 100, day=DAY)])
    await stage.find()
    assert stage.tier.is_well
    sent = stage.line.taken()
    assert (sent["requests"], sent["money"]) == (3, 26)
    await stage.tier.recall("a")
    await settle()
    assert stage.line.taken() == sent


async def test_what_a_minute_took_that_is_long_over_is_not_owed(stage: Stage) -> None:
    """It counts nowhere any more; what a day took does."""
    await stage.lose()
    await stage.tier.settle([*ONE, Charge("money", 10, 100, day=DAY)])
    await stage.time.pass_time(200)
    await stage.find()
    assert stage.line.taken() == {
        "money": 10,
        **{name: 0 for name in stage.line.taken() if name != "money"},
    }


async def test_what_is_owed_is_kept_until_it_could_be_paid(stage: Stage) -> None:
    """It may go away again in that very moment; at the end it is paid, too."""
    await stage.lose()
    await stage.tier.settle(ONE)
    stage.line.trouble = ""
    stage.line.open.clear()
    await stage.time.pass_time(FIRST_PAUSE)
    stage.line.open.set()
    await settle()
    stage.line.batches.clear()
    await stage.tier.close()
    assert stage.line.taken().get("requests", 1) == 1
    assert stage.line.closed


async def test_a_charge_whose_reply_came_late_is_made_once(stage: Stage) -> None:
    """Our memory has let it in already; what was taken twice is given back."""
    stage.line.open.clear()
    assert await stage.tier.charge(ONE) is None
    stage.line.open.set()
    await settle()
    await stage.tier.recall("a")
    await settle()
    assert stage.line.taken() == {"requests": 1}


async def test_a_charge_that_was_denied_too_late_is_settled(stage: Stage) -> None:
    """It was let in, so it was taken."""
    stage.line.answers["TAKE"] = [1, 5000]
    stage.line.open.clear()
    assert await stage.tier.charge(ONE) is None
    stage.line.open.set()
    await settle()
    await stage.tier.recall("a")
    await settle()
    assert stage.line.taken() == {"requests": 2}  # asked for in vain, and then settled


async def test_a_charge_that_is_cancelled_is_given_back(stage: Stage) -> None:
    """Before its reply has come, and with the reply in hand; one that was denied is not."""
    cases = [([0, 1], 0, True), ([0, 1], 0, False), ([1, 5000], 1, True), ([1, 5000], 1, False)]
    for answer, paid, before in cases:
        stage.line.batches.clear()
        stage.line.answers["TAKE"] = answer
        stage.line.open.clear()
        task = asyncio.create_task(stage.tier.charge(ONE))
        await settle()
        if not before:
            stage.line.open.set()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        stage.line.open.set()
        await settle()
        await stage.tier.recall("a")
        await settle()
        assert stage.line.taken() == {"requests": paid}


async def test_what_is_settled_is_settled_also_by_one_who_is_cancelled(stage: Stage) -> None:
    """At any moment of it, once."""
    for turns in range(8):
        stage.line.batches.clear()
        task = asyncio.create_task(stage.tier.settle([Charge("money", 7, 0, day=DAY)]))
        await asyncio.sleep(0)
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await settle()
        await stage.tier.recall("a")
        await settle()
        assert stage.line.taken() == {"money": 7}, turns


async def test_it_is_looked_at_less_and_less_often(stage: Stage) -> None:
    """In the background: no request pays for it."""
    await stage.lose()
    stage.line.batches.clear()
    for seconds in (0.25, 0.5, 1.0, 2.0, 2.0):
        await stage.time.pass_time(seconds - 0.01)
        count = len(stage.line.batches)
        await stage.time.pass_time(0.01)
        assert len(stage.line.batches) == count + 1
    await stage.find()
    assert stage.tier.is_well


async def test_going_and_coming_are_reported_once(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    """With the place, the reason and what follows; who looks at it first learns it at once."""
    caplog.set_level(logging.INFO)
    stage.line.trouble = "it is full"
    await stage.tier.warm()
    for _ in range(3):
        await stage.tier.charge(ONE)
        await stage.time.pass_time(LONGEST_PAUSE)
    await stage.find()
    assert [record.levelname for record in caplog.records] == ["WARNING", "WARNING"]
    assert "store:1" in caplog.text
    assert "because it is full" in caplog.text
    assert "used again" in caplog.text


def test_one_that_comes_and_goes_is_reported_once_a_minute(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """And looked at as seldom as if it had stayed away; in the end, what it is now."""
    caplog.set_level(logging.INFO)
    now = 0.0
    absence = Absence("store:1", lambda: now)
    pauses = []
    for _ in range(12):
        absence.begin("it is full")
        pauses.append(absence.pause())
        now += 1.0
        absence.end()
    assert pauses[-1] == LONGEST_PAUSE
    assert [record.levelname for record in caplog.records] == ["WARNING", "WARNING"]
    absence.begin("it is full")
    now += QUIET_SECONDS
    absence.begin("it is full")
    assert [record.levelname for record in caplog.records] == ["WARNING"] * 3
    absence.end()
    now += 2 * QUIET_SECONDS
    absence.begin("it is full")
    assert absence.pause() == FIRST_PAUSE
