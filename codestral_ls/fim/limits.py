"""Response headers -> what the endpoint says of its rate limits. Pure."""

import re
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
"""Mistral's headers, and the older spellings that gateways still send.

Not OpenAI's `x-ratelimit-limit-requests`: at some vendors it counts for a minute, at others for a
day, and no header says which."""


def rate_limits(headers: Mapping[str, str]) -> RateLimits | None:
    """The limits that a reply tells of; None if it tells of none.

    A limit that comes without what is left of it counts as unused: zero would mean used up.
    """
    found = {field: _number(headers, names) for field, names in _NAMES.items()}
    requests, tokens = found["requests"] or 0, found["tokens"] or 0
    if not requests and not tokens:
        return None
    requests_left, tokens_left = found["requests_left"], found["tokens_left"]
    return RateLimits(
        requests=requests,
        requests_left=requests if requests_left is None else requests_left,
        tokens=tokens,
        tokens_left=tokens if tokens_left is None else tokens_left,
    )


def _number(headers: Mapping[str, str], names: tuple[str, ...]) -> int | None:
    text = next((headers[name] for name in names if name in headers), "")
    return int(text) if re.fullmatch("[0-9]{1,15}", text) else None
