"""What requests were let in for and what they have come to: held back, given back, settled."""

import asyncio
from collections.abc import Sequence

import pytest

from codestral_ls.days import utc_day
from codestral_ls.gateway.admission import NANOS
from codestral_ls.gateway.users import Bounds
from codestral_ls.happenings import Labels
from codestral_ls.reuse.tier import Charge
from tests.admitted import ANN, NOON, Bounded, ask, refused, tell
from tests.counted import call, request
from tests.virtual_clock import settle


async def test_what_is_given_back_after_midnight_is_of_yesterday() -> None:
    """The new day has not been charged with it."""
    bounded = Bounded(Bounds(daily_budget=1.0))
    admission = bounded.admission
    async with admission.admit(ANN, cost=0.5):
        bounded.wall.epoch += 13 * 3600
    await settle()
    (given_back,) = bounded.tier.settled[0]
    assert (given_back.amount, given_back.day) == (-NANOS // 2, utc_day(NOON))


@pytest.mark.parametrize("error", [asyncio.CancelledError, RuntimeError])
async def test_a_request_that_ends_badly_gives_back(error: type[BaseException]) -> None:
    """Cancelled by its client, or by a mistake."""
    admission = Bounded(Bounds(tokens_per_minute=100)).admission
    with pytest.raises(error):
        async with admission.admit(ANN, tokens=100):
            raise error
    await settle()
    await ask(admission, tokens=100)


async def test_leaving_does_not_wait_for_what_is_given_back() -> None:
    """A reply is never late because the books are kept elsewhere."""
    bounded = Bounded(Bounds(tokens_per_minute=100))
    admission = bounded.admission
    async with admission.admit(ANN, tokens=100):
        bounded.tier.gate.clear()
    await settle()
    assert len(bounded.tier.settled) == 1
    bounded.tier.gate.set()
    await admission.close()


async def test_whoever_gives_up_while_he_is_let_in_gives_back() -> None:
    """His tokens are taken by then, though he has not been told."""
    bounded = Bounded(Bounds(tokens_per_minute=100))
    admission = bounded.admission
    bounded.tier.gate.clear()
    asking = asyncio.ensure_future(ask(admission, tokens=100))
    await settle()
    asking.cancel()
    await settle()
    assert asking.cancelled()
    bounded.tier.gate.set()
    await admission.close()
    await ask(admission, tokens=100)


async def test_whoever_gives_up_before_he_is_refused_gives_nothing_back() -> None:
    """Nothing was taken."""
    bounded = Bounded(Bounds(tokens_per_minute=100))
    admission = bounded.admission
    await tell(admission, "ann", tokens=100)
    bounded.tier.gate.clear()
    asking = asyncio.ensure_future(ask(admission, tokens=50))
    await settle()
    asking.cancel()
    await settle()
    bounded.tier.gate.set()
    await admission.close()
    await refused(admission, tokens=1)


async def test_what_happens_at_once_is_settled_together() -> None:
    """A hundred calls are no hundred questions."""
    bounded = Bounded(Bounds(tokens_per_minute=100), Bounds(tokens_per_minute=100))
    admission = bounded.admission
    bounded.tier.gate.clear()
    for _ in range(100):
        await tell(admission, "ann", tokens=7)
    bounded.tier.gate.set()
    await admission.close()
    assert len(bounded.tier.settled) == 2
    assert {each.name: each.amount for each in bounded.tier.settled[1]} == {
        "user:ann:tokens": 693,
        "all:tokens": 693,
    }


async def test_what_was_held_and_has_come_true_is_not_settled() -> None:
    """The sum is right as it stands."""
    bounded = Bounded(Bounds(tokens_per_minute=100))
    admission = bounded.admission
    async with admission.admit(ANN, tokens=60):
        labels = Labels(language="python", owner="ann")
        admission.tell(call(labels=labels, prompt_tokens=40, completion_tokens=20))
    await settle()
    assert bounded.tier.settled == []
    await refused(admission, tokens=41)


async def test_closing_settles_what_is_owed() -> None:
    """Others go on with the same books."""
    bounded = Bounded(Bounds(daily_budget=1.0))
    admission = bounded.admission
    labels = Labels(language="python", owner="ann")
    admission.tell(call(labels=labels, cost=0.5))
    await admission.close()
    assert [each.amount for (each,) in bounded.tier.settled] == [NANOS // 2]


async def test_settling_goes_on_after_a_mistake(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """One batch is lost, which is said once; the next ones are not."""
    bounded = Bounded(Bounds(daily_budget=1.0))
    admission = bounded.admission

    async def fail(_: Sequence[Charge]) -> None:
        raise RuntimeError("a secret")

    with monkeypatch.context() as patched:
        patched.setattr(bounded.tier, "settle", fail)
        await tell(admission, "ann", cost=1.0)
    assert "RuntimeError" in caplog.text
    assert "a secret" not in caplog.text
    await tell(admission, "ann", cost=1.0)
    await refused(admission, cost=0.1)


async def test_only_calls_are_charged() -> None:
    """How a request ended is no matter of bounds."""
    bounded = Bounded(Bounds(tokens_per_minute=100, daily_budget=1.0))
    admission = bounded.admission
    admission.tell(request())
    await settle()
    assert bounded.tier.settled == []


@pytest.mark.parametrize("cost", [float("nan"), float("inf"), -1.0])
async def test_odd_amounts_do_not_spoil_the_sums(cost: float) -> None:
    """What a broken server counts, or a price that is none."""
    admission = Bounded(Bounds(tokens_per_minute=100, daily_budget=1.0)).admission
    await tell(admission, "ann", tokens=60)
    await tell(admission, "ann", tokens=-60, cost=cost)
    await refused(admission, tokens=41)
    await tell(admission, "ann", cost=2.0)
    await refused(admission, cost=0.5)
