"""What the endpoint refuses, and in which words."""

import json
from dataclasses import replace

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from . import Behaviour, sample, serve_in_thread
from .asking import BODY, ask, client
from .endpoint import FIM, MODELS
from .replies import WIRE
from .schema import FimRequest, parse
from .values import VALUES

SCHEMA = json.loads((WIRE / "fim-request.schema.json").read_bytes())
CODESTRAL, API = Behaviour(persona="codestral"), Behaviour(persona="api")


def _is_sample(reply: httpx.Response, name: str) -> bool:
    expected = sample(f"errors/{name}.json")
    return (reply.status_code, reply.json()) == (expected.status, json.loads(expected.body))


@pytest.mark.parametrize(
    ("behaviour", "key", "body", "expected"),
    [
        (CODESTRAL, "unknown", {}, "401-detail"),
        (CODESTRAL, "", {}, "401-detail"),
        (API, "unknown", {}, "401-gateway"),
        (API, "", {}, "401-gateway"),
        (CODESTRAL, "test-key-0000", {"temperature": 9}, "422-bare"),
        (API, "test-key-0000", {"n": 1}, "422-wrapped"),
        (API, "test-key-0000", {"model": "codestral-0000"}, "400-invalid-model"),
        (API, "test-key-0000", {"prompt": "x" * 419_990}, "400-context-length"),
        (Behaviour(requests_per_minute=0), "test-key-0000", {}, "429-rate"),
    ],
)
def test_each_refusal_has_its_documented_form(
    behaviour: Behaviour, key: str, body: dict[str, object], expected: str
) -> None:
    """Status and body are those of the sample."""
    with serve_in_thread(behaviour) as endpoint:
        assert _is_sample(ask(endpoint, key, **body), expected)


def test_a_missing_field_is_named() -> None:
    """The body comes back as the refused input."""
    with serve_in_thread(CODESTRAL) as endpoint, client(endpoint) as http:
        assert _is_sample(http.post(FIM, json={"model": BODY["model"]}), "422-missing")


@pytest.mark.parametrize("raw", [b"", b"{", b'{"prompt": NaN}', b"\xff", b"[]"])
def test_what_is_no_json_object_is_refused(raw: bytes) -> None:
    """A body that cannot be read is as invalid as one that breaks the schema."""
    with serve_in_thread(CODESTRAL) as endpoint, client(endpoint) as http:
        reply = http.post(FIM, content=raw)
        assert reply.status_code == 422
        assert reply.json()["detail"][0]["loc"][0] == "body"
        assert endpoint.calls[0].body == {}


def test_routes_are_those_of_the_host() -> None:
    """Another path is 404, another method 405, and HEAD / warms a connection up."""
    with serve_in_thread() as endpoint, client(endpoint) as http:
        assert _is_sample(http.post("/v1/chat/completions", json=BODY), "404-route")
        assert http.get(FIM).status_code == 405
        assert http.head(MODELS).content == b""
        assert http.head("/").status_code == 200
        assert http.post(f"/mistral/eu{FIM}", json=BODY).status_code == 200
        assert endpoint.connections_opened == 1


def test_the_retired_model_lives_on_at_the_reseller() -> None:
    """A model can be gone on one path and there on another."""
    body = BODY | {"model": "codestral-2501"}
    with serve_in_thread() as endpoint, client(endpoint) as http:
        assert http.post(FIM, json=body).status_code == 400
        assert http.post(f"/mistral/eu{FIM}", json=body).status_code == 200


@pytest.mark.parametrize("name", sorted(path.name for path in (WIRE / "errors").iterdir()))
def test_any_error_can_be_forced(name: str) -> None:
    """A forced reply comes out as it is, with the headers asked for."""
    reply = replace(sample(f"errors/{name}"), headers={"retry-after": "2"})
    with serve_in_thread(Behaviour(reply=reply)) as endpoint:
        got = ask(endpoint)
    assert (got.status_code, got.content) == (int(name[:3]), reply.body)
    assert got.headers["content-type"] == reply.content_type
    assert got.headers["retry-after"] == "2"


def test_allowances_count_down() -> None:
    """Each reply says what is left; beyond that there is only 429."""
    with serve_in_thread(Behaviour(requests_per_minute=1, tokens_per_minute=100)) as endpoint:
        first, second = ask(endpoint), ask(endpoint)
    cost = first.json()["usage"]["total_tokens"]
    assert first.headers["x-ratelimit-tokens-query-cost"] == str(cost)
    assert first.headers["x-ratelimit-remaining-req-minute"] == "0"
    assert first.headers["x-ratelimit-remaining-tokens-minute"] == str(100 - cost)
    assert first.headers["x-ratelimit-remaining-tokens-month"] == str(8000 - cost)
    assert first.headers["mistral-correlation-id"] != second.headers["mistral-correlation-id"]
    assert (first.status_code, second.status_code) == (200, 429)


def test_behaviour_can_depend_on_the_request() -> None:
    """A function of the body decides, and its headers are added."""
    late = Behaviour(headers={"x-model-deprecation-timestamp": "2026-12-01T00:00:00Z"})
    with serve_in_thread(lambda body: late if body["stream"] else API) as endpoint:
        assert "x-model-deprecation-timestamp" in ask(endpoint, stream=True).headers
        assert "x-model-deprecation-timestamp" not in ask(endpoint, stream=False).headers


FIELDS = [*SCHEMA["properties"], "n", "seed", "stream_options"]


@settings(max_examples=400, deadline=None)
@given(field=st.sampled_from(FIELDS), value=VALUES, rest=st.just(BODY) | st.just({}))
def test_schema_and_endpoint_agree(field: str, value: object, rest: dict[str, object]) -> None:
    """The published form of the schema refuses what the endpoint refuses, and nothing else."""
    body = rest | {field: value}
    accepted = isinstance(parse(json.dumps(body).encode()), FimRequest)
    assert Draft202012Validator(SCHEMA).is_valid(body) == accepted
    assert set(FimRequest.model_fields) == set(SCHEMA["properties"])
