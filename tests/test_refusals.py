"""HTTP statuses and bodies, and what the user is told."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codestral_ls.errors import (
    BrokenReply,
    FimError,
    RateLimited,
    Refused,
    TooLong,
    Unauthorized,
    Unavailable,
)
from codestral_ls.fim.complaints import message_of
from codestral_ls.fim.failures import MAX_RETRY_AFTER
from codestral_ls.fim.failures import failure as complaint
from codestral_ls.fim.providers import choose_endpoints
from codestral_ls.kinds import Keys, Secret
from codestral_ls.settings import Settings

WIRE = Path(__file__).parent / "wire"
ERRORS = WIRE / "errors"
KEY = Secret("k")
MISTRAL = Settings(provider="mistral", api_key=KEY)


def failure(
    status: int, headers: Mapping[str, str], body: bytes, settings: Settings = MISTRAL
) -> FimError:
    """The error with all that the endpoint says."""
    (endpoint,) = choose_endpoints(settings)
    return complaint(status, headers, body, endpoint=endpoint).error(str)


@pytest.mark.parametrize(
    ("name", "status", "kind", "words"),
    [
        ("400-invalid-model.json", 400, Refused, "Invalid model"),
        ("400-context-length.json", 400, TooLong, "too large for model"),
        ("401-detail.json", 401, Unauthorized, "CODESTRAL_API_KEY"),
        ("401-gateway.json", 401, Unauthorized, "MISTRAL_API_KEY"),
        ("402.json", 402, Unauthorized, "subscription"),
        ("403.json", 403, Unauthorized, "do not have access"),
        ("404-route.json", 404, Refused, "`endpoint`"),
        ("422-bare.json", 422, Refused, "temperature: Input should be less"),
        ("422-missing.json", 422, Refused, "prompt: Field required"),
        ("422-wrapped.json", 422, Refused, "n: Extra inputs are not permitted"),
        ("429-gateway.json", 429, RateLimited, "rate"),
        ("429-rate.json", 429, RateLimited, "Rate limit exceeded"),
        ("429-capacity.json", 429, Unavailable, "no capacity"),
        ("500.json", 500, Unavailable, "Internal server error"),
        ("502.html", 502, Unavailable, "HTTP 502"),
        ("503-capacity.json", 503, Unavailable, "capacity"),
    ],
)
def test_every_known_error_body_is_understood(
    name: str, status: int, kind: type[FimError], words: str
) -> None:
    """The kind decides what happens next; the words name the host and what to do."""
    error = failure(status, {}, (ERRORS / name).read_bytes())
    assert type(error) is kind
    assert "api.mistral.ai" in str(error)
    assert words in str(error)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"\xff", b'{"message": {"a": 1}}'])
def test_a_body_that_says_nothing_is_no_obstacle(body: bytes) -> None:
    """The status alone decides."""
    assert type(failure(503, {}, body)) is Unavailable


@pytest.mark.parametrize(
    ("header", "seconds"), [("7", 7), ("0.5", 0.5), ("99999", MAX_RETRY_AFTER), ("soon", 0)]
)
def test_retry_after_is_honoured_and_clamped(header: str, seconds: float) -> None:
    """A wrong header cannot silence the day."""
    error = failure(429, {"retry-after": header}, b"{}")
    assert isinstance(error, RateLimited)
    assert error.retry_after == seconds


def test_an_allowance_of_zero_is_no_rate_limit() -> None:
    """Waiting does not help: the plan has no requests for this model."""
    error = failure(429, {"x-ratelimit-limit-req-minute": "0"}, b"{}")
    assert type(error) is Unauthorized


def test_a_redirect_is_not_followed_but_explained() -> None:
    """The key goes to the host that was chosen and nowhere else."""
    assert "endpoint" in str(failure(308, {}, b""))


def test_a_web_page_instead_of_an_answer_is_not_the_keys_fault() -> None:
    """Firewalls and portals of hotels answer in the place of the endpoint."""
    page = b" \n<!DOCTYPE html><title>Blocked</title>"
    error = failure(403, {}, page)
    assert type(error) is Refused
    assert "a firewall on the way" in str(error)
    assert "key" not in str(error)
    assert "log in with a browser" in str(failure(302, {}, page))


def test_a_success_without_a_completion_is_no_redirect() -> None:
    """Neither is it one that waiting or another key would mend."""
    assert type(failure(204, {}, b"")) is BrokenReply


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 418, 429, 500, 503])
def test_who_says_nothing_is_not_quoted(status: int) -> None:
    """No parentheses around nothing."""
    for body in (b"", b"{}", b'{"message": ""}', b'{"detail": [{}]}'):
        said = str(failure(status, {}, body))
        assert "()" not in said
        assert "{" not in said


@pytest.mark.parametrize("loc", [None, "body", 5, {}, {"a": 1}, [], ["body"], ["body", None, {}]])
def test_any_place_of_a_mistake_is_read(loc: object) -> None:
    """The documented one is a list whose first part is "body"."""
    assert message_of({"detail": [{"loc": loc, "msg": "Field required"}]}) == "Field required"


def test_nested_messages_are_looked_into_only_so_far() -> None:
    """A body cannot exhaust the stack."""
    deep: dict[str, object] = {"message": "found"}
    for _ in range(500):
        deep = {"error": deep}
    assert message_of(deep) == ""
    assert message_of({"error": {"message": {"detail": [{"msg": "found"}]}}}) == "found"


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(st.sampled_from(["message", "detail", "error", "msg", "loc"]), inner)
        ),
    ),
    st.sampled_from([400, 401, 422, 429, 503]),
)
def test_no_body_upsets_the_reader(body: object, status: int) -> None:
    """Any JSON is an error of the tree."""
    assert isinstance(failure(status, {}, json.dumps(body).encode()), FimError)


@pytest.mark.parametrize("body", [b"[" * 60_000, b'{"a":' * 60_000, b"9" * 5000])
def test_json_that_python_cannot_read_says_nothing(body: bytes) -> None:
    """Nested too deeply, or with a number too long."""
    assert type(failure(503, {}, body)) is Unavailable


@pytest.mark.parametrize(
    ("settings", "words", "foreign"),
    [
        (MISTRAL, ("`api_key`", "MISTRAL_API_KEY", "codestral.mistral.ai"), ()),
        (
            Settings(provider="openai", api_key_file="f"),
            ("`api_key_file`", "Let `api_key_file` bring a key that api.openai.com accepts."),
            ("istral", "ISTRAL"),
        ),
        (
            Settings(provider="deepseek", keys=Keys((("DEEPSEEK_API_KEY", KEY),))),
            ("key of DEEPSEEK_API_KEY", "Set DEEPSEEK_API_KEY to a key that api.deepseek.com ac"),
            ("istral", "ISTRAL"),
        ),
        (Settings(provider="llama.cpp"), ("wants an API key", "CODESTRAL_LS_API_KEY"), ("of ",)),
        (Settings(provider="mistral"), ("wants an API key", "Set MISTRAL_API_KEY"), ("does not",)),
    ],
)
def test_a_refused_key_is_spoken_of_in_the_words_of_its_vendor(
    settings: Settings, words: tuple[str, ...], foreign: tuple[str, ...]
) -> None:
    """Where it came from, where it belongs, and nobody else's name."""
    error = failure(401, {}, b"{}", settings)
    assert type(error) is Unauthorized
    for word in words:
        assert word in str(error)
    for word in foreign:
        assert word not in str(error)


