"""An HTTP status and its body -> the error that it means and what the user can do."""

import json
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from codestral_ls.fim.dialects import message_of
from codestral_ls.model import FimError, RateLimited, Refused, Unauthorized, Unavailable

MAX_RETRY_AFTER = 300.0
"""Seconds; a longer `Retry-After` is clamped, so that a wrong one cannot silence the day."""


_UNAVAILABLE = (Unavailable, "{host} is failing at the moment: HTTP {status}{said}.")
_PLAN = (
    Unauthorized,
    (
        "{host} refuses this key{said}: its plan does not cover the model. "
        "Check the subscription, or choose another model."
    ),
)
_REDIRECT = (Refused, "{host} redirects elsewhere. Set `endpoint` to the address it redirects to.")
_REFUSED = (
    Refused,
    "{host} refuses the request: HTTP {status}{said}. Check `model` and the other settings.",
)
_BY_STATUS: Mapping[int, tuple[type[FimError], str]] = {
    401: (
        Unauthorized,
        (
            "{host} does not accept the API key{said}. Keys of api.mistral.ai go into "
            "MISTRAL_API_KEY, keys of codestral.mistral.ai into CODESTRAL_API_KEY; one does not "
            "work for the other."
        ),
    ),
    402: _PLAN,
    403: _PLAN,
    404: (Refused, "{host} has no such path or model{said}. Check `endpoint` and `model`."),
    408: _UNAVAILABLE,
    425: _UNAVAILABLE,
}


def failure(status: int, headers: Mapping[str, str], body: bytes, *, host: str) -> FimError:
    """The error for a reply that is not 200. `headers` has lower-case names."""
    said = message_of(_details(body))
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return _rate_limited(headers, said, host)
    otherwise = _UNAVAILABLE if status >= 500 else _REDIRECT if status < 400 else _REFUSED  # noqa: PLR2004 - classes of HTTP statuses
    kind, words = _BY_STATUS.get(status, otherwise)
    return kind(words.format(host=host, status=status, said=f" ({said})" if said else ""))


def _rate_limited(headers: Mapping[str, str], said: str, host: str) -> FimError:
    if headers.get("x-ratelimit-limit-req-minute") == "0":
        return Unauthorized(
            f"{host} grants this key no requests at all for this model. "
            "Choose a plan or a model that has an allowance."
        )
    retry_after = _seconds(headers.get("retry-after", ""))
    if "capacity" in said.lower():
        return Unavailable(f"{host} has no capacity for this model at the moment ({said}).")
    return RateLimited(f"{host} limits the rate of requests ({said}).", retry_after=retry_after)


def _seconds(retry_after: str) -> float:
    if not re.fullmatch(r"\d{1,9}(\.\d+)?", retry_after):
        return 0.0  # the HTTP date form is not worth a clock here: the breaker has its own pause
    return min(float(retry_after), MAX_RETRY_AFTER)


def _details(body: bytes) -> dict[str, Any]:
    try:
        details = json.loads(body)
    except ValueError:  # HTML from the edge, or nothing
        return {}
    return details if isinstance(details, dict) else {}
