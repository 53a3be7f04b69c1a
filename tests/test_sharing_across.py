"""Several servers that share a tier ask the same only once."""

import asyncio

from codestral_ls.errors import Unavailable
from codestral_ls.model import Source
from codestral_ls.reuse.sharing import CLAIM_SECONDS, WAIT_SECONDS
from tests.shared_tiers import Heard, prompt_of, servers, until


async def test_a_server_waits_for_the_call_of_another_one() -> None:
    """Its own callers have joined it then, the first one too."""
    async with servers(2) as (time, [one, two]):
        first, second, third = Heard(), Heard(), Heard()
        tasks = [await one.ask(first), await two.ask(second), await two.ask(third)]
        await one.feed("text")
        await time.pass_time(0.05)
        assert (second.text, two.model.calls) == ("", [])
        await one.finish()
        await time.pass_time(0.05)
        await asyncio.gather(*tasks)
        assert second.text == third.text == "text"
        assert second.sources == third.sources == [Source.JOINED]
        assert two.model.calls == []


async def test_a_claim_lasts_as_long_as_the_call() -> None:
    """It is renewed, however slow the model is."""
    async with servers(2) as (time, [one, two]):
        tasks = [await one.ask(Heard()), await two.ask(Heard())]
        for _ in range(int(2 * CLAIM_SECONDS)):
            await time.pass_time(1.0)
        assert two.model.calls == []
        await one.finish()
        await time.pass_time(0.05)
        await asyncio.gather(*tasks)


async def test_if_the_other_server_dies_somebody_else_asks() -> None:
    """As soon as its claim is over, and nobody is told what had come there."""
    async with servers(2) as (time, [one, two]):
        dead = await one.ask(Heard())
        [(key, _)] = one.tier.board.claims.items()
        one.tier.board.claims[key] = (object(), time.clock.now() + CLAIM_SECONDS)  # and no more
        heard = Heard()
        asked = await two.ask(heard)
        await time.pass_time(CLAIM_SECONDS - 0.1)
        assert two.model.calls == []
        await time.pass_time(0.2)
        assert len(two.model.calls) == 1
        await two.feed("text")
        await two.finish()
        await asked
        assert (heard.text, heard.sources) == ("text", [])
        dead.cancel()


async def test_if_the_other_call_fails_the_next_server_asks_at_once() -> None:
    """It lets go of its claim; a failure is nothing to share with those who can still try."""
    async with servers(2) as (time, [one, two]):
        failing, heard = await one.ask(Heard()), Heard()
        asked = await two.ask(heard)
        one.model.calls[0].fail(Unavailable("down"))
        await time.pass_time(0.05)
        assert isinstance(failing.exception(), Unavailable)
        await two.feed("text")
        await two.finish()
        await asked
        assert heard.text == "text"


async def test_nobody_waits_for_another_server_for_ever() -> None:
    """Twice the usual deadline, and then there are two calls."""
    async with servers(2) as (time, [one, two]):
        tasks = [await one.ask(Heard()), await two.ask(Heard())]
        for _ in range(int(WAIT_SECONDS) + 1):
            await time.pass_time(1.0)
        assert len(two.model.calls) == 1
        for each in (one, two):
            await each.finish()
        await asyncio.gather(*tasks)


async def test_without_the_tier_everybody_asks() -> None:
    """Nobody waits for what cannot come, not even who waits already."""
    async with servers(3) as (time, [one, two, three]):
        two.tier.is_well = False
        tasks = [await one.ask(Heard()), await two.ask(Heard()), await three.ask(Heard())]
        assert (len(two.model.calls), len(three.model.calls)) == (1, 0)
        three.tier.is_well = False
        await time.pass_time(0.05)
        assert len(three.model.calls) == 1
        for each in (one, two, three):
            await each.finish()
        await asyncio.gather(*tasks)


async def test_who_wants_the_whole_does_not_get_what_was_broken_off_elsewhere() -> None:
    """It asks itself as soon as it may."""
    async with servers(2) as (time, [one, two]):
        tasks = [await one.ask(Heard(until("one")))]
        whole, part = Heard(), Heard()
        tasks.append(await two.ask(whole, whole=True))
        await one.feed("one\ntwo")
        await time.pass_time(0.05)
        assert len(two.model.calls) == 1
        tasks.append(await two.ask(part, prompt_of(by_hand=True)))
        await two.feed("one\ntwo\nthree")
        await two.finish()
        await asyncio.gather(*tasks)
        assert whole.text == part.text == "one\ntwo\nthree"
        assert (await one.recall(whole=True)).text == "one\ntwo\nthree"


async def test_giving_up_while_another_server_asks_leaves_nothing_behind() -> None:
    """And its claim is untouched."""
    async with servers(2) as (time, [one, two]):
        asking, waiting = await one.ask(Heard()), await two.ask(Heard())
        waiting.cancel()
        await time.pass_time(0.05)
        assert two.tier.released == []
        assert len(one.tier.board.claims) == 1
        await one.finish()
        await asking
        assert one.tier.board.claims == {}
