"""What `/complete` says of the tokens and the money that an answer has taken."""

import asyncio
from pathlib import Path

import pytest

from codestral_ls.fim.offline import offline_provider
from codestral_ls.gateway.answers import expected
from codestral_ls.gateway.asking import asked_of, read_body
from codestral_ls.gateway.offline import propose
from codestral_ls.gateway.settings import GatewaySettings
from codestral_ls.gateway.users import Bounds, User
from codestral_ls.model import Usage
from tests.gateway_app import PRICES, asking, client_of, gateway_over
from tests.scripted import HandFed, ScriptedProvider

ADD = {"prefix": "def add(a, b):\n    ", "suffix": "\n", "language": "python"}


async def test_what_nobody_has_counted_is_estimated(tmp_path: Path) -> None:
    """A stream that is broken off, as most are, ends without its usage."""
    script = ScriptedProvider("return a + b")
    async with asking(script.provider(prices=PRICES), tmp_path) as client:
        reply = (await client.post("/complete", json=ADD)).json()
    assert reply["tokens"]["estimated"]
    assert reply["tokens"]["completion"] == 4
    assert reply["cost"] > 0


async def test_a_model_of_ones_own_costs_nothing(tmp_path: Path) -> None:
    """Its tokens are told nevertheless."""
    script = ScriptedProvider("return a + b")
    provider = script.provider(local=True, prices=PRICES)
    async with asking(provider, tmp_path) as client:
        reply = (await client.post("/complete", json=ADD)).json()
    assert reply["cost"] == 0.0
    assert reply["tokens"]["completion"] == 4


async def test_what_has_no_price_has_an_unknown_one(tmp_path: Path) -> None:
    """Which is not the same as none."""
    async with asking(ScriptedProvider("return a + b").provider(), tmp_path) as client:
        reply = (await client.post("/complete", json=ADD)).json()
    assert reply["cost"] is None


async def test_all_candidates_are_paid_for(tmp_path: Path) -> None:
    """Tokens and money are those of all calls."""
    script = ScriptedProvider("return a + b", "return b + a", "return sum((a, b))")
    script.usage = Usage(prompt_tokens=1_000_000, completion_tokens=500_000)
    async with asking(script.provider(prices=PRICES), tmp_path) as client:
        reply = (await client.post("/complete", json={**ADD, "candidates": 3})).json()
    calls = 1 + len(reply["others"])
    assert calls == 3
    assert reply["tokens"]["prompt"] == calls * 1_000_000
    assert reply["cost"] == calls * 2.0


@pytest.mark.parametrize(
    ("bounds", "code"),
    [
        (Bounds(tokens_per_minute=300), "rate_limited"),
        (Bounds(daily_budget=0.0006), "budget_spent"),
    ],
)
async def test_what_an_answer_may_take_is_held_back_until_it_is_there(
    tmp_path: Path, bounds: Bounds, code: str
) -> None:
    """Several at once do not go past a bound; then only what was taken counts."""
    script = HandFed()
    over = gateway_over(script.provider(prices=PRICES), tmp_path, own=GatewaySettings(user=bounds))
    async with over as gateway, client_of(gateway) as client:
        first = asyncio.create_task(client.post("/complete", json=ADD))
        while not script.calls:  # noqa: ASYNC110 - nobody tells when it is
            await asyncio.sleep(0)
        second = await client.post("/complete", json={**ADD, "prefix": "import "})
        script.calls[0].feed("return a + b\n\n\n")
        script.calls[0].finish(Usage(prompt_tokens=8, completion_tokens=5))
        assert (await first).status_code == 200
        again = await client.post("/complete", json=ADD)
    assert (second.status_code, second.json()["error"]["code"]) == (429, code)
    assert (again.status_code, again.json()["source"]) == (200, "cache")
    assert len(script.calls) == 1


async def test_a_wish_for_more_holds_back_more(tmp_path: Path) -> None:
    """As many tokens as may come, of all candidates."""
    async with gateway_over(ScriptedProvider("b").provider(prices=PRICES), tmp_path) as gateway:
        one, more, many = (
            expected(asked_of(read_body({**ADD, **each}), User(), gateway.models, "lane"))
            for each in (
                {"max_tokens": 10},
                {"max_tokens": 100},
                {"max_tokens": 10, "candidates": 3},
            )
        )
    prompt = round((len(ADD["prefix"]) + len(ADD["suffix"])) / 3)
    assert (one[0], more[0]) == (prompt + 10, prompt + 100)
    assert many[0] >= 3 * one[0]
    assert one[1] == pytest.approx((prompt * PRICES.prompt + 10 * PRICES.completion) / 1_000_000)


async def test_what_costs_nothing_holds_back_nothing(tmp_path: Path) -> None:
    """Neither what is found in the text itself, nor, of money, a model of one's own."""
    for provider, holds in (
        (offline_provider(propose), False),
        (ScriptedProvider("b").provider(local=True, prices=PRICES), True),
    ):
        async with gateway_over(provider, tmp_path) as gateway:
            asked = asked_of(read_body(ADD), User(), gateway.models, "lane")
        tokens, cost = expected(asked)
        assert (bool(tokens), cost) == (holds, 0.0)
