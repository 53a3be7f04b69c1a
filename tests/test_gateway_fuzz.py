"""Whatever is sent to the application: a reply that says what is wrong, never a mistake of ours."""

import asyncio
import json
import logging
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from codestral_ls.gateway.app import build_app
from codestral_ls.gateway.gateway import Gateway
from codestral_ls.gateway.opening import open_gateway
from codestral_ls.gateway.settings import GatewaySettings
from codestral_ls.gateway.tokens import Tokens
from codestral_ls.gateway.users import Bounds
from codestral_ls.kinds import Secret
from codestral_ls.settings import Settings
from tests.fim_endpoint import Behaviour, serve
from tests.gateway_process import KEY, Reply

Header = tuple[bytes, bytes]

JSON_HEADERS = [(b"host", b"127.0.0.1"), (b"content-type", b"application/json")]
POSTS = [
    "/complete",
    "/v1/fim/completions",
    "/raw/v1/fim/completions",
    "/shaped/v1/fim/completions",
]
GETS = ["/", "/healthz", "/readyz", "/metrics", "/v1/models", "/playground/playground.js"]
FIELDS = ["prefix", "suffix", "prompt", "language", "path", "trigger", "max_tokens", "stop",
          "model", "candidates", "explain", "stream", "temperature", "top_p", "min_tokens",
          "random_seed", "metadata", "prompt_cache_key"]  # fmt: skip
HEADERS = ["accept", "accept-encoding", "authorization", "connection", "content-encoding",
           "content-length", "content-type", "cookie", "expect", "forwarded", "host", "if-match",
           "if-modified-since", "if-none-match", "origin", "range", "sec-fetch-mode",
           "sec-fetch-site", "transfer-encoding", "via", "x-forwarded-for", "x-request-id",
           "access-control-request-method", "access-control-request-headers"]  # fmt: skip
WORDS = ["*/*", "text/event-stream", "application/json", "Bearer ", "Bearer cls_00000000_a", "gzip",
         "identity", "127.0.0.1", "localhost:1", "[::1]", "[", "null", "bytes=0-", "cross-site",
         "0", "-1", "9" * 30, "chunked", "text/event-stream;q=nan", "charset=\xe9", "100-continue",
         "application/json; charset=\x00", "application/json;;;=;charset", 'W/""', "*"]  # fmt: skip

texts = st.text() | st.text(st.characters(codec=None, categories=["Cs", "Cc", "Co", "Zl"]))
numbers = st.integers() | st.floats() | st.sampled_from([0, 1, 2**31, 2**63, 2**64, 1e308, -0.0])
single = st.none() | st.booleans() | numbers | texts | st.sampled_from(["automatic", "python"])
several = st.lists(single, max_size=6) | st.dictionaries(texts, single, max_size=4)
values = (
    single | several | st.lists(several, max_size=2) | st.dictionaries(texts, several, max_size=2)
)
bodies = st.dictionaries(st.sampled_from(FIELDS) | texts, values, max_size=6)
near = st.fixed_dictionaries(
    {},
    optional={
        "suffix": st.none() | texts,
        "max_tokens": st.integers(-1, 5000),
        "stop": texts | st.lists(texts, max_size=5),
        "temperature": st.floats(-0.5, 2),
        "top_p": st.floats(-0.5, 1.5),
        "min_tokens": st.integers(-1, 200),
        "random_seed": st.integers(-1, 2**65),
        "stream": st.booleans(),
        "model": texts | st.sampled_from(["codestral-latest", "codestral-2508"]),
        "candidates": st.integers(0, 6),
        "language": texts | st.sampled_from(["python", "Python", "c++", "ts"]),
        "path": texts,
        "explain": st.booleans(),
        "metadata": values,
        "prompt_cache_key": texts,
    },
)
fields = st.lists(
    st.tuples(
        st.sampled_from(HEADERS).map(str.encode) | st.binary(min_size=1, max_size=20),
        st.sampled_from(WORDS).map(lambda word: word.encode("latin-1")) | st.binary(max_size=40),
    ),
    max_size=5,
)


class Application:
    """The application over a real gateway, asked without a network."""

    def __init__(self, folder: Path, *, has_tokens: bool) -> None:
        self._runner, self._stack = asyncio.Runner(), AsyncExitStack()
        self.token = Tokens(folder / "tokens").create("ann", Bounds()) if has_tokens else ""
        gateway = self._runner.run(self._open(folder / "tokens"))
        self._app = build_app(gateway)

    async def _open(self, tokens: Path) -> Gateway:
        endpoint = await self._stack.enter_async_context(serve(Behaviour(text="return a + b")))
        chosen = Settings(provider="codestral", endpoint=endpoint.url, api_key=Secret(KEY))
        own, secret = GatewaySettings(max_body=20_000), b"of this test"
        opened = open_gateway(own, chosen, statistics=None, tokens=tokens, secret=secret)
        return await self._stack.enter_async_context(opened)

    def close(self) -> None:
        """Gives everything back."""
        self._runner.run(self._stack.aclose())
        self._runner.close()

    def ask(self, method: str, path: bytes, headers: list[Header], body: bytes = b"") -> Reply:
        """The reply to a request, whose body comes in two parts."""
        return self._runner.run(self._ask(method, path, headers, body))

    async def _ask(self, method: str, path: bytes, headers: list[Header], body: bytes) -> Reply:
        middle = len(body) // 2
        parts = [(body[:middle], True), (body[middle:], False)]
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            if not parts:
                await asyncio.Event().wait()
            part, more = parts.pop(0)
            return {"type": "http.request", "body": part, "more_body": more}

        async def send(message: Any) -> None:
            sent.append(dict(message))

        raw, _, query = path.partition(b"?")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote_to_bytes(raw).decode("utf-8", "replace"),
            "raw_path": raw,
            "query_string": query,
            "root_path": "",
            "headers": [(name.lower(), value) for name, value in headers],
            "client": ("127.0.0.1", 50_000),
            "server": ("127.0.0.1", 8787),
        }
        await self._app(scope, receive, send)
        return whole(sent)


