"""HTTP statuses and bodies, and what the user is told."""

import json
from pathlib import Path

import pytest

from codestral_ls.fim.failures import MAX_RETRY_AFTER, failure
from codestral_ls.model import FimError, RateLimited, Refused, Unauthorized, Unavailable

ERRORS = Path(__file__).parent / "wire" / "errors"


@pytest.mark.parametrize(
    ("name", "status", "kind", "words"),
    [
        ("400-invalid-model.json", 400, Refused, "Invalid model"),
        ("400-context-length.json", 400, Refused, "too large for model"),
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
    error = failure(status, {}, (ERRORS / name).read_bytes(), host="api.example")
    assert type(error) is kind
    assert "api.example" in str(error)
    assert words in str(error)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"\xff", b'{"message": {"a": 1}}'])
def test_a_body_that_says_nothing_is_no_obstacle(body: bytes) -> None:
    """The status alone decides."""
    assert type(failure(503, {}, body, host="h")) is Unavailable


@pytest.mark.parametrize(
    ("header", "seconds"), [("7", 7), ("0.5", 0.5), ("99999", MAX_RETRY_AFTER), ("soon", 0)]
)
def test_retry_after_is_honoured_and_clamped(header: str, seconds: float) -> None:
    """A wrong header cannot silence the day."""
    error = failure(429, {"retry-after": header}, b"{}", host="h")
    assert isinstance(error, RateLimited)
    assert error.retry_after == seconds


def test_an_allowance_of_zero_is_no_rate_limit() -> None:
    """Waiting does not help: the plan has no requests for this model."""
    error = failure(429, {"x-ratelimit-limit-req-minute": "0"}, b"{}", host="h")
    assert type(error) is Unauthorized


def test_a_redirect_is_not_followed_but_explained() -> None:
    """The key goes to the host that was chosen and nowhere else."""
    assert "endpoint" in str(failure(308, {}, b"", host="h"))


def test_long_messages_are_cut() -> None:
    """What a host says cannot fill the screen."""
    body = json.dumps({"message": "x" * 5000}).encode()
    assert len(str(failure(400, {}, body, host="h"))) < 500
