"""The same client at servers of other formats: framing, connections, priming, lists of models."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from codestral_ls.errors import BrokenReply, FimError, Refused, TimedOut, Unauthorized, Unavailable
from codestral_ls.fim.client import FimClient
from codestral_ls.fim.dialects import ListedModel
from codestral_ls.fim.routes import Network
from codestral_ls.fim.trace import Trace
from codestral_ls.kinds import Secret
from codestral_ls.settings import Settings
from tests.fim_client import KEY, PROMPT, Reader, client_of, endpoint_of, speaking, talking
from tests.fim_endpoint import Behaviour, Reply
from tests.other_endpoints import Kind, Other, OtherEndpoint, serve_other

DEFAULTS = Settings()
QWEN = "qwen2.5-coder:1.5b"
PROVIDERS: dict[Kind, str] = {"llama.cpp": "llama.cpp", "ollama": "ollama", "deepseek": "deepseek"}


@asynccontextmanager
async def asking(
    kind: Kind, *, settings: Settings = DEFAULTS, **behaviour: Any
) -> AsyncIterator[tuple[FimClient, OtherEndpoint]]:
    """A client and the server that it talks to."""
    async with serve_other(Other(kind=kind, **behaviour)) as server:
        settings = replace(settings, provider=PROVIDERS[kind], endpoint=server.url)
        client = client_of(endpoint_of(settings))
        try:
            yield client, server
        finally:
            await client.close()


@pytest.mark.parametrize("kind", PROVIDERS)
async def test_each_kind_of_stream_is_read(kind: Kind) -> None:
    """Server-sent events of three sorts, and JSON lines."""
    model = QWEN if kind != "deepseek" else "deepseek-chat"
    settings = Settings(model=model)
    async with asking(kind, settings=settings, models=frozenset({model})) as (client, server):
        reader = Reader()
        await client.ask(PROMPT, reader)
        assert reader.text == "return a + b"
        assert len([chunk for chunk in reader.chunks if chunk.text]) > 1
        assert any(chunk.finish_reason == "stop" for chunk in reader.chunks)
        (call,) = server.completions
        framing = "application/x-ndjson" if kind == "ollama" else "text/event-stream"
        assert call.header("accept") == framing
        assert call.header("authorization") == ""


async def test_a_server_that_closes_behind_each_stream_is_asked_all_the_same() -> None:
    """llama.cpp says that it keeps the connection, and closes it at some moment after that."""
    async with asking("llama.cpp") as (client, server):
        for _ in range(20):
            reader = Reader()
            await client.ask(PROMPT, reader)
            assert reader.text == "return a + b"
        assert len(server.completions) == 20


async def test_a_connection_that_closes_in_the_face_of_a_request_is_replaced() -> None:
    """The race that llama.cpp's clients lose in 9 of 300 cases: it reads, and then it is gone."""
    async with talking(Behaviour(after_reply="die")) as (client, endpoint):
        readers = [Reader() for _ in range(3)]
        for reader in readers:
            await client.ask(PROMPT, reader)
        assert {reader.chunks[-1].finish_reason for reader in readers} == {"stop"}
        assert endpoint.connections_opened == 3


async def test_a_prompt_is_read_ahead_where_the_server_can(tmp_path: Path) -> None:
    """Nothing is written for it; what was sent is in the trace as well."""
    file = tmp_path / "trace.jsonl"
    async with serve_other(Other(kind="llama.cpp")) as server:
        endpoint = endpoint_of(Settings(provider="llama.cpp", endpoint=server.url))
        trace = Trace(str(file))
        client = FimClient(endpoint, Network(timeout=5.0, trust_env=False), trace)
        await client.prime(PROMPT)
        (call,) = server.completions
        assert (call.body["n_predict"], call.body["input_prefix"]) == (0, PROMPT.prefix)
        assert call.tokens == 0
        await client.ask(PROMPT, Reader())
        await client.close()
    primed, asked = map(json.loads, file.read_text("utf-8").splitlines())
    assert (primed["sent"]["n_predict"], primed["answer"], primed["kind"]) == (0, "", "call")
    assert asked["answer"] == "return a + b"


async def test_other_servers_are_not_primed() -> None:
    """They would be asked for text, and some of them for money."""
    async with talking() as (client, endpoint):
        await client.prime(PROMPT)
        assert endpoint.calls == []


@pytest.mark.parametrize("reply", [Reply(status=500), Reply(status=401)])
async def test_a_prompt_that_could_not_be_read_ahead_is_for_the_log(
    reply: Reply, caplog: pytest.LogCaptureFixture
) -> None:
    """Nobody has asked for anything yet."""
    caplog.set_level(logging.DEBUG, "codestral_ls.fim")
    async with asking("llama.cpp", reply=reply) as (client, _):
        await client.prime(PROMPT)
    assert [each.levelname for each in caplog.records] == ["DEBUG"] * 2


