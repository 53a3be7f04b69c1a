"""What browsers are told of pages of other origins."""

from pathlib import Path

import httpx
import pytest

from codestral_ls.gateway.settings import GatewaySettings
from tests.gateway_app import asking
from tests.scripted import ScriptedProvider

MINE = GatewaySettings(origins=("https://mine.example", "http://localhost:5173"))
ALL = GatewaySettings(origins=("*",))
ORIGIN = {"Origin": "https://mine.example"}
ASKED = {**ORIGIN, "Access-Control-Request-Method": "POST"}


async def send(
    folder: Path, method: str, headers: dict[str, str], own: GatewaySettings | None
) -> httpx.Response:
    """The reply to a call of a page."""
    async with asking(ScriptedProvider("b").provider(), folder, own=own) as client:
        body = {"prefix": "a = "} if method == "POST" else None
        return await client.request(method, "/complete", json=body, headers=headers)


def fields_of(reply: httpx.Response) -> dict[str, str]:
    """Those that speak of origins."""
    return {
        name: value for name, value in reply.headers.items() if "access-control" in name.lower()
    }


async def test_nothing_is_said_unless_origins_are_named(tmp_path: Path) -> None:
    """Off by default: the browser keeps the page out."""
    asked = await send(tmp_path, "OPTIONS", ASKED, None)
    sent = await send(tmp_path, "POST", ORIGIN, None)
    assert (asked.status_code, sent.status_code) == (403, 403)
    assert fields_of(asked) == fields_of(sent) == {}


async def test_a_page_that_is_allowed_may_ask_and_read(tmp_path: Path) -> None:
    """It is named in the reply, since caches must not give that to others."""
    asked = await send(tmp_path, "OPTIONS", ASKED, MINE)
    assert asked.status_code == 204
    assert asked.headers["Access-Control-Allow-Origin"] == "https://mine.example"
    assert "POST" in asked.headers["Access-Control-Allow-Methods"]
    assert "Authorization" in asked.headers["Access-Control-Allow-Headers"]
    assert "Content-Type" in asked.headers["Access-Control-Allow-Headers"]
    sent = await send(tmp_path, "POST", ORIGIN, MINE)
    assert sent.json()["completion"] == "b"
    assert sent.headers["Access-Control-Allow-Origin"] == "https://mine.example"
    assert "Retry-After" in sent.headers["Access-Control-Expose-Headers"]
    for each in (asked, sent):
        assert each.headers["Vary"] == "Origin"


async def test_a_page_that_is_not_is_told_nothing(tmp_path: Path) -> None:
    """Neither before nor after; but that the reply depends on the origin."""
    other = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    for method in ("OPTIONS", "POST"):
        reply = await send(tmp_path, method, other, MINE)
        assert reply.status_code == 403
        assert fields_of(reply) == {}
        assert reply.headers["Vary"] == "Origin"


async def test_an_error_can_be_read_as_well(tmp_path: Path) -> None:
    """Or the page could not say what is wrong."""
    own = MINE
    async with asking(ScriptedProvider("b").provider(), tmp_path, own=own) as client:
        reply = await client.post("/complete", json={}, headers=ORIGIN)
    assert reply.status_code == 400
    assert reply.headers["Access-Control-Allow-Origin"] == "https://mine.example"


async def test_all_pages_may_be_allowed(tmp_path: Path) -> None:
    """Without credentials of the browser's own, which a star excludes."""
    for method in ("OPTIONS", "POST"):
        reply = await send(tmp_path, method, {**ASKED, "Origin": "null"}, ALL)
        assert reply.headers["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in reply.headers


async def test_a_page_of_the_internet_may_be_allowed_to_ask_this_machine(tmp_path: Path) -> None:
    """Browsers want that to be said on its own."""
    private = {**ASKED, "Access-Control-Request-Private-Network": "true"}
    assert "Access-Control-Allow-Private-Network" not in fields_of(
        await send(tmp_path, "OPTIONS", ASKED, MINE)
    )
    reply = await send(tmp_path, "OPTIONS", private, MINE)
    assert reply.headers["Access-Control-Allow-Private-Network"] == "true"


@pytest.mark.parametrize("own", [None, MINE])
async def test_programs_that_are_no_pages_are_answered_as_ever(
    tmp_path: Path, own: GatewaySettings | None
) -> None:
    """They have no origin."""
    assert (await send(tmp_path, "POST", {}, own)).status_code == 200
