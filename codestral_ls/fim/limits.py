"""Response headers -> what the endpoint says of its rate limits. Pure."""

from collections.abc import Mapping

from codestral_ls.model import RateLimits

_NAMES: Mapping[str, tuple[str, ...]] = {
    "requests": ("x-ratelimit-limit-req-minute",),
    "requests_left": ("x-ratelimit-remaining-req-minute",),
    "tokens": (
        "x-ratelimit-limit-tokens-minute",
        "x-ratelimitbysize-limit-minute",
        "ratelimitbysize-limit",
    ),
    "tokens_left": (
        "x-ratelimit-remaining-tokens-minute",
        "x-ratelimitbysize-remaining-minute",
        "ratelimitbysize-remaining",
    ),
}
"""Mistral's headers, and the older spellings that gateways still send."""


def rate_limits(headers: Mapping[str, str]) -> RateLimits | None:
    """The limits that a reply tells of; None if it tells of none."""
    found = {field: _number(headers, names) for field, names in _NAMES.items()}
    if not found["requests"] and not found["tokens"]:
        return None
    return RateLimits(**{field: number or 0 for field, number in found.items()})


def _number(headers: Mapping[str, str], names: tuple[str, ...]) -> int | None:
    text = next((headers[name] for name in names if name in headers), "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else None  # noqa: PLR2004 - no count is that long
