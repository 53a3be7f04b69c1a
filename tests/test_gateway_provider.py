"""A gateway as the provider of an editor's server."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from codestral_ls.commands.doctor.findings import State
from codestral_ls.commands.doctor.providers import model_finding, server_in, wrong_server
from codestral_ls.engine.engine import Engine
from codestral_ls.errors import (
    FimError,
    RateLimited,
    Refused,
    TimedOut,
    Unauthorized,
    Unavailable,
)
from codestral_ls.fim.client import FimClient
from codestral_ls.fim.connect import connect
from codestral_ls.fim.formats.terms import ListedModel
from codestral_ls.gateway.models import cards
from codestral_ls.gateway.offline import propose
from codestral_ls.gateway.settings import GatewaySettings
from codestral_ls.gateway.users import Bounds
from codestral_ls.happenings import CallEnded, Happening
from codestral_ls.kinds import Keys, Secret
from codestral_ls.model import Answer, Prompt, Request, Snapshot, Source, Trigger
from codestral_ls.settings import Settings
from tests.fim_client import PROMPT, Reader, client_of, endpoint_of
from tests.fim_endpoint import Behaviour, Reply, sample
from tests.gateway_fim import Site, site, token_for

ADD = Behaviour(text="return a + b")
TOKEN = "CODESTRAL_LS_GATEWAY_TOKEN"


def settings_for(url: str, token: str = "", **changes: Any) -> Settings:
    """What an editor is set to that has a gateway's address and perhaps a token."""
    keys = Keys(((TOKEN, Secret(token)),)) if token else Keys()
    return Settings(
        provider="gateway", endpoint=url, keys=keys, trust_env=False, debounce_ms=0, **changes
    )


@asynccontextmanager
async def asking(here: Site, token: str = "", **changes: Any) -> AsyncIterator[FimClient]:
    """The client of such an editor."""
    client = client_of(endpoint_of(settings_for(here.url, token, **changes)))
    try:
        yield client
    finally:
        await client.close()


async def failure_at(
    here: Site, token: str = "", prompt: Prompt = PROMPT, **changes: Any
) -> FimError:
    """How a call fails."""
    async with asking(here, token, **changes) as client:
        with pytest.raises(FimError) as caught:
            await client.ask(prompt, Reader())
    return caught.value


async def test_an_editor_is_answered_by_way_of_a_gateway(tmp_path: Path) -> None:
    """The text as it comes, why it ends, and a bill; whoever asks the same pays nothing."""
    first, second = Reader(), Reader()
    async with site(tmp_path, ADD) as here, asking(here) as client:
        await client.ask(PROMPT, first)
        await client.ask(PROMPT, second)
        assert len(here.endpoint.completions) == 1
    bills = [next(each.usage for each in it.chunks if each.usage) for it in (first, second)]
    assert first.text == second.text == "return a + b"
    assert len(first.chunks) > 4
    assert [bill.completion_tokens for bill in bills] == [6, 0]


async def test_the_engine_completes_over_a_gateway(tmp_path: Path) -> None:
    """The bill is the gateway's: nothing is left without a price, and nothing is spent."""
    told: list[Happening] = []
    snapshot = Snapshot(uri="file:///a.py", language="python", prefix=PROMPT.prefix, suffix="\n")
    request = Request(snapshot=snapshot, trigger=Trigger.INVOKED, lane="a")
    token = token_for(tmp_path)
    async with site(tmp_path, ADD) as here:
        settings = settings_for(here.url, token, candidates=1)
        engine = Engine(settings, lambda it: connect(it, propose), tell=told.append)
        outcome = await engine.complete(request)
        await engine.close()
    assert isinstance(outcome, Answer)
    assert (outcome.text, outcome.source) == ("return a + b", Source.MODEL)
    (call,) = (each for each in told if isinstance(each, CallEnded))
    assert (call.priced, call.cost, call.completion_tokens) == (True, 0.0, 6)


async def test_who_leaves_off_ends_the_call_behind_the_gateway(tmp_path: Path) -> None:
    """An engine that has enough hangs up, which saves what the model would go on to write."""
    async with site(tmp_path, Behaviour(text="a b " * 400, per_token=0.02)) as here:
        async with asking(here) as client:
            await client.ask(PROMPT, Reader(enough=4))
        (call,) = here.endpoint.completions
        left = lambda: call.hung_up_at is not None  # noqa: E731 - a condition, said twice as long
        await asyncio.to_thread(here.endpoint.wait_until, left)
    assert call.tokens < 100


async def test_a_missing_and_a_wrong_token_say_what_to_set(tmp_path: Path) -> None:
    """The variable by its name; the gateway's own key has no part in it."""
    token = token_for(tmp_path)
    async with site(tmp_path, ADD) as here:
        missing, wrong = await failure_at(here), await failure_at(here, f"{token}x")
        async with asking(here, token) as client:
            await client.ask(PROMPT, reader := Reader())
    assert isinstance(missing, Unauthorized)
    assert isinstance(wrong, Unauthorized)
    assert f"Set {TOKEN} to one that it accepts" in str(missing)
    assert f"does not accept the API key of {TOKEN}" in str(wrong)
    assert reader.text == "return a + b"


