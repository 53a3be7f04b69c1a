"""Two servers that share a real Redis ask the same only once, and each for itself without it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager

import pytest

from codestral_ls.model import Source
from codestral_ls.reuse.redis_tier import RedisTier
from codestral_ls.reuse.sharing import share
from tests.redis_server import RedisServer, redis_server
from tests.scripted import HandFed
from tests.shared_tiers import HOUR, SECRET, Heard, prompt_of

pytestmark = pytest.mark.redis

PATIENT = 5.0
"""Seconds to wait for Redis: the machine may be busy."""


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    """One that can be harmed."""
    with redis_server() as started:
        yield started


class Server:
    """One server's share of a provider whose calls a test feeds."""

    def __init__(self, redis: RedisServer) -> None:
        self.model, self.tier = HandFed(), RedisTier(redis.url, box=PATIENT)
        self.shared = share(self.model.provider(), self.tier, SECRET, seconds=HOUR)

    def ask(self, heard: Heard) -> "asyncio.Future[None]":
        return asyncio.ensure_future(self.shared.provider.ask(prompt_of(), heard.more))


@asynccontextmanager
async def servers(redis: RedisServer) -> AsyncIterator[tuple[Server, Server]]:
    """Two of them, which leave nothing behind."""
    one, two = Server(redis), Server(redis)
    for each in (one, two):
        await each.tier.warm()
    yield one, two
    for each in (one, two):
        await each.shared.provider.close()
        await each.tier.close()


async def until(holds: Callable[[], bool]) -> None:
    """Waits until something is so."""
    while not holds():  # noqa: ASYNC110 - a process outside gives no sign
        await asyncio.sleep(0.005)


async def test_the_other_one_waits_and_then_knows(redis: RedisServer) -> None:
    """No second call is made, neither meanwhile nor afterwards."""
    async with servers(redis) as (one, two):
        first, second, third = Heard(), Heard(), Heard()
        asking = one.ask(first)
        await until(lambda: len(one.model.calls) == 1)
        waiting = two.ask(second)
        one.model.calls[0].feed("text")
        one.model.calls[0].finish()
        await asking
        await waiting
        await two.ask(third)
        assert (second.text, second.finish_reason, third.text) == ("text", "stop", "text")
        assert second.sources[0] in (Source.JOINED, Source.CACHE)  # if it came late
        assert third.sources == [Source.CACHE]
        assert two.model.calls == []


async def test_who_gives_up_leaves_the_call_to_the_other_one(redis: RedisServer) -> None:
    """The claim is let go of."""
    async with servers(redis) as (one, two):
        giving_up = one.ask(Heard())
        await until(lambda: len(one.model.calls) == 1)
        waiting = two.ask(Heard())
        giving_up.cancel()
        await until(lambda: len(two.model.calls) == 1)
        two.model.calls[0].finish()
        await waiting


async def test_when_redis_dies_whoever_waits_asks(redis: RedisServer) -> None:
    """Nobody fails, and what was under way comes to its end."""
    async with servers(redis) as (one, two):
        first, second = Heard(), Heard()
        asking = one.ask(first)
        await until(lambda: len(one.model.calls) == 1)
        waiting = two.ask(second)
        redis.kill()
        await until(lambda: len(two.model.calls) == 1)
        for each in (one, two):
            each.model.calls[0].feed("text")
            each.model.calls[0].finish()
        await asyncio.gather(asking, waiting)
        assert first.text == second.text == "text"
