"""What a reply's headers tell of rate limits."""

import pytest

from codestral_ls.fim.limits import rate_limits
from codestral_ls.model import RateLimits

REQUESTS = {"x-ratelimit-limit-req-minute": "60", "x-ratelimit-remaining-req-minute": "59"}


@pytest.mark.parametrize(
    ("limit", "left"),
    [
        ("x-ratelimit-limit-tokens-minute", "x-ratelimit-remaining-tokens-minute"),
        ("x-ratelimitbysize-limit-minute", "x-ratelimitbysize-remaining-minute"),
        ("ratelimitbysize-limit", "ratelimitbysize-remaining"),
    ],
)
def test_every_spelling_is_read(limit: str, left: str) -> None:
    """Mistral's own, and two older ones that gateways still send."""
    expected = RateLimits(requests=60, requests_left=59, tokens=50_000, tokens_left=7)
    assert rate_limits({**REQUESTS, limit: "50000", left: "7"}) == expected


def test_the_newest_spelling_wins() -> None:
    """Where a gateway adds its own to what it passes on."""
    headers = {"ratelimitbysize-limit": "1", "x-ratelimit-limit-tokens-minute": "2"}
    assert rate_limits(headers) == RateLimits(tokens=2, tokens_left=2)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"content-type": "text/event-stream"},
        {"x-ratelimit-remaining-req-minute": "5"},
        {"x-ratelimit-limit-tokens-month": "1000"},
        {"x-ratelimit-limit-req-minute": "0"},
    ],
)
def test_who_tells_of_no_limit_has_none(headers: dict[str, str]) -> None:
    """A remainder alone, or a month's limit, cannot be paced by."""
    assert rate_limits(headers) is None


@pytest.mark.parametrize(
    "junk",
    ["", "soon", "-1", "1.5", "60, 60;w=60", "6e1", "0x3c", "\u0666\u0660", "\u00b2", "9" * 16],
)
def test_junk_is_no_number(junk: str) -> None:
    """It neither raises nor counts."""
    assert rate_limits({"x-ratelimit-limit-req-minute": junk}) is None
    headers = {**REQUESTS, "x-ratelimit-limit-tokens-minute": junk}
    assert rate_limits(headers) == RateLimits(requests=60, requests_left=59)


def test_the_last_request_of_a_minute_is_seen() -> None:
    """Zero left is what pacing waits for."""
    headers = {**REQUESTS, "x-ratelimit-remaining-req-minute": "0"}
    assert rate_limits(headers) == RateLimits(requests=60, requests_left=0)


@pytest.mark.parametrize("left", [{}, {"x-ratelimit-remaining-req-minute": "many"}])
def test_a_limit_without_its_remainder_is_unused(left: dict[str, str]) -> None:
    """Zero would stop requests that nobody has forbidden."""
    headers = {"x-ratelimit-limit-req-minute": "60", **left}
    assert rate_limits(headers) == RateLimits(requests=60, requests_left=60)
