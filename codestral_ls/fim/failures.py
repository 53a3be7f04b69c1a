"""An HTTP status and its body -> the failure that it means and what the user can do."""

import json
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from codestral_ls.errors import (
    BrokenReply,
    FimError,
    RateLimited,
    Refused,
    TooLong,
    Unauthorized,
    Unavailable,
)
from codestral_ls.fim.complaints import Complaint, message_of

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
_EMPTY = (BrokenReply, "{host} answers with HTTP {status}, which carries no completion{said}.")
_REFUSED = (
    Refused,
    "{host} refuses the request: HTTP {status}{said}. Check `model` and the other settings.",
)
_TOO_LONG = (
    "{host} refuses the prompt as longer than the model takes{said}. Lower `prefix_chars`, "
    "`suffix_chars` and `context_chars`."
)
_LONGER = re.compile(
    r"(?i)too large for model|prompt (?:is )?too long|context (?:length|size|window)|"
    r"(?:maximum|max|available) (?:model )?(?:context|sequence|input)"
)
_BY_STATUS: Mapping[int, tuple[type[FimError], str]] = {
    HTTPStatus.UNAUTHORIZED: (
        Unauthorized,
        (
            "{host} does not accept the API key{said}. Keys of api.mistral.ai go into "
            "MISTRAL_API_KEY, keys of codestral.mistral.ai into CODESTRAL_API_KEY; one does not "
            "work for the other."
        ),
    ),
    HTTPStatus.PAYMENT_REQUIRED: _PLAN,
    HTTPStatus.FORBIDDEN: _PLAN,
    HTTPStatus.NOT_FOUND: (
        Refused,
        "{host} has no such path or model{said}. Check `endpoint` and `model`.",
    ),
    HTTPStatus.REQUEST_TIMEOUT: _UNAVAILABLE,
    HTTPStatus.TOO_EARLY: _UNAVAILABLE,
}


def failure(status: int, headers: Mapping[str, str], body: bytes, *, host: str) -> Complaint:
    """What a reply means that is not 200. `headers` has lower-case names."""
    said = message_of(_details(body))
    refused = status in {HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY}
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE or (refused and _LONGER.search(said)):
        return Complaint(TooLong, _TOO_LONG.replace("{host}", host), said)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return _rate_limited(headers, said, host)
    kind, words = _BY_STATUS.get(status) or _by_class(status)
    words = words.replace("{host}", host).replace("{status}", str(status))
    return Complaint(kind, words, said)


def _by_class(status: int) -> tuple[type[FimError], str]:
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _UNAVAILABLE
    if status >= HTTPStatus.BAD_REQUEST:
        return _REFUSED
    return _REDIRECT if status >= HTTPStatus.MULTIPLE_CHOICES else _EMPTY


def _rate_limited(headers: Mapping[str, str], said: str, host: str) -> Complaint:
    if headers.get("x-ratelimit-limit-req-minute") == "0":
        return Complaint(
            Unauthorized,
            f"{host} grants this key no requests at all for this model. "
            "Choose a plan or a model that has an allowance.",
        )
    if "capacity" in said.lower():
        words = f"{host} has no capacity for this model at the moment{{said}}."
        return Complaint(Unavailable, words, said)
    retry_after = _seconds(headers.get("retry-after", ""))
    words = f"{host} limits the rate of requests{{said}}."
    return Complaint(RateLimited, words, said, retry_after=retry_after)


def _seconds(retry_after: str) -> float:
    if not re.fullmatch(r"\d{1,9}(\.\d+)?", retry_after):
        return 0.0  # the HTTP date form is not worth a clock here: the breaker has its own pause
    return min(float(retry_after), MAX_RETRY_AFTER)


def _details(body: bytes) -> dict[str, Any]:
    try:
        details = json.loads(body)
    except (ValueError, RecursionError):  # HTML from the edge, or nothing
        return {}
    return details if isinstance(details, dict) else {}
