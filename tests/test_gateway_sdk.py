"""The official client takes a gateway for Mistral's API."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest
from mistralai.client import Mistral
from mistralai.client.errors import HTTPValidationError, SDKError
from mistralai.client.models import BaseModelCard, CompletionEvent

from codestral_ls.gateway.settings import GatewaySettings
from codestral_ls.gateway.users import Bounds
from tests.fim_endpoint import Behaviour, sample
from tests.gateway_fim import BODY, site, token_for

MODEL, PROMPT = BODY["model"], BODY["prompt"]
ANSWER = Behaviour(text="return a + b")
BASES = ["", "/raw", "/shaped"]
T = TypeVar("T")


async def official(url: str, use: Callable[[Mistral], T], key: str = "none") -> T:
    """What the blocking client brings; beside the loop, in which the gateway answers."""

    def run() -> T:
        with Mistral(api_key=key, server_url=url) as client:
            return use(client)

    return await asyncio.to_thread(run)


def _text(events: list[CompletionEvent]) -> str:
    contents = [event.data.choices[0].delta.content for event in events]
    return "".join(content for content in contents if isinstance(content, str))


def _complete(client: Mistral, **options: Any) -> str:
    reply = client.fim.complete(model=MODEL, prompt=PROMPT, suffix="\n", **options)
    assert reply.choices
    message = reply.choices[0].message
    assert message is not None
    assert reply.choices[0].finish_reason == "stop"
    usage = reply.usage
    assert usage.total_tokens == (usage.prompt_tokens or 0) + (usage.completion_tokens or 0)
    return str(message.content)


def _stream(client: Mistral) -> str:
    with client.fim.stream(model=MODEL, prompt=PROMPT, suffix="\n", max_tokens=16) as stream:
        events = list(stream)
    assert events[-1].data.choices[0].finish_reason == "stop"
    assert events[-1].data.usage is not None
    return _text(events)


@pytest.mark.parametrize("base", BASES)
async def test_the_blocking_client_completes(tmp_path: Path, base: str) -> None:
    """Whole and as a stream, whatever becomes of the text."""
    async with site(tmp_path, ANSWER) as here:
        assert await official(here.url + base, _complete) == "return a + b"
        assert await official(here.url + base, _stream) == "return a + b"


@pytest.mark.parametrize("base", BASES)
async def test_the_other_half_of_the_client_completes(tmp_path: Path, base: str) -> None:
    """Whole and as a stream."""
    async with (
        site(tmp_path, ANSWER) as here,
        Mistral(api_key="none", server_url=here.url + base) as client,
    ):
        reply = await client.fim.complete_async(model=MODEL, prompt=PROMPT, temperature=0)
        stream = await client.fim.stream_async(model=MODEL, prompt=PROMPT)
        events = [event async for event in stream]
    assert reply.choices
    assert reply.choices[0].message is not None
    assert reply.choices[0].message.content == _text(events) == "return a + b"


async def test_every_parameter_of_the_client_is_taken(tmp_path: Path) -> None:
    """Those that are set, and those that are `null`."""

    def complete(client: Mistral) -> str:
        return _complete(
            client,
            temperature=0.5,
            top_p=0.9,
            max_tokens=16,
            min_tokens=1,
            stop=["\n\n"],
            random_seed=7,
            metadata={"language": "python", "path": "a.py"},
            prompt_cache_key=None,
        )

    async with site(tmp_path, ANSWER) as here:
        assert await official(here.url, complete) == "return a + b"


async def test_models_are_listed(tmp_path: Path) -> None:
    """The list says which fill in the middle, and under which other names they are known."""

    def models(client: Mistral) -> tuple[list[BaseModelCard], Any]:
        listed = client.models.list().data or []
        cards = [card for card in listed if isinstance(card, BaseModelCard)]
        return cards, client.models.retrieve(model_id=cards[0].id)

    async with site(tmp_path) as here:
        cards, one = await official(here.url, models)
    assert [(card.id, card.aliases) for card in cards] == [(MODEL, ["codestral-latest"])]
    assert cards[0].capabilities.completion_fim
    assert cards[0].max_context_length == 32_000
    assert one.id == MODEL


async def test_a_broken_body_raises_what_it_raises_at_mistrals(tmp_path: Path) -> None:
    """With the place that is wrong."""
    async with site(tmp_path) as here:
        with pytest.raises(HTTPValidationError) as caught:
            await official(here.url, lambda client: _complete(client, temperature=9))
    details = caught.value.data.detail or []
    assert [(each.loc, each.type) for each in details] == [
        (["body", "temperature"], "less_than_equal")
    ]


async def test_a_wrong_token_raises_what_a_wrong_key_does(tmp_path: Path) -> None:
    """Where there are tokens; the right one is a key like any other."""
    token = token_for(tmp_path)
    async with site(tmp_path, ANSWER) as here:
        with pytest.raises(SDKError) as caught:
            await official(here.url, _complete, key="cls_wrong")
        assert caught.value.status_code == 401
        assert '"message":"Unauthorized"' in caught.value.body
        assert await official(here.url, _complete, key=token) == "return a + b"


async def test_a_bound_raises_what_a_rate_limit_does(tmp_path: Path) -> None:
    """With the header that says when there will be room."""
    own = GatewaySettings(user=Bounds(requests_per_minute=1))
    async with site(tmp_path, ANSWER, own) as here:
        await official(here.url, _complete)
        with pytest.raises(SDKError) as caught:
            await official(here.url, _complete)
    assert caught.value.status_code == 429
    assert int(caught.value.headers["retry-after"]) > 0
    assert caught.value.headers["x-ratelimit-limit-req-minute"] == "1"
    assert '"code":"1300"' in caught.value.body


async def test_a_failing_model_raises(tmp_path: Path) -> None:
    """Before a stream has begun as well."""
    async with site(tmp_path, Behaviour(reply=sample("errors/500.json"))) as here:
        for use in (_complete, _stream):
            with pytest.raises(SDKError) as caught:
                await official(here.url, use)
            assert caught.value.status_code == 503
