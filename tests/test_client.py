"""One call to a real endpoint on loopback: streaming, failing, and being cancelled."""

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Literal

import pytest

from codestral_ls.fim.client import FimClient, Network
from codestral_ls.fim.providers import choose_endpoint
from codestral_ls.model import (
    BrokenReply,
    Chunk,
    Parameters,
    Prompt,
    Refused,
    TimedOut,
    Unauthorized,
    Unavailable,
)
from codestral_ls.kinds import Secret
from codestral_ls.settings import Settings
from tests.fim_endpoint import DEFAULT, Behaviour, Endpoint, Reply, Script, serve

KEY = Secret("test-key-0000")
PROMPT = Prompt(
    uri="file:///w/a.py",
    language="python",
    prefix="def add(a, b):\n    ",
    suffix="\n",
    parameters=Parameters(max_tokens=64, temperature=0.2),
)


class Reader:
    """Takes chunks, as many as it is told to."""

    def __init__(self, enough: int = 10**9) -> None:
        self.chunks: list[Chunk] = []
        self._enough = enough

    @property
    def text(self) -> str:
        return "".join(chunk.text for chunk in self.chunks)

    def __call__(self, chunk: Chunk) -> bool:
        self.chunks.append(chunk)
        return len(self.text) < self._enough


def client_for(
    url: str, *, key: Secret = KEY, model: str = "codestral-2508", **network: Any
) -> FimClient:
    endpoint = choose_endpoint(Settings(endpoint=url, mistral_key=key, model=model))
    assert endpoint is not None
    return FimClient(endpoint, Network(**{"timeout": 5.0, "trust_env": False, **network}))


async def slots_in_use(client: FimClient) -> int:
    """Slots of the connection pool that are neither idle nor closed once all calls have ended."""
    await asyncio.gather(*client._calls, return_exceptions=True)  # noqa: SLF001 - nothing public tells
    pool: Any = client._client._transport._pool  # type: ignore[union-attr] # noqa: SLF001
    return sum(not each.is_idle() and not each.is_closed() for each in pool.connections)


@asynccontextmanager
async def talking(
    behaviour: Script = DEFAULT, **options: Any
) -> AsyncIterator[tuple[FimClient, Endpoint]]:
    """A client and the endpoint that it talks to."""
    async with serve(behaviour) as endpoint:
        client = client_for(endpoint.url, **options)
        try:
            yield client, endpoint
        finally:
            await client.close()


async def test_a_call_is_streamed_with_reason_and_usage() -> None:
    """The text comes in pieces; the last one carries what it cost."""
    async with talking(Behaviour(text="return a + b")) as (client, endpoint):
        reader = Reader()
        await client.ask(PROMPT, reader)
        assert reader.text == "return a + b"
        assert len([chunk for chunk in reader.chunks if chunk.text]) > 1
        assert reader.chunks[-1].finish_reason == "stop"
        assert reader.chunks[-1].usage is not None
        call = endpoint.completions[0]
        assert call.header("accept-encoding") == "identity"
        assert call.header("authorization") == "Bearer test-key-0000"


async def test_calls_share_one_connection() -> None:
    """Reading a stream to its end gives its connection back."""
    async with talking() as (client, endpoint):
        await client.warm()
        for _ in range(5):
            await client.ask(PROMPT, Reader())
        assert endpoint.connections_opened == 1


async def test_warming_sends_no_key_and_no_text() -> None:
    """Any answer will do, so nothing is given away for it."""
    async with talking() as (client, endpoint):
        await client.warm()
        (call,) = endpoint.calls
        assert (call.method, call.header("authorization"), call.raw_body) == ("HEAD", "", b"")


async def test_having_enough_closes_the_connection() -> None:
    """The endpoint stops generating, which is what stops the bill."""
    async with talking(Behaviour(text="word " * 50, per_token=0.005)) as (client, endpoint):
        await client.ask(PROMPT, Reader(enough=10))
        await asyncio.to_thread(
            endpoint.wait_until, lambda: endpoint.completions[0].hung_up_at is not None
        )
        assert endpoint.completions[0].tokens < 20
        assert endpoint.completions[0].tokens_after_hang_up == 0


async def test_cancelling_closes_the_connection_at_once() -> None:
    """The endpoint sees it within 50 ms."""
    async with talking(Behaviour(text="word " * 50, first_token=2.0)) as (client, endpoint):
        asking = asyncio.create_task(client.ask(PROMPT, Reader()))
        await asyncio.to_thread(endpoint.wait_until, lambda: bool(endpoint.completions))
        cancelled_at = time.monotonic()
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        call = endpoint.completions[0]
        await asyncio.to_thread(endpoint.wait_until, lambda: call.hung_up_at is not None)
        assert call.hung_up_at is not None
        assert call.hung_up_at - cancelled_at < 0.05
        assert call.tokens == 0


async def test_three_thousand_native_cancellations_lose_no_connection() -> None:
    """A pool that lost slots would refuse the calls that come after."""
    dice = random.Random(2)  # noqa: S311 - repeatable, not secret
    behaviour = Behaviour(text="a b c d e f", per_token=0.0005, head_after=0.001)
    async with talking(behaviour) as (client, endpoint):

        async def cancel_some(count: int) -> None:
            for _ in range(count):
                asking = asyncio.create_task(client.ask(PROMPT, Reader()))
                await asyncio.sleep(dice.random() * 0.05)
                asking.cancel()
                await asyncio.gather(asking, return_exceptions=True)

        await asyncio.gather(*(cancel_some(150) for _ in range(20)))
        assert await slots_in_use(client) == 0
        assert len(endpoint.completions) > 1000, "most were cancelled before they were sent"
        reader = Reader()
        await client.ask(PROMPT, reader)
        assert reader.text


