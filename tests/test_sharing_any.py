"""Whoever comes, leaves and fails in whatever order: one call at a time, and nothing left over."""

import asyncio
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from codestral_ls.errors import Unavailable
from tests.shared_tiers import Heard, Server, prompt_of, servers
from tests.virtual_clock import VirtualTime, settle

DOWN = Unavailable("down")


class Asked(NamedTuple):
    """Somebody who asked, and what came of it."""

    heard: Heard
    task: "asyncio.Future[None]"
    most: int
    whole: bool


ACTIONS = st.one_of(
    st.tuples(
        st.just("ask"), st.integers(0, 1), st.booleans(), st.booleans(), st.sampled_from((1, 3, 99))
    ),
    st.tuples(st.sampled_from(("cancel", "feed", "feed", "finish", "fail", "pass")), st.integers()),
)


async def act(time: VirtualTime, there: list[Server], asked: list[Asked], action: tuple) -> None:  # type: ignore[type-arg]  # of any length
    """One thing happens."""
    under_way = [call for each in there for call in each.model.calls if call.state == "under way"]
    match action:
        case ("ask", number, whole, by_hand, most):
            heard = Heard(lambda text, most=most: len(text) >= most)  # type: ignore[misc]  # bound now
            task = await there[number].ask(heard, prompt_of(by_hand=by_hand), whole=whole)
            asked.append(Asked(heard, task, most, whole))
        case ("cancel", number) if asked:
            asked[number % len(asked)].task.cancel()
        case ("feed", _) if under_way:
            under_way[0].feed(str(len(under_way[0].fed) % 10))
        case ("finish", _) if under_way:
            under_way[0].finish()
        case ("fail", _) if under_way:
            under_way[0].fail(DOWN)
        case ("pass", _):
            await time.pass_time(0.05)
    await settle()


@settings(max_examples=150, deadline=None)
@given(st.lists(ACTIONS, max_size=25))
async def test_nothing_is_lost_doubled_or_left(actions: list[tuple]) -> None:  # type: ignore[type-arg]  # of any length
    """Each hears a head of the text, as far as it wanted, and the whole if it wanted that."""
    asked: list[Asked] = []
    async with servers(2) as (time, there):
        for action in actions:
            await act(time, there, asked, action)
            states = [[call.state for call in each.model.calls] for each in there]
            assert sum(each.count("under way") for each in states) <= 1
        while any(not each.task.done() for each in asked):
            await act(time, there, asked, ("feed", 0))
            await act(time, there, asked, ("finish", 0))
            await act(time, there, asked, ("pass", 0))
        for each in asked:
            text = each.heard.text
            assert text == "".join(str(number % 10) for number in range(len(text)))
            if not each.task.cancelled() and each.task.exception() is None:
                assert each.heard.finish_reason == "stop" or len(text) >= min(each.most, 1)
                if each.whole and each.most > len(text):
                    assert each.heard.finish_reason == "stop"
