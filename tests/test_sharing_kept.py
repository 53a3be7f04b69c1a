"""What was asked once is known afterwards: to one server, and to all who share a tier."""

from dataclasses import replace

import pytest

from codestral_ls.errors import Unavailable
from codestral_ls.model import Chunk, RateLimits, Source
from codestral_ls.reuse.entries import unseal
from codestral_ls.reuse.sharing import EMPTY_SECONDS, SHELF_SECONDS, key_of, share
from tests.scripted import ScriptedProvider
from tests.shared_tiers import (
    HOUR,
    SECRET,
    Board,
    Heard,
    Server,
    ServerTier,
    prompt_of,
    saying,
    servers,
    until,
)
from tests.virtual_clock import VirtualTime, settle


async def asked(
    server: Server,
    text: str,
    heard: Heard | None = None,
    *,
    whole: bool = False,
    by_hand: bool = False,
) -> None:
    """A call that has brought a text, to its end unless who asks has enough before."""
    task = await server.ask(heard or Heard(), prompt_of(by_hand=by_hand), whole=whole)
    await server.feed(text)
    if not task.done():
        await server.finish()
    await task
    await settle()


async def test_what_was_asked_is_known_without_asking() -> None:
    """Through either door, by recalling or by asking."""
    async with servers() as (_, [server]):
        await asked(server, "one\ntwo")
        for whole in (False, True):
            known, again = await server.recall(whole=whole), Heard()
            await (await server.ask(again, whole=whole))
            for heard in (known, again):
                assert (heard.text, heard.finish_reason) == ("one\ntwo", "stop")
                assert heard.chunks[0].source is Source.CACHE
        assert len(server.model.calls) == 1


async def test_another_server_knows_it_too() -> None:
    """And asks the tier for it only now and then."""
    async with servers(2) as (time, [one, two]):
        await asked(one, "text")
        looks = two.tier.looks
        assert (await two.recall()).text == (await two.recall()).text == "text"
        assert two.tier.looks == looks + 1
        await time.pass_time(SHELF_SECONDS)
        assert (await two.recall()).text == "text"
        assert two.tier.looks == looks + 2


async def test_a_text_does_not_live_longer_for_being_read() -> None:
    """Who finds it does not write it again."""
    async with servers(2) as (time, [one, two]):
        await asked(one, "text")
        before = dict(one.tier.board.values)
        await time.pass_time(HOUR / 2)
        heard = Heard()
        await (await two.ask(heard, whole=True))
        await settle()
        assert (heard.text, two.model.calls) == ("text", [])
        assert one.tier.board.values == before


async def test_it_is_forgotten_when_its_time_is_over() -> None:
    """Here and in the tier, and nothing sooner than what was empty."""
    async with servers(2) as (time, [one, two]):
        await asked(one, "text")
        await time.pass_time(HOUR - 1)
        assert (await two.recall()).text == "text"
        await time.pass_time(SHELF_SECONDS)
        assert (await one.recall()).chunks == (await two.recall()).chunks == []
        await asked(one, "")
        assert (await two.recall()).finish_reason == "stop"
        await time.pass_time(EMPTY_SECONDS)
        assert (await one.recall()).chunks == (await two.recall()).chunks == []


async def test_a_text_that_was_broken_off_serves_those_who_would_stop_there_too() -> None:
    """Not who passes on the whole, and not who asks by hand if the first one did not."""
    async with servers() as (_, [server]):
        await asked(server, "one\ntwo", Heard(until("one")))
        assert server.call == "enough"
        known = await server.recall()
        assert (known.text, known.finish_reason) == ("one\ntwo", "")
        assert (await server.recall(whole=True)).chunks == []
        assert (await server.recall(prompt_of(by_hand=True))).chunks == []
        await asked(server, "one\ntwo\nthree", Heard(until("three")), by_hand=True)
        assert len(server.model.calls) == 2
        assert (await server.recall()).text == "one\ntwo\nthree"
        assert (await server.recall(prompt_of(by_hand=True))).text == "one\ntwo\nthree"
        await asked(server, "one\ntwo\nthree\nfour", whole=True)
        assert len(server.model.calls) == 3
        assert (await server.recall(whole=True)).text == "one\ntwo\nthree\nfour"


