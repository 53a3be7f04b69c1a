"""A gateway on a socket, between a client of Mistral's API and the fake endpoint."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from codestral_ls.fim.connect import connect
from codestral_ls.gateway.gateway import Gateway
from codestral_ls.gateway.offline import propose
from codestral_ls.gateway.settings import GatewaySettings
from codestral_ls.gateway.tokens import Tokens
from codestral_ls.gateway.users import Bounds
from codestral_ls.kinds import Secret
from codestral_ls.settings import Settings
from tests.fim_endpoint import DEFAULT, Endpoint, Script, serve
from tests.gateway_app import SETTINGS, gateway_over, serving

FIM = "/v1/fim/completions"
RAW, SHAPED = "/raw" + FIM, "/shaped" + FIM
KEY = "test-key-0000"
BODY: dict[str, Any] = {"model": "codestral-2508", "prompt": "def add(a, b):\n    ", "suffix": "\n"}


class Site(NamedTuple):
    """Where a gateway answers, itself, and whom it asks."""

    url: str
    gateway: Gateway
    endpoint: Endpoint


@asynccontextmanager
async def site(
    folder: Path,
    behaviour: Script = DEFAULT,
    own: GatewaySettings | None = None,
    settings: Settings = SETTINGS,
    **changes: Any,
) -> AsyncIterator[Site]:
    """A gateway over the fake endpoint; `changes` are settings of the completion."""
    async with serve(behaviour) as endpoint:
        options: dict[str, Any] = {
            "provider": "mistral",
            "endpoint": endpoint.url,
            "api_key": Secret(KEY),
            "trust_env": False,
            "languages": settings.languages,
            "offline_fallback": False,
            "context": "file",
            **changes,
        }
        chosen = Settings(**options)
        over = gateway_over(connect(chosen, propose), folder, own=own, settings=chosen)
        async with over as gateway, serving(gateway) as url:
            yield Site(url, gateway, endpoint)


def client(url: str, **options: Any) -> httpx.AsyncClient:
    """A client without what the environment says."""
    return httpx.AsyncClient(base_url=url, trust_env=False, timeout=10, **options)


async def ask(url: str, path: str = RAW, token: str = "", **body: object) -> httpx.Response:
    """One call, on a connection of its own."""
    headers = {"authorization": f"Bearer {token}"} if token else {}
    async with client(url, headers=headers) as http:
        return await http.post(path, json=BODY | body)


def events(reply: httpx.Response) -> list[dict[str, Any]]:
    """The JSON of a stream's events; [DONE] left out."""
    data = [block.removeprefix("data: ") for block in reply.text.split("\n\n") if block]
    return [json.loads(each) for each in data if each != "[DONE]"]


def text(reply: httpx.Response) -> str:
    """What a reply of either form says."""
    if reply.headers["content-type"].startswith("application/json"):
        content = reply.json()["choices"][0]["message"]["content"]
    else:
        found = [it["choices"][0]["delta"]["content"] for it in events(reply) if "choices" in it]
        content = "".join(found)
    assert isinstance(content, str)
    return content


def token_for(folder: Path, name: str = "ada", bounds: Bounds | None = None) -> str:
    """A token of a user, as the command makes one."""
    return Tokens(folder / "gateway-tokens.json").create(name, bounds or Bounds())