@pytest.mark.parametrize(
    ("bounds", "words"),
    [
        (Bounds(requests_per_minute=1), "limits the rate of requests (You may use 1 requests"),
        (Bounds(daily_budget=0.000_02), "has nothing left for today (Your budget of 2e-05 a day"),
    ],
)
async def test_a_bound_of_the_gateway_is_a_rate_limit(
    tmp_path: Path, bounds: Bounds, words: str
) -> None:
    """With the time for which the editor leaves it alone."""
    prices: dict[str, Any] = {"price_prompt": 1.0, "price_completion": 2.0}
    async with site(tmp_path, ADD, GatewaySettings(user=bounds), **prices) as here:
        async with asking(here) as client:
            await client.ask(PROMPT, Reader())
        await here.gateway.admission.close()  # what is settled behind replies is settled now
        again = await failure_at(here, prompt=replace(PROMPT, prefix="x = "))
    assert isinstance(again, RateLimited)
    assert words in str(again)
    assert 0 < again.retry_after <= 300


@pytest.mark.parametrize(
    ("behaviour", "kind", "words"),
    [
        (
            Behaviour(reply=sample("errors/500.json")),
            Unavailable,
            "failing at the moment: HTTP 503",
        ),
        (Behaviour(reply=sample("errors/401-detail.json")), Unavailable, "the gateway's key"),
        (Behaviour(reply=Reply(body=b"<html>")), Unavailable, "HTTP 502"),
        (Behaviour(head_after=30), TimedOut, "no answer from its model in time"),
        (Behaviour(text="a b", trouble="error"), Unavailable, "in the middle of the answer"),
        (Behaviour(text="a b", trouble="cut"), Unavailable, "in the middle of the answer"),
    ],
)
async def test_a_failure_behind_the_gateway_is_one_of_the_gateways(
    tmp_path: Path, behaviour: Behaviour, kind: type[FimError], words: str
) -> None:
    """The editor is not told to mend a key that is not the user's."""
    async with site(tmp_path, behaviour, timeout_ms=300) as here:
        error = await failure_at(here)
    assert type(error) is kind
    assert words in str(error)
    assert "API_KEY" not in str(error)


async def test_a_name_of_no_model_there_is_refused(tmp_path: Path) -> None:
    """Any Codestral means the usual one, which none means as well."""
    async with site(tmp_path, ADD) as here:
        refused = await failure_at(here, model="qwen2.5-coder")
        async with asking(here, model="codestral-2501") as client:
            await client.ask(PROMPT, reader := Reader())
    assert isinstance(refused, Refused)
    assert "Invalid model: this gateway has codestral-2508" in str(refused)
    assert reader.text == "return a + b"


async def test_the_models_of_a_gateway_are_listed(tmp_path: Path) -> None:
    """For the doctor: with what each can do and how much it takes in."""
    async with site(tmp_path) as here, asking(here) as client:
        listed = await client.catalog()
        data = json.dumps({"data": cards(here.gateway)})
    names = [(each.id, each.fim, each.context) for each in listed]
    assert names == [("codestral-2508", True, 32_000), ("codestral-latest", True, 32_000)]
    assert server_in(data) == "gateway"


def test_the_doctor_knows_what_a_gateway_takes() -> None:
    """Another provider's format is none of its, Mistral's is; a name that is not there is told."""
    listed = (ListedModel(id="codestral-2508", fim=True),)
    url = "http://127.0.0.1:8787"
    assert wrong_server(endpoint_of(Settings(provider="mistral", endpoint=url)), "gateway") is None
    for provider in ("ollama", "openai"):
        found = wrong_server(endpoint_of(Settings(provider=provider, endpoint=url)), "gateway")
        assert found is not None
        assert 'Use the provider "gateway"' in found.advice
    unnamed = model_finding(endpoint_of(settings_for(url)), listed)
    unlisted = model_finding(endpoint_of(settings_for(url, model="qwen")), listed)
    assert (unnamed.state, unlisted.state) == (State.FINE, State.WARNED)


def test_a_gateway_is_asked_for_a_model_only_if_one_is_set() -> None:
    """It has a usual one."""
    usual, other = (
        endpoint_of(settings_for("http://127.0.0.1:8787", model=model)) for model in ("", "other")
    )
    assert "model" not in usual.dialect.payload(PROMPT, usual.target)
    assert other.dialect.payload(PROMPT, other.target)["model"] == "other"


def test_a_gateway_without_an_address_says_what_to_set() -> None:
    """There is no usual one; any part of the address will do."""
    assert (
        "`endpoint` to yours, such as http://127.0.0.1:8787"
        in endpoint_of(Settings(provider="gateway")).unusable
    )
    for address in ("http://h:1", "http://h:1/v1", "http://h:1/raw", "http://h:1/raw/v1/"):
        endpoint = endpoint_of(settings_for(address))
        assert endpoint.url == "http://h:1/raw/v1/fim/completions"
        assert endpoint.catalog_url == "http://h:1/v1/models"
        assert endpoint.unusable == ""
