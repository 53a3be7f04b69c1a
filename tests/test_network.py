"""Connections that die, pools that are full, and environments in which there can be none."""

import asyncio
from typing import Any

import httpx
import pytest

from codestral_ls.errors import FimError, Refused, Unavailable
from codestral_ls.fim import network
from codestral_ls.fim.client import FimClient
from codestral_ls.fim.routes import Network
from codestral_ls.kinds import Secret
from codestral_ls.settings import Settings
from tests.fim_client import (
    PROMPT,
    Reader,
    client_for,
    client_of,
    endpoint_of,
    speaking,
    talking,
)
from tests.fim_endpoint import Behaviour, Endpoint


async def test_a_dead_connection_from_the_pool_is_replaced() -> None:
    """An edge closes idle connections without a word; the user must not notice."""
    async with talking(Behaviour(after_reply="die")) as (client, endpoint):
        for _ in range(3):
            reader = Reader()
            await client.ask(PROMPT, reader)
            assert reader.chunks[-1].finish_reason == "stop"
        assert endpoint.connections_opened == 3


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (
            Settings(endpoint="http://127.0.0.1:9"),
            "Is the server running? Start it, or correct its address in `endpoint`.",
        ),
        (
            Settings(provider="ollama", endpoint="http://[::1]:9"),
            "Is ollama running? Start it (`ollama serve`), or correct its address in `endpoint`.",
        ),
        (
            Settings(providers=("llama.cpp@http://localhost:9",)),
            "--fim-qwen-1.5b-default --port 9`), or correct its address in `providers`.",
        ),
    ],
)
async def test_a_server_here_that_does_not_listen_is_to_be_started(
    settings: Settings, words: str
) -> None:
    """By the command that starts such a one; the network has nothing to do with it."""
    client = client_of(endpoint_of(settings))
    with pytest.raises(Unavailable) as caught:
        await client.ask(PROMPT, Reader())
    host = endpoint_of(settings).host
    assert str(caught.value).startswith(f"Nothing listens at {host}. Is ")
    assert host.endswith(":9")
    assert str(caught.value).endswith(words)
    await client.close()


@pytest.mark.parametrize(
    ("settings", "check"),
    [
        (Settings(provider="openai"), "Check the network and the proxy."),
        (Settings(endpoint="https://box:7"), "Check `endpoint`, the network and the proxy."),
        (
            Settings(providers=("ollama@https://box:7",), endpoint="https://h"),
            "Check `providers`, the network and the proxy.",
        ),
        (
            Settings(providers=("mistral",), endpoint="https://box:7"),
            "Check `endpoint`, the network and the proxy.",
        ),
    ],
)
def test_a_server_elsewhere_is_looked_for_where_it_was_named(
    settings: Settings, check: str
) -> None:
    """By the setting that has its address, if it is not the vendor's own."""
    endpoint = endpoint_of(settings)
    error = network.meaning(httpx.ConnectError("refused"), endpoint.server)
    assert str(error) == f"{endpoint.host} cannot be reached (refused). {check}"
    assert ":7" in str(error) or settings.provider == "openai"


async def test_a_new_connection_that_fails_is_not_tried_twice() -> None:
    """Late ghost text is worth nothing."""
    async with speaking(b"") as speaker:
        client = client_for(speaker.url)
        with pytest.raises(Unavailable, match="broke the connection off"):
            await client.ask(PROMPT, Reader())
        assert speaker.requests == 1
        await client.close()


async def test_an_answer_that_breaks_is_not_asked_for_again() -> None:
    """Not even on a connection from the pool: it has been paid for, and half of it is shown."""
    async with talking() as (client, endpoint):
        await client.ask(PROMPT, Reader())
        endpoint.behaviour = Behaviour(text="a b c d", trouble="cut")
        with pytest.raises(Unavailable):
            await client.ask(PROMPT, Reader())
        assert len(endpoint.completions) == 2
        assert endpoint.connections_opened == 1


