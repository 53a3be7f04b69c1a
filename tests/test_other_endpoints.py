"""The real client and servers of other wire formats, as strict as their documentation."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from codestral_ls.errors import (
    BrokenReply,
    FimError,
    RateLimited,
    Refused,
    TooLong,
    Unauthorized,
    Unavailable,
)
from codestral_ls.fim.client import FimClient
from codestral_ls.fim.dialects import ListedModel
from codestral_ls.fim.providers import choose_endpoints
from codestral_ls.fim.routes import Network
from codestral_ls.kinds import Secret
from codestral_ls.model import Parameters, Prompt, Snippet, Usage
from codestral_ls.settings import Settings
from tests.fim_client import PROMPT, Reader
from tests.fim_endpoint import Reply
from tests.other_endpoints import Kind, Other, OtherEndpoint, serve_other

MODEL = "qwen2.5-coder:1.5b"
KEY = Secret("test-key-0000")
KINDS: dict[Kind, str] = {
    "llama.cpp": "llama.cpp",
    "ollama": "ollama",
    "openai": "openai",
    "deepseek": "deepseek",
    "vllm": "vllm",
    "openrouter": "openrouter",
}
EVERY = pytest.mark.parametrize("kind", KINDS)
FULL = Parameters(
    max_tokens=32, temperature=0.1, top_p=0.9, min_tokens=1, random_seed=3, stop=("A", "B")
)
SNIPPETS = (Snippet(path="lib/util.py", text="def util():\n    ..."),)


@asynccontextmanager
async def talking(
    kind: Kind, settings: Settings | None = None, **behaviour: Any
) -> AsyncIterator[tuple[FimClient, OtherEndpoint]]:
    """The client that the settings choose, and the server that it talks to."""
    async with serve_other(Other(kind=kind, **behaviour)) as server:
        chosen = settings or Settings(provider=KINDS[kind], model=MODEL)
        # OpenRouter's API is not at the root of its host.
        address = server.url + ("/api" if kind == "openrouter" else "")
        (endpoint,) = choose_endpoints(replace(chosen, endpoint=address))
        client = FimClient(endpoint, Network(timeout=5.0, trust_env=False))
        try:
            yield client, server
        finally:
            await client.close()


async def asked(client: FimClient, prompt: Prompt = PROMPT) -> Reader:
    reader = Reader()
    await client.ask(prompt, reader)
    return reader


@EVERY
async def test_a_call_is_streamed_with_reason_and_bill(kind: Kind) -> None:
    """Piece by piece, past comments and thoughts."""
    thinks = "Let me see." if kind == "openrouter" else ""
    async with talking(kind, text="return a + b", pings=True, thinks=thinks) as (client, server):
        reader = await asked(client)
        assert reader.text == "return a + b"
        assert len([chunk for chunk in reader.chunks if chunk.text]) > 1
        reasons = [chunk.finish_reason for chunk in reader.chunks if chunk.finish_reason]
        assert reasons == ["stop"]
        (usage,) = [chunk.usage for chunk in reader.chunks if chunk.usage]
        assert isinstance(usage, Usage)
        assert usage.prompt_tokens > 0
        assert usage.completion_tokens > 0
        (call,) = server.completions
        assert call.header("authorization") == ""


@EVERY
async def test_every_parameter_is_one_that_the_server_knows(kind: Kind) -> None:
    """Strict ones refuse any other, and a wrong type."""
    async with talking(kind) as (client, server):
        await asked(client, replace(PROMPT, parameters=FULL, snippets=SNIPPETS, path="main.py"))
        assert server.completions[0].status == 200
        assert "util" in server.completions[0].raw_body.decode()


@EVERY
async def test_the_longest_text_and_the_stops_are_kept_to(kind: Kind) -> None:
    """Both ways of an answer to end early are told apart where the server does."""
    async with talking(kind, text="a = 1\nb = 2\nc = 3\n") as (client, _):
        few = Parameters(max_tokens=2, temperature=0)
        reader = await asked(client, replace(PROMPT, parameters=few))
        assert [it.finish_reason for it in reader.chunks if it.finish_reason] == ["length"]
        stopped = Parameters(max_tokens=64, temperature=0, stop=("\nb",))
        reader = await asked(client, replace(PROMPT, parameters=stopped))
        assert reader.text == "a = 1"
        assert [it.finish_reason for it in reader.chunks if it.finish_reason] == ["stop"]


@EVERY
async def test_having_enough_closes_the_connection(kind: Kind) -> None:
    """Which is what ends the generation."""
    text = "x = 1\n" * 500
    async with talking(kind, text=text, per_token=0.001) as (client, server):
        await client.ask(
            replace(PROMPT, parameters=replace(FULL, max_tokens=4000)), Reader(enough=8)
        )
        await asyncio.to_thread(
            server.wait_until, lambda: server.completions[0].hung_up_at is not None
        )
        assert server.completions[0].tokens < 500


@EVERY
async def test_an_error_in_the_middle_is_not_an_end(kind: Kind) -> None:
    """Half a text is none, however it breaks off."""
    async with talking(kind, text="return a + b", trouble="error") as (client, _):
        with pytest.raises(Unavailable, match="error"):
            await asked(client)
    async with talking(kind, text="return a + b", trouble="cut") as (client, _):
        with pytest.raises((Unavailable, BrokenReply)):
            await asked(client)


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"ollama"}))
async def test_a_key_is_sent_where_one_is_wanted(kind: Kind) -> None:
    """As a bearer's, in all of them; a wrong one is refused in the words of the vendor."""
    keyed = Settings(provider=KINDS[kind], model=MODEL, api_key=KEY)
    async with talking(kind, keyed, keys=frozenset({KEY.reveal()})) as (client, _):
        assert (await asked(client)).text
    async with talking(kind, keyed, keys=frozenset({"other"})) as (client, _):
        with pytest.raises(Unauthorized, match="`api_key`") as raised:
            await asked(client)
        assert KEY.reveal() not in str(raised.value)
        assert "ISTRAL_API" not in str(raised.value)


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"llama.cpp"}))
async def test_a_model_that_is_not_there_is_named(kind: Kind) -> None:
    """With how to come by it, or where its name is found."""
    settings = Settings(provider=KINDS[kind], model="qwen-of-nobody")
    async with talking(kind, settings) as (client, _):
        with pytest.raises(Refused, match="model"):
            await asked(client)