async def test_reading_ahead_ends_with_its_caller() -> None:
    """At once: the connection is closed, and the server stops."""
    async with speaking(b"", hold=True) as speaker:
        endpoint = endpoint_of(Settings(provider="llama.cpp", endpoint=speaker.url))
        client = client_of(endpoint)
        priming = asyncio.create_task(client.prime(PROMPT))
        while not speaker.requests:  # noqa: ASYNC110 - the server has no other way to tell
            await asyncio.sleep(0)
        priming.cancel()
        with pytest.raises(asyncio.CancelledError):
            await priming
        await asyncio.gather(*client._calls._scopes, return_exceptions=True)  # noqa: SLF001 - nothing public tells
        pool: Any = client._session._connections.result()._client._transport._pool  # type: ignore[union-attr]  # noqa: SLF001 - httpx tells nothing of its pool
        assert pool.connections == []
        await client.close()


async def test_a_server_that_leaves_text_out_is_told_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """llama.cpp cuts long prompts without a word."""
    long = replace(PROMPT, prefix="x = compute(value)\n" * 1000)
    async with asking("llama.cpp", batch=256) as (client, _):
        for prompt in (PROMPT, long, long):
            await client.ask(prompt, Reader())
    told = [each.message for each in caplog.records if "has read only" in each.message]
    assert len(told) == 1


@pytest.mark.parametrize(
    ("kind", "listed"),
    [
        ("llama.cpp", ListedModel(id=QWEN, context=32_768)),
        ("ollama", ListedModel(id=QWEN, fim=True, context=32_768)),
    ],
)
async def test_models_of_other_servers_are_listed(kind: Kind, listed: ListedModel) -> None:
    """Ollama is asked for the one that is used, with what it can do."""
    async with asking(kind, settings=Settings(model=QWEN)) as (client, server):
        assert await client.catalog() == (listed,)
        assert server.calls[0].header("accept") == "application/json"


async def test_the_vendors_models_are_listed_with_the_key() -> None:
    """They differ by key."""
    async with talking() as (client, endpoint):
        listed = await client.catalog()
        assert [each.id for each in listed] == ["codestral-2508", "codestral-latest"]
        assert all(each.fim for each in listed)
        assert endpoint.calls[0].header("authorization") == "Bearer test-key-0000"
        assert endpoint.calls[0].raw_body == b""


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(status=401), Unauthorized),
        (Reply(status=503), Unavailable),
        (Reply(status=404), Refused),
        (Reply(body=b"<html>"), BrokenReply),
        (Reply(body=b"[" * 60_000), BrokenReply),
    ],
)
async def test_a_list_that_does_not_come_is_an_error_of_ours(
    reply: Reply, kind: type[FimError]
) -> None:
    """As with every call, whose words show no key."""
    async with asking("llama.cpp", reply=reply) as (client, _):
        with pytest.raises(kind) as caught:
            await client.catalog()
        assert type(caught.value) is kind


async def test_a_list_that_takes_too_long_is_late() -> None:
    """The deadline is the same as for calls."""
    async with speaking(b"", hold=True) as speaker:
        client = client_of(endpoint_of(Settings(endpoint=speaker.url)), timeout=0.1)
        with pytest.raises(TimedOut):
            await client.catalog()
        await client.close()


async def test_whoever_does_not_list_models_is_not_asked() -> None:
    """Nothing is known then, which is no error."""
    endpoint = endpoint_of(Settings(provider="langdock", api_key=KEY))
    client = client_of(replace(endpoint, url="http://127.0.0.1:9"))
    assert await client.catalog() == ()
    await client.close()


@pytest.mark.parametrize("provider", ["azure", "together"])
async def test_what_cannot_be_asked_is_refused_before_anything_is_sent(provider: str) -> None:
    """No address, or no model: the message says which setting it is."""
    client = client_of(endpoint_of(Settings(provider=provider, api_key=KEY)))
    with pytest.raises(Refused, match=r"Set `(endpoint|model)`"):
        await client.ask(PROMPT, Reader())
    await client.warm()
    await client.prime(PROMPT)
    assert client._session._connections is None  # noqa: SLF001 - nothing public tells
    await client.close()


async def test_a_whole_reply_of_a_chat_is_cleaned_too() -> None:
    """Models that talk put code into fences, streamed or not."""
    message = {"content": "```python\nreturn a + b\n```\nThat adds them."}
    body = json.dumps({"choices": [{"message": message, "finish_reason": "stop"}]}).encode()
    head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
    async with speaking(head % len(body) + body) as speaker:
        settings = Settings(provider="chat", endpoint=speaker.url, model="m")
        client, reader = client_of(endpoint_of(settings)), Reader()
        await client.ask(PROMPT, reader)
        assert (reader.text.strip(), reader.chunks[-1].finish_reason) == ("return a + b", "stop")
        await client.close()


async def test_credentials_of_the_address_give_way_to_a_key() -> None:
    """There is one header for both; without a key the credentials are sent."""
    async with serve_other(Other(kind="llama.cpp", keys=frozenset({"test-key-0000"}))) as server:
        url = server.url.replace("http://", "http://joe:s3cret@")
        for key in (KEY, Secret()):
            endpoint = endpoint_of(Settings(provider="llama.cpp", endpoint=url, api_key=key))
            client = client_of(endpoint)
            if key:
                await client.ask(PROMPT, Reader())
            else:
                with pytest.raises(Unauthorized) as caught:
                    await client.ask(PROMPT, Reader())
                assert "s3cret" not in str(caught.value)
            await client.close()
        first, second = (call.header("authorization") for call in server.completions)
        assert first == "Bearer test-key-0000"
        assert second.startswith("Basic ")
