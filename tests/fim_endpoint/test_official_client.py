"""The official client takes the endpoint for the real one."""

from collections.abc import Iterator

import pytest
from mistralai.client import Mistral
from mistralai.client.errors import HTTPValidationError, SDKError
from mistralai.client.models import BaseModelCard, CompletionEvent

from . import Behaviour, Endpoint, sample, serve_in_thread
from .asking import KEY
from .replies import WIRE

MODEL, PROMPT = "codestral-2508", "def add(a, b):\n    "


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    """An endpoint that always writes the same."""
    with serve_in_thread(Behaviour(text="return a + b")) as endpoint:
        yield endpoint


@pytest.fixture
def official(endpoint: Endpoint) -> Iterator[Mistral]:
    """The official client, pointed at the endpoint."""
    with Mistral(api_key=KEY, server_url=endpoint.url) as official:
        yield official


def _text(events: list[CompletionEvent]) -> str:
    contents = [event.data.choices[0].delta.content for event in events]
    return "".join(content for content in contents if isinstance(content, str))


def test_complete_is_understood(official: Mistral) -> None:
    """A whole reply parses, and its bill adds up."""
    reply = official.fim.complete(model=MODEL, prompt=PROMPT, suffix="\n", temperature=0)
    assert reply.choices
    assert reply.choices[0].message is not None
    assert reply.choices[0].message.content == "return a + b"
    assert reply.choices[0].finish_reason == "stop"
    usage = reply.usage
    assert usage.total_tokens == (usage.prompt_tokens or 0) + (usage.completion_tokens or 0)


def test_stream_is_understood(official: Mistral) -> None:
    """A stream parses, ends with a reason and a bill, and says the same as a whole reply."""
    with official.fim.stream(model=MODEL, prompt=PROMPT, suffix="\n", max_tokens=16) as stream:
        events = list(stream)
    assert _text(events) == "return a + b"
    assert events[-1].data.choices[0].finish_reason == "stop"
    assert events[-1].data.usage is not None


async def test_async_stream_is_understood(endpoint: Endpoint) -> None:
    """The client's other half agrees."""
    async with Mistral(api_key=KEY, server_url=endpoint.url) as official:
        stream = await official.fim.stream_async(model=MODEL, prompt="x")
        assert _text([event async for event in stream]) == "return a + b"


def test_models_are_listed(official: Mistral) -> None:
    """The list of models parses and says which of them fill in the middle."""
    models = official.models.list().data or []
    cards = [model for model in models if isinstance(model, BaseModelCard)]
    assert [card.id for card in cards] == ["codestral-2508", "codestral-latest"]
    assert cards[0].capabilities.completion_fim


@pytest.mark.parametrize("name", sorted(path.name for path in WIRE.glob("*.sse")))
def test_recorded_shapes_are_understood(name: str, endpoint: Endpoint, official: Mistral) -> None:
    """Each sample stream, sent as it is, is one that the client accepts."""
    endpoint.behaviour = Behaviour(reply=sample(name))
    with official.fim.stream(model=MODEL, prompt=PROMPT) as stream:
        assert list(stream)[-1].data.choices[0].finish_reason in {"stop", "length"}


def test_refusals_are_understood(endpoint: Endpoint, official: Mistral) -> None:
    """Broken bodies and keys raise what the client raises for the real endpoint."""
    with pytest.raises(HTTPValidationError):
        official.fim.complete(model=MODEL, prompt=PROMPT, temperature=9)
    endpoint.behaviour = Behaviour(keys=frozenset())
    with pytest.raises(SDKError) as caught:
        official.fim.complete(model=MODEL, prompt=PROMPT)
    assert caught.value.status_code == 401