async def test_a_dead_connection_from_the_pool_is_replaced() -> None:
    """An edge closes idle connections without a word; the user must not notice."""
    async with talking(Behaviour(after_reply="die")) as (client, endpoint):
        for _ in range(3):
            reader = Reader()
            await client.ask(PROMPT, reader)
            assert reader.chunks[-1].finish_reason == "stop"
        assert endpoint.connections_opened == 3


async def test_a_new_connection_that_fails_is_not_tried_twice() -> None:
    """Late ghost text is worth nothing."""
    client = client_for("http://127.0.0.1:9")
    with pytest.raises(Unavailable, match=r"127\.0\.0\.1 cannot be reached"):
        await client.ask(PROMPT, Reader())
    await client.close()


@pytest.mark.parametrize(
    "behaviour",
    [
        Behaviour(first_token=5.0),
        Behaviour(head_after=5.0),
        Behaviour(stall=5.0),
        Behaviour(first_token=5.0, ping_every=0.05),
    ],
)
async def test_the_deadline_is_for_the_whole_call(behaviour: Behaviour) -> None:
    """Pings keep a read timeout from ever coming, but not the deadline."""
    async with talking(behaviour, timeout=0.3) as (client, _):
        with pytest.raises(TimedOut, match=r"within 0\.3 s"):
            await client.ask(PROMPT, Reader())


@pytest.mark.parametrize("trouble", ["error", "cut"])
async def test_a_stream_that_breaks_is_an_error(trouble: Literal["error", "cut"]) -> None:
    """An error event after the 200, or a connection that ends in the middle."""
    async with talking(Behaviour(text="a b c d", trouble=trouble)) as (client, _):
        with pytest.raises((Unavailable, BrokenReply)):
            await client.ask(PROMPT, Reader())


@pytest.mark.parametrize(
    "behaviour",
    [
        Behaviour(text="é😀 \u2028 x", split_characters=True),
        Behaviour(text="a b", content="list"),
        Behaviour(text="a b", content="null"),
        Behaviour(text="a b", done=False),
        Behaviour(text="a b", padding=False, crlf=True),
        Behaviour(text="a b", tokens_per_chunk=3, ping_every=0.001, per_token=0.003),
    ],
)
async def test_every_way_to_write_a_stream_is_read(behaviour: Behaviour) -> None:
    """Servers differ in line ends, padding, pings and how they cut."""
    async with talking(behaviour) as (client, _):
        reader = Reader()
        await client.ask(PROMPT, reader)
        assert reader.text == behaviour.text


async def test_a_wrong_key_is_unauthorized_and_does_not_appear() -> None:
    """The message says where keys go, not which one was sent."""
    async with talking(key=Secret("wrong-key-1111")) as (client, _):
        with pytest.raises(Unauthorized) as caught:
            await client.ask(PROMPT, Reader())
        assert "wrong-key" not in str(caught.value)
        assert "CODESTRAL_API_KEY" in str(caught.value)


async def test_a_key_that_the_endpoint_quotes_does_not_appear() -> None:
    """Some gateways put the refused key into their message."""
    reply = Reply(status=401, body=b'{"message": "no such key: test-key-0000"}')
    async with talking(Behaviour(reply=reply)) as (client, _):
        with pytest.raises(Unauthorized) as caught:
            await client.ask(PROMPT, Reader())
        assert "test-key-0000" not in str(caught.value)


async def test_without_a_key_nothing_is_sent_to_a_vendor() -> None:
    """The message names the variable that is missing."""
    endpoint = choose_endpoint(Settings(provider="codestral"))
    assert endpoint is not None
    client = FimClient(endpoint, Network(timeout=1.0))
    with pytest.raises(Unauthorized, match="CODESTRAL_API_KEY"):
        await client.ask(PROMPT, Reader())
    await client.close()


async def test_an_unknown_model_is_refused() -> None:
    """A mistake that no retry mends."""
    async with talking(model="codestral-0000") as (client, _):
        with pytest.raises(Refused, match="Invalid model"):
            await client.ask(PROMPT, Reader())


@pytest.mark.parametrize(
    "reply",
    [
        Reply(status=200, content_type="text/html", body=b"<html>sign in</html>"),
        Reply(status=307, headers={"location": "http://127.0.0.1:9/"}, body=b""),
    ],
)
async def test_what_is_no_fim_endpoint_is_said_so(reply: Reply) -> None:
    """A captive portal, or an address that has moved: the key does not follow."""
    async with talking(Behaviour(reply=reply)) as (client, _):
        with pytest.raises(Refused, match="endpoint"):
            await client.ask(PROMPT, Reader())


async def test_a_reply_that_was_not_streamed_is_read_too() -> None:
    """Some gateways answer in one piece whatever was asked."""
    body = (
        b'{"object":"chat.completion","choices":[{"index":0,"message":{"content":"whole"},'
        b'"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1}}'
    )
    reply = Reply(status=200, body=body)
    async with talking(Behaviour(reply=reply)) as (client, _):
        reader = Reader()
        await client.ask(PROMPT, reader)
        assert (reader.text, reader.chunks[-1].finish_reason) == ("whole", "stop")
