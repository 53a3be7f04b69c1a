"""An engine over a shared provider: who pays, what is counted, and what needs no asking."""

import asyncio
from dataclasses import replace
from typing import Any

from codestral_ls.errors import RateLimited, TooLong, Unavailable
from codestral_ls.happenings import RequestEnded
from codestral_ls.model import Answer, Nothing, Reason, Source, Trigger
from codestral_ls.reuse.pace import FIRST_PAUSE
from tests.shared_team import SETTINGS, USAGE, asked_by, said, team
from tests.virtual_clock import settle


async def test_those_who_ask_the_same_at_once_are_one_call() -> None:
    """The first one pays; each is answered."""
    async with team(replace(SETTINGS, daily_requests=2)) as t:
        tasks = [await t.ask(owner) for owner in ("ann", "bob", "cid", "dan")]
        await t.finish("one")
        outcomes = [await each for each in tasks]
        assert [said(each) for each in outcomes] == [
            ("one", Source.MODEL),
            *[("one", Source.JOINED)] * 3,
        ]
        assert [each.usage for each in outcomes if isinstance(each, Answer)] == [
            USAGE,
            *[None] * 3,
        ]
        assert [(each.labels.owner, each.prompt_tokens) for each in t.calls] == [("ann", 1000)]
        assert sorted(t.outcomes) == ["joined", "joined", "joined", "model"]
        assert t.engine.daily_limit.share == 0.5
        assert len(t.model.calls) == 1


async def test_a_known_text_is_neither_a_call_nor_paid() -> None:
    """It says that it comes from the cache, and typing through it goes on from there."""
    async with team() as t:
        await t.ask("ann")
        await t.finish("one(two)")
        noted = len(t.noted)
        outcome = await (await t.ask("bob"))
        assert said(outcome) == ("one(two)", Source.CACHE)
        assert isinstance(outcome, Answer)
        assert (outcome.usage, outcome.provider) == (None, "scripted")
        assert outcome.sent is not None
        assert said(await (await t.ask("bob", "x = one‸\n"))) == ("(two)", Source.TYPED_THROUGH)
        assert all(isinstance(each, RequestEnded) for each in t.noted[noted:])
        assert len(t.model.calls) == 1


async def test_what_is_known_is_shown_while_nobody_can_be_asked() -> None:
    """Neither a failure, nor a rate limit, nor the day's bound keeps it back."""
    settings = replace(SETTINGS, daily_budget=0.001)
    async with team(settings, requests_per_minute=1) as t:
        paying = await t.ask("ann")
        await t.finish("one")
        await paying
        assert t.engine.daily_limit.is_spent
        assert said(await (await t.ask("bob"))) == ("one", Source.CACHE)
        refused = await (await t.ask("bob", "y = ‸\n"))
        assert isinstance(refused, Nothing)
        assert refused.reason is Reason.SPENT
    async with team(requests_per_minute=1) as t:
        paying = await t.ask("ann")
        await t.finish("one")
        await paying
        assert isinstance(await (await t.ask("eve", "y = ‸\n")), Nothing)  # there is no room
        assert len(t.model.calls) == 1
        assert said(await (await t.ask("bob"))) == ("one", Source.CACHE)
        await t.time.pass_time(120)
        waiting = await t.ask("eve", "y = ‸\n")
        t.model.calls[-1].fail(Unavailable("down"))
        assert isinstance(await waiting, Nothing)
        assert t.engine.condition.cause is Reason.PAUSED
        assert said(await (await t.ask("cid"))) == ("one", Source.CACHE)
        assert t.engine.condition.cause is Reason.PAUSED  # that it was known says nothing of it


async def test_who_only_follows_needs_no_room_under_a_rate_limit() -> None:
    """However many they are."""
    async with team(requests_per_minute=1) as t:
        tasks = [await t.ask(f"user {number}") for number in range(20)]
        await t.finish("one")
        assert {said(await each)[0] for each in tasks} == {"one"}
        assert len(t.model.calls) == 1


async def test_who_only_follows_leaves_the_room_to_others() -> None:
    """What they have not used of requests and of tokens is there at once."""
    bounds: list[dict[str, Any]] = [{"requests_per_minute": 6}, {"tokens_per_minute": 1000}]
    for limits in bounds:
        async with team(**limits) as t:
            tasks = [await t.ask(f"user {number}") for number in range(20)]
            tasks.append(await t.ask("ann", "y = ‸\n"))
            assert len(t.model.calls) == 2, limits
            for call in t.model.calls:
                call.feed("text")
                call.finish()
            assert {said(await each)[0] for each in tasks} == {"text"}


