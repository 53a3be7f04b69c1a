"""What goes for every path of a gateway: health, methods, header fields, counting."""

import logging
import re
from pathlib import Path

import httpx
import pytest

from codestral_ls.errors import Unauthorized
from codestral_ls.gateway.settings import GatewaySettings
from codestral_ls.gateway.tokens import Tokens
from codestral_ls.gateway.users import Bounds
from codestral_ls.kinds import Secret
from tests.gateway_app import TOKENS, asking, client_of, gateway_over
from tests.scripted import ScriptedProvider

REDIS = GatewaySettings(redis=Secret("redis://:hidden@127.0.0.1:1/0"))


async def get(folder: Path, path: str, method: str = "GET", **headers: str) -> httpx.Response:
    """A reply of a gateway without tokens."""
    async with asking(ScriptedProvider("b").provider(), folder) as client:
        return await client.request(method, path, headers=headers)


async def test_it_is_alive(tmp_path: Path) -> None:
    """As long as it says so."""
    reply = await get(tmp_path, "/healthz")
    assert (reply.status_code, reply.json()) == (200, {"alive": True})


async def test_it_is_ready_until_it_is_to_end(tmp_path: Path) -> None:
    """Who chooses among several turns away then; it is alive all the same."""
    over = gateway_over(ScriptedProvider("b").provider(), tmp_path)
    async with over as gateway, client_of(gateway) as client:
        before = await client.get("/readyz")
        gateway.is_draining = True
        after, alive = await client.get("/readyz"), await client.get("/healthz")
    told = {"redis": "unused", "models": {"script-1": "well"}}
    assert (before.status_code, before.json()) == (200, {"ready": True, **told})
    assert (after.status_code, after.json()) == (503, {"ready": False, **told})
    assert alive.status_code == 200
    assert "connection" not in before.headers
    assert after.headers["Connection"] == alive.headers["Connection"] == "close"


async def test_a_model_that_fails_does_not_make_it_unready(tmp_path: Path) -> None:
    """Another gateway would fail as well; the reason is one word, and no address."""
    script = ScriptedProvider(Unauthorized("The key of account 4711 is refused."))
    async with asking(script.provider(), tmp_path) as client:
        await client.post("/complete", json={"prefix": "a"})
        reply = await client.get("/readyz")
    assert reply.status_code == 200
    assert reply.json()["models"] == {"script-1": "paused after an error"}
    assert "4711" not in reply.text


async def test_it_says_whether_redis_is_there(tmp_path: Path) -> None:
    """Without its address, which may hold a password."""
    async with asking(ScriptedProvider("b").provider(), tmp_path, own=REDIS) as client:
        reply = await client.get("/readyz")
    assert reply.json()["redis"] == "well"
    assert "hidden" not in reply.text


async def test_what_is_not_there_is_not_found(tmp_path: Path) -> None:
    """In JSON, without a redirection, whatever the path is."""
    for path in ("/nothing", "/complete/", "/%00", "/COMPLETE"):
        reply = await get(tmp_path, path)
        assert (reply.status_code, reply.json()["error"]["code"]) == (404, "not_found"), path


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/complete", "POST, OPTIONS"),
        ("PUT", "/complete", "POST, OPTIONS"),
        ("BREW", "/complete", "POST, OPTIONS"),
        ("POST", "/healthz", "GET, HEAD, OPTIONS"),
        ("DELETE", "/v1/models", "GET, HEAD, OPTIONS"),
    ],
)
async def test_a_wrong_method_is_told_the_right_ones(
    tmp_path: Path, method: str, path: str, allowed: str
) -> None:
    """In the header field for it, and in words."""
    reply = await get(tmp_path, path, method)
    assert (reply.status_code, reply.headers["Allow"]) == (405, allowed)
    assert reply.json()["error"]["code"] == "method_not_allowed"


async def test_a_path_can_be_asked_for_its_methods(tmp_path: Path) -> None:
    """And for its header fields alone."""
    options = await get(tmp_path, "/complete", "OPTIONS")
    assert (options.status_code, options.headers["Allow"]) == (204, "POST, OPTIONS")
    assert (await get(tmp_path, "/healthz", "HEAD")).status_code == 200


@pytest.mark.parametrize("path", ["/healthz", "/nothing", "/metrics"])
async def test_no_reply_is_guessed_at_or_kept(tmp_path: Path, path: str) -> None:
    """By browsers, and by what is between."""
    reply = await get(tmp_path, path)
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert reply.headers["Cache-Control"] == "no-store"


async def test_every_request_has_a_name(tmp_path: Path) -> None:
    """One of its own, or the client's; a strange one is not repeated."""
    first, second = await get(tmp_path, "/healthz"), await get(tmp_path, "/nothing")
    assert first.headers["X-Request-Id"] != second.headers["X-Request-Id"]
    mine = await get(tmp_path, "/healthz", **{"X-Request-Id": "ci-17:a.b"})
    assert mine.headers["X-Request-Id"] == "ci-17:a.b"
    for strange in ("a b", "<x>", "x" * 65, ""):
        reply = await get(tmp_path, "/healthz", **{"X-Request-Id": strange})
        assert len(reply.headers["X-Request-Id"]) == 32


async def test_replies_are_counted_by_route(tmp_path: Path) -> None:
    """Paths that strangers try are all the same."""
    async with asking(ScriptedProvider("b").provider(), tmp_path) as client:
        for path in ("/healthz", "/secret/path", "/wp-admin"):
            await client.get(path)
        text = (await client.get("/metrics")).text
    assert 'codestral_ls_http_requests_total{route="/healthz",status="200"} 1.0' in text
    assert 'codestral_ls_http_requests_total{route="other",status="404"} 2.0' in text
    assert "wp-admin" not in text


async def test_who_has_a_wrong_path_is_told_the_right_ones(tmp_path: Path) -> None:
    """Whoever sets up an editor has an address, and no README at hand."""
    error = (await get(tmp_path, "/v1/v1/fim/completions", "POST")).json()["error"]
    assert error["code"] == "not_found"
    assert "/complete or /v1/fim/completions" in error["message"]


async def test_each_request_is_in_the_log_for_who_wants_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """By its identity, which the client has as well; no path, query or token of the client's."""
    caplog.set_level(logging.INFO, "codestral_ls.gateway.app")
    token = Tokens(tmp_path / TOKENS).create("ada", Bounds(), 0)
    with_token = {"Authorization": f"Bearer {token}"}
    async with asking(ScriptedProvider("b").provider(), tmp_path) as client:
        listed = await client.get("/v1/models?q=hidden", headers=with_token)
        strange = await client.get("/hidden")
    first, second = caplog.messages
    named = f"request {listed.headers['X-Request-Id']} of ada: GET /v1/models: 200 after "
    assert re.fullmatch(rf"{named}[0-9.]+ ms", first)
    unnamed = f"request {strange.headers['X-Request-Id']} of nobody by name: GET other: 404 after "
    assert re.fullmatch(rf"{unnamed}[0-9.]+ ms", second)


async def test_a_mistake_of_ours_anywhere_is_told_in_json(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Never as a traceback, neither to the client nor in the log."""
    over = gateway_over(ScriptedProvider("b").provider(), tmp_path)
    async with over as gateway, client_of(gateway) as client:
        gateway.models = None  # type: ignore[assignment]  # nothing expects that
        with caplog.at_level(logging.DEBUG):
            reply = await client.get("/readyz")
    assert (reply.status_code, reply.json()["error"]["code"]) == (500, "internal")
    assert "Traceback" not in caplog.text
    assert "AttributeError at " in caplog.text