LLAMA = Settings(provider="llama.cpp")
OLLAMA = Settings(provider="ollama", model="gemma3")
VLLM = Settings(provider="vllm", model="qwen")
OPENAI = Settings(provider="openai", api_key=KEY)


@pytest.mark.parametrize(
    ("settings", "status", "name", "kind", "words"),
    [
        (LLAMA, 501, "llama-501.json", Refused, "fim_template"),
        (LLAMA, 503, "llama-503-loading.json", Unavailable, "still loading its model"),
        (LLAMA, 400, "llama-400-context.json", TooLong, "`-c`"),
        (LLAMA, 401, "llama-401.json", Unauthorized, "CODESTRAL_LS_API_KEY"),
        (LLAMA, 404, "llama-404.json", Refused, "no llama-server"),
        (OLLAMA, 400, "ollama-400-insert.json", Refused, "`fim_template`"),
        (OPENAI, 400, "vllm-400-suffix.json", Refused, '`provider` to "vllm"'),
    ],
)
def test_other_servers_errors_are_known(
    settings: Settings, status: int, name: str, kind: type[FimError], words: str
) -> None:
    """As they were recorded, with what to do."""
    error = failure(status, {}, (WIRE / "others" / name).read_bytes(), settings)
    assert type(error) is kind
    assert words in str(error)
    assert "{" not in str(error)


@pytest.mark.parametrize(
    ("settings", "status", "said", "kind", "words"),
    [
        (OLLAMA, 404, "model 'gemma3' not found", Refused, "`ollama pull gemma3`"),
        (OLLAMA, 500, "model requires more system memory (5 GiB)", Refused, "smaller"),
        (OLLAMA, 500, "llama runner process has terminated", Unavailable, "terminated"),
        (VLLM, 404, "The model `qwen` does not exist.", Refused, "`/v1/models`"),
        (VLLM, 404, "Not Found", Refused, "`endpoint`"),
        (OPENAI, 429, "You exceeded your current quota", Unauthorized, "paid"),
        (OPENAI, 429, "Rate limit reached for requests", RateLimited, "rate"),
        (OPENAI, 400, "maximum context length is 4097 tokens", TooLong, "`prefix_chars`"),
        (MISTRAL, 400, "does not support insert", Refused, "HTTP 400"),
    ],
)
def test_what_servers_say_decides(
    settings: Settings, status: int, said: str, kind: type[FimError], words: str
) -> None:
    """Of those that are known to say it, and before the status does."""
    error = failure(status, {}, json.dumps({"error": {"message": said}}).encode(), settings)
    assert type(error) is kind
    assert words in str(error)