async def test_a_failure_of_one_call_counts_once_however_many_wait_for_it() -> None:
    """The pause is that after a first failure, and each is told why."""
    async with team() as t:
        tasks = [await t.ask(f"user {number}") for number in range(8)]
        t.model.calls[0].fail(Unavailable("down"))
        for each in tasks:
            outcome = await each
            assert isinstance(outcome, Nothing)
            assert (outcome.reason, outcome.detail) == (Reason.UNAVAILABLE, "down")
        assert t.engine.condition.retry_in <= FIRST_PAUSE * 1.25
        assert [each.failure for each in t.calls] == ["unavailable"]


async def test_failures_of_calls_under_way_at_once_count_once_as_well() -> None:
    """They are one state of the endpoint; the next failure is another one."""
    async with team() as t:
        tasks = [await t.ask(f"user {number}", f"x{number} = ‸\n") for number in range(6)]
        for each in t.model.calls:
            each.fail(Unavailable("down"))
        await asyncio.gather(*tasks)
        assert t.engine.condition.retry_in <= FIRST_PAUSE * 1.25
        await t.time.pass_time(2 * FIRST_PAUSE)
        again = await t.ask("ann", "y = ‸\n")
        t.model.calls[-1].fail(Unavailable("down"))
        await again
        assert t.engine.condition.retry_in >= 2 * FIRST_PAUSE


async def test_whoever_followed_pays_for_the_next_provider() -> None:
    """What was free was the call that failed."""
    async with team(two=True) as t:
        tasks = [await t.ask("ann"), await t.ask("bob")]
        t.model.calls[0].fail(RateLimited("slow", retry_after=5))
        await settle()
        assert len(t.second.calls) == 1
        t.second.calls[0].feed("two")
        t.second.calls[0].finish(USAGE)
        assert {said(await each)[1] for each in tasks} == {Source.MODEL, Source.JOINED}
        ended = [(each.labels.provider, each.failure) for each in t.calls]
        assert ended == [("scripted", "rate limited"), ("second", "")]


async def test_a_prompt_that_is_too_long_is_shortened_for_all_at_once() -> None:
    """The shorter one is one call again."""
    async with team() as t:
        tasks = [await t.ask("ann"), await t.ask("bob")]
        t.model.calls[0].fail(TooLong("too long"))
        await settle()
        assert len(t.model.calls) == 2
        await t.finish("one")
        assert {said(await each)[1] for each in tasks} == {Source.JOINED, Source.MODEL}
        assert t.engine.daily_limit.share == 0


async def test_leaving_ends_the_call_only_if_nobody_else_follows() -> None:
    """The one who pays may leave; what had come by then is counted for him."""
    async with team() as t:
        tasks = [await t.ask("ann"), await t.ask("bob")]
        t.model.calls[0].feed("on")
        await settle()
        t.engine.leave("ann")
        await settle()
        assert t.model.calls[0].state == "under way"
        assert [(each.labels.owner, each.estimated) for each in t.calls] == [("ann", True)]
        assert t.calls[0].prompt_tokens > 0
        await t.finish("e")
        assert said(await tasks[1]) == ("one", Source.JOINED)
        assert len(t.calls) == 1
        await tasks[0]
        third = await t.ask("cid", "y = ‸\n")
        t.engine.leave("cid")
        await settle()
        assert t.model.calls[1].state == "cancelled"
        await third


async def test_what_finds_out_whether_an_endpoint_is_back_is_not_shared() -> None:
    """Its first token would be taken for the whole text."""
    async with team(two=True) as t:
        failing = await t.ask("ann")
        t.model.calls[0].fail(Unavailable("down"))
        await settle()
        for call in t.second.calls:
            call.feed("two")
            call.finish()
        await failing
        await t.time.pass_time(2 * FIRST_PAUSE)
        asked = await t.ask("ann", "y = ‸\n")
        assert [each.prompt.probes for each in t.model.calls] == [False, True]
        t.model.calls[1].feed("o")
        t.second.calls[-1].feed("two")
        t.second.calls[-1].finish()
        await asked
        assert t.engine.condition.serves
        again = await t.ask("bob", "y = ‸\n")
        assert len(t.model.calls) == 3
        await t.finish("one")
        assert said(await again) == ("one", Source.MODEL)


async def test_an_answer_that_was_cut_for_who_types_is_not_enough_for_who_asks_by_hand() -> None:
    """More lines are wanted then, and asked for."""
    async with team(replace(SETTINGS, max_tokens_invoked=96, rest_lines=0)) as t:
        typing = await t.ask("ann", "‸\n")
        t.model.calls[0].feed("".join(f"line_{number} = {number}\n" for number in range(12)))
        await settle()
        assert t.model.calls[0].state == "enough"
        await typing
        assert said(await (await t.ask("bob", "‸\n")))[1] is Source.CACHE
        by_hand = replace(asked_by("cid", "‸\n"), trigger=Trigger.INVOKED)
        asked = asyncio.create_task(t.engine.complete(by_hand))
        await settle()
        assert len(t.model.calls) == 2
        await t.finish("one = 1\n")
        assert said(await asked)[1] is Source.MODEL