@pytest.mark.parametrize(
    ("kind", "behaviour", "error", "words"),
    [
        ("llama.cpp", {"fills": False}, Refused, "fim_template"),
        ("llama.cpp", {"loading": True}, Unavailable, "still loading its model"),
        ("llama.cpp", {"context": 512}, TooLong, "`-c`"),
        ("ollama", {"fills": False}, Refused, "fim_template"),
        ("ollama", {"models": frozenset()}, Refused, f"ollama pull {MODEL}"),
        ("openrouter", {"reply": Reply(status=429, body=b"{}")}, RateLimited, "rate"),
        ("vllm", {"reply": Reply(status=500, body=b"<html>")}, Unavailable, "HTTP 500"),
    ],
)
async def test_what_a_server_refuses_is_explained(
    kind: Kind, behaviour: dict[str, Any], error: type[FimError], words: str
) -> None:
    """With what to do about it."""
    async with talking(kind, **behaviour) as (client, _):
        with pytest.raises(error, match=words):
            await asked(client, replace(PROMPT, prefix="x = 1\n" * 700))


async def test_vllm_is_not_asked_with_a_suffix() -> None:
    """It would refuse even an empty one; who tries is told how else."""
    async with talking("vllm", Settings(provider="openai", model=MODEL)) as (client, _):
        with pytest.raises(Refused, match='"vllm"'):
            await asked(client)
    async with talking("vllm") as (client, server):
        assert (await asked(client)).text
        assert server.completions[0].body["prompt"].endswith("<|fim_middle|>")


async def test_ollama_never_takes_the_code_for_a_message() -> None:
    """Which it does without a suffix; without a prefix it would do nothing at all."""
    bare = replace(PROMPT, suffix="")
    async with talking("ollama", text="return a") as (client, _):
        for prompt in (bare, replace(PROMPT, prefix=""), replace(bare, prefix="")):
            assert (await asked(client, prompt)).text == "return a"
    raw = Settings(provider="ollama", model=MODEL, fim_template="qwen")
    async with talking("ollama", raw, text="return a", fills=False) as (client, server):
        assert (await asked(client, bare)).text == "return a"
        assert server.completions[0].body["raw"] is True


async def test_mercurys_blank_suffix_is_its_own() -> None:
    """A matter of the vendor, not of the format."""
    settings = Settings(provider="mercury", model=MODEL)
    async with talking("openai", settings) as (client, server):
        await asked(client, replace(PROMPT, suffix="\n"))
        assert server.completions[0].body["suffix"] == "<|endoftext|>"


async def test_markdown_around_an_answer_is_taken_off() -> None:
    """With the explanation behind it."""
    text = "```python\nreturn a + b\n```\nThis adds both."
    async with talking("openrouter", text=text) as (client, _):
        assert (await asked(client)).text == "return a + b"


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("llama.cpp", ListedModel(id=MODEL, context=32_768)),
        ("ollama", ListedModel(id=MODEL, fim=True, context=32_768)),
        ("openai", ListedModel(id=MODEL, context=32_768)),
        ("deepseek", ListedModel(id=MODEL, context=32_768)),
        ("vllm", ListedModel(id=MODEL, context=32_768)),
        ("openrouter", ListedModel(id=MODEL, context=32_768)),
    ],
)
async def test_each_server_tells_what_it_has(kind: Kind, expected: ListedModel) -> None:
    """In its own way."""
    async with talking(kind) as (client, server):
        assert await client.catalog() == (expected,)
        assert server.completions == []


async def test_priming_generates_nothing() -> None:
    """It is a request like the next one, and the server answers an empty object."""
    async with talking("llama.cpp") as (client, server):
        await client.prime(PROMPT)
        await asked(client)
        primed, question = server.completions
        assert (primed.tokens, primed.status) == (0, 200)
        assert primed.body["input_prefix"] == question.body["input_prefix"]


async def test_what_cannot_be_asked_is_refused_without_a_request() -> None:
    """In the words that say what to set."""
    settings = Settings(provider="vllm", model="gpt-oss-20b")
    async with talking("vllm", settings) as (client, server):
        with pytest.raises(Refused, match="fim_template"):
            await asked(client)
        assert server.calls == []
