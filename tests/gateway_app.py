"""A gateway inside of a test: over a scripted provider, asked in-process or through a socket."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import httpx

from codestral_ls.gateway.admission import Admission
from codestral_ls.gateway.app import build_app
from codestral_ls.gateway.gateway import Gateway, Model
from codestral_ls.gateway.metrics import Metrics
from codestral_ls.gateway.opening import open_model
from codestral_ls.gateway.server import Server, config_of
from codestral_ls.gateway.settings import GatewaySettings
from codestral_ls.gateway.tokens import Tokens
from codestral_ls.gateway.users import Bounds
from codestral_ls.provider import Provider
from codestral_ls.reuse.memory_tier import MemoryTier
from codestral_ls.reuse.pace import SYSTEM_CLOCK, Clock
from codestral_ls.reuse.sharing import share
from codestral_ls.settings import Settings
from codestral_ls.vendors import Prices

SETTINGS = Settings(languages=("*",), candidates=1, context="file", offline_fallback=False)
PRICES = Prices(prompt=1.0, completion=2.0)
TOKENS = "gateway-tokens.json"
HERE = "http://localhost:8787"
Reply = dict[str, Any]
Event = tuple[str, Reply]


def token_for(
    name: str, folder: Path, bounds: Bounds | None = None, *, metrics: bool = False
) -> str:
    """A token of a user, for a gateway that is opened afterwards."""
    return Tokens(folder / TOKENS).create(name, bounds or Bounds(), metrics=metrics)


def bearing(token: str) -> dict[str, str]:
    """The header field that shows a token."""
    return {"Authorization": f"Bearer {token}"}


@asynccontextmanager
async def gateway_over(
    provider: Provider,
    folder: Path,
    *,
    own: GatewaySettings | None = None,
    settings: Settings = SETTINGS,
    clock: Clock = SYSTEM_CLOCK,
) -> AsyncIterator[Gateway]:
    """A gateway with one model, until the block ends; its tokens are in the folder."""
    own, tier, models = own or GatewaySettings(), MemoryTier(clock), dict[str, Model]()
    gateway = Gateway(
        own=own,
        models=models,
        tier=tier,
        tokens=Tokens(folder / TOKENS, clock),
        admission=Admission(own, tier, clock),
        metrics=Metrics(),
    )
    shared = share(provider, tier, b"a secret of this test", seconds=60.0, clock=clock)
    model = models[provider.model] = open_model(shared, settings, clock, gateway.tell)
    try:
        yield gateway
    finally:
        await model.engine.close()
        await gateway.admission.close()
        await tier.close()


def client_of(gateway: Gateway, **options: Any) -> httpx.AsyncClient:
    """A client of this machine; what it reads has come as a whole."""
    peer = options.pop("peer", ("127.0.0.1", 50_000))
    transport = httpx.ASGITransport(app=build_app(gateway), client=peer)
    return httpx.AsyncClient(transport=transport, base_url=HERE, **options)


@asynccontextmanager
async def asking(
    provider: Provider, folder: Path, own: GatewaySettings | None = None, **options: Any
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a gateway that nobody else asks."""
    over = gateway_over(provider, folder, own=own)
    async with over as gateway, client_of(gateway, **options) as client:
        yield client


@asynccontextmanager
async def serving(gateway: Gateway) -> AsyncIterator[str]:
    """The address of a server on a free port, for what only sockets can show."""
    config = config_of(build_app(gateway), None)
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        started = asyncio.Event()
        server = Server(config, gateway, on_ready=started.set)
        running = asyncio.create_task(server.serve(sockets=[listener]))
        await started.wait()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.end()
            await running


def events_of(text: str) -> list[Event]:
    """The events of a stream, each with its name and its value."""
    events = []
    for block in text.removesuffix("\n\n").split("\n\n"):
        name, data = block.split("\n")
        events.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return events
