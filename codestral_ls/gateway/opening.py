"""Settings -> a gateway that is ready to answer, and how it is given back."""

import asyncio
import contextlib
import hmac
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from codestral_ls.engine.engine import Engine
from codestral_ls.fim.connect import connect
from codestral_ls.gateway.admission import Admission
from codestral_ls.gateway.gateway import Gateway, Model
from codestral_ls.gateway.metrics import Metrics
from codestral_ls.gateway.naming import NamedView
from codestral_ls.gateway.offline import propose
from codestral_ls.gateway.settings import GatewaySettings
from codestral_ls.gateway.tokens import Tokens
from codestral_ls.happenings import Tell
from codestral_ls.kinds import split_entry
from codestral_ls.reuse.memory_tier import MemoryTier
from codestral_ls.reuse.pace import SYSTEM_CLOCK, Clock
from codestral_ls.reuse.sharing import Shared, share
from codestral_ls.reuse.tier import Tier
from codestral_ls.settings import Settings
from codestral_ls.statistics.store import OnTotals, Statistics

MOST_STREAMS = 20_000
"""Texts that fit again where somebody types on or comes back: 100 for each of 200 users."""

OF_THE_FIRST = (
    *("endpoint", "model", "api_key", "api_key_command", "api_key_file", "api_key_keyring"),
    *("requests_per_minute", "tokens_per_minute", "price_prompt", "price_completion"),
)
"""Settings that are about the usual model alone."""
DECISIVE = (
    *("provider", "providers", "endpoint", "fim_template"),
    *("multiline", "max_lines", "rest_lines"),
)
"""Settings of which no prompt tells, although the text depends on them."""


@asynccontextmanager
async def open_gateway(  # noqa: PLR0913 - every effect is handed in
    own: GatewaySettings,
    settings: Settings,
    *,
    statistics: Path | None,
    tokens: Path,
    secret: bytes,
    clock: Clock = SYSTEM_CLOCK,
) -> AsyncIterator[Gateway]:
    """A gateway, until the block ends; nothing is asked before the first request.

    `secret` is what keys of shared texts are made with: who has another one shares none.
    """
    tier = await _open_tier(own, clock)
    models: dict[str, Model] = {}
    counted = Statistics(statistics, _carry(models)) if statistics and settings.stats else None
    gateway = Gateway(
        own=own,
        models=models,
        tier=tier,
        tokens=Tokens(tokens),
        admission=Admission(own, tier, clock),
        metrics=Metrics(),
        statistics=counted,
    )
    for each in settings_of_models(own, settings):
        provider, key = connect(each, propose), key_for(secret, each)
        shared = share(provider, tier, key, seconds=own.cache_seconds, clock=clock)
        model = open_model(shared, each, clock, gateway.tell)
        models.setdefault(model.name, model)
    if counted is not None:
        counted.watch_totals(wanted=any(each.engine.is_bound for each in models.values()))
    warming = [asyncio.create_task(each.engine.provider.warm()) for each in models.values()]
    try:
        yield gateway
    finally:
        for task in warming:
            task.cancel()
        await asyncio.gather(*warming, return_exceptions=True)
        for model in models.values():
            await model.engine.close()
        await gateway.admission.close()
        await tier.close()
        if counted is not None:
            await asyncio.to_thread(counted.close)


async def _open_tier(own: GatewaySettings, clock: Clock) -> Tier:
    if not own.redis:
        return MemoryTier(clock)
    from codestral_ls.reuse.redis_tier import RedisTier  # noqa: PLC0415 - 60 ms for who shares

    tier = RedisTier(own.redis.reveal(), clock=clock)
    await tier.warm()
    return tier


def settings_of_models(own: GatewaySettings, settings: Settings) -> Iterator[Settings]:
    """The settings of each model that may be asked, the usual one first.

    Whoever calls decides about languages, candidates and pauses. What the settings say of address
    and key belongs to the usual model; those named beside it have keys by their own variables.
    """
    usual = replace(
        settings,
        enabled=True,
        trigger="automatic",
        languages=("*",),
        candidates=1,
        context="file",
        offline_fallback=False,
    )
    yield usual
    none = Settings()
    own_words = {name: getattr(none, name) for name in OF_THE_FIRST}
    for entry in own.models:
        yield replace(usual, providers=(entry,), **own_words)


def open_model(shared: Shared, settings: Settings, clock: Clock, tell: Tell) -> Model:
    """A model that may be asked, with an engine of its own."""
    engine = Engine(
        settings,
        lambda _: shared.provider,
        view=NamedView(settings.disabled_paths),
        clock=clock,
        tell=tell,
        most_streams=MOST_STREAMS,
    )
    entry = split_entry(settings.providers[0]) if settings.providers else None
    name = shared.whole.model or (entry and entry[1]) or shared.whole.name
    return Model(name=name, engine=engine, provider=shared.whole)


def key_for(secret: bytes, settings: Settings) -> bytes:
    """The key of shared texts under these settings: others may ask another host, or end sooner.

    A prompt names its provider and model; the rest of what decides about a text is here.
    """
    words = repr([getattr(settings, name) for name in DECISIVE])
    return hmac.digest(secret, words.encode("utf-8", "surrogatepass"), "sha256")


def _carry(models: dict[str, Model]) -> OnTotals:
    """Carries what all servers of this machine have spent to the engines, from the thread."""
    loop = asyncio.get_running_loop()

    def learn(day: int, requests: int, cost: float) -> None:
        for model in models.values():
            model.engine.daily_limit.learn(day, requests, cost)

    def carry(day: int, requests: int, cost: float) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody asks any more
            loop.call_soon_threadsafe(learn, day, requests, cost)

    return carry
