"""How much may be asked of a gateway: by each user, and by all together."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from codestral_ls.gateway.errors import Refusal
from codestral_ls.gateway.users import Bounds, User
from tests.admitted import ANN, BOB, Bounded, ask, refused, tell
from tests.virtual_clock import settle


async def test_without_bounds_nobody_is_asked() -> None:
    """It costs nothing: not even another task gets its turn."""
    bounded = Bounded()
    admission = bounded.admission
    entered = admission.admit(ANN, tokens=10_000, cost=5.0).__aenter__()
    with pytest.raises(StopIteration):
        entered.send(None)
    await tell(admission, "ann", tokens=10_000, cost=5.0)
    assert bounded.tier.asked == bounded.tier.settled == []


async def test_a_user_may_ask_so_often_a_minute() -> None:
    """Then he is told to wait, and for how long; after that he is let in."""
    bounded = Bounded(Bounds(requests_per_minute=3))
    admission = bounded.admission
    for _ in range(3):
        await ask(admission)
    refusal = await refused(admission)
    assert refusal.code == "rate_limited"
    assert refusal.message.startswith("You may use 3 requests a minute")
    assert refusal.headers["x-ratelimit-limit-req-minute"] == "3"
    seconds = int(refusal.headers["Retry-After"])
    assert 60 < seconds <= 120  # the window slides: a minute, until a part of it has passed
    bounded.wall.epoch += seconds
    await ask(admission)


async def test_users_do_not_use_up_each_others_bounds() -> None:
    """Each has one of his own."""
    admission = Bounded(Bounds(requests_per_minute=1)).admission
    await ask(admission, ANN)
    await ask(admission, BOB)
    await refused(admission, ANN)


async def test_a_token_may_have_other_bounds() -> None:
    """What it does not say is as for everybody."""
    admission = Bounded(Bounds(requests_per_minute=1, tokens_per_minute=100)).admission
    ann = replace(ANN, bounds=Bounds(requests_per_minute=2))
    await ask(admission, ann)
    await ask(admission, ann)
    assert "2 requests" in (await refused(admission, ann)).message
    bob = replace(BOB, bounds=Bounds(requests_per_minute=9))
    await tell(admission, "bob", tokens=100)
    assert "100 tokens" in (await refused(admission, bob, tokens=10)).message


async def test_calls_count_against_bounds_that_a_token_alone_has() -> None:
    """Though others have none."""
    admission = Bounded().admission
    ann = replace(ANN, bounds=Bounds(tokens_per_minute=100))
    await ask(admission, ann, tokens=1)
    await tell(admission, "ann", tokens=100)
    await refused(admission, ann, tokens=1)


async def test_all_together_have_bounds_as_well() -> None:
    """Whoever comes too late is told that it is not he who has asked too much."""
    admission = Bounded(everybody=Bounds(requests_per_minute=2)).admission
    await ask(admission, ANN)
    await ask(admission, BOB)
    message = (await refused(admission, ANN)).message
    assert message.startswith("All users of this gateway together may use 2 requests a minute")


async def test_who_is_refused_takes_nothing() -> None:
    """Neither of his own bound nor of that of all."""
    admission = Bounded(Bounds(requests_per_minute=1), Bounds(requests_per_minute=3)).admission
    await ask(admission, ANN)
    for _ in range(5):
        await refused(admission, ANN)
    await ask(admission, BOB)
    await ask(admission, User(name="eve"))


async def test_of_a_burst_exactly_as_many_get_in_as_may() -> None:
    """Though all of them ask at the same moment."""
    admission = Bounded(Bounds(requests_per_minute=10)).admission
    outcomes = await asyncio.gather(*(ask(admission) for _ in range(50)), return_exceptions=True)
    assert sum(outcome is None for outcome in outcomes) == 10
    assert sum(isinstance(outcome, Refusal) for outcome in outcomes) == 40


async def test_tokens_are_held_back_while_a_request_is_under_way() -> None:
    """And given back when it is over."""
    admission = Bounded(Bounds(tokens_per_minute=100)).admission
    async with admission.admit(ANN, tokens=80):
        refusal = await refused(admission, tokens=30)
        assert refusal.message.startswith("You may use 100 tokens a minute")
        assert refusal.headers["x-ratelimit-limit-tokens-minute"] == "100"
        await ask(admission, tokens=20)
    await settle()
    await ask(admission, tokens=100)


async def test_what_calls_came_to_counts() -> None:
    """Not what was held back for them; whoever asked for them, and all together."""
    bounded = Bounded(Bounds(tokens_per_minute=100), Bounds(tokens_per_minute=150))
    admission = bounded.admission
    async with admission.admit(ANN, tokens=50):
        await tell(admission, "ann", tokens=90)
    await settle()
    await refused(admission, ANN, tokens=11)
    await ask(admission, ANN, tokens=10)
    assert "All users" in (await refused(admission, BOB, tokens=61)).message
    await ask(admission, BOB, tokens=60)
    bounded.wall.epoch += 120
    await ask(admission, ANN, tokens=100)


async def test_what_is_too_much_counts_for_longer() -> None:
    """A call that came to three times of what there is in a minute is followed by a rest."""
    bounded = Bounded(Bounds(tokens_per_minute=100))
    admission = bounded.admission
    await tell(admission, "ann", tokens=300)
    bounded.wall.epoch += 90
    await refused(admission, tokens=1)
    bounded.wall.epoch += 30
    await ask(admission, tokens=1)


async def test_what_is_known_already_is_answered_when_all_is_spent() -> None:
    """It takes no tokens and costs nothing."""
    admission = Bounded(Bounds(tokens_per_minute=100, daily_budget=1.0)).admission
    await tell(admission, "ann", tokens=500, cost=5.0)
    await refused(admission, tokens=1, cost=0.1)
    await ask(admission)


async def test_a_budget_is_for_a_day() -> None:
    """One of UTC, at the end of which there is a new one."""
    bounded = Bounded(Bounds(daily_budget=1.0))
    admission = bounded.admission
    await tell(admission, "ann", cost=0.75)
    await ask(admission, cost=0.25)
    refusal = await refused(admission, cost=0.26)
    assert refusal.code == "budget_spent"
    assert refusal.message.startswith("Your budget of 1 a day is spent")
    assert int(refusal.headers["Retry-After"]) == 12 * 3600
    bounded.wall.epoch += 12 * 3600 - 1
    assert (await refused(admission, cost=0.26)).headers["Retry-After"] == "1"
    bounded.wall.epoch += 1
    await ask(admission, cost=1.0)


async def test_money_that_is_only_held_back_may_be_free_again_soon() -> None:
    """Who comes while others are answered is not sent away until tomorrow."""
    admission = Bounded(Bounds(daily_budget=1.0)).admission
    async with admission.admit(ANN, cost=0.9):
        early = await refused(admission, cost=0.2)
    assert early.headers["Retry-After"] == "5"
    await settle()
    await ask(admission, cost=0.2)
    await tell(admission, "ann", cost=0.9)
    assert (await refused(admission, cost=0.2)).headers["Retry-After"] == str(12 * 3600)


@pytest.fixture
def in_tokyo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patched:
        patched.setenv("TZ", "JST-9")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="this system has one time for all processes")
@pytest.mark.usefixtures("in_tokyo")
async def test_a_day_is_the_same_wherever_a_gateway_stands() -> None:
    """Several share a budget, and none gives out a new one while others still have the old."""
    bounded = Bounded(Bounds(daily_budget=1.0))
    await tell(bounded.admission, "ann", cost=1.0)
    bounded.wall.epoch += 11 * 3600
    assert (await refused(bounded.admission, cost=0.1)).headers["Retry-After"] == "3600"


async def test_a_budget_of_all_is_told_as_such() -> None:
    """Nobody thinks that he has spent it alone."""
    admission = Bounded(everybody=Bounds(daily_budget=0.5)).admission
    await tell(admission, "ann", cost=0.5)
    message = (await refused(admission, BOB, cost=0.01)).message
    assert message.startswith("This gateway's budget of 0.5 a day is spent")


async def test_whoever_wants_more_than_there_is_ever_gets_in_alone() -> None:
    """Instead of never: what a request may come to is an upper bound."""
    admission = Bounded(Bounds(tokens_per_minute=100, daily_budget=0.001)).admission
    async with admission.admit(ANN, tokens=5000, cost=0.01):
        await refused(admission, tokens=1)
        await refused(admission, cost=0.0001)
    await settle()
    await ask(admission, tokens=100)


async def test_bounds_are_known_by_names_that_hold_no_other() -> None:
    """Nobody called "all" or "x:requests" shares somebody else's bound."""
    admission = Bounded(Bounds(requests_per_minute=1), Bounds(requests_per_minute=3)).admission
    await ask(admission, User(name="all"))
    await ask(admission, User(name=""))
    await ask(admission, User(name="all:requests"))
    await refused(admission, User(name="all"))
