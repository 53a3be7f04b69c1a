"""What a raw request comes to: told to who counts it, and held back while it is under way."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from codestral_ls.errors import FimError, Unavailable
from codestral_ls.gateway.errors import Refusal
from codestral_ls.gateway.fim_wire import FimRequest
from codestral_ls.gateway.gateway import Gateway
from codestral_ls.gateway.orders import Order
from codestral_ls.gateway.raw import RAW, USUAL_TOKENS
from codestral_ls.gateway.settings import GatewaySettings
from codestral_ls.gateway.users import Bounds, User
from codestral_ls.happenings import CallEnded, Happening, RequestEnded
from codestral_ls.model import Chunk, Usage
from codestral_ls.provider import Provider
from tests.gateway_app import PRICES, gateway_over
from tests.scripted import HandFed, ScriptedProvider
from tests.virtual_clock import settle

PROMPT = "x" * 300
ADA = User(name="ada")


class Listening(Gateway):
    """A gateway that tells a test what it is told."""

    told: list[Happening]

    def tell(self, happening: Happening) -> None:
        self.told.append(happening)
        super().tell(happening)


@asynccontextmanager
async def listening(
    provider: Provider,
    folder: Path,
    own: GatewaySettings | None = None,
) -> AsyncIterator[Listening]:
    """A gateway over a provider with a price."""
    async with gateway_over(provider, folder, own=own) as gateway:
        fields = ("own", "models", "tier", "tokens", "admission", "metrics")
        listening = Listening(**{name: getattr(gateway, name) for name in fields})
        listening.told = []
        yield listening


def order(gateway: Gateway, **body: Any) -> Order:
    (model,) = gateway.models.values()
    asked = FimRequest(**{"prompt": PROMPT, "metadata": {"language": "py"}, **body})
    return Order(gateway=gateway, model=model, user=ADA, body=asked, id="0" * 32)


async def filled(gateway: Gateway, **body: Any) -> list[Chunk]:
    """What an order brings: what is known, or else what is asked for."""
    chunks = list(await RAW.recall(order(gateway, **body)))

    def take(chunk: Chunk) -> bool:
        chunks.append(chunk)
        return True

    if not chunks:
        await RAW.fill(order(gateway, **body), take)
    return chunks


def told(gateway: Listening) -> tuple[list[CallEnded], list[RequestEnded]]:
    calls = [each for each in gateway.told if isinstance(each, CallEnded)]
    return calls, [each for each in gateway.told if isinstance(each, RequestEnded)]


async def test_a_call_is_counted_with_its_bill(tmp_path: Path) -> None:
    """Its owner, language and model, what the endpoint counts, and what that costs."""
    script = ScriptedProvider("abc")
    script.usage = Usage(prompt_tokens=1000, completion_tokens=100, cached_tokens=10)
    async with listening(script.provider(prices=PRICES), tmp_path) as gateway:
        chunks = await filled(gateway)
    (call,), (request,) = told(gateway)
    labels = call.labels
    assert [prompt.owner for prompt in script.prompts] == ["ada"]
    assert (labels.owner, labels.language, labels.provider) == ("ada", "python", "scripted")
    assert (call.prompt_tokens, call.completion_tokens, call.cached_tokens) == (1000, 100, 10)
    assert call.cost == pytest.approx(0.001 + 0.0002)
    assert (call.failure, call.estimated, call.priced, call.shown) == ("", False, True, True)
    assert 0 < call.first_token <= call.total
    assert (request.labels, request.outcome, request.answered, request.chars) == (
        *(labels, "model", True),
        3,
    )
    assert chunks[-1].usage == script.usage


async def test_what_nobody_counts_is_estimated(tmp_path: Path) -> None:
    """By the size of both texts."""
    async with listening(ScriptedProvider("a" * 30).provider(), tmp_path) as gateway:
        chunks = await filled(gateway, suffix="y" * 30)
    (call,), _ = told(gateway)
    assert (call.prompt_tokens, call.completion_tokens, call.estimated) == (110, 10, True)
    assert chunks[-1].usage == Usage(prompt_tokens=110, completion_tokens=10)
    assert (call.priced, call.cost) == (False, 0.0)


async def test_a_machine_of_ones_own_costs_nothing(tmp_path: Path) -> None:
    """Whatever prices are set."""
    local = ScriptedProvider("abc").provider(prices=PRICES, local=True)
    async with listening(local, tmp_path) as gateway:
        await filled(gateway)
    (call,), _ = told(gateway)
    assert (call.cost, call.priced, call.local) == (0.0, True, True)


async def test_a_known_text_is_a_request_and_no_call(tmp_path: Path) -> None:
    """It is on nobody's bill."""
    async with listening(ScriptedProvider("abc").provider(prices=PRICES), tmp_path) as gateway:
        await filled(gateway)
        await filled(gateway)
    calls, requests = told(gateway)
    assert len(calls) == 1
    assert [(each.outcome, each.chars) for each in requests] == [("model", 3), ("cache", 3)]