def whole(sent: list[dict[str, Any]]) -> Reply:
    """What the messages of a reply come to; checks that they are in order."""
    begin, *rest = sent
    assert begin["type"] == "http.response.start"
    assert all(each["type"] == "http.response.body" for each in rest)
    assert [bool(each.get("more_body")) for each in rest] == [True] * (len(rest) - 1) + [False]
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in begin["headers"]}
    assert all("\n" not in value and "\r" not in value for value in headers.values())
    return Reply(begin["status"], headers, b"".join(each.get("body", b"") for each in rest))


@pytest.fixture(scope="module", params=[False, True], ids=["no tokens", "tokens"])
def app(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Application]:
    """One for all, with a model that checks what it is asked."""
    it = Application(tmp_path_factory.mktemp("state"), has_tokens=request.param)
    yield it
    it.close()


@pytest.fixture(autouse=True)
def _no_mistakes(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Mistakes are logged even where the reply cannot say so any more."""
    yield
    assert [each for each in caplog.records if each.levelno >= logging.ERROR] == []


often = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def authorized(app: Application) -> list[Header]:
    """The headers of somebody who may ask."""
    own = [(b"authorization", f"Bearer {app.token}".encode())] if app.token else []
    return JSON_HEADERS + own


def assert_told(reply: Reply, *expected: int) -> None:
    """An answer, or a refusal in JSON that says something."""
    assert 200 <= reply.status < 500, reply
    assert not expected or reply.status in expected, reply
    assert reply.headers["x-request-id"]
    if reply.status >= 400 and reply.body:
        assert json.loads(reply.body), reply


@pytest.mark.parametrize("path", POSTS)
@often
@given(body=bodies)
def test_any_object_is_a_body(app: Application, path: str, body: dict[str, Any]) -> None:
    """Any JSON object is completed, or told what is wrong with it."""
    data = json.dumps(body).encode()
    assert_told(app.ask("POST", path.encode(), authorized(app), data), 200, 400, 422)


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize("accept", [b"*/*", b"text/event-stream"])
@often
@given(text=texts, body=near)
@example(text="", body={})
def test_what_is_nearly_right_is_completed_or_refused(
    app: Application, path: str, accept: bytes, text: str, body: dict[str, Any]
) -> None:
    """The model never gets to see what it would refuse: that would look like its mistake."""
    allowed = "completions" in path
    own = ("candidates", "language", "path", "explain")
    foreign = {"temperature", "top_p", "min_tokens", "random_seed", "stream", "metadata",
               "prompt_cache_key"}  # fmt: skip
    unknown = set(own) if allowed else foreign
    kept = {name: value for name, value in body.items() if name not in unknown}
    data = json.dumps({"prompt" if allowed else "prefix": text, **kept}).encode()
    headers = [*authorized(app), (b"accept", accept)]
    assert_told(app.ask("POST", path.encode(), headers, data), 200, 400, 422)


@pytest.mark.parametrize("path", POSTS)
@often
@given(data=st.binary(max_size=300), at=st.integers(0, 60), cut=st.integers(0, 60))
def test_any_bytes_are_a_body(app: Application, path: str, data: bytes, at: int, cut: int) -> None:
    """Bytes in the middle of a good body, or alone."""
    good = b'{"prefix": "def a(b):\\n    ", "prompt": "x", "suffix": "\\n"}'
    for body in (data, good[:at] + data + good[at + cut :]):
        assert_told(app.ask("POST", path.encode(), authorized(app), body), 200, 400, 422)


@pytest.mark.parametrize("path", [*POSTS, *GETS])
@often
@given(method=st.sampled_from(["GET", "POST", "HEAD", "OPTIONS", "PUT", "BREW"]), headers=fields)
def test_any_headers_are_endured(
    app: Application, path: str, method: str, headers: list[Header]
) -> None:
    """Beside those that are right, and instead of them."""
    body = b'{"prefix": "x", "prompt": "x"}' if method == "POST" else b""
    assert_told(app.ask(method, path.encode(), authorized(app) + headers, body))
    assert_told(app.ask(method, path.encode(), headers, body))


@often
@given(path=st.binary(max_size=60), method=st.sampled_from(["GET", "POST", "HEAD", "OPTIONS"]))
def test_any_path_leads_somewhere(app: Application, path: bytes, method: str) -> None:
    """To a route, or to the reply that there is none."""
    for prefix in (b"/", b"/playground/", b"/raw/"):
        assert_told(
            app.ask(method, prefix + path, authorized(app)), 200, 204, 304, 400, 403, 404, 405, 415
        )


@pytest.mark.parametrize("app", [True], indirect=True, ids=["tokens"])
@often
@given(token=st.binary(max_size=80) | st.binary(max_size=80).map(lambda it: b"Bearer cls_" + it))
def test_no_token_is_right_by_chance(app: Application, token: bytes) -> None:
    """Whatever stands where a token should stand, it is refused."""
    headers = [*JSON_HEADERS, (b"authorization", token)]
    assert_told(app.ask("POST", b"/complete", headers, b'{"prefix": "x"}'), 401)