async def test_nothing_is_kept_that_nobody_had_enough_of() -> None:
    """Cancelled, failed, broken down, empty: the next one asks."""
    async with servers() as (_, [server]):
        task = await server.ask(Heard())
        await server.feed("half a")
        task.cancel()
        await settle()
        gone = await server.ask(Heard(until("half")), whole=True)  # nobody is there any more
        await server.feed("half a")
        await gone
        assert server.tier.board.values == {}
        assert (await server.recall()).chunks == []


@pytest.mark.parametrize(
    "said",
    [
        (Chunk(text="half a"), Chunk(finish_reason="error")),
        (Chunk(limits=RateLimits(requests=60)), Chunk(text="never heard")),
    ],
)
async def test_neither_a_breakdown_nor_silence_is_kept(said: tuple[Chunk, ...]) -> None:
    """A model says of itself that it broke down; of silence nothing follows."""
    board = Board(VirtualTime())
    shared = share(saying(*said), ServerTier(board), SECRET, seconds=HOUR, clock=board.time.clock)
    heard: list[Chunk] = []

    def more(chunk: Chunk) -> bool:
        heard.append(chunk)
        return chunk.limits is None

    await shared.provider.ask(prompt_of(), more)
    await settle()
    assert heard[0] == said[0]
    assert (board.values, board.claims) == ({}, {})


async def test_who_had_enough_leaves_a_text_even_if_the_others_give_up() -> None:
    """What was enough for one is so for the next."""
    async with servers() as (_, [server]):
        short, other = await server.ask(Heard(until("one"))), await server.ask(Heard())
        await server.feed("one\n")
        await server.feed("two\n")
        other.cancel()
        await settle()
        assert (short.done(), server.call) == (True, "cancelled")
        assert (await server.recall()).text == "one\ntwo\n"


async def test_a_call_that_fails_at_last_leaves_nothing() -> None:
    """Not even what was enough for somebody."""
    async with servers() as (_, [server]):
        short, other = await server.ask(Heard(until("one"))), await server.ask(Heard())
        await server.feed("one\n")
        server.model.calls[0].fail(Unavailable("down"))
        with pytest.raises(Unavailable):
            await other
        await short
        assert (await server.recall()).chunks == []


@pytest.mark.parametrize("spoil", [lambda v: v[:-1], lambda v: v + b"x", lambda v: b"0" + v[1:]])
async def test_a_spoilt_value_is_as_good_as_none(spoil: object) -> None:
    """The model is asked, and the value written anew."""
    assert callable(spoil)
    async with servers(2) as (_, [one, two]):
        await asked(one, "text")
        board = one.tier.board
        [(key, (value, lasts))] = board.values.items()
        board.values[key] = (spoil(value), lasts)
        assert (await two.recall()).chunks == []
        await asked(two, "text")
        assert len(two.model.calls) == 1
        entry = unseal(board.values[key][0], key, SECRET)
        assert entry is not None
        assert entry.text == "text"


async def test_nothing_in_the_tier_can_be_read_as_code_of_the_user() -> None:
    """Keys are keyed hashes; values hold what the model wrote, and can be moved to no other key."""
    async with servers() as (_, [server]):
        prompt = prompt_of("password_of_the_user = ")
        task = await server.ask(Heard(), prompt)
        await server.feed("what the model wrote")
        await server.finish()
        await task
        await settle()
        [(key, (value, _until))] = server.tier.board.values.items()
        assert "password" not in key
        assert len(key) == 64
        assert b"password" not in value
        assert key != key_of(server.shared.provider, prompt, b"another secret")
        assert unseal(value, key[::-1], SECRET) is None
        assert unseal(value, key, b"another secret") is None


async def test_the_offline_provider_is_not_shared() -> None:
    """What it says depends on files; those behind a provider are shared like itself."""
    files = ScriptedProvider("from files").provider(source=Source.OFFLINE, name="offline")
    second = replace(ScriptedProvider("two").provider(name="second"), then=files)
    first = replace(ScriptedProvider("one").provider(name="first"), then=second)
    board = Board(VirtualTime())
    shared = share(first, ServerTier(board), SECRET, seconds=HOUR, clock=board.time.clock)
    for door in (shared.provider, shared.whole):
        assert door.then is not None
        assert door.then.then is not None
        heard = Heard()
        await door.then.ask(prompt_of(), heard.more)
        assert heard.text == "two"
        assert door.then.then.ask == files.ask
    await settle()
    assert len(board.values) == 1
