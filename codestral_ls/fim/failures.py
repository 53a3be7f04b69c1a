"""An HTTP status and its body -> the failure that it means and what the user can do."""

import json
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from codestral_ls.addresses import host_of
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
from codestral_ls.fim.providers import Endpoint

Meaning = tuple[type[FimError], str]
"""The error, and its words with `{host}`, `{model}`, `{status}` and `{said}` in them."""
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
_REDIRECT = (
    Refused,
    (
        "{host} redirects elsewhere, which is not followed. If this network wants a login first, "
        "as in hotels, log in with a browser; otherwise check {address_in}."
    ),
)
_FILTERED = (
    Refused,
    (
        "{host}, or a firewall on the way there, answers with a web page: HTTP 403. "
        "Check {address_in}, the network and the proxy."
    ),
)
_EMPTY = (BrokenReply, "{host} answers with HTTP {status}, which carries no completion{said}.")
_REFUSED = (
    Refused,
    "{host} refuses the request: HTTP {status}{said}. Check `model` and the other settings.",
)
_TOO_LONG = (
    TooLong,
    (
        "{host} refuses the prompt as longer than the model takes{said}. Lower `prefix_chars`, "
        "`suffix_chars` and `context_chars`."
    ),
)
_NO_ALLOWANCE = (
    Unauthorized,
    (
        "{host} grants this key no requests at all for this model. "
        "Choose a plan or a model that has an allowance."
    ),
)
_NO_CAPACITY = (Unavailable, "{host} has no capacity for this model at the moment{said}.")
_LIMITED = (RateLimited, "{host} limits the rate of requests{said}.")
_LONGER = re.compile(
    r"(?i)too large for model|prompt (?:is )?too long|context (?:length|size|window)|"
    r"(?:maximum|max|available) (?:model )?(?:context|sequence|input)"
)
_BY_STATUS: Mapping[int, Meaning] = {
    HTTPStatus.PAYMENT_REQUIRED: _PLAN,
    HTTPStatus.FORBIDDEN: _PLAN,
    HTTPStatus.NOT_FOUND: (
        Refused,
        "{host} has no such path or model{said}. Check {address_in} and `model`.",
    ),
    HTTPStatus.REQUEST_TIMEOUT: _UNAVAILABLE,
    HTTPStatus.TOO_EARLY: _UNAVAILABLE,
}


def failure(
    status: int, headers: Mapping[str, str], body: bytes, *, endpoint: Endpoint
) -> Complaint:
    """What a reply means that is not 200. `headers` has lower-case names.

    What this kind of server is known to say comes first, then what all of them mean by a status.
    """
    said = message_of(_details(body))
    kind, words = _hinted(status, said, endpoint) or _meant(status, said, headers, endpoint)
    if status == HTTPStatus.FORBIDDEN and body.lstrip()[:1] == b"<":
        kind, words = _FILTERED
    known = {"host": endpoint.host, "model": endpoint.model, "status": str(status)}
    known["address_in"] = endpoint.address_in
    for name, value in known.items():
        words = words.replace(f"{{{name}}}", value)
    retry_after = _seconds(headers.get("retry-after", ""))
    return Complaint(kind, words, said, retry_after=retry_after)


def _hinted(status: int, said: str, endpoint: Endpoint) -> Meaning | None:
    found = (
        (hint.kind, hint.words)
        for hint in endpoint.dialect.hints
        if hint.status in {0, status} and re.search(hint.pattern, said)
    )
    return next(found, None)


def _meant(status: int, said: str, headers: Mapping[str, str], endpoint: Endpoint) -> Meaning:
    refused = status in {HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY}
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE or (refused and _LONGER.search(said)):
        return _TOO_LONG
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return _rate_limited(headers, said)
    if status == HTTPStatus.UNAUTHORIZED:
        return Unauthorized, _wrong_key(endpoint)
    return _BY_STATUS.get(status) or _by_class(status)


def _wrong_key(endpoint: Endpoint) -> str:
    key = endpoint.key
    if not key:
        return f"{{host}} wants an API key{{said}}. Set {key.variable} to one that it accepts."
    refused = f"{{host}} does not accept the API key of {key.origin}{{said}}."
    if not endpoint.siblings:
        to_do = f"Set {key.origin} to" if key.given else f"Let {key.origin} bring"
        return f"{refused} {to_do} a key that {{host}} accepts."
    others = (f", keys of {host_of(it.url)} into {it.variable}" for it in endpoint.siblings)
    belong = f"Keys of {{host}} go into {key.variable}{''.join(others)}"
    return f"{refused} {belong}; one does not work for the other."


def _by_class(status: int) -> Meaning:
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _UNAVAILABLE
    if status >= HTTPStatus.BAD_REQUEST:
        return _REFUSED
    return _REDIRECT if status >= HTTPStatus.MULTIPLE_CHOICES else _EMPTY


def _rate_limited(headers: Mapping[str, str], said: str) -> Meaning:
    if headers.get("x-ratelimit-limit-req-minute") == "0":
        return _NO_ALLOWANCE
    return _NO_CAPACITY if "capacity" in said.lower() else _LIMITED


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
