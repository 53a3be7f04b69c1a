"""Settings -> the chain of providers that they mean."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from codestral_ls.errors import Refused
from codestral_ls.fim.connect import connect
from codestral_ls.kinds import Keys, Secret
from codestral_ls.model import Prompt, Source
from codestral_ls.provider import Provider
from codestral_ls.settings import Settings
from codestral_ls.vendors import VENDORS, Prices
from tests.fim_client import KEY, PROMPT, Reader
from tests.fim_endpoint import Behaviour, serve
from tests.other_endpoints import Other, serve_other


async def proposing(_: Prompt) -> str:
    return "from here"


def chain(settings: Settings) -> list[Provider]:
    """Every provider, in the order in which they serve."""
    return list(_links(connect(settings, proposing)))


def _links(provider: Provider | None) -> Iterator[Provider]:
    while provider is not None:
        yield provider
        provider = provider.then


def test_without_anything_the_offline_provider_stands_alone() -> None:
    """So it does if it is chosen, whatever keys there are."""
    keys = Keys((("MISTRAL_API_KEY", KEY),))
    for settings in (Settings(), Settings(provider="offline", keys=keys)):
        assert [each.source for each in chain(settings)] == [Source.OFFLINE]


def test_providers_serve_in_their_order() -> None:
    """Each with what belongs to it: model, price, limits, and whether it is on this machine."""
    settings = Settings(
        providers=("codestral", "langdock", "ollama:qwen2.5-coder:7b", "offline", "mistral"),
        daily_requests=5,
    )
    codestral, langdock, ollama, offline = chain(settings)
    assert [codestral.name, langdock.name, ollama.name] == ["codestral", "langdock", "ollama"]
    assert (codestral.prices, codestral.local) == (VENDORS["codestral"].prices, False)
    assert (langdock.requests_per_minute, langdock.tokens_per_minute) == (500, 60_000)
    assert (ollama.model, ollama.local, ollama.prices) == ("qwen2.5-coder:7b", True, None)
    assert (offline.source, offline.then) == (Source.OFFLINE, None)


def test_no_more_is_sent_than_a_server_reads() -> None:
    """llama-server cuts the rest off in silence, and its cache with it."""
    (llama,) = chain(Settings(provider="llama.cpp"))
    (shorter,) = chain(Settings(provider="llama.cpp", prefix_chars=1000, suffix_chars=500))
    (codestral,) = chain(Settings(provider="codestral"))
    windows = [(it.budget.prefix_chars, it.budget.suffix_chars) for it in (llama, shorter)]
    assert windows == [(4500, 1500), (1000, 500)]
    assert (codestral.budget.prefix_chars, codestral.budget.suffix_chars) == (6000, 2000)


async def test_a_server_that_loads_its_model_late_is_made_to_load_it_ahead() -> None:
    """A question that is broken off by its deadline or the next one would never see it loaded."""
    async with serve_other(Other(kind="ollama")) as endpoint:
        (ollama,) = chain(Settings(provider="ollama", endpoint=endpoint.url))
        await ollama.warm()
        await ollama.close()
        (call,) = [each for each in endpoint.calls if each.method == "POST"]
    assert call.path == "/api/generate"
    assert "prompt" not in call.body
    assert call.body["keep_alive"]


async def test_a_model_that_cannot_be_loaded_is_told_by_the_first_question() -> None:
    """Warming up raises nothing."""
    async with serve_other(Other(kind="ollama")) as endpoint:
        settings = Settings(provider="ollama", endpoint=endpoint.url, model="not-there")
        (ollama,) = chain(settings)
        await ollama.warm()
        with pytest.raises(Refused, match="ollama pull not-there"):
            await ollama.ask(PROMPT, Reader())
        await ollama.close()


def test_prices_and_limits_of_the_settings_belong_to_the_first() -> None:
    """They are those of one key."""
    settings = Settings(
        providers=("codestral", "langdock"),
        price_prompt=1.0,
        price_completion=2.0,
        requests_per_minute=7,
    )
    first, second = chain(settings)
    assert first.prices == Prices(prompt=1.0, completion=2.0)
    assert (first.requests_per_minute, second.requests_per_minute) == (7, 500)
    assert second.prices is None


def test_only_servers_that_can_read_ahead_are_primed() -> None:
    """The others would write, and some would charge for it."""
    first, second = chain(Settings(providers=("llama.cpp", "codestral")))
    assert first.prime is not None
    assert second.prime is None


async def test_all_write_into_one_trace(tmp_path: Path) -> None:
    """Also when the first of them is closed before the last has been asked."""
    file = tmp_path / "trace.jsonl"
    async with serve(Behaviour(text="a")) as one, serve_other(Other(kind="ollama")) as other:
        settings = Settings(
            providers=(f"mistral@{one.url}", f"ollama@{other.url.replace('//', '//joe:s3cret@')}"),
            api_key=KEY,
            trace_file=str(file),
        )
        first, second = chain(settings)
        await asyncio.gather(first.ask(PROMPT, Reader()), second.ask(PROMPT, Reader()))
        await first.close()
        await second.ask(PROMPT, Reader())
        await second.close()
    written = file.read_text("utf-8")
    records = [json.loads(line) for line in written.splitlines()]
    assert [record["kind"] for record in records] == ["call"] * 3
    assert {record["answer"] for record in records} == {"a", "return a + b"}
    assert "s3cret" not in written


async def test_the_settings_of_the_network_are_those_of_all(tmp_path: Path) -> None:
    """Whoever is asked."""
    missing = str(tmp_path / "none.pem")
    settings = Settings(
        providers=("mistral", "codestral"),
        api_key=Secret("k"),
        keys=Keys((("CODESTRAL_API_KEY", KEY),)),
        trust_env=False,
    )
    for changed, name in (
        (replace(settings, ca_file=missing), "ca_file"),
        (replace(settings, ca_file="~nobody-of-this-name/ca.pem"), "ca_file"),
        (replace(settings, client_cert=missing), "client_cert"),
    ):
        for provider in chain(changed):
            with pytest.raises(Refused, match=f"`{name}`"):
                await provider.ask(PROMPT, Reader())
            await provider.close()
