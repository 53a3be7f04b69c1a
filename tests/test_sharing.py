"""Identical prompts under way at the same time are one call."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from codestral_ls.errors import RateLimited, Unavailable
from codestral_ls.model import Chunk, Prompt, RateLimits, Source
from codestral_ls.reuse.sharing import share
from tests.scripted import HandFed
from tests.shared_tiers import (
    HOUR,
    SECRET,
    USAGE,
    Board,
    Heard,
    ServerTier,
    prompt_of,
    saying,
    servers,
    until,
)
from tests.virtual_clock import VirtualTime, settle


async def test_identical_prompts_under_way_are_one_call() -> None:
    """Who comes later gets what has come, and then the rest as it comes."""
    async with servers() as (_, [server]):
        first, second, third = Heard(), Heard(), Heard()
        tasks = [await server.ask(first)]
        await server.feed("one ")
        tasks.append(await server.ask(second, prompt_of(uri="file:///other.py", owner="ann")))
        tasks.append(await server.ask(third, whole=True))
        assert second.text == third.text == "one "
        await server.feed("two")
        assert first.text == second.text == third.text == "one two"
        await server.finish()
        await asyncio.gather(*tasks)
        assert len(server.model.calls) == 1
        assert {first.finish_reason, second.finish_reason, third.finish_reason} == {"stop"}


async def test_the_first_one_pays_and_the_others_are_told_that_they_joined() -> None:
    """What an endpoint says of tokens and limits is counted once."""
    async with servers() as (_, [server]):
        first, second = Heard(), Heard()
        tasks = [await server.ask(first), await server.ask(second)]
        await server.feed("one")
        await server.finish()
        await asyncio.gather(*tasks)
        assert [each.usage for each in first.chunks if each.usage] == [USAGE]
        assert first.sources == []
        assert second.chunks[0] == Chunk(source=Source.JOINED)
        assert [each.usage for each in second.chunks if each.usage] == []


async def test_limits_are_told_to_the_one_who_pays() -> None:
    """Each engine would take them for those of a call of its own."""
    said = Chunk(limits=RateLimits(requests=60, requests_left=59))
    model = saying(said, Chunk(text="one"), Chunk(finish_reason="stop", usage=USAGE))
    shared = share(model, ServerTier(Board(VirtualTime())), SECRET, seconds=HOUR)
    first, second = Heard(), Heard()
    await asyncio.gather(*(shared.provider.ask(prompt_of(), each.more) for each in (first, second)))
    assert said in first.chunks
    assert said not in second.chunks
    await shared.provider.close()


async def test_other_prompts_are_calls_of_their_own() -> None:
    """Byte for byte alike, or not at all."""
    async with servers() as (_, [server]):
        tasks = [await server.ask(Heard()), await server.ask(Heard(), prompt_of("y = "))]
        assert len(server.model.calls) == 2
        for call in server.model.calls:
            call.finish()
        await asyncio.gather(*tasks)


async def test_the_call_ends_at_once_when_the_last_one_has_left() -> None:
    """And not before; whoever comes then begins anew."""
    async with servers() as (_, [server]):
        tasks = [await server.ask(Heard()), await server.ask(Heard())]
        await server.feed("one")
        tasks[0].cancel()
        await settle()
        assert server.call == "under way"
        tasks[1].cancel()
        again = Heard()
        tasks.append(await server.ask(again))
        assert [call.state for call in server.model.calls] == ["cancelled", "under way"]
        assert len(server.tier.board.claims) == 1  # that of the new one
        await server.feed("two")
        await server.finish()
        await tasks[2]
        assert (again.text, again.sources) == ("two", [])
        assert [each.cancelled() for each in tasks] == [True, True, False]


async def test_a_claim_that_is_let_go_of_late_is_not_that_of_the_next_call() -> None:
    """Another server would ask as well."""
    async with servers() as (_, [server]):
        tier, held, quick = server.tier, asyncio.Event(), server.model.ask

        async def ask(prompt: Prompt, more: Callable[[Chunk], bool]) -> None:
            try:
                await quick(prompt, more)
            except asyncio.CancelledError:
                await held.wait()  # it takes its time to end
                raise

        shared = share(
            replace(server.model.provider(), ask=ask),
            tier,
            SECRET,
            seconds=HOUR,
            clock=tier.board.time.clock,
        )
        leaving = asyncio.ensure_future(shared.provider.ask(prompt_of(), Heard().more))
        await settle()
        leaving.cancel()
        await settle()
        coming = asyncio.ensure_future(shared.provider.ask(prompt_of(), Heard().more))
        await settle()
        held.set()
        await settle()
        assert len(tier.board.claims) == 1
        await server.finish()
        await coming
        await shared.provider.close()


async def test_one_who_has_enough_leaves_the_call_to_the_others() -> None:
    """Each reads as far as it wants to, and nobody is handed more than that."""
    async with servers() as (_, [server]):
        short, long = Heard(until("one")), Heard(until("two"))
        tasks = [await server.ask(short), await server.ask(long)]
        await server.feed("one ")
        assert tasks[0].done()
        assert server.call == "under way"
        await server.feed("two ")
        assert tasks[1].done()
        assert server.call == "enough"
        assert (short.text, long.text) == ("one ", "one two ")


async def test_a_failure_reaches_everybody() -> None:
    """As it is: the same kind, the same words, the same time to wait."""
    async with servers() as (_, [server]):
        tasks = [await server.ask(Heard()), await server.ask(Heard(), whole=True)]
        error = RateLimited("too many", retry_after=3.5)
        server.model.calls[0].fail(error)
        for task in tasks:
            with pytest.raises(RateLimited, match="too many") as raised:
                await task
            assert raised.value.retry_after == 3.5
            assert raised.value is not error  # or they would share a traceback
        assert server.tier.board.values == {}
        assert (await server.recall()).chunks == []


async def test_a_mistake_of_one_who_follows_is_his_alone() -> None:
    """The call goes on for the others."""
    async with servers() as (_, [server]):
        good = Heard()

        def spoil(chunk: Chunk) -> bool:
            if chunk.text:
                raise ZeroDivisionError
            return True

        bad = Heard()
        bad.more = spoil  # type: ignore[method-assign]  # a mistake
        tasks = [await server.ask(bad), await server.ask(good)]
        await server.feed("one")
        await server.finish()
        with pytest.raises(ZeroDivisionError):
            await tasks[0]
        await tasks[1]
        assert good.text == "one"


async def test_closing_ends_what_is_under_way_with_words() -> None:
    """Nobody waits for ever, and the provider is closed once."""
    async with servers() as (_, [server]):
        tasks = [await server.ask(Heard()), await server.ask(Heard(), whole=True)]
        await server.shared.whole.close()
        for task in tasks:
            with pytest.raises(Unavailable, match="closing"):
                await task
        assert server.call == "cancelled"
        assert server.model.closed
        with pytest.raises(Unavailable):
            await server.shared.provider.ask(prompt_of(), Heard().more)


async def test_who_comes_behind_the_last_token_does_not_wait_for_the_end_of_the_connection() -> (
    None
):
    """The text is there; only the bill is still to come."""
    held = asyncio.Event()

    async def ask(_: Prompt, more: Callable[[Chunk], bool]) -> None:
        more(Chunk(text="one"))
        more(Chunk(finish_reason="stop"))
        await held.wait()
        more(Chunk(usage=USAGE))

    provider = replace(HandFed().provider(), ask=ask)
    shared = share(provider, ServerTier(Board(VirtualTime())), SECRET, seconds=HOUR)
    payer, late = Heard(), Heard()
    paying = asyncio.ensure_future(shared.provider.ask(prompt_of(), payer.more))
    await settle()
    await shared.provider.ask(prompt_of(), late.more)
    assert (late.text, late.finish_reason, paying.done()) == ("one", "stop", False)
    held.set()
    await paying
    assert payer.chunks[-1] == Chunk(usage=USAGE)
    await shared.provider.close()


async def test_a_text_that_is_complete_is_kept_whoever_waits_for_the_bill() -> None:
    """And the connection is read to its end, so that it can be used again."""
    held, read = asyncio.Event(), list[bool]()

    async def ask(_: Prompt, more: Callable[[Chunk], bool]) -> None:
        read.extend([more(Chunk(text="one")), more(Chunk(finish_reason="stop"))])
        await held.wait()
        read.append(more(Chunk(usage=USAGE)))

    time = VirtualTime()
    provider = replace(HandFed().provider(), ask=ask)
    tier = ServerTier(Board(time))
    shared = share(provider, tier, SECRET, seconds=HOUR, clock=time.clock)
    paying = asyncio.ensure_future(shared.provider.ask(prompt_of(), Heard().more))
    await settle()
    paying.cancel()
    await settle()
    held.set()
    await settle()
    assert read == [True, True, True]
    assert len(tier.board.values) == 1
    await shared.provider.close()


async def test_it_is_known_whether_a_call_would_follow_another_one() -> None:
    """So that it need not wait for room under a rate limit."""
    async with servers() as (_, [server]):
        assert server.shared.provider.joins is not None
        task = await server.ask(Heard())
        assert server.shared.provider.joins(prompt_of(owner="ann"))
        assert not server.shared.provider.joins(prompt_of("y = "))
        await server.finish()
        await task
        assert not server.shared.provider.joins(prompt_of())