async def test_a_joined_text_is_a_request_and_no_call(tmp_path: Path) -> None:
    """The first of two that ask at once has it on the bill."""
    script = ScriptedProvider("abc")
    script.gate.clear()
    async with listening(script.provider(prices=PRICES), tmp_path) as gateway:
        both = asyncio.gather(filled(gateway), filled(gateway))
        await settle()
        script.gate.set()
        await both
    calls, requests = told(gateway)
    assert len(calls) == 1
    assert sorted(each.outcome for each in requests) == ["joined", "model"]


async def test_an_empty_text_is_an_outcome(tmp_path: Path) -> None:
    """The model had nothing to say, which is paid for."""
    async with listening(ScriptedProvider("").provider(), tmp_path) as gateway:
        await filled(gateway)
    (call,), (request,) = told(gateway)
    assert (call.prompt_tokens, call.shown) == (100, False)
    assert (request.outcome, request.answered) == ("empty", False)


async def test_a_failure_at_once_costs_nothing(tmp_path: Path) -> None:
    """It is counted as what it was."""
    script = ScriptedProvider(Unavailable("away"))
    async with listening(script.provider(prices=PRICES), tmp_path) as gateway:
        with pytest.raises(FimError):
            await filled(gateway)
    (call,), (request,) = told(gateway)
    assert (call.failure, call.prompt_tokens, call.cost) == ("unavailable", 0, 0.0)
    assert (request.outcome, request.answered) == ("unavailable", False)


@pytest.mark.parametrize(("fed", "failure"), [("", "cancelled"), ("some text", "")])
async def test_who_leaves_pays_for_what_had_come(tmp_path: Path, fed: str, failure: str) -> None:
    """The model has read the prompt by then, and the call there is ended."""
    script = HandFed()
    async with listening(script.provider(prices=PRICES), tmp_path) as gateway:
        filling = asyncio.create_task(filled(gateway))
        await settle()
        if fed:
            script.calls[0].feed(fed)
            await settle()
        filling.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await filling
        await settle()
    (call,), (request,) = told(gateway)
    assert script.calls[0].state == "cancelled"
    assert (call.failure, call.prompt_tokens) == (failure, 100)
    assert call.completion_tokens == round(len(fed) / 3)
    assert request.outcome == "cancelled"


async def test_so_much_is_held_back_as_it_may_come_to(tmp_path: Path) -> None:
    """While it is under way; then what it has come to counts."""
    own = GatewaySettings(all=Bounds(tokens_per_minute=2 * (USUAL_TOKENS + 100)))
    script = HandFed()
    async with listening(script.provider(), tmp_path, own) as gateway:
        one, two, three = (
            asyncio.create_task(filled(gateway, random_seed=number)) for number in range(3)
        )
        with pytest.raises(Refusal) as caught:
            await three
        assert (caught.value.status, len(script.calls)) == (429, 2)
        for call in script.calls:
            call.finish(Usage(prompt_tokens=1, completion_tokens=1))
        await asyncio.gather(one, two)
        await gateway.admission.close()
        again = asyncio.create_task(filled(gateway, random_seed=9))
        await settle()
        script.calls[2].finish()
        await again


async def test_who_counts_cannot_spoil_an_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A mistake there is told to the log, without what it says."""

    def tell(_happening: Happening) -> None:
        raise ValueError(PROMPT)

    async with listening(ScriptedProvider("abc").provider(), tmp_path) as gateway:
        monkeypatch.setattr(gateway.metrics, "tell", tell)
        chunks = await filled(gateway)
    assert "".join(chunk.text for chunk in chunks) == "abc"
    assert "CallEnded was not counted: ValueError" in caplog.text
    assert PROMPT not in caplog.text


async def test_what_this_machine_may_not_pay_for_today_is_not_asked(tmp_path: Path) -> None:
    """The bounds of the settings hold for raw requests as well: all servers share the same day."""
    script = ScriptedProvider("a + b")
    async with listening(script.provider(prices=PRICES), tmp_path) as gateway:
        (model,) = gateway.models.values()
        model.engine.daily_limit.bound(0, 0.5)
        model.engine.daily_limit.pay(0.6, 0.0)
        with pytest.raises(Refusal) as refused:
            await filled(gateway)
    assert refused.value.status == 429
    assert int(refused.value.headers["Retry-After"]) > 0
    assert script.prompts == []
