"""Whom a name means, and the list of those who can be asked."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from codestral_ls.engine.engine import Engine
from codestral_ls.gateway.gateway import Gateway, Model
from codestral_ls.gateway.settings import GatewaySettings
from codestral_ls.provider import Provider
from codestral_ls.settings import Settings
from tests.fim_endpoint import Behaviour
from tests.gateway_app import SETTINGS, client_of, gateway_over
from tests.gateway_fim import BODY, FIM, RAW, SHAPED, ask, site, text, token_for
from tests.scripted import ScriptedProvider

PREFIXES = ["", "/raw", "/shaped"]


def _beside(gateway: Gateway, provider: Provider) -> None:
    """Adds a model to a gateway."""

    def connect(_: Settings) -> Provider:
        return provider

    engine = Engine(SETTINGS, connect, tell=gateway.tell)
    model = Model(name=provider.model, engine=engine, provider=provider)
    assert isinstance(gateway.models, dict)
    gateway.models[provider.model] = model


async def _asked(gateway: Gateway, model: str | None, path: str = RAW) -> httpx.Response:
    async with client_of(gateway) as http:
        return await http.post(path, json=BODY | {"model": model})


@pytest.mark.parametrize("path", [FIM, RAW, SHAPED])
@pytest.mark.parametrize(
    ("name", "answers"),
    [
        ("first-1", "one"),
        ("second/2", "two"),
        ("", "one"),
        (None, "one"),
        ("codestral-latest", "one"),
        ("Codestral-2501", "one"),
    ],
)
async def test_a_name_means_a_model(
    tmp_path: Path, path: str, name: str | None, answers: str
) -> None:
    """None, and any Codestral, is the usual one; the reply says who has answered."""
    first = ScriptedProvider("one").provider(model="first-1")
    second = ScriptedProvider("two").provider(model="second/2")
    async with gateway_over(first, tmp_path) as gateway:
        _beside(gateway, second)
        reply = await _asked(gateway, name, path)
    assert text(reply) == answers
    assert reply.json()["model"] == {"one": "first-1", "two": "second/2"}[answers]


async def test_another_name_is_an_invalid_model(tmp_path: Path) -> None:
    """As Mistral's API says it; the ones that there are are named, and not the one that was."""
    async with gateway_over(ScriptedProvider("").provider(), tmp_path) as gateway:
        reply = await _asked(gateway, "gpt-9-secret")
    error = reply.json()
    assert reply.status_code == 400
    assert (error["type"], error["code"], error["param"]) == ("invalid_model", "1500", "model")
    assert "script-1" in error["message"]
    assert "gpt-9" not in reply.text


@pytest.mark.parametrize("prefix", PREFIXES)
async def test_the_list_is_at_every_base_address(tmp_path: Path, prefix: str) -> None:
    """The usual one first, which has the vendor's name for the latest as well."""
    first, second = (ScriptedProvider("").provider(model=it) for it in ("a", "b/c"))
    async with gateway_over(first, tmp_path) as gateway, client_of(gateway) as http:
        _beside(gateway, second)
        listed = (await http.get(f"{prefix}/v1/models")).json()
        one = await http.get(f"{prefix}/v1/models/b/c")
        none = await http.get(f"{prefix}/v1/models/other")
    rows: list[dict[str, Any]] = listed["data"]
    assert listed["object"] == "list"
    assert [(each["id"], each["aliases"]) for each in rows] == [
        ("a", ["codestral-latest"]),
        ("b/c", []),
    ]
    assert all(each["capabilities"]["completion_fim"] for each in rows)
    assert one.json() == rows[1]
    assert none.status_code == 404


async def test_the_latest_codestral_may_be_there_itself(tmp_path: Path) -> None:
    """Then it is nobody's other name."""
    first = ScriptedProvider("").provider(model="a")
    latest = ScriptedProvider("").provider(model="codestral-latest")
    async with gateway_over(first, tmp_path) as gateway, client_of(gateway) as http:
        _beside(gateway, latest)
        rows = (await http.get("/v1/models")).json()["data"]
    assert [each["aliases"] for each in rows] == [[], []]


async def test_the_list_is_for_users(tmp_path: Path) -> None:
    """Where there are tokens, one is wanted, in the form of the API."""
    token = token_for(tmp_path)
    provider = ScriptedProvider("").provider()
    async with gateway_over(provider, tmp_path) as gateway, client_of(gateway) as http:
        refused = await http.get("/v1/models")
        listed = await http.get("/v1/models", headers={"authorization": f"Bearer {token}"})
    assert (refused.status_code, listed.status_code) == (401, 200)
    assert refused.headers["www-authenticate"].startswith("Bearer")
    assert refused.json() == {
        "message": "Unauthorized",
        "request_id": refused.headers["x-request-id"],
    }


async def test_a_page_of_a_stranger_is_refused(tmp_path: Path) -> None:
    """In the form of the API as well."""
    async with (
        gateway_over(ScriptedProvider("").provider(), tmp_path, own=GatewaySettings()) as gateway,
        client_of(gateway, headers={"origin": "https://evil.example"}) as http,
    ):
        replies = [await http.get("/v1/models"), await http.post(FIM, json=BODY)]
    assert [(each.status_code, each.json()["object"]) for each in replies] == [(403, "error")] * 2


async def test_the_usual_model_is_asked_by_its_own_name(tmp_path: Path) -> None:
    """Whatever the client has called it."""
    async with site(tmp_path, Behaviour(text="x")) as here:
        await ask(here.url, model="codestral-from-the-past")
        (call,) = here.endpoint.completions
    assert call.body["model"] == "codestral-2508"
