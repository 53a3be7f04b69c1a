"""Calls that are ended from outside: cancelled by their caller, or by closing the client."""

import asyncio
import random
import threading
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import Any

import anyio
import pytest

from codestral_ls.errors import TimedOut, Unavailable
from codestral_ls.fim import session
from codestral_ls.fim.client import FimClient
from codestral_ls.fim.network import Connections
from codestral_ls.model import Chunk
from tests.fim_client import PROMPT, Reader, client_for, talking
from tests.fim_endpoint import Behaviour, serve

MOST_READ = 8
"""Chunks, before a call is cancelled."""


async def slots_in_use(client: FimClient) -> int:
    """Slots of the connection pool that are neither idle nor closed once all calls have ended."""
    await asyncio.gather(*client._calls._scopes, return_exceptions=True)  # noqa: SLF001 - nothing public tells
    pool: Any = client._session._connections.result()._client._transport._pool  # type: ignore[union-attr] # noqa: SLF001
    return sum(not each.is_idle() and not each.is_closed() for each in pool.connections)


async def test_cancelling_closes_the_connection_at_once() -> None:
    """The endpoint sees it long before it would have generated anything."""
    async with talking(Behaviour(text="word " * 50, first_token=2.0)) as (client, endpoint):
        asking = asyncio.create_task(client.ask(PROMPT, Reader()))
        await asyncio.to_thread(endpoint.wait_until, lambda: bool(endpoint.completions))
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        call = endpoint.completions[0]
        await asyncio.to_thread(endpoint.wait_until, lambda: call.hung_up_at is not None)
        assert call.tokens == 0


class Stages:
    """Says when a call, known by its prompt, has been read by the endpoint."""

    def __init__(self) -> None:
        self.arrived: dict[str, asyncio.Event] = {}

    def behaviour(self, body: dict[str, Any]) -> Behaviour:
        """For `serve`, which asks for it when a request has come."""
        usual = Behaviour(text="a b c d e f " * 50, per_token=0.0005)
        event = self.arrived.get(body.get("prompt", ""))
        if event is None:
            return usual
        event.set()
        # None comes to its end before it is cancelled, however long a loop may be held.
        return replace(usual, trouble_after=MOST_READ, stall=20.0)


async def test_three_thousand_native_cancellations_lose_no_connection() -> None:
    """At every stage of a call: a pool that lost slots would refuse those that come after."""
    dice = random.Random(2)  # noqa: S311 - repeatable, not secret
    stages = Stages()
    async with talking(stages.behaviour, timeout=30.0) as (client, endpoint):

        async def cancel_one(number: int) -> None:
            prompt = replace(PROMPT, prefix=f"call {number}")
            arrived = stages.arrived[prompt.prefix] = asyncio.Event()
            wanted, read, chunks = dice.randrange(1, MOST_READ + 1), asyncio.Event(), 0

            def more(_: Chunk) -> bool:
                nonlocal chunks
                chunks += 1
                if chunks == wanted:
                    read.set()
                return True

            asking = asyncio.create_task(client.ask(prompt, more))
            stage: Callable[[], Awaitable[object]] = (
                partial(asyncio.sleep, 0),
                partial(asyncio.sleep, dice.random() * 0.01),
                arrived.wait,
                read.wait,
            )[number % 4]
            await stage()
            for _ in range(dice.randrange(4)):
                await asyncio.sleep(0)
            assert asking.cancel()
            await asyncio.wait([asking])
            assert asking.cancelled()

        async def cancel_some(numbers: range) -> None:
            for number in numbers:
                await cancel_one(number)

        await asyncio.gather(*(cancel_some(range(n * 150, (n + 1) * 150)) for n in range(20)))
        assert await slots_in_use(client) == 0
        assert len(endpoint.completions) >= 1500, "two stages of four are behind the arrival"
        reader = Reader()
        await client.ask(PROMPT, reader)
        assert reader.text


async def test_closing_ends_what_is_under_way_and_says_so() -> None:
    """Its caller must not take half an answer for a whole one."""
    async with serve(Behaviour(text="word " * 50, per_token=0.05)) as endpoint:
        client = client_for(endpoint.url)
        readers = [Reader(), Reader()]
        asking = [asyncio.create_task(client.ask(PROMPT, reader)) for reader in readers]
        await asyncio.to_thread(endpoint.wait_until, lambda: len(endpoint.completions) == 2)
        await client.close()
        assert all(call.tokens < 40 for call in endpoint.completions), (
            "it has not waited for the end"
        )
        for each in asking:
            with pytest.raises(Unavailable, match="settings have changed"):
                await each
        await asyncio.to_thread(endpoint.wait_until, lambda: endpoint.connections_open == 0)
        assert all(call.tokens < 20 for call in endpoint.completions)


async def test_a_closed_client_stays_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A straggler builds no pool that nobody would close."""
    async with talking() as (client, endpoint):
        await client.ask(PROMPT, Reader())
        await client.close()
        await client.close()
        monkeypatch.delattr(session, "_connect")
        with pytest.raises(Unavailable):
            await client.ask(PROMPT, Reader())
        await client.warm()
        await asyncio.to_thread(endpoint.wait_until, lambda: endpoint.connections_open == 0)
        assert len(endpoint.calls) == 1


async def test_a_pool_that_is_still_being_built_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Certificates may be on a drive that is gone; calls share the one attempt to read them."""
    begun = asyncio.Event()
    goes_on = threading.Event()
    loop = asyncio.get_running_loop()
    builders: list[threading.Thread] = []

    def build_slowly(*_: object) -> Connections:
        builders.append(threading.current_thread())
        loop.call_soon_threadsafe(begun.set)
        assert goes_on.wait(10)
        raise OSError

    monkeypatch.setattr(session, "_connect", build_slowly)
    client = client_for("http://127.0.0.1:9", timeout=0.1)
    with pytest.raises(TimedOut, match="Check `ca_file`"):
        await client.ask(PROMPT, Reader())
    asking = asyncio.create_task(client.ask(PROMPT, Reader()))
    await begun.wait()
    await client.close()
    with pytest.raises(Unavailable, match="settings have changed"):
        await asking
    assert [each.daemon for each in builders] == [True]
    goes_on.set()


async def test_cancelling_a_call_that_closing_ends_is_a_cancellation() -> None:
    """The caller's own cancellation is never swallowed."""
    async with talking(Behaviour(first_token=5.0)) as (client, endpoint):
        asking = asyncio.create_task(client.ask(PROMPT, Reader()))
        await asyncio.to_thread(endpoint.wait_until, lambda: bool(endpoint.completions))
        closing = asyncio.create_task(client.close())
        asking.cancel()
        with anyio.fail_after(1):
            await closing
        with pytest.raises(asyncio.CancelledError):
            await asking