async def occupy(client: FimClient, endpoint: Endpoint, slots: int) -> Any:
    """Takes slots of the pool behind the client's back, as lost ones are."""
    pool: Any = client._session._connections.result()._client  # type: ignore[union-attr] # noqa: SLF001 - nothing public can lose a slot
    for _ in range(slots):
        request = pool.build_request("POST", f"{endpoint.url}/v1/fim/completions", json={})
        await pool.send(request, stream=True)
    return pool


async def test_a_pool_that_has_lost_its_slots_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """One call fails, the next ones are answered."""
    monkeypatch.setattr(network, "MAX_CONNECTIONS", 2)
    async with talking(timeout=0.4) as (client, endpoint):
        await client.warm()
        stuck = await occupy(client, endpoint, 2)
        with pytest.raises(Unavailable, match="All connections to"):
            await client.ask(PROMPT, Reader())
        assert stuck.is_closed
        reader = Reader()
        await client.ask(PROMPT, reader)
        assert reader.text


async def test_a_pool_that_is_busy_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls that are under way do not suffer from one too many."""
    monkeypatch.setattr(network, "MAX_CONNECTIONS", 2)
    async with talking(Behaviour(head_after=0.7), timeout=1.0) as (client, endpoint):
        readers = [Reader(), Reader()]
        asking = [asyncio.create_task(client.ask(PROMPT, reader)) for reader in readers]
        await asyncio.to_thread(endpoint.wait_until, lambda: len(endpoint.completions) == 2)
        with pytest.raises(Unavailable, match="All connections to"):
            await client.ask(PROMPT, Reader())
        await asyncio.gather(*asking)
        assert all(reader.text for reader in readers)


async def test_a_proxy_that_refuses_is_told_by_its_status() -> None:
    """What else it says is its own affair."""
    async with speaking(b"HTTP/1.1 407 joe s3cret unknown\r\n\r\n") as speaker:
        proxy = speaker.url.replace("http://", "http://joe:s3cret@")
        client = client_for("https://h.invalid", proxy=proxy)
        with pytest.raises(Unavailable, match="the proxy answers 407") as caught:
            await client.ask(PROMPT, Reader())
        assert "s3cret" not in str(caught.value)
        await client.close()


@pytest.mark.parametrize(
    "answer",
    [
        b"Bearer test-key-0000 def add(a, b):\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nauthorization Bearer test-key-0000 def add(a, b):\r\n\r\n",
    ],
)
async def test_what_is_not_http_is_not_quoted(answer: bytes) -> None:
    """A server that echoes what it gets would have key and code in the message."""
    async with speaking(answer) as speaker:
        client = client_for(speaker.url)
        with pytest.raises(Unavailable, match="illegal") as caught:
            await client.ask(PROMPT, Reader())
        assert "add" not in str(caught.value)
        assert "test-key" not in str(caught.value)
        await client.close()


@pytest.mark.parametrize("key", ["wrong\nkey-1111", "wröng-key-1111"])
async def test_a_key_that_no_header_can_carry_is_not_quoted(key: str) -> None:
    """The settings refuse such a key; this is the second fence."""
    async with talking(key=Secret(key)) as (client, endpoint):
        with pytest.raises(Refused, match="API key") as caught:
            await client.ask(PROMPT, Reader())
        assert "1111" not in str(caught.value)
        assert not endpoint.completions


@pytest.mark.parametrize("url", ["http://xn--a.h", "http://joe:s3cret:x@h", "http://" + "a" * 70])
async def test_an_address_that_cannot_be_used_is_refused(url: str) -> None:
    """The settings look at addresses too, but not with the eyes of httpx."""
    client = client_for(url)
    with pytest.raises(FimError) as caught:
        await client.ask(PROMPT, Reader())
    assert type(caught.value) in {Refused, Unavailable}
    assert "s3cret" not in str(caught.value)
    await client.close()


def test_nothing_waits_but_for_the_callers_deadline() -> None:
    """Two deadlines for one call would give two reasons for the same lateness."""
    pool = network.Connections(Network(timeout=1.0, trust_env=False), "https://h")
    timeout = pool._timeout.as_dict()  # noqa: SLF001 - nothing public tells
    assert timeout == {"connect": None, "read": None, "write": None, "pool": 0.5}
