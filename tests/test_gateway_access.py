"""Who may ask a gateway, and who is turned away before anything is read."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest

from codestral_ls.gateway.access import is_loopback
from codestral_ls.gateway.settings import GatewaySettings
from tests.gateway_app import asking, bearing, client_of, gateway_over, serving, token_for
from tests.scripted import ScriptedProvider
from tests.virtual_clock import VirtualTime

OPEN = GatewaySettings(is_open=True)
BODY = {"prefix": "a = "}
Headers = Mapping[str, str] | list[tuple[str, str]]


async def ask(
    folder: Path,
    headers: Headers | None = None,
    *,
    own: GatewaySettings | None = None,
    peer: tuple[str, int] | None = ("127.0.0.1", 5),
) -> httpx.Response:
    """The reply to a call with header fields, from some address."""
    script = ScriptedProvider("b + c")
    async with asking(script.provider(), folder, own=own, peer=peer) as client:
        return await client.post("/complete", json=BODY, headers=headers)


def code_of(reply: httpx.Response) -> str:
    """Why nothing was answered; "" if it was."""
    return str(reply.json().get("error", {}).get("code", ""))


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"])
async def test_programs_of_this_machine_need_no_token(tmp_path: Path, peer: str) -> None:
    """As long as there are no tokens."""
    assert code_of(await ask(tmp_path, peer=(peer, 5))) == ""


@pytest.mark.parametrize("peer", ["10.0.0.7", "::ffff:10.0.0.7", "fe80::1%eth0", "nonsense"])
async def test_other_machines_do(tmp_path: Path, peer: str) -> None:
    """They are told what there is to do."""
    reply = await ask(tmp_path, peer=(peer, 5))
    assert (reply.status_code, code_of(reply)) == (403, "not_local")
    assert "gateway token create" in reply.json()["error"]["message"]


async def test_who_has_no_address_is_not_here(tmp_path: Path) -> None:
    """What is not known is not let in."""
    assert code_of(await ask(tmp_path, peer=None)) == "not_local"


async def test_an_open_gateway_answers_everybody(tmp_path: Path) -> None:
    """By whatever name, from wherever, if it was asked for."""
    headers = {"Host": "gateway.example", "X-Forwarded-For": "10.0.0.7"}
    assert code_of(await ask(tmp_path, headers, own=OPEN, peer=("10.0.0.7", 5))) == ""


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-Forwarded-For", "127.0.0.1"),
        ("Forwarded", "for=127.0.0.1"),
        ("X-Real-IP", "127.0.0.1"),
        ("X-Forwarded-Proto", "https"),
        ("X-Forwarded-Host", "gateway.example"),
        ("CF-Connecting-IP", "127.0.0.1"),
        ("Via", "1.1 proxy"),
        ("x-forwarded-for", ""),
    ],
)
async def test_who_comes_through_a_proxy_may_be_anybody(
    tmp_path: Path, name: str, value: str
) -> None:
    """The proxy is at this machine, those behind it are not."""
    assert code_of(await ask(tmp_path, {name: value})) == "not_local"


@pytest.mark.parametrize(("own", "status"), [(None, b"403"), (OPEN, b"200")])
async def test_a_proxy_that_adds_nothing_is_known_by_its_version_of_http(
    tmp_path: Path, own: GatewaySettings | None, status: bytes
) -> None:
    """nginx, as it is installed, calls the gateway by its local name and hides whom it serves."""
    script = ScriptedProvider("")
    async with (
        gateway_over(script.provider(), tmp_path, own=own) as gateway,
        serving(gateway) as at,
    ):
        reader, writer = await asyncio.open_connection("127.0.0.1", int(at.rpartition(":")[2]))
        writer.write(b"GET /v1/models HTTP/1.0\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        assert (await reader.readline()).split()[1] == status
        writer.close()


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST:1", "localhost.:80", "127.0.0.1:8787", "127.3.2.1", "[::1]:8787"],
)
async def test_this_machine_has_many_names(tmp_path: Path, host: str) -> None:
    """With any port."""
    assert code_of(await ask(tmp_path, {"Host": host})) == ""


@pytest.mark.parametrize(
    "host",
    [
        *("evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.7:8787"),
        *("localhost:80@evil.example", "[::2]", "[::1", "[::1]evil.example", "::1", "0x7f.1", ""),
        *("evil.example:localhost", "localhost:8787:1"),
    ],
)
async def test_a_name_that_only_points_here_is_a_trap(tmp_path: Path, host: str) -> None:
    """A page whose name is made to mean this machine would be of the same origin."""
    reply = await ask(tmp_path, {"Host": host})
    assert (reply.status_code, code_of(reply)) == (403, "not_local")


async def test_with_tokens_any_name_is_right(tmp_path: Path) -> None:
    """The page in the trap has no token."""
    head = bearing(token_for("ada", tmp_path))
    assert code_of(await ask(tmp_path, {**head, "Host": "gateway.example"})) == ""


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", "http://localhost:9999", "http://localhost", "file://", "x"],
)
async def test_pages_of_others_spend_nothing(tmp_path: Path, origin: str) -> None:
    """Neither without tokens, nor where everybody may ask, nor with a token that one has found."""
    own = [None, GatewaySettings(origins=("https://mine.example",)), OPEN]
    for each in own:
        reply = await ask(tmp_path, {"Origin": origin}, own=each)
        assert (reply.status_code, code_of(reply)) == (403, "foreign_origin")
    head = bearing(token_for("ada", tmp_path))
    assert code_of(await ask(tmp_path, {**head, "Origin": origin})) == "foreign_origin"


async def test_the_gateway_s_own_page_may_ask(tmp_path: Path) -> None:
    """It is where the gateway is; a proxy in front of an open one may speak TLS."""
    assert code_of(await ask(tmp_path, {"Origin": "http://localhost:8787"})) == ""
    tls = {"Origin": "https://gateway.example", "Host": "gateway.example"}
    assert code_of(await ask(tmp_path, tls, own=OPEN)) == ""


@pytest.mark.parametrize("origin", ["https://mine.example", "https://MINE.example"])
async def test_pages_that_were_allowed_may_ask(tmp_path: Path, origin: str) -> None:
    """By name, or all of them."""
    own = GatewaySettings(origins=("https://other.example", "https://mine.example"))
    across = {"Origin": origin, "Sec-Fetch-Site": "cross-site"}
    assert code_of(await ask(tmp_path, across, own=own)) == ""
    assert code_of(await ask(tmp_path, across, own=GatewaySettings(origins=("*",)))) == ""


async def test_a_browser_that_names_no_origin_says_enough(tmp_path: Path) -> None:
    """What a page of somebody else loads is not for it; what the user opens is."""
    async with asking(ScriptedProvider("").provider(), tmp_path) as client:
        loaded = await client.get("/v1/models", headers={"Sec-Fetch-Site": "cross-site"})
        opened = await client.get(
            "/v1/models", headers={"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
        )
    assert (loaded.status_code, opened.status_code) == (403, 200)


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
async def test_a_token_opens(tmp_path: Path, scheme: str) -> None:
    """From anywhere; also behind a proxy."""
    token = token_for("ada", tmp_path)
    headers = {"Authorization": f"{scheme}  {token} ", "X-Forwarded-For": "10.0.0.7"}
    assert code_of(await ask(tmp_path, headers, peer=("10.0.0.7", 5))) == ""


@pytest.mark.parametrize(
    ("value", "error"),
    [
        (None, ""),
        ("", ""),
        ("Bearer", "invalid_request"),
        ("Bearer ", "invalid_request"),
        ("{token}", "invalid_request"),
        ("Basic {token}", "invalid_request"),
        ("Bearer {token} {token}", "invalid_request"),
        ("Bearer x{token}", "invalid_token"),
        ("Bearer {token}x", "invalid_token"),
        ("Bearer cls_" + "0" * 10_000, "invalid_token"),
        ("Bearer \xff\xfe", "invalid_token"),
    ],
)
async def test_anything_but_a_token_does_not(tmp_path: Path, value: str | None, error: str) -> None:
    """The reply says in the header what is wrong with it, and nowhere what it was."""
    token = token_for("ada", tmp_path)
    shown = (value or "").format(token=token).encode("latin-1")
    headers = {} if value is None else {b"Authorization": shown}
    async with asking(ScriptedProvider("").provider(), tmp_path) as client:
        reply = await client.post("/complete", json=BODY, headers=headers)
    assert (reply.status_code, code_of(reply)) == (401, "unauthorized")
    challenge = reply.headers["WWW-Authenticate"]
    assert challenge.startswith('Bearer realm="codestral-ls gateway"')
    assert (f'error="{error}"' in challenge) == bool(error)
    assert ("error=" in challenge) == bool(error)
    assert token not in reply.text


@pytest.mark.parametrize("name", ["Host", "Origin", "Authorization", "Content-Type"])
async def test_what_is_said_twice_is_said_wrongly(tmp_path: Path, name: str) -> None:
    """A proxy in front may have read the other one."""
    token = token_for("ada", tmp_path)
    values = {
        "Host": ["localhost:8787", "evil.example"],
        "Origin": ["http://localhost:8787", "https://evil.example"],
        "Authorization": [f"Bearer {token}", "Bearer x"],
        "Content-Type": ["application/json", "text/plain"],
    }[name]
    headers = [("Authorization", f"Bearer {token}")] if name != "Authorization" else []
    if name == "Host":
        headers.append(("Origin", "http://localhost:8787"))
    headers += [(name, each) for each in values]
    reply = await ask(tmp_path, headers)
    assert (reply.status_code, code_of(reply)) == (400, "duplicate_header")


@pytest.mark.parametrize(
    ("path", "status"),
    [("/healthz", 200), ("/readyz", 200), ("/", 200), ("/metrics", 401), ("/v1/models", 401)],
)
async def test_some_paths_need_no_token(tmp_path: Path, path: str, status: int) -> None:
    """What watches processes has none, and the page asks for one."""
    token_for("ada", tmp_path)
    async with asking(ScriptedProvider("").provider(), tmp_path) as client:
        assert (await client.get(path)).status_code == status


async def test_a_token_that_was_revoked_is_none(tmp_path: Path) -> None:
    """Within a second, while the gateway runs; and nobody gets in without one from then on."""
    head = bearing(token_for("ada", tmp_path))
    time = VirtualTime()
    over = gateway_over(ScriptedProvider("b").provider(), tmp_path, clock=time.clock)
    async with over as gateway, client_of(gateway) as client:
        before = await client.post("/complete", json=BODY, headers=head)
        gateway.tokens.revoke("ada")
        time.wake(1.5)
        after = await client.post("/complete", json=BODY, headers=head)
        without = await client.post("/complete", json=BODY)
    assert [each.status_code for each in (before, after, without)] == [200, 401, 401]


@pytest.mark.parametrize("address", ["", "localhost", "127.0.0.1:80", "127.0.0.256", "0.0.0.0"])
def test_what_is_no_address_of_this_machine_is_none(address: str) -> None:
    """Names are not looked up."""
    assert not is_loopback(address)
